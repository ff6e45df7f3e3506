"""What is said of CTs that are no whole chest CT in Hounsfield units, and of those that are."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cdss.datasets import chest_ct, lidc, strangers
from cdss.datasets.source import root
from cdss.evaluation.scope import made
from cdss.models import lung_nodule
from cdss.models.applicability import NotApplicable
from cdss.models.lung_nodule import UnreadableVolume, lung
from cdss.models.lung_nodule.volume import checked

Volume = NDArray[np.int16]
Spacing = tuple[float, float, float]

HEAD_MM = (5.0, 0.45, 0.45)  # of ct_tilt_uneven, as if it were even
#  a chest CT (slice, row, column), feet first, spoiled or cut
SPOILED: dict[str, Callable[[Volume], Volume]] = {
    "lower third only": lambda hu: hu[: len(hu) // 3],
    "lower half only": lambda hu: hu[: len(hu) // 2],
    "upper half only": lambda hu: hu[len(hu) // 2 :],
    "apices only": lambda hu: hu[-len(hu) // 8 :],
    "slices in reverse order": lambda hu: hu[::-1],
    "left and right exchanged": lambda hu: hu[:, :, ::-1],
    "upside down": lambda hu: hu[:, ::-1],
    "turned by 90 degrees": lambda hu: np.rot90(hu, 1, (1, 2)),
    "cut to the lungs": lambda hu: hu[:, 100:400, 60:450],
    "intercept not applied (+1024)": lambda hu: hu + np.int16(1024),
    "intercept applied twice (-1024)": lambda hu: hu - np.int16(1024),
    "half the slope": lambda hu: hu // 2,
    "inverted": lambda hu: -hu,
    "lung window in 8 bit": lambda hu: ((hu.clip(-1350, 150) + 1350) * 0.17).astype(np.int16),
    "bone window in 8 bit": lambda hu: ((hu.clip(-200, 1200) + 200) * 0.18).astype(np.int16),
}


def table(data: Path | None) -> dict[str, Any]:
    """A row for each volume: whether it is read, and what is said. Raises DataNotFound."""
    card = lung_nodule.load().card
    return {
        "model": card.name,
        "version": card.version,
        "digest": card.digest,
        "volumes": [_row(what, volume, spacing) for what, volume, spacing in _volumes(data)],
    }


def _row(what: str, volume: Volume, spacing: Spacing) -> dict[str, Any]:
    try:
        seen = lung.find(checked(np.ascontiguousarray(volume), spacing), spacing).seen
        seen.check()
    except NotApplicable as e:
        return {"what": what, "read": False, "code": e.code, "zh": e.text.zh, "en": e.text.en}
    except UnreadableVolume as e:
        return {"what": what, "read": False, "code": "model_cannot_read", "en": str(e)}
    remarks = [f"cut at the {end} slice" for end, cut in zip(("first", "last"), seen.cut, strict=True) if cut]
    return {
        "what": what,
        "read": True,
        "remarks": remarks + ["one lung"] * seen.one_sided,
        "share": round(seen.share, 2),
        "density_hu": round(seen.density),
        "tissue_hu": round(seen.tissue),
        "litres": round(seen.litres, 2),
    }


def _volumes(data: Path | None) -> Iterator[tuple[str, Volume, Spacing]]:
    for folder in chest_ct.folders(data):
        scan = chest_ct.read(folder)
        yield f"chest CT {scan.name}", scan.volume, scan.spacing
        for how, spoil in SPOILED.items():
            yield f"{scan.name}, {how}", spoil(scan.volume), scan.spacing
    for name in lidc.negatives(data):
        volume, spacing = lidc.negative(name, data)
        yield f"chest CT {name}, without nodules", volume.astype(np.int16), spacing
    if (head := root(data) / "dicom" / "ct_tilt_uneven").is_dir():
        yield "head CT", strangers.slices(head), HEAD_MM
    yield from made.volumes()
