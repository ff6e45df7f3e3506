"""Crops of CTs made worse: noisier, thinner, shifted, turned, stored in 8 bit."""

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image

from cdss.datasets.lidc import NEGATIVE_WINDOW, SIDE, Neighbour
from cdss.evaluation.patches import Seen, outline

RIM = 32  # px mirrored around a slice before it is turned
STEPS = 255
Strain = Callable[[Seen, Generator], Seen]


def _noise(deviation: float, crop: Seen, generator: Generator) -> Seen:
    """Of each voxel by itself, HU."""
    return replace(crop, hu=crop.hu + generator.normal(0, deviation, crop.hu.shape).astype(np.float32))


def _shift(by: float, crop: Seen, _: Generator) -> Seen:
    return replace(crop, hu=crop.hu + np.float32(by))


def every_second(crop: Seen, _: Generator) -> Seen:
    """Half of the slices, the one that shows most of the nodule among them, twice as far apart."""
    first = outline(crop)[0] % 2
    return replace(crop, hu=crop.hu[first::2], marks=crop.marks[first::2], thick_mm=2 * crop.thick_mm)


def rotated(degrees: float, crop: Seen, _: Generator) -> Seen:
    """Every slice, counterclockwise about its middle, with the readers' marks and the other nodules."""
    return replace(
        crop,
        hu=_turned(crop.hu, degrees, Image.Resampling.BILINEAR),
        marks=_turned(crop.marks, degrees, Image.Resampling.NEAREST),
        neighbours=tuple(_moved(other, degrees) for other in crop.neighbours),
    )


def _moved(other: Neighbour, degrees: float) -> Neighbour:
    middle = (SIDE - 1) / 2
    down, along = other.row - middle, other.column - middle
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return replace(other, row=middle + down * cos - along * sin, column=middle + down * sin + along * cos)


def _turned(slices: NDArray[Any], degrees: float, by: Image.Resampling) -> NDArray[Any]:
    wide = np.pad(slices, ((0, 0), (RIM, RIM), (RIM, RIM)), mode="symmetric")
    turned = [np.asarray(Image.fromarray(each).rotate(degrees, by)) for each in wide]
    return np.stack(turned)[:, RIM:-RIM, RIM:-RIM]


def _eight_bit(crop: Seen, _: Generator) -> Seen:
    """Cut to the window in which the CTs without nodules are stored, in 256 steps."""
    low, width = NEGATIVE_WINDOW
    grey = np.rint(STEPS * (crop.hu - low) / width).clip(0, STEPS)
    return replace(crop, hu=(grey * width / STEPS + low).astype(np.float32))


STRAINS: Mapping[str, Strain] = {
    "none": lambda crop, _: crop,
    "noise_20_hu": partial(_noise, 20.0),
    "noise_40_hu": partial(_noise, 40.0),
    "every_second_slice": every_second,
    "shift_minus_20_hu": partial(_shift, -20.0),
    "shift_20_hu": partial(_shift, 20.0),
    "rotated_10": partial(rotated, 10.0),
    "rotated_minus_10": partial(rotated, -10.0),
    "eight_bit": _eight_bit,
}
