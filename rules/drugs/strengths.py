"""The strength in a product's name: what one tablet, one ampoule or so many millilitres hold of each ingredient.

A strength is read only where it can mean one thing: as many masses as ingredients, in the order in which the name has
them. 0.25g*24片, 10mg:2ml, 2ml:10mg*10支, 5 mg/5 mL, 80mg/12.5mg, 100μg/揿*200揿, 每片0.5g, 10%.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from cdss.rules.drugs.text import NUMBER, PACK, STRENGTH, UNIT
from cdss.rules.facts import Ingredient, Quantity, Strength
from cdss.rules.terms.order_words import piece

#        as typed, folded      UCUM
MASSES = {
    "kg": "kg", "g": "g", "mg": "mg", "ug": "ug", "μg": "ug", "mcg": "ug", "ng": "ng", "克": "g", "毫克": "mg",
    "微克": "ug", "iu": "[iU]", "u": "[iU]", "unt": "[iU]", "unit": "[iU]", "units": "[iU]", "单位": "[iU]",
    "国际单位": "[iU]", "万单位": "10*4.[iU]", "万u": "10*4.[iU]", "万iu": "10*4.[iU]", "ku": "10*3.[iU]",
    "mmol": "mmol", "meq": "meq",
}  # fmt: skip
MILLILITRES = {"ml": 1.0, "毫升": 1.0, "l": 1000.0, "升": 1000.0, "dl": 100.0}
ACTUATED = {"actuat": "puff"}
INJECTION = re.compile(r"注射|粉针|输液|\binject|\binfusion")
_SHARED_UNIT = re.compile(rf"(?<![\d.a-z])((?:{NUMBER}\s*/\s*)+)({NUMBER}\s*)({UNIT})")
_SEPARATOR = re.compile(r"\s*([:/*x×+~-])\s*")
_PART = re.compile(rf"({NUMBER})?\s*({UNIT}|{PACK})?")
_VEHICLE = re.compile(r"\s*(葡萄糖(?!酸)|氯化钠|生理盐水|木糖醇|果糖|glucose|dextrose|sodium chloride|saline)")
_EACH = re.compile(rf"每\s*({PACK})(?:含|相当于)?[^\d]{{0,12}}$")


@dataclass(frozen=True, slots=True)
class Run:
    """One strength as written: its masses, the volume they are in, the piece counted, whether pieces hold it."""

    masses: tuple[Quantity, ...]
    millilitres: float | None = None
    piece: str = ""
    counted: bool = True


def strengths(folded: str, ingredients: tuple[tuple[Ingredient, tuple[str, ...]], ...]) -> tuple[Strength, ...]:
    """One strength an ingredient, or none at all. `ingredients` with every name they go by, folded."""
    found = _agreed(list(_runs(folded, {name for _, names in ingredients for name in names})), len(ingredients))
    ordered = _in_order(folded, ingredients) if found else ()
    if found is None or len(found.masses) != len(ordered):
        return ()
    kind = found.piece or ("ampoule" if INJECTION.search(folded) else "")
    return tuple(
        Strength(ingredient.id, mass, kind, found.millilitres, found.counted)
        for ingredient, mass in zip(ordered, found.masses, strict=True)
    )


def _agreed(runs: list[Run], wanted: int) -> Run | None:
    """The run with as many masses as ingredients; None if there is none or two say different things."""
    if wanted > 1 and len(runs) == wanted and all(len(run.masses) == 1 for run in runs):
        return Run(tuple(run.masses[0] for run in runs), runs[-1].millilitres, runs[-1].piece, runs[-1].counted)
    fitting = [run for run in runs if len(run.masses) == wanted]
    countable = [run for run in fitting if run.counted] or fitting
    by_unit = {tuple(mass.unit for mass in run.masses): run for run in reversed(countable)}
    if len({(run.masses, run.millilitres) for run in countable}) > len(by_unit):
        return None
    return countable[0] if countable else None


def _runs(folded: str, named: set[str]) -> Iterator[Run]:
    """The strengths that stand in the name, but not that of a solvent which is none of the ingredients named."""
    spelt = _SHARED_UNIT.sub(lambda m: re.sub(r"\s*/", f"{m[3]}/", m[1]) + m[2] + m[3], folded)
    for match in STRENGTH.finditer(spelt):
        vehicle = _VEHICLE.match(spelt, match.end())
        if vehicle and vehicle[1] not in named:
            continue
        each = _EACH.search(spelt[: match.start()])
        if run := _run(match[0], each[1] if each else ""):
            yield run


def _run(text: str, each: str) -> Run | None:
    parts = _SEPARATOR.split(text)
    separators, masses, pieces = parts[1::2], list[Quantity](), [each] if each else list[str]()
    millilitres, counted = None, True
    for place, part in enumerate(parts[::2]):
        number, unit = _number_and_unit(part)
        if unit in MASSES and number:
            masses.append(Quantity(number, MASSES[unit]))
        elif unit in MILLILITRES:
            millilitres = MILLILITRES[unit] * (number or 1.0)
            counted = counted and (place == 0 or separators[place - 1] != "/")
        elif unit == "%" and number:
            masses.append(Quantity(number, "g"))
            return Run(tuple(masses), 100.0, counted=False)
        elif unit:
            pieces.append(unit)
    if not masses or "~" in separators or "-" in separators:
        return None
    kinds = (ACTUATED.get(unit) or piece(unit) for unit in pieces)
    return Run(tuple(masses), millilitres, next((kind for kind in kinds if kind), ""), counted)


def _number_and_unit(part: str) -> tuple[float | None, str]:
    match = _PART.match(part.strip())
    if match is None:
        return None, ""
    return (float(match[1].replace(",", "")) if match[1] else None), match[2] or ""


def _in_order(folded: str, named: tuple[tuple[Ingredient, tuple[str, ...]], ...]) -> tuple[Ingredient, ...]:
    """The ingredients as the name has them, first to last; empty if one of several does not stand in it."""
    if len(named) == 1:
        return (named[0][0],)
    places = {
        min((folded.find(name) for name in names if name in folded), default=-1): ingredient
        for ingredient, names in named
    }
    if -1 in places or len(places) < len(named):
        return ()
    return tuple(places[place] for place in sorted(places))
