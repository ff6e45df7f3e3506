"""Kidney, liver, pregnancy and breastfeeding, whole way: names as a doctor writes them in, alerts out."""

from datetime import date
from typing import Any

import pytest

from cdss.rules.alert import Alert
from cdss.rules.engine import Review, evaluate
from cdss.rules.facts import Coded, Facts, Observation, Order, Patient, Quantity
from cdss.rules.pack import Pack, load

DAY = date(2026, 11, 25)
EGFR, CLEARANCE, ALT, WEEKS = "98979-8", "35591-7", "1742-6", "18185-9"
UNITS = {EGFR: "mL/min/{1.73_m2}", CLEARANCE: "mL/min", ALT: "U/L", WEEKS: "wk"}
KINDS = {"renal", "hepatic", "pregnancy", "lactation"}
PACK: Pack = load()


def review(name: str, daily: float | None = None, labs: dict[str, float] | None = None, **patient: Any) -> Review:
    """The answer to one order; `daily` in mg, `labs` by LOINC, all of today."""
    observed = tuple(Observation(loinc, value, UNITS[loinc], DAY) for loinc, value in (labs or {}).items())
    order = Order("o1", PACK.formulary.resolve(name=name), daily=Quantity(daily, "mg") if daily else None)
    return evaluate(PACK, Facts(Patient(observations=observed, **patient), (order,), DAY))


def alerts(found: Review) -> dict[str, str]:
    """Severity by rule, of the kinds tested here."""
    return {alert.rule: alert.severity for alert in found.alerts if alert.kind in KINDS}


def alert(found: Review, rule: str) -> Alert:
    """The one alert of that rule."""
    return next(alert for alert in found.alerts if alert.rule == rule)


KIDNEY = [
    ("阿莫西林克拉维酸钾片", 1500, 25, {"renal/amoxicillin": "precaution"}),
    ("阿莫西林胶囊", 1000, 25, {}),
    ("西格列汀二甲双胍片", None, 28, {"renal/sitagliptin": "precaution", "renal/metformin": "contraindicated"}),
    ("复方氨酚烷胺片", None, 40, {"renal/amantadine": "precaution"}),
    ("盐酸曲美他嗪片", 60, 29, {"renal/trimetazidine": "contraindicated"}),
    ("盐酸曲美他嗪片", 60, 45, {"renal/trimetazidine": "precaution"}),
    ("注射用去甲万古霉素", None, 40, {"renal/glycopeptides": "precaution"}),
    ("瑞舒伐他汀钙片", 10, 25, {"renal/rosuvastatin": "avoid"}),
    ("利格列汀片", 5, 10, {}),
    ("头孢曲松钠", 2000, 10, {}),
]


@pytest.mark.parametrize(("name", "daily", "egfr", "expected"), KIDNEY)
def test_kidney(name: str, daily: float | None, egfr: float, expected: dict[str, str]) -> None:
    assert alerts(review(name, daily, {EGFR: egfr}, sex="male", conditions=())) == expected


def test_a_dose_that_suits_any_kidney_asks_for_no_kidney_function() -> None:
    small, large = review("西格列汀片", 25, sex="male"), review("西格列汀片", 100, sex="male")
    assert "renal/sitagliptin" not in {unknown.rule for unknown in small.unknown}
    assert "renal/sitagliptin" in {unknown.rule for unknown in large.unknown}


def test_the_alert_says_the_dose_and_what_to_give() -> None:
    said = alert(review("法莫替丁片", 40, {EGFR: 25}, sex="male"), "renal/famotidine")
    assert said.summary.zh == "eGFR 25 mL/min/1.73 m²，低于 30：每日最多 10 mg，现为 40 mg。"
    assert said.action.en == "10 mg once a day or 20 mg every other day; watch for confusion."


