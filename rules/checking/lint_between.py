"""Faults between rules: two that judge the same thing of the same medicine differently."""

from collections.abc import Iterable, Iterator
from itertools import combinations

import msgspec

from cdss.rules.alert import Severity
from cdss.rules.asking.compiled import CompiledRule
from cdss.rules.language.condition_tree import Both, Compared, Either, Negation, Tree
from cdss.rules.language.conditions import Check

Judgement = tuple[str, Severity]  # the rule's id, and what it says


def contradictions(rules: Iterable[CompiledRule]) -> Iterator[tuple[str, str]]:
    """Rule and fault, for every two active rules of one kind that answer one condition of one trigger differently."""
    judged: dict[tuple[str, ...], list[Judgement]] = {}
    for compiled in rules:
        if compiled.rule.status == "active":
            for key, severity in _judgements(compiled):
                judged.setdefault(key, []).append((compiled.rule.id, severity))
    for key, found in judged.items():
        for (one, level), (other, another) in combinations(found, 2):
            if one != other and level != another:
                yield one, f"says {level} of {key[1]} where {other} says {another}; keep one of the two"


def _judgements(compiled: CompiledRule) -> Iterator[tuple[tuple[str, ...], Severity]]:
    """Kind, trigger, scope and condition of the rule's first alert: later ones depend on those before them."""
    rule = compiled.rule
    (condition, answer), *_ = compiled.answers
    scope = _spelled(compiled, compiled.applies.tree) if compiled.applies else ""
    ordering = rule.when.ordering
    triggers = ordering if isinstance(ordering, list) else [str(ordering or rule.when.event)]
    for trigger in triggers:
        place = f"{trigger} local" if rule.when.local else trigger
        yield (rule.kind, place, *rule.when.unless, scope, _spelled(compiled, condition.tree)), answer.alert.severity


def _spelled(compiled: CompiledRule, tree: Tree) -> str:
    """The condition with every name written out, so that the same condition is the same text in every rule."""
    match tree:
        case Both(parts):
            return f"({' and '.join(sorted(_spelled(compiled, part) for part in parts))})"
        case Either(parts):
            return f"({' or '.join(sorted(_spelled(compiled, part) for part in parts))})"
        case Negation(part):
            return f"not {_spelled(compiled, part)}"
        case Compared(check, compare, literal, other):
            return f"{_named(compiled, check.fact)} {compare.__name__} {_named(compiled, other) if other else literal}"
        case _:
            return _test(compiled, tree.check)


def _test(compiled: CompiledRule, check: Check) -> str:
    return f"{_named(compiled, check.fact)} {check.text.removeprefix(check.fact)}"


def _named(compiled: CompiledRule, name: str) -> str:
    if name in compiled.rule.limits:
        return str(sorted(compiled.rule.limits[name].items())[-1][1])
    return msgspec.json.encode(compiled.rule.facts[name]).decode()
