"""Kleene's logic on columns: who it is true of, who it is false of, and of the others it is unknown."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cdss.rules.cohort.people import Column
from cdss.rules.language.condition_tree import Both, Compared, Either, Holds, IsUnknown, Negation, OneOf, Tree

Mask = NDArray[np.bool_]
Limits = Mapping[str, float | None]
Lacking = dict[str, Mask]  # fact -> (n,) for want of it something could not be decided


@dataclass(frozen=True, slots=True)
class Truth:
    """`yes` and `no` (n,), never both; where neither, unknown."""

    yes: Mask
    no: Mask

    @property
    def unknown(self) -> Mask:
        """(n,) of whom it is not known."""
        return ~(self.yes | self.no)


class Asked:
    """Conditions asked of columns by name; `limits` are the numbers in force on the day."""

    def __init__(self, columns: Callable[[str], Column], facts: frozenset[str], limits: Limits, count: int) -> None:
        self.columns, self.facts, self.limits, self.count = columns, facts, limits, count

    def truth(self, tree: Tree) -> Truth:
        """The same answers as `conditions.py` gives one by one; a test holds the two against each other."""
        match tree:
            case Both(parts):
                every = [self.truth(part) for part in parts]
                return Truth(np.all([t.yes for t in every], axis=0), np.any([t.no for t in every], axis=0))
            case Either(parts):
                every = [self.truth(part) for part in parts]
                return Truth(np.any([t.yes for t in every], axis=0), np.all([t.no for t in every], axis=0))
            case Negation(part):
                turned = self.truth(part)
                return Truth(turned.no, turned.yes)
            case Holds(check):
                column = self.columns(check.fact)
                return self._known(column, column.values != 0 if column.values.dtype.kind == "f" else column.told)
            case IsUnknown(check, wanted):
                told = self.columns(check.fact).told
                return Truth(~told, told) if wanted else Truth(told, ~told)
            case OneOf(check):
                column = self.columns(check.fact)
                return self._known(column, np.isin(column.values, list(check.literals)))
            case Compared():
                return self._compared(tree)

    def lacking(self, tree: Tree, where: Mask, found: Lacking) -> None:
        """Adds to `found` the facts for want of which the condition is unknown for the people `where` it matters."""
        needed = where & self.truth(tree).unknown
        match tree:
            case Both(parts) | Either(parts):
                for part in parts:
                    self.lacking(part, needed, found)
            case Negation(part):
                self.lacking(part, needed, found)
            case _:
                for name in self.facts.intersection(tree.check.names):
                    untold = needed & ~self.columns(name).told
                    found[name] = found[name] | untold if name in found else untold

    def _compared(self, tree: Compared) -> Truth:
        left = self.columns(tree.check.fact)
        if not tree.other:
            return self._known(left, _made(tree, left, tree.literal))
        if tree.other in self.facts:
            right = self.columns(tree.other)
            both, made = left.told & right.told, _made(tree, left, right.values)
            return Truth(both & made, both & ~made)
        limit = self.limits[tree.other]
        if limit is None:  # did not exist on that day
            return Truth(np.zeros(self.count, bool), np.ones(self.count, bool))
        return self._known(left, _made(tree, left, limit))

    @staticmethod
    def _known(column: Column, made: Mask) -> Truth:
        told = column.told
        return Truth(told & made, told & ~made)


def _made(tree: Compared, left: Column, right: object) -> Mask:
    """(n,) how the comparison comes out; meaningless where a side was not told."""
    return np.asarray(tree.compare(left.values, right), bool)
