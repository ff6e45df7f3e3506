"""Interactions among what is ordered and what is taken, one alert for each pair of medicines."""

from collections.abc import Iterator
from itertools import product

from cdss.rules.alert import SEVERITIES, Alert, Text
from cdss.rules.context import Context, Taken
from cdss.rules.interactions import Interaction, InteractionIndex
from cdss.rules.words import SEVERITY, drug_name


def interactions(context: Context, index: InteractionIndex) -> Iterator[Alert]:
    """An alert for every pair with at least one order in it that the index knows."""
    taken = context.taken
    for i, first in enumerate(taken):
        if first.order is None:
            return
        for second in taken[i + 1 :]:
            if found := _between(first, second, index):
                yield _alert(first, second, found)


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
        detail=_joined([worst.mechanism, *(_also(other) for other in _further(found))]),
        action=worst.advice,
        sources=worst.sources,
        trace=(),
        review=worst.review,
    )


def _further(found: list[Interaction]) -> list[Interaction]:
    """The other interactions of the pair that say something the first does not."""
    said = {found[0].mechanism}
    return [said.add(i.mechanism) or i for i in found[1:] if i.mechanism not in said]  # type: ignore[func-returns-value]


def _also(interaction: Interaction) -> Text:
    level = SEVERITY[interaction.severity]
    return Text(f"另有（{level.zh}）：{interaction.mechanism.zh}", f"Also ({level.en}): {interaction.mechanism.en}")


def _joined(texts: list[Text]) -> Text:
    return Text("\n".join(t.zh for t in texts if t.zh), "\n".join(t.en for t in texts if t.en))
