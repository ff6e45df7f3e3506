"""Codes as types: a string that was checked when it was built. Equal to, hashed and sorted as, the plain string."""

import re
from functools import lru_cache
from typing import Self


class InvalidCode(ValueError):
    """The text is not a code of that system."""


class Code(str):
    """A code of one system; `PATTERN` is its shape. Raises InvalidCode with what was found and what was expected."""

    __slots__ = ()
    SYSTEM = ""
    PATTERN = re.compile("")
    SHAPE = ""

    def __new__(cls, text: str) -> Self:
        return str.__new__(cls, _checked(cls, text))


@lru_cache(maxsize=65536)
def _checked(cls: type[Code], text: str) -> str:
    folded = text.strip().upper()
    if not cls.PATTERN.fullmatch(folded):
        raise InvalidCode(f"found {text!r}, expected {cls.SYSTEM} {cls.SHAPE}")
    return folded


class Atc(Code):
    """WHO Anatomical Therapeutic Chemical code of any level: C, C07, C07A, C07AB or C07AB02."""

    __slots__ = ()
    SYSTEM = "ATC"
    PATTERN = re.compile(r"[A-DGHJ-NPR-SV](\d\d([A-Z]([A-Z](\d\d)?)?)?)?")
    SHAPE = "such as C07AB02 (levels 1 to 5)"


class Loinc(Code):
    """LOINC number: digits, a hyphen, a check digit."""

    __slots__ = ()
    SYSTEM = "LOINC"
    PATTERN = re.compile(r"\d{1,5}-\d")
    SHAPE = "such as 98979-8"


class Icd10(Code):
    """ICD-10 category or code, with or without the national extension: I10, E11.9, E11.900X001."""

    __slots__ = ()
    SYSTEM = "ICD-10"
    PATTERN = re.compile(r"[A-Z]\d[0-9A-Z](\.[0-9X]{1,3}([A-Z]\d{1,3})?)?[+*†]?")
    SHAPE = "such as E11.9"
