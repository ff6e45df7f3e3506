"""Published scores and equations asked of many residents: NCDRS, PREVENT, the Framingham hypertension risk."""

from collections.abc import Iterable

import numpy as np

from cdss.models.equations import hypertension, prevent
from cdss.models.equations.points import Score
from cdss.rules.alert import Text
from cdss.serving.population.scoring.answers import (
    AGE_OUTSIDE,
    HIGH,
    KNOWN_DIABETES,
    LOW,
    MEDIUM,
    OUTSIDE,
    TOO_LITTLE,
    UNKNOWN,
    Answers,
    Columns,
    Mask,
    Numbers,
)  # fmt: skip
from cdss.serving.population.scoring.assessment import NOTHING

TITLES = {
    "prevent": Text(
        "PREVENT 10 年心血管风险（美国）", "PREVENT, cardiovascular disease within 10 years (United States)"
    ),
    "hypertension_parikh": Text("Framingham 4 年高血压风险", "Framingham, hypertension within 4 years"),
}
PROBLEMS = (NOTHING, TOO_LITTLE, OUTSIDE)
ENOUGH, LITTLE, BEYOND = range(3)

# PREVENT: intermediate from 7.5 %, high from 20 %: 2019 ACC/AHA guideline on primary prevention, categories kept by the
# authors of PREVENT. Framingham: 5 and 10 % are the bounds of Parikh 2008. Both need clinical review.
PREVENT_TIERS = (0.075, 0.20)
HYPERTENSION_TIERS = (0.05, 0.10)


def ncdrs(score: Score, columns: Columns) -> Answers:
    """Points of the New Chinese Diabetes Risk Score; 25 and more is high. Not for those with known diabetes."""
    parts = tuple(dict.fromkeys((*score.points, "sex", "age")))
    points = score.total_table({name: columns[name] for name in parts})
    outside = ~np.isnan(columns["age"]) & ~((columns["age"] >= score.ages[0]) & (columns["age"] <= score.ages[1]))
    missing = _absent(score.points, columns)
    lacking: Mask = np.isnan(points)
    problem = np.select([columns["diabetes"] == 1, outside, lacking], [1, 2, 3], 0)
    value = np.where(problem == 0, points, np.nan)
    flagged = value >= score.high
    tier = np.select([problem != 0, flagged], [UNKNOWN, HIGH], LOW).astype(np.int8)
    problems = (NOTHING, KNOWN_DIABETES, AGE_OUTSIDE, TOO_LITTLE)
    return Answers(score.name, "1.0.0", value, tier, flagged, problem, problems, points=True, missing=missing)


def cardiovascular(columns: Columns) -> Answers:
    """PREVENT: any cardiovascular disease within 10 years, of those who have none."""
    return _equation("prevent", prevent.risk_table(columns), prevent.NEEDED, PREVENT_TIERS, columns)


def hypertension_risk(columns: Columns) -> Answers:
    """Parikh: hypertension within 4 years, of those who have none."""
    needed = tuple(hypertension.COEFFICIENTS)
    return _equation("hypertension_parikh", hypertension.risk_table(columns), needed, HYPERTENSION_TIERS, columns)


def _equation(
    name: str, risk: Numbers, needed: Iterable[str], bounds: tuple[float, float], columns: Columns
) -> Answers:
    missing = _absent(needed, columns)
    lacking: Mask = np.any([*missing.values(), np.zeros(len(risk), bool)], axis=0)
    unknown = np.isnan(risk)
    tier = np.select([unknown, risk >= bounds[1], risk >= bounds[0]], [UNKNOWN, HIGH, MEDIUM], LOW).astype(np.int8)
    problem = np.select([~unknown, lacking], [ENOUGH, LITTLE], BEYOND)
    return Answers(name, "1.0.0", risk, tier, tier == HIGH, problem, PROBLEMS, missing=missing)


def _absent(needed: Iterable[str], columns: Columns) -> dict[str, Mask]:
    """By measurement, whom it is missing of."""
    absent = {name: np.isnan(columns[name]) for name in needed}
    return {name: where for name, where in absent.items() if where.any()}
