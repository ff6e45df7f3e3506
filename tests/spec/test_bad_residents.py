"""What is said of the likeliest bad resident tables: the table is refused, or the row is listed, with the reason.

A resident who cannot be scored is never dropped.
"""

import csv
import io
from pathlib import Path
from typing import Any

import pytest
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
    ("a day that has not come", "last_visit", "2199/01/31", "last_visit: found 2199-01-31, which has not come yet"),
    ("a result that has not come", "sbp_day", "21990131", "sbp_day: found 2199-01-31, which has not come yet"),
    ("exchanged pressures", "sbp,dbp", "80,120", "sbp 80.0 is not above dbp 120.0: perhaps the columns are exchanged"),
    ("a pregnant man", "pregnant", "yes", "pregnant, but sex is male"),
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


def test_a_line_with_too_many_cells_is_a_fault_of_its_own(tmp_path: Path) -> None:
    rows = scored(tmp_path, "id,age,sex,bmi\n1,50,male,24\n2,50,male,24,31\n3,50,male,24\n")
    assert [row["id"] for row in rows if "more cells than the header" in row["reasons"]] == ["2"]
    assert {row["id"] for row in rows if row["probability"]} == {"1", "3"}


def test_the_second_row_of_one_id_is_listed_and_the_first_counts(tmp_path: Path) -> None:
    rows = scored(tmp_path, "id,age,sex,bmi\n1,50,male,24\n1,70,male,34\n")
    assert "found before in this table" in rows[-1]["reasons"]
    assert len({row["probability"] for row in rows if row["model"] == "diabetes_screen"}) == 1


def test_a_file_that_mixes_encodings_is_read_line_by_line(tmp_path: Path) -> None:
    path = tmp_path / "residents.csv"
    path.write_bytes("id,age,sex,village\n1,50,男,东村\n".encode() + "2,60,女,李家村\n".encode("gb18030"))
    result = run(path)
    assert "1 lines are UTF-8 and 1 are GB18030" in result.stderr
    assert "not scored: sex" not in result.stdout


def test_chinese_headers_and_dates(tmp_path: Path) -> None:
    rows = scored(tmp_path, "\ufeff编号,年龄,性别,收缩压,舒张压,末次随访\n1,50,男,150,95,2026年9月17日\n")
    assert not any(row["reasons"].startswith("not scored: last_visit") for row in rows)
    assert {row["id"] for row in rows} == {"1"}


def test_a_renamed_column_is_asked_about(tmp_path: Path) -> None:
    path = tmp_path / "residents.csv"
    path.write_text("id,age,sex,bmi,waist_cmm\n1,50,male,24,90\n")
    assert "columns not read: waist_cmm (did you mean waist_cm?)" in run(path).stderr


def test_gb18030_is_read_and_said(tmp_path: Path) -> None:
    path = tmp_path / "residents.csv"
    path.write_bytes("id,age,sex,bmi,village\n1,50,男,24,王家村\n".encode("gb18030"))
    result = run(path)
    assert result.exit_code == 0
    assert "the file is GB18030; it was read as such" in result.stderr
