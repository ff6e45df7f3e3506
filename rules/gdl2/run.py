"""A guideline run on what is told of one patient: each rule is asked once, the highest priority first."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cdss.rules.gdl2.compiled import Condition
from cdss.rules.gdl2.guideline import Binding, Guideline
from cdss.rules.gdl2.scope import Scope
from cdss.rules.gdl2.templates import filled
from cdss.rules.gdl2.values import Value
from cdss.rules.language.conditions import Kleene, both

Told = Mapping[str, Iterable[Value]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came out. `outputs` are the elements set; `undecided` the rules that lacked a value they ask for.

    `applies`: whether the preconditions hold; where they do not, or it is not known, no rule was asked.
    """

    applies: Kleene
    outputs: Mapping[str, Value]
    fired: tuple[str, ...]
    undecided: tuple[str, ...]
    cards: tuple[Mapping[str, Any], ...]
    made: Mapping[str, Any]


def run(guideline: Guideline, told: Told, now: datetime | None = None) -> Outcome:
    """`told`: element code -> its values. DayNotTold if the guideline asks for the day and `now` is None."""
    scope = Scope(_admitted(guideline, told), now, guideline.terms, guideline.codes, outputs=_own(guideline))
    before = {code: len(values) for code, values in scope.values.items()}
    _share(guideline, scope)
    applies = _all(guideline.before)(scope)
    undecided: list[str] = []
    cards: list[Mapping[str, Any]] = []
    if applies:
        for do in guideline.defaults:
            do(scope)
        for rule in guideline.rules:
            truth = _all(rule.when)(scope)
            if truth is None:
                undecided.append(rule.id)
            if truth:
                for do in rule.then:
                    do(scope)
                cards += [filled(card, scope.read) for card in rule.cards]
                scope.fired.add(rule.id)
    outputs = {code: values[-1] for code, values in scope.values.items() if len(values) > before.get(code, 0)}
    fired = tuple(rule.id for rule in guideline.rules if rule.id in scope.fired)
    return Outcome(applies, outputs, fired, tuple(undecided), tuple(cards), scope.made)


def _share(guideline: Guideline, scope: Scope) -> None:
    """An output that lies where an input lies is the same data: it has the input's value until a rule sets it."""
    told = {
        (binding.model, element.path): scope.values[element.code]
        for binding in guideline.bindings
        if not binding.output
        for element in binding.elements
        if element.code in scope.values
    }
    for binding in guideline.bindings:
        for element in binding.elements if binding.output else ():
            if element.code not in scope.values and (binding.model, element.path) in told:
                scope.values[element.code] = list(told[binding.model, element.path])


def _own(guideline: Guideline) -> frozenset[str]:
    """Elements of outputs that are of no input."""
    of = {side: {code for b in guideline.bindings if b.output is side for code in _codes(b)} for side in (True, False)}
    return frozenset(of[True] - of[False])


def _all(conditions: Iterable[tuple[str, Condition]]) -> Condition:
    return both([condition for _, condition in conditions]) if conditions else lambda _: True


def _admitted(guideline: Guideline, told: Told) -> dict[str, list[Value]]:
    """The values told, without those of an archetype whose predicates say that this instance is another one."""
    values = {code: list(given) for code, given in told.items()}
    for binding in guideline.bindings:
        if any(code in values for code in _codes(binding)) and not _counts(binding, values, guideline):
            for code in _codes(binding):
                values.pop(code, None)
    return {code: given for code, given in values.items() if given}


def _codes(binding: Binding) -> list[str]:
    return [element.code for element in binding.elements]


def _counts(binding: Binding, values: Mapping[str, list[Value]], guideline: Guideline) -> bool:
    by_path = {element.path: values[element.code] for element in binding.elements if element.code in values}
    instance = Scope(by_path, None, guideline.terms, guideline.codes)
    return all(one.condition is None or one.condition(instance) is not False for one in binding.predicates)
