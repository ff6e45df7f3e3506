"""FHIR dosage instructions, one or several, structured or written, as route / dose / times a day / daily amount."""

from typing import Any

import msgspec
import pytest

from cdss.rules.facts import Quantity
from cdss.serving.emr.fhir import types as fhir
from cdss.serving.emr.fhir.dosage import Instruction, prescribed

MG, TABLET = {"unit": "mg", "code": "mg"}, {"unit": "TAB", "code": "TAB"}


def read(*dosages: dict[str, Any]) -> Instruction:
    return prescribed([msgspec.convert(one, fhir.Dosage) for one in dosages])


def said(found: Instruction) -> str:
    parts = (found.route, found.dose, found.times, found.daily)
    return " / ".join(
        "-"
        if part is None
        else f"{part.value:g} {part.unit}"
        if isinstance(part, Quantity)
        else part
        if isinstance(part, str)
        else f"{part:.4g}"
        for part in parts
    )


def dose(value: float, unit: dict[str, str] = MG, **more: Any) -> dict[str, Any]:
    return {"doseAndRate": [{"doseQuantity": {"value": value, **unit}}], **more}


def repeat(**how: Any) -> dict[str, Any]:
    return {"timing": {"repeat": how}}


DAILY = repeat(frequency=1, period=1, periodUnit="d")
WEEK = {"boundsDuration": {"value": 7, "code": "d"}, "frequency": 1, "period": 1, "periodUnit": "d"}
NEEDED = {"asNeededBoolean": True}
MOST = {"maxDosePerPeriod": {"numerator": {"value": 4, "code": "g"}, "denominator": {"value": 24, "code": "h"}}}

ONE = [
    ("nothing", {}, "- / - / - / -"),
    ("a day", dose(5, **DAILY), "- / 5 mg / 1 / -"),
    ("a period alone means once in it", dose(5, **repeat(period=8, periodUnit="h")), "- / 5 mg / 3 / -"),
    ("the most of a range", dose(5, **repeat(frequencyMax=3, period=1, periodUnit="d")), "- / 5 mg / 3 / -"),
    ("moments of the day", dose(5, **repeat(when=["MORN", "EVE"])), "- / 5 mg / 2 / -"),
    ("at each meal", dose(5, **repeat(when=["AC"])), "- / 5 mg / 3 / -"),
    ("hours of the day", dose(5, **repeat(timeOfDay=["08:00:00", "14:00:00", "20:00:00"])), "- / 5 mg / 3 / -"),
    ("days of the week", dose(7, **repeat(dayOfWeek=["mon", "wed", "fri"])), "- / 7 mg / 0.4286 / -"),
    ("once a week on Monday", dose(7, **repeat(dayOfWeek=["mon"], frequency=1, period=1, periodUnit="wk")),
     "- / 7 mg / 0.1429 / -"),
    ("a code", dose(5, timing={"code": {"coding": [{"code": "TID"}]}}), "- / 5 mg / 3 / -"),
    ("the display of a local code", dose(5, timing={"code": {"coding": [{"code": "04", "display": "每日两次"}]}}),
     "- / 5 mg / 2 / -"),
    ("counted", dose(1, TABLET, **DAILY), "- / 1 TAB / 1 / -"),
    ("counted in UCUM ones", dose(1, {"unit": "tablet", "code": "1"}, **DAILY), "- / 1 tablet / 1 / -"),
    ("counted in words", dose(2, {"unit": "片"}, **DAILY), "- / 2 片 / 1 / -"),
    ("as needed, no maximum", dose(500, **NEEDED), "- / 500 mg / - / -"),
    ("as needed, every 6 hours at most", dose(500, **NEEDED, **repeat(frequency=1, period=6, periodUnit="h")),
     "- / 500 mg / 4 / -"),
    ("as needed, a maximum", dose(500, **NEEDED, **MOST), "- / 500 mg / - / 4 g"),
    ("text alone", {"text": "口服，一次2片，一日3次"}, "po / 2 片 / 3 / -"),
    ("text beside a structured dose", dose(250, text="一次1片，一日3次 口服"), "po / 250 mg / 3 / -"),
    ("text with another frequency than the structure", dose(250, **DAILY, text="tid"), "- / 250 mg / 1 / -"),
]  # fmt: skip


