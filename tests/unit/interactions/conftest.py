"""One formulary and one index for all tests about interactions, and a short way to ask about medicines."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from cdss.rules.alert import Alert, Unknown
from cdss.rules.asking.context import Context
from cdss.rules.drugs.formulary import Formulary
from cdss.rules.facts import Coded, Facts, Given, Medication, Observation, Order, Patient, Quantity
from cdss.rules.interactions.index import FOLDER, InteractionIndex
from cdss.rules.interactions.pairs import interactions

DAY = date(2026, 11, 1)
Answer = tuple[list[Alert], list[Unknown]]


class Ask:
    """Asks about orders written `name dose unit times route`, each part but the name optional."""

    def __init__(self, formulary: Formulary, index: InteractionIndex) -> None:
        self.formulary, self.index = formulary, index
        self.failed: list[str] = []

    def __call__(
        self, *orders: str, taking: tuple[str, ...] = (), given: tuple[str, ...] = (), **patient: Any
    ) -> Answer:
        """Alerts and unknowns. `conditions` are ICD-10 codes, `allergies` words, `results` (LOINC, value, unit)."""
        results = tuple(Observation(loinc, value, unit, DAY) for loinc, value, unit in patient.pop("results", ()))
        if "conditions" in patient:
            patient["conditions"] = tuple(Coded("ICD-10", code) for code in patient["conditions"])
        if "allergies" in patient:
            patient["allergies"] = tuple(self.formulary.allergy(text=text) for text in patient["allergies"])
        medications = tuple(Medication(**self.medicine(text)) for text in taking)
        facts = Facts(
            Patient(observations=results, medications=medications, **patient),
            tuple(Order(str(i), **self.medicine(text)) for i, text in enumerate(orders)),
            DAY,
            given={name: Given(True) for name in given},
        )
        verdicts = interactions(Context(facts), self.index, lambda rule, _: self.failed.append(rule))
        return [v.alert for v in verdicts if v.alert], [v.unknown for v in verdicts if v.unknown]

    def medicine(self, text: str) -> dict[str, Any]:
        """The fields of an order or a medication."""
        name, *rest = text.split()
        amount = Quantity(float(rest[0]), rest[1]) if len(rest) > 1 else None
        times = float(rest[2]) if len(rest) > 2 else None
        route = rest[3] if len(rest) > 3 else None
        return {"drug": self.formulary.resolve(name=name), "dose": amount, "times_a_day": times, "route": route}


@pytest.fixture(scope="package")
def formulary() -> Formulary:
    return Formulary.load()


@pytest.fixture(scope="package")
def index(formulary: Formulary) -> InteractionIndex:
    return InteractionIndex.load(FOLDER, formulary)


@pytest.fixture
def ask(formulary: Formulary, index: InteractionIndex) -> Iterator[Ask]:
    asking = Ask(formulary, index)
    yield asking
    assert asking.failed == []
