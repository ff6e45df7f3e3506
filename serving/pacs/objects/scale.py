"""Score maps in colour: what the colour scale is, how a map lies over a picture, and the legend that says so."""

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from cdss.models.score_map import ScoreMap

Floats = NDArray[np.float32]
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

# Indigo, magenta, orange, yellow: ever lighter, so told apart in every colour blindness and in grey print, too.
STOPS = ((0.0, (60, 40, 150)), (0.33, (190, 50, 125)), (0.67, (245, 130, 50)), (1.0, (250, 240, 110)))
OPACITY = 0.7  # at most: the image stays visible
OPAQUE = 0.3  # score from which it is reached; below, the image shows the more the lower the score
TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)
FRAME, INK, PAPER, GREY = (170, 170, 170), (255, 255, 255), (0, 0, 0), 128


def laid(image: Image.Image, seen: ScoreMap, scale: float) -> Image.Image:
    """The map over an image that is shown at `scale`, between cells by linear interpolation.

    Outside of what the net looked at the image is as it was, and a grey frame stands around what it did look at.
    """
    x0, y0, x1, y1 = (edge * scale for edge in seen.box)
    left, top = max(0, math.ceil(x0)), max(0, math.ceil(y0))
    right, low = min(image.width, math.floor(x1)), min(image.height, math.floor(y1))
    if right <= left or low <= top:
        return image
    across, down = seen.columns / (x1 - x0), seen.rows / (y1 - y0)  # cells a pixel
    cells = ((left - x0) * across, (top - y0) * down, (right - x0) * across, (low - y0) * down)
    scores = Image.fromarray(seen.scores()).resize((right - left, low - top), Image.Resampling.BILINEAR, cells)
    shown = image.copy()
    shown.paste(blended(image.crop((left, top, right, low)), np.asarray(scores)), (left, top))
    if (left, top, right, low) != (0, 0, *image.size):
        ImageDraw.Draw(shown).rectangle((left, top, right - 1, low - 1), outline=FRAME)
    return shown


def blended(image: Image.Image, scores: Floats) -> Image.Image:
    """An image with the colours of `scores` (row, column; of its size) over it."""
    places, colours = [place for place, _ in STOPS], np.asarray([colour for _, colour in STOPS], np.float32)
    over = np.stack([np.interp(scores, places, colours[:, channel]) for channel in range(3)], axis=-1)
    share = (scores / OPAQUE).clip(0, 1)[..., None] * OPACITY
    under = np.asarray(image.convert("RGB"), np.float32)
    return Image.fromarray(np.rint(under + share * (over - under)).astype(np.uint8))


def swatches(count: int) -> list[str]:
    """The scale from 0 to 1 as `count` colours of a page (#rrggbb), as they look over mid grey."""
    grey = Image.new("RGB", (count, 1), (GREY, GREY, GREY))
    colours = blended(grey, np.linspace(0, 1, count, dtype=np.float32)[None])
    return [f"#{red:02x}{green:02x}{blue:02x}" for red, green, blue in np.asarray(colours)[0].tolist()]


def legend(width: int, size: int, font: Font) -> Image.Image:
    """The scale from 0 to 1, as it looks over mid grey, with its ticks below; `size` is the height of the letters."""
    margin = round(font.getlength("0.00") / 2) + 1
    paper = Image.new("RGB", (width, round(size * 2.4)), PAPER)
    bar = Image.new("RGB", (width - 2 * margin, size), (GREY, GREY, GREY))
    scores = np.broadcast_to(np.linspace(0, 1, bar.width, dtype=np.float32), (bar.height, bar.width))
    paper.paste(blended(bar, scores), (margin, 0))
    draw = ImageDraw.Draw(paper)
    for tick in TICKS:
        x, words = margin + round(tick * (bar.width - 1)), f"{tick:g}"
        draw.line((x, size, x, size + max(2, size // 5)), INK)
        draw.text((x - font.getlength(words) / 2, size * 1.2), words, INK, font)
    return paper
