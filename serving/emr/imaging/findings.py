"""What was found in the patient, as criteria for imaging ask for it: told as observations, reasons or diagnoses."""

import re
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

import msgspec

from cdss.rules.facts import Coded
from cdss.rules.terms.diagnoses import in_icd10
from cdss.serving.emr.fhir import types as fhir
from cdss.serving.emr.fhir.chart import Chart
from cdss.serving.emr.fhir.codes import NOT_MEASURED
from cdss.serving.emr.fhir.days import latest_first, read_day
from cdss.serving.emr.fhir.medicines import coded
from cdss.serving.emr.fhir.types import CodeableConcept
from cdss.serving.emr.imaging.orders import ImagingOrder, text_of
from cdss.serving.emr.lexicon import Lexicon, names

FINDINGS = Lexicon("imaging/words/findings.csv")
COMPLAINTS = tuple(names(row)[0] for row in FINDINGS.rows if row["complaint"])
ALARMING = tuple(names(row)[0] for row in FINDINGS.rows if row["red_flag"])
FRESH_DAYS = 14  # an older examination says nothing of the present complaint
YES = frozenset({"373066001", "LA33-6", "52101004", "10828004", "POS", "Y"})  # SNOMED CT, LOINC and HL7 answers
NO = frozenset({"373067005", "LA32-8", "2667000", "260385009", "NEG", "N"})
YES_WORDS, NO_WORDS = ("有", "是", "阳性", "yes", "present", "positive", "true"), (
    "无", "否", "没有", "阴性", "no", "absent", "negative", "false", "none",
)  # fmt: skip
RED_FLAGS = "red_flags"
DURATION = re.compile(r"(\d{1,3})\s*余?个?\s*(小时|天|日|周|星期|月|年|hours?|days?|weeks?|months?|years?)")
DAYS = {
    "小": 1 / 24,
    "h": 1 / 24,
    "天": 1,
    "日": 1,
    "d": 1,
    "周": 7,
    "星": 7,
    "w": 7,
    "月": 30,
    "m": 30,
    "年": 365,
    "y": 365,
}


def findings(order: ImagingOrder, chart: Chart, conditions: tuple[Coded, ...] | None, today: date) -> dict[str, bool]:
    """Each finding that was told, and whether it is so. What is said of the order itself outweighs the chart.

    Where the order gives a reason, a complaint that it does not name is not the reason.
    """
    told = dict.fromkeys(COMPLAINTS, False) if "".join(_reasons(order)).strip() else {}
    for name, so in (*_of_history(conditions or ()), *_of_chart(chart, today), *_of_order(order, chart)):
        told[name] = so
    return told | ({RED_FLAGS: True} if any(told.get(name) for name in ALARMING) else {})


def symptom_days(order: ImagingOrder) -> float | None:
    """How long the complaint has lasted, from the words of the order."""
    match = DURATION.search(" ".join(_reasons(order)).casefold())
    return float(match[1]) * DAYS[match[2][0]] if match else None


def _of_history(conditions: Iterable[Coded]) -> Iterator[tuple[str, bool]]:
    """What a diagnosis of the past still means today."""
    for condition in conditions:
        yield from ((name, True) for name in _by_code(condition, history=True))


def _by_code(condition: Coded, history: bool) -> Iterator[str]:
    if condition.system != "ICD-10":
        return
    for row in FINDINGS.rows:
        told = condition.code.startswith(tuple(row["icd10"].split()))
        if told and (row["history"] or not history):
            yield from names(row)


def _of_chart(chart: Chart, today: date) -> Iterator[tuple[str, bool]]:
    for seen in reversed(latest_first(chart.of(fhir.Observation), today)):
        day = read_day(seen.when, today) or today
        if seen.status not in NOT_MEASURED and (today - day).days <= FRESH_DAYS:
            yield from _observed(seen)


def _observed(seen: fhir.Observation) -> Iterator[tuple[str, bool]]:
    answer = _answer(seen)
    rows = [FINDINGS.codes[code] for code in seen.code.codes() if code in FINDINGS.codes]
    rows += [row for row, _ in FINDINGS.said(text_of(seen.code))]
    if answer is None:
        yield from _said(seen.value_string or (text_of(seen.value_codeable_concept or CodeableConcept())))
        return
    for row in rows:
        yield from _told(row, answer)


def _answer(seen: fhir.Observation) -> bool | None:
    if seen.value_boolean is not None:
        return seen.value_boolean
    concept = seen.value_codeable_concept or CodeableConcept()
    if concept.codes() & (YES | NO):
        return bool(concept.codes() & YES)
    word = (seen.value_string or concept.words()).strip().casefold()
    return True if word in YES_WORDS else False if word in NO_WORDS else None


def _of_order(order: ImagingOrder, chart: Chart) -> Iterator[tuple[str, bool]]:
    for concept in order.request.reason_code:
        yield from _of_concept(concept)
    for reference in (*order.request.reason_reference, *order.request.supporting_info):
        yield from _referenced(chart.find(reference.reference) or _contained(order, reference.reference), chart)
    for text in (*(note.text for note in order.request.note), order.request.code.text):
        yield from _said(text)


def _referenced(raw: dict[str, Any] | None, chart: Chart) -> Iterator[tuple[str, bool]]:
    """What a condition or an observation tells that the order names as its reason; one that cannot be read is said."""
    kind = str(raw.get("resourceType")) if raw else ""
    try:
        if kind == "Condition":
            yield from _of_concept(fhir.read(raw, fhir.Condition).code)
        elif kind == "Observation":
            yield from _observed(fhir.read(raw, fhir.Observation))
    except msgspec.ValidationError:
        chart.notes.add("resource-unreadable", found=kind)


def _of_concept(concept: CodeableConcept) -> Iterator[tuple[str, bool]]:
    for condition in coded(concept):
        yield from ((name, True) for name in _by_code(in_icd10(condition), history=False))
    for code in concept.codes() & FINDINGS.codes.keys():
        yield from _told(FINDINGS.codes[code], True)
    yield from _said(text_of(concept))


def _contained(order: ImagingOrder, reference: str) -> dict[str, Any] | None:
    return next((one for one in order.request.contained if f"#{one.get('id')}" == reference), None)


def _said(text: str) -> Iterator[tuple[str, bool]]:
    for row, so in FINDINGS.said(text):
        yield from _told(row, so)


def _told(row: dict[str, str], so: bool) -> Iterator[tuple[str, bool]]:
    """The finding, and if it is so what it implies; what is denied implies nothing."""
    first, *implied = names(row)
    yield first, (row["value"] == "true") == so
    if so:
        yield from ((name, True) for name in implied)


def _reasons(order: ImagingOrder) -> Iterator[str]:
    yield from (text_of(concept) for concept in order.request.reason_code)
    yield from (note.text for note in order.request.note)
