"""What is said of a study, in the form of `cdss preread --json` and `GET /api/v1/studies/{study_uid}`."""

from typing import Literal

import msgspec

from cdss.models.finding import Attenuation
from cdss.models.score_map import ScoreMap
from cdss.serving.pacs.detect import ModelRef
from cdss.serving.pacs.reasons import Reason

State = Literal["received", "complete", "running", "reported", "sent", "not-applicable", "failed"]
Kind = Literal["lung_nodule", "fracture"]
KEY_IMAGES = 8  # of one study at most, those of the best findings first


class Malignancy(msgspec.Struct, frozen=True):
    """How probably most readers would call a nodule malignant, by which model, and what that means: no pathology."""

    probability: float
    model: ModelRef
    zh: str
    en: str


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """Something the model marked. `id` counts from 1, best first; `score` is in [0, 1].

    `box_px` (x0, y0, x1, y1) lies on the image `sop_instance_uid`. `position_mm` (x, y, z in the patient frame, LPS)
    and `diameter_mm` are None on a film: it has no depth. `measured`: `diameter_mm` is the mean of `long_mm` and
    `short_mm`; else it is the network's estimate. `volume_mm3` and `attenuation` are None where they cannot be told.
    `malignancy` is None for what is no nodule, and where there is no rating (`quality` says why).
    """

    id: str = ""
    kind: Kind
    score: float
    position_mm: tuple[float, float, float] | None
    diameter_mm: float | None
    measured: bool = False
    long_mm: float | None = None
    short_mm: float | None = None
    volume_mm3: float | None = None
    attenuation: Attenuation | None = None
    malignancy: Malignancy | None = None
    sop_instance_uid: str
    box_px: tuple[float, float, float, float]
    series_uid: str
    instance_number: int | None = None  # of that image in its series, as viewers name it; None if its header does not


class SeriesTold(msgspec.Struct, frozen=True):
    """One series: whether it was read, and why; `reason` is the first of `reasons` in the language asked for."""

    series_uid: str
    chosen: bool
    reason: str
    reasons: tuple[Reason, ...]


class ImageTold(msgspec.Struct, frozen=True):
    """One film: the model's probability that it shows the finding at all."""

    sop_instance_uid: str
    probability: float


class KeyImage(msgspec.Struct, frozen=True):
    """An image that is shown with the result: one with findings, a film, or the middle of a CT with nothing marked.

    `score_map` is what the network saw on it (of a CT: on the nearest slice it looked at); None if it was not kept.
    """

    sop_instance_uid: str
    instance_number: int | None = None
    score_map: ScoreMap | None = None


class StudyTold(msgspec.Struct, frozen=True, kw_only=True):
    """One study. No findings means nothing unless `state` is reported or sent, and even then it is not "normal"."""

    study_uid: str
    state: State
    series: tuple[SeriesTold, ...]
    quality: tuple[Reason, ...]
    model: ModelRef | None
    findings: tuple[Finding, ...]
    images: tuple[ImageTold, ...] = ()
    key_images: tuple[KeyImage, ...] = ()  # in the order of the captures; empty in results of earlier versions


def read_by(study: StudyTold) -> str:
    """Name, version and digest of the model that read it, empty if none did; then that of the ratings beside, if any.

    Of the second the first letters of its digest, so that both fit into a row: another rating makes another result.
    """
    if study.model is None:
        return ""
    raters = dict.fromkeys(one.malignancy.model for one in study.findings if one.malignancy)
    beside = [f"{one.name} {one.version} {one.digest.removeprefix('sha256:')[:12]}" for one in raters]
    return " + ".join([f"{study.model.name} {study.model.version} {study.model.digest}", *beside])


def in_language(study: StudyTold, lang: Literal["zh", "en"]) -> StudyTold:
    """The same with each series' `reason` in `lang`."""
    series = tuple(
        msgspec.structs.replace(one, reason=getattr(one.reasons[0], lang) if one.reasons else "")
        for one in study.series
    )
    return msgspec.structs.replace(study, series=series)
