"""What a DICOM header says of one instance, read without touching its pixels."""

import logging
import re
import warnings
from pathlib import Path
from typing import Any, BinaryIO, cast

import msgspec
import pydicom
from pydicom.dataset import Dataset
from pydicom.filereader import read_dataset
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian, ImplicitVRLittleEndian

from cdss.serving.pacs.decode import bounds, meta
from cdss.serving.pacs.reasons import Unreadable, refuse

# Devices bend the rules; what is used is checked here, and what pydicom has to say may quote the patient.
pydicom.config.settings.reading_validation_mode = pydicom.config.IGNORE
logging.getLogger("pydicom").setLevel(logging.CRITICAL)

OFFSETS = 0x7FE00001  # extended offset table: stands in front of compressed pixel data
PIXELS = frozenset((OFFSETS, 0x7FE00008, 0x7FE00009, 0x7FE00010))
UNDEFINED = 0xFFFFFFFF
SERIES = 0x0020000E  # Series Instance UID, the last tag of an identity
UID = re.compile(r"(?=.{1,64}$)[0-9]+(\.[0-9]+)*")  # PS3.5 section 9.1; leading zeros of old devices let through
OWN = "Wangdi CDSS"  # Manufacturer of what this product makes
PLACES = ("BodyPartExamined", "ProtocolName", "SeriesDescription", "StudyDescription", "RequestedProcedureDescription")


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """Who an instance is, without what it shows: for keeping, not for reading."""

    sop_uid: str
    sop_class: str
    study_uid: str
    series_uid: str
    own: bool


class Instance(Identity, frozen=True, kw_only=True):
    """One SOP instance. Empty text, 0 and None mean that the header does not say. Lengths in mm, patient axes LPS."""

    syntax: str
    modality: str
    patient: tuple[str, str]  # id and birth date: compared, never shown
    image_type: tuple[str, ...]
    places: tuple[str, ...]  # texts that may name the body part, the most reliable first
    rows: int
    columns: int
    frames: int
    bits: int  # stored
    photometric: str
    position: tuple[float, ...] | None  # x, y, z of the first pixel's centre
    orientation: tuple[float, ...] | None  # direction along a row (x, y, z), then down a column
    spacing: tuple[float, ...] | None  # between rows, between columns
    thickness: float | None
    kernel: str
    lossy: bool
    number: int | None = None  # Instance Number: by which viewers name an image of a series


def read(path: Path) -> Instance:
    """The header of the file at `path`. Unreadable says why it cannot be used, or that its pixels are cut short."""
    dataset, syntax, rest = opened(path)
    instance: Instance = _guarded(_instance, dataset, syntax)
    if instance.rows:
        _guarded(_check_pixels, dataset, instance, rest)
    return instance


def identity(path: Path) -> Identity:
    """The identity of the file at `path`, reading no further than it stands. Raises Unreadable."""
    dataset, _, _ = opened(path, last=SERIES)
    found: Identity = _guarded(_identity, dataset)
    return found


def opened(path: Path, last: int | None = None) -> tuple[Dataset, str, "Rest"]:
    """The data set in front of the pixel data, its transfer syntax, and what follows. Raises Unreadable.

    With `last` no element behind that tag is read.
    """
    size = path.stat().st_size
    if size == 0:
        raise refuse("empty_file")
    with path.open("rb") as file:
        about = meta.read(file)
        deflated = about.syntax == DeflatedExplicitVRLittleEndian
        source = bounds.inflated_header(file) if deflated else cast(BinaryIO, bounds.Window(file))
        implicit, stop = about.syntax == ImplicitVRLittleEndian, Stop(last)
        little = about.syntax != ExplicitVRBigEndian
        dataset = _guarded(read_dataset, source, implicit, little, stop_when=stop)
        there = None if deflated else size - source.tell() - (8 if implicit else 12)  # without the element's head
        return dataset, about.syntax, Rest(stop.length, there, size)


class Stop:
    """Tells pydicom to stop in front of the pixel data, and remembers the length that its element declares."""

    def __init__(self, last: int | None) -> None:
        self.last = last
        self.length: int | None = None

    def __call__(self, tag: int, _vr: str | None, length: int) -> bool:
        """True at the pixel data, and behind the last tag that is wanted."""
        if tag in PIXELS:
            self.length = UNDEFINED if tag == OFFSETS else length
        return tag in PIXELS or (self.last is not None and tag > self.last)


