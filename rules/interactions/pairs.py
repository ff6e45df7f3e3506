"""Interactions among what is ordered and what is taken, one alert for each pair of medicines."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import msgspec

from cdss.rules.alert import INTERRUPTIVE, Alert, Unknown
from cdss.rules.compiled import Verdict
from cdss.rules.context import Context, Taken
from cdss.rules.interactions import says
from cdss.rules.interactions.conditions import Asked, side
from cdss.rules.interactions.index import InteractionIndex
from cdss.rules.interactions.levels import Level, certain, level_of
from cdss.rules.interactions.offers import offered
from cdss.rules.interactions.part import VERSION, Interaction, Part
from cdss.rules.words import drug_name

Failed = Callable[[str, Exception], object]


class Pair(NamedTuple):
    """Two medicines, the first of them ordered now, and what is said of them, worst first."""

    first: Taken
    second: Taken
    levels: list[Level]


def interactions(context: Context, index: InteractionIndex, failed: Failed) -> list[Verdict]:
    """For every pair of medicines with at least one order in it that the index knows: its alert, and what could not
    be known about it. A condition that cannot be asked is reported to `failed`; the level without it stands.

    The same two medicines ordered several times are one pair: the alert names all the orders.
    """
    found: dict[frozenset[str], tuple[Alert, list[Unknown]]] = {}
    for pair in _pairs(context, index, failed):
        new = _alert(context, index, pair), _unknown(pair)
        key = frozenset((_key(pair.first), _key(pair.second)))
        found[key] = _merged(found[key], new) if key in found else new
    alerts = [Verdict(alert) for alert, _ in found.values()]
    return alerts + [Verdict(unknown=unknown) for _, unknowns in found.values() for unknown in unknowns]


def _pairs(context: Context, index: InteractionIndex, failed: Failed) -> Iterator[Pair]:
    """Orders come first in `taken`: once a pair begins with what is taken already, none of the rest has an order."""
    between = index.between
    for i, first in enumerate(context.taken):
        if first.order is None:
            return
        for second in context.taken[i + 1 :]:
            known = [
                interaction
                for a in first.drug.ingredients
                for b in second.drug.ingredients
                for interaction in between(a.id, b.id)
            ]
            if known and (levels := _levels(context, index, first, second, known, failed)):
                yield Pair(first, second, levels)


def _levels(
    context: Context, index: InteractionIndex, first: Taken, second: Taken, known: list[Interaction], failed: Failed
) -> list[Level]:
    """What holds of the interactions for these two medicines, worst first."""
    systemic = first.drug.systemic and second.drug.systemic
    levels = [
        _level(context, index, first, second, interaction, failed) if interaction.conditional else certain(interaction)
        for interaction in known
        if interaction.applies_to(systemic)
    ]
    return sorted(levels, key=lambda level: level.part.rank) if len(levels) > 1 else levels


def _level(
    context: Context, index: InteractionIndex, first: Taken, second: Taken, interaction: Interaction, failed: Failed
) -> Level:
    """The level on the facts of this request; the certain one if they cannot be asked."""
    a, b = (first, second) if _has(first, interaction.a) and _has(second, interaction.b) else (second, first)
    sides = {"a": side(a, interaction.a), "b": side(b, interaction.b)}
    try:
        return level_of(interaction, Asked(index.conditions, context, sides))
    except Exception as e:
        failed(interaction.rule, e)
        return certain(interaction)


def _has(taken: Taken, ingredient: str) -> bool:
    return any(known.id == ingredient for known in taken.drug.ingredients)


def _key(taken: Taken) -> str:
    return "/".join(sorted(ingredient.id for ingredient in taken.drug.ingredients))


def _merged(one: tuple[Alert, list[Unknown]], other: tuple[Alert, list[Unknown]]) -> tuple[Alert, list[Unknown]]:
    """The worse of two alerts about the same medicines, with the orders of both."""
    worse, milder = sorted((one[0], other[0]), key=lambda alert: says.RANK[alert.severity])
    alert = msgspec.structs.replace(
        worse,
        orders=tuple(dict.fromkeys((*one[0].orders, *other[0].orders))),
        others=tuple(dict.fromkeys((*one[0].others, *other[0].others))),
        alternatives=tuple(dict.fromkeys((*worse.alternatives, *milder.alternatives))),
    )
    return alert, list(dict.fromkeys((*one[1], *other[1])))


def _alert(context: Context, index: InteractionIndex, pair: Pair) -> Alert:
    """One alert for the pair: the worst interaction speaks, the others are named in the detail."""
    worst, part = pair.levels[0], pair.levels[0].part
    first, second = pair.first, pair.second
    return Alert(
        rule=part.id,
        rule_version=VERSION,
        kind="interaction",
        severity=part.severity,
        orders=_orders(pair),
        others=(second.drug.text,),
        summary=says.summary(drug_name(first.drug), drug_name(second.drug), part.severity),
        detail=says.detail(
            tuple(level.part for level in pair.levels),
            tuple(part for level in pair.levels for part in _open(pair, level)),
        ),
        action=part.advice,
        sources=part.sources,
        trace=(
            says.named(first, worst.interaction),
            says.named(second, worst.interaction),
            *(test for level in pair.levels if level.asked for test in level.asked.trace()),
        ),
        review=True,
        alternatives=offered(context, index, first, second, pair.levels) if part.severity in INTERRUPTIVE else (),
    )


def _orders(pair: Pair) -> tuple[str, ...]:
    return tuple(taken.order for taken in (pair.first, pair.second) if taken.order is not None)


def _open(pair: Pair, level: Level) -> tuple[Part, ...]:
    """The parts worse than what is said of the pair that could hold, had more been told."""
    said = pair.levels[0].part.rank
    return tuple(part for part in level.open if part.rank < said)


def _unknown(pair: Pair) -> list[Unknown]:
    return [
        Unknown(worse[0].id, level.asked.needs(one for part in worse for one in part.when), _orders(pair))
        for level in pair.levels
        if level.asked and (worse := _open(pair, level))
    ]
