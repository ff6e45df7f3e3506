"""The report of whole CTs: sensitivity by false marks a scan, with exact intervals because there are few."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from cdss.evaluation import bootstrap
from cdss.evaluation.exact import rate, share
from cdss.evaluation.froc import RATES, Judged, cpm, curve, hits_at, line, pooled
from cdss.evaluation.report import Metric, Plot, Points
from cdss.evaluation.scans.whole import Looked, judged, wanted
from cdss.models.finding import Nodule as Mark

SIZES = (3.0, 6.0)  # mm; nodules below are neither found nor missed
NAMES = dict(zip(("1_8", "1_4", "1_2", "1", "2", "4", "8"), RATES, strict=True))
MAIN = ("sensitivity_3mm_at_4_fp", "sensitivity_6mm_at_4_fp", "cpm")
ENOUGH = 10  # scans with nodules, from which drawing scans again says something
REPEATS = 500
Rows = NDArray[np.intp]


def metrics(scans: Sequence[Looked]) -> dict[str, Metric]:
    """`sensitivity_6mm_at_4_fp` and so on, `cpm`; at the card's threshold `sensitivity_6mm` and false marks."""
    told: dict[str, Metric] = {}
    for size in SIZES:
        found, _ = pooled([judged(scan, scan.told, size) for scan in scans])
        told[f"sensitivity_{size:g}mm"] = share(int(np.isfinite(found).sum()), len(found))
    told |= free_response([(scan, scan.marks) for scan in scans])
    told["false_positives_per_scan"] = _false(scans)
    if calm := [scan for scan in scans if not scan.nodules]:
        told["false_positives_per_negative_scan"] = _false(calm)
    told["seconds_per_ct"] = Metric(float(np.mean([scan.seconds for scan in scans])))
    told["processor_seconds_per_ct"] = Metric(float(np.mean([scan.processor for scan in scans])))
    return {name: metric for name, metric in told.items() if np.isfinite(metric.value)}


def free_response(marked: Sequence[tuple[Looked, tuple[Mark, ...]]]) -> dict[str, Metric]:
    """Nodules found at each of LUNA16's rates: as many as are above the level that no more false marks exceed."""
    told: dict[str, Metric] = {}
    for size in SIZES:
        each = [judged(scan, marks, size) for scan, marks in marked]
        found, false = pooled(each)
        for name, most in NAMES.items():
            told[f"sensitivity_{size:g}mm_at_{name}_fp"] = share(hits_at(found, false, len(each), most), len(found))
        if size == SIZES[0] and len(found):
            told["cpm"] = _cpm(each)
    return {name: metric for name, metric in told.items() if np.isfinite(metric.value)}


def beside(marked: Sequence[tuple[Looked, tuple[Mark, ...]]]) -> dict[str, Metric]:
    """The main ones of them, for a baseline."""
    return {name: metric for name, metric in free_response(marked).items() if name in MAIN}


def plot(scans: Sequence[Looked]) -> list[Plot]:
    """Sensitivity by false marks a scan; none without nodules."""
    lines: dict[str, Points] = {}
    for size in SIZES:
        each = [judged(scan, scan.marks, size) for scan in scans]
        if len(pooled(each)[0]):
            lines[f"from_{size:g}mm"] = line(*curve(each))
    plain = [judged(scan, scan.blobs, SIZES[0]) for scan in scans]
    return [Plot("froc_scans", lines | {"bright_blobs": line(*curve(plain))})] if lines else []


def notes(scans: Sequence[Looked], trained: str) -> Iterator[str]:
    """What this is, and each scan by itself."""
    yield (
        f"a technical check on {len(scans)} whole CTs, not clinical performance; intervals are exact (Clopper-Pearson, "
        "Garwood) and take nodules of one patient as independent"
    )
    yield (
        "a nodule of two or more readers is found by a mark within its radius (LUNA16); marks on findings of one "
        "reader are neither hit nor false"
    )
    for scan in scans:
        yield scan.name + (", its lungs were background in training: " if scan.name == trained else ": ") + _line(scan)
    yield (
        "seconds_per_ct: from the volume to the findings, files read before; with what else the machine was doing, "
        "processor_seconds_per_ct without"
    )


def _line(scan: Looked) -> str:
    if scan.refused:
        return (
            f"not read ({scan.refused}); {len(wanted(scan, SIZES[0]))} nodules of two or more readers count as missed"
        )
    found = judged(scan, scan.told, SIZES[0])
    hits = int(np.isfinite(found.found).sum())
    nodules = f"{hits} of {len(found.found)} nodules of two or more readers found, " if len(found.found) else ""
    return f"{nodules}{len(found.false)} false findings at the card's threshold"


def _false(scans: Sequence[Looked]) -> Metric:
    return rate(sum(len(judged(scan, scan.told, SIZES[0]).false) for scan in scans), len(scans))


def _cpm(scans: list[Judged]) -> Metric:
    """With an interval where there are enough scans to be drawn."""
    if sum(len(scan.found) > 0 for scan in scans) < ENOUGH:
        return Metric(cpm(scans))

    def statistic(drawn: Rows) -> float:
        some = [scans[i] for i in drawn]
        return cpm(some) if len(pooled(some)[0]) else float("nan")

    return bootstrap.metric(statistic, np.arange(len(scans)), REPEATS)
