"""Is this a chest CT in Hounsfield units at all? Judged by the lungs that were found and by what lies around them.

An upside down, mirrored or turned chest is read: the net has seen lungs from all sides. A phantom that has what a chest
has, within these limits, is read too; nobody can tell it from a patient by these numbers.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cdss.models.applicability import NotApplicable
from cdss.models.card import Text

Mask = NDArray[np.bool_]

CODE = "unlike_chest_ct"
CUT = 0.15  # of the largest area of lung in a slice; with more in an end slice the lungs go on beyond it
LEAST_SIDE = 0.1  # of all lung; with less on one side of the body, that lung is missing or full of something

#  measure       least   most  unit   why; all need clinical review
LIMITS = {
    "share": (0.05, 0.75, "", "lung in the body's section; chest CTs here 0.38 to 0.46, their apex 0.10, bowel 0.03"),
    "density": (-970, -500, "HU", "median of lung; inspired -700 to -900, emphysema below -950, pure air -1000"),
    "tissue": (-150, 150, "HU", "median around the lungs: between fat (-100) and muscle (50) where HU are right"),
    "litres": (0, 12, "L", "above the total capacity of the tallest adults (about 10 L): spacing is wrong"),
}

NAMES = {
    "share": Text(zh="肺占身体截面的比例", en="the lungs' share of the body's section is"),
    "density": Text(zh="肺的 CT 值中位数", en="the median density of what looks like lung is"),
    "tissue": Text(zh="肺周围组织的 CT 值中位数", en="the median density of the tissue around the lungs is"),
    "litres": Text(zh="肺容积", en="the volume of the lungs is"),
}


class OutOfScopeVolume(NotApplicable):
    """Something like lungs was found, but not in a chest, or not in Hounsfield units."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What the lungs and their surroundings measure; names as in LIMITS."""

    share: float
    density: float
    tissue: float
    litres: float
    cut: tuple[bool, bool]  # whether the lungs go on beyond the first and the last slice
    one_sided: bool  # next to no lung in one half of the body

    def check(self) -> None:
        """Raise OutOfScopeVolume for the first measure beyond its limits."""
        for name, (least, most, unit, _) in LIMITS.items():
            found = getattr(self, name)
            if not least <= found <= most:
                raise OutOfScopeVolume(CODE, _words(NAMES[name], f"{found:.3g} {unit}".strip(), least, most))


def seen(coarse: NDArray[np.float32], lungs: Mask, outside: Mask, size_mm: tuple[float, ...]) -> Seen:
    """Measure `coarse` HU (slice, row, column); `lungs` is not empty, `outside` is the air that reaches the sides."""
    area, body = lungs.sum(axis=(1, 2)), ~outside
    best = int(area.argmax())
    around = body & ~lungs & (area > 0)[:, None, None]
    columns = np.flatnonzero(body[best].any(axis=0))
    half = lungs[:, :, : int(columns.mean())].sum() / lungs.sum()
    return Seen(
        share=float(area[best] / body[best].sum()),
        density=float(np.median(coarse[lungs])),
        tissue=float(np.median(coarse[around])) if around.any() else float("nan"),
        litres=float(lungs.sum() * np.prod(size_mm) / 1e6),
        cut=(bool(area[0] > CUT * area[best]), bool(area[-1] > CUT * area[best])),
        one_sided=bool(min(half, 1 - half) < LEAST_SIDE),
    )


def _words(name: Text, found: str, least: float, most: float) -> Text:
    return Text(
        zh=f"不像以 HU 为单位的胸部 CT：{name.zh}为 {found}，应为 {least:g} 至 {most:g}；未作判断。",
        en=f"This is not like a chest CT in HU: {name.en} {found}, expected {least:g} to {most:g}; it was not read.",
    )
