"""The shipped nodule detector: a volume in, a VolumeReading out."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cdss.models import artifact, provider
from cdss.models.card import Card
from cdss.models.finding import VolumeReading
from cdss.models.lung_nodule import lung
from cdss.models.lung_nodule.measure import sized
from cdss.models.lung_nodule.peaks import merged, peaks
from cdss.models.lung_nodule.slabs import Slab, slabs
from cdss.models.lung_nodule.stack import CELL_MM
from cdss.models.lung_nodule.volume import Volume, checked
from cdss.models.score_map import ScoreMap, score_map

Floats = NDArray[np.float32]
Spacing = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class LungNodule:
    """The detector and its card."""

    card: Card
    session: provider.Session

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
        seen = list(self._seen(known, spacing_mm, found, least, maps))
        if not seen:
            return VolumeReading((), tuple(maps), found.seen.cut, found.seen.one_sided)
        scores, places, diameters = (np.concatenate(parts) for parts in zip(*seen, strict=True))
        nodules = [
            sized(known, spacing_mm, peak.score, _voxel(peak.place, spacing_mm), peak.diameter_mm)
            for peak in merged(scores, places, diameters)
        ]
        return VolumeReading(tuple(nodules), tuple(maps), found.seen.cut, found.seen.one_sided)

    def see(self, stack: Floats) -> tuple[Floats, Floats]:
        """Scores of a nodule's centre and diameters in mm, (h / 2, w / 2) each, for one stack (DEPTH, h, w)."""
        centre, width = self.session.run(None, {"stacks": stack[None]})
        return centre[0, 0], width[0, 0]

    def _seen(
        self, volume: Volume, spacing_mm: Spacing, found: lung.Lung, least: float, maps: list[ScoreMap]
    ) -> Iterator[tuple[Floats, Floats, Floats]]:
        """Scores (n,), places (n, 3) in mm and diameters (n,) of the peaks in the lungs, slab by slab.

        What the net saw of each slab is added to `maps`.
        """
        for slab in slabs(volume, spacing_mm, found):
            centre, width = self.see(slab.stack)
            maps.append(_map(slab, centre, spacing_mm))
            cells = peaks(centre, least)
            places = _places(slab, cells, spacing_mm)
            inside = found.inside(places / spacing_mm)
            at = tuple(cells[inside].T)
            yield centre[at], places[inside].astype(np.float32), width[at]


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
    return LungNodule(shipped.card, provider.session(shipped.path, threads, runs_on))
