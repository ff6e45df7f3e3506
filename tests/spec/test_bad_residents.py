"""What is said of the likeliest bad resident tables: the table is refused, or the row is listed, with the reason.

A resident who cannot be scored is never dropped.
"""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient
from typer.testing import CliRunner

from cdss.serving.platform.cli import app


def run(*arguments: str | Path) -> Any:
    return CliRunner().invoke(app, ["score", *map(str, arguments), "--lang", "en"])


def scored(tmp_path: Path, text: str) -> list[dict[str, str]]:
    path = tmp_path / "residents.csv"
    path.write_text(text, encoding="utf-8")
    result = run(path)
    assert result.exit_code == 0, result.output
    return list(csv.DictReader(io.StringIO(result.stdout)))


TABLES = [
    ("an empty file", "r.csv", b"", "r.csv is empty; expected a header and a row for each resident"),
    ("a missing column", "r.csv", b"id,sex\n1,male\n", "found columns id, sex; expected also age"),
    ("UTF-16", "r.csv", "id,age,sex\n".encode("utf-16"), "r.csv is UTF-16; save it as CSV UTF-8"),
    ("a header of no encoding", "r.csv", b"id,age,sex,\xff\xff\xff\n", "the header is neither UTF-8 nor GB18030"),
    ("a text that does not end", "r.csv", b'id,age,sex\n1,"50,male\n', "the table cannot be read after row 0"),
    ("a unit nobody knows", "r.csv", b"id,age,sex,fpg[furlong]\n", "column 'fpg[furlong]': found unit 'furlong'"),
    ("a unit that cannot be", "r.csv", b"id,age,sex,sbp[mg/dL]\n", "found mg/dL (mass concentration), expected mm[Hg]"),
    ("a column twice", "r.csv", b"id,age,sex,fpg_mmol,fpg[mg/dL]\n", "found fpg_mmol twice, as 'fpg_mmol' and"),
    ("a spreadsheet", "r.xlsx", b"PK\x03\x04", "found .xlsx file ending; expected .csv, .parquet or .ndjson"),
]  # fmt: skip


@pytest.mark.parametrize(("what", "name", "content", "says"), TABLES, ids=[row[0] for row in TABLES])
def test_a_table_that_cannot_be_read_is_refused(
    tmp_path: Path, what: str, name: str, content: bytes, says: str
) -> None:
    (tmp_path / name).write_bytes(content)
    result = run(tmp_path / name)
    assert result.exit_code == 2
    assert says in " ".join(result.stderr.split())


ROWS = [
    ("mg/dL as mmol/L", "fpg_mmol", "126", "found 126.0, expected 1 to 40 mmol/L; it looks like mg/dL"),
    ("mg/dL as umol/L", "creatinine_umol", "1.1", "creatinine_umol: found 1.1, expected 15 to 2000 umol/L; it looks"),
    ("kPa as mmHg", "sbp", "17", "sbp: found 17.0, expected 50 to 270 mm[Hg]; it looks like kPa"),
    ("an impossible pressure", "sbp", "1500", "sbp: found 1500.0, expected 50 to 270 mm[Hg]"),
    ("words for a number", "bmi", "fat", "bmi: found text, expected 10 to 95 kg/m2"),
    ("an answer that is none", "smoking", "often", "smoking: expected yes or no"),
    ("a wrong date", "last_visit", "yesterday", "last_visit: expected a date YYYY-MM-DD"),
]  # fmt: skip


@pytest.mark.parametrize(("what", "column", "value", "says"), ROWS, ids=[row[0] for row in ROWS])
def test_a_bad_row_is_listed_with_the_reason_and_the_rest_go_on(
    tmp_path: Path, what: str, column: str, value: str, says: str
) -> None:
    people = [{"id": name, "age": "50", "sex": "male", "bmi": "24"} for name in ("bad", "good")]
    people[0][column], people[1][column] = value, people[1].get(column, "")
    rows = scored(tmp_path, "\n".join(",".join(line) for line in (people[0], *(p.values() for p in people))))
    bad = [row for row in rows if row["id"] == "bad"]
    assert len(bad) == 1
    assert bad[0]["reasons"].startswith("not scored: ")
    assert says in bad[0]["reasons"]
    assert any(row["probability"] for row in rows if row["id"] == "good")


