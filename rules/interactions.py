"""Interactions of two ingredients: every rule's classes are expanded once, at load, into one dictionary of pairs.

Rules come from `knowledge/interactions`: the thesaurus of the French regulator (compiled by `datasets/compile_ansm.py`)
and our own supplement for what it lacks.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Self, get_args

import msgspec

from cdss.rules.alert import SEVERITIES, Severity, Source, Text
from cdss.rules.drugs.formulary import Formulary
from cdss.rules.drugs.tables import TableError, rows

FOLDER = Path(__file__).parent / "knowledge" / "interactions"
VERSION = "1.0.0"
CLASS = "@"
ANSM = Source(
    title="ANSM, Thésaurus des interactions médicamenteuses",
    dated="2020-10",
    grade="thesaurus",
    url="https://ansm.sante.fr/documents/reference/thesaurus-des-interactions-medicamenteuses-1",
)
LEVEL_DEPENDS = Text(
    "该组合的风险级别取决于剂量、给药途径、适应证或病史；此处按最低级别提示，请结合患者判断。",
    "How serious this is depends on dose, route, indication or history; the lowest level is shown.",
)


class Rule(msgspec.Struct, frozen=True, eq=False):
    """What is said of every pair of a rule. `local`: also of forms that act locally (eye drops)."""

    id: str
    severity: Severity
    mechanism: Text
    advice: Text
    sources: tuple[Source, ...]
    several_levels: bool
    local: bool


class Interaction(msgspec.Struct, frozen=True, eq=False):
    """One rule about one pair: `a` and `b` are the ingredients on the rule's own sides."""

    about: Rule
    a: str
    b: str

    @property
    def rule(self) -> str:
        """`interaction/ansm2020-0345`, or the name of a rule of our own."""
        return self.about.id

    @property
    def version(self) -> str:
        """The version of the rule."""
        return VERSION

    @property
    def severity(self) -> Severity:
        """How bad, where the level depends on what we are not told: at least so bad."""
        return self.about.severity

    @property
    def mechanism(self) -> Text:
        """What happens."""
        return self.about.mechanism

    @property
    def advice(self) -> Text:
        """What to do."""
        return self.about.advice

    @property
    def sources(self) -> tuple[Source, ...]:
        """Where it is written."""
        return self.about.sources

    @property
    def several_levels(self) -> bool:
        """Whether the level depends on dose, route, indication or history."""
        return self.about.several_levels

    @property
    def review(self) -> bool:
        """The texts and our own rules still need clinical review."""
        return True

    def applies_to(self, systemic: bool) -> bool:
        """Whether it holds for medicines that act on the whole body, or also for one that acts locally."""
        return systemic or self.about.local


class InteractionIndex:
    """All pairs, each under its two ids in alphabetical order. `between` costs one dictionary look-up."""

    def __init__(self, pairs: dict[tuple[str, str], tuple[Interaction, ...]]) -> None:
        self._pairs = pairs

    @classmethod
    def load(cls, folder: Path, formulary: Formulary) -> Self:
        """The tables of a folder, their classes expanded. TableError names file and line; then nothing is loaded."""
        tables = _Tables(folder, formulary)
        pairs: dict[tuple[str, str], tuple[Interaction, ...]] = {}
        for key, found in tables.expanded():
            others = pairs.get(key)
            pairs[key] = _worst_first(*others, found) if others else (found,)
        return cls(pairs)

    def between(self, a: str, b: str) -> tuple[Interaction, ...]:
        """Every rule about the two ingredients, worst first; the order of the two does not matter."""
        return self._pairs.get((a, b) if a < b else (b, a), ())

    def of(self, id: str) -> list[tuple[str, Interaction]]:
        """Every ingredient this one interacts with and the worst that is said of the two, worst first."""
        found = [(b if a == id else a, rules[0]) for (a, b), rules in self._pairs.items() if id in (a, b)]
        return sorted(found, key=lambda pair: (SEVERITIES.index(pair[1].severity), pair[0]))

    def __len__(self) -> int:
        """The number of pairs."""
        return len(self._pairs)


def _worst_first(*found: Interaction) -> tuple[Interaction, ...]:
    return tuple(sorted(found, key=lambda interaction: SEVERITIES.index(interaction.about.severity)))


