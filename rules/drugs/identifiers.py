"""What each identifier of a medicine says by itself, in the order in which we believe them, and where they disagree."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from cdss.rules.alert import Text
from cdss.rules.drugs.names import Meaning, Names
from cdss.rules.drugs.tables import Entry, Hospital, Product
from cdss.rules.drugs.text import fold
from cdss.rules.terms.codes import Atc, InvalidCode

# NHSA western medicines: X, then ATC level 4, then 15 characters of product, form and maker (医保药品分类与代码).
_NHSA = re.compile(r"X([A-Z]\d\d[A-Z]{2})")
SOURCES = {
    "nhsa": Text("医保编码", "NHSA code"),
    "hospital": Text("本院目录", "hospital table"),
    "atc": Text("ATC 编码", "ATC code"),
    "rxnorm": Text("RxNorm 编码", "RxNorm code"),
    "name": Text("药品名称", "name"),
}


@dataclass(frozen=True, slots=True)
class Reading:
    """What one identifier says: ingredients, or only codes (a class), or that it is no code at all (`invalid`)."""

    source: str
    given: str
    meaning: Meaning | None = None
    codes: tuple[str, ...] = ()
    invalid: bool = False


class Identifiers:
    """The indexes from codes and names to ingredients."""

    def __init__(self, entries: dict[str, Entry], products: list[Product], names: Names, own: list[Hospital]) -> None:
        self.entries = entries
        self.names = names
        self.by_atc = _by_atc(entries, products)
        self.by_rxcui = {code: Meaning((id,)) for id, entry in entries.items() for code in entry.rxcui}
        self.own = {key: line for line in own for key in (fold(line.code), fold(line.name)) if key}

    def readings(self, name: str, atc: str, nhsa: str, rxnorm: str) -> Iterator[Reading]:
        """In mapping order: NHSA code, the hospital's own table, ATC, RxNorm ingredient, name."""
        if found := _NHSA.match(nhsa.upper()):
            yield Reading("nhsa", nhsa, codes=(found[1],))
        for key in (nhsa, name):
            if key and (line := self.own.get(fold(key))):
                yield self._owned(key, line)
        if atc:
            yield self._coded("atc", atc)
        if rxnorm and (meaning := self.by_rxcui.get(rxnorm.strip())):
            yield Reading("rxnorm", rxnorm, meaning)
        if name and (meaning := self.names.find(name)):
            yield Reading("name", name, meaning)

    def called(self, code: str) -> str:
        """The name a hospital's own table has for a code: with form and strength, where only the code was sent."""
        line = self.own.get(fold(code)) if code else None
        return line.name if line else ""

    def _owned(self, key: str, line: Hospital) -> Reading:
        meaning = Meaning(line.ingredients) if line.ingredients else self.by_atc.get(line.atc)
        return Reading("hospital", key, meaning, (line.atc,) if line.atc else ())

    def _coded(self, source: str, given: str) -> Reading:
        try:
            code = str(Atc(given))
        except InvalidCode:
            return Reading(source, given, invalid=True)
        meaning = self.by_atc.get(code)
        current = meaning is None or any(code in self.entries[id].ingredient.atc for id in meaning.ingredients)
        return Reading(source, given, meaning, (code,) if current or (meaning and meaning.atc) else ())

    def conflicts(self, readings: list[Reading], local: bool) -> Iterator[Text]:
        """Every disagreement with the first reading that names ingredients, and every code that is none.

        `local`: the form is a local one, which NHSA classes by its site and not by its substance.
        """
        for reading in readings:
            if reading.invalid:
                label = SOURCES[reading.source]
                yield Text(
                    f"{label.zh}“{reading.given}”不是有效编码，未使用。",
                    f"{label.en} {reading.given!r} is not valid; not used.",
                )
        first = next((reading for reading in readings if reading.meaning), None)
        for reading in readings:
            if (
                first
                and reading is not first
                and not (local and reading.source == "nhsa")
                and self._disagree(first, reading)
            ):
                yield self._said(first, reading)

    def _disagree(self, first: Reading, other: Reading) -> bool:
        assert first.meaning
        if other.meaning:
            return set(first.meaning.ingredients) != set(other.meaning.ingredients)
        known = {first.meaning.atc, *first.codes} - {""}
        for id in first.meaning.ingredients:
            known.update(self.entries[id].ingredient.atc, self.entries[id].atc_old)
        related = _same_organ if other.source == "nhsa" else _same_class
        return bool(known and other.codes) and not any(related(a, b) for a in known for b in other.codes)

    def _said(self, first: Reading, other: Reading) -> Text:
        a, b = SOURCES[first.source], SOURCES[other.source]
        return Text(
            f"药品标识不一致：{a.zh}“{first.given}”为{self._zh(first)}，{b.zh}“{other.given}”为{self._zh(other)}；"
            f"已按前者核查，请核对。",
            f"Identifiers disagree: {a.en} {first.given!r} is {self._en(first)}, {b.en} {other.given!r} is "
            f"{self._en(other)}; checked as the former, please verify.",
        )

    def _zh(self, reading: Reading) -> str:
        named = reading.meaning.ingredients if reading.meaning else ()
        return "+".join(self.entries[id].ingredient.zh for id in named) or f" {reading.codes[0]} 类"

    def _en(self, reading: Reading) -> str:
        named = reading.meaning.ingredients if reading.meaning else ()
        return " + ".join(named) or f"of class {reading.codes[0]}"


def _same_organ(known: str, code: str) -> bool:
    """NHSA follows ATC of another year and with classes of its own: only the anatomical group can be relied on."""
    return known[:1] == code[:1]


def _same_class(known: str, code: str) -> bool:
    """Whether both codes are in the same level 4 class (or one contains the other)."""
    return known[:5] == code[:5] or known.startswith(code) or code.startswith(known)


def _by_atc(entries: dict[str, Entry], products: list[Product]) -> dict[str, Meaning]:
    """Level 5 codes that mean exactly one thing; a code shared by several (V03AE01) decides nothing by itself."""
    found: dict[str, set[Meaning]] = {}
    for id, entry in entries.items():
        for code in (*entry.ingredient.atc, *entry.atc_old):
            found.setdefault(code, set()).add(Meaning((id,)))
    for product in products:
        if len(product.ingredients) > 1:
            found.setdefault(product.atc, set()).add(Meaning(tuple(sorted(product.ingredients)), product.atc))
    return {code: meanings.pop() for code, meanings in found.items() if len(meanings) == 1 and len(code) == 7}
