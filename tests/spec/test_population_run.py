"""A population run: streamed in parts, gone on with after a stop, its faults kept apart and counted."""

import csv
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from typer.testing import CliRunner

from cdss.serving.platform.cli import app
from cdss.serving.platform.demo.residents import make_residents
from cdss.serving.population.intake import table
from cdss.serving.population.run import checkpoint, here

RESIDENTS, PARTS = 90, 4


@pytest.fixture
def residents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Ninety residents, read 25 at a time; the 30th has an impossible age, the 31st the id of the 29th."""
    monkeypatch.setenv("CDSS_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(here.numbered, "__defaults__", (25,))
    monkeypatch.setattr(table, "BATCH", 25)
    path = tmp_path / "residents.csv"
    make_residents(path, RESIDENTS, 3, date(2026, 11, 20))
    cells = [line.split(",") for line in path.read_text(encoding="utf-8").splitlines()]
    cells[30][1], cells[31][0] = "212", cells[29][0]
    path.write_text("\n".join(",".join(row) for row in cells), encoding="utf-8")
    return path


def run(*arguments: object) -> Any:
    return CliRunner().invoke(app, ["score", *map(str, arguments), "--lang", "en"])


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_faults_are_kept_apart_and_counted(residents: Path, tmp_path: Path) -> None:
    result = run(residents, "--out", tmp_path / "risk.csv")
    assert result.exit_code == 0, result.output
    assert f"{RESIDENTS} residents, 2 not usable" in result.stderr
    faults = read(tmp_path / "risk.faults.csv")
    assert [(fault["row"], fault["id"]) for fault in faults] == [("30", "SYN-0030"), ("31", "SYN-0029")]
    assert "found 212" in faults[0]["fault"]
    assert "found before in this table" in faults[1]["fault"]


def test_nobody_is_dropped(residents: Path, tmp_path: Path) -> None:
    run(residents, "--out", tmp_path / "risk.csv")
    rows = read(tmp_path / "risk.csv")
    assert len({row["id"] for row in rows}) == RESIDENTS - 1  # one id stands there twice
    assert [row["reasons"][:12] for row in rows if row["id"] == "SYN-0029"][-1] == "not scored: "


@pytest.fixture
def stopped(residents: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A run that was killed while it wrote its third part."""
    put = checkpoint.Checkpoint.put

    def killed(self: Any, number: int, done: Any) -> None:
        if number == 2:
            raise KeyboardInterrupt
        put(self, number, done)

    with monkeypatch.context() as patch:
        patch.setattr(checkpoint.Checkpoint, "put", killed)
        assert run(residents, "--out", tmp_path / "risk.csv").exit_code != 0
    return residents


def test_a_stopped_run_leaves_no_output_that_looks_whole(stopped: Path, tmp_path: Path) -> None:
    assert not (tmp_path / "risk.csv").exists()


def test_a_stopped_run_goes_on_and_gives_the_same(stopped: Path, tmp_path: Path) -> None:
    result = run(stopped, "--out", tmp_path / "risk.csv")
    assert "going on with a run that was stopped: 2 parts are done" in result.stderr
    assert f"{RESIDENTS} residents, 2 not usable" in result.stderr
    run(stopped, "--out", tmp_path / "again.csv")
    assert (tmp_path / "risk.csv").read_bytes() == (tmp_path / "again.csv").read_bytes()
    assert (tmp_path / "risk.faults.csv").read_bytes() == (tmp_path / "again.faults.csv").read_bytes()
    assert not (tmp_path / "risk.csv.run").exists()


def test_a_changed_file_starts_anew_and_says_so(stopped: Path, tmp_path: Path) -> None:
    stopped.write_text(stopped.read_text(encoding="utf-8").replace("SYN-0001", "SYN-9001"), encoding="utf-8")
    result = run(stopped, "--out", tmp_path / "risk.csv")
    assert "have changed: starting anew" in result.stderr
    assert read(tmp_path / "risk.csv")[0]["id"] == "SYN-9001"


@pytest.mark.parametrize("ending", ["csv", "ndjson", "parquet"])
def test_every_form_holds_the_same_rows(residents: Path, tmp_path: Path, ending: str) -> None:
    run(residents, "--out", tmp_path / f"risk.{ending}")
    found = {
        "csv": lambda path: pl.read_csv(path, infer_schema=False)["probability"].cast(pl.Float64),
        "ndjson": lambda path: pl.read_ndjson(path, infer_schema_length=None)["probability"],
        "parquet": lambda path: pl.read_parquet(path)["probability"],
    }[ending](tmp_path / f"risk.{ending}")
    run(residents, "--out", tmp_path / "other.parquet")
    assert found.to_list() == pl.read_parquet(tmp_path / "other.parquet")["probability"].to_list()


def test_standard_output_holds_nothing_else(residents: Path) -> None:
    result = run(residents, "--json")
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert rows[0]["id"] == "SYN-0001"
    assert len({row["id"] for row in rows}) == RESIDENTS - 1


def test_an_ending_nobody_knows_is_refused_before_anything_is_scored(residents: Path, tmp_path: Path) -> None:
    result = run(residents, "--out", tmp_path / "risk.xlsx")
    assert result.exit_code == 2
    assert "expected .csv, .parquet or .ndjson" in result.stderr
