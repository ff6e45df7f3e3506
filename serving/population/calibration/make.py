"""Making a layer: refuse what cannot bear one, fit, and measure before and after on people it was not made from."""

from datetime import UTC, datetime
from itertools import pairwise

import numpy as np

from cdss.models.additive import Additive
from cdss.models.resident import RESIDENT
from cdss.models.site_layer import Groups, SiteLayer
from cdss.serving.population.calibration.document import Document, LevelSeen, Part, Threshold
from cdss.serving.population.calibration.fit import EVENTS, PEOPLE, Belief, belief, fitted, out_of_fold, probability
from cdss.serving.population.calibration.fit import own_tiers as own
from cdss.serving.population.calibration.in_force import card_flags
from cdss.serving.population.calibration.measures import auc, measured, observed_expected
from cdss.serving.population.calibration.people import FAULT, NO_OUTCOME, UNREADABLE, Local, Numbers, People
from cdss.serving.population.calibration.priors import Prior, of

AGE_BANDS = (40.0, 60.0)
NO_GROUP = ("diabetes", "pregnant", "asian")  # the model is not for them, or the whole site is one group
SHARED = 100  # people of a tier from whom an operating point of their own may be taken
TO_DO = {
    NO_OUTCOME: "nothing stands in the outcome column: add the results",
    UNREADABLE: "the outcome is neither yes nor no: write 1/0, yes/no or 是/否",
    FAULT: "the row has a fault: `cdss score` names it",
    "implausible": "a value is implausible: check units (`cdss score` names it)",
    "too-little-known": "too little is known for the model: add what it needs (`cdss model show`)",
    "outside-age": "outside the ages the model is for",
    "known-diabetes": "diabetes was known already: the model is not for them",
    "pregnant": "pregnant: the model is not for them",
    "glucose-diabetic": "glucose in the diabetic range at the start: nothing to predict",
    "hba1c-diabetic": "HbA1c in the diabetic range at the start: nothing to predict",
}


class NotEnough(ValueError):
    """The local people cannot bear a layer; says what was found, what is needed and what to do."""


def make(local: Local, model: Additive, feature: str = "", share: float | None = None, level: bool = True) -> Document:
    """The layer from these people. `feature`: groups with an intercept of their own; `share`: of people to be flagged.

    `level`: whether the local level of glucose may tell where the intercept is believed to lie. NotEnough.
    """
    people = local.people
    _bears_a_layer(people, local.unused)
    groups = grouping(feature, model) if feature else Groups()
    prior = of(model.card.name)
    believed = belief(prior if level else _without_level(prior), model, people, groups)
    layer = fitted(people, believed)
    after = out_of_fold(people, believed)
    before = probability(None, people)
    return Document(
        model=model.card.name,
        version=model.card.version,
        model_digest=model.card.digest,
        at=datetime.now(UTC).isoformat(timespec="seconds"),
        file_digest=local.digest,
        unused=local.unused,
        intercepts=dict(layer.intercepts),
        slope=layer.slope,
        feature=layer.groups.feature,
        edges=layer.groups.edges,
        shifts=layer.groups.shifts,
        spread=prior.spread,
        level=_level(prior, believed, people),
        thresholds=_thresholds(model, layer, people, share),
        before=measured(people.event, before),
        after=measured(people.event, after),
        tiers=_tiers(people, before, after),
        groups=_groups(people, layer.groups, before, after),
    )


def grouping(feature: str, model: Additive) -> Groups:
    """Who has an intercept of their own: by sex, by age band, or by a yes/no question of the resident table."""
    quantity = RESIDENT.get(feature)
    if feature == "age":
        return Groups("age", AGE_BANDS, (0.0,) * (len(AGE_BANDS) + 1))
    if quantity and quantity.yes_no and feature in model.FEATURES and feature not in NO_GROUP:
        return Groups(feature, (0.5,), (0.0, 0.0))
    known = sorted(name for name in model.FEATURES if RESIDENT[name].yes_no and name not in NO_GROUP)
    raise NotEnough(
        f"found --group {feature}; expected age or one of {', '.join(known)}: the layer is applied to every resident, "
        "so it can only use what the resident table has"
    )


