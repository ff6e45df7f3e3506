"""Which voxels belong to a nodule that was found.

The slices around it are resampled so that the expected diameter spans PIXELS pixels: what is a thin vessel and what a
broad wall then means the same for a nodule of 4 mm and for one of 30 mm. For each pixel the logit of "at least half of
the readers put it inside" is a weighted sum of a few pictures of the contrast; what is above 0 and hangs together with
the middle is the nodule. The weights were fitted on lidc_crops, folds 0 to 3, by training/imaging/outlines.py.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cdss.models.lung_nodule.pictures import at, averaged, opened
from cdss.models.lung_nodule.stack import CELL_MM

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Mask = NDArray[np.bool_]
Triple = tuple[float, float, float]

PIXELS = 16  # of the grid for the expected diameter
SIDE = 48  # px of the grid: three diameters
REACH = 1.0  # expected diameters above and below the middle that are looked at
SLICES = 8  # slices for a diameter; of thinner ones some are left out
RANGE = (-1000, 200)  # HU that are told apart
PALE = 0.5  # contrast up to which ground glass counts in full
LUNG_AT_MOST, LEAST_CONTRAST = -500.0, 150.0  # HU
NARROW, BROAD, AROUND = 4, 10, 6  # px: vessels are narrower, walls broader; the mean of the surroundings
OFFSETS: Doubles = np.arange(SIDE, dtype=np.float64) - (SIDE - 1) / 2
ACROSS = np.hypot(OFFSETS[:, None], OFFSETS) / PIXELS  # (SIDE, SIDE) expected diameters from the middle, in its slice
SEED = ACROSS < 0.25
HILLTOP, FOOT = ACROSS < 0.2, np.abs(ACROSS - 1) < 0.3  # where the nodule's HU are taken, and its surroundings'
WALL = ACROSS < 0.5
GROWTH, FACTOR = 0.863, 1.622  # the diameter to expect is FACTOR * (the net's) ** GROWTH, in mm
WEIGHTS: Mapping[bool, Mapping[str, float]] = {  # by whether the net says what is inside
    False: {
        "one": 0.75, "contrast": 0.84, "pale": 7.47, "compact": 3.53, "broad": -3.18, "around": -2.72,
        "distance": -8.49, "distance2": 1.51,
    },
    True: {
        "one": 0.66, "contrast": 1.5, "pale": 3.69, "compact": 3.27, "broad": -2.11, "around": -3.19,
        "distance": -3.02, "distance2": 0.81, "inside": 0.86,
    },
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Inside:
    """What a net said of one slice: probabilities (r, c) of cells of CELL_MM, the corner (row, column) in voxels."""

    slice: int
    corner: tuple[float, float]
    share: Floats


@dataclass(frozen=True, slots=True)
class Grid:
    """Where the pixels lie: `slices` (n,), `rows` and `columns` (SIDE,), all in voxels of the volume."""

    slices: NDArray[np.intp]
    rows: Doubles
    columns: Doubles
    middle: int  # which of `slices` is nearest the nodule's middle
    away: Floats  # (n, SIDE, SIDE) expected diameters from the middle
    pixel_mm: float
    slice_mm: float


@dataclass(frozen=True, slots=True)
class Outline:
    """A nodule on its grid: `hu` and `mask` (n, SIDE, SIDE); `tissue` is the mask without the air of a cavity."""

    grid: Grid
    hu: Floats
    mask: Mask
    tissue: Mask


def outline(
    volume: NDArray[Any], spacing_mm: Triple, centre: Triple, diameter_mm: float, inside: Sequence[Inside] = ()
) -> Outline:
    """The nodule at `centre` (slice, row, column, in voxels) that a net took for `diameter_mm` wide.

    `volume` is in HU, spacing in mm, both slice first. The mask is empty where nothing stands out at the centre.
    """
    grid, hu, seen = evidence(volume, spacing_mm, centre, diameter_mm, inside)
    weights = WEIGHTS[bool(inside)]
    logit = sum((weight * seen[name] for name, weight in weights.items() if name != "one"), np.float32(weights["one"]))
    tissue: Mask = np.asarray(logit > 0)
    seed = np.zeros_like(tissue)
    seed[grid.middle] = SEED
    whole = _connected(_filled(tissue), seed)
    return Outline(grid, hu, whole, tissue & whole)


def evidence(
    volume: NDArray[Any], spacing_mm: Triple, centre: Triple, diameter_mm: float, inside: Sequence[Inside] = ()
) -> tuple[Grid, Floats, dict[str, Floats]]:
    """The grid around a nodule, HU on it, and the pictures that are weighed."""
    grid = _grid(volume.shape, spacing_mm, centre, FACTOR * diameter_mm**GROWTH)
    hu = _hounsfield(volume, grid)
    seen = pictures(hu, grid)
    return grid, hu, (seen | {"inside": _inside(grid, spacing_mm, inside)} if inside else seen)


def pictures(hu: Floats, grid: Grid) -> dict[str, Floats]:
    """What the weights are for: contrast is 0 in the lung around and 1 in the nodule's middle."""
    flat = hu[grid.middle]
    low = min(float(np.percentile(flat[FOOT], 25)), LUNG_AT_MOST)
    high = float(np.percentile(flat[HILLTOP], 70))
    if high < low + LEAST_CONTRAST:  # air in the middle: the wall of a cavity is what stands out
        high = max(float(np.percentile(flat[WALL], 90)), low + LEAST_CONTRAST)
    contrast = ((hu - np.float32(low)) / np.float32(high - low)).clip(-0.3, 1.3)
    return {
        "contrast": contrast,
        "pale": np.minimum(contrast, np.float32(PALE)),
        "compact": opened(contrast, NARROW),
        "broad": opened(contrast, BROAD),
        "around": averaged(contrast, AROUND),
        "distance": grid.away,
        "distance2": grid.away**2,
    }


