"""The shipped rating: nodules of a volume in, probabilities out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from cdss.models import artifact
from cdss.models.card import Card
from cdss.models.finding import Nodule
from cdss.models.lung_nodule_malignancy.window import window, within

Floats = NDArray[np.float32]

AT_ONCE = 32  # windows given to the nets


@dataclass(frozen=True, slots=True)
class Malignancy:
    """The nets, one for each fold of patients that was left out of its training, and their card."""

    card: Card
    session: ort.InferenceSession

    def rate(
        self, volume: NDArray[Any], spacing_mm: tuple[float, float, float], nodules: Iterable[Nodule]
    ) -> list[float | None]:
        """For each nodule the probability that most readers would call it malignant; the mean of the nets.

        `volume` (slice, row, column) in HU, `spacing_mm` in the same order. None where a nodule reaches beyond the
        volume, or is smaller or larger than any that was rated: nothing is known of it.
        """
        nodules = list(nodules)
        known = [within(volume.shape, spacing_mm, each.centre, each.diameter_mm) for each in nodules]
        sure = [each for each, whole in zip(nodules, known, strict=True) if whole]
        if not sure:
            return [None] * len(known)
        seen = [window(volume, spacing_mm, each.centre, each.diameter_mm) for each in sure]
        told = iter(self.look(np.stack(seen), [each.diameter_mm for each in sure]).mean(axis=1).tolist())
        return [next(told) if whole else None for whole in known]

    def look(self, windows: Floats, diameters_mm: Sequence[float]) -> Floats:
        """(n, nets) the probability of each net for windows (n, DEPTH, SIDE, SIDE) and diameters (n,)."""
        sizes = np.asarray(diameters_mm, np.float32)
        parts = [
            self.session.run(None, {"windows": windows[some], "diameters": sizes[some]})[0]
            for some in (slice(at, at + AT_ONCE) for at in range(0, len(windows), AT_ONCE))
        ]
        told: Floats = np.concatenate(parts)
        return told


def load(folder: Path | None = None, threads: int | None = None) -> Malignancy:
    """The model in `folder` (default: the one shipped). Raises CardError or DigestMismatch."""
    shipped = artifact.load(folder or Path(__file__).parent)
    return Malignancy(shipped.card, artifact.session(shipped.path, threads))
