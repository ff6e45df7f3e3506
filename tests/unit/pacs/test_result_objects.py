"""The report and the captures that go to the PACS. dciodvfy and dsrdump look at them in tests/interop."""

from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset

from cdss.models.finding import Box, Nodule
from cdss.serving.pacs.decode import header
from cdss.serving.pacs.objects.capture import captures
from cdss.serving.pacs.objects.report import report
from cdss.serving.pacs.objects.request import Request
from cdss.serving.pacs.reading import read_study
from cdss.serving.pacs.series.file import File
from cdss.serving.platform.demo.chest_ct import PhantomNodule

MADE = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)
Phantom = tuple[Path, list[PhantomNodule]]


@pytest.fixture(scope="module")
def files(phantom: Phantom) -> list[File]:
    return [File(path, header.read(path)) for path in sorted(phantom[0].glob("*.dcm"))]


def request_of(files: list[File], detector: Any) -> Request:
    told = read_study(files[0].about.study_uid, files, detector)
    return Request("study/manifest/model", told, tuple(files), MADE)


def items(dataset: Dataset, meaning: str) -> list[Dataset]:
    """All content items under the concept named `meaning`, anywhere in the tree."""
    found = []
    for item in dataset.get("ContentSequence", []):
        name = item.get("ConceptNameCodeSequence")
        if name and name[0].CodeMeaning == meaning:
            found.append(item)
        found += items(item, meaning)
    return found


@pytest.fixture
def nodule_report(files: list[File], stand_in: Any) -> Dataset:
    return report(request_of(files, stand_in(Nodule(0.875, (12, 200, 150), 7.0))))


def test_the_report_is_preliminary_and_unverified(nodule_report: Dataset) -> None:
    assert nodule_report.SOPClassUID.name == "Comprehensive 3D SR Storage"
    assert (nodule_report.PreliminaryFlag, nodule_report.VerificationFlag) == ("PRELIMINARY", "UNVERIFIED")
    assert nodule_report.ContentTemplateSequence[0].TemplateIdentifier == "1500"


def test_it_names_the_model_its_version_and_digest(nodule_report: Dataset) -> None:
    assert items(nodule_report, "Algorithm Name")[0].TextValue == "stand-in"
    assert items(nodule_report, "Algorithm Version")[0].TextValue == "1.0.0"
    assert items(nodule_report, "Algorithm Parameters")[0].TextValue == "sha256:" + "0" * 64


def test_a_nodule_is_a_circle_of_its_diameter_around_its_centre_in_patient_millimetres(nodule_report: Dataset) -> None:
    (region,) = items(nodule_report, "Image Region")
    points = np.reshape(region.GraphicData, (-1, 3))
    corner = -(512 - 1) / 2 * 0.7
    centre = (corner + 150 * 0.7, corner + 200 * 0.7)
    assert region.GraphicType == "POLYGON"
    np.testing.assert_allclose(np.hypot(*(points[:, :2] - centre).T), 3.5, atol=0.02)
    assert items(nodule_report, "Diameter")[0].MeasuredValueSequence[0].NumericValue == 7
    assert items(nodule_report, "Certainty of Finding")[0].MeasuredValueSequence[0].NumericValue == 87.5


def derivation(report: Dataset, meaning: str) -> str:
    """How a measurement came about, as the report codes it."""
    (how,) = items(items(report, meaning)[0], "Derivation")
    return str(how.ConceptCodeSequence[0].CodeMeaning)


def test_a_diameter_that_was_not_measured_is_called_estimated(nodule_report: Dataset) -> None:
    assert derivation(nodule_report, "Diameter") == "Estimated"
    assert items(nodule_report, "Long axis") == items(nodule_report, "Volume") == []


def test_a_measured_nodule_has_axes_their_mean_volume_and_attenuation(files: list[File], stand_in: Any) -> None:
    size = {"measured": True, "long_mm": 8.04, "short_mm": 6.0, "volume_mm3": 201.4, "attenuation": "part-solid"}
    made = report(request_of(files, stand_in(Nodule(0.9, (12, 200, 150), 7.02, **size))))
    sizes = {
        name: (one.MeasuredValueSequence[0].NumericValue, one.MeasuredValueSequence[0].MeasurementUnitsCodeSequence[0])
        for name in ("Diameter", "Long axis", "Short axis", "Volume")
        for one in items(made, name)
    }
    assert {name: (float(value), unit.CodeValue) for name, (value, unit) in sizes.items()} == {
        "Diameter": (7.0, "mm"), "Long axis": (8.0, "mm"), "Short axis": (6.0, "mm"), "Volume": (201.0, "mm3"),
    }  # fmt: skip
    assert derivation(made, "Diameter") == "Mean"
    remarks = [item.TextValue for item in items(made, "Comment")]
    assert {"密度：部分实性（由 HU 测得）", "Attenuation: part-solid (by its HU)"} <= set(remarks)


