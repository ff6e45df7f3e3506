"""What the models say of a resident as RiskAssessment (FHIR R4): one for each model that gave an answer.

A model without an answer gives no RiskAssessment: nothing that could be read as low risk. Why it had none stands in
`GET /api/v1/residents/{id}`.
"""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path

import msgspec
import yaml

from cdss.rules.alert import Text
from cdss.serving.platform.language import Lang, pick
from cdss.serving.population.outreach.fhir.ids import risk_id
from cdss.serving.population.outreach.fhir.words import (
    MODEL,
    PROGRAM,
    SNOMED,
    Resource,
    concept,
    filled,
    notes,
    said,
    subject,
)
from cdss.serving.population.scoring.assessment import Assessment, ModelSaid
from cdss.serving.population.scoring.words import named, shown

OUTCOMES = Path(__file__).with_name("outcomes.yaml")
RISK_PROBABILITY = "http://terminology.hl7.org/CodeSystem/risk-probability"
QUALITATIVE = {  # tier: code of that system, words
    "high": ("high", Text("高", "high")),
    "medium": ("moderate", Text("中", "medium")),
    "low": ("low", Text("未达阈值", "below the threshold")),
}
LACKED = Text("缺少：", "Not known: ")
BASIS = Text("所用资料：", "Answered from: ")
POINTS = Text("{} 分", "{} points")


class Outcome(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a model predicts; `years` 0: present now."""

    zh: str
    en: str
    snomed: str
    years: int


class Outcomes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file outcomes.yaml; `state` says whether doctors have reviewed it."""

    state: str
    dated: date
    outcomes: Mapping[str, Outcome]


@lru_cache(maxsize=1)
def known_outcomes() -> Outcomes:
    """What each model predicts."""
    return msgspec.convert(yaml.safe_load(OUTCOMES.read_text(encoding="utf-8")), Outcomes)


def risks(assessment: Assessment, lang: Lang) -> list[Resource]:
    """Of every model that gave an answer, in the order of the assessment."""
    answered = [one for one in assessment.models if one.tier != "unknown"]
    return [_risk(assessment, one, lang) for one in answered]


def _risk(assessment: Assessment, one: ModelSaid, lang: Lang) -> Resource:
    todo = assessment.next
    basis = f"{pick(BASIS, lang)}{one.basis}" if one.basis else ""
    missing = f"{pick(LACKED, lang)}{', '.join(pick(named(name), lang) for name in one.missing)}" if one.missing else ""
    return filled(
        {
            "resourceType": "RiskAssessment",
            "id": risk_id(assessment.id, one.model),
            "status": "preliminary",
            "method": {"coding": [{"system": MODEL, "version": one.version, "code": one.model}], "text": one.model},
            "subject": subject(assessment.id),
            "occurrenceDateTime": assessment.day.isoformat(),
            "performer": PROGRAM,
            "basis": [{"display": pick(shown(why.feature, why.value), lang)} for why in one.reasons],
            "prediction": [_prediction(assessment, one, lang)],
            "mitigation": said(todo, lang) if todo else None,
            "note": notes(lang, basis, missing, review=known_outcomes().state != "reviewed"),
        }
    )


def _prediction(assessment: Assessment, one: ModelSaid, lang: Lang) -> Resource:
    """The probability in percent, as R4 wants it (RiskAssessment.prediction.probability); else points and tier."""
    outcome = known_outcomes().outcomes.get(one.model)
    code, words = QUALITATIVE[one.tier]
    percent = None if one.probability is None else round(100 * one.probability, 2)
    points = "" if one.points is None else pick(POINTS, lang).format(f"{one.points:g}")
    return filled(
        {
            "outcome": _outcome(one.model, outcome, lang),
            "probabilityDecimal": percent,
            "qualitativeRisk": concept(words, lang, RISK_PROBABILITY, code) if percent is None else None,
            "whenPeriod": _period(assessment.day, outcome.years) if outcome and outcome.years else None,
            "rationale": points,
        }
    )


def _outcome(model: str, outcome: Outcome | None, lang: Lang) -> Resource:
    if outcome is None:
        return {"text": model}
    return concept(Text(outcome.zh, outcome.en), lang, SNOMED, outcome.snomed)


def _period(start: date, years: int) -> Resource:
    end = date(start.year + years, start.month, min(start.day, 28))
    return {"start": start.isoformat(), "end": end.isoformat()}
