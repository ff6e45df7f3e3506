"""Who was imaged, when, and what of: read from the images when it is shown. The database holds no patient data."""

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

import msgspec
import sqlalchemy as sa
from pydicom.dataset import Dataset
from pydicom.valuerep import PersonName

from cdss.serving.pacs.decode import header
from cdss.serving.pacs.intake.store import Store
from cdss.serving.pacs.reasons import Unreadable
from cdss.serving.pacs.tables import instance


class Subject(msgspec.Struct, frozen=True):
    """What one image says of its patient and study; empty text where it does not. Dates as YYYY-MM-DD."""

    patient_id: str = ""
    name: str = ""
    birth_date: str = ""
    sex: str = ""  # DICOM: M, F, O
    study_date: str = ""
    modality: str = ""
    body_part: str = ""
    accession: str = ""


def of(engine: sa.Engine, store: Store, study_uids: Iterable[str]) -> dict[str, Subject]:
    """The subject of each study, as its largest image tells it; empty where nothing can be read."""
    place = sa.func.row_number().over(
        partition_by=instance.c.study_uid, order_by=(instance.c.size.desc(), instance.c.sop_uid)
    )
    ranked = (
        sa.select(instance.c.study_uid, instance.c.sha256, place.label("place"))
        .where(instance.c.study_uid.in_(list(study_uids)), instance.c.current)
        .subquery()
    )
    with engine.connect() as connection:
        rows = connection.execute(sa.select(ranked.c.study_uid, ranked.c.sha256).where(ranked.c.place == 1)).all()
    return {study_uid: read(store.path(digest)) for study_uid, digest in rows}


def read(path: Path) -> Subject:
    """The subject of a stored file; empty if it cannot be read now."""
    try:
        return _subject(path)
    except (Unreadable, OSError, ValueError):
        return Subject()


@lru_cache(maxsize=4096)
def _subject(path: Path) -> Subject:
    """Stored files never change, so what was read is kept; that one could not be read is not."""
    dataset, _, _ = header.opened(path)
    return Subject(
        patient_id=_text(dataset, "PatientID"),
        name=_name(dataset.get("PatientName")),
        birth_date=_day(_text(dataset, "PatientBirthDate")),
        sex=_text(dataset, "PatientSex"),
        study_date=_day(_text(dataset, "StudyDate")),
        modality=_text(dataset, "Modality"),
        body_part=_text(dataset, "BodyPartExamined"),
        accession=_text(dataset, "AccessionNumber"),
    )


def _text(dataset: Dataset, keyword: str) -> str:
    value = dataset.get(keyword)
    return "" if value is None else str(value).strip("\0 ")


def _name(value: PersonName | str | None) -> str:
    """The name as it is written on the ward: ideographs where there are any (PS3.5 section 6.2.1)."""
    if not isinstance(value, PersonName):
        return str(value or "").strip()
    if value.ideographic:
        return str(value.ideographic).replace("^", "").strip()
    return " ".join(part for part in value.alphabetic.split("^") if part)


def _day(text: str) -> str:
    return f"{text[:4]}-{text[4:6]}-{text[6:]}" if len(text) == 8 and text.isdigit() else text
