"""`cdss data`: what it lists, fetches and verifies, and what it says when it cannot."""

import json
from collections.abc import Callable
from pathlib import Path

import pooch
import pytest
from typer.testing import CliRunner

from cdss.datasets import nhanes
from cdss.datasets.command import SOURCES, app
from cdss.datasets.fetching import fetch_nhanes
from cdss.datasets.source import Source

RUN = CliRunner()
Write = Callable[[dict[str, list[float | None]]], bytes]


def source(*tables: str) -> Source:
    urls = {f"{table}.xpt": f"https://example.org/{table}.xpt" for table in tables}
    return Source("nhanes", "t", "l", "c", "h", urls, ("*.csv.xz",))


def test_every_data_set_has_licence_citation_and_address() -> None:
    rows = json.loads(RUN.invoke(app, ["list", "--json"], env={"CDSS_DATA": ""}).stdout)
    assert [row["name"] for row in rows] == list(SOURCES)
    for row in rows:
        assert row["licence"]
        assert row["citation"]
        assert row["homepage"].startswith("https://")
        assert row["at_hand"].startswith("no: found no data folder")


def test_what_asks_for_a_download_by_hand_says_so_and_fails(tmp_path: Path) -> None:
    found = RUN.invoke(app, ["fetch", "rich_cn", "--data", str(tmp_path)])
    assert found.exit_code == 1
    assert (
        "rich_cn cannot be downloaded by a program: get it from https://doi.org/10.5061/dryad.ft8750v" in found.stderr
    )


def test_an_unknown_name_is_answered_with_the_known_ones() -> None:
    found = RUN.invoke(app, ["verify", "nhane"])
    assert found.exit_code == 2
    assert "nhanes" in found.output


def test_cdc_is_asked_for_every_table_of_the_map_and_no_other_2017_table() -> None:
    assert nhanes.SOURCE.urls["DEMO_B.xpt"] == "https://wwwn.cdc.gov/Nchs/Data/Nhanes/Public/2001/DataFiles/DEMO_B.xpt"
    assert nhanes.SOURCE.urls["P_BMX.xpt"] == "https://wwwn.cdc.gov/Nchs/Data/Nhanes/Public/2017/DataFiles/P_BMX.xpt"
    assert nhanes.SOURCE.urls["GHB_L.xpt"] == "https://wwwn.cdc.gov/Nchs/Data/Nhanes/Public/2021/DataFiles/GHB_L.xpt"
    assert not any(name.endswith("_J.xpt") for name in nhanes.SOURCE.urls)  # those people are inside P_


def test_tables_are_fetched_once_and_a_failure_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, transport: Write
) -> None:
    asked = []

    def retrieve(url: str, known_hash: None, fname: str, path: Path) -> str:
        asked.append(fname)
        if fname.startswith("BAD"):
            raise OSError("404")
        path.mkdir(exist_ok=True)
        (path / fname).write_bytes(transport({"SEQN": [1.0]}))
        return str(path / fname)

    monkeypatch.setattr(pooch, "retrieve", retrieve)
    failed = fetch_nhanes(source("BMX_D", "BAD_D"), tmp_path)
    assert failed == ["BAD_D: 404; try again later or fetch https://example.org/BAD_D.xpt by hand"]
    assert fetch_nhanes(source("BMX_D"), tmp_path) == []
    assert asked == ["BMX_D.xpt", "BAD_D.xpt"]


def test_verify_counts_rows_and_fails_on_a_difference(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, transport: Write
) -> None:
    (tmp_path / "got.xpt").write_bytes(transport({"SEQN": [1.0]}))
    monkeypatch.setattr(pooch, "retrieve", lambda url, known_hash, fname, path: str(tmp_path / "got.xpt"))
    fetch_nhanes(source("BMX_D"), tmp_path / "nhanes")
    good = RUN.invoke(app, ["verify", "nhanes", "--data", str(tmp_path), "--json"])
    assert (good.exit_code, json.loads(good.stdout)["files"]) == (0, 1)
    (tmp_path / "nhanes" / "ROWCHECK.csv").write_text("table,rows\nBMX_D,9\n", encoding="utf-8")
    bad = RUN.invoke(app, ["verify", "nhanes", "--data", str(tmp_path)])
    assert bad.exit_code == 1
    assert "BMX_D: found 1 rows, expected 9" in bad.stderr


@pytest.mark.data
@pytest.mark.slow
def test_the_copy_at_hand_has_the_rows_of_the_codebooks(public_data: Path) -> None:
    found = RUN.invoke(app, ["verify", "nhanes", "--data", str(public_data), "--json"])
    assert found.exit_code == 0
    assert json.loads(found.stdout)["wrong"] == []
