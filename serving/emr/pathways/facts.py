"""What the rules about an opened chart ask for beside conditions, results and medicines."""

from collections.abc import Iterator
from datetime import date, timedelta

import msgspec

from cdss.rules.asking.context import CLOCK_SKEW
from cdss.rules.facts import Facts, Given, Observation
from cdss.rules.terms.observations import measurements
from cdss.rules.terms.units import NotConvertible, UnknownUnit, convert
from cdss.serving.emr.fhir import care as fhir_care
from cdss.serving.emr.fhir import types as fhir
from cdss.serving.emr.fhir.chart import Chart
from cdss.serving.emr.fhir.codes import NOT_MEASURED
from cdss.serving.emr.fhir.days import latest_first, read_day
from cdss.serving.emr.fhir.types import CodeableConcept
from cdss.serving.emr.lexicon import Lexicon
from cdss.serving.emr.pathways import scores

EXAMINATIONS = Lexicon("pathway/scores/examinations.csv")
NOT_DONE = frozenset({"not-done", "entered-in-error", "preparation", "stopped"})
TOLD = ("laboratory", "vitals", "procedures", "immunizations")  # prefetch keys whose absence the rules must know of
PRESSURES = {"8480-6": "sbp", "8462-4": "dbp"}
EARLIER = ("day_before", "two_days_before")  # the days before the latest on which pressure was measured
PRESSURE_DAYS, LOW_GLUCOSE_DAYS, LOW_GLUCOSE = 92, 90, 3.9  # days, days, mmol/L (国家基层糖尿病防治管理指南 2022)
SMOKING_STATUS = "72166-2"  # LOINC
SMOKERS = frozenset({"77176002", "449868002", "428041000124106", "LA18976-3", "LA18977-1"})  # SNOMED CT, LOINC answers
NEVER_SMOKED = frozenset({"266919005", "LA18978-9"})


def with_chart(facts: Facts, chart: Chart, told: set[str]) -> Facts:
    """The facts of an opened chart; `told` are the kinds of data the client sent, be it an empty list."""
    given: dict[str, Given] = {name: Given(True) for name in TOLD if name in told}
    given |= _examinations(chart, facts.day) | _pressures(facts) | _low_glucose(facts, "laboratory" in told)
    given |= _smoking(chart, facts.day)
    asked = msgspec.structs.replace(facts, event="chart", given=given)
    return msgspec.structs.replace(asked, given=given | _scores(asked))


def _scores(facts: Facts) -> dict[str, Given]:
    if facts.patient.conditions is None:
        return {}
    risk = scores.group("bp-risk-groups.csv", scores.points("bp-risk-factors.csv", facts))
    found = {"bp_risk_group": Given(risk)}
    if facts.patient.birth_date and facts.patient.sex:
        found["cha2ds2_vasc"] = Given(float(scores.points("cha2ds2-vasc.csv", facts)), "1")
    return found


def _examinations(chart: Chart, today: date) -> dict[str, Given]:
    """Days since each examination or vaccination was done last."""
    latest: dict[str, date] = {}
    for name, day in _done(chart, today):
        if day <= today + CLOCK_SKEW:
            latest[name] = max(day, latest.get(name, day))
    return {f"days_since_{name}": Given(float(max((today - day).days, 0)), "d") for name, day in latest.items()}


def _done(chart: Chart, today: date) -> Iterator[tuple[str, date]]:
    for done in chart.of(fhir_care.Procedure):
        if done.status not in NOT_DONE:
            yield from _named(done.code, done.when, today)
    for vaccination in chart.of(fhir_care.Immunization):
        if vaccination.status not in NOT_DONE:
            yield from _named(vaccination.vaccine_code, vaccination.occurrence_date_time, today)
    for seen in chart.of(fhir.Observation):
        if seen.status not in NOT_MEASURED:
            yield from _named(seen.code, seen.when, today)


def _named(concept: CodeableConcept, when: str, today: date) -> Iterator[tuple[str, date]]:
    day = read_day(when, today)
    if day is None:
        return
    by_code = {EXAMINATIONS.codes[code]["name"] for code in concept.codes() if code in EXAMINATIONS.codes}
    words = " ".join((concept.text, *(coding.display for coding in concept.coding)))
    for name in by_code | set(EXAMINATIONS.names(words)):
        yield name, day


def _pressures(facts: Facts) -> dict[str, Given]:
    """The highest pressures of the two days before the latest day they were measured on."""
    days: dict[date, dict[str, float]] = {}
    for seen in facts.patient.observations:
        name, day = PRESSURES.get(seen.loinc), seen.day or facts.day
        value = _in(seen, "mm[Hg]")
        if name and value is not None and timedelta(0) <= facts.day - day <= timedelta(PRESSURE_DAYS):
            days.setdefault(day, {})
            days[day][name] = max(value, days[day].get(name, value))
    earlier = [days[day] for day in sorted(days, reverse=True)[1:3]]
    return {
        f"{name}_{when}": Given(value, "mm[Hg]")
        for when, measured in zip(EARLIER, earlier, strict=False)
        for name, value in measured.items()
    }


def _low_glucose(facts: Facts, told: bool) -> dict[str, Given]:
    """On how many days of the last three months glucose was low; nothing if no glucose could be seen."""
    codes = {*measurements()["glucose"].loinc, *measurements()["fasting_glucose"].loinc}
    recent = [
        seen
        for seen in facts.patient.observations
        if seen.loinc in codes and -1 <= (facts.day - (seen.day or facts.day)).days <= LOW_GLUCOSE_DAYS
    ]
    if not recent and not told:
        return {}
    low = {seen.day for seen in recent if (value := _in(seen, "mmol/L")) is not None and value <= LOW_GLUCOSE}
    return {"low_glucose_days": Given(float(len(low)), "d")}


def _in(seen: Observation, unit: str) -> float | None:
    try:
        return convert(seen.value, seen.unit, unit, seen.loinc)
    except (UnknownUnit, NotConvertible):
        return None


def _smoking(chart: Chart, today: date) -> dict[str, Given]:
    """Whether the patient smokes now, where the latest smoking status says so or says never."""
    stated = [seen for seen in chart.of(fhir.Observation) if SMOKING_STATUS in seen.code.codes()]
    latest = next(iter(latest_first([seen for seen in stated if seen.status not in NOT_MEASURED], today)), None)
    answer = latest.value_codeable_concept.codes() if latest and latest.value_codeable_concept else set()
    return {"smoking": Given(bool(answer & SMOKERS))} if answer & (SMOKERS | NEVER_SMOKED) else {}
