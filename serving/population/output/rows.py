"""Assessments as rows of the output table: one a resident and model (contract, section 7)."""

from collections.abc import Iterator
from typing import Any

from cdss.rules.alert import Text
from cdss.serving.platform.language import Lang, pick
from cdss.serving.population.scoring.assessment import Assessment, ModelSaid, Why
from cdss.serving.population.scoring.words import shown

HEADER = (
    "id", "model", "version", "probability", "tier", "flagged", "reasons", "missing", "next_action", "due_date",
    "basis",
)  # fmt: skip
NOT_SCORED = Text("未评分：", "not scored: ")


def rows(assessment: Assessment, lang: Lang) -> Iterator[dict[str, Any]]:
    """One row a model; a resident whom no model could be asked about gets one row that says why."""
    action, due = _next(assessment, lang)
    if assessment.fault:
        told = {"reasons": pick(NOT_SCORED, lang) + assessment.fault, "next_action": action, "due_date": due}
        yield {**dict.fromkeys(HEADER, ""), "id": assessment.id, "tier": "unknown", **told}
        return
    for said in assessment.models:
        yield {
            "id": assessment.id,
            "model": said.model,
            "version": said.version,
            "probability": "" if said.probability is None else round(said.probability, 4),
            "tier": said.tier,
            "flagged": "" if said.tier == "unknown" else said.flagged,
            "reasons": reasons(said, lang),
            "missing": " ".join(said.missing),
            "next_action": action,
            "due_date": due,
            "basis": said.basis,
        }


def reasons(said: ModelSaid, lang: Lang) -> str:
    """Why the risk is what it is, or why there is none; last what is to be known of the answer."""
    return "; ".join(filter(None, (_why(said, lang), pick(said.note, lang))))


def _why(said: ModelSaid, lang: Lang) -> str:
    if said.tier == "unknown":
        return pick(NOT_SCORED, lang) + pick(said.why_not, lang)
    if said.points is not None:
        return points_text(said.points, lang)
    return "; ".join(_reason(why, lang) for why in said.reasons)


def points_text(points: float, lang: Lang) -> str:
    """The total of a score."""
    return f"{points:g} 分" if lang == "zh" else f"{points:g} points"


def arrow(raises: bool) -> str:
    """Whether a reason raises or lowers the risk."""
    return "↑" if raises else "↓"


def _reason(why: Why, lang: Lang) -> str:
    return f"{pick(shown(why.feature, why.value), lang)} {arrow(why.contribution > 0)}"


def _next(assessment: Assessment, lang: Lang) -> tuple[str, str]:
    """The most pressing action with what called for it, and its due date."""
    advice = assessment.next
    if advice is None:
        return "", ""
    text = f"{pick(advice.summary, lang)} {pick(advice.action, lang)}"
    return text, advice.due.isoformat() if advice.due else ""
