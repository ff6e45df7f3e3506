"""The formulary: any identifier of a medicine to what it is, and allergies to what they are to.

Mapping order: NHSA code (its class), the hospital's own table, ATC, RxNorm ingredient code, name.
"""

from functools import lru_cache
from pathlib import Path
from typing import Self

import msgspec

from cdss.rules import KNOWLEDGE
from cdss.rules.drugs import allergies, tables
from cdss.rules.drugs.describe import described, where
from cdss.rules.drugs.forms import GROUPS, SYSTEMIC, Forms
from cdss.rules.drugs.identifiers import Identifiers
from cdss.rules.drugs.mentions import Mentions
from cdss.rules.drugs.names import Meaning, Names, candidates
from cdss.rules.drugs.strengths import strengths
from cdss.rules.drugs.tables import Entry, Hospital, Product
from cdss.rules.drugs.text import fold
from cdss.rules.facts import Allergy, Drug, Ingredient, Strength
from cdss.rules.terms.table import TableError

FOLDER = KNOWLEDGE / "drugs"
CACHED = 65536  # names remembered; a hospital's whole list fits
LONGEST_TEXT = 300  # characters; a longer text is no product name


class Formulary:
    """All medicines known. Loaded once, never changed; safe to share between threads."""

    def __init__(
        self,
        entries: dict[str, Entry],
        names: Names,
        identifiers: Identifiers,
        classes: dict[str, tuple[str, ...]],
        contents: dict[str, tuple[Strength, ...]],
        allergens: frozenset[str],
    ) -> None:
        self.entries = entries
        self.names = names
        self.identifiers = identifiers
        self.classes = classes
        self.contents = contents
        self.allergens = allergens
        self._mentions = Mentions(names.meanings, classes, allergens)
        self._resolved = lru_cache(maxsize=CACHED)(self._resolve)
        self._folded = {id: tuple(map(fold, entry.names)) for id, entry in entries.items()}

    @classmethod
    def load(cls, folder: Path = FOLDER, hospital_codes: Path | None = None) -> Self:
        """The tables of a folder, with a hospital's own (code,name,ingredients,atc). TableError: nothing loads."""
        entries = tables.entries(folder / "ingredients.csv")
        products = tables.products(folder / "products.csv", entries)
        forms = Forms(tables.words(folder / "forms.csv", "site", {SYSTEMIC, *GROUPS}))
        affixes = tables.words(folder / "affixes.csv", "where", ("before", "after", "word"))
        own: list[Hospital] = tables.hospital(hospital_codes, entries) if hospital_codes else []
        names = Names(_meanings(folder, entries, products), forms, affixes)
        classes, contents = tables.classes(folder / "classes.csv"), tables.contents(folder / "contents.csv", entries)
        allergens = tables.allergens(folder / "other_allergens.csv")
        return cls(entries, names, Identifiers(entries, products, names, own), classes, contents, allergens)

    def ingredient(self, id: str) -> Ingredient:
        """The ingredient of that id; KeyError if there is none."""
        return self.entries[id].ingredient

    def resolve(
        self,
        name: str | None = None,
        atc: str | None = None,
        nhsa: str | None = None,
        rxnorm: str | None = None,
        route: str | None = None,
    ) -> Drug:
        """What the medicine is.

        The first identifier in mapping order that names ingredients decides; what the others say differently is in
        `conflicts`. Where only a class is known (NHSA code, or ATC of level 4 or shorter, without a name we know) the
        drug has that class in `atc` and no ingredients: rules for the class are asked, those for single substances
        and interactions cannot be. Nothing known at all: both empty, the caller reports it as unmapped.
        """
        return self._resolved(name or "", atc or "", nhsa or "", rxnorm or "", route)

    def allergies(self, text: str = "", atc: str = "", rxnorm: str = "") -> tuple[Allergy, ...]:
        """What one entry of an allergy list is to: one thing, each of several, or what a sentence mentions.

        What is not understood comes back with neither substance nor class: the caller reports it as unmapped.
        """
        whole = self.allergy(text, atc, rxnorm)
        if _understood(whole):
            return (whole,)
        parts = allergies.entries(text)
        read = tuple(one for part in parts for one in self._mentioned(part))
        return read if any(map(_understood, read)) else (whole,)

    def allergy(self, text: str = "", atc: str = "", rxnorm: str = "") -> Allergy:
        """What an allergy to one thing is to. 青霉素 names the class and the substance: both are given."""
        worded = allergies.wordings(text)
        if not atc + rxnorm and (worded[0] in self.allergens or allergies.denied(text)):
            return Allergy(text, other=True)
        classes = next(filter(None, map(self._class, worded)), ())
        drug = self.resolve(name=worded[0], atc=atc if len(atc) >= 7 else None, rxnorm=rxnorm)
        if 0 < len(atc) < 7:
            classes = (*classes, *self.resolve(atc=atc).atc)
        every = tuple(dict.fromkeys(code for i in drug.ingredients for code in i.atc)) or drug.atc
        known = Drug(text or atc or rxnorm, drug.ingredients, every, drug.systemic, drug.conflicts)
        return Allergy(text or atc or rxnorm, known if known.ingredients or known.atc else None, classes)

    def _mentioned(self, text: str) -> tuple[Allergy, ...]:
        """One of several things, or each of what a sentence mentions, in the words of the sentence."""
        whole = self.allergy(text)
        if _understood(whole):
            return (whole,)
        names = () if allergies.doubtful(text) else self._mentions.find(fold(text[:LONGEST_TEXT]))
        named = map(self.allergy, names)
        return tuple(msgspec.structs.replace(one, text=text) for one in named) or (whole,)

    def _class(self, name: str) -> tuple[str, ...]:
        return self.classes.get(name) or self.classes.get(name + "类") or ()

    def search(self, text: str, limit: int = 50) -> tuple[Ingredient, ...]:
        """Ingredients with the text in a name or at the start of an ATC code; whole names first, then by length."""
        wanted = fold(text)
        found = [
            (min(len(name) for name in names if wanted in name) if any(wanted in name for name in names) else 99, id)
            for id, names in self._folded.items()
            if any(wanted in name for name in names)
            or any(code.startswith(wanted.upper()) for code in self.entries[id].ingredient.atc)
        ]
        return tuple(self.entries[id].ingredient for _, id in sorted(found)[:limit]) if wanted else ()

    def _resolve(self, name: str, atc: str, nhsa: str, rxnorm: str, route: str | None) -> Drug:
        name = name[:LONGEST_TEXT]
        readings = list(self.identifiers.readings(name, atc, nhsa, rxnorm))
        written = name or self.identifiers.called(nhsa)
        place = where(self.names.forms, fold(written), route, readings)
        conflicts = tuple(self.identifiers.conflicts(readings, local=place.site != SYSTEMIC))
        drug = described(name or atc or nhsa or rxnorm, readings, self.entries, place, conflicts)
        return msgspec.structs.replace(drug, strength=self._strength(written, drug)) if drug.ingredients else drug

    def _strength(self, name: str, drug: Drug) -> tuple[Strength, ...]:
        """What the name or the product's table says; a mass in the name of a traditional medicine is of the whole."""
        known = next((self.contents[text] for text in candidates(fold(name)) if text in self.contents), ())
        if drug.mixture and len(drug.ingredients) == 1:
            return known
        return strengths(fold(name), tuple((i, self._folded[i.id]) for i in drug.ingredients)) or known


def _understood(allergy: Allergy) -> bool:
    return bool(allergy.drug or allergy.atc or allergy.other)


def _meanings(folder: Path, entries: dict[str, Entry], products: list[Product]) -> dict[str, Meaning]:
    """Every name to its meaning. TableError if one name would mean two things."""
    found: dict[str, Meaning] = {}
    named = [(name, Meaning((id,))) for id, entry in entries.items() for name in entry.names]
    named += [(name, Meaning(p.ingredients, p.atc, p.kind)) for p in products for name in p.names]
    for name, meaning in named:
        if found.setdefault(fold(name), meaning) != meaning:
            raise TableError(f"{folder}: found {name!r} for {found[fold(name)].ingredients} and {meaning.ingredients}")
    return found
