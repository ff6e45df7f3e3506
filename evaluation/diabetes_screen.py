"""`cdss evaluate diabetes_screen`: undiagnosed diabetes in a cycle of NHANES."""

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from cdss.evaluation import survey
from cdss.evaluation.metrics import expit
from cdss.evaluation.report import Report
from cdss.evaluation.spline import SplineLogistic
from cdss.evaluation.survey import Beside, Cohort, Task, adults, cohort_of, logit, splines, with_lowest
from cdss.models import diabetes_screen as model
from cdss.models.additive import Tier
from cdss.models.equations import points

SPLITS, DEFAULT_SPLIT = survey.SPLITS, survey.DEFAULT_SPLIT
HBA1C_DIABETES = 6.5  # %, and fasting glucose in mg/dL: ADA, Standards of Care 2024, section 2
FPG_DIABETES = 126
AGES = (20, 79)


def cohort(data: Path | None, cycles: tuple[str, ...]) -> Cohort:
    """Examined adults of 20 to 79, not pregnant, who say they have no diabetes (borderline counts as none) and take
    nothing for it, with BMI, waist, a blood pressure and HbA1c measured.

    The event is HbA1c >= 6.5 % or fasting glucose >= 126 mg/dL; fasting glucose was measured in the morning half only.
    """
    people = adults(data, cycles, *AGES).filter(
        pl.col("diabetes").eq(0),
        ~pl.col("diabetes_treated").eq(1).fill_null(False),
        pl.all_horizontal(pl.col("bmi", "waist_cm", "sbp", "hba1c_pct").is_not_null()),
    )
    return cohort_of(people, pl.col("hba1c_pct").ge(HBA1C_DIABETES) | _fasting_high())


def _fasting_high() -> pl.Expr:
    return pl.col("fpg_mg_dl").ge(FPG_DIABETES).fill_null(False)


def evaluate(data: Path | None, split: str) -> Report:
    """The shipped model on one cycle. Raises DataNotFound."""
    return report(data, split, Path(model.__file__).parent)


def report(data: Path | None, split: str, folder: Path) -> Report:
    """The model in `folder` on one cycle."""
    return survey.report(TASK, data, split, folder)


def _beside(fitted: Mapping[str, SplineLogistic], tier: Tier, people: Cohort) -> Beside:
    columns = people.columns
    risks, scores = splines(fitted, tier, people), {}
    if tier.name == "a":
        risks["age_bmi_logistic"] = expit(logit(fitted["age_bmi"], columns))
        total = points.score("ncdrs").total_table(columns, ("family_diabetes",))
        scores["ncdrs_without_family_history"] = with_lowest(total)
    if tier.name == "a_fh":
        scores = {name: with_lowest(points.score(name).total_table(columns)) for name in ("ncdrs", "ada_part")}
    if tier.name == "c":
        scores["random_glucose_alone"] = columns["glucose_random_mmol"]
    return Beside(risks, scores)


TASK = Task(model, "undiagnosed diabetes", ("hba1c_pct", "fpg_mg_dl"), cohort, _beside, benefit_at=0.05)
