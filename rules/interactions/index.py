"""Interactions of two ingredients: every rule's classes are expanded once, at load, into one dictionary of pairs.

Rules come from `knowledge/interactions`: the thesaurus of the French regulator (compiled by `datasets/compile_ansm.py`)
and our own supplement for what it lacks.
"""

from pathlib import Path
from typing import Self

from cdss.rules import KNOWLEDGE
from cdss.rules.alert import RANK, Severity
from cdss.rules.drugs.formulary import Formulary
from cdss.rules.interactions.alternatives import Alternatives
from cdss.rules.interactions.conditions import Conditions
from cdss.rules.interactions.part import Interaction, Part, stem
from cdss.rules.interactions.tables import Key, Tables
from cdss.rules.terms.table import TableError

MOST_PAIRS = 400_000
FOLDER = KNOWLEDGE / "interactions"


class InteractionIndex:
    """All pairs, each under its two ids in alphabetical order. `between` costs one dictionary look-up."""

    def __init__(
        self, pairs: dict[Key, tuple[Interaction, ...]], conditions: Conditions, alternatives: Alternatives
    ) -> None:
        self._pairs = pairs
        self.conditions = conditions
        self.alternatives = alternatives

    @classmethod
    def load(cls, folder: Path, formulary: Formulary) -> Self:
        """The tables of a folder, their classes expanded. TableError names file and line; then nothing is loaded."""
        tables = Tables(folder, formulary)
        pairs: dict[Key, tuple[Interaction, ...]] = {}
        for key, found in tables.expanded():
            if len(pairs) > MOST_PAIRS:
                raise TableError(f"{folder}: found more than {MOST_PAIRS} pairs, expected at most so many")
            others = pairs.get(key)
            pairs[key] = _worst_first(*others, found) if others else (found,)
        return cls(pairs, tables.conditions, Alternatives.load(folder / "alternatives.csv", tables.classes, formulary))

    def between(self, a: str, b: str) -> tuple[Interaction, ...]:
        """Every rule about the two ingredients, worst first; the order of the two does not matter."""
        return self._pairs.get((a, b) if a < b else (b, a), ())

    def among(self, some: tuple[str, ...], others: tuple[str, ...]) -> tuple[Interaction, ...]:
        """Every rule about an ingredient of one medicine and one of another."""
        if len(some) == 1 and len(others) == 1:  # as nearly always
            return self._pairs.get((some[0], others[0]) if some[0] < others[0] else (others[0], some[0]), ())
        return tuple(interaction for a in some for b in others for interaction in self.between(a, b))

    def of(self, id: str) -> list[tuple[str, Interaction]]:
        """Every ingredient this one interacts with and the worst that is said of the two, worst first."""
        found = [(b if a == id else a, rules[0]) for (a, b), rules in self._pairs.items() if id in (a, b)]
        return sorted(found, key=lambda pair: (RANK[pair[1].severity], pair[0]))

    def at_worst(self, a: str, b: str) -> Severity:
        """How bad the two can be, whatever dose, route or history; they must be known to interact."""
        return min((interaction.worst for interaction in self.between(a, b)), key=RANK.__getitem__)

    def rule(self, id: str) -> tuple[tuple[Part, ...], list[Key]]:
        """The parts of the rule that a part of this id belongs to, worst first, and the pairs it speaks of."""
        parts: dict[str, Part] = {}
        pairs: list[Key] = []
        for key, found in self._pairs.items():
            for interaction in found:
                every = (*interaction.conditional, interaction.certain)
                if any(stem(part.id) == stem(id) for part in every):
                    parts |= {part.id: part for part in every}
                    pairs.append(key)
        return tuple(sorted(parts.values(), key=lambda part: RANK[part.severity])), pairs

    def __len__(self) -> int:
        """The number of pairs."""
        return len(self._pairs)


def _worst_first(*found: Interaction) -> tuple[Interaction, ...]:
    return tuple(sorted(found, key=lambda interaction: RANK[interaction.severity]))
