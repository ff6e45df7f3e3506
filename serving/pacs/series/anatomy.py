"""Which part of the body an image shows, as far as its header says, and which model that part is for."""

import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Literal

import msgspec
import yaml

Task = Literal["fracture", "lung_nodule"]

LATIN = re.compile(r"[A-Z]+")
NOT_A_LETTER = re.compile(r"[^A-Z]")


class Part(msgspec.Struct, frozen=True):
    """A body part: the model it is for (None: no model here), its SNOMED CT code and the words that name it."""

    zh: str
    en: str
    sct: str
    meaning: str
    words: tuple[str, ...]
    task: Task | None = None
    note: str = ""


class Anatomy(msgspec.Struct, frozen=True):
    """anatomy.yaml."""

    review: dict[str, object]
    parts: tuple[Part, ...]


@lru_cache(maxsize=1)
def parts() -> tuple[Part, ...]:
    """The table beside this file."""
    text = Path(__file__).with_name("anatomy.yaml").read_text(encoding="utf-8")
    return msgspec.convert(yaml.safe_load(text), Anatomy, str_keys=True).parts


def named(places: Iterable[str], task: Task) -> Part | None:
    """The part that the first telling text names; None if none of them tells.

    `places` are header texts, the most reliable first. A text that names several parts means the one `task` is for,
    if it is among them ("chest and abdomen" shows the lungs).
    """
    for text in places:
        found = _in(text.upper())
        if found:
            return next((part for part in found if part.task == task), found[0])
    return None


def _in(text: str) -> list[Part]:
    latin = {*LATIN.findall(text), NOT_A_LETTER.sub("", text)}
    matched = {
        word: part for part in parts() for word in part.words if (word in latin if word.isascii() else word in text)
    }
    inside = {word for word in matched for other in matched if word != other and not word.isascii() and word in other}
    return [part for word, part in matched.items() if word not in inside]
