"""The tables of `knowledge/interactions`, read and checked: rules with their classes, texts and conditions."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import NamedTuple, get_args

from cdss.rules.alert import Severity, Source, Text
from cdss.rules.drugs.formulary import Formulary
from cdss.rules.interactions.classes import CLASS, Classes
from cdss.rules.interactions.conditions import Condition, Conditions
from cdss.rules.interactions.part import Interaction, Part, stem
from cdss.rules.terms.table import TableError, rows

COLUMNS = ("id", "a", "b", "level", "mechanism", "advice", "when")
ANSM = Source(
    title="ANSM, Thésaurus des interactions médicamenteuses",
    dated="2020-10",
    grade="thesaurus",
    url="https://ansm.sante.fr/documents/reference/thesaurus-des-interactions-medicamenteuses-1",
)
MOST_OF_A_ROW = 200_000
Key = tuple[str, str]  # two ingredients, in alphabetical order


class Row(NamedTuple):
    """One line of a table of rules, and the rule it is a part of."""

    path: Path
    line: int
    cells: dict[str, str]

    @property
    def stem(self) -> str:
        """The rule's id without the number of its part."""
        return stem(self.cells["id"])

    def error(self, says: str) -> TableError:
        """What is wrong with the line."""
        return TableError(f"{self.path}:{self.line}: {says}")


class Tables:
    """The folder's tables of rules. TableError names file and line."""

    def __init__(self, folder: Path, formulary: Formulary) -> None:
        self.folder = folder
        self.classes = Classes(folder, formulary)
        self.conditions = Conditions.load(folder / "conditions.yaml")
        self.mechanisms = _texts(folder / "mechanisms.csv")
        self.advices = _texts(folder / "advices.csv")

    def expanded(self) -> Iterator[tuple[Key, Interaction]]:
        """Every rule with every pair it speaks of."""
        for name in ("ansm_rules.csv", "supplement.csv"):
            path = self.folder / name
            lines = (Row(path, line, cells) for line, cells in rows(path, COLUMNS))
            for _, parts in groupby(lines, key=lambda row: row.stem):
                yield from self._rule(list(parts))

    def _rule(self, parts: list[Row]) -> Iterator[tuple[Key, Interaction]]:
        """A pair belongs to the first part without condition that covers it; conditional parts before it are tried."""
        tried: dict[Key, list[Part]] = {}
        sides: dict[Key, tuple[str, str]] = {}  # as the first part has them: conditions ask about a and b
        closed: set[Key] = set()
        for row in parts:
            part = self._part(row)
            for key, a, b in self._pairs(row):
                if key in closed:
                    continue
                if sides.setdefault(key, (a, b)) != (a, b) and part and part.when:
                    raise row.error(f"found {a} + {b} with sides exchanged, expected them as in the part before")
                if part and part.when:
                    tried.setdefault(key, []).append(part)
                    continue
                closed.add(key)
                if part:
                    yield key, Interaction(part, *sides[key], tuple(tried.pop(key, ())))
        if tried:
            pair = " + ".join(next(iter(tried)))
            raise parts[-1].error(
                f"found only conditional parts for {pair}, expected one with a level that always holds"
            )

    def _part(self, row: Row) -> Part | None:
        """None: a row without level says that there is no interaction."""
        cells, severity = row.cells, row.cells["level"]
        if not severity and not cells["when"]:
            return None
        if severity not in get_args(Severity):
            raise row.error(f"found level {severity!r}, expected one of {get_args(Severity)}")
        return Part(
            cells["id"],
            severity,  # type: ignore[arg-type]
            self._text(row, self.mechanisms, cells["mechanism"]),
            _together([self._text(row, self.advices, code) for code in cells["advice"].split()]),
            (Source(cells["source"], cells["dated"], cells["grade"]),) if "source" in cells else (ANSM,),
            any(self.classes.local(cells[side]) for side in ("a", "b")),
            tuple(self._condition(row, name) for name in cells["when"].split()),
        )

    def _pairs(self, row: Row) -> Iterator[tuple[Key, str, str]]:
        """Each pair of different ingredients once, whichever side it comes from, and its key."""
        left, right = (self._ids(row, side) for side in ("a", "b"))
        if len(left) * len(right) > MOST_OF_A_ROW:
            raise row.error(f"found {len(left)} x {len(right)} pairs, expected at most {MOST_OF_A_ROW}")
        seen: set[Key] = set()
        for a in left:
            for b in right:
                key = (a, b) if a < b else (b, a)
                if a != b and key not in seen:
                    seen.add(key)
                    yield key, a, b

    def _ids(self, row: Row, side: str) -> list[str]:
        try:
            return self.classes.ids(row.cells[side])
        except KeyError as e:
            raise row.error(f"found {e.args[0]!r}, expected an ingredient id or a known {CLASS}class") from e

    def _condition(self, row: Row, name: str) -> Condition:
        if name not in self.conditions.by_name:
            raise row.error(f"found condition {name!r}, expected one of conditions.yaml")
        return self.conditions.by_name[name]

    def _text(self, row: Row, texts: dict[str, Text], code: str) -> Text:
        if code not in texts:
            raise row.error(f"found code {code!r}, expected one of the codes of the text tables")
        return texts[code]


def _texts(path: Path) -> dict[str, Text]:
    return {row["code"]: Text(row["zh"], row["en"]) for _, row in rows(path, ("code", "zh", "en"))}


def _together(texts: Iterable[Text]) -> Text:
    texts = list(texts)
    return Text("".join(text.zh for text in texts), " ".join(text.en for text in texts))