def test_a_missing_age_is_said(tmp_path: Path) -> None:
    (row,) = scored(tmp_path, "id,age,sex\n1,,female\n")
    assert row["reasons"] == "not scored: age is missing"


def test_who_cannot_be_scored_is_still_called_in_an_emergency(tmp_path: Path) -> None:
    (row,) = scored(tmp_path, "id,age,sex,sbp,dbp\n1,,,190,100\n")
    assert row["reasons"] == "not scored: age is missing; sex is missing"
    assert "emergency" in row["next_action"]
    assert row["due_date"]


def test_nothing_is_concluded_from_a_row_in_doubt(tmp_path: Path) -> None:
    """A glucose of 126 mmol/L says that columns or units are mixed up: the pressure beside it is in doubt too."""
    (row,) = scored(tmp_path, "id,age,sex,sbp,dbp,fpg_mmol\n1,50,male,190,100,126\n")
    assert (row["next_action"], row["due_date"]) == ("", "")


NOT_FOR = [
    ("known diabetes", "diabetes", "yes", "diabetes is known"),
    ("a child", "age", "9", "20"),
]


@pytest.mark.parametrize(("what", "column", "value", "says"), NOT_FOR, ids=[row[0] for row in NOT_FOR])
def test_whom_a_model_is_not_for_gets_no_number(tmp_path: Path, what: str, column: str, value: str, says: str) -> None:
    resident = {"id": "1", "age": "50", "sex": "male", "bmi": "24", column: value}
    rows = scored(tmp_path, ",".join(resident) + "\n" + ",".join(resident.values()) + "\n")
    screen = next(row for row in rows if row["model"] == "diabetes_screen")
    assert (screen["probability"], screen["tier"]) == ("", "unknown")
    assert says in screen["reasons"]


def test_gb18030_is_read_and_said(tmp_path: Path) -> None:
    path = tmp_path / "residents.csv"
    path.write_bytes("id,age,sex,bmi,village\n1,50,男,24,王家村\n".encode("gb18030"))
    result = run(path)
    assert result.exit_code == 0
    assert "the file is GB18030; it was read as such" in result.stderr


def test_columns_that_are_not_read_are_named(tmp_path: Path) -> None:
    path = tmp_path / "residents.csv"
    path.write_text("id,age,sex,bmi,waist_cmm\n1,50,male,24,90\n")
    assert "columns not read: waist_cmm" in run(path).stderr


def test_a_unit_in_the_header_is_converted(tmp_path: Path) -> None:
    """100 mg/dL is 5.55 mmol/L."""
    base = "id,age,sex,bmi,sbp,dbp,{}\n1,50,male,24,120,80,{}\n"
    by_unit = scored(tmp_path, base.format("fpg[mg/dL]", 100))
    plain = scored(tmp_path, base.format("fpg_mmol", 100 / 18.016))
    assert [row["probability"] for row in by_unit] == [row["probability"] for row in plain]


API = [
    ("not residents", [1, 2], 422, "expected one resident (an object) or a list of them"),
    ("nobody", [], 422, "expected one resident (an object) or a list of them"),
    ("a bad unit", [{"age": 50, "sex": "male", "fpg[furlong]": 5}], 422, "found unit 'furlong'"),
]


@pytest.mark.parametrize(("what", "body", "status", "says"), API, ids=[row[0] for row in API])
def test_the_api_refuses_with_the_reason(client: TestClient, what: str, body: Any, status: int, says: str) -> None:
    answer = client.post("/api/v1/risk", content=json.dumps(body).encode())
    assert answer.status_code == status
    assert says in answer.json()["detail"]


def test_the_api_says_what_it_lacks_and_what_it_did_not_read(client: TestClient) -> None:
    answer = client.post("/api/v1/risk", json={"sex": "male", "waist_cmm": 90}).json()
    assert answer["residents"][0]["fault"] == "age is missing"
    assert answer["unread"] == ["waist_cmm"]


def test_the_api_lists_a_resident_it_cannot_score(client: TestClient) -> None:
    body = [{"id": "a", "age": 50, "sex": "male", "bmi": 24}, {"id": "b", "age": 50, "sex": "male", "sbp": 1500}]
    a, b = client.post("/api/v1/risk", content=json.dumps(body).encode()).json()["residents"]
    assert a["models"]
    assert (b["tier"], b["models"]) == ("unknown", [])
    assert "sbp: found 1500" in b["fault"]
