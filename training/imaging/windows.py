"""Training windows for the nodule net, cut out of crops and of a CT without nodules at random places and angles."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import avg_pool2d

from cdss.datasets import lidc
from cdss.models.lung_nodule import lung
from cdss.models.lung_nodule.stack import DEPTH, PLANE_MM, SLICE_MM, between, windowed
from cdss.training.imaging.targets import CELL, SIDE, Mark, Targets, drawn

SCALE = 0.15  # windows are larger or smaller by up to this share, and their slices nearer or farther
READERS = 4
NEAR = lidc.SIDE // 2  # px around a place that a whole CT's piece reaches
JITTER_MM = 1.0  # standard deviation of a peak's place from the middle of a nodule
PIECE_SLICES = (3, 9)  # of a whole CT: some as few as a crop has, some with all that the net sees
Generator = np.random.Generator


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a CT: `lung` (slice, row, column) in [0, 1]; `places` (n, 3) voxels of lung without nodule."""

    lung: Tensor
    agreed: Tensor  # (slice, row, column) share of readers who put the voxel inside the nodule
    slice_mm: float
    pixel_mm: float
    marks: tuple[Mark | None, ...]  # one a slice
    places: NDArray[np.float32] | None = None
    neighbours: tuple[lidc.Neighbour, ...] = ()  # other nodules that a crop shows

    @property
    def sure(self) -> list[int]:
        """Slices in which two readers or more saw the nodule."""
        return [number for number, mark in enumerate(self.marks) if mark and mark.sure]


class Aim(NamedTuple):
    """A window to be cut: around voxel `middle` (slice, row, column) of a block, `linear` (2, 2) px of it for a px."""

    block: Block
    middle: tuple[int, float, float]
    linear: NDArray[np.float64]


class Batch(NamedTuple):
    """Examples: stacks (n, DEPTH, SIDE, SIDE) in [0, 1] and what should be seen in them."""

    stacks: Tensor
    targets: Targets


def block(crop: lidc.Crop) -> Block:
    """A crop with its nodule's outline in every slice."""
    readers = lidc.marks(crop)
    return Block(
        torch.from_numpy(windowed(lidc.hounsfield(crop))),
        torch.from_numpy(readers.astype(np.float32) / READERS),
        crop.thick_mm,
        crop.pixel_mm,
        tuple(_mark(each, crop.pixel_mm) for each in readers),
        neighbours=crop.neighbours,
    )


def whole(name: str, data: Path | None) -> Block:
    """A CT without nodules; its places are the lungs."""
    volume, spacing = lidc.negative(name, data)
    found = lung.find(volume.astype(np.int16), spacing)
    places = (np.argwhere(found.mask) + 0.5) * found.step - 0.5
    seen = torch.from_numpy(windowed(volume))
    nothing = torch.zeros(()).expand_as(seen)
    return Block(seen, nothing, spacing[0], spacing[1], (None,) * len(seen), places.astype(np.float32))


def _mark(readers: NDArray[np.uint8], pixel_mm: float) -> Mark | None:
    sure = bool((readers >= 2).any())
    inside = np.argwhere(readers >= (2 if sure else 1))
    if not len(inside):
        return None
    row, column = inside.mean(0)
    return Mark(float(row), float(column), 2 * math.sqrt(len(inside) / math.pi) * pixel_mm, sure)


def on_nodule(source: Block, generator: Generator) -> Aim:
    """A window that holds the nodule of a crop, anywhere in it."""
    number = int(generator.choice(source.sure))
    mark = source.marks[number]
    assert mark
    shift = generator.uniform(-0.42, 0.42, 2) * SIDE * PLANE_MM / source.pixel_mm
    return _aim(source, (number, mark.row + shift[0], mark.column + shift[1]), generator)


def near(source: Block, generator: Generator) -> Aim:
    """A window with the nodule of a crop in its middle, as a peak of the net would have it."""
    number = int(generator.choice(source.sure))
    mark = source.marks[number]
    assert mark
    row, column = generator.normal(0, JITTER_MM / source.pixel_mm, 2)
    return _aim(source, (number, mark.row + row, mark.column + column), generator)


def at(source: Block, place: tuple[int, float, float], generator: Generator) -> Aim:
    """A window around voxel `place` (slice, row, column) of a crop or of a whole CT."""
    if source.places is None:
        return _aim(source, place, generator)
    return _aim(*_piece(source, place[0], round(place[1]), round(place[2]), generator), generator)


def anywhere(source: Block, generator: Generator) -> Aim:
    """A window anywhere in a crop, or in the lungs of a whole CT."""
    if source.places is None:
        depth, rows, columns = source.lung.shape
        row, column = generator.uniform(0, (rows, columns))
        return _aim(source, (int(generator.integers(depth)), row, column), generator)
    z, row, column = source.places[generator.integers(len(source.places))] + generator.uniform(-3, 3, 3)
    return _aim(*_piece(source, round(z), round(row), round(column), generator), generator)


