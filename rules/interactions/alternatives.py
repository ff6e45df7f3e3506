"""What may be given instead of a medicine that interacts, where its class offers something."""

from collections.abc import Iterator
from pathlib import Path
from typing import Self

import msgspec

from cdss.rules.alert import Source, Text
from cdss.rules.asking.context import Context
from cdss.rules.drugs.formulary import Formulary
from cdss.rules.facts import Ingredient
from cdss.rules.interactions.classes import Classes
from cdss.rules.terms.table import TableError, rows

COLUMNS = ("for", "with", "against", "zh", "en", "source", "dated", "grade", "review")
CLASS_LEVEL = 5  # characters of an ATC code that name its level 4


class Offer(msgspec.Struct, frozen=True, eq=False):
    """A line of the table. `against`: what the replaced medicine interacts with; empty: whatever it is."""

    instead: tuple[Ingredient, ...]
    against: frozenset[str]
    why: Text
    source: Source


class Alternatives:
    """Offers by the ingredient they replace."""

    def __init__(self, offers: dict[str, tuple[Offer, ...]]) -> None:
        self.offers = offers

    @classmethod
    def load(cls, path: Path, classes: Classes, formulary: Formulary) -> Self:
        """The table; none where there is no file. TableError names the line."""
        offers: dict[str, tuple[Offer, ...]] = {}
        for line, row in rows(path, COLUMNS) if path.is_file() else ():
            try:
                replaced, instead, against = (
                    classes.ids(row[column]) if row[column] else [] for column in ("for", "with", "against")
                )
            except KeyError as e:
                raise TableError(f"{path}:{line}: found {e.args[0]!r}, expected an ingredient id or a class") from e
            if not replaced or not instead or not row["zh"] or not row["en"]:
                raise TableError(f"{path}:{line}: found an empty cell, expected for, with, zh and en")
            offer = Offer(
                tuple(map(formulary.ingredient, instead)),
                frozenset(against),
                Text(row["zh"], row["en"]),
                Source(row["source"], row["dated"], row["grade"]),
            )
            for id in replaced:
                offers[id] = (*offers.get(id, ()), offer)
        return cls(offers)

    def instead_of(self, id: str, other: str) -> Iterator[tuple[Ingredient, Offer]]:
        """What may be given instead of the one ingredient where it interacts with the other, and why."""
        for offer in self.offers.get(id, ()):
            if not offer.against or other in offer.against:
                yield from ((ingredient, offer) for ingredient in offer.instead if ingredient.id != other)


def tolerated(context: Context, ingredient: Ingredient) -> bool:
    """False if the patient is known to be allergic to it, or to something of its ATC level 4 class."""
    return not any(_allergic(context, ingredient))


def _allergic(context: Context, ingredient: Ingredient) -> Iterator[bool]:
    classes = {code[:CLASS_LEVEL] for code in ingredient.atc}
    for allergy in context.patient.allergies or ():
        codes = (*allergy.atc, *(allergy.drug.atc if allergy.drug else ()))
        yield any(code.startswith(tuple(classes)) for code in codes) if classes else False
        yield any(atc.startswith(allergy.atc) for atc in ingredient.atc) if allergy.atc else False
        yield any(known.id == ingredient.id for known in allergy.drug.ingredients) if allergy.drug else False
