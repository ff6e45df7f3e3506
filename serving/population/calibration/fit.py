"""From local people to a layer: an intercept, and a slope where the events bear it, drawn towards what is believed.

Each parameter has a normal prior (priors.yaml) and the most likely values are taken (ridge logistic regression). A site
of 500 people with 9 events moves the intercept about half the way; one with 90 events, nine tenths.

Whether a slope is fitted as well is decided by cross-validated log loss: only if it is better by more than one standard
error, and only from SLOPE_EVENTS events (and non-events) on. What is said of a layer is measured on people it was not
made from.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cdss.models.additive import Additive
from cdss.models.site_layer import Groups, SiteLayer, sigmoid
from cdss.serving.population.calibration.measures import log_loss
from cdss.serving.population.calibration.people import Numbers, People
from cdss.serving.population.calibration.priors import Prior

PEOPLE = 500  # fewest with an outcome and an answer (the contract)
EVENTS = 5  # fewest events, and non-events: the interval of 5 events is 0.3 to 2.3 times their number
SLOPE_EVENTS = 100  # Vergouwe Y et al. J Clin Epidemiol 2005;58:475-83: 100 events and 100 non-events
SLOPE_SPREAD = 0.2  # slopes of the nine sites of rich_cn lie between 0.95 and 1.11; elsewhere they may differ more
OWN = 0.5  # of the prior's spread: how far the tiers of one site may differ
OUTER, INNER = 10, 5  # folds
SEED = 20261125


@dataclass(frozen=True, slots=True)
class Belief:
    """What is believed beforehand: of the model, of each tier's intercept, and which groups have one of their own."""

    prior: Prior
    centres: Mapping[str, float]  # by tier
    groups: Groups


def belief(prior: Prior, model: Additive, people: People, groups: Groups) -> Belief:
    """The centres come from the local level of a measurement, for the tiers whose terms have it."""
    if prior.level is None:
        return Belief(prior, dict.fromkeys(people.tiers, 0.0), groups)
    having = {tier.name for tier in model.tiers if prior.level.feature in tier.terms}
    among = people.take(np.isin(people.tier, [people.tiers.index(name) for name in having]))
    centre = prior.level.centre(prior.level.excess(among.columns)) if len(among) else 0.0
    return Belief(prior, {name: centre if name in having else 0.0 for name in people.tiers}, groups)


def fitted(people: People, believed: Belief) -> SiteLayer:
    """The layer: with a slope if cross-validation asks for one."""
    plain = _with(people, believed, sloped=False)
    if people.rare < SLOPE_EVENTS:
        return plain
    sloped = _with(people, believed, sloped=True)
    if sloped.slope <= 0:
        return plain
    with_it = log_loss(people.event, out_of_fold(people, believed, INNER, sloped=True))
    gain = log_loss(people.event, out_of_fold(people, believed, INNER, sloped=False)) - with_it
    return sloped if gain.mean() > gain.std(ddof=1) / len(gain) ** 0.5 else plain


def out_of_fold(people: People, believed: Belief, folds: int = OUTER, sloped: bool | None = None) -> Numbers:
    """(n,) each person's probability by a layer made without them; `sloped` None: the choice is made anew each time."""
    found = np.empty(len(people))
    fold = _folds(people.event, folds)
    for number in range(folds):
        rest, part = people.take(fold != number), people.take(fold == number)
        layer = fitted(rest, believed) if sloped is None else _with(rest, believed, sloped)
        found[fold == number] = probability(layer, part)
    return found


def probability(layer: SiteLayer | None, people: People) -> Numbers:
    """(n,) by the layer; without one, the model's own."""
    if layer is None:
        return sigmoid(people.logit)
    shift = np.array([layer.intercepts[name] for name in people.tiers])[people.tier]
    return sigmoid(shift + layer.groups.added(people.columns, len(people)) + layer.slope * people.logit)


def own_tiers(people: People) -> tuple[int, ...]:
    """The tiers with people enough for an intercept of their own; none if that is only one."""
    enough = [number for number in range(len(people.tiers)) if people.take(people.tier == number).rare >= EVENTS]
    return tuple(enough) if len(enough) > 1 else ()


def _with(people: People, believed: Belief, sloped: bool) -> SiteLayer:
    tiers, groups, spread = own_tiers(people), believed.groups, believed.prior.spread
    middle = float(people.logit.mean())
    place = groups.place(people.columns) if groups.feature else np.full(len(people), -1)
    members = range(len(groups.shifts)) if groups.feature else range(0)
    design = [
        np.ones(len(people)),
        *([people.logit - middle] if sloped else []),
        *((people.tier == number).astype(float) for number in tiers),
        *((place == number).astype(float) for number in members),
    ]
    spreads = [spread, *([SLOPE_SPREAD] if sloped else []), *[OWN * spread] * len(tiers), *[spread] * len(members)]
    offset = people.logit + np.array([believed.centres[name] for name in people.tiers])[people.tier]
    found = iter(ridge(people.event, offset, np.column_stack(design), np.array(spreads)).tolist())
    common, slope = next(found), next(found) if sloped else 0.0
    own = {people.tiers[number]: next(found) for number in tiers}
    intercepts = {name: common - slope * middle + believed.centres[name] + own.get(name, 0.0) for name in people.tiers}
    return SiteLayer(intercepts, 1 + slope, Groups(groups.feature, groups.edges, tuple(found) or (0.0,)))


def ridge(event: Numbers, offset: Numbers, design: Numbers, spreads: Numbers) -> Numbers:
    """(k,) the most likely weights of the columns (n, k) beside an offset, each drawn towards 0 by its spread (k,)."""
    weights = np.zeros(design.shape[1])
    penalty = np.diag(spreads**-2.0)
    for _ in range(100):
        expected = sigmoid(offset + design @ weights)
        information = design.T @ (design * (expected * (1 - expected))[:, None]) + penalty
        step = np.linalg.solve(information, design.T @ (event - expected) - penalty @ weights)
        weights = weights + step
        if np.abs(step).max() < 1e-10:
            break
    return weights


def _folds(event: Numbers, folds: int) -> NDArray[np.int64]:
    """(n,) a fold for each person, events shared out evenly; the same at every run."""
    generator = np.random.default_rng(SEED)
    fold = np.empty(len(event), np.int64)
    for value in (0, 1):
        rows = generator.permutation(np.flatnonzero(event == value))
        fold[rows] = np.arange(len(rows)) % folds
    return fold
