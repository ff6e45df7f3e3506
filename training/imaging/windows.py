"""Training windows for the nodule net, cut out of crops and of a CT without nodules at random places and angles."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from cdss.datasets import lidc
from cdss.models.lung_nodule import lung
from cdss.models.lung_nodule.stack import CELL_MM, DEPTH, PLANE_MM, SLICE_MM, windowed

SIDE = 64  # px of a window
CELLS = SIDE // 2
CORE = 0.25  # share of a nodule's radius in which a cell counts as its centre
SCALE = 0.15  # windows are larger or smaller by up to this share
Floats = NDArray[np.float32]
Generator = np.random.Generator


class Mark(NamedTuple):
    """A nodule in one slice: its middle in px of the crop, the diameter of a circle of its area, and who agrees."""

    slice: int
    row: float
    column: float
    diameter_mm: float
    sure: bool  # two readers or more


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a CT: `lung` (slice, row, column) in [0, 1]; `places` (n, 3) voxels of lung without nodule."""

    lung: Tensor
    slice_mm: float
    pixel_mm: float
    marks: tuple[Mark, ...]
    places: NDArray[np.float32] | None = None


class Window(NamedTuple):
    """One example: (DEPTH, SIDE, SIDE); where a centre should be seen and how wide; what is not to be judged."""

    stack: Tensor
    heat: Floats  # (CELLS, CELLS), 1 at a centre, falling off around it
    width: Floats  # logarithm of the diameter in mm; nan where none is taught
    judged: NDArray[np.bool_]


def block(crop: lidc.Crop) -> Block:
    """A crop with its nodule's outline in every slice."""
    readers = lidc.marks(crop)
    marks = [_mark(readers[k], k, crop.pixel_mm) for k in range(len(readers))]
    known = tuple(mark for mark in marks if mark)
    return Block(torch.from_numpy(windowed(lidc.hounsfield(crop))), crop.thick_mm, crop.pixel_mm, known)


def whole(name: str, data: Path | None) -> Block:
    """A CT without nodules; its places are the lungs."""
    volume, spacing = lidc.negative(name, data)
    found = lung.find(volume.astype(np.int16), spacing)
    places = (np.argwhere(found.mask) + 0.5) * found.step - 0.5
    return Block(torch.from_numpy(windowed(volume)), spacing[0], spacing[1], (), places.astype(np.float32))


def _mark(readers: NDArray[np.uint8], number: int, pixel_mm: float) -> Mark | None:
    sure = bool((readers >= 2).any())
    inside = np.argwhere(readers >= (2 if sure else 1))
    if not len(inside):
        return None
    row, column = inside.mean(0)
    return Mark(number, float(row), float(column), 2 * math.sqrt(len(inside) / math.pi) * pixel_mm, sure)


def with_nodule(source: Block, generator: Generator) -> Window:
    """A window that holds the nodule of a crop, anywhere in it."""
    sure = [mark for mark in source.marks if mark.sure]
    mark = sure[generator.integers(len(sure))]
    shift = generator.uniform(-0.42, 0.42, 2) * SIDE * PLANE_MM / source.pixel_mm
    return cut(source, (mark.slice, mark.row + shift[0], mark.column + shift[1]), generator)


def without_nodule(source: Block, generator: Generator) -> Window:
    """A window anywhere in a crop's rim, or in the lungs of a whole CT."""
    depth, rows, columns = source.lung.shape
    if source.places is not None:
        z, y, x = source.places[generator.integers(len(source.places))] + generator.uniform(-3, 3, 3)
        return cut(source, (round(float(np.clip(z, 0, depth - 1))), y, x), generator)
    reach = SIDE * PLANE_MM / source.pixel_mm / 2
    away = generator.uniform(0.75 * reach, rows / 2 - 8)
    along = generator.uniform(-rows / 2 + 8, rows / 2 - 8)
    pair = (away * generator.choice((-1.0, 1.0)), along)
    dy, dx = pair if generator.random() < 0.5 else pair[::-1]
    return cut(source, (int(generator.integers(depth)), rows / 2 + dy, columns / 2 + dx), generator)


