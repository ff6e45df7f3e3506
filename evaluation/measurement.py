"""How well nodules are measured: the measure against the consensus of the readers, in crops of lidc_crops.

The consensus is what at least half of a nodule's readers put inside. Its diameter is the mean of its axes in the slice
that shows most of it, taken as the product takes them. Only nodules that the net finds are measured, at the place where
it found them. Crops end where the CT went on, so that a nodule may be largest at their end.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np
from numpy.typing import NDArray

from cdss.datasets import lidc
from cdss.datasets.lidc_ratings import Ratings
from cdss.evaluation import bootstrap
from cdss.evaluation.report import Metric
from cdss.models.finding import Attenuation
from cdss.models.lung_nodule import LungNodule
from cdss.models.lung_nodule.measure import Measured, axes, measure
from cdss.models.lung_nodule.outline import Inside, Outline, outline
from cdss.models.lung_nodule.peaks import Peak, merged, peaks
from cdss.models.lung_nodule.pictures import at
from cdss.models.lung_nodule.stack import CELL_MM, resampled, stack, windowed

Mask = NDArray[np.bool_]
Rows = NDArray[np.intp]

LEAST = 0.1  # score from which a peak counts as found: the measure is judged, not the threshold
NEAR_MM = 3.0  # from the consensus' middle, or its radius if that is more
CLOSE_MM = 1.5  # a difference that two readers of one CT have as well
REPEATS = 500
KINDS: tuple[Attenuation, ...] = ("ground-glass", "part-solid", "solid")
PURE_UP_TO, SOLID_FROM = 2, 4  # median ratings of texture: 1 ground glass, 3 part-solid, 5 solid


@dataclass(frozen=True, slots=True)
class Found:
    """A crop's nodule as the net found it: its peak (place in mm), and what the net says is inside, if it does."""

    peak: Peak
    inside: tuple[Inside, ...]


@dataclass(frozen=True, slots=True)
class Sized:
    """One nodule that was found: by the readers, by the net alone, and measured (None if it cannot be).

    `dice`: overlap of outline and consensus in the slice that shows most of the consensus.
    """

    patient: str
    readers: Measured
    net_mm: float
    measured: Measured | None
    dice: float


def sized(model: LungNodule, crops: Sequence[lidc.Crop], rated: dict[str, Ratings]) -> list[Sized]:
    """Those of the crops whose nodule the net finds."""
    told = []
    for crop in crops:
        agreed = consensus(crop)
        hit = found(model, crop, agreed) if agreed.any() else None
        if hit is None:
            continue
        spacing = (crop.thick_mm, crop.pixel_mm, crop.pixel_mm)
        slice_, row, column = (mm / step for mm, step in zip(hit.peak.place, spacing, strict=True))
        hu, net_mm = lidc.hounsfield(crop), hit.peak.diameter_mm
        size = measure(hu, spacing, (slice_, row, column), net_mm, hit.inside, excerpt=True)
        drawn = outline(hu, spacing, (slice_, row, column), net_mm, hit.inside)
        truth = Measured(*axes(agreed[largest(agreed)], crop.pixel_mm), None, _kind(rated.get(crop.name)))
        told.append(Sized(crop.patient, truth, net_mm, size, _dice(drawn, agreed)))
    return told


def _dice(drawn: Outline, agreed: Mask) -> float:
    number = largest(agreed)
    mine = drawn.mask[np.abs(drawn.grid.slices - number).argmin()]
    theirs = at(agreed[[number]].astype(np.float32), drawn.grid.rows, drawn.grid.columns)[0] > 0.5
    return float(2 * (mine & theirs).sum() / max(1, mine.sum() + theirs.sum()))


