"""The shipped nodule detector: a volume in, a VolumeReading out."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import onnxruntime as ort
from numpy.typing import NDArray

from cdss.models import artifact
from cdss.models.card import Card
from cdss.models.finding import VolumeReading
from cdss.models.lung_nodule.volume import checked


@dataclass(frozen=True, slots=True)
class LungNodule:
    """The detector and its card."""

    card: Card
    session: ort.InferenceSession

    def detect(
        self, volume: NDArray[Any], spacing_mm: tuple[float, float, float], threshold: float | None = None
    ) -> VolumeReading:
        """Read one chest CT (slice, row, column) in HU; spacing (slice, row, column) in mm; slices in either order.

        `threshold` (score, default the card's `default`) decides which nodules are told.
        Raises UnreadableVolume (too few slices, implausible spacing) or LungNotFound.
        """
        checked(volume, spacing_mm)
        raise NotImplementedError("the artifact is being trained")


def load(folder: Path | None = None, threads: int | None = None) -> LungNodule:
    """The detector in `folder` (default: the one shipped). Raises CardError or DigestMismatch."""
    shipped = artifact.load(folder or Path(__file__).parent)
    return LungNodule(shipped.card, artifact.session(shipped.path, threads))
