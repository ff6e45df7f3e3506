"""`cdss score` on a FHIR bulk export: a folder of NDJSON files, one resource a line."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cdss.serving.platform.cli import app
from cdss.serving.population.intake import bulk

SUBJECT = {"subject": {"reference": "Patient/p1"}}
UCUM = "http://unitsofmeasure.org"
LOINC, ICD10 = "http://loinc.org", "http://hl7.org/fhir/sid/icd-10"


def result(loinc: str, value: float, unit: str, day: str) -> dict[str, Any]:
    return {
        "resourceType": "Observation", "status": "final", "effectiveDateTime": day, **SUBJECT,
        "code": {"coding": [{"system": LOINC, "code": loinc}]},
        "valueQuantity": {"value": value, "unit": unit, "system": UCUM, "code": unit},
    }  # fmt: skip


FILES = {
    "Patient.ndjson": [
        {"resourceType": "Patient", "id": "p1", "gender": "male", "birthDate": "1960-01-01"},
        {"resourceType": "Patient", "id": "p2", "gender": "female", "birthDate": "1990-01-01"},
    ],
    "Observation.ndjson": [
        result("8480-6", 186, "mm[Hg]", "2099-01-01"),
        result("2345-7", 101, "mg/dL", "2026-11-01"),
        result("8302-2", 170, "cm", "2020-05-01"),
    ],
    "Condition.ndjson": [
        {"resourceType": "Condition", **SUBJECT, "code": {"coding": [{"system": ICD10, "code": "I10"}]}}
    ],
    "Organization.ndjson": [{"resourceType": "Organization", "id": "o1"}],
}


@pytest.fixture
def export(tmp_path: Path) -> Path:
    folder = tmp_path / "export"
    folder.mkdir()
    for name, resources in FILES.items():
        text = "".join(json.dumps(resource) + "\n" for resource in resources)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def score(path: Path) -> Any:
    result = CliRunner().invoke(app, ["score", str(path), "--lang", "en"])
    assert result.exit_code == 0, result.output
    return result


def rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(score(path).stdout)))


def test_every_patient_is_listed(export: Path) -> None:
    assert {row["id"] for row in rows(export)} == {"p1", "p2"}


def test_what_was_found_is_said(export: Path) -> None:
    assert "FHIR bulk export with Condition, Observation, Organization, Patient" in score(export).stderr


def test_a_kind_that_was_exported_is_told_of_everybody(export: Path) -> None:
    """p2 has no condition in an export with conditions, so no diabetes is known: a model may answer."""
    screen = {row["id"]: row for row in rows(export) if row["model"] == "ncdrs"}
    assert "waist_cm" in screen["p2"]["missing"]
    assert "hypertension" not in screen["p2"]["missing"]


def test_one_file_of_all_resources_is_an_export_too(export: Path, tmp_path: Path) -> None:
    together = tmp_path / "all.ndjson"
    together.write_text("".join(path.read_text(encoding="utf-8") for path in sorted(export.iterdir())), "utf-8")
    assert rows(together) == rows(export)


def test_lines_that_are_not_json_are_counted(export: Path) -> None:
    with (export / "Observation.ndjson").open("a", encoding="utf-8") as file:
        file.write("{broken\n")
    assert "1 lines are not JSON" in score(export).stderr


def test_many_buckets_give_the_same(export: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = sorted(map(str, rows(export)))
    monkeypatch.setattr(bulk, "BUCKET_BYTES", 100)
    assert sorted(map(str, rows(export))) == whole


def test_a_folder_without_ndjson_is_refused(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["score", str(tmp_path)])
    assert result.exit_code == 2
    assert "expected a FHIR bulk export" in " ".join(result.stderr.split())