class _Tables:
    """The folder's tables, read and checked."""

    def __init__(self, folder: Path, formulary: Formulary) -> None:
        self.folder = folder
        self.known = formulary.entries
        self.mechanisms = _texts(folder / "mechanisms.csv")
        self.advices = _texts(folder / "advices.csv")
        self.members: dict[str, dict[str, None]] = {}
        self.local: set[str] = set()
        self._read_classes(folder / "ansm_classes.csv")
        self._read_own_classes(folder / "supplement_classes.csv", formulary)
        self._read_extensions(folder / "extensions.csv")

    def expanded(self) -> Iterator[tuple[tuple[str, str], Interaction]]:
        """Every rule with every pair it speaks of; within a split rule a pair belongs to its first part."""
        for name, sources in (("ansm_rules.csv", self._ansm), ("supplement.csv", self._own)):
            path = self.folder / name
            stem, seen = "", set[tuple[str, str]]()
            columns = ("id", "a", "b", "level", "mechanism", "advice", "several_levels")
            for line, row in rows(path, columns):
                if (new := _stem(row["id"])) != stem:
                    stem, seen = new, set()
                left, right = (list(self._ids(path, line, row[side])) for side in ("a", "b"))
                rule = self._rule(path, line, row, sources(row)) if row["level"] else None
                for key, a, b in _pairs(left, right, seen):
                    if rule:
                        yield key, Interaction(rule, a, b)

    def _rule(self, path: Path, line: int, row: dict[str, str], sources: tuple[Source, ...]) -> Rule:
        severity = row["level"]
        if severity not in get_args(Severity):
            raise TableError(f"{path}:{line}: found level {severity!r}, expected one of {get_args(Severity)}")
        several = row["several_levels"] == "yes"
        advices = [self._text(path, line, self.advices, code) for code in row["advice"].split()]
        sides = "|".join((row["a"], row["b"])).split("|")
        return Rule(
            row["id"],
            severity,  # type: ignore[arg-type]
            self._text(path, line, self.mechanisms, row["mechanism"]),
            _together([*advices, *([LEVEL_DEPENDS] if several else [])]),
            sources,
            several,
            any(side.removeprefix(CLASS) in self.local for side in sides if side.startswith(CLASS)),
        )

    def _ansm(self, _: dict[str, str]) -> tuple[Source, ...]:
        return (ANSM,)

    def _own(self, row: dict[str, str]) -> tuple[Source, ...]:
        return (Source(title=row["source"], dated=row["dated"], grade=row["grade"]),)

    def _text(self, path: Path, line: int, texts: dict[str, Text], code: str) -> Text:
        if code not in texts:
            raise TableError(f"{path}:{line}: found code {code!r}, expected one of the codes of the text tables")
        return texts[code]

    def _ids(self, path: Path, line: int, side: str) -> Iterator[str]:
        """The ingredients a side names: ids, and @classes with all their members."""
        for part in side.split("|"):
            if part.startswith(CLASS) and part[1:] in self.members:
                yield from self.members[part[1:]]
            elif part in self.known:
                yield part
            else:
                raise TableError(f"{path}:{line}: found {part!r}, expected an ingredient id or a known @class")

    def _read_classes(self, path: Path) -> None:
        for line, row in rows(path, ("id", "zh", "en", "local", "members")):
            self._add(path, line, row["id"], row["members"].split("|") if row["members"] else [])
            if row["local"] == "yes":
                self.local.add(row["id"])

    def _read_own_classes(self, path: Path, formulary: Formulary) -> None:
        """Classes of our own: ingredients by id, by ATC prefix, or another class."""
        for line, row in rows(path, ("id", "zh", "en", "atc", "members", "source")):
            prefixes = tuple(row["atc"].split())
            coded = [id for id, e in formulary.entries.items() if prefixes and _under(e.ingredient.atc, prefixes)]
            named = list(self._ids(path, line, row["members"])) if row["members"] else []
            if not coded and not named:
                raise TableError(f"{path}:{line}: found class {row['id']!r} without members, expected at least one")
            self._add(path, line, row["id"], [*coded, *named])

    def _read_extensions(self, path: Path) -> None:
        """Members that the thesaurus does not know, added to its classes."""
        for line, row in rows(path, ("class", "members", "source")):
            if row["class"] not in self.members:
                raise TableError(f"{path}:{line}: found class {row['class']!r}, expected a class of ansm_classes.csv")
            self._add(path, line, row["class"], row["members"].split("|"))

    def _add(self, path: Path, line: int, name: str, members: Iterable[str]) -> None:
        members = list(members)
        if unknown := [id for id in members if id not in self.known]:
            raise TableError(f"{path}:{line}: found {unknown}, expected ingredient ids")
        self.members.setdefault(name, {}).update(dict.fromkeys(members))


def _pairs(left: list[str], right: list[str], seen: set[tuple[str, str]]) -> Iterator[tuple[tuple[str, str], str, str]]:
    """Each pair of different ingredients once, whichever side it comes from, and its key; `seen` grows."""
    for a in left:
        for b in right:
            key = (a, b) if a < b else (b, a)
            if a != b and key not in seen:
                seen.add(key)
                yield key, a, b


def _stem(id: str) -> str:
    """interaction/ansm2020-0091-1 is a part of interaction/ansm2020-0091."""
    head, _, tail = id.rpartition("-")
    return head if tail.isdigit() and "-" in head else id


def _under(codes: tuple[str, ...], prefixes: tuple[str, ...]) -> bool:
    return any(code.startswith(prefixes) for code in codes)


def _texts(path: Path) -> dict[str, Text]:
    return {row["code"]: Text(row["zh"], row["en"]) for _, row in rows(path, ("code", "zh", "en"))}


def _together(texts: list[Text]) -> Text:
    return Text("".join(text.zh for text in texts), " ".join(text.en for text in texts))
