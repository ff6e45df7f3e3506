"""One resident in a few words, and what the rules about residents say of them.

A row says what was told (`hypertension`, `bp_medication` ...), what was measured (units of the resident table) and
`seen`, how many days ago: 0 unless told. What is not in the row is unknown.
"""

from datetime import date, timedelta
from typing import Any

from cdss.rules.asking.context import Context
from cdss.rules.facts import Facts, Given, Observation, Patient
from cdss.rules.pack import Pack

TODAY = date(2026, 11, 25)
MEASURED = {  # name in a row: LOINC, unit
    "sbp": ("8480-6", "mm[Hg]"),
    "dbp": ("8462-4", "mm[Hg]"),
    "pulse": ("8867-4", "/min"),
    "bmi": ("39156-5", "kg/m2"),
    "waist": ("8280-0", "cm"),
    "fpg": ("14771-0", "mmol/L"),
    "random": ("15074-8", "mmol/L"),
    "hba1c": ("4548-4", "%"),
    "tc": ("14647-2", "mmol/L"),
    "ldl": ("22748-8", "mmol/L"),
    "hdl": ("14646-4", "mmol/L"),
    "tg": ("14927-8", "mmol/L"),
    "egfr": ("98979-8", "mL/min/{1.73_m2}"),
    "uacr": ("9318-7", "mg/g"),
}
UNITS = {
    "sbp_previous": "mm[Hg]",
    "dbp_previous": "mm[Hg]",
    "fpg_previous": "mmol/L",
    "days_since_previous": "d",
    "cvd_risk_10y": "%",
}
PERSON = {"age", "sex", "pregnant", "seen"}


def said(pack: Pack, row: dict[str, Any]) -> set[str]:
    """`bp-control#5 precaution`: every rule that speaks, which of its alerts, and how severe."""
    context = Context(facts(row))
    verdicts = [(rule.rule.id, rule.ask(context, None)) for rule in pack.by_event["resident"]]
    return {f"{short(id)}#{v.answer} {v.alert.severity}" for id, v in verdicts if v.alert}


def short(rule: str) -> str:
    """A rule's id without the folders all of them have."""
    return rule.removeprefix("pathway/").removeprefix("resident/")


def facts(row: dict[str, Any]) -> Facts:
    """What the engine is told of a row."""
    seen, age = row.get("seen", 0), row.get("age")
    day = TODAY - timedelta(days=seen)
    patient = Patient(
        birth_date=None if age is None else date(TODAY.year - age, 1, 1),
        sex=row.get("sex"),
        pregnant=row.get("pregnant"),
        observations=tuple(
            Observation(loinc, float(row[name]), unit, day) for name, (loinc, unit) in MEASURED.items() if name in row
        ),
    )
    given = {name: _given(name, row[name]) for name in row.keys() - MEASURED.keys() - PERSON}
    return Facts(patient, (), TODAY, "resident", {"days_since_visit": Given(float(seen), "d"), **given})


def _given(name: str, value: float | bool) -> Given:
    return Given(value if isinstance(value, bool) else float(value), UNITS.get(name, ""))
