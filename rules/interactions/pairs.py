"""Interactions among what is ordered and what is taken, one alert for each pair of medicines."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import msgspec

from cdss.rules.alert import INTERRUPTIVE, RANK, Alert, Unknown
from cdss.rules.asking.compiled import Verdict
from cdss.rules.asking.context import Context
from cdss.rules.interactions import says
from cdss.rules.interactions.conditions import Asked, side
from cdss.rules.interactions.index import InteractionIndex
from cdss.rules.interactions.levels import Level, certain, level_of
from cdss.rules.interactions.medicine import Medicine
from cdss.rules.interactions.offers import Offering
from cdss.rules.interactions.part import VERSION, Interaction, Part

Failed = Callable[[str, Exception], object]


class Pair(NamedTuple):
    """Two medicines, the first of them ordered now, and what is said of them, worst first."""

    first: Medicine
    second: Medicine
    levels: list[Level]

    @property
    def orders(self) -> tuple[str, ...]:
        """The orders among the two."""
        first, second = self.first.order or "", self.second.order
        return (first,) if second is None else (first, second)

    @property
    def asked(self) -> list[tuple[Level, Asked]]:
        """The levels that depend on something, with what was asked for them."""
        return [(level, level.asked) for level in self.levels if level.asked is not None]

    def open(self, level: Level) -> tuple[Part, ...]:
        """The parts worse than what is said of the pair that could hold, had more been told."""
        said = RANK[self.levels[0].part.severity]
        return tuple(part for part in level.open if RANK[part.severity] < said)


Said = tuple[Alert, list[Unknown]]


def interactions(context: Context, index: InteractionIndex, failed: Failed) -> list[Verdict]:
    """For every pair of medicines with at least one order in it that the index knows: its alert, and what could not
    be known about it. A condition that cannot be asked is reported to `failed`; the level without it stands.

    The same two medicines ordered several times are one pair: the alert names all the orders.
    """
    medicines = [Medicine(taken) for taken in context.taken if taken.drug.ingredients]
    offering = Offering(context, index, medicines)
    found: dict[tuple[str, str], Said] = {}
    for pair in _pairs(context, index, medicines, failed):
        one, other = pair.first.key, pair.second.key
        key = (one, other) if one < other else (other, one)
        said = _alert(pair, offering), _unknown(pair)
        found[key] = _merged(found[key], said) if key in found else said
    alerts = [Verdict(alert) for alert, _ in found.values()]
    return alerts + [Verdict(unknown=unknown) for _, unknowns in found.values() for unknown in unknowns]


def _pairs(context: Context, index: InteractionIndex, medicines: list[Medicine], failed: Failed) -> Iterator[Pair]:
    """Orders come first: once a pair begins with what is taken already, none of the rest has an order."""
    between, among = index.between, index.among
    for i, first in enumerate(medicines):
        if first.order is None:
            return
        for second in medicines[i + 1 :]:
            known = between(first.only, second.only) if first.only and second.only else among(first.ids, second.ids)
            if known and (levels := _levels(context, index, first, second, known, failed)):
                yield Pair(first, second, levels)


def _levels(
    context: Context,
    index: InteractionIndex,
    first: Medicine,
    second: Medicine,
    known: tuple[Interaction, ...],
    failed: Failed,
) -> list[Level]:
    """What holds of the interactions for these two medicines, worst first."""
    systemic = first.systemic and second.systemic
    levels = [
        _level(context, index, first, second, interaction, failed) if interaction.conditional else certain(interaction)
        for interaction in known
        if systemic or interaction.certain.local
    ]
    if len(levels) > 1:
        levels.sort(key=lambda level: RANK[level.part.severity])
    return levels


def _level(
    context: Context,
    index: InteractionIndex,
    first: Medicine,
    second: Medicine,
    interaction: Interaction,
    failed: Failed,
) -> Level:
    """The level on the facts of this request; the certain one if they cannot be asked."""
    as_written = interaction.a in first.ids and interaction.b in second.ids
    a, b = (first, second) if as_written else (second, first)
    sides = {"a": side(a.taken, interaction.a), "b": side(b.taken, interaction.b)}
    try:
        return level_of(interaction, Asked(index.conditions, context, sides))
    except Exception as e:
        failed(interaction.rule, e)
        return certain(interaction)


def _alert(pair: Pair, offering: Offering) -> Alert:
    """One alert for the pair: the worst interaction speaks, the others are named in the detail."""
    first, second, levels = pair
    worst, part = levels[0].interaction, levels[0].part
    asked = pair.asked
    return Alert(
        rule=part.id,
        rule_version=VERSION,
        kind="interaction",
        severity=part.severity,
        orders=pair.orders,
        others=(second.taken.drug.text,),
        summary=says.summary(first.name, second.name, part.severity),
        detail=says.detail(
            tuple([level.part for level in levels]),
            tuple([part for level, _ in asked for part in pair.open(level)]),
        ),
        action=part.advice,
        sources=part.sources,
        trace=(first.traced(worst), second.traced(worst), *[test for _, made in asked for test in made.trace()]),
        review=True,
        alternatives=offering.instead(first, second, levels) if part.severity in INTERRUPTIVE else (),
    )


def _unknown(pair: Pair) -> list[Unknown]:
    return [
        Unknown(worse[0].id, made.needs(one for part in worse for one in part.when), pair.orders)
        for level, made in pair.asked
        if (worse := pair.open(level))
    ]


def _merged(one: Said, other: Said) -> Said:
    """The worse of two alerts about the same medicines, with the orders of both."""
    worse, milder = sorted((one[0], other[0]), key=lambda alert: RANK[alert.severity])
    alert = msgspec.structs.replace(
        worse,
        orders=_joined(one[0].orders, other[0].orders),
        others=_joined(one[0].others, other[0].others),
        alternatives=tuple(dict.fromkeys((*worse.alternatives, *milder.alternatives))),
    )
    return alert, list(dict.fromkeys((*one[1], *other[1])))


def _joined(some: tuple[str, ...], more: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*some, *more)))
