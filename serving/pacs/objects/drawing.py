"""Boxes, words and the notice, burned into pixels: the one thing that every old viewer shows."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from cdss.serving.pacs.objects.request import NOTICE
from cdss.serving.pacs.result import Finding

Picture = NDArray[np.uint8]  # (row, column, red green blue)

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

LUNG_WINDOW = (-1350.0, 150.0)  # HU shown black and white; the usual -600 / 1500
FILM_PERCENTILES = (0.5, 99.5)
MARK, INK, PAPER = (255, 210, 0), (255, 255, 255), (0, 0, 0)
NOTICE_ZH = Path(__file__).with_name("notice_zh.png")  # no Chinese font is shipped, so these words come as a picture
LONGEST = 2048  # px; larger films are shown smaller


def gray(pixels: NDArray[np.generic], scan: bool) -> NDArray[np.uint8]:
    """Grey values 0 to 255: lung window of a slice in HU, robust range of a film."""
    values = pixels.astype(np.float32)
    low, high = LUNG_WINDOW if scan else np.percentile(values[::4, ::4], FILM_PERCENTILES)
    shown: NDArray[np.uint8] = ((values - low) / max(float(high - low), 1e-6) * 255).clip(0, 255).astype(np.uint8)
    return shown


def burned(shown: NDArray[np.uint8], findings: Sequence[Finding], model: str, lines: Sequence[str]) -> Picture:
    """The grey image in colour with boxes, their scores, and a strip below that says what this is and is not."""
    image = Image.fromarray(shown).convert("RGB")
    scale = min(1.0, LONGEST / max(image.size))
    if scale < 1:
        image = image.resize((round(image.width * scale), round(image.height * scale)))
    size = max(12, min(image.size) // 40)
    font = ImageFont.load_default(size)
    _boxes(image, findings, scale, font, size)
    return np.asarray(_with_strip(image, [NOTICE, model, *lines], font, size), np.uint8)


def _boxes(image: Image.Image, findings: Sequence[Finding], scale: float, font: Font, size: int) -> None:
    draw = ImageDraw.Draw(image)
    width, margin = max(1, size // 10), size // 3
    for finding in findings:
        x0, y0, x1, y1 = (value * scale for value in finding.box_px)
        box = (x0 - margin, y0 - margin, x1 + margin, y1 + margin)
        draw.rectangle(box, outline=MARK, width=width)
        size_mm = f"  {finding.diameter_mm:g} mm" if finding.diameter_mm else ""
        draw.text((box[0], max(0.0, box[1] - size - 2)), f"{finding.score:.2f}{size_mm}", MARK, font)


def _with_strip(image: Image.Image, lines: Sequence[str], font: Font, size: int) -> Image.Image:
    """The image with black paper below it, for the words; the Chinese notice stands first."""
    step = round(size * 1.4)
    notice = Image.open(NOTICE_ZH).convert("L")
    notice = notice.resize((round(notice.width * step / notice.height), step))
    paper = Image.new("RGB", (image.width, image.height + step * (len(lines) + 1) + size // 2), PAPER)
    paper.paste(image, (0, 0))
    paper.paste(Image.merge("RGB", (notice, notice, notice)), (size // 2, image.height + size // 4))
    draw = ImageDraw.Draw(paper)
    for number, line in enumerate(lines, 1):
        draw.text((size // 2, image.height + size // 4 + step * number), line, INK, font)
    return paper
