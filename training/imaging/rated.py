"""Nodules that readers rated, as tensors, and batches of their slices at random places, angles and doses."""

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import affine_grid, avg_pool2d, grid_sample

from cdss.datasets import lidc
from cdss.datasets.lidc_ratings import ENOUGH_READERS, NO_CALCIFICATION, Ratings
from cdss.evaluation.ratings.given import SHIFT_MM, largest
from cdss.models.lung_nodule.stack import PLANE_MM, SLICE_MM, between, windowed
from cdss.models.lung_nodule_malignancy.window import SIDE, centred, cutting

ROOM = 96  # px that are kept of a nodule's surroundings, from which windows of SIDE are cut
SLICES = 2  # of a nodule in a batch
SCALE = 0.08  # windows are larger or smaller by up to this share; more would blur the size
FEW_WEIGH = 0.5  # nodules of one or two readers
READERS = 4
Generator = np.random.Generator


class Rated(NamedTuple):
    """n nodules: `lung` and `inside` (n, DEPTH, ROOM, ROOM), `cut` (n, DEPTH) slices that show the nodule,
    `ratings` (n, 5) mean ratings from 0 to 1, nan where there are none, `width` (n,) log mm, `weight` (n,)."""

    lung: Tensor
    inside: Tensor
    cut: NDArray[np.bool_]
    ratings: Tensor
    width: Tensor
    weight: Tensor


class Batch(NamedTuple):
    """`slices` (n, SLICES, SIDE, SIDE), `inside` the same, and what should be said of them, as in Rated."""

    slices: Tensor
    inside: Tensor
    ratings: Tensor
    width: Tensor
    weight: Tensor


def rated(crops: list[lidc.Crop], said: dict[str, Ratings]) -> Rated:
    """The nodules of `crops` around the slice that shows most of each."""
    pieces = [_piece(crop) for crop in crops]
    readers = np.asarray([len(said[crop.name].malignancy) for crop in crops])
    return Rated(
        torch.from_numpy(np.stack([lung for lung, _, _ in pieces])),
        torch.from_numpy(np.stack([inside for _, inside, _ in pieces])),
        np.stack([cut for _, _, cut in pieces]),
        torch.from_numpy(np.asarray([targets(said[crop.name]) for crop in crops], np.float32)),
        torch.from_numpy(np.log([crop.diameter_mm for crop in crops]).astype(np.float32)),
        torch.from_numpy(np.where(readers >= ENOUGH_READERS, 1.0, FEW_WEIGH).astype(np.float32)),
    )


def targets(said: Ratings) -> list[float]:
    """Mean ratings from 0 to 1, in the order of the net; of calcification the share of readers who saw any."""
    seen = tuple(1 + 4 * (each != NO_CALCIFICATION) for each in said.calcification)
    lists = (said.malignancy, said.subtlety, said.texture, seen, said.spiculation)
    return [(sum(each) / len(each) - 1) / 4 if each else math.nan for each in lists]


def _piece(crop: lidc.Crop) -> tuple[NDArray[np.float16], NDArray[np.float16], NDArray[np.bool_]]:
    below, above, share, known = between(largest(crop), SLICE_MM / crop.thick_mm, len(crop.slope))
    centre, spacing = ((lidc.SIDE - 1) / 2,) * 2, (crop.pixel_mm,) * 2

    def piece(volume: NDArray[np.float32]) -> NDArray[np.float16]:
        near = volume[below] + share[:, None, None] * (volume[above] - volume[below])
        return centred(near, centre, spacing, ROOM).astype(np.float16)

    lung = piece(windowed(lidc.hounsfield(crop)))
    inside = piece(lidc.marks(crop).astype(np.float32) / np.float32(READERS))
    return lung, inside, known & cutting(crop.diameter_mm, crop.thick_mm)


def batches(source: Rated, rows: NDArray[np.intp], steps: int, size: int, generator: Generator) -> Iterator[Batch]:
    """`steps` batches of `size` nodules out of `rows`, each once before any comes again."""
    order = np.concatenate([generator.permutation(rows) for _ in range(math.ceil(steps * size / len(rows)))])
    for step in range(steps):
        yield batch(source, order[step * size : (step + 1) * size], generator)


def batch(source: Rated, rows: NDArray[np.intp], generator: Generator) -> Batch:
    """Slices of these nodules, moved, turned, mirrored, at another dose."""
    slices = np.stack([generator.choice(np.flatnonzero(source.cut[row]), SLICES) for row in rows])
    at = torch.from_numpy(rows)
    both = torch.cat([part[at[:, None], torch.from_numpy(slices)] for part in (source.lung, source.inside)], 1).float()
    theta = torch.from_numpy(_thetas(len(rows), generator))
    grid = affine_grid(theta, [len(rows), 1, SIDE, SIDE], align_corners=False)
    seen = grid_sample(both, grid, padding_mode="border", align_corners=False)
    lung = _varied(seen[:, :SLICES], generator)
    return Batch(lung, seen[:, SLICES:], source.ratings[at], source.width[at], source.weight[at])


def _thetas(count: int, generator: Generator) -> NDArray[np.float32]:
    """(count, 2, 3) from windows to rooms for affine_grid: a random angle, mirror, scale and shift."""
    turn, flip = generator.uniform(0, 2 * math.pi, count), generator.choice((-1.0, 1.0), count)
    across = SIDE / ROOM * (1 + generator.uniform(-SCALE, SCALE, count))
    shift = generator.normal(0, SHIFT_MM / PLANE_MM, (2, count)) * 2 / ROOM
    rows = (np.cos(turn), -np.sin(turn) * flip), (np.sin(turn), np.cos(turn) * flip)
    linear = np.asarray(rows) * across
    return np.concatenate([linear, shift[:, None]], 1).transpose(2, 0, 1).astype(np.float32)


def _varied(slices: Tensor, generator: Generator) -> Tensor:
    """Another dose and reconstruction for each nodule: blurred or sharpened, a shift of HU, noise."""

    def each(low: float, high: float, often: float = 1.0) -> Tensor:
        shape = (len(slices), 1, 1, 1)
        values = generator.uniform(low, high, shape) * (generator.random(shape) < often)
        return torch.from_numpy(values.astype(np.float32))

    noise = torch.randn(slices.shape, generator=torch.Generator().manual_seed(int(generator.integers(2**31))))
    smooth = avg_pool2d(slices, 3, 1, 1, count_include_pad=False)
    varied = torch.lerp(slices, smooth, each(-0.4, 1, often=0.5)) * (1 + each(-0.08, 0.08)) + each(-0.04, 0.04)
    return (varied + noise * each(0, 0.04, often=0.5)).clamp(0.001, 1)  # never 0 all over: that would be no slice
