"""How much of an ingredient a dose holds: masses as they are, counted tablets and millilitres by the strength.

`Fault` says why an amount that was told could not be turned into a mass; None: no amount was told.
"""

from dataclasses import dataclass
from functools import lru_cache

from cdss.rules.alert import Text
from cdss.rules.facts import Drug, Medication, Order, Quantity, Strength
from cdss.rules.terms.order_words import piece
from cdss.rules.terms.units import UNITS, UnknownUnit, canonical, convert

WEIGHED = frozenset({"mass", "international units", "amount of substance"})
ANY = "any"  # a count of nothing in particular: 2, {1}
INJECTED = frozenset({"ampoule", "bottle", "sachet"})  # one for another: 支, 瓶 and 袋 of an injection
UNKNOWN_UNIT = Text("单位无法识别", "unit not known")
UNKNOWN_STRENGTH = Text("规格未知，无法换算为质量", "strength not known, cannot be turned into a mass")
UNKNOWN_COUNT = Text("与规格不符，无法换算为质量", "not what the strength is told of, cannot be turned into a mass")
UNDIVIDED = Text("是整个复方制剂的量，无法分到各成分", "is that of the whole mixture, cannot be divided")


@dataclass(frozen=True, slots=True)
class Fault:
    """Why an amount that was told cannot be used, in both languages."""

    says: Text

    @property
    def text(self) -> str:
        """The English words."""
        return self.says.en


Amount = Quantity | Fault | None


def single(taken: Order | Medication, ingredient: str) -> Amount:
    """The mass (or international units) of the ingredient taken at a time."""
    return amount(taken.drug, taken.dose, ingredient)


def daily(taken: Order | Medication, ingredient: str) -> Amount:
    """The mass (or international units) of the ingredient taken in a day: the daily amount told, else dose x times."""
    if taken.daily is not None:
        return amount(taken.drug, taken.daily, ingredient)
    at_a_time = single(taken, ingredient)
    if not isinstance(at_a_time, Quantity):
        return at_a_time
    return None if taken.times_a_day is None else Quantity(at_a_time.value * taken.times_a_day, at_a_time.unit)


def amount(drug: Drug, told: Quantity | None, ingredient: str) -> Amount:
    """The mass of the ingredient in an amount of the medicine."""
    if told is None or not any(known.id == ingredient for known in drug.ingredients):
        return None
    dimension = _dimension(told.unit)
    if dimension in WEIGHED:
        return _weighed(drug, told, ingredient)
    if not dimension and _kind(told.unit) is None:
        return _fault(UNKNOWN_UNIT, drug, told)
    strength = next((one for one in drug.strength if one.ingredient == ingredient), None)
    if strength is None:
        return _fault(UNKNOWN_STRENGTH, drug, told)
    times = _measured(told, strength) if dimension == "volume" else _counted(told, strength)
    return _fault(UNKNOWN_COUNT, drug, told) if times is None else _times(strength.amount, times)


def _weighed(drug: Drug, told: Quantity, ingredient: str) -> Amount:
    """A mass is the ingredient's own; of a mixture it names the whole, which must be divided first."""
    if not drug.mixture:
        return told
    strength = next((one for one in drug.strength if one.ingredient == ingredient), None)
    units = _units(drug, told)
    return _fault(UNDIVIDED, drug, told) if strength is None or units is None else _times(strength.amount, units)


def _units(drug: Drug, told: Quantity) -> float | None:
    """How many tablets of two substances a mass means: halves of their sum, or wholes of the first; None if unclear."""
    masses = [s.amount for s in drug.strength if _dimension(s.amount.unit) == "mass"]
    if len(drug.ingredients) != 2 or len(masses) != 2 or _dimension(told.unit) != "mass":
        return None
    first, second = (convert(mass.value, mass.unit, "mg") for mass in masses)
    mass = convert(told.value, told.unit, "mg")
    likely = {_steps(mass / (first + second), 0.5), _steps(mass / first, 1)} - {None}
    return likely.pop() if len(likely) == 1 else None


def _steps(count: float, step: float) -> float | None:
    """The count as so many steps, at most four tablets; None if it is none."""
    nearest = round(count / step) * step
    return nearest if step <= nearest <= 4 and abs(count - nearest) <= 0.01 else None


def _measured(told: Quantity, strength: Strength) -> float | None:
    return convert(told.value, told.unit, "mL") / strength.millilitres if strength.millilitres else None


def _counted(told: Quantity, strength: Strength) -> float | None:
    """How many pieces were counted; None if they are not the pieces whose strength is known."""
    counted = _kind(told.unit)
    if not strength.counted or counted is None:
        return None
    same = counted in (ANY, strength.piece) or (strength.piece == "" and counted != "bottle")
    return told.value if same or (strength.piece == "ampoule" and counted in INJECTED) else None


def _kind(unit: str) -> str | None:
    """The kind of piece that was counted; None if the unit is none we know."""
    return ANY if unit in ("1", "{1}", "") else piece(unit)


def _times(one: Quantity, count: float) -> Quantity:
    return Quantity(one.value * count, one.unit)


@lru_cache(maxsize=4096)
def _dimension(unit: str) -> str:
    try:
        return UNITS[canonical(unit)][0]
    except UnknownUnit:
        return ""


def _fault(why: Text, drug: Drug, told: Quantity) -> Fault:
    said = f"{drug.text}: {told.value:g} {told.unit}"
    return Fault(Text(f"{said}（{why.zh}）", f"{said} ({why.en})"))
