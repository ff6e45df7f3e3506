"""The headers that result objects take the patient and study from, made complete where devices leave gaps."""

import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID, uuid5

import pydicom
from pydicom.dataset import Dataset
from pydicom.uid import UID

from cdss.serving.pacs.decode import header
from cdss.serving.pacs.objects.request import Request

NAMESPACE = UUID("0c9f2f64-2f0e-4a6e-9a53-1d2f3c6b7a80")
TYPE_2 = (  # PS3.3 sections C.7.1.1 and C.7.2.1: must be present, may be empty
    "PatientID", "PatientName", "PatientBirthDate", "PatientSex", "AccessionNumber", "StudyID", "StudyDate",
    "StudyTime", "ReferringPhysicianName",
)  # fmt: skip
UNPAIRED = frozenset(("PELVIS",))  # of the parts that are read on films
SEXES = frozenset(("M", "F", "O", ""))


def uid(*names: str) -> UID:
    """A UID that is always the same for the same names (PS3.5 section B.2), so that a repeated result is the same."""
    return UID(f"2.25.{uuid5(NAMESPACE, '/'.join(names)).int}")


def headers(paths: Iterable[Path]) -> list[Dataset]:
    """The data sets in front of the pixels, with every attribute a result object copies."""
    return [_complete(header.opened(path)[0]) for path in paths]


def _complete(dataset: Dataset) -> Dataset:
    for keyword in TYPE_2:
        if keyword not in dataset:
            setattr(dataset, keyword, "")
    if dataset.PatientSex not in SEXES:
        dataset.PatientSex = ""
    return dataset


@contextmanager
def unquoted() -> Iterator[None]:
    """Silences warnings of the libraries while objects are made: they quote the patient's name."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def side(dataset: Dataset) -> str:
    """`L`, `R` or empty: which side the header says the image shows."""
    said = str(dataset.get("ImageLaterality") or dataset.get("Laterality") or "").strip().upper()
    return said if said in ("L", "R") else ""


def stamp(dataset: Dataset, request: Request, source: Dataset, *clocks: str) -> None:
    """What every result object says of itself; the result's own time replaces that of the clock, so that it repeats.

    Laterality belongs to series of paired parts only (PS3.3 section C.7.3.1): to films of limbs, not to a chest CT.
    """
    for clock in clocks:
        setattr(dataset, f"{clock}Date", request.made.strftime("%Y%m%d"))
        setattr(dataset, f"{clock}Time", request.made.strftime("%H%M%S"))
    for equipment in dataset.get("ContributingEquipmentSequence", []):
        equipment.ContributionDateTime = request.made.strftime("%Y%m%d%H%M%S")
    dataset.ManufacturerModelName = request.model_name
    dataset.SoftwareVersions = request.told.model.digest.removeprefix("sha256:")[:64] if request.told.model else ""
    if source.Modality != "CT" and source.get("BodyPartExamined") not in UNPAIRED:
        dataset.Laterality = side(source)


def save(dataset: Dataset, path: Path) -> None:
    """Write a DICOM file (PS3.10)."""
    pydicom.dcmwrite(path, dataset, enforce_file_format=True)
