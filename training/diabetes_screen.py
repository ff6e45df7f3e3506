"""`cdss train diabetes_screen`: NHANES -> four tiers of a glass-box model -> one ONNX graph, baselines and card."""

from pathlib import Path

from cdss.evaluation.diabetes_screen import TASK
from cdss.evaluation.spline import SplineLogistic
from cdss.evaluation.survey import Cohort
from cdss.models.diabetes_screen import TIERS
from cdss.training.risk import survey
from cdss.training.risk.learners import Settings, fit_spline
from cdss.training.risk.survey import Plan

MONOTONE = {
    "age": 1,
    "bmi": 1,
    "waist_height": 1,
    "sbp": 1,
    "hypertension": 1,
    "bp_medication": 1,
    "family_diabetes": 1,
    "hdl_mmol": -1,
    "tg_mmol": 1,
    "alt": 1,
    "ggt": 1,
    "glucose_random_mmol": 1,
}
LOGARITHM = frozenset({"bmi", "hdl_mmol", "tg_mmol", "alt", "ggt", "creatinine_umol", "glucose_random_mmol"})
SETTINGS = {tier.name: Settings() for tier in TIERS}
SETTINGS["c"] = Settings(coarse=48, smooth=0.25)  # one measurement with a steep bend decides: finer cells, more trees
FLAGGED = 0.2  # of people; the operating point of the card
LATEST = {"b": 2, "a_fh": 2, "a": 2}  # who is found without a glucose changes with the years; an assay drifts at random


def _age_and_bmi(learned: Cohort) -> dict[str, SplineLogistic]:
    """A logistic regression on two straight lines."""
    seen = {name: learned.columns[name] for name in ("age", "bmi")}
    return {"age_bmi": fit_spline(seen, learned.event, frozenset(), Settings(knots=0))}


PLAN = Plan("diabetes_screen", TASK, MONOTONE, LOGARITHM, SETTINGS, FLAGGED, _age_and_bmi, LATEST)


def train(data: Path | None, out: Path | None) -> None:
    """Writes the model into `out` (by default where the shipped one is). Raises DataNotFound."""
    survey.train(PLAN, data, out)
