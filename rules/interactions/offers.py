"""Alternatives offered with an alert: only what itself neither interacts badly here nor meets a known allergy."""

from collections.abc import Iterable, Iterator

from cdss.rules.alert import INTERRUPTIVE, Alternative
from cdss.rules.context import Context, Taken
from cdss.rules.facts import Ingredient
from cdss.rules.interactions.alternatives import tolerated
from cdss.rules.interactions.index import InteractionIndex
from cdss.rules.interactions.levels import Level

MOST = 4  # offers with one alert


def offered(
    context: Context, index: InteractionIndex, first: Taken, second: Taken, levels: Iterable[Level]
) -> tuple[Alternative, ...]:
    """What may be ordered instead of either medicine, where that one is an order of this request."""
    stopping = [level.interaction for level in levels if level.part.severity in INTERRUPTIVE]
    pairs = [pair for i in stopping for pair in ((i.a, i.b), (i.b, i.a))]
    found = (
        alternative
        for taken in (first, second)
        for replaced, other in pairs
        if taken.order is not None and _is(taken, replaced)
        for alternative in _instead(context, index, taken, replaced, other)
    )
    return tuple({(one.replaces, one.ingredient): one for one in found}.values())[:MOST]


def _is(taken: Taken, ingredient: str) -> bool:
    """Only a medicine of one ingredient, for the whole body, can be replaced as such."""
    known = taken.drug.ingredients
    return taken.drug.systemic and len(known) == 1 and known[0].id == ingredient


def _instead(
    context: Context, index: InteractionIndex, taken: Taken, replaced: str, other: str
) -> Iterator[Alternative]:
    for ingredient, why in index.alternatives.instead_of(replaced, other):
        if tolerated(context, ingredient) and not _stopped(context, index, ingredient, replaced):
            code = ingredient.atc[0] if ingredient.atc else ""
            yield Alternative(taken.order or "", ingredient.id, code, ingredient.zh, ingredient.en, why)


def _stopped(context: Context, index: InteractionIndex, ingredient: Ingredient, replaced: str) -> bool:
    """Whether it is given already, or could itself interrupt beside anything but the medicine it replaces."""
    others = [taken for taken in context.taken if not _is(taken, replaced)]
    return any(
        known.id == ingredient.id
        or any(
            interaction.worst in INTERRUPTIVE and interaction.applies_to(taken.drug.systemic)
            for interaction in index.between(ingredient.id, known.id)
        )
        for taken in others
        for known in taken.drug.ingredients
    )
