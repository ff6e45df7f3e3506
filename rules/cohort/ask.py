"""Every rule of an event asked of many people: which of its answers each gets, and of whom it could not be decided."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cdss.rules.alert import Text
from cdss.rules.asking.compiled import Answer, CompiledRule
from cdss.rules.asking.words import fill, shown
from cdss.rules.cohort.facts import column
from cdss.rules.cohort.people import Column, People
from cdss.rules.cohort.truth import Asked, Lacking, Mask, Truth


@dataclass(frozen=True, slots=True)
class Said:
    """What one rule says of everybody.

    `answer` (n,): which of the rule's alerts, the first is 1; 0 if none. `lacking`: by fact, (n,) who got no answer for
    want of it. `failed`: the kind of error, if the rule could not be run; then nobody has an answer.
    """

    rule: CompiledRule
    answer: NDArray[np.int8]
    lacking: Lacking
    failed: str = ""

    @property
    def undecided(self) -> Mask:
        """(n,) of whom it could not be decided."""
        found: Mask = np.any([*self.lacking.values(), np.zeros(len(self.answer), bool)], axis=0)
        return found

    def lacks(self, person: int) -> tuple[Text, ...]:
        """What was not told of a person, in words of the ward."""
        return self.rule.missing(tuple(name for name, where in self.lacking.items() if where[person]))


def ask(rules: Iterable[CompiledRule], people: People) -> Iterator[Said]:
    """The answer of each rule. One that fails never silences the others: its failure is in its answer."""
    for rule in rules:
        try:
            yield _said(rule, people)
        except Exception as e:
            yield Said(rule, np.zeros(len(people), np.int8), {}, type(e).__name__)


def _said(rule: CompiledRule, people: People) -> Said:
    asked = Asked(lambda name: _fact(rule, name, people), frozenset(rule.finders), _limits(rule, people), len(people))
    everybody = Truth(np.ones(len(people), bool), np.zeros(len(people), bool))
    applies = asked.truth(rule.applies.tree) if rule.applies else everybody
    answer = np.zeros(len(people), np.int8)
    for number, (condition, _) in enumerate(rule.answers, 1):
        answer[(answer == 0) & applies.yes & asked.truth(condition.tree).yes] = number
    lacking: Lacking = {}
    open_ = (answer == 0) & ~applies.no
    for condition, _ in rule.answers:
        could = open_ & ~asked.truth(condition.tree).no
        asked.lacking(condition.tree, could, lacking)
        if rule.applies:
            asked.lacking(rule.applies.tree, could, lacking)
    return Said(rule, answer, {name: where for name, where in lacking.items() if where.any()})


def _fact(rule: CompiledRule, name: str, people: People) -> Column:
    return column(rule.rule.facts[name], people, rule.settings)


def _limits(rule: CompiledRule, people: People) -> dict[str, float | None]:
    return rule.limits_on(people.day)


class Wording:
    """Puts one answer of a rule into words for one person after the other."""

    def __init__(self, rule: CompiledRule, number: int, people: People) -> None:
        answer: Answer = rule.answers[number - 1][1]
        self.summary, self.action = answer.summary, answer.action
        limits = rule.limits_on(people.day)
        self.facts = {name: _fact(rule, name, people) for name in answer.names if name in rule.finders}
        self.limits = {name: shown(limits[name], "") for name in answer.names if name in limits}

    def of(self, person: int) -> tuple[Text, Text]:
        """Summary and action."""
        if not self.facts and not self.limits:
            return self.summary, self.action
        values = {**self.limits, **{name: found.shown(person) for name, found in self.facts.items()}}
        return fill(self.summary, values), fill(self.action, values)