def test_it_says_in_both_languages_what_it_is_not(nodule_report: Dataset) -> None:
    remarks = [item.TextValue for item in items(nodule_report, "Comment")]
    assert "决策辅助，非已注册医疗器械；须由医生确认。" in remarks
    assert "Decision support, not a cleared medical device; to be confirmed by a physician." in remarks


def test_the_same_request_makes_the_same_report(files: list[File], stand_in: Any) -> None:
    first, second = (BytesIO(), BytesIO())
    for target in (first, second):
        made = report(request_of(files, stand_in(Nodule(0.9, (12, 200, 150), 7.0))))
        pydicom.dcmwrite(target, made, enforce_file_format=True)
    assert first.getvalue() == second.getvalue()


def test_a_study_with_nothing_marked_has_a_report_that_says_so(files: list[File], stand_in: Any) -> None:
    made = report(request_of(files, stand_in()))
    assert any("not a normal report" in item.TextValue for item in items(made, "Comment"))
    assert items(made, "Finding") == []


def film_request(path: Path, stand_in: Any) -> Request:
    return request_of([File(path, header.read(path))], stand_in(boxes=[Box(0.7, (10, 20, 30, 40))]))


def test_a_fracture_is_a_box_in_pixels_of_its_film(
    make_image: Callable[..., Path], tmp_path: Path, stand_in: Any
) -> None:
    path = make_image(tmp_path / "film.dcm", Laterality="L")
    made = report(film_request(path, stand_in))
    (region,) = items(made, "Image Region")
    assert region.GraphicType == "POLYLINE"
    assert region.GraphicData == [10, 20, 30, 20, 30, 40, 10, 40, 10, 20]
    assert region.ContentSequence[0].ReferencedSOPSequence[0].ReferencedSOPInstanceUID == header.read(path).sop_uid
    assert items(made, "Finding Site")[0].ConceptCodeSequence[0].CodeMeaning == "Hand"
    assert made.Laterality == "L"


@pytest.mark.parametrize(
    ("charset", "name"), [("GB18030", "王^小东"), ("ISO_IR 192", "王^小东"), ("ISO_IR 100", "Müller")]
)
def test_names_in_any_character_set_arrive_whole(
    charset: str, name: str, make_image: Callable[..., Path], tmp_path: Path, stand_in: Any
) -> None:
    path = make_image(tmp_path / "film.dcm", SpecificCharacterSet=charset, PatientName=name)
    request = film_request(path, stand_in)
    for number, made in enumerate((report(request), *captures(request))):
        pydicom.dcmwrite(tmp_path / f"{number}.dcm", made, enforce_file_format=True)
        assert str(pydicom.dcmread(tmp_path / f"{number}.dcm").PatientName) == name


def test_gaps_in_the_source_do_not_stop_the_report(
    make_image: Callable[..., Path], tmp_path: Path, stand_in: Any
) -> None:
    path = make_image(tmp_path / "film.dcm", PatientSex="X", PatientBirthDate=None, PatientName=None, PatientID=None)
    assert report(film_request(path, stand_in)).PatientID == ""


def test_a_capture_shows_box_and_notice_and_belongs_to_the_patient(files: list[File], stand_in: Any) -> None:
    request = request_of(files, stand_in(Nodule(0.9, (12, 200, 150), 7.0), Nodule(0.5, (14, 300, 300), 5.0)))
    made = list(captures(request))
    pixels = made[0].pixel_array
    assert (len(made), made[0].PhotometricInterpretation, made[0].BurnedInAnnotation) == (2, "RGB", "YES")
    assert made[0].PatientID == "DEMO-CT"
    yellow = (pixels == (255, 210, 0)).all(axis=-1)
    rows, columns = np.nonzero(yellow[:512])
    assert rows.min() < 195 < 205 < rows.max()
    assert columns.min() < 145 < 155 < columns.max()
    strip = pixels[512:]
    assert (strip.max(axis=-1) > 200).sum() > 500  # white words on black paper
    assert not yellow[512:].any()


def test_a_study_with_nothing_marked_has_one_capture(files: list[File], stand_in: Any) -> None:
    assert len(list(captures(request_of(files, stand_in())))) == 1


def test_captures_are_limited_to_the_best(files: list[File], stand_in: Any) -> None:
    many = [Nodule(0.9 - n / 100, (n, 200, 150), 5.0) for n in range(12)]
    assert len(list(captures(request_of(files, stand_in(*many))))) == 8
