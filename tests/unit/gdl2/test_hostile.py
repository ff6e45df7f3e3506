"""Collections that are wrong, absurd or meant to harm: said in the report, and the rest is run."""

import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from cdss.rules.gdl2 import files
from cdss.rules.gdl2.conformance import Report, examine
from cdss.rules.gdl2.files import File, WrongPath, files_at


def guideline(*then: str, id: str = "Sample.v1", **rule: Any) -> str:
    elements = {"gt0005": {"path": "/a"}, "gt0006": {"path": "/b"}}
    bindings = {"gt0002": {"model_id": "m", "type": "OUTPUT", "elements": elements}}
    one = {"id": "gt0100", "priority": 1, "then": list(then)} | rule
    return json.dumps({"id": id, "definition": {"data_bindings": bindings, "rules": {"gt0100": one}}})


def cases(told: str = "1", id: str = "Sample.v1", head: str = "") -> str:
    return f"""\
{head}guidelines: {{1: {id}}}
test_cases:
- id: one
  input: {{1: {{gt0006: {told}}}}}
  expected_output: {{1: {{gt0005: "1"}}}}
"""


GOOD = (File("good.gdl2.json", guideline("$gt0005=1", id="good")), File("good.test.yml", cases(id="good")))


def beside_a_good_one(text: str, told: str = "1") -> Report:
    """The report on a guideline and its case beside a good one, which must be run whatever the other is."""
    report = examine([File("Sample.v1.gdl2.json", text), File("Sample.v1.test.yml", cases(told)), *GOOD])
    assert report.agree >= 1
    return report


NESTED = json.loads('{"a":' * 40 + "1" + "}" * 40)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (guideline("$gt0005=1e999"), "expected one below 1e308"),
        (guideline(priority=float("inf")), "OverflowError"),
        (guideline("$gt0005=2000-13-41T00:00"), "month must be in 1..12"),
        (guideline(cards=[NESTED]), "nested deeper than 30"),
        (guideline(cards="text"), "expected names and values"),
        (guideline("$gt0005=" + "1+" * 9_000 + "1"), "nested deeper"),
        (guideline("$gt0005=" + "2^" * 500 + "1"), "nested deeper than 60"),
        (guideline("$gt0005=" + "a(" * 9_000), "expected a value or one of"),
    ],
)
def test_a_guideline_that_cannot_be_is_refused_alone(text: str, says: str) -> None:
    assert says in beside_a_good_one(text).unsupported[0].why


@pytest.mark.parametrize(
    "told",
    ["'" + "9" * 100_000 + "x'", '"1,a' + " " * 100_000 + '\\nb"', '"a::b|' + " " * 100_000 + '|x"', '"\\t"'],
    ids=["digits", "spaces after a unit", "spaces in words", "nothing"],
)
def test_a_long_text_is_a_text_and_takes_no_time(told: str) -> None:
    assert len(beside_a_good_one(guideline("$gt0005=$gt0006"), told).disagree) == 1


def test_a_text_that_doubles_itself_ends() -> None:
    report = beside_a_good_one(guideline("$gt0005='aaaaaaaa'", *["$gt0005=$gt0005+$gt0005"] * 60))
    assert len(str(report.disagree[0].found["gt0005"])) <= 10_000


def test_numbers_beyond_all_numbers_are_not_known() -> None:
    report = beside_a_good_one(guideline("$gt0005=$gt0006.sum"), "[1e308, 1e308]")
    assert report.disagree[0].found == {"gt0005": None}


@pytest.mark.parametrize("text", ["", "x", "[]", "guidelines: {1: Sample.v1}\ntest_cases: [a]\n", "a: &b [*b]", "\t"])
def test_cases_that_are_none_are_said(text: str) -> None:
    report = examine([File("bad.test.yml", text), *GOOD])
    assert (report.agree, [one.feature for one in report.unsupported]) == (1, ["test cases"])


DAY = guideline("$gt0005.magnitude=$currentDateTime.year-2018")


def test_a_case_without_a_day_is_held_to_the_day_others_state() -> None:
    """The year 2019 of the file beside it makes 2019 - 2018 = 1, as expected."""
    stated = File("stated.test.yml", cases(id="good", head="current_datetime: 2019-11-28T00:00:00+01:00\n"))
    report = examine([File("Sample.v1.gdl2.json", DAY), File("Sample.v1.test.yml", cases()), stated, *GOOD])
    assert (report.agree, report.agree_on_assumed_day) == (3, 1)
    assert report.assumed_day == {"Sample.v1.test.yml": "2019-11-28"}


def test_a_case_without_a_day_is_not_run_where_none_is_stated() -> None:
    (not_run,) = beside_a_good_one(DAY).unsupported
    assert (not_run.feature, not_run.case) == ("current date", "one")


def archive(path: Path, members: dict[str, bytes]) -> Path:
    with tarfile.open(path, "w:gz") as tar:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return path


def test_a_name_that_leads_out_of_an_archive_is_refused(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.tar.gz", {"../out.gdl2": b"{}", "good.gdl2.json": GOOD[0].text.encode()})
    report = examine(files_at(path))
    assert (report.guidelines, report.unsupported[0].why) == (1, "its name leads out of the archive")
    assert [one.name for one in tmp_path.iterdir()] == ["a.tar.gz"]


def test_a_file_above_2_mib_is_refused(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.tar.gz", {"big.gdl2": b" " * (files.MAX_FILE + 1), "edge.yml": b"\xff"})
    assert [file.fault for file in files_at(path)] == ["found more than 2097152 bytes", "is not UTF-8 text"]


def test_an_archive_is_counted_with_what_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_TOTAL", 1000)
    path = archive(tmp_path / "a.tar.gz", {"image.bin": b"0" * 1001})
    with pytest.raises(WrongPath, match="import it in parts"):
        list(files_at(path))


@pytest.mark.parametrize("content", [b"no archive", b"\x1f\x8b\x08\x00" + b"\x00" * 30])
def test_an_archive_that_is_none_is_said(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.tar.gz").write_bytes(content)
    with pytest.raises(WrongPath, match="no readable tar archive"):
        list(files_at(tmp_path / "a.tar.gz"))
