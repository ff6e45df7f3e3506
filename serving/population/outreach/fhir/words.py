"""What every resource says of itself, and the small shapes they share."""

from typing import Any

from cdss.rules.alert import Text
from cdss.serving.emr.simple.answer import NEEDS_REVIEW, NOTICE
from cdss.serving.platform.language import Lang, pick
from cdss.serving.population.scoring.assessment import Advice

REMINDER, RULE, MODEL = "urn:wangdi-cdss:reminder", "urn:wangdi-cdss:rule", "urn:wangdi-cdss:model"
SNOMED = "http://snomed.info/sct"
PROGRAM = {"display": "Wangdi CDSS"}

Resource = dict[str, Any]


def subject(resident_id: str) -> Resource:
    """A reference to the resident by what the site calls them: no Patient resource is kept here."""
    return {"type": "Patient", "identifier": {"value": resident_id}}


def notes(lang: Lang, *more: str, review: bool = False) -> list[Resource]:
    """What the resource is not, whether its knowledge still needs clinical review, and what else is to be said."""
    notice = pick(NOTICE, lang) + (pick(NEEDS_REVIEW, lang) if review else "")
    return [{"text": text} for text in (notice, *more) if text]


def said(advice: Advice, lang: Lang) -> str:
    """What was found and what is to be done."""
    return " ".join(text for text in (pick(advice.summary, lang), pick(advice.action, lang)) if text)


def concept(text: Text, lang: Lang, system: str = "", code: str = "") -> Resource:
    """A CodeableConcept; its coding is left out where there is no code."""
    return filled({"coding": [{"system": system, "code": code}] if code else None, "text": pick(text, lang)})


def filled(body: Resource) -> Resource:
    """Without what is empty: FHIR has no empty elements."""
    return {name: value for name, value in body.items() if value not in (None, "", [], {})}