def test_creatinine_clearance_wins_over_egfr_which_stands_in_for_it() -> None:
    male = {"sex": "male", "conditions": ()}
    assert alerts(review("利伐沙班片", labs={CLEARANCE: 55, EGFR: 40}, **male)) == {}
    assert alerts(review("利伐沙班片", labs={CLEARANCE: 14, EGFR: 40}, **male)) == {"renal/rivaroxaban": "avoid"}
    assert alerts(review("利伐沙班片", labs={EGFR: 40}, **male)) == {"renal/rivaroxaban": "precaution"}
    (unknown,) = (u for u in review("利伐沙班片", **male).unknown if u.rule == "renal/rivaroxaban")
    assert unknown.needs == ("clearance", "egfr")


LIVER = [
    ("布洛芬缓释胶囊", "K74.6", 30, {"hepatic/nsaids": "avoid"}),
    ("地西泮片", "K72.9", 30, {"hepatic/benzodiazepines": "avoid"}),
    ("吡嗪酰胺片", "I10", 121, {"hepatic/pyrazinamide": "avoid"}),
    ("吡嗪酰胺片", "I10", 120, {}),
    ("丙戊酸钠缓释片", "B18.1", 30, {"hepatic/valproate": "precaution"}),
    ("阿托伐他汀钙片", "I10", 130, {"hepatic/statins": "precaution"}),
    ("度洛西汀肠溶胶囊", "K70.3", 30, {"hepatic/duloxetine": "avoid"}),
    ("度洛西汀肠溶胶囊", "K76.0", 30, {}),
]


@pytest.mark.parametrize(("name", "code", "alt", "expected"), LIVER)
def test_liver(name: str, code: str, alt: float, expected: dict[str, str]) -> None:
    known = (Coded("ICD-10", code, "诊断"),)
    assert alerts(review(name, labs={ALT: alt, EGFR: 90}, sex="male", conditions=known)) == expected


PREGNANT = [
    ("阿托伐他汀钙片", None, "avoid"),
    ("维A酸乳膏", None, "avoid"),
    ("布洛芬片", 12, "precaution"),
    ("布洛芬片", 20, "avoid"),
    ("布洛芬片", None, "avoid"),
    ("呋喃妥因肠溶片", 38, "contraindicated"),
    ("甲巯咪唑片", 20, None),
    ("复方利血平氨苯蝶啶片", None, "avoid"),
    ("青霉素V钾片", None, None),
]


@pytest.mark.parametrize(("name", "weeks", "worst"), PREGNANT)
def test_pregnancy(name: str, weeks: float | None, worst: str | None) -> None:
    found = review(name, labs={WEEKS: weeks} if weeks else {}, pregnant=True)
    assert next((a.severity for a in found.alerts if a.kind == "pregnancy"), None) == worst


def test_aspirin_that_prevents_pre_eclampsia_is_left_alone() -> None:
    assert alerts(review("阿司匹林肠溶片", 100, pregnant=True)) == {}
    assert alerts(review("阿司匹林肠溶片", 1000, pregnant=True)) == {"pregnancy/aspirin": "avoid"}


def asked(name: str, **patient: Any) -> set[str]:
    """The facts about pregnancy and breastfeeding that rules miss."""
    needs = {need for unknown in review(name, **patient).unknown for need in unknown.needs}
    return needs & {"pregnant", "breastfeeding"}


def test_pregnancy_is_asked_of_women_of_that_age_only() -> None:
    assert asked("左氧氟沙星片", sex="female", birth_date=date(1996, 1, 1)) == {"pregnant", "breastfeeding"}
    assert asked("左氧氟沙星片", sex="female", birth_date=date(1960, 1, 1)) == set()
    assert asked("左氧氟沙星片", sex="female", birth_date=date(2020, 1, 1)) == set()
    assert asked("左氧氟沙星片", sex="male") == set()


@pytest.mark.parametrize(
    ("name", "severity"),
    [
        ("复方磷酸可待因口服溶液", "avoid"),
        ("阿替洛尔片", "precaution"),
        ("异维A酸软胶囊", "contraindicated"),
        ("布洛芬片", None),
        ("塞来昔布胶囊", None),
        ("尼美舒利片", "avoid"),
    ],
)
def test_breastfeeding(name: str, severity: str | None) -> None:
    found = review(name, breastfeeding=True, pregnant=False)
    assert next((a.severity for a in found.alerts if a.kind == "lactation"), None) == severity