def cut(source: Block, middle: tuple[int, float, float], generator: Generator) -> Window:
    """The window around voxel `middle` (slice, row, column), turned, flipped, scaled and with another noise."""
    turn, flip = generator.uniform(0, 2 * math.pi), generator.choice((-1.0, 1.0))
    scale = 1 + generator.uniform(-SCALE, SCALE)
    across = PLANE_MM * scale / source.pixel_mm
    linear = across * np.asarray([[math.cos(turn), -math.sin(turn)], [math.sin(turn) * flip, math.cos(turn) * flip]])
    stack = _varied(_looked_up(source.lung, middle, linear, source.slice_mm, generator), generator)
    marks = [mark for mark in source.marks if mark.slice == middle[0]]
    heat, width = np.zeros((CELLS, CELLS), np.float32), np.full((CELLS, CELLS), np.nan, np.float32)
    judged = np.ones((CELLS, CELLS), bool)
    for mark in marks:
        place = np.linalg.solve(linear, np.asarray([mark.row - middle[1], mark.column - middle[2]]))
        _draw(heat, width, judged, mark, (place + SIDE / 2) / 2, mark.diameter_mm / scale)
    return Window(stack, heat, width, judged)


def _looked_up(
    volume: Tensor, middle: tuple[int, float, float], linear: NDArray[np.float64], slice_mm: float, generator: Generator
) -> Tensor:
    """(DEPTH, SIDE, SIDE) by trilinear interpolation; beyond the block its edge repeats."""
    place = np.arange(SIDE) + 0.5 - SIDE / 2
    rows, columns = np.meshgrid(place, place, indexing="ij")
    y = linear[0, 0] * rows + linear[0, 1] * columns + middle[1]
    x = linear[1, 0] * rows + linear[1, 1] * columns + middle[2]
    order = generator.choice((-1.0, 1.0))
    z = middle[0] + order * (np.arange(DEPTH) - DEPTH // 2) * SLICE_MM / slice_mm
    spots = np.stack(
        [
            np.broadcast_to(2 * (x + 0.5) / volume.shape[2] - 1, (DEPTH, SIDE, SIDE)),
            np.broadcast_to(2 * (y + 0.5) / volume.shape[1] - 1, (DEPTH, SIDE, SIDE)),
            np.broadcast_to((2 * (z + 0.5) / volume.shape[0] - 1)[:, None, None], (DEPTH, SIDE, SIDE)),
        ],
        axis=-1,
    )
    grid = torch.from_numpy(spots).float()[None]
    seen = torch.nn.functional.grid_sample(volume[None, None], grid, padding_mode="border", align_corners=False)
    return seen[0, 0]


def _draw(
    heat: Floats,
    width: Floats,
    judged: NDArray[np.bool_],
    mark: Mark,
    place: NDArray[np.float64],
    diameter_mm: float,
) -> None:
    """Put a nodule at `place` (row, column in cells, corner at 0) into the targets of a window.

    A nodule only one reader saw, or whose middle is outside, is neither taught nor punished.
    """
    rows, columns = np.mgrid[:CELLS, :CELLS] + 0.5
    distance = np.hypot(rows - place[0], columns - place[1])
    radius = diameter_mm / 2 / CELL_MM
    inside = bool(np.all((place >= 0) & (place < CELLS)))
    if not (mark.sure and inside):
        judged &= distance > radius + 2
        return
    np.maximum(heat, np.exp(-0.5 * (distance / max(0.8, radius / 2.5)) ** 2), out=heat)
    heat[tuple(place.astype(int))] = 1
    heat[distance <= radius * CORE] = 1
    width[distance <= max(1.0, radius / 2)] = math.log(diameter_mm)


def _varied(stack: Tensor, generator: Generator) -> Tensor:
    """Another dose and reconstruction: noise, a little blur, a shift of HU."""
    if generator.random() < 0.25:
        share = float(generator.uniform(0, 1))
        stack = (1 - share) * stack + share * torch.nn.functional.avg_pool2d(stack[None], 3, 1, 1)[0]
    stack = stack * float(generator.uniform(0.95, 1.05)) + float(generator.uniform(-0.03, 0.03))
    if generator.random() < 0.5:
        noise = generator.standard_normal(stack.shape, np.float32)
        stack = stack + torch.from_numpy(noise) * float(generator.uniform(0, 0.04))
    return stack.clamp(0, 1)
