"""What is to be done for a resident: advice with the day it was first given, kept until it is answered.

Advice that is given again keeps its first day and its due date until the resident was seen, so that it becomes overdue
however often the list is computed. Advice that cannot be decided any more, because a value it was given upon grew old
or is missing, is carried on: only a new answer ends it. What the doctor handled stays handled until something new was
measured.
"""

import hashlib
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Literal, get_args

import msgspec
from msgspec.structs import replace

from cdss.rules.alert import INTERRUPTIVE, SEVERITIES
from cdss.serving.population.scoring.assessment import Advice, Assessment
from cdss.serving.population.worklist.lost import lost

How = Literal["done", "seen", "unsuitable"]
HOWS: tuple[How, ...] = get_args(How)
VISIT_LATE = "pathway/visit-overdue"  # a visit it calls for is overdue already; at `info` it only announces one


class Handled(msgspec.Struct, frozen=True):
    """What the doctor did with an item of advice, when (ISO 8601, UTC), who, and in which words."""

    how: How
    at: str
    by: str = ""
    note: str = ""


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One item of advice on a resident's agenda.

    `since` is the day it was first given, `due` counts from then. `visit`, `evidence` and `known` (columns of the
    resident table) are what it was given upon.
    `carried`: the rule could not be decided at the last assessment; the words are those of an earlier one.
    """

    advice: Advice
    since: date
    due: date | None
    visit: date | None
    evidence: str
    known: tuple[str, ...] = ()
    handled: Handled | None = None
    carried: bool = False

    @property
    def open(self) -> bool:
        """Whether it waits for the doctor."""
        return self.handled is None

    @property
    def emergency(self) -> bool:
        """Whether it cannot wait."""
        return self.advice.severity in INTERRUPTIVE

    @property
    def calls_for_a_late_visit(self) -> bool:
        """Whether it says that a visit is late already, whatever the day by which it is to be arranged."""
        return self.advice.rule == VISIT_LATE and self.advice.severity != "info"

    @property
    def overdue_from(self) -> date | None:
        """The first day on which it is overdue."""
        if self.calls_for_a_late_visit:
            return self.since
        return self.due + timedelta(days=1) if self.due else None


def agenda(assessment: Assessment, earlier: Iterable[Item] = ()) -> tuple[Item, ...]:
    """The items after an assessment, given those before it, the most pressing first."""
    known = {item.advice.rule: item for item in earlier}
    said = tuple(_item(advice, assessment, known.get(advice.rule)) for advice in assessment.advices)
    rules = {advice.rule for advice in assessment.advices}
    unanswered = (item for item in known.values() if item.advice.rule not in rules and _unanswered(item, assessment))
    carried = (replace(item, carried=True) for item in unanswered)
    return tuple(sorted((*said, *carried), key=pressing))


def pressing(item: Item) -> tuple[bool, int, date, str]:
    """The order of an agenda: open before handled, the worst first, then what is due first."""
    return not item.open, SEVERITIES.index(item.advice.severity), item.due or date.max, item.advice.rule


def asked(assessment: Assessment) -> bool:
    """Whether the rules were asked at all; they are not of a row that cannot be true."""
    return bool(assessment.advices or assessment.unchecked or not assessment.fault)


def weighed(assessment: Assessment, items: Iterable[Item]) -> Assessment:
    """The assessment as if these items were what it advised: its tier and urgency are theirs.

    Each is due as many days from the assessment as it was due when first given: growing late changes no tier.
    """
    return replace(assessment, advices=tuple(_as_of(item, assessment.day) for item in items))


def evidence(assessment: Assessment) -> str:
    """A short digest of what was known, age apart: it changes when something new was measured or told."""
    known = sorted((name, value) for name, value in assessment.record.items() if name != "age")
    return hashlib.sha256(repr((assessment.last_visit, known)).encode()).hexdigest()[:16]


def _unanswered(item: Item, assessment: Assessment) -> bool:
    """Whether the rule is silent only because the row was in doubt, or what it had spoken upon was lost."""
    lacks = [text for one in assessment.unchecked if one.rule == item.advice.rule for text in one.lacks]
    return lost(item.known, lacks) or not asked(assessment)


def _as_of(item: Item, day: date) -> Advice:
    due = item.due and day + (item.due - item.since)
    return replace(item.advice, due=due)


def _item(advice: Advice, assessment: Assessment, earlier: Item | None) -> Item:
    now = evidence(assessment)
    fresh = Item(advice=advice, since=assessment.day, due=advice.due, visit=assessment.last_visit, evidence=now,
                 known=tuple(assessment.record))  # fmt: skip
    if earlier is None:
        return fresh
    if earlier.handled:
        same = earlier.evidence == now and _matter(earlier.advice) == _matter(advice)
        return replace(earlier, advice=advice, carried=False) if same else fresh
    if _seen_since(earlier, assessment):
        return fresh
    dues = [due for due in (earlier.due, advice.due) if due]
    return replace(fresh, since=earlier.since, due=min(dues, default=None), visit=earlier.visit, known=earlier.known)


def _matter(advice: Advice) -> tuple[str, int, str]:
    return advice.rule, advice.answer, advice.severity


def _seen_since(earlier: Item, assessment: Assessment) -> bool:
    """Whether the resident was seen after the item was given; where no visits are told, whether values are new."""
    if assessment.last_visit is None:
        return earlier.evidence != evidence(assessment)
    return earlier.visit is None or assessment.last_visit > earlier.visit
