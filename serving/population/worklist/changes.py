"""What changed between two assessments of a resident."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Literal

import msgspec
from msgspec.structs import replace

from cdss.rules.alert import Severity, Text
from cdss.serving.population.scoring.assessment import NOTHING, Assessment, Tier
from cdss.serving.population.worklist.agenda import Item, asked

Kind = Literal["tier", "advised", "resolved", "undecided", "flagged", "unflagged", "not_scored", "value"]
FOLLOWED = ("sbp", "dbp", "fpg_mmol", "hba1c_pct", "weight_kg", "egfr", "uacr_mg_g", "ldl_mmol")  # values compared


class Change(msgspec.Struct, frozen=True):
    """One change since the assessment of a day.

    `about` is a rule, a model or a column; `before` and `now` are tiers or values; `says` the advice.
    """

    kind: Kind
    about: str = ""
    before: str | float | None = None
    now: str | float | None = None
    says: Text = NOTHING
    since: date | None = None


class Advised(msgspec.Struct, frozen=True):
    """An item of advice as it stood. `carried`: it could not be checked that day."""

    severity: Severity
    says: Text
    carried: bool


class Snapshot(msgspec.Struct, frozen=True):
    """As much of an assessment as the next one is compared with."""

    day: date
    tier: Tier
    advised: dict[str, Advised]  # by rule
    flagged: tuple[str, ...]  # models whose threshold was reached
    answered: tuple[str, ...]  # models that answered
    values: dict[str, float]
    scored: bool


def snapshot(assessment: Assessment, tier: Tier, items: Iterable[Item]) -> Snapshot:
    """The snapshot of an assessment with the tier and the items it led to."""
    answered = [said for said in assessment.models if said.tier != "unknown"]
    return Snapshot(
        day=assessment.day,
        tier=tier,
        advised={item.advice.rule: Advised(item.advice.severity, item.advice.summary, item.carried) for item in items},
        flagged=tuple(said.model for said in answered if said.flagged),
        answered=tuple(said.model for said in answered),
        values={name: float(assessment.record[name]) for name in FOLLOWED if name in assessment.record},
        scored=not assessment.fault,
    )


def changes(before: Snapshot, now: Snapshot, assessment: Assessment) -> tuple[Change, ...]:
    """What changed, the most important first; nothing is resolved that could not be checked."""
    return tuple(replace(change, since=before.day) for change in _changes(before, now, assessment))


def noteworthy(found: Iterable[Change]) -> bool:
    """Whether a doctor should look: something other than a number alone."""
    return any(change.kind != "value" for change in found)


def _changes(before: Snapshot, now: Snapshot, assessment: Assessment) -> Iterator[Change]:
    if before.tier != now.tier:
        yield Change("tier", before=before.tier, now=now.tier)
    if before.scored and not now.scored:
        yield Change("not_scored")
    for rule, item in now.advised.items():
        earlier = before.advised.get(rule)
        if item.carried and earlier and not earlier.carried:
            yield Change("undecided", rule, says=item.says)
        if not item.carried and (earlier is None or earlier.severity != item.severity):
            yield Change("advised", rule, says=item.says)
    for rule, item in before.advised.items():
        if rule not in now.advised and asked(assessment):
            yield Change("resolved", rule, says=item.says)
    both = [model for model in now.answered if model in before.answered]
    for model in both:
        if (model in now.flagged) != (model in before.flagged):
            yield Change("flagged" if model in now.flagged else "unflagged", model)
    for name, value in now.values.items():
        if name in before.values and before.values[name] != value:
            yield Change("value", name, before.values[name], value)