def consensus(crop: lidc.Crop) -> Mask:
    """(slice, row, column): inside for at least half of the readers."""
    return lidc.marks(crop) >= max(1, (crop.readers + 1) // 2)


def largest(mask: Mask) -> int:
    """The slice that shows most of it."""
    return int(mask.sum(axis=(1, 2)).argmax())


def found(model: LungNodule, crop: lidc.Crop, agreed: Mask) -> Found | None:
    """The strongest nodule that the net finds within the consensus, as it would be found in a CT; None if none is."""
    hu = windowed(lidc.hounsfield(crop))
    cells = int(lidc.SIDE * crop.pixel_mm / CELL_MM)
    scores, places, widths, inside = [], [], [], []
    for number in range(len(hu)):
        near = resampled(stack(hu, number, crop.thick_mm), (crop.pixel_mm, crop.pixel_mm))
        seen: tuple[NDArray[np.float32], ...] = model.see(near)
        centre, width = seen[:2]
        high = peaks(centre[:cells, :cells], LEAST)
        scores.append(centre[tuple(high.T)])
        widths.append(width[tuple(high.T)])
        across = (high + 0.5) * CELL_MM - crop.pixel_mm / 2
        places.append(np.column_stack([np.full(len(high), number * crop.thick_mm), across]).astype(np.float32))
        inside += [Inside(number, (0.0, 0.0), share[:cells, :cells]) for share in seen[2:3]]
    all_found = merged(np.concatenate(scores), np.concatenate(places), np.concatenate(widths))
    hits = [peak for peak in all_found if _hits(peak, crop, agreed)]
    return Found(hits[0], tuple(inside)) if hits else None


def _hits(peak: Peak, crop: lidc.Crop, agreed: Mask) -> bool:
    number = largest(agreed)
    row, column = np.argwhere(agreed[number]).mean(0) * crop.pixel_mm
    reach = max(NEAR_MM, float(np.sqrt(agreed[number].sum() / np.pi)) * crop.pixel_mm)
    height = abs(peak.place[0] - number * crop.thick_mm)
    return bool(np.hypot(peak.place[1] - row, peak.place[2] - column) < reach and height < reach + crop.thick_mm)


def _kind(rated: Ratings | None) -> Attenuation | None:
    if rated is None or not rated.texture:
        return None
    middle = median(rated.texture)
    return "ground-glass" if middle <= PURE_UP_TO else "solid" if middle >= SOLID_FROM else "part-solid"


def metrics(nodules: Sequence[Sized]) -> dict[str, Metric]:
    """Of those that were measured: error and bias of the diameter in mm, share within CLOSE_MM, agreement in kind.

    The overlap is that of all nodules. A number of no nodule is left out.
    """
    measured = [(one, one.measured) for one in nodules if one.measured]
    off = np.asarray([size.diameter_mm - one.readers.diameter_mm for one, size in measured])
    told = [(one, size) for one, size in measured if size.attenuation and one.readers.attenuation]
    same = np.asarray([float(size.attenuation == one.readers.attenuation) for one, size in told])
    numbers = _diameter(off, [one for one, _ in measured])
    numbers["outline_dice"] = _mean(np.asarray([one.dice for one in nodules]), nodules)
    numbers["attenuation_agreement"] = _mean(same, [one for one, _ in told])
    return {name: number for name, number in numbers.items() if np.isfinite(number.value)}


def of_the_net(nodules: Sequence[Sized]) -> dict[str, Metric]:
    """The same of the net's own diameter, for the nodules that were measured."""
    measured = [one for one in nodules if one.measured]
    numbers = _diameter(np.asarray([one.net_mm - one.readers.diameter_mm for one in measured]), measured)
    return {name: number for name, number in numbers.items() if np.isfinite(number.value)}


def _diameter(off: NDArray[np.float64], nodules: Sequence[Sized]) -> dict[str, Metric]:
    return {
        "diameter_mae_mm": _mean(np.abs(off), nodules),
        "diameter_bias_mm": _mean(off, nodules),
        "diameter_within_1_5_mm": _mean((np.abs(off) <= CLOSE_MM).astype(float), nodules),
    }


def _mean(values: NDArray[np.float64], nodules: Sequence[Sized]) -> Metric:
    def mean(rows: Rows) -> float:
        return float(values[rows].mean()) if len(rows) else float("nan")

    return bootstrap.metric(mean, np.asarray([one.patient for one in nodules]), REPEATS)


def notes(nodules: Sequence[Sized]) -> Iterator[str]:
    """How many were measured, the axes, and which kind was taken for which."""
    pairs = [(one.readers, one.measured) for one in nodules if one.measured]
    yield f"{len(pairs)} of {len(nodules)} nodules that the net finds (score {LEAST} or more) can be measured"
    if not pairs:
        return
    for name, off in (
        ("long", [size.long_mm - truth.long_mm for truth, size in pairs]),
        ("short", [size.short_mm - truth.short_mm for truth, size in pairs]),
    ):
        yield f"{name} axis: mean absolute error {np.abs(off).mean():.2f} mm, bias {np.mean(off):+.2f} mm"
    for kind in KINDS:
        mine = [size.attenuation for truth, size in pairs if truth.attenuation == kind]
        counts = ", ".join(f"{mine.count(other)} {other}" for other in KINDS)
        yield f"{kind} by the readers ({len(mine)}): measured as {counts}, {mine.count(None)} not told"