def _piece(
    source: Block, number: int, row: int, column: int, generator: Generator
) -> tuple[Block, tuple[int, float, float]]:
    """A piece of a whole CT as large as a crop, and the voxel in it that was asked for."""
    size = (int(generator.integers(PIECE_SLICES[0], PIECE_SLICES[1] + 1)), 2 * NEAR, 2 * NEAR)
    before = (number - int(generator.integers(size[0])), row - NEAR, column - NEAR)
    corner = [
        int(np.clip(at, 0, length - least)) for at, length, least in zip(before, source.lung.shape, size, strict=True)
    ]
    near = tuple(slice(at, at + length) for at, length in zip(corner, size, strict=True))
    piece = Block(source.lung[near], source.agreed[near], source.slice_mm, source.pixel_mm, (None,) * size[0])
    inside = int(np.clip(number - corner[0], 0, size[0] - 1))
    return piece, (inside, row - corner[1], column - corner[2])


def _aim(source: Block, middle: tuple[int, float, float], generator: Generator) -> Aim:
    """A random angle, flip and scale."""
    turn, flip = generator.uniform(0, 2 * math.pi), generator.choice((-1.0, 1.0))
    across = PLANE_MM * (1 + generator.uniform(-SCALE, SCALE)) / source.pixel_mm
    linear = across * np.asarray([[math.cos(turn), -math.sin(turn)], [math.sin(turn) * flip, math.cos(turn) * flip]])
    return Aim(source, middle, linear)


def cut(aims: list[Aim], generator: Generator) -> Batch:
    """The windows of all aims, with another noise; what lies beyond a block repeats its edge and is not judged."""
    given = torch.stack([_slices(aim, generator) for aim in aims])
    theta = torch.from_numpy(np.stack([_theta(aim) for aim in aims])).float()
    grid = torch.nn.functional.affine_grid(theta, [len(aims), 1, SIDE, SIDE], align_corners=False)
    seen = torch.nn.functional.grid_sample(given, grid, padding_mode="border", align_corners=False)
    within = avg_pool2d((grid.abs() <= 1).all(dim=-1).float()[:, None], CELL) > 0
    marks = [aim.block.marks[aim.middle[0]] for aim in aims]
    places = [_in_cells(aim, mark) if mark else (0.0, 0.0) for aim, mark in zip(aims, marks, strict=True)]
    scales = [math.sqrt(abs(np.linalg.det(aim.linear))) * aim.block.pixel_mm / PLANE_MM for aim in aims]
    targets = drawn(marks, np.asarray(places), np.asarray(scales), avg_pool2d(seen[:, DEPTH:], CELL), within)
    return Batch(_varied(seen[:, :DEPTH].contiguous(), generator), targets)


def _slices(aim: Aim, generator: Generator) -> Tensor:
    """(DEPTH + 1, row, column): the slices around the middle as in `stack`, and the readers' share in it."""
    step = generator.choice((-1.0, 1.0)) * SLICE_MM * (1 + generator.uniform(-SCALE, SCALE)) / aim.block.slice_mm
    below, above, share, known = between(aim.middle[0], float(step), len(aim.block.lung))
    lung, weight = aim.block.lung, torch.from_numpy(share)[:, None, None]
    seen = torch.lerp(lung[below], lung[above], weight) * torch.from_numpy(known)[:, None, None]
    return torch.cat([seen, aim.block.agreed[aim.middle[0]][None]])


def _theta(aim: Aim) -> NDArray[np.float64]:
    """(2, 3) for affine_grid: from a window to its block, both from -1 to 1, column first."""
    _, rows, columns = aim.block.lung.shape
    (a, b), (c, d) = aim.linear * SIDE
    _, row, column = aim.middle
    return np.asarray(
        [
            [d / columns, c / columns, 2 * (column + 0.5) / columns - 1],
            [b / rows, a / rows, 2 * (row + 0.5) / rows - 1],
        ]
    )


def _in_cells(aim: Aim, mark: Mark) -> tuple[float, float]:
    """Where a nodule's middle lies in the window, in cells, corner at 0."""
    away = np.asarray([mark.row - aim.middle[1], mark.column - aim.middle[2]])
    row, column = (np.linalg.solve(aim.linear, away) + SIDE / 2) / CELL
    return float(row), float(column)


def _varied(stacks: Tensor, generator: Generator) -> Tensor:
    """Another dose and reconstruction for each: blurred or sharpened, a shift of HU, noise; empty slices stay so."""
    shape = (len(stacks), 1, 1, 1)

    def each(low: float, high: float, often: float = 1.0) -> Tensor:
        values = generator.uniform(low, high, shape) * (generator.random(shape) < often)
        return torch.from_numpy(values.astype(np.float32))

    noise = torch.randn(stacks.shape, generator=torch.Generator().manual_seed(int(generator.integers(2**31))))
    smooth = avg_pool2d(stacks, 3, 1, 1, count_include_pad=False)
    varied = torch.lerp(stacks, smooth, each(-0.4, 1, often=0.5)).mul_(1 + each(-0.08, 0.08)).add_(each(-0.04, 0.04))
    known = stacks.amax(dim=(2, 3), keepdim=True) > 0
    return varied.addcmul_(noise, each(0, 0.05, often=0.5)).clamp_(0, 1).mul_(known)
