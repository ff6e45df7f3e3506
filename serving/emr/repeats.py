"""What was already said in an encounter is not said again as if it were new: it is gathered, never dropped.

- What does not interrupt is shown once in an encounter; after that it is listed in one card.
- What interrupts is shown again until the doctor has overridden it with a reason; then it is listed, with the reason.
- What is contraindicated is always shown, and so is what has changed: a worse level, another dose, another result.

Kept in memory, by patient and encounter, for a working day; after a restart everything is new again.
"""

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field

import msgspec

from cdss.rules.alert import Alert
from cdss.rules.engine import Review
from cdss.serving.emr.simple.answer import alert_id

MOST_ENCOUNTERS, MOST_CARDS, HOURS = 20_000, 500, 12.0
Key = tuple[str, str]  # patient, encounter


@dataclass(slots=True)
class Encounter:
    """Ids of the alerts shown, the reasons of those overridden, and which alert each card showed."""

    began: float
    shown: set[str] = field(default_factory=set)
    reasons: dict[str, str] = field(default_factory=dict)
    cards: OrderedDict[str, str] = field(default_factory=OrderedDict)


@dataclass(frozen=True, slots=True)
class Split:
    """A review without what is only listed, and what is: each alert with the reason it was overridden for, or ""."""

    fresh: Review
    again: tuple[tuple[Alert, str], ...] = ()


class Encounters:
    """The encounters of the last hours. Safe to share between threads."""

    def __init__(self) -> None:
        self._known: OrderedDict[Key, Encounter] = OrderedDict()
        self._of_card: OrderedDict[str, Key] = OrderedDict()
        self._lock = threading.Lock()

    def split(self, key: Key, review: Review, cards: dict[str, str]) -> Split:
        """What of a review is new in its encounter; `cards`, uuid -> alert id, are remembered as shown."""
        if not all(key):
            return Split(review)
        with self._lock:
            encounter = self._encounter(key)
            again = tuple((a, encounter.reasons.get(alert_id(a), "")) for a in review.alerts if _listed(a, encounter))
            encounter.shown.update(cards.values())
            for uuid, alert in cards.items():
                self._of_card[uuid] = key
                encounter.cards[uuid] = alert
            self._forget(encounter)
        listed = {id(alert) for alert, _ in again}
        kept = tuple(alert for alert in review.alerts if id(alert) not in listed)
        return Split(msgspec.structs.replace(review, alerts=kept), again)

    def overridden(self, card: str, reason: str) -> None:
        """A doctor went on in spite of a card; `reason` is a code or words. A card nobody remembers is no error."""
        with self._lock:
            encounter = self._known.get(self._of_card.get(card, ("", "")))
            if encounter and card in encounter.cards:
                encounter.reasons[encounter.cards[card]] = reason

    def overridden_alert(self, key: Key, alert: str, reason: str) -> None:
        """The same for an alert named by its id in its encounter."""
        if all(key):
            with self._lock:
                encounter = self._encounter(key)
                encounter.reasons[alert] = reason
                self._forget(encounter)

    def _encounter(self, key: Key) -> Encounter:
        now = time.monotonic()
        found = self._known.pop(key, None)
        if found is None or now - found.began > HOURS * 3600:
            found = Encounter(now)
        self._known[key] = found
        return found

    def _forget(self, encounter: Encounter) -> None:
        while len(encounter.reasons) > MOST_CARDS:
            del encounter.reasons[next(iter(encounter.reasons))]
        while len(encounter.cards) > MOST_CARDS:
            self._of_card.pop(encounter.cards.popitem(last=False)[0], None)
        while len(self._known) > MOST_ENCOUNTERS:
            for uuid in self._known.popitem(last=False)[1].cards:
                self._of_card.pop(uuid, None)


def _listed(alert: Alert, encounter: Encounter) -> bool:
    if alert.severity == "contraindicated" or alert.kind == "data":
        return False
    known = alert_id(alert)
    return known in encounter.reasons if alert.interruptive else known in encounter.shown
