"""The facts the engine reasons about, in the ward's nouns. Built by `serving`, read by `rules`, never changed.

Everywhere `None` means "not told", which is not "no": a rule that needs it answers `unknown`.
"""

from datetime import date
from typing import Literal

import msgspec

from cdss.rules.alert import Text

Sex = Literal["male", "female"]


class Ingredient(msgspec.Struct, frozen=True):
    """One active substance. `id` is its English INN in lower case; `atc` are its codes.

    Level 5; a class (level 4 or shorter) where WHO has none for the substance; may be empty.
    """

    id: str
    en: str
    zh: str
    atc: tuple[str, ...] = ()


class Quantity(msgspec.Struct, frozen=True):
    """A number with its UCUM unit, or with what is counted (tablet, 片, {tbl} ...)."""

    value: float
    unit: str


class Strength(msgspec.Struct, frozen=True):
    """How much of an ingredient one piece of a medicine holds, or so many millilitres of it.

    `piece` is the kind that is counted (solid, sachet, ampoule, puff ...), empty: whichever is. `millilitres` is the
    volume the amount is dissolved in, None if there is none. `counted` is False where only the volume says how much:
    5 mg/5 mL does not say what a bottle holds.
    """

    ingredient: str
    amount: Quantity
    piece: str = ""
    millilitres: float | None = None
    counted: bool = True


class Drug(msgspec.Struct, frozen=True):
    """A medicine as it was named, and what it is.

    `ingredients` is empty if nothing could be mapped. `atc` holds the codes rules are triggered by: those given, else
    those of the ingredients that fit the form. `systemic` is False for forms that act where they are put (eye drops,
    cream, inhaled ...). `conflicts` says where the identifiers given contradict each other. `strength` has one entry
    for every ingredient whose strength the name or the tables tell. `mixture`: a mass of it is not the mass of an
    ingredient (combinations, traditional medicines).
    """

    text: str
    ingredients: tuple[Ingredient, ...] = ()
    atc: tuple[str, ...] = ()
    systemic: bool = True
    conflicts: tuple[Text, ...] = ()
    strength: tuple[Strength, ...] = ()
    mixture: bool = False


class Coded(msgspec.Struct, frozen=True):
    """A code with its system (`ICD-10`, `SNOMED`, a URL ...) and the words that came with it; any part may be empty."""

    system: str = ""
    code: str = ""
    name: str = ""


class Allergy(msgspec.Struct, frozen=True):
    """An allergy or intolerance. `drug` has no ingredients if the text could not be mapped to one.

    `other`: understood as something that is no medicine (pollen, dust mites, food), or as none at all.
    """

    text: str
    drug: Drug | None = None
    atc: tuple[str, ...] = ()  # classes named as such: 头孢菌素类 -> J01DB, J01DC, J01DD, J01DE
    other: bool = False


class Observation(msgspec.Struct, frozen=True):
    """A measurement. `derived_from` names the equation, or the diagnosis, when it was not measured.

    A result told only as below or above a number has a value of `conditions.Below` or `AtLeast`. `time` is the time of
    day, HH:MM:SS, empty if not told: of two results of one day the later counts.
    """

    loinc: str
    value: float
    unit: str
    day: date | None = None
    derived_from: str = ""
    time: str = ""


class Medication(msgspec.Struct, frozen=True):
    """A medicine the patient takes already. `daily` wins over dose x times, see Order."""

    drug: Drug
    dose: Quantity | None = None
    times_a_day: float | None = None
    route: str | None = None
    daily: Quantity | None = None


class Order(msgspec.Struct, frozen=True):
    """A medicine being ordered. `route` is a short code: po, iv, im, sc, inh, top, oph, pr, sl ...; None: not told.

    `daily` is the amount of a whole day where several doses differ (10 mg in the morning, 5 mg in the evening) or a
    maximum a day was told; it wins over dose x times. `method`: push or drip, how it goes into a vein; None: not told.
    """

    id: str
    drug: Drug
    dose: Quantity | None = None
    times_a_day: float | None = None
    route: str | None = None
    duration_days: float | None = None
    indication: Coded | None = None
    daily: Quantity | None = None
    method: str | None = None


class Patient(msgspec.Struct, frozen=True, kw_only=True):
    """Who the orders are for. Empty tuple: known to have none. None: not told.

    `partial` names the lists (conditions, allergies, medications) that came only in part: what they lack is unknown.
    """

    id: str | None = None
    birth_date: date | None = None
    sex: Sex | None = None
    weight_kg: float | None = None
    pregnant: bool | None = None
    breastfeeding: bool | None = None
    allergies: tuple[Allergy, ...] | None = None
    conditions: tuple[Coded, ...] | None = None
    observations: tuple[Observation, ...] = ()
    medications: tuple[Medication, ...] | None = None
    partial: frozenset[str] = frozenset()

    def whole(self, name: str) -> bool:
        """Whether a list was told to its end, so that what is not in it is not there."""
        return getattr(self, name) is not None and name not in self.partial


Event = Literal["order", "resident", "finding", "chart", "imaging"]


class Given(msgspec.Struct, frozen=True):
    """Something a model or the caller says: a risk, a finding's size. `unit` is UCUM, empty for words and truths."""

    value: float | str | bool
    unit: str = ""


class Facts(msgspec.Struct, frozen=True):
    """One question to the engine: this patient, these orders, on this day (whose limits apply).

    `event` says which rules are asked: those about an order, a resident under review, an
    imaging finding, a chart being opened, or an imaging order (what it says comes in `given`).
    """

    patient: Patient
    orders: tuple[Order, ...]
    day: date
    event: Event = "order"
    given: dict[str, Given] = {}