def labels(groups: Groups) -> list[str]:
    """What the groups are called, in order."""
    if groups.feature == "age":
        low = [0, *(int(edge) for edge in groups.edges)]
        return [*(f"{a}-{b - 1}" for a, b in pairwise(low)), f"{low[-1]}+"]
    return ["male", "female"] if groups.feature == "sex" else ["no", "yes"]


def _bears_a_layer(people: People, unused: dict[str, int]) -> None:
    events = int(people.event.sum())
    if len(people) < PEOPLE:
        raise NotEnough(
            f"found {len(people)} people with an outcome and an answer of the model, expected {PEOPLE} or more; "
            "until then the model answers as shipped" + _unused(unused)
        )
    if events in (0, len(people)):
        raise NotEnough(f"found the same outcome for all {len(people)} people; check the outcome column")
    if people.rare < EVENTS:
        raise NotEnough(
            f"found {events} events among {len(people)} people, expected {EVENTS} or more events and as many without: "
            "with fewer, chance decides; add people" + _unused(unused)
        )
    area = auc(people.event, people.logit)
    if area and area.high < 0.5:
        raise NotEnough(
            f"found that those with the outcome have the lower risk (AUC {area.value:.2f}); is yes and no exchanged?"
        )


def _unused(unused: dict[str, int]) -> str:
    """Why the others were not used, most frequent first, with what to do."""
    lines = [
        f"\n  {count} {reason}: {TO_DO.get(reason, 'the model is not for them')}"
        for reason, count in sorted(unused.items(), key=lambda item: -item[1])
    ]
    return "; not used:" + "".join(lines) if lines else ""


def _without_level(prior: Prior) -> Prior:
    return Prior(spread=prior.spread, source=prior.source, dated=prior.dated)


def _level(prior: Prior, believed: Belief, people: People) -> LevelSeen | None:
    """What is said of the local level, whether or not it was used."""
    level = prior.level
    if level is None:
        return None
    excess = level.excess(people.columns)
    if np.isnan(excess):
        return None
    centre = next((centre for centre in believed.centres.values() if centre), 0.0)
    return LevelSeen(
        feature=level.feature,
        unit=level.unit,
        excess=excess,
        centre=centre,
        large=abs(excess) > level.told_from,
        beyond=abs(excess) > level.furthest,
    )


def _thresholds(model: Additive, layer: SiteLayer, people: People, share: float | None) -> tuple[Threshold, ...]:
    """The card's operating points moved with the layer; with `share`, those that flag so many of the local people."""
    risk = probability(layer, people)
    found = []
    for tier, card in card_flags(model).items():
        there = risk[people.tier == people.tiers.index(tier)]
        if share is not None and len(there) >= SHARED:
            found.append(Threshold(tier, card, float(np.quantile(there, 1 - share)), share))
        else:
            found.append(Threshold(tier, card, layer.threshold(tier, card)))
    return tuple(found)


def _tiers(people: People, before: Numbers, after: Numbers) -> tuple[Part, ...]:
    own_tier = own(people)
    return tuple(
        _part(name, people.tier == number, people.event, before, after, number in own_tier)
        for number, name in enumerate(people.tiers)
    )


def _groups(people: People, groups: Groups, before: Numbers, after: Numbers) -> tuple[Part, ...]:
    if not groups.feature:
        return ()
    place = groups.place(people.columns)
    found = [
        _part(name, place == number, people.event, before, after, own=True)
        for number, name in enumerate(labels(groups))
    ]
    unknown = place == -1
    if unknown.any():
        found.append(_part("unknown", unknown, people.event, before, after, own=False))
    return tuple(found)


def _part(name: str, rows: Numbers, event: Numbers, before: Numbers, after: Numbers, own: bool) -> Part:
    observed = event[rows].sum()
    return Part(
        name=name,
        n=int(rows.sum()),
        events=int(observed),
        own=own,
        before=observed_expected(observed, before[rows].sum()),
        after=observed_expected(observed, after[rows].sum()),
    )
