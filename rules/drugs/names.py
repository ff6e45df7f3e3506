"""The name normaliser: a product's name as typed, Chinese or English, to the ingredients it names.

Names are looked up as they are first, and only then with strength, form and salt taken off one by one, so that 氯化钾
or 碳酸钙 are never torn apart. A name is understood as a whole or not at all: a known ingredient's name inside an
unknown longer word is never taken for it (氧氟沙星 inside 左氧氟沙星, 维生素C inside 维C银翘片).
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from cdss.rules.drugs.forms import Forms
from cdss.rules.drugs.text import fold, inside_brackets, is_chinese, outside_brackets, without_strength

COMPOUND = "复方"  # "compound": what follows is not the whole of it
VEHICLES = frozenset({"sodium chloride", "glucose", "xylitol", "fructose"})  # what infusions are dissolved in
_PARTS = re.compile(r"\s*(?:[/+;,&]|\band\b|\bwith\b|、|和|及|(?<=[\u3400-\u9fff])-(?=[\u3400-\u9fff]))\s*")
_WORDS = re.compile(r"[^\s/+;,&]+")
_ROMAN = re.compile(r"(?<=[\u3400-\u9fff])(?:i{1,3}|iv|v)$")
_NUMBERED = re.compile(r"\d|nda\d")  # numbers, and the FDA application numbers some RxNorm names begin with
LONGEST_NAME = 7  # English words in the longest name
MOST_AFFIXES = 8


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a name means: ids of ingredients, the ATC code of their combination if it has one, the product's kind."""

    ingredients: tuple[str, ...]
    atc: str = ""
    kind: str = ""


class Names:
    """Every name known, folded; `find` understands the rest."""

    def __init__(self, meanings: dict[str, Meaning], forms: Forms, affixes: dict[str, str]) -> None:
        self.meanings = meanings
        self.forms = forms
        self.before = _longest_first(affixes, "before")
        self.after = _longest_first(affixes, "after")
        self.words = {word for word, where in affixes.items() if where == "word"}
        self.longest = max(map(len, meanings), default=0)
        self.combinations = _combinations(meanings.values())

    def find(self, text: str) -> Meaning | None:
        """What the name means, or None: better unmapped than a wrong guess."""
        found = self._found(fold(text))
        return self.combinations.get(frozenset(found.ingredients), found) if found else None

    def _found(self, folded: str) -> Meaning | None:
        for candidate in dict.fromkeys(candidates(folded)):
            if found := self._whole(candidate):
                return found
        return self._tokens(folded)

    def _whole(self, text: str) -> Meaning | None:
        """One name, or several joined by a sign or simply written one after the other."""
        found = self._stripped(text)
        if found or not text or text.startswith(COMPOUND):
            return found
        if is_chinese(text):
            return self._joined(_PARTS.split(text)) or self._tiled(text)
        return self._english(text)

    def _stripped(self, text: str) -> Meaning | None:
        """The name with forms and salts taken off one at a time, until it is known."""
        for _ in range(MOST_AFFIXES):
            if found := self.meanings.get(text):
                return found
            shorter = self._shorter(text)
            if shorter is None:
                return None
            text = shorter
        return None

    def _shorter(self, text: str) -> str | None:
        for shorten in (self.forms.without_suffix, self.forms.without_prefix, self._without_salt):
            if shorter := shorten(text):
                return shorter.strip(" -/,")
        return None

    def _without_salt(self, text: str) -> str | None:
        for salt in self.before:
            if text.startswith(salt) and len(text) > len(salt) + 1:
                return text[len(salt) :]
        for salt in self.after:
            if text.endswith(salt) and len(text) > len(salt) + 1:
                return text[: -len(salt)]
        unnumbered = _ROMAN.sub("", text)
        return unnumbered if unnumbered != text else None

    def _joined(self, parts: list[str]) -> Meaning | None:
        """氨氯地平/缬沙坦: every part must be known."""
        if len(parts) < 2:
            return None
        return _union(self._stripped(part) or self._tiled(part) for part in parts if part)

    def _tiled(self, text: str) -> Meaning | None:
        """缬沙坦氨氯地平片: names and salts laid end to end cover the whole text, or it is not understood."""
        tiles = self._cover(text, 0, {})
        found = _union(self.meanings[tile] for tile in tiles if tile in self.meanings) if tiles else None
        return _without_vehicle(found) if found else None

    def _cover(self, text: str, start: int, failed: dict[int, None]) -> list[str] | None:
        """The longest names first from `start` to the end; None if nothing fits. `failed` are known dead ends."""
        if start == len(text):
            return []
        if start in failed:
            return None
        for end in range(min(len(text), start + self.longest), start, -1):
            tile = text[start:end]
            if self._is_tile(tile):
                rest = self._cover(text, end, failed)
                if rest is not None:
                    return [tile, *rest]
        failed[start] = None
        return None

    def _is_tile(self, tile: str) -> bool:
        known = len(tile) > 1 and tile in self.meanings
        return known or tile in self.before or tile in self.after or tile in self.forms.sites

    def _english(self, text: str) -> Meaning | None:
        """Words from left to right, the longest names first; every other word must be a salt, a form or a number."""
        found: list[Meaning] = []
        for part in _PARTS.split(text):
            meanings = self._worded(_WORDS.findall(part))
            if meanings is None:
                return None
            found += meanings
        return _union(found) if found else None

    def _worded(self, words: list[str]) -> list[Meaning] | None:
        found: list[Meaning] = []
        place = 0
        while place < len(words):
            meaning, length = self._at(words, place)
            if meaning and not (found and length == 1 and words[place] in self.words):
                found.append(meaning)
            elif not self._says_nothing(words[place]):
                return None
            place += length
        return found

    def _at(self, words: list[str], place: int) -> tuple[Meaning | None, int]:
        for length in range(min(LONGEST_NAME, len(words) - place), 0, -1):
            if meaning := self.meanings.get(" ".join(words[place : place + length])):
                return meaning, length
        return None, 1

    def _says_nothing(self, word: str) -> bool:
        bare = word.strip(".-'\"")
        return not bare or bare in self.words or bare in self.forms.sites or bool(_NUMBERED.match(bare))

    def _tokens(self, folded: str) -> Meaning | None:
        """拜新同 硝苯地平控释片: one word is known; the others may not look like medicines of their own."""
        tokens = [token for token in without_strength(_unbracketed(folded)).split() if token]
        if len(tokens) < 2 or not is_chinese(folded):
            return None
        known = [(token, self._whole(token)) for token in tokens]
        found = {meaning for _, meaning in known if meaning}
        strangers = [token for token, meaning in known if not meaning]
        if len(found) != 1 or any(self._looks_like_a_medicine(token) for token in strangers):
            return None
        return found.pop()

    def _looks_like_a_medicine(self, token: str) -> bool:
        if token in self.forms.sites:
            return False
        return token.startswith(COMPOUND) or self.forms.without_suffix(token) is not None


