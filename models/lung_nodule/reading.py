"""The shipped nodule detector: a volume in, a VolumeReading out."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cdss.models import artifact, provider
from cdss.models.card import Card
from cdss.models.finding import Nodule, VolumeReading
from cdss.models.lung_nodule import lung, second_look
from cdss.models.lung_nodule.measure import sized
from cdss.models.lung_nodule.outline import Inside
from cdss.models.lung_nodule.peaks import merged, peaks
from cdss.models.lung_nodule.second_look import SecondLook
from cdss.models.lung_nodule.slabs import Slab, slabs
from cdss.models.lung_nodule.stack import CELL_MM
from cdss.models.lung_nodule.volume import Volume, checked
from cdss.models.score_map import ScoreMap, score_map

Floats = NDArray[np.float32]
Spacing = tuple[float, float, float]


class _Seen(NamedTuple):
    """Peaks of a slab: final scores (n,), places (n, 3) in mm, diameters (n,) in mm; and what the net calls inside."""

    scores: Floats
    places: Floats
    diameters: Floats
    inside: Inside


TOUCHING = 1.25  # of the sum of two radii: findings nearer than this touch, as far as radii can be known
PARTS = ("scores", "places", "diameters")


@dataclass(frozen=True, slots=True)
class LungNodule:
    """The detector and its card."""

    card: Card
    session: provider.Session
    second: SecondLook

    def detect(self, volume: NDArray[Any], spacing_mm: Spacing, threshold: float | None = None) -> VolumeReading:
        """Read one chest CT (slice, row, column) in HU; spacing (slice, row, column) in mm; slices in either order.

        `threshold` (score, default the card's `default`) decides which nodules are told.
        Raises UnreadableVolume (too few slices, implausible spacing), LungNotFound or OutOfScopeVolume.
        """
        least = self.card.threshold("default") if threshold is None else threshold
        known = checked(volume, spacing_mm)
        found = lung.find(known, spacing_mm)
        found.seen.check()
        maps: list[ScoreMap] = []
        seen = list(self._seen(known, spacing_mm, found, maps))
        if not seen:
            return VolumeReading((), tuple(maps), found.seen.cut, found.seen.one_sided)
        scores, places, diameters = (np.concatenate([getattr(each, name) for each in seen]) for name in PARTS)
        inside = tuple(each.inside for each in seen)
        nodules = [
            sized(known, spacing_mm, peak.score, _voxel(peak.place, spacing_mm), peak.diameter_mm, inside)
            for peak in merged(scores, places, diameters)
            if peak.score >= least
        ]
        return VolumeReading(apart(nodules, spacing_mm), tuple(maps), found.seen.cut, found.seen.one_sided)

    def see(self, stack: Floats) -> tuple[Floats, Floats, Floats]:
        """What the first net says of one stack (DEPTH, h, w), (h / 2, w / 2) each.

        Scores of a nodule's centre, diameters in mm, and probabilities that a cell lies inside a nodule.
        """
        centre, width, inside = self.session.run(None, {"stacks": stack[None]})
        return centre[0, 0], width[0, 0], inside[0, 0]

    def judged(self, stack: Floats) -> Floats:
        """Final scores (h / 2, w / 2) of one stack (DEPTH, h, w): both looks at every peak, 0 elsewhere."""
        centre, _, _ = self.see(stack)
        cells = peaks(centre, second_look.LEAST)
        told = np.zeros_like(centre)
        told[tuple(cells.T)] = self.second.scores(stack, cells, centre[tuple(cells.T)])
        return told

    def _seen(self, volume: Volume, spacing_mm: Spacing, found: lung.Lung, maps: list[ScoreMap]) -> Iterator[_Seen]:
        """The peaks in the lungs, slab by slab; what the net saw of each slab is added to `maps`."""
        for slab in slabs(volume, spacing_mm, found):
            centre, width, inside = self.see(slab.stack)
            maps.append(_map(slab, centre, spacing_mm))
            cells = peaks(centre, second_look.LEAST)
            cells = cells[found.inside(_places(slab, cells, spacing_mm) / spacing_mm)]
            at = tuple(cells.T)
            scores = self.second.scores(slab.stack, cells, centre[at])
            places = _places(slab, cells, spacing_mm).astype(np.float32)
            yield _Seen(scores, places, width[at], Inside(slab.slice, slab.corner, inside))


def apart(nodules: Sequence[Nodule], spacing_mm: Spacing) -> tuple[Nodule, ...]:
    """The findings, strongest first, without those that touch a stronger one: they are one nodule."""
    kept: list[Nodule] = []
    for each in nodules:
        away = [
            (math.dist(*((np.asarray(one.centre) * spacing_mm) for one in (each, other))), other.diameter_mm)
            for other in kept
        ]
        if all(distance > TOUCHING * (width + each.diameter_mm) / 2 for distance, width in away):
            kept.append(each)
    return tuple(kept)


def _places(slab: Slab, cells: NDArray[np.intp], spacing_mm: Spacing) -> NDArray[np.float64]:
    """(n, 3) mm of cells; the middle of voxel (0, 0, 0) is at 0."""
    across = (cells + 0.5) * CELL_MM + np.asarray(slab.corner) * spacing_mm[1:] - np.asarray(spacing_mm[1:]) / 2
    return np.column_stack([np.full(len(cells), slab.slice * spacing_mm[0]), across])


def _map(slab: Slab, scores: Floats, spacing_mm: Spacing) -> ScoreMap:
    """The slab's scores on its middle slice: its first cell begins at the upper left edge of the corner's pixel."""
    (row, column), (rows, columns) = slab.corner, scores.shape
    low, right = row + rows * CELL_MM / spacing_mm[1], column + columns * CELL_MM / spacing_mm[2]
    return score_map(scores, (float(column), float(row), right, low), slab.slice)


def _voxel(place: tuple[float, float, float], spacing_mm: Spacing) -> tuple[float, float, float]:
    slice_, row, column = (mm / spacing for mm, spacing in zip(place, spacing_mm, strict=True))
    return slice_, row, column


def load(folder: Path | None = None, threads: int | None = None, runs_on: provider.Provider = "cpu") -> LungNodule:
    """The detector in `folder` (default: the one shipped). Raises CardError, DigestMismatch or ProviderUnavailable."""
    shipped = artifact.load(folder or Path(__file__).parent)
    second = artifact.companion(shipped.path.parent, shipped.card, second_look.FILE)
    looks = [provider.session(path, threads, runs_on) for path in (shipped.path, second)]
    return LungNodule(shipped.card, looks[0], SecondLook(looks[1]))
