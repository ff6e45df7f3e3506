"""A batch of the resident table as columns: for the models, and as the people the rules are asked about."""

from collections.abc import Mapping
from datetime import date

import numpy as np
import polars as pl

from cdss.models.equations.ckd_epi import egfr_table
from cdss.rules.asking.context import CLOCK_SKEW
from cdss.rules.cohort.people import Column, People
from cdss.serving.population.intake.columns import COLUMNS, COUNTS, DAYS, LOINC, NUMBERS, PREVIOUS, TRUTHS
from cdss.serving.population.scoring.answers import Answers, Columns, Numbers

EGFR = "98979-8"
EGFR_UNIT = "mL/min/{1.73_m2}"
ADULT = 18
TOLD = ("hypertension", "diabetes", "cvd", "smoking", "bp_medication", "statin", "family_diabetes")
FLAGS = {"ckd_alert": "ckd_flagged", "bp_control": "bp_ranked_high"}  # model -> what the rules call its flag
RISKS = {"prevent": "cvd_risk_10y", "hypertension_parikh": "hypertension_risk_4y"}  # model -> its number in the rules


def numbers(frame: pl.DataFrame) -> dict[str, Numbers]:
    """The batch as float64 columns, nan for missing; sex 1 for female, yes 1 and no 0; eGFR from creatinine."""
    found = {name: _float(frame[name]) for name in (*NUMBERS, *COUNTS, *PREVIOUS, *TRUTHS)}
    found["sex"] = _float(frame.select(pl.col("sex") == "female").to_series())
    found["egfr"] = np.where(found["age"] >= ADULT, egfr_table(found), np.nan)
    return found


def without_future(frame: pl.DataFrame, today: date) -> pl.DataFrame:
    """The batch, with a fault where a day has not come yet: who seems seen lately would never be called."""
    latest = today + CLOCK_SKEW
    words = [
        pl.when(pl.col(name) > latest).then(pl.format(f"{name}: found {{}}, which has not come yet", name))
        for name in ("last_visit", "previous_visit", *DAYS)
        if frame[name].null_count() < len(frame)
    ]
    if not words:
        return frame
    fault = pl.concat_str([pl.col("fault"), *words], separator="; ", ignore_nulls=True)
    return frame.with_columns(pl.when(fault == "").then(None).otherwise(fault).alias("fault"))


def _float(series: pl.Series) -> Numbers:
    return series.cast(pl.Float64).fill_null(float("nan")).to_numpy()


def people(
    frame: pl.DataFrame, columns: Columns, answers: tuple[Answers, ...], diabetes_flagged: Numbers, today: date
) -> People:
    """Whom the rules are asked about. Measurements count as of their own day, else of the last visit, else of today."""
    ago = _days(frame["last_visit"], today)
    observations = {LOINC[name]: _measured(name, day, frame, columns, ago, today) for day, name in DAYS.items()}
    creatinine = observations[LOINC["creatinine_umol"]]
    return People(
        day=today,
        age=np.floor(columns["age"]),
        sex=frame["sex"].fill_null("").to_numpy().astype(np.str_),
        pregnant=columns["pregnant"],
        days_ago=ago,
        observations={**observations, EGFR: Column(columns["egfr"], EGFR_UNIT, days_ago=creatinine.days_ago)},
        given={**_told(columns, ago, _days(frame["previous_visit"], today)), **_modelled(answers, diabetes_flagged)},
    )


def _measured(name: str, day: str, frame: pl.DataFrame, columns: Columns, ago: Numbers, today: date) -> Column:
    """A measurement with its own day where one is told."""
    unit = COLUMNS[name].unit
    if frame[day].null_count() == len(frame):
        return Column(columns[name], unit)
    own = _days(frame[day], today)
    return Column(columns[name], unit, days_ago=np.where(np.isnan(own), ago, own))


def _days(days: pl.Series, today: date) -> Numbers:
    """(n,) days from each day to today, nan where it is not told."""
    return _float((pl.Series([today]) - days).dt.total_days())


def _told(columns: Columns, ago: Numbers, previous_ago: Numbers) -> Mapping[str, Column]:
    """What the table says beside measurements."""
    truths = {name: Column(columns[name], truth=True) for name in TOLD}
    before = {name.removesuffix("_mmol"): Column(columns[name], COLUMNS[name].unit) for name in PREVIOUS}
    days = {"days_since_visit": Column(ago, "d"), "days_since_previous": Column(previous_ago, "d")}
    return {**truths, **before, **days}


def _modelled(answers: tuple[Answers, ...], diabetes_flagged: Numbers) -> Mapping[str, Column]:
    """What the models say, as facts for the rules."""
    found = {"diabetes_flagged": Column(diabetes_flagged, truth=True)}
    for each in answers:
        if each.model in FLAGS:
            found[FLAGS[each.model]] = Column(np.where(each.answered, each.flagged, np.nan), truth=True)
        if each.model in RISKS:
            found[RISKS[each.model]] = Column(100 * each.value, "%")
    return found
