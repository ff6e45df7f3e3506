"""What the evaluations on NHANES share: adults with and without an event, and a model's tiers on one cycle.

Each tier is evaluated on those for whom it can be used, and is left out where the cycle did not measure enough. Metrics
without a suffix are those of tier `a`, or, where it is left out, of the poorest, which has everybody.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cdss.datasets import nhanes, source
from cdss.datasets.nhanes_map import CYCLES
from cdss.datasets.source import DataNotFound
from cdss.evaluation import spline
from cdss.evaluation.curves import panel
from cdss.evaluation.lacking import blanked
from cdss.evaluation.metrics import expit
from cdss.evaluation.ranked import Events, Numbers, probabilities, ranking, subgroups
from cdss.evaluation.report import Lacking, Metric, Panel, Report
from cdss.evaluation.spline import SplineLogistic
from cdss.models.additive import RATIOS, Additive, Tier
from cdss.models.artifact import companion

SPLITS = CYCLES
DEFAULT_SPLIT = "2017-Mar2020"
TRAINING, TUNING = SPLITS[: SPLITS.index("2015-2016")], "2015-2016"
MAIN = "a"
REPEATS = 1000
DRAWN = 100  # draws behind the band of a curve and the cost of a missing value
BASELINES = "baselines.json"


@dataclass(frozen=True, slots=True)
class Cohort:
    """People, and whether they have the event. Columns (n,) are nan where missing."""

    columns: dict[str, Numbers]
    event: Events
    groups: dict[str, NDArray[np.str_]]
    undetermined: int = 0  # people left out because it is not known whether they have it

    def take(self, rows: NDArray[np.bool_]) -> "Cohort":
        """Some of them."""
        return Cohort(
            {name: column[rows] for name, column in self.columns.items()},
            self.event[rows],
            {name: values[rows] for name, values in self.groups.items()},
            self.undetermined,
        )


@dataclass(frozen=True, slots=True)
class Beside:
    """The baselines of a tier on the same people: risks (n,) of fitted ones, and points (n,) of published ones."""

    risks: dict[str, Numbers]
    scores: dict[str, Numbers]


@dataclass(frozen=True, slots=True)
class Task:
    """A risk model and how it is judged. `benefit_at`: the threshold at which its net benefit is told."""

    model: ModuleType
    event: str  # in words: "undiagnosed diabetes"
    decided_by: tuple[str, ...]  # columns that tell who has the event
    cohort: Callable[[Path | None, tuple[str, ...]], Cohort]
    beside: Callable[[Mapping[str, SplineLogistic], Tier, Cohort], Beside]
    benefit_at: float


def adults(data: Path | None, cycles: tuple[str, ...], youngest: int, oldest: int) -> pl.DataFrame:
    """Examined people of these ages, not pregnant."""
    return pl.concat([nhanes.read(data, cycle) for cycle in cycles]).filter(
        pl.col("age").is_between(youngest, oldest),
        pl.col("examined").eq(1),
        ~pl.col("pregnant").eq(1).fill_null(False),
    )


def cohort_of(people: pl.DataFrame, event: pl.Expr) -> Cohort:
    """Those of whom the event is known (not null), with groups by sex, age and ethnicity."""
    people = people.with_columns(event.alias("event"))
    known = people.filter(pl.col("event").is_not_null())
    names = [name for name, kind in people.schema.items() if kind == pl.Float64]
    return Cohort(
        {name: known[name].fill_null(float("nan")).to_numpy() for name in names},
        known["event"].cast(pl.Int64).to_numpy(),
        {name: known.select(by).to_series().to_numpy().astype(str) for name, by in _groups().items()},
        people.height - known.height,
    )


def _groups() -> dict[str, pl.Expr]:
    young = pl.when(pl.col("age") < 40).then(pl.lit("20-39")).when(pl.col("age") < 60).then(pl.lit("40-59"))
    age = young.when(pl.col("age") < 80).then(pl.lit("60-79")).otherwise(pl.lit("80+"))
    sex = pl.when(pl.col("sex") == 1).then(pl.lit("female")).otherwise(pl.lit("male"))
    return {"sex": sex, "age": age, "ethnicity": pl.col("ethnicity")}


def usable(people: Cohort, tier: Tier) -> NDArray[np.bool_]:
    """(n,) who has what the tier needs."""
    lacking: NDArray[np.bool_] = np.any([np.isnan(people.columns[name]) for name in tier.needs], axis=0)
    return ~lacking


def looked_at(tier: Tier) -> tuple[str, ...]:
    """The columns the tier's terms look at."""
    return tuple(dict.fromkeys(name for term in tier.terms for name in RATIOS.get(term, (term,))))


def seen(tier: Tier) -> tuple[str, ...]:
    """The columns the tier is given: what its terms look at, and what it needs besides."""
    return tuple(dict.fromkeys((*looked_at(tier), *tier.needs)))


def probability(made: Additive, tier: Tier, columns: Mapping[str, Numbers]) -> Numbers:
    """(n,) by this tier: the model is given only what belongs to it; nan where it refuses."""
    table = made.assess_table({name: columns[name] for name in seen(tier)})
    return table.probability.astype(np.float64)


def logit(fitted: SplineLogistic, columns: Mapping[str, Numbers]) -> Numbers:
    """(n,) of a fitted baseline, whose ratios are divided here."""
    ratios = {term: columns[above] / columns[below] for term, (above, below) in RATIOS.items()}
    return fitted.logit({**columns, **ratios})