def _combinations(meanings: Iterable[Meaning]) -> dict[frozenset[str], Meaning]:
    """Combinations by their parts, where one product only has those parts."""
    found: dict[frozenset[str], set[Meaning]] = {}
    for meaning in meanings:
        if len(meaning.ingredients) > 1:
            found.setdefault(frozenset(meaning.ingredients), set()).add(meaning)
    return {parts: several.pop() for parts, several in found.items() if len(several) == 1}


def candidates(folded: str) -> Iterator[str]:
    """The text, then without strength, then without brackets, then what stands in brackets."""
    yield folded
    bare = without_strength(folded)
    yield bare
    outside = outside_brackets(bare)
    yield outside
    if COMPOUND not in outside:
        yield from (part for part in inside_brackets(bare) if len(part) > 1)


def _unbracketed(folded: str) -> str:
    return re.sub(r"[()\[\]{}<>【】〔〕]", " ", folded)


def _union(meanings: Iterable[Meaning | None]) -> Meaning | None:
    """All ingredients in order, each once; None if any part is not understood."""
    found: dict[str, None] = {}
    kinds: dict[str, None] = {}
    for meaning in meanings:
        if meaning is None:
            return None
        found |= dict.fromkeys(meaning.ingredients)
        kinds[meaning.kind] = None
    return Meaning(tuple(found), kind=kinds.popitem()[0] if len(kinds) == 1 else "") if found else None


def _without_vehicle(meaning: Meaning) -> Meaning:
    """左氧氟沙星氯化钠注射液 is levofloxacin; 葡萄糖氯化钠 stays what it is."""
    kept = tuple(id for id in meaning.ingredients if id not in VEHICLES)
    return Meaning(kept, kind=meaning.kind) if kept else meaning


def _longest_first(affixes: dict[str, str], where: str) -> dict[str, None]:
    return dict.fromkeys(sorted((word for word, place in affixes.items() if place == where), key=len, reverse=True))