def _grid(shape: tuple[int, ...], spacing_mm: Triple, centre: Triple, expected_mm: float) -> Grid:
    nearest = int(np.clip(round(centre[0]), 0, shape[0] - 1))
    stride = max(1, int(expected_mm / SLICES / spacing_mm[0]))
    reach = int(np.ceil(REACH * expected_mm / spacing_mm[0] / stride))
    slices = nearest + stride * np.arange(-reach, reach + 1)
    slices = slices[(slices >= 0) & (slices < shape[0])]
    pixel = expected_mm / PIXELS
    rows, columns = (where + OFFSETS * pixel / step for where, step in zip(centre[1:], spacing_mm[1:], strict=True))
    up = (slices - centre[0]) * spacing_mm[0] / expected_mm
    away = np.hypot(ACROSS, up[:, None, None]).astype(np.float32)
    middle = int(np.flatnonzero(slices == nearest)[0])
    return Grid(slices, rows, columns, middle, away, pixel, stride * spacing_mm[0])


def _hounsfield(volume: NDArray[Any], grid: Grid) -> Floats:
    """(n, SIDE, SIDE) HU within RANGE; only the part of the volume that is looked at is touched."""
    sides = [_span(where, length) for where, length in zip((grid.rows, grid.columns), volume.shape[1:], strict=True)]
    near = volume[grid.slices, sides[0], sides[1]].clip(*RANGE).astype(np.float32)
    return at(near, grid.rows - sides[0].start, grid.columns - sides[1].start)


def _span(positions: Doubles, length: int) -> slice:
    first, last = np.clip([np.floor(positions[0]), np.ceil(positions[-1])], 0, length - 1).astype(int)
    return slice(int(first), int(last) + 1)


def _inside(grid: Grid, spacing_mm: Triple, said: Sequence[Inside]) -> Floats:
    """(n, SIDE, SIDE) logit of lying inside, by the nearest slice of which the net said something."""
    planes = []
    for number in grid.slices:
        near = min(said, key=lambda each: abs(each.slice - int(number)))
        rows, columns = (
            (where - corner + 0.5) * step / CELL_MM - 0.5
            for where, corner, step in zip((grid.rows, grid.columns), near.corner, spacing_mm[1:], strict=True)
        )
        share = at(near.share[None], rows, columns)[0]
        planes.append(np.log((share + 1e-3) / (1.001 - share)))
    return np.stack(planes)


def _filled(mask: Mask) -> Mask:
    """Each slice with its holes: a cavity belongs to its nodule."""
    rim = np.zeros_like(mask)
    rim[:, [0, -1]] = rim[:, :, [0, -1]] = True
    return ~_connected(~mask, rim, axes=(1, 2))


def _connected(mask: Mask, seed: Mask, axes: tuple[int, ...] = (0, 1, 2)) -> Mask:
    """What of `mask` hangs together with `seed` by faces."""
    grown = mask & seed
    while True:
        more = grown.copy()
        for axis in axes:
            here, there = [slice(None)] * 3, [slice(None)] * 3
            here[axis], there[axis] = slice(None, -1), slice(1, None)
            more[tuple(here)] |= grown[tuple(there)]
            more[tuple(there)] |= grown[tuple(here)]
        more &= mask
        if np.array_equal(more, grown):
            return grown
        grown = more
