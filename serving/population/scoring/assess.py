"""A batch of residents to assessments: models first, then the rules with the models' answers as facts."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl

from cdss.models.equations.ckd_epi import egfr_table
from cdss.rules.alert import SEVERITIES
from cdss.rules.engine import evaluate
from cdss.rules.facts import Facts, Given, Observation, Patient
from cdss.rules.pack import Pack
from cdss.serving.population.intake.columns import COLUMNS, COUNTS, LOINC, NUMBERS, PREVIOUS, TRUTHS
from cdss.serving.population.scoring.assessment import Advice, Assessment, ModelSaid, Unchecked
from cdss.serving.population.scoring.risks import Columns, Risks

EGFR = "98979-8"
ADULT = 18


def assess(frame: pl.DataFrame, risks: Risks, pack: Pack, today: date) -> Iterator[Assessment]:
    """Every row of a batch of `table.Table`, in order; rows with a fault too: they are told, not dropped.

    A row that only lacks what the models need is not scored, but the rules see it.
    """
    columns = numbers(frame)
    egfr = np.where(columns["age"] >= ADULT, egfr_table(columns), np.nan)
    answers = risks.said(columns)
    for number, row in enumerate(frame.iter_rows(named=True)):
        why_not = row["fault"] or row["lacks"]
        said = () if why_not else tuple(answer(number) for answer in answers)
        deciding = _deciding(said)
        flagged = any(one.flagged for one in deciding) if deciding else None
        advices, unchecked = ((), ()) if row["fault"] else _ruled(row, flagged, float(egfr[number]), pack, today)
        yield Assessment(
            id=row["id"] or "",
            day=today,
            age=row["age"],
            sex=row["sex"],
            village=row["village"] or "",
            doctor=row["doctor"] or "",
            models=said,
            advices=advices,
            flagged=flagged,
            fault=why_not or "",
            last_visit=row["last_visit"],
            record=_record(row, float(egfr[number])),
            unchecked=unchecked,
        )


def numbers(frame: pl.DataFrame) -> Columns:
    """The batch as float64 columns, nan for missing; sex 1 for female, yes 1 and no 0."""
    found = {name: _float(frame[name]) for name in (*NUMBERS, *COUNTS, *PREVIOUS, *TRUTHS)}
    found["sex"] = _float(frame.select(pl.col("sex") == "female").to_series())
    return found


def _float(series: pl.Series) -> np.ndarray[Any, np.dtype[np.float64]]:
    return series.cast(pl.Float64).fill_null(float("nan")).to_numpy()


def _record(row: dict[str, Any], egfr: float) -> dict[str, float | bool]:
    """What is known of the resident, by column."""
    known = {name: row[name] for name in (*NUMBERS, *COUNTS, *PREVIOUS, *TRUTHS) if row[name] is not None}
    return known if np.isnan(egfr) else {**known, "egfr": egfr}


def _ruled(
    row: dict[str, Any], flagged: bool | None, egfr: float, pack: Pack, today: date
) -> tuple[tuple[Advice, ...], tuple[Unchecked, ...]]:
    """What the rules say of the resident, most pressing first, and what they could not decide."""
    review = evaluate(pack, Facts(_patient(row, egfr, today), (), today, "resident", _given(row, flagged, today)))
    found = [
        Advice(alert.rule, alert.severity, alert.summary, alert.action, _due(alert.due_days, today), alert.review)
        for alert in review.alerts
    ]
    pressing = sorted(found, key=lambda advice: (SEVERITIES.index(advice.severity), advice.due or date.max))
    return tuple(pressing), tuple(Unchecked(one.rule, one.missing) for one in review.unknown)


def _due(days: int | None, today: date) -> date | None:
    return None if days is None else today + timedelta(days=days)


def _patient(row: dict[str, Any], egfr: float, today: date) -> Patient:
    """Measurements count as of the last visit, or of today if none is on record."""
    seen = [
        Observation(LOINC[name], row[name], COLUMNS[name].unit, row["last_visit"])
        for name in NUMBERS
        if LOINC[name] and row[name] is not None
    ]
    if not np.isnan(egfr):
        seen.append(Observation(EGFR, egfr, "mL/min/{1.73_m2}", row["last_visit"], "CKD-EPI 2021"))
    age = row["age"]
    born = None if age is None else date(today.year - int(age), today.month, min(today.day, 28))
    return Patient(id=row["id"], birth_date=born, sex=row["sex"], observations=tuple(seen))


def _given(row: dict[str, Any], flagged: bool | None, today: date) -> dict[str, Given]:
    """What the rules ask for beside measurements. Not told is not given."""
    given = {name: Given(row[name]) for name in ("hypertension", "diabetes") if row[name] is not None}
    if row["last_visit"]:
        given["days_since_visit"] = Given(float((today - row["last_visit"]).days), "d")
    if flagged is not None:
        given["diabetes_flagged"] = Given(flagged)
    return given


def _deciding(said: tuple[ModelSaid, ...]) -> list[ModelSaid]:
    """The answers that decide whether a test for diabetes is due: of the scores made for Chinese residents.

    The screening model was trained on Americans and under-predicts in Asians: it decides only where neither of the
    others could answer.
    """
    answered = [one for one in said if one.tier != "unknown"]
    return [one for one in answered if one.model != "diabetes_screen"] or answered
