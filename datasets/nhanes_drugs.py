"""What people of NHANES take: the prescription tables of a cycle, many rows a person, as one row a person.

The interviewer sees the containers of the last 30 days. Names are those of `RXQ_DRUG` by their code; `nhanes_drugs.csv`
says which of its substances are antihypertensives (ATC C02, C03, C07, C08, C09) and statins (C10AA). Where a medicine
has no name, or only "unspecified", nothing is known of what the person does not take.
"""

import csv
from collections.abc import Callable
from pathlib import Path

import polars as pl

from cdss.datasets.nhanes_map import DRUGS, drug_places

MOST_MEDICINES = 5  # what the 2021-2023 cycle counts to: 5 is five or more
ANTIHYPERTENSIVE = ("C02", "C03", "C07", "C08", "C09")
STATIN = ("C10AA",)

Read = Callable[[str, dict[str, str], tuple[str, ...]], pl.DataFrame | None]


def taken(cycle: str, read: Read) -> pl.DataFrame | None:
    """SEQN, medicines, antihypertensives, statin; None without the cycle's table. `read`: a table's columns, or None.

    `medicines` counts to MOST_MEDICINES in every cycle, so that cycles compare. Nobody without a list has zeros.
    """
    places = drug_places(cycle)
    table = places["rx_any"][0]
    rows = read(table, {concept: variable for concept, (_, variable) in places.items()}, ("rx_drug_id",))
    if rows is None:
        return None
    names = read(DRUGS, {"name": "RXDDRUG", "rx_drug_id": "RXDDRGID"}, ("name", "rx_drug_id"))
    named = _named(rows, names)
    return named.group_by("SEQN", maintain_order=True).agg(
        _medicines(),
        _count(ANTIHYPERTENSIVE).alias("antihypertensives"),
        _count(STATIN).clip(0, 1).alias("statin"),
    )


def _named(rows: pl.DataFrame, names: pl.DataFrame | None) -> pl.DataFrame:
    """The rows with the substances of each medicine: [] of somebody who takes nothing, null where it is not known."""
    if names is None or "rx_drug_id" not in rows.columns:
        unknown = pl.lit(None, pl.List(pl.String))
    else:
        rows = rows.join(names.select("rx_drug_id", "name"), on="rx_drug_id", how="left", maintain_order="left")
        vague = pl.col("name").str.contains("UNSPECIFIED")
        unknown = pl.when(~vague).then(pl.col("name").str.split("; "))
    nothing = pl.col("rx_any").eq(2)
    some = pl.when(nothing).then(pl.lit([], pl.List(pl.String))).when(pl.col("rx_any").eq(1)).then(unknown)
    return rows.with_columns(some.alias("substances"))


def _medicines() -> pl.Expr:
    asked = pl.col("rx_any").first()
    counted = pl.col("rx_count").first()
    some = pl.when(asked.eq(1) & counted.is_between(1, 60)).then(counted.clip(1, MOST_MEDICINES))
    return pl.when(asked.eq(2)).then(0.0).otherwise(some).alias("medicines")


def _count(groups: tuple[str, ...]) -> pl.Expr:
    """How many different substances of these groups; null if one medicine of the person is not known."""
    among = [substance for substance, atc in _atc().items() if atc.startswith(groups)]
    different = pl.col("substances").explode(empty_as_null=True)
    found = different.filter(different.is_in(among)).n_unique().cast(pl.Float64)
    return pl.when(pl.col("substances").is_null().any()).then(None).otherwise(found)


def _atc() -> dict[str, str]:
    with (Path(__file__).parent / "nhanes_drugs.csv").open(encoding="utf-8", newline="") as file:
        return {row["substance"]: row["atc"] for row in csv.DictReader(file)}
