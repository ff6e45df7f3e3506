"""Alternatives offered with an alert: only what itself neither interacts badly here nor meets a known allergy."""

from collections.abc import Iterable, Iterator

from cdss.rules.alert import INTERRUPTIVE, Alternative
from cdss.rules.asking.context import Context
from cdss.rules.facts import Ingredient
from cdss.rules.interactions.alternatives import tolerated
from cdss.rules.interactions.index import InteractionIndex
from cdss.rules.interactions.levels import Level
from cdss.rules.interactions.medicine import Medicine

MOST = 4  # offers with one alert


class Offering:
    """What could be ordered instead, in one request."""

    def __init__(self, context: Context, index: InteractionIndex, medicines: list[Medicine]) -> None:
        self.context, self.index, self.medicines = context, index, medicines
        self._fits: dict[tuple[str, str], bool] = {}

    def instead(self, first: Medicine, second: Medicine, levels: Iterable[Level]) -> tuple[Alternative, ...]:
        """What may be ordered instead of either medicine, where that one is an order of this request."""
        stopping = [level.interaction for level in levels if level.part.severity in INTERRUPTIVE]
        pairs = [pair for i in stopping for pair in ((i.a, i.b), (i.b, i.a))]
        found = (
            alternative
            for medicine in (first, second)
            for replaced, other in pairs
            if medicine.order is not None and medicine.is_only(replaced)
            for alternative in self._of(medicine.order, replaced, other)
        )
        return tuple({(one.replaces, one.ingredient): one for one in found}.values())[:MOST]

    def _of(self, order: str, replaced: str, other: str) -> Iterator[Alternative]:
        for ingredient, offer in self.index.alternatives.instead_of(replaced, other):
            if self._fit(ingredient, replaced):
                code = ingredient.atc[0] if ingredient.atc else ""
                yield Alternative(order, ingredient.id, code, ingredient.zh, ingredient.en, offer.why, offer.source)

    def _fit(self, ingredient: Ingredient, replaced: str) -> bool:
        key = (ingredient.id, replaced)
        if key not in self._fits:
            self._fits[key] = tolerated(self.context, ingredient) and not self._stopped(ingredient, replaced)
        return self._fits[key]

    def _stopped(self, ingredient: Ingredient, replaced: str) -> bool:
        """Whether it is given already, or could itself interrupt beside anything but the medicine it replaces."""
        return any(
            ingredient.id in medicine.ids
            or any(
                interaction.worst in INTERRUPTIVE and interaction.applies_to(medicine.systemic)
                for interaction in self.index.among((ingredient.id,), medicine.ids)
            )
            for medicine in self.medicines
            if not medicine.is_only(replaced)
        )
