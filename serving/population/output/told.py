"""An assessment as the JSON API tells it."""

from collections.abc import Sequence
from typing import Any

from cdss.rules.alert import Text
from cdss.serving.platform.language import Lang, pick
from cdss.serving.population.scoring.assessment import Advice, Assessment, ModelSaid, Why
from cdss.serving.population.scoring.words import named, shown

RAISES_MOST, LOWERS_MOST = Text("升高风险最多", "raises the risk most"), Text("降低风险最多", "lowers the risk most")
RAISES, LOWERS = Text("升高风险", "raises the risk"), Text("降低风险", "lowers the risk")


def told(assessment: Assessment, lang: Lang) -> dict[str, Any]:
    """Everything said of one resident, in one language."""
    return {
        "id": assessment.id,
        "day": assessment.day.isoformat(),
        "age": assessment.age,
        "sex": assessment.sex,
        "village": assessment.village,
        "doctor": assessment.doctor,
        "diseases": list(assessment.diseases),
        "last_visit": assessment.last_visit.isoformat() if assessment.last_visit else "",
        "tier": assessment.tier,
        "fault": assessment.fault,
        "models": [_said(said, lang) for said in assessment.models],
        "advices": [advised(advice, lang) for advice in assessment.advices],
        "unchecked": [
            {"rule": one.rule, "lacks": [pick(text, lang) for text in one.lacks]} for one in assessment.unchecked
        ],
        "record": assessment.record,
    }


def advised(advice: Advice, lang: Lang) -> dict[str, Any]:
    """One item of advice."""
    return {
        "rule": advice.rule,
        "severity": advice.severity,
        "summary": pick(advice.summary, lang),
        "action": pick(advice.action, lang),
        "due": advice.due.isoformat() if advice.due else "",
        "review": advice.review,
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
                "effect": pick(effect, lang),
            }
            for why, effect in zip(said.reasons, effects(said.reasons), strict=True)
        ],
        "missing": [{"feature": name, "text": pick(named(name), lang)} for name in said.missing],
        "why_not": pick(said.why_not, lang),
        "note": pick(said.note, lang),
    }


def effects(reasons: Sequence[Why]) -> list[Text]:
    """What each reason does, in words; the largest each way does it most."""
    most = max((why.contribution for why in reasons), default=0.0)
    least = min((why.contribution for why in reasons), default=0.0)
    return [
        (RAISES_MOST if why.contribution == most else RAISES)
        if why.contribution > 0
        else (LOWERS_MOST if why.contribution == least else LOWERS)
        for why in reasons
    ]
