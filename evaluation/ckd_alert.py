"""`cdss evaluate ckd_alert`: signs of chronic kidney disease in a cycle of NHANES."""

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from cdss.evaluation import survey
from cdss.evaluation.report import Report
from cdss.evaluation.spline import SplineLogistic
from cdss.evaluation.survey import Beside, Cohort, Task, adults, cohort_of, splines
from cdss.models import ckd_alert as model
from cdss.models.additive import Tier
from cdss.models.equations.ckd_epi import egfr_table

SPLITS, DEFAULT_SPLIT = survey.SPLITS, survey.DEFAULT_SPLIT
EGFR, UACR = 60, 30  # mL/min/1.73 m2 and mg/g: KDIGO 2024, guideline for chronic kidney disease
AGES = (20, 120)


def cohort(data: Path | None, cycles: tuple[str, ...]) -> Cohort:
    """Examined adults from 20 years, not pregnant, with BMI measured; also those told of a kidney disease.

    The event is an eGFR (CKD-EPI 2021) below 60, or an albumin-creatinine ratio of 30 mg/g or more, each once.
    Undetermined: one of them is missing and the other normal.
    """
    people = adults(data, cycles, *AGES).filter(pl.col("bmi").is_not_null())
    needed = {name: people[name].fill_null(float("nan")).to_numpy() for name in ("age", "sex", "creatinine_umol")}
    people = people.with_columns(pl.Series("egfr", egfr_table(needed)).fill_nan(None))
    return cohort_of(people, pl.col("egfr").lt(EGFR) | pl.col("uacr_mg_g").ge(UACR))


def evaluate(data: Path | None, split: str) -> Report:
    """The shipped model on one cycle. Raises DataNotFound, also where nothing tells who has the disease."""
    return report(data, split, Path(model.__file__).parent)


def report(data: Path | None, split: str, folder: Path) -> Report:
    """The model in `folder` on one cycle."""
    return survey.report(TASK, data, split, folder)


def _beside(fitted: Mapping[str, SplineLogistic], tier: Tier, people: Cohort) -> Beside:
    scores = {"age_alone": people.columns["age"]} if tier.name == "a" else {}
    return Beside(splines(fitted, tier, people), scores)


TASK = Task(model, "a low filtration or albumin in the urine", ("creatinine_umol", "uacr_mg_g"), cohort, _beside, 0.1)
