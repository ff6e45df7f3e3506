"""`cdss train ckd_alert`: NHANES -> two tiers of a glass-box model that says whose kidneys to test."""

from pathlib import Path

from cdss.evaluation.ckd_alert import TASK
from cdss.models.ckd_alert import TIERS
from cdss.training.risk import survey
from cdss.training.risk.learners import Settings
from cdss.training.risk.survey import Plan

MONOTONE = {
    "age": 1,
    "sbp": 1,
    "hypertension": 1,
    "bp_medication": 1,
    "antihypertensives": 1,
    "medicines": 1,
    "diabetes": 1,
    "cvd": 1,
    "smoking": 1,
    "tg_mmol": 1,
    "uric_acid_umol": 1,
    "bun_mmol": 1,
    "hba1c_pct": 1,
}
LOGARITHM = frozenset({"bmi", "hdl_mmol", "tg_mmol", "alt", "ggt", "bun_mmol", "glucose_random_mmol", "hba1c_pct"})
SETTINGS = {tier.name: Settings(knots=5, ridge=1.0) for tier in TIERS}
FLAGGED = 0.2  # of people; the operating point of the card

PLAN = Plan("ckd_alert", TASK, MONOTONE, LOGARITHM, SETTINGS, FLAGGED)


def train(data: Path | None, out: Path | None) -> None:
    """Writes the model into `out` (by default where the shipped one is). Raises DataNotFound."""
    survey.train(PLAN, data, out)
