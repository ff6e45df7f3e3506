"""How doctors write a frequency, a route and what they count: words to numbers and short codes, read from tables.

Numbered forms (q8h, 每日三次, 3次/日, every 6 hours) are patterns in `frequency_patterns.py`. QM is every morning, as
in Latin and in Chinese hospitals, not every month.
"""

import csv
import re
import unicodedata
from collections.abc import Iterator
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

from cdss.rules import KNOWLEDGE
from cdss.rules.terms.frequency_patterns import numbered

TABLE_FOLDER = KNOWLEDGE / "orders"
LONGEST = 120  # characters; longer words are no frequency
NEEDED = re.compile(r"\b(?:prn|sos)(?![a-z])|as needed|when (?:required|needed)|(?:必要|需要|疼痛|发热|发烧)时|按需")
ONCE = re.compile(r"(?:各|各服)?(?:一|1)(?:次|回)$")
# What may stand beside a frequency without changing it: meals, time before them, how it is taken, for how long.
BESIDE = re.compile(
    r"[(\[].*?[)\]]"
    r"|(?:饭|餐|进食|进餐)(?:前|后|中|时|间)(?:(?:\d+|半|一|二|两)个?(?:小时|分钟|min|h)(?:内)?)?|随餐|空腹|与餐同服|整片"
    r"|(?:before|after|with|during|between)(?: each)? (?:a )?(?:meals?|food|breakfast|lunch|dinner)|on an empty stomach"
    r"|\b(?:ac|pc|cc|po|prn|sos|hs|as needed|when required|when needed)(?![a-z])|(?:必要|需要|疼痛|发热|发烧)时|按需"
    r"|(?:[x×*]|共|连用|连服|疗程|for|持续)\s*\d+\s*(?:天|日|周|d|w|wk|days?|weeks?)(?![a-z])"
    r"|\b(?:take|use|give|by mouth|orally)\b|口服|服用|使用|应用|[服用][。.!]*$|^sig:?"
)
_BRACKET = re.compile(r"[(\[][^()\[\]]*[)\]]")  # 静推(缓慢)


@lru_cache(maxsize=4096)
def times_a_day(words: str) -> float | None:
    """Doses a day for a frequency in words, Chinese or Latin; None if it is not one we know, or none is told.

    Of a range (2-3 times a day, every 4-6 hours) the most frequent; of "q6h prn" the most there may be.
    """
    if len(words) > LONGEST:
        return None
    folded = fold(words)
    bare = _bare(folded)
    for text in dict.fromkeys((folded, bare, ONCE.sub("", bare))):
        if (found := _frequencies().get(text) or numbered(text)) is not None:
            return found
    return None


@lru_cache(maxsize=4096)
def as_needed(words: str) -> bool:
    """Whether the words say "as needed", with or without a frequency."""
    return bool(NEEDED.search(fold(words[:LONGEST])))


@lru_cache(maxsize=4096)
def route(words: str) -> str | None:
    """The short code of a route in words or SNOMED CT code; None if it is not one we know."""
    folded = fold(words)
    return routes().get(folded) or routes().get(_BRACKET.sub("", folded))


@lru_cache(maxsize=4096)
def method(words: str) -> str | None:
    """push or drip: how a dose goes into a vein, by the words in a text; None if they tell neither, or both."""
    folded = fold(words[:LONGEST])
    found = {code for word, code in _methods().items() if _stands(word, folded)}
    return found.pop() if len(found) == 1 else None


def _stands(word: str, text: str) -> bool:
    """Whether the word stands in the text, a Latin one as a word of its own."""
    return word in text if not word.isascii() else bool(re.search(rf"(?<![a-z]){re.escape(word)}(?![a-z])", text))


@lru_cache(maxsize=4096)
def piece(words: str) -> str | None:
    """The kind of thing counted in a dose (solid, sachet, ampoule, puff ...): 片, TAB, {tbl}; None if none we know."""
    return pieces().get(fold(words.strip().removeprefix("{").removesuffix("}")))


def fold(words: str) -> str:
    """Half width, lower case, no dots in abbreviations, no blanks beside Chinese characters."""
    half_width = unicodedata.normalize("NFKC", words).casefold()
    undotted = re.sub(r"(?<!\d)\.|\.(?!\d)", "", half_width)
    return re.sub(r"(?<=[\u3400-\u9fff])\s+|\s+(?=[\u3400-\u9fff])", "", " ".join(undotted.split()))


@lru_cache(maxsize=1)
def routes() -> dict[str, str]:
    """Every word for a route, folded, to its short code."""
    return {word: code for code, words in _rows(TABLE_FOLDER / "routes.csv") for word in words}


@lru_cache(maxsize=1)
def pieces() -> dict[str, str]:
    """Every word for what is counted, folded, to its kind."""
    return {word: kind for kind, words in _rows(TABLE_FOLDER / "pieces.csv") for word in words}


@lru_cache(maxsize=1)
def _methods() -> dict[str, str]:
    return {word: code for code, words in _rows(TABLE_FOLDER / "methods.csv") for word in words}


@lru_cache(maxsize=1)
def _frequencies() -> dict[str, float]:
    rows = _rows(TABLE_FOLDER / "frequencies.csv")
    return {word: float(Fraction(number)) for number, words in rows for word in words}


def _rows(path: Path) -> Iterator[tuple[str, list[str]]]:
    with path.open(encoding="utf-8", newline="") as file:
        for first, words in list(csv.reader(file))[1:]:
            yield first, [fold(word) for word in words.split("|")]


def _bare(folded: str) -> str:
    return " ".join(BESIDE.sub(" ", folded).strip(" ,;:，；、。!/").split())