def with_lowest(total: Numbers) -> Numbers:
    """Who lacks a part of a published score gets its lowest total, as a form left blank would."""
    return np.where(np.isnan(total), np.nanmin(total), total)


def report(task: Task, data: Path | None, split: str, folder: Path) -> Report:
    """The model in `folder` on one cycle. Raises DataNotFound, too where the cycle cannot tell who has no event."""
    made: Additive = task.model.load(folder)
    people = task.cohort(data, (split,))
    if people.event.all():  # as where half of what decides was not measured; and of nobody
        raise DataNotFound(_undecided(task, data, split, len(people.event)))
    tiers = [tier for tier in reversed(made.tiers) if usable(people, tier).any()]
    fitted = spline.read(companion(folder, made.card, BASELINES))
    everybody = _answered(made, tiers[0], people)
    main = next((tier for tier in tiers if tier.name == MAIN), tiers[0])
    judged = _answered(made, main, people)
    metrics: dict[str, Metric] = {}
    baselines: dict[str, dict[str, Metric]] = {}
    curves: list[Panel] = []
    for tier in tiers:
        some = _answered(made, tier, people)
        risk, beside = probability(made, tier, some.columns), task.beside(fitted, tier, some)
        found = probabilities(some.event, risk, REPEATS, task.benefit_at)
        metrics |= found if tier is main else {f"{key}_tier_{tier.name}": value for key, value in found.items()}
        baselines |= _measured(some.event, beside, task.benefit_at)
        curves.append(
            panel(f"tier_{tier.name}", some.event, {made.card.name: risk} | beside.risks, beside.scores, DRAWN)
        )
    return Report(
        model=made.card.name,
        version=made.card.version,
        digest=made.card.digest,
        dataset=nhanes.SOURCE.name,
        split=split,
        n=len(everybody.event),
        events=int(everybody.event.sum()),
        metrics=metrics,
        baselines=baselines,
        subgroups=subgroups(judged.groups, judged.event, probability(made, main, judged.columns), REPEATS // 2),
        notes=[
            *_notes(task, data, split, made, tiers, everybody),
            f"metrics without a suffix, and subgroups, are of tier {main.name}",
        ],
        curves=curves,
        lacking=_lacking(made, tiers, everybody),
    )


def _answered(made: Additive, tier: Tier, people: Cohort) -> Cohort:
    """Those who have what the tier needs and whose values are plausible."""
    some = people.take(usable(people, tier))
    return some.take(~np.isnan(probability(made, tier, some.columns)))


def _measured(event: Events, beside: Beside, benefit_at: float) -> dict[str, dict[str, Metric]]:
    scores = {name: ranking(event, score, REPEATS) for name, score in beside.scores.items()}
    return {name: probabilities(event, risk, REPEATS, benefit_at) for name, risk in beside.risks.items()} | scores


def splines(fitted: Mapping[str, SplineLogistic], tier: Tier, people: Cohort) -> dict[str, Numbers]:
    """The spline regression of the tier, as a baseline's risk."""
    return {f"spline_logistic_tier_{tier.name}": expit(logit(fitted[f"spline_{tier.name}"], people.columns))}


def _lacking(made: Additive, tiers: list[Tier], people: Cohort) -> Lacking:
    """With every feature of these tiers blanked; the poorer tier answers then, as at the bedside."""
    names = tuple(dict.fromkeys(name for tier in reversed(tiers) for name in seen(tier)))

    def predict(columns: Mapping[str, Numbers]) -> Numbers:
        return made.assess_table(columns).probability.astype(np.float64)

    return blanked(predict, {name: people.columns[name] for name in names}, people.event, names, DRAWN)


def _undecided(task: Task, data: Path | None, split: str, events: int) -> str:
    absent = ", ".join(nhanes.absent(data, split)) or "none"
    with_it = f"{events} people with {task.event} and nobody known to be without it"
    found = with_it if events else f"nobody of whom it is known whether they have {task.event}"
    return (
        f"{split}: found {found}; that is decided by {', '.join(task.decided_by)}. "
        f"Choose a cycle that measured them (tables absent from the folder: {absent})"
    )


def _notes(task: Task, data: Path | None, split: str, made: Additive, tiers: list[Tier], people: Cohort) -> list[str]:
    notes = [f"data {source.digest(nhanes.SOURCE, source.folder_of(nhanes.SOURCE, data))}"]
    notes.append(f"intervals: {REPEATS} bootstrap draws of people; {REPEATS // 2} in subgroups, {DRAWN} for curves")
    if split in (*TRAINING, TUNING):
        notes.append(f"{split} was used to make the model: in-sample, no evidence of how well it does")
    if absent := nhanes.absent(data, split):
        notes.append(f"tables absent from the folder: {', '.join(absent)}")
    if people.undetermined:
        notes.append(f"left out: {people.undetermined} people of whom it is not known whether they have {task.event}")
    evaluated = {tier.name: int(usable(people, tier).sum()) for tier in tiers}
    if left := [tier.name for tier in made.tiers if tier.name not in evaluated]:
        notes.append(f"tiers not evaluated, this cycle lacks what they need: {', '.join(sorted(left))}")
    notes.append("people by tier: " + ", ".join(f"{name} {count}" for name, count in evaluated.items()))
    return notes
