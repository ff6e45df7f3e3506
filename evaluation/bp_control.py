"""`cdss evaluate bp_control`: treated hypertension above 140/90 in a cycle of NHANES."""

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from cdss.evaluation import survey
from cdss.evaluation.report import Report
from cdss.evaluation.spline import SplineLogistic
from cdss.evaluation.survey import Beside, Cohort, Task, adults, cohort_of, splines
from cdss.models import bp_control as model
from cdss.models.additive import Tier

SPLITS, DEFAULT_SPLIT = survey.SPLITS, survey.DEFAULT_SPLIT
SBP, DBP = 140, 90  # mm[Hg], the goal of national guidelines for most adults
AGES = (20, 120)


def cohort(data: Path | None, cycles: tuple[str, ...]) -> Cohort:
    """Examined adults from 20 years, not pregnant, told of hypertension and taking tablets for it, with BMI measured.

    The event is a mean systolic pressure of 140 or more, or a diastolic of 90 or more, on the oscillometer's scale.
    Undetermined: systolic below 140 and no diastolic that was heard, or no pressure at all.
    """
    treated = adults(data, cycles, *AGES).filter(
        pl.col("hypertension").eq(1), pl.col("bp_medication").eq(1), pl.col("bmi").is_not_null()
    )
    return cohort_of(treated, pl.col("sbp").ge(SBP) | pl.col("dbp").ge(DBP))


def evaluate(data: Path | None, split: str) -> Report:
    """The shipped model on one cycle. Raises DataNotFound."""
    return report(data, split, Path(model.__file__).parent)


def report(data: Path | None, split: str, folder: Path) -> Report:
    """The model in `folder` on one cycle."""
    return survey.report(TASK, data, split, folder)


def _beside(fitted: Mapping[str, SplineLogistic], tier: Tier, people: Cohort) -> Beside:
    scores = {"age_alone": people.columns["age"]} if tier.name == "a0" else {}
    if tier.name == "b0":
        scores["number_of_drugs"] = people.columns["antihypertensives"]
    return Beside(splines(fitted, tier, people), scores)


TASK = Task(model, "a pressure of 140/90 or more", ("sbp", "dbp"), cohort, _beside, benefit_at=0.3)
