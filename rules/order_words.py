"""How doctors write a frequency and a route: words to times a day and to a short route code, read from tables."""

import csv
import re
from collections.abc import Iterator
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

from cdss.rules.read import KNOWLEDGE

TABLE_FOLDER = KNOWLEDGE / "orders"
AS_NEEDED = {"prn", "sos", "as needed", "必要时", "需要时", "必要时服用"}
EVERY_HOURS = re.compile(r"q(\d{1,2})h")


@lru_cache(maxsize=4096)
def times_a_day(words: str) -> float | None:
    """Doses a day for a frequency in words, Chinese or Latin; None if it is not one we know (as needed, or unclear)."""
    folded = _fold(words)
    every = EVERY_HOURS.fullmatch(folded)
    if every and 0 < int(every[1]) <= 24:
        return 24 / int(every[1])
    return _frequencies().get(folded)


def as_needed(words: str) -> bool:
    """Whether the words say "as needed": understood, but no number of doses a day."""
    return _fold(words) in AS_NEEDED


@lru_cache(maxsize=4096)
def route(words: str) -> str | None:
    """The short code of a route in words or SNOMED CT code; None if it is not one we know."""
    return _routes().get(_fold(words))


@lru_cache(maxsize=4096)
def piece(words: str) -> str | None:
    """The kind of thing counted in a dose (solid, sachet, ampoule, puff ...): 片, TAB, {tbl}; None if none we know."""
    return _pieces().get(_fold(words.strip().removeprefix("{").removesuffix("}")))


@lru_cache(maxsize=1)
def _pieces() -> dict[str, str]:
    return {word: kind for kind, words in _rows(TABLE_FOLDER / "pieces.csv") for word in words}


@lru_cache(maxsize=1)
def _frequencies() -> dict[str, float]:
    rows = _rows(TABLE_FOLDER / "frequencies.csv")
    return {word: float(Fraction(number)) for number, words in rows for word in words}


@lru_cache(maxsize=1)
def _routes() -> dict[str, str]:
    return {word: code for code, words in _rows(TABLE_FOLDER / "routes.csv") for word in words}


def _rows(path: Path) -> Iterator[tuple[str, list[str]]]:
    with path.open(encoding="utf-8", newline="") as file:
        for first, words in list(csv.reader(file))[1:]:
            yield first, [_fold(word) for word in words.split("|")]


def _fold(words: str) -> str:
    return " ".join(words.casefold().replace(".", "").split())
