"""Whose study it is, as its images tell it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from cdss.serving.pacs.subject import Subject, read

Make = Callable[..., Path]
NAMES = [
    ("Chinese in GB18030", {"SpecificCharacterSet": "GB18030", "PatientName": "ZHANG^SAN=张^三"}, "张三"),
    ("Chinese in UTF-8", {"SpecificCharacterSet": "ISO_IR 192", "PatientName": "张三"}, "张三"),
    ("family and given name", {"PatientName": "Test^One"}, "Test One"),
    ("no name", {"PatientName": None}, ""),
]


@pytest.mark.parametrize(("what", "told", "name"), NAMES, ids=[row[0] for row in NAMES])
def test_names_are_written_as_on_the_ward(
    what: str, told: dict[str, object], name: str, make_image: Make, tmp_path: Path
) -> None:
    assert read(make_image(tmp_path / "film.dcm", **told)).name == name


def test_identifiers_and_dates(make_image: Make, tmp_path: Path) -> None:
    found = read(make_image(tmp_path / "film.dcm", StudyDate="20261120", AccessionNumber="A7"))
    assert (found.patient_id, found.birth_date, found.sex) == ("P1", "1960-01-01", "F")
    assert (found.study_date, found.modality, found.body_part, found.accession) == ("2026-11-20", "CR", "HAND", "A7")


def test_a_date_that_is_none_is_shown_as_it_is(make_image: Make, tmp_path: Path) -> None:
    assert read(make_image(tmp_path / "film.dcm", PatientBirthDate="196")).birth_date == "196"


def test_a_file_that_cannot_be_read_now_is_asked_again(make_image: Make, tmp_path: Path) -> None:
    path = tmp_path / "film.dcm"
    assert read(path) == Subject()
    make_image(path)
    assert read(path).patient_id == "P1"
