"""Interactions among what is ordered and what is taken, one alert for each pair of medicines."""

from collections.abc import Iterator
from itertools import product

import msgspec

from cdss.rules.alert import SEVERITIES, Alert, Text, Traced
from cdss.rules.context import Context, Taken
from cdss.rules.interactions import LEVEL_DEPENDS, Interaction, InteractionIndex
from cdss.rules.words import SEVERITY, drug_name


def interactions(context: Context, index: InteractionIndex) -> list[Alert]:
    """An alert for every pair of medicines with at least one order in it that the index knows.

    The same two medicines ordered several times are one pair: the alert names all the orders.
    """
    alerts: dict[tuple[str, frozenset[str]], Alert] = {}
    for first, second, found in _known_pairs(context.taken, index):
        alert = _alert(first, second, found)
        key = (alert.rule, frozenset((_key(first), _key(second))))
        alerts[key] = _merged(alerts[key], alert) if key in alerts else alert
    return list(alerts.values())


def _known_pairs(taken: tuple[Taken, ...], index: InteractionIndex) -> Iterator[tuple[Taken, Taken, list[Interaction]]]:
    """Orders come first in `taken`: once a pair begins with what is taken already, none of the rest has an order."""
    for i, first in enumerate(taken):
        if first.order is None:
            return
        for second in taken[i + 1 :]:
            if found := _between(first, second, index):
                yield first, second, found


def _key(taken: Taken) -> str:
    return "/".join(sorted(ingredient.id for ingredient in taken.drug.ingredients))


def _merged(one: Alert, other: Alert) -> Alert:
    return msgspec.structs.replace(
        one,
        orders=tuple(dict.fromkeys((*one.orders, *other.orders))),
        others=tuple(dict.fromkeys((*one.others, *other.others))),
    )


def _between(first: Taken, second: Taken, index: InteractionIndex) -> list[Interaction]:
    """All interactions between any ingredients of the two, worst first."""
    found = [
        interaction
        for a, b in product(first.drug.ingredients, second.drug.ingredients)
        for interaction in index.between(a.id, b.id)
        if interaction.applies_to(first.drug.systemic and second.drug.systemic)
    ]
    return sorted(found, key=lambda interaction: SEVERITIES.index(interaction.severity))


def _alert(first: Taken, second: Taken, found: list[Interaction]) -> Alert:
    """One alert for the pair: the worst interaction speaks, the others are named in the detail."""
    worst = found[0]
    a, b = drug_name(first.drug), drug_name(second.drug)
    level = SEVERITY[worst.severity]
    return Alert(
        rule=worst.rule,
        rule_version=worst.version,
        kind="interaction",
        severity=worst.severity,
        orders=tuple(taken.order for taken in (first, second) if taken.order is not None),
        others=(second.drug.text,),
        summary=Text(f"{a.zh} + {b.zh}：{level.zh}", f"{a.en} + {b.en}: {level.en}"),
        detail=_joined([worst.mechanism, *(_also(other) for other in _further(found)), *_depends(worst)]),
        action=worst.advice,
        sources=worst.sources,
        trace=(_named(first, worst), _named(second, worst)),
        review=worst.review,
    )


def _named(taken: Taken, worst: Interaction) -> Traced:
    """What a medicine was taken to be, since the pair was found by that."""
    known = ", ".join(f"{i.en} ({' '.join(i.atc)})" if i.atc else i.en for i in taken.drug.ingredients)
    fact = "ordered" if taken.order is not None else "taken already"
    return Traced(fact, taken.drug.text, "", None, f"{known}: {worst.a} + {worst.b}", "true")


def _further(found: list[Interaction]) -> list[Interaction]:
    """The other interactions of the pair that say something the first does not."""
    said = {found[0].mechanism}
    return [said.add(i.mechanism) or i for i in found[1:] if i.mechanism not in said]  # type: ignore[func-returns-value]


def _depends(worst: Interaction) -> list[Text]:
    """Said where the source gives several levels by dose, route or history."""
    return [LEVEL_DEPENDS] if worst.several_levels else []


def _also(interaction: Interaction) -> Text:
    level = SEVERITY[interaction.severity]
    return Text(f"另有（{level.zh}）：{interaction.mechanism.zh}", f"Also ({level.en}): {interaction.mechanism.en}")


def _joined(texts: list[Text]) -> Text:
    return Text("\n".join(t.zh for t in texts if t.zh), "\n".join(t.en for t in texts if t.en))
