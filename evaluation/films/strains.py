"""Films made worse, as they come from other devices, viewers and hands.

Grey values are those of the files, 0 to 255, bone bright. Where a film is rotated its boxes are too: the box around the
ellipse that filled the box before, since the corners of a box hold nothing of a fracture.
"""

import io
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image

from cdss.evaluation.films.read import Floats, Seen

WHITE = 255.0
DEEP = 4095  # white of a film of 12 bit
Pixels = NDArray[Any]
Strain = Callable[[Seen, Generator], Seen]


def rotated(degrees: float, film: Seen, _: Generator) -> Seen:
    """Counterclockwise about the middle, the whole film kept; what comes in at the corners is black."""
    image = Image.fromarray(film.pixels)
    turned = image.rotate(degrees, Image.Resampling.BILINEAR, expand=True)
    angle = np.radians(degrees)
    turn = np.asarray([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    middle = (film.wanted[:, :2] + film.wanted[:, 2:]) / 2 - np.asarray(image.size) / 2
    moved = middle @ turn.T + np.asarray(turned.size) / 2
    half = np.sqrt(((film.wanted[:, 2:] - film.wanted[:, :2]) / 2) ** 2 @ (turn**2).T)
    wanted: Floats = np.hstack([moved - half, moved + half])
    return Seen(np.asarray(turned), wanted)


def _contrast(factor: float, pixels: Pixels, _: Generator) -> Pixels:
    return _grey(pixels.mean() + factor * (pixels - pixels.mean()))


def _gamma(power: float, pixels: Pixels, _: Generator) -> Pixels:
    return _grey(WHITE * (pixels / WHITE) ** power)


def _noise(deviation: float, pixels: Pixels, generator: Generator) -> Pixels:
    return _grey(pixels + generator.normal(0, deviation, pixels.shape))


def _jpeg(quality: int, pixels: Pixels, _: Generator) -> Pixels:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=quality)
    with Image.open(file) as image:
        return np.asarray(image.convert("L"))


def _coarse(factor: float, pixels: Pixels, _: Generator) -> Pixels:
    """To fewer pixels and back to as many."""
    image = Image.fromarray(pixels)
    small = image.resize((round(image.width * factor), round(image.height * factor)), Image.Resampling.BOX)
    return np.asarray(small.resize(image.size, Image.Resampling.BILINEAR))


def _negative(pixels: Pixels, _: Generator) -> Pixels:
    """MONOCHROME1 as stored: white is 0."""
    return _grey(WHITE - pixels)


def _put_right(pixels: Pixels, _: Generator) -> Pixels:
    """MONOCHROME1 of 12 bit, inverted by the caller as PS3.3 section C.7.6.3.1.2 says."""
    stored = DEEP - pixels.astype(np.uint16) * (DEEP // 255)
    return DEEP - stored


def _eight_bit(pixels: Pixels, _: Generator) -> Pixels:
    """As a viewer exports what it shows: its window from the 1st to the 99th percentile, in 256 steps."""
    low, high = np.percentile(pixels, (1, 99))
    return _grey(WHITE * (pixels - low) / max(high - low, 1.0))


def _grey(values: Pixels) -> Pixels:
    return np.rint(values).clip(0, WHITE).astype(np.uint8)


def _of(change: Callable[[Pixels, Generator], Pixels]) -> Strain:
    return lambda film, generator: Seen(change(film.pixels, generator), film.wanted)


STRAINS: Mapping[str, Strain] = {
    "none": lambda film, _: film,
    "contrast_70": _of(partial(_contrast, 0.7)),
    "contrast_130": _of(partial(_contrast, 1.3)),
    "gamma_70": _of(partial(_gamma, 0.7)),
    "gamma_140": _of(partial(_gamma, 1.4)),
    "noise_10": _of(partial(_noise, 10.0)),
    "noise_20": _of(partial(_noise, 20.0)),
    "jpeg_50": _of(partial(_jpeg, 50)),
    "jpeg_30": _of(partial(_jpeg, 30)),
    "rotated_5": partial(rotated, 5.0),
    "rotated_minus_5": partial(rotated, -5.0),
    "rotated_10": partial(rotated, 10.0),
    "rotated_minus_10": partial(rotated, -10.0),
    "resolution_70": _of(partial(_coarse, 0.7)),
    "resolution_50": _of(partial(_coarse, 0.5)),
    "eight_bit": _of(_eight_bit),
    "monochrome1_inverted": _of(_put_right),
    "monochrome1_as_stored": _of(_negative),
}
