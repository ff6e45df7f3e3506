"""An assessment as the JSON API tells it."""

from typing import Any

from cdss.serving.platform.language import Lang, pick
from cdss.serving.population.scoring.assessment import Advice, Assessment, ModelSaid
from cdss.serving.population.scoring.risks import named, shown


def told(assessment: Assessment, lang: Lang) -> dict[str, Any]:
    """Everything said of one resident, in one language."""
    return {
        "id": assessment.id,
        "day": assessment.day.isoformat(),
        "age": assessment.age,
        "sex": assessment.sex,
        "village": assessment.village,
        "doctor": assessment.doctor,
        "tier": assessment.tier,
        "fault": assessment.fault,
        "models": [_said(said, lang) for said in assessment.models],
        "advices": [_advice(advice, lang) for advice in assessment.advices],
    }


def _said(said: ModelSaid, lang: Lang) -> dict[str, Any]:
    return {
        "model": said.model,
        "version": said.version,
        "probability": said.probability,
        "points": said.points,
        "basis": said.basis,
        "tier": said.tier,
        "flagged": said.flagged,
        "reasons": [
            {
                "feature": why.feature,
                "value": why.value,
                "contribution": why.contribution,
                "text": pick(shown(why.feature, why.value), lang),
            }
            for why in said.reasons
        ],
        "missing": [{"feature": name, "text": pick(named(name), lang)} for name in said.missing],
        "why_not": pick(said.why_not, lang),
    }


def _advice(advice: Advice, lang: Lang) -> dict[str, Any]:
    return {
        "rule": advice.rule,
        "severity": advice.severity,
        "summary": pick(advice.summary, lang),
        "action": pick(advice.action, lang),
        "due": advice.due.isoformat() if advice.due else "",
        "review": advice.review,
    }