class Rest(msgspec.Struct, frozen=True):
    """Bytes behind the header: `declared` None if there is no pixel data, `there` None if it is deflated."""

    declared: int | None
    there: int | None
    file: int


def _guarded(function: Any, *arguments: Any, **named: Any) -> Any:
    """Whatever the parser raises on a hostile or broken header becomes one typed error; faults of the disk do not."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return function(*arguments, **named)
    except Unreadable:
        raise
    except Exception as e:
        if isinstance(e, OSError) and e.errno:
            raise
        raise refuse("header_invalid", fault=type(e).__name__) from e


def _check_pixels(dataset: Dataset, instance: Instance, rest: Rest) -> None:
    bits = int(dataset.get("BitsAllocated") or 16) * max(1, int(dataset.get("SamplesPerPixel") or 1))
    needed = bounds.check_pixels(instance.rows, instance.columns, instance.frames, bits, rest.file)
    if instance.photometric.endswith(("_422", "_420")):
        needed = needed * 2 // 3 if instance.photometric.endswith("_422") else needed // 2
    if rest.declared is None:
        raise refuse("truncated", expected=needed, found=0)
    there = rest.declared if rest.there is None else min(rest.declared, rest.there)
    if rest.declared != UNDEFINED and there < needed:
        raise refuse("truncated", expected=needed, found=there)


def _identity(dataset: Dataset) -> Identity:
    return Identity(
        sop_uid=_uid(dataset, "SOPInstanceUID"),
        sop_class=_uid(dataset, "SOPClassUID"),
        study_uid=_uid(dataset, "StudyInstanceUID"),
        series_uid=_uid(dataset, "SeriesInstanceUID"),
        own=_text(dataset, "Manufacturer") == OWN,
    )


def _instance(dataset: Dataset, syntax: str) -> Instance:
    return Instance(
        **msgspec.structs.asdict(_identity(dataset)),
        syntax=syntax,
        modality=_text(dataset, "Modality"),
        patient=(_text(dataset, "PatientID"), _text(dataset, "PatientBirthDate")),
        image_type=_texts(dataset, "ImageType"),
        places=tuple(text for text in (_region(dataset), *(_text(dataset, name) for name in PLACES)) if text),
        rows=int(dataset.get("Rows") or 0),
        columns=int(dataset.get("Columns") or 0),
        frames=int(dataset.get("NumberOfFrames") or 1),
        bits=int(dataset.get("BitsStored") or 0),
        photometric=_text(dataset, "PhotometricInterpretation"),
        position=_numbers(dataset, "ImagePositionPatient", 3),
        orientation=_numbers(dataset, "ImageOrientationPatient", 6),
        spacing=_numbers(dataset, "PixelSpacing", 2) or _numbers(dataset, "ImagerPixelSpacing", 2),
        thickness=(_numbers(dataset, "SliceThickness", 1) or (None,))[0],
        kernel=" ".join(_texts(dataset, "ConvolutionKernel")),
        lossy=_text(dataset, "LossyImageCompression") == "01",
        number=_whole(dataset, "InstanceNumber"),
    )


def _uid(dataset: Dataset, name: str) -> str:
    value = _text(dataset, name)
    if not value:
        raise refuse("attribute_missing", names=name)
    if not UID.fullmatch(value):
        raise refuse("uid_invalid", name=name)
    return value


def _text(dataset: Dataset, name: str) -> str:
    value = dataset.get(name)
    return "" if value is None else str(value).strip("\0 ")


def _texts(dataset: Dataset, name: str) -> tuple[str, ...]:
    value = dataset.get(name)
    if not value:
        return ()
    return tuple(str(item).strip() for item in ([value] if isinstance(value, str) else value))


def _numbers(dataset: Dataset, name: str, count: int) -> tuple[float, ...] | None:
    """`count` finite numbers; None if the header has them not, or has something else there."""
    try:
        value = dataset.get(name)
        found = tuple(float(item) for item in (value if count > 1 else [value]))
    except (TypeError, ValueError, OverflowError):
        return None
    return found if len(found) == count and all(abs(item) < 1e6 for item in found) else None


def _whole(dataset: Dataset, name: str) -> int | None:
    """A whole number; None if the header has it not, or has something else there."""
    found = _numbers(dataset, name, 1)
    return int(found[0]) if found else None


def _region(dataset: Dataset) -> str:
    """The meaning of the coded anatomic region, where a device gives one (PS3.3 section 10.5)."""
    regions = dataset.get("AnatomicRegionSequence") or []
    return _text(regions[0], "CodeMeaning") if len(regions) else ""
