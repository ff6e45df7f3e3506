"""Boxes, words and the notice, burned into pixels: the one thing that every old viewer shows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from cdss.serving.pacs.objects.scale import INK, PAPER, Font
from cdss.serving.pacs.result import Finding

Picture = NDArray[np.uint8]  # (row, column, red green blue)
Row = str | Path | Image.Image  # of the strip: words, words as a picture, a drawing

LUNG_WINDOW = (-1350.0, 150.0)  # HU shown black and white; the usual -600 / 1500
FILM_PERCENTILES = (0.5, 99.5)
MARK = (255, 210, 0)
NOTICE_ZH, SCORES_ZH = (  # no Chinese font is shipped, so these words come as pictures
    Path(__file__).with_name(f"{name}_zh.png") for name in ("notice", "scores")
)
LONGEST = 2048  # px; larger films are shown smaller


@dataclass(frozen=True, slots=True)
class Canvas:
    """An image to draw on, `scale` times as large as the original; letters are `size` px high."""

    image: Image.Image
    scale: float
    size: int
    font: Font


def gray(pixels: NDArray[np.generic], scan: bool) -> NDArray[np.uint8]:
    """Grey values 0 to 255: lung window of a slice in HU, robust range of a film."""
    values = pixels.astype(np.float32)
    low, high = LUNG_WINDOW if scan else np.percentile(values[::4, ::4], FILM_PERCENTILES)
    shown: NDArray[np.uint8] = ((values - low) / max(float(high - low), 1e-6) * 255).clip(0, 255).astype(np.uint8)
    return shown


def canvas(shown: NDArray[np.uint8]) -> Canvas:
    """The grey image in colour, its longest side LONGEST at most."""
    image = Image.fromarray(shown).convert("RGB")
    scale = min(1.0, LONGEST / max(image.size))
    if scale < 1:
        image = image.resize((round(image.width * scale), round(image.height * scale)))
    size = max(12, min(image.size) // 40)
    return Canvas(image, scale, size, ImageFont.load_default(size))


def boxes(on: Canvas, findings: Sequence[Finding]) -> None:
    """Draw the boxes of `findings` with their scores."""
    draw = ImageDraw.Draw(on.image)
    width, margin = max(1, on.size // 10), on.size // 3
    for finding in findings:
        x0, y0, x1, y1 = (value * on.scale for value in finding.box_px)
        box = (x0 - margin, y0 - margin, x1 + margin, y1 + margin)
        draw.rectangle(box, outline=MARK, width=width)
        size_mm = f"  {finding.diameter_mm:g} mm" if finding.diameter_mm else ""
        draw.text((box[0], max(0.0, box[1] - on.size - 2)), f"{finding.score:.2f}{size_mm}", MARK, on.font)


def with_strip(image: Image.Image, like: Canvas, rows: Sequence[Row]) -> Picture:
    """The image with black paper below it for `rows`."""
    step, edge = round(like.size * 1.4), like.size // 2
    width = image.width - 2 * edge
    strips = [strip for row in rows for strip in _strips(row, like, width, step)]
    paper = Image.new("RGB", (image.width, image.height + sum(one.height for one in strips) + edge), PAPER)
    paper.paste(image, (0, 0))
    top = image.height + like.size // 4
    for strip in strips:
        paper.paste(strip, (edge, top))
        top += strip.height
    return np.asarray(paper, np.uint8)


def _strips(row: Row, like: Canvas, width: int, step: int) -> Iterator[Image.Image]:
    if isinstance(row, Image.Image):
        yield row
    elif isinstance(row, Path):
        words = Image.open(row).convert("RGB")
        height = min(step, round(words.height * width / words.width))
        yield words.resize((round(words.width * height / words.height), height))
    else:
        for line in _wrapped(row, like.font, width):
            paper = Image.new("RGB", (width, step), PAPER)
            ImageDraw.Draw(paper).text((0, 0), line, INK, like.font)
            yield paper


def _wrapped(words: str, font: Font, width: int) -> list[str]:
    """Lines that are no wider than `width`, if no single word is."""
    lines = [""]
    for word in words.split():
        longer = f"{lines[-1]} {word}".lstrip()
        if lines[-1] and font.getlength(longer) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines
