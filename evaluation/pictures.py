"""A small picture of a mistake for a page that stays in the house: green what is there, red what was told."""

import base64
import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from cdss.evaluation.report import Mistake

SIDE = 320  # px of the longest side
GREEN, RED = "#00d000", "#ff3020"
QUALITY = 80
TEXT = 14  # px


def picture(grey: NDArray[np.uint8], mistake: Mistake) -> str:
    """A data URI of the image (row, column) with its outlines; they are in pixels of it."""
    scale = SIDE / max(grey.shape)
    rows, columns = (round(length * scale) for length in grey.shape)
    image = Image.fromarray(grey).resize((columns, rows), Image.Resampling.BILINEAR).convert("RGB")
    draw = ImageDraw.Draw(image)
    for outlines, colour in ((mistake.wanted, GREEN), (mistake.found, RED)):
        for outline in outlines:
            x0, y0, x1, y1 = (scale * edge for edge in outline.box)
            draw.rectangle((x0, y0, max(x0, x1), max(y0, y1)), outline=colour, width=2)
            if outline.score is not None:
                draw.text((x0 + 3, max(0.0, y0 - TEXT - 3)), f"{outline.score:.2f}", fill=colour, font_size=TEXT)
    file = io.BytesIO()
    image.save(file, "JPEG", quality=QUALITY)
    return "data:image/jpeg;base64," + base64.b64encode(file.getvalue()).decode()
