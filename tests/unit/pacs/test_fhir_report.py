"""Results as FHIR R4, checked against the full models."""

import warnings
from typing import Any

import pytest
from msgspec.structs import replace

from cdss.serving.pacs.detect import ModelRef
from cdss.serving.pacs.fhir import bundle, report
from cdss.serving.pacs.flow.books import Result
from cdss.serving.pacs.reasons import reason
from cdss.serving.pacs.result import Finding, StudyTold
from cdss.serving.pacs.subject import Subject

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # fhir.resources uses what pydantic will remove
    from fhir.resources.R4B.bundle import Bundle
    from fhir.resources.R4B.diagnosticreport import DiagnosticReport


def result(*findings: Finding) -> Result:
    told = StudyTold(
        study_uid="1.2.3", state="reported", series=(), quality=(reason("not_a_device"),),
        model=ModelRef("lung_nodule", "1.0.0", "sha256:0"), findings=findings,
    )  # fmt: skip
    return Result(
        "0b9f1c1e-0000-4000-8000-000000000000", "m", "lung_nodule 1.0.0", "2026-01-05T09:30:00.000+00:00", told
    )


NODULE = Finding(
    id="1", kind="lung_nodule", score=0.875, position_mm=(-10.0, 20.5, 30.0), diameter_mm=7.0,
    sop_instance_uid="1.2.3.4", box_px=(1, 2, 3, 4), series_uid="1.2.3.1",
)  # fmt: skip


def valid(body: dict[str, Any], kind: Any) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return kind.model_validate(body)


def test_a_report_is_valid_and_preliminary() -> None:
    one = valid(report(result(NODULE), Subject(patient_id="P1", accession="A7"), "en"), DiagnosticReport)
    assert (one.status, one.subject.identifier.value, one.basedOn[0].identifier.value) == ("preliminary", "P1", "A7")
    (found,) = one.contained
    assert (found.status, found.code.coding[0].code) == ("preliminary", "427359005")
    assert [(float(part.valueQuantity.value), part.valueQuantity.code) for part in found.component] == [
        (87.5, "%"),
        (7, "mm"),
    ]
    assert [note.text for note in found.note] == [
        "LPS mm -10, 20.5, 30",
        "7 mm: 网络估计，未能测量; the network's estimate, not measured",
    ]


def test_a_measured_nodule_has_its_axes_volume_and_attenuation() -> None:
    axes = {"measured": True, "long_mm": 8.0, "short_mm": 6.0, "volume_mm3": 201.0, "attenuation": "part-solid"}
    one = valid(report(result(replace(NODULE, **axes)), Subject(), "en"), DiagnosticReport)
    (found,) = one.contained
    parts = [part.code.coding[0].display for part in found.component if part.valueQuantity]
    assert parts == ["Certainty of Finding", "Diameter", "Long axis", "Short axis", "Volume"]
    assert [part.valueString for part in found.component if part.valueString] == ["part-solid"]
    assert [note.text for note in found.note] == ["LPS mm -10, 20.5, 30"]


@pytest.mark.parametrize(("lang", "words"), [("zh", "非已注册医疗器械"), ("en", "not a cleared medical device")])
def test_the_conclusion_says_what_it_is_not(lang: Any, words: str) -> None:
    assert words in report(result(), Subject(), lang)["conclusion"]


def test_without_findings_or_patient_it_is_still_valid() -> None:
    one = valid(report(result(), Subject(), "zh"), DiagnosticReport)
    assert one.result is None
    assert one.subject is None


def test_a_search_gives_a_valid_bundle() -> None:
    one = valid(bundle([report(result(NODULE), Subject(), "en")], 1), Bundle)
    assert (one.type, one.total, len(one.entry)) == ("searchset", 1, 1)
    assert valid(bundle([], 0), Bundle).total == 0
