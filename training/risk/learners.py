"""Two additive learners on the same cells, and their mean.

Boosted small trees that use one feature each find bends and plateaus; a spline regression is smoother, and better where
data are thin. Which of them is ahead differs by task (README); their mean is near the better one everywhere.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from cdss.evaluation.spline import Curve, SplineLogistic
from cdss.evaluation.tables import Columns, Numbers, Tables, Term, cells, values_of
from cdss.training.risk.cells import centred, edges_of

Events = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Settings:
    """How the learners are fitted. Chosen by leaving out cycles (or sites) of the training data, never on test data."""

    members: int = 8  # boosted models, averaged
    share: float = 0.7  # of the people, drawn without replacement for each member
    coarse: int = 12  # cells a member sees, at random places, beside four in each tail
    learning_rate: float = 0.02
    iterations: int = 1000
    leaves: int = 3
    smallest_leaf: int = 100
    l2: float = 10.0
    knots: int = 4
    ridge: float = 0.05  # inverse strength of the spline's penalty, on standardised columns
    smooth: float = 0.5  # the spline's share of the mean
    seed: int = 20261121


def fit(
    terms: tuple[str, ...],
    columns: Columns,
    event: Events,
    monotone: Mapping[str, int],
    logarithm: frozenset[str],
    settings: Settings,
) -> tuple[Tables, SplineLogistic]:
    """The mean of both learners, and the spline alone (the baseline). `monotone`: +1 rising, -1 falling."""
    seen = {term: values_of(term, columns) for term in terms}
    edges = {term: edges_of(column) for term, column in seen.items()}
    spline = fit_spline(seen, event, logarithm, settings)
    smooth = as_tables(spline, seen, edges)
    boosted = fit_boosted(seen, edges, event, monotone, settings)
    mixed = mean(smooth, boosted, settings.smooth)
    return centred(monotonic(mixed, seen, monotone), columns), spline


def fit_spline(seen: Columns, event: Events, logarithm: frozenset[str], settings: Settings) -> SplineLogistic:
    """A ridge logistic regression on restricted cubic splines; straight lines for yes/no and small counts."""
    blank = [_curve(term, column, term in logarithm, settings.knots) for term, column in seen.items()]
    parts = [curve.basis(seen[curve.feature]) for curve in blank]
    design = np.column_stack(parts)
    centre, scale = design.mean(axis=0), design.std(axis=0)
    model = LogisticRegression(C=settings.ridge, max_iter=5000, tol=1e-8).fit((design - centre) / scale, event)
    weights = model.coef_[0] / scale
    ends = np.cumsum([part.shape[1] for part in parts])[:-1]
    curves = [
        Curve(curve.feature, curve.median, curve.log, curve.knots, part.tolist())
        for curve, part in zip(blank, np.split(weights, ends), strict=True)
    ]
    return SplineLogistic(float(model.intercept_[0] - weights @ centre), curves)


def _curve(term: str, column: Numbers, log: bool, knots: int) -> Curve:
    known = column[~np.isnan(column)]
    median = float(np.median(known))
    if len(np.unique(known)) <= 2:
        return Curve(term, median, False, [], [])
    scale = np.log(known) if log else known
    places = np.unique(np.quantile(scale, np.linspace(0.05, 0.95, knots)))
    return Curve(term, median, log, places.tolist() if len(places) > 2 else [], [])


def as_tables(spline: SplineLogistic, seen: Columns, edges: Mapping[str, NDArray[np.float32]]) -> Tables:
    """The spline read off at the mean of the people in each cell."""
    terms = {}
    for curve in spline.curves:
        column, cut = seen[curve.feature], edges[curve.feature]
        known = column[~np.isnan(column)]
        place = cells(known, cut)
        middle = np.bincount(place, known, len(cut) + 1) / np.bincount(place, minlength=len(cut) + 1)
        terms[curve.feature] = Term(cut, curve(middle))
    return Tables(spline.intercept, terms)


def fit_boosted(
    seen: Columns,
    edges: Mapping[str, NDArray[np.float32]],
    event: Events,
    monotone: Mapping[str, int],
    settings: Settings,
) -> Tables:
    """The mean of `members` gradient-boosted models without interactions, each with its own coarse cells."""
    fine = {term: np.where(np.isnan(column), np.nan, cells(column, edges[term])) for term, column in seen.items()}
    generator = np.random.default_rng(settings.seed)
    made = [_member(fine, edges, event, monotone, settings, generator) for _ in range(settings.members)]
    terms = {term: Term(edges[term], np.mean([tables.terms[term].values for tables in made], axis=0)) for term in seen}
    return Tables(float(np.mean([tables.intercept for tables in made])), terms)


def _member(
    fine: Columns,
    edges: Mapping[str, NDArray[np.float32]],
    event: Events,
    monotone: Mapping[str, int],
    settings: Settings,
    generator: np.random.Generator,
) -> Tables:
    cuts = {term: _coarse(len(edges[term]), settings.coarse, generator) for term in fine}
    rows = generator.choice(len(event), int(settings.share * len(event)), replace=False)
    design = np.column_stack([_recode(column, cuts[term]) for term, column in fine.items()])
    model = HistGradientBoostingClassifier(
        interaction_cst="no_interactions",
        monotonic_cst=[monotone.get(term, 0) for term in fine],
        learning_rate=settings.learning_rate,
        max_iter=settings.iterations,
        max_leaf_nodes=settings.leaves,
        min_samples_leaf=settings.smallest_leaf,
        l2_regularization=settings.l2,
        early_stopping=False,
        random_state=int(generator.integers(2**31)),
    ).fit(design[rows], event[rows])
    return _read_off(model, cuts, edges)


def _coarse(count: int, wanted: int, generator: np.random.Generator) -> NDArray[np.intp]:
    """Which of `count` fine edges a member sees: evenly spread from a random start, and four in each tail."""
    if count <= wanted:
        return np.arange(count)
    spread = (np.arange(wanted) + generator.uniform()) / wanted * count
    tails = np.array([1, 3, 6, 9]) * generator.uniform(0.7, 1.4)
    chosen = np.concatenate([spread, tails, count - 1 - tails]).astype(np.intp)
    return np.unique(np.clip(chosen, 0, count - 1))


def _recode(cell: Numbers, cuts: NDArray[np.intp]) -> Numbers:
    """Fine cells to coarse ones: a fine cell c is right of edge i where c > i; nan stays nan."""
    return np.where(np.isnan(cell), np.nan, np.searchsorted(cuts, cell, side="left"))


def _read_off(
    model: HistGradientBoostingClassifier,
    cuts: Mapping[str, NDArray[np.intp]],
    edges: Mapping[str, NDArray[np.float32]],
) -> Tables:
    """The tables of an additive model: what each cell adds to the score of a person in all first cells. Exact."""
    first = np.zeros((1, len(cuts)))
    intercept = float(model.decision_function(first)[0])
    terms = {}
    for place, (term, cut) in enumerate(cuts.items()):
        people = np.repeat(first, len(edges[term]) + 1, axis=0)
        people[:, place] = _recode(np.arange(len(edges[term]) + 1.0), cut)
        terms[term] = Term(edges[term], model.decision_function(people) - intercept)
    return Tables(intercept, terms)


def mean(first: Tables, second: Tables, share: float) -> Tables:
    """`share` of the first and the rest of the second, term by term."""
    terms = {
        name: Term(term.edges, share * term.values + (1 - share) * second.terms[name].values)
        for name, term in first.terms.items()
    }
    return Tables(share * first.intercept + (1 - share) * second.intercept, terms)


def monotonic(tables: Tables, seen: Columns, monotone: Mapping[str, int]) -> Tables:
    """Every constrained term replaced by the nearest one that never turns, weighted by the people in each cell."""
    terms = dict(tables.terms)
    for name, direction in monotone.items():
        if name in terms:
            term, column = terms[name], seen[name]
            people = np.bincount(cells(column[~np.isnan(column)], term.edges), minlength=len(term.values))
            nearest = IsotonicRegression(increasing=direction > 0)
            places = np.arange(len(term.values))
            terms[name] = Term(term.edges, nearest.fit(places, term.values, people + 1e-6).predict(places))
    return Tables(tables.intercept, terms)
