"""Secondary captures with burned-in boxes: one for each key image (PS3.3 A.8)."""

from collections.abc import Iterator

from highdicom.sc import SCImage
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRLittleEndian

from cdss.serving.pacs.decode.sandbox import Sandbox
from cdss.serving.pacs.objects.drawing import Picture
from cdss.serving.pacs.objects.evidence import TYPE_2, headers, stamp, uid, unquoted
from cdss.serving.pacs.objects.picture import drawn, pixels
from cdss.serving.pacs.objects.request import MANUFACTURER, NOTICE, Request
from cdss.serving.pacs.series.file import File

SERIES_NUMBER = 9902


def captures(request: Request) -> Iterator[Dataset]:
    """One secondary capture for each key image, best findings first."""
    files = {file.about.sop_uid: file for file in request.files}
    with Sandbox() as sandbox:
        for number, image in enumerate(request.by_image(), 1):
            file = files[image]
            yield _capture(request, file, drawn(request, image, pixels(file, sandbox)), number)


@unquoted()
def _capture(request: Request, file: File, picture: Picture, number: int) -> Dataset:
    source = headers([file.path])[0]
    dataset = SCImage(
        pixel_array=picture,
        photometric_interpretation="RGB",
        bits_allocated=8,
        coordinate_system="PATIENT",
        study_instance_uid=source.StudyInstanceUID,
        series_instance_uid=uid(request.key, "sc", "series"),
        series_number=SERIES_NUMBER,
        sop_instance_uid=uid(request.key, "sc", str(number)),
        instance_number=number,
        manufacturer=MANUFACTURER,
        patient_orientation=("L", "P"),
        transfer_syntax_uid=ExplicitVRLittleEndian,
    )
    _identify(dataset, source)
    stamp(dataset, request, source, "InstanceCreation", "Content")
    dataset.DateOfSecondaryCapture, dataset.TimeOfSecondaryCapture = dataset.ContentDate, dataset.ContentTime
    return dataset


def _identify(dataset: Dataset, source: Dataset) -> None:
    """Patient and study of the source; a capture is a picture, so it claims no orientation."""
    for keyword in (*TYPE_2, "StudyDescription", "BodyPartExamined"):
        if keyword in source:
            dataset[keyword] = source[keyword]
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.PatientOrientation = ""
    dataset.BurnedInAnnotation = "YES"
    dataset.SeriesDescription = f"AI pre-read: {NOTICE}"[:64]
