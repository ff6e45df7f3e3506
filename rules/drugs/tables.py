"""The drug tables in `knowledge/drugs`, read and checked as a whole: one bad line and nothing is loaded."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from cdss.rules.drugs.text import fold
from cdss.rules.facts import Ingredient, Quantity, Strength
from cdss.rules.terms.codes import Atc, InvalidCode
from cdss.rules.terms.table import TableError, rows
from cdss.rules.terms.units import canonical

KINDS = ("western", "tcm", "local", "inhaled")  # of products: how their ingredients are given
SEPARATOR = "|"  # between several values in one cell; codes are separated by blanks


@dataclass(frozen=True, slots=True)
class Entry:
    """One ingredient with every name and code it goes by. `atc_old` are codes WHO has given up; read, never written."""

    ingredient: Ingredient
    names: tuple[str, ...]
    atc_old: tuple[str, ...]
    rxcui: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Product:
    """A combination, a brand, or a traditional medicine that contains medicines. `kind` says how it is used."""

    names: tuple[str, ...]
    ingredients: tuple[str, ...]
    atc: str
    kind: str


@dataclass(frozen=True, slots=True)
class Hospital:
    """One line of a hospital's own table: its code (or NHSA code) and name, and what we know it to be."""

    code: str
    name: str
    ingredients: tuple[str, ...]
    atc: str


def entries(path: Path) -> dict[str, Entry]:
    """All ingredients by id."""
    found: dict[str, Entry] = {}
    for line, row in rows(path, ("id", "zh", "atc", "atc_old", "rxcui", "names_zh", "names_en")):
        id = row["id"]
        if id in found or not id or not row["zh"]:
            raise TableError(f"{path}:{line}: found id {id!r} with zh {row['zh']!r}, expected a new id and a zh name")
        ingredient = Ingredient(id, id, row["zh"], _codes(path, line, row["atc"]))
        names = (row["zh"], *_cell(row["names_zh"]), id, *_cell(row["names_en"]))
        found[id] = Entry(ingredient, names, _codes(path, line, row["atc_old"]), tuple(row["rxcui"].split()))
    return found


def products(path: Path, known: dict[str, Entry]) -> list[Product]:
    """All combinations and brands; every ingredient and the kind must be known."""
    return [
        Product(
            (*_cell(row["names_zh"]), *_cell(row["names_en"])),
            _ingredients(path, line, row["ingredients"], known),
            " ".join(_codes(path, line, row["atc"])),
            _one_of(path, line, row["kind"], KINDS),
        )
        for line, row in rows(path, ("names_zh", "names_en", "ingredients", "atc", "kind"))
    ]


def contents(path: Path, known: dict[str, Entry]) -> dict[str, tuple[Strength, ...]]:
    """What one piece, or so many millilitres, of a product of one strength holds; by its folded names."""
    found: dict[str, tuple[Strength, ...]] = {}
    for line, row in rows(path, ("names", "piece", "millilitres", "ingredients", "amounts")):
        ids, amounts = _ingredients(path, line, row["ingredients"], known), _cell(row["amounts"])
        if len(ids) != len(amounts) or bool(row["piece"]) == bool(row["millilitres"]):
            raise TableError(f"{path}:{line}: found {row}, expected an amount an ingredient, of a piece or millilitres")
        volume = _number(path, line, row["millilitres"]) if row["millilitres"] else None
        held = tuple(
            Strength(id, _quantity(path, line, amount), row["piece"], volume, counted=volume is None)
            for id, amount in zip(ids, amounts, strict=True)
        )
        found |= dict.fromkeys(map(fold, _cell(row["names"])), held)
    return found


def hospital(path: Path, known: dict[str, Entry]) -> list[Hospital]:
    """A hospital's own table, columns code,name,ingredients,atc; a line needs ingredients or an ATC code.

    A code or a name that stands twice with other ingredients is refused.
    """
    found: list[Hospital] = []
    meant: dict[str, tuple[str, ...]] = {}
    for line, row in rows(path, ("code", "name", "ingredients", "atc")):
        own = Hospital(
            row["code"],
            row["name"],
            _ingredients(path, line, row["ingredients"], known),
            " ".join(_codes(path, line, row["atc"])),
        )
        if not (own.code or own.name) or not (own.ingredients or own.atc):
            raise TableError(f"{path}:{line}: found {row}, expected a code or name, and ingredients or an ATC code")
        for key in filter(None, (fold(own.code), fold(own.name))):
            if own.ingredients and meant.setdefault(key, own.ingredients) != own.ingredients:
                raise TableError(f"{path}:{line}: found {key!r} for {own.ingredients}, and above for {meant[key]}")
        found.append(own)
    return found


def classes(path: Path) -> dict[str, tuple[str, ...]]:
    """Names of drug classes as allergies say them, folded, to ATC classes."""
    found: dict[str, tuple[str, ...]] = {}
    for line, row in rows(path, ("names_zh", "names_en", "atc")):
        codes = _codes(path, line, row["atc"])
        if not codes:
            raise TableError(f"{path}:{line}: found no ATC class for {row['names_zh']!r}, expected at least one")
        for name in (*_cell(row["names_zh"]), *_cell(row["names_en"])):
            found[fold(name)] = codes
    return found


def allergens(path: Path) -> frozenset[str]:
    """What people are allergic to that is no medicine, folded."""
    return frozenset(
        fold(name)
        for _, row in rows(path, ("names_zh", "names_en"))
        for name in (*_cell(row["names_zh"]), *_cell(row["names_en"]))
    )


def words(path: Path, column: str, known: Collection[str]) -> dict[str, str]:
    """A table of words to what they say, one of the `known`: forms to where they act, salts to where they stand."""
    found: dict[str, str] = {}
    for line, row in rows(path, ("word", column)):
        found[fold(row["word"])] = _one_of(path, line, row[column], known)
    return found


def _number(path: Path, line: int, text: str) -> float:
    try:
        return float(text)
    except ValueError as e:
        raise TableError(f"{path}:{line}: found {text!r}, expected a number") from e


def _one_of(path: Path, line: int, text: str, known: Collection[str]) -> str:
    if text not in known:
        raise TableError(f"{path}:{line}: found {text!r}, expected one of {', '.join(sorted(filter(None, known)))}")
    return text


def _cell(text: str) -> tuple[str, ...]:
    return tuple(part for part in text.split(SEPARATOR) if part)


def _codes(path: Path, line: int, text: str) -> tuple[str, ...]:
    try:
        return tuple(str(Atc(code)) for code in text.split())
    except InvalidCode as e:
        raise TableError(f"{path}:{line}: {e}") from e


def _quantity(path: Path, line: int, text: str) -> Quantity:
    number, _, unit = text.partition(" ")
    try:
        return Quantity(float(number), canonical(unit))
    except ValueError as e:
        raise TableError(f"{path}:{line}: found amount {text!r}, expected a number and a unit: {e}") from e


def _ingredients(path: Path, line: int, text: str, known: dict[str, Entry]) -> tuple[str, ...]:
    found = _cell(text)
    if unknown := [id for id in found if id not in known]:
        raise TableError(f"{path}:{line}: found ingredients {unknown}, expected ids of ingredients.csv")
    return found
