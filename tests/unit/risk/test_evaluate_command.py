"""`cdss evaluate`: JSON on stdout in every form it is asked for, and files only where they were asked for."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cdss.evaluation import diabetes_screen
from cdss.evaluation.report import Metric, Report
from cdss.serving.platform.cli import app

REPORT = Report("diabetes_screen", "1.0.0", "sha256:0", "nhanes", "2021-2023", 9, 1, {"auc": Metric(0.75)}, {}, [])


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The evaluation itself is tested elsewhere."""
    monkeypatch.setattr(diabetes_screen, "evaluate", lambda data, split: REPORT)


def evaluated(*words: str | Path) -> Result:
    return CliRunner().invoke(app, ["evaluate", *map(str, words)])


def test_json_is_printed_with_the_flag_and_without() -> None:
    for words in (("diabetes_screen",), ("diabetes_screen", "--split", "2021-2023", "--json")):
        result = evaluated(*words)
        assert result.exit_code == 0, result.output
        assert json.loads(result.stdout)["metrics"] == {"auc": {"value": 0.75, "ci95": None}}


def test_a_file_after_json_is_written_and_stdout_is_the_same(tmp_path: Path) -> None:
    orders = [
        ("diabetes_screen", "--json", tmp_path / "a.json"),
        ("diabetes_screen", "--json", tmp_path / "b.json", "--split", "2021-2023"),
        ("--json", tmp_path / "c.json", "diabetes_screen"),
    ]
    for words in orders:
        result = evaluated(*words)
        assert result.exit_code == 0, result.output
        assert json.loads(result.stdout)["n"] == 9
    assert {path.read_text(encoding="utf-8") for path in tmp_path.iterdir()} == {result.stdout}
    assert len(list(tmp_path.iterdir())) == 3


def test_a_page_is_written_where_it_was_asked_for(tmp_path: Path) -> None:
    result = evaluated("diabetes_screen", "--json", "--html", tmp_path)
    assert json.loads(result.stdout)["n"] == 9
    assert "0.750" in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_a_file_without_json_is_a_question(tmp_path: Path) -> None:
    result = evaluated("diabetes_screen", tmp_path / "a.json")
    assert result.exit_code == 2
    assert "say --json" in result.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("option", ["--json", "--html"])
def test_a_folder_that_is_not_there_is_said_before_the_work_begins(
    option: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(data: Path | None, split: str) -> Report:
        raise AssertionError("hours of work, and then nowhere to put it")

    monkeypatch.setattr(diabetes_screen, "evaluate", never)
    result = evaluated("diabetes_screen", option, tmp_path / "absent" / "report")
    assert result.exit_code == 2
    assert "found no folder" in result.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("astrology",), "found model 'astrology'"),
        (("diabetes_screen", "--split", "1899"), "found split '1899'; diabetes_screen has "),
    ],
)
def test_what_is_not_there_is_named(words: tuple[str, ...], said: str) -> None:
    result = evaluated(*words)
    assert result.exit_code == 2
    assert said in " ".join(result.stderr.split())
