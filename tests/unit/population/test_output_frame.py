"""The output table made column by column holds the rows that are made one by one."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from cdss.rules.pack import load
from cdss.serving.platform.demo.residents import make_residents
from cdss.serving.platform.language import Lang
from cdss.serving.population.intake.table import open_table
from cdss.serving.population.output.frame import frame
from cdss.serving.population.output.rows import rows
from cdss.serving.population.scoring.answers import TIERS
from cdss.serving.population.scoring.assess import Assessed, assess
from cdss.serving.population.scoring.risks import Risks

DAY = date(2026, 11, 20)


@pytest.fixture(scope="module")
def assessed(tmp_path_factory: pytest.TempPathFactory) -> Assessed:
    """Synthetic residents, some of whom have a fault, lack an age, or stand in the table twice."""
    path: Path = tmp_path_factory.mktemp("residents") / "residents.csv"
    make_residents(path, 400, 7, DAY)
    lines = path.read_text(encoding="utf-8").splitlines()
    cells = [line.split(",") for line in lines]
    cells[5][1], cells[9][1], cells[17][0] = "200", "", cells[16][0]
    path.write_text("\n".join(",".join(row) for row in cells), encoding="utf-8")
    (batch,) = open_table(path).batches()
    return assess(batch, Risks(), load(), DAY)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_same_rows(assessed: Assessed, lang: Lang) -> None:
    expected = [row for assessment in assessed for row in rows(assessment, lang)]
    found = frame(assessed, lang).to_dicts()
    assert [without_nulls(row) for row in found] == [pytest.approx(row) for row in expected]


def without_nulls(row: dict[str, object]) -> dict[str, object]:
    return {name: "" if value is None else value for name, value in row.items()}


def test_the_same_tiers(assessed: Assessed) -> None:
    assert [TIERS[tier] for tier in assessed.tier] == [assessment.tier for assessment in assessed]
    assert {"high", "medium", "low", "unknown"} == {assessment.tier for assessment in assessed}


def test_every_resident_is_listed(assessed: Assessed) -> None:
    ids = frame(assessed, "en")["id"]
    assert ids.unique(maintain_order=True).to_list() == assessed.frame["id"].unique(maintain_order=True).to_list()


def test_reasons_of_the_flagged_alone(assessed: Assessed) -> None:
    found = frame(assessed, "en", "flagged").filter(pl.col("probability").is_not_null())
    told = found.filter(pl.col("model").str.starts_with("diabetes"))
    assert (told.filter(pl.col("flagged"))["reasons"] != "").all()
    assert (told.filter(~pl.col("flagged"))["reasons"] == "").all()
