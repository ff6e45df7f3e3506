"""One study read: choose, detect, and place what was found in the patient."""

import math
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from cdss.models.finding import Box, Nodule, VolumeReading
from cdss.models.score_map import ScoreMap
from cdss.serving.pacs.detect import Detector, ModelRef
from cdss.serving.pacs.rating import ratings, remarks
from cdss.serving.pacs.reasons import Reason, Unreadable, reason
from cdss.serving.pacs.result import (
    KEY_IMAGES,
    Finding,
    ImageTold,
    KeyImage,
    Malignancy,
    SeriesTold,
    State,
    StudyTold,
)
from cdss.serving.pacs.series.choice import Choice, Series, choose
from cdss.serving.pacs.series.ct import Volume
from cdss.serving.pacs.series.file import File

MAP_MM = 2.0  # how far from a slice its score map may have been taken: the net looks about every so often


class Read(msgspec.Struct, frozen=True):
    """What a detector said of the chosen images."""

    model: ModelRef | None
    findings: tuple[Finding, ...]
    images: tuple[ImageTold, ...] = ()
    faults: tuple[Reason, ...] = ()
    key_images: tuple[KeyImage, ...] = ()


def read_study(study_uid: str, files: Sequence[File], detector: Detector, notes: Sequence[Reason] = ()) -> StudyTold:
    """Read the files of one study; `notes` were made on receiving them. Raises Unavailable, never for bad images."""
    if len({file.about.patient for file in files}) > 1:
        return _told(study_uid, "failed", (), (reason("mixed_patients"), *notes))
    choice = choose(files)
    if choice.task is None:
        return _told(study_uid, _refused(choice), choice.series, (*choice.refusals, *notes))
    try:
        read = _volume(choice.volume, detector) if choice.volume else _films(choice.films, detector)
    except Unreadable as e:
        state: State = "not-applicable" if e.reason.kind == "scope" else "failed"
        return _told(study_uid, state, choice.series, (e.reason, *choice.notes, *notes))
    silence = () if read.findings else (reason("nothing_marked"),)
    quality = (*read.faults, *choice.notes, *notes, *silence, reason("not_a_device"))
    return _told(study_uid, "reported", choice.series, quality, read)


def unavailable(study_uid: str, notes: Sequence[Reason] = ()) -> StudyTold:
    """What is said while no model answers."""
    return _told(study_uid, "failed", (), (reason("ai_unavailable"), *notes))


def _told(
    study_uid: str, state: State, series: Sequence[Series], quality: Sequence[Reason], read: Read | None = None
) -> StudyTold:
    read = read or Read(None, ())
    return StudyTold(
        study_uid=study_uid,
        state=state,
        series=tuple(SeriesTold(one.series_uid, one.chosen, one.reasons[0].zh, one.reasons) for one in series),
        quality=tuple(dict.fromkeys(quality)),
        model=read.model,
        findings=_numbered(read.findings),
        images=read.images,
        key_images=read.key_images,
    )