@pytest.mark.parametrize(("what", "told", "expected"), ONE, ids=[row[0] for row in ONE])
def test_one_instruction(what: str, told: dict[str, Any], expected: str) -> None:
    assert said(read(told)) == expected


SEVERAL = [
    ("morning and evening add up", [dose(10, **repeat(when=["MORN"])), dose(5, **repeat(when=["EVE"]))],
     "- / 10 mg / - / 15 mg"),
    ("numbered, but at moments of one day",
     [dose(10, **repeat(when=["MORN"]), sequence=1), dose(5, **repeat(when=["EVE"]), sequence=2)],
     "- / 10 mg / - / 15 mg"),
    ("tablets add up", [dose(1, TABLET, **DAILY), dose(2, {"unit": "片"}, **DAILY)], "- / 2 片 / - / 3 TAB"),
    ("units convert", [dose(1, {"code": "g"}, **DAILY), dose(500, **DAILY)], "- / 500 mg / - / 1.5 g"),
    ("a taper does not",
     [dose(30, **repeat(**WEEK), sequence=1), dose(20, **repeat(**WEEK), sequence=2),
      dose(10, **repeat(**WEEK), sequence=3)], "- / 30 mg / - / 30 mg"),
    ("sequence without bounds is not added up", [dose(10, **DAILY, sequence=1), dose(20, **DAILY, sequence=2)],
     "- / 20 mg / - / 20 mg"),
    ("periods that begin on other days follow each other",
     [dose(10, **repeat(boundsPeriod={"start": "2026-01-01"}, frequency=1, period=1, periodUnit="d")),
      dose(20, **repeat(boundsPeriod={"start": "2026-01-08"}, frequency=1, period=1, periodUnit="d"))],
     "- / 20 mg / - / 20 mg"),
    ("one as needed without a maximum: the day is unknown", [dose(500, **DAILY), dose(250, **NEEDED)],
     "- / 500 mg / - / -"),
    ("tablets and milligrams cannot be added up", [dose(1, TABLET, **DAILY), dose(500, **DAILY)],
     "- / 500 mg / - / -"),
    ("written", [{"text": "早10mg"}, {"text": "晚5mg"}], "- / 10 mg / - / 15 mg"),
]  # fmt: skip


@pytest.mark.parametrize(("what", "told", "expected"), SEVERAL, ids=[row[0] for row in SEVERAL])
def test_several_instructions(what: str, told: list[dict[str, Any]], expected: str) -> None:
    assert said(read(*told)) == expected


@pytest.mark.parametrize(
    "told",
    [{"text": "遵医嘱"}, {"timing": {"code": {"text": "at will"}}}, dose(5, timing={"code": {"text": "??"}})],
)
def test_words_that_say_nothing_are_kept_to_be_said(told: dict[str, Any]) -> None:
    assert read(told).unread


@pytest.mark.parametrize("told", [{"text": "必要时"}, {"text": "tid"}, dose(5, text="遵医嘱"), {}])
def test_words_understood_or_not_needed_are_not(told: dict[str, Any]) -> None:
    assert not read(told).unread


@pytest.mark.parametrize(
    ("told", "method"),
    [
        ({"text": "1 g iv push"}, "push"),
        ({"route": {"text": "静脉"}, "method": {"text": "静滴"}}, "drip"),
        ({"route": {"text": "静脉注射或静脉滴注"}}, None),
        ({}, None),
    ],
)
def test_push_or_drip_is_read_from_method_route_and_text(told: dict[str, Any], method: str | None) -> None:
    assert read(told).method == method
