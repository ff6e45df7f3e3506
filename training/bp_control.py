"""`cdss train bp_control`: NHANES -> four tiers of a glass-box model that ranks treated hypertension for call-backs."""

from pathlib import Path

from cdss.evaluation.bp_control import TASK
from cdss.models.bp_control import TIERS
from cdss.training.risk import survey
from cdss.training.risk.learners import Settings
from cdss.training.risk.survey import Plan

MONOTONE = {"uacr_mg_g": 1}
LOGARITHM = frozenset(
    {
        "bmi",
        "hdl_mmol",
        "tg_mmol",
        "alt",
        "ggt",
        "creatinine_umol",
        "bun_mmol",
        "glucose_random_mmol",
        "hba1c_pct",
        "uacr_mg_g",
    }
)
SETTINGS = {tier.name: Settings() for tier in TIERS}
FLAGGED = 0.2  # of people; the operating point of the card

PLAN = Plan("bp_control", TASK, MONOTONE, LOGARITHM, SETTINGS, FLAGGED)


def train(data: Path | None, out: Path | None) -> None:
    """Writes the model into `out` (by default where the shipped one is). Raises DataNotFound."""
    survey.train(PLAN, data, out)