def _numbered(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Best first, numbered from 1."""
    ordered = sorted(findings, key=lambda finding: -finding.score)
    return tuple(msgspec.structs.replace(finding, id=str(number)) for number, finding in enumerate(ordered, 1))


def _refused(choice: Choice) -> State:
    """Failed if some series would have been in scope but for a defect, else not applicable."""
    kinds = [{why.kind for why in series.reasons} for series in choice.series]
    return "failed" if any("defect" in kind and "scope" not in kind for kind in kinds) else "not-applicable"


def _volume(volume: Volume, detector: Detector) -> Read:
    answer = detector.volume([file.path for file in volume.files], volume.grid.spacing)
    findings = tuple(
        _nodule(nodule, volume, rating) for nodule, rating in zip(answer.reading.findings, ratings(answer), strict=True)
    )
    places = {file.about.sop_uid: place for place, file in enumerate(volume.files)}
    shown = _shown(findings, [] if findings else [volume.files[len(volume.files) // 2].about.sop_uid])
    key_images = [
        _key_image(volume.files[places[uid]], _near(answer.reading.maps, places[uid], volume)) for uid in shown
    ]
    told = (*_coverage(answer.reading, volume), *remarks(answer))
    return Read(answer.model, findings, (), told, tuple(key_images))


def _coverage(read: VolumeReading, volume: Volume) -> Iterator[Reason]:
    """Lungs that the scan does not show whole: said, since nothing was looked for there."""
    last = len(volume.files) - 1
    ends = sorted((volume.grid.to_patient((end, 0, 0))[2], cut) for end, cut in zip((0, last), read.cut, strict=True))
    for (_, cut), (zh, en) in zip(ends, (("最低层", "lowest"), ("最高层", "highest")), strict=True):
        if cut:
            yield reason("lungs_cut", zh=zh, en=en)
    if read.one_sided:
        yield reason("one_lung")


def _shown(findings: Sequence[Finding], others: Iterable[str]) -> list[str]:
    """The images to show, by SOP Instance UID: those of the best findings, then `others`."""
    best = sorted(findings, key=lambda finding: -finding.score)
    return list(dict.fromkeys([*(finding.sop_instance_uid for finding in best), *others]))[:KEY_IMAGES]


def _key_image(file: File, scores: ScoreMap | None) -> KeyImage:
    return KeyImage(file.about.sop_uid, file.about.number, scores)


def _near(maps: Sequence[ScoreMap], place: int, volume: Volume) -> ScoreMap | None:
    """The map of the slice nearest to slice number `place`; None if there is none within MAP_MM."""
    slices = {one.slice: one for one in maps if one.slice is not None}
    nearest = min(slices, key=lambda slice_: abs(slice_ - place), default=None)
    if nearest is None or abs(nearest - place) * volume.grid.spacing[0] > MAP_MM:
        return None
    return slices[nearest]


def _nodule(nodule: Nodule, volume: Volume, malignancy: Malignancy | None) -> Finding:
    """The nodule on the slice nearest its centre, boxed by its diameter."""
    height, row, column = nodule.centre
    file = volume.files[min(max(round(height), 0), len(volume.files) - 1)]
    _, row_mm, column_mm = volume.grid.spacing
    down, along = nodule.diameter_mm / 2 / row_mm, nodule.diameter_mm / 2 / column_mm
    x, y, z = volume.grid.to_patient(nodule.centre)
    return Finding(
        kind="lung_nodule",
        score=round(nodule.score, 4),
        position_mm=(round(x, 2), round(y, 2), round(z, 2)),
        diameter_mm=round(nodule.diameter_mm, 1),
        measured=nodule.measured,
        long_mm=_rounded(nodule.long_mm, 1),
        short_mm=_rounded(nodule.short_mm, 1),
        volume_mm3=_rounded(nodule.volume_mm3, 0),
        attenuation=nodule.attenuation,
        malignancy=malignancy,
        sop_instance_uid=file.about.sop_uid,
        box_px=_inside((column - along, row - down, column + along, row + down), file),
        series_uid=file.about.series_uid,
        instance_number=file.about.number,
    )


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)


def _films(films: Sequence[File], detector: Detector) -> Read:
    """Every film on its own; one that cannot be read is told and does not stop the others. Unreadable if none can:
    with a fault of a film that is in scope, if there is one, since the study is not out of scope then.
    """
    model, findings, images, faults, seen = None, [], [], [], {}
    for film in films:
        try:
            answer = detector.film(film.path)
        except Unreadable as e:
            faults.append(e.reason)
            continue
        model = answer.model
        images.append(ImageTold(film.about.sop_uid, round(answer.reading.probability, 4)))
        seen[film.about.sop_uid] = _key_image(film, answer.reading.map)
        findings += [_fracture(box, film) for box in answer.reading.findings]
        if answer.reading.missing > 0:
            faults.append(reason("film_cut_short", share=math.ceil(100 * answer.reading.missing)))
    if model is None:
        raise Unreadable(next((why for why in faults if why.kind != "scope"), faults[0]))
    key_images = tuple(seen[uid] for uid in _shown(findings, seen))
    return Read(model, tuple(findings), tuple(images), tuple(faults), key_images)


def _fracture(box: Box, film: File) -> Finding:
    return Finding(
        kind="fracture",
        score=round(box.score, 4),
        position_mm=None,
        diameter_mm=None,
        sop_instance_uid=film.about.sop_uid,
        box_px=_inside(box.box, film),
        series_uid=film.about.series_uid,
        instance_number=film.about.number,
    )


def _inside(box: tuple[float, float, float, float], file: File) -> tuple[float, float, float, float]:
    """The box cut at the image's edge, to a tenth of a pixel."""
    x0, x1 = (round(min(max(value, 0.0), float(file.about.columns)), 1) for value in (box[0], box[2]))
    y0, y1 = (round(min(max(value, 0.0), float(file.about.rows)), 1) for value in (box[1], box[3]))
    return x0, y0, x1, y1
