"""A risk model from NHANES: learned, given its group's intercept, calibrated, written, proved and judged.

Learned on 2001-2014. Each of those cycles is left out once; these left-out logits, and those of 2015-16, fit the
intercept of Asian Americans (told apart since 2011) and the calibration, of all cycles or the latest (see the README).
The test cycle is opened at the end for the card.
"""

import dataclasses
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mlflow
import msgspec
import numpy as np
from rich.progress import track

from cdss.datasets import nhanes, source
from cdss.evaluation import survey
from cdss.evaluation.metrics import expit
from cdss.evaluation.ranked import Numbers
from cdss.evaluation.spline import SplineLogistic
from cdss.evaluation.survey import BASELINES, TRAINING, TUNING, Cohort, Task, logit, usable
from cdss.evaluation.tables import Tables, from_plain, to_plain
from cdss.models.additive import Tier
from cdss.models.artifact import CARD_FILE, REPORT_FILE, digest
from cdss.models.card import Data, Threshold
from cdss.training import tracking
from cdss.training.risk.calibration import calibrated, calibrated_spline, group_term
from cdss.training.risk.card import ARTIFACT, TABLES, write_card
from cdss.training.risk.cells import centred, with_missing
from cdss.training.risk.graph import export
from cdss.training.risk.learners import Settings, fit
from cdss.training.risk.parity import prove
from cdss.training.risk.reference import REFERENCE, reference

GROUP = "asian"
GROUP_CYCLES = ("2011-2012", "2013-2014", "2015-2016")  # Asian is told apart since 2011
COMPANIONS = [TABLES, BASELINES, REFERENCE]
FILES = (ARTIFACT, *COMPANIONS, REPORT_FILE, CARD_FILE)


@dataclass(frozen=True, slots=True)
class Plan:
    """What differs from model to model. `monotone`: +1 rising, -1 falling; `flagged`: share of people.

    `latest`: how many of the latest cycles calibrate a tier, by its name; all of them where it is not named.
    """

    name: str
    task: Task
    monotone: Mapping[str, int]
    logarithm: frozenset[str]
    settings: Mapping[str, Settings]
    flagged: float
    baselines: Callable[[Cohort], dict[str, SplineLogistic]] = lambda _: {}  # beside the splines of the tiers
    latest: Mapping[str, int] = dataclasses.field(default_factory=dict)

    @property
    def tiers(self) -> tuple[Tier, ...]:
        """From the richest to the poorest."""
        return tuple(self.task.model.TIERS)

    @property
    def terms(self) -> tuple[str, ...]:
        """Of all tiers: the richest has them all."""
        return self.tiers[0].terms

    @property
    def inputs(self) -> tuple[str, ...]:
        """The features that a term looks at, in the model's order."""
        looked_at = {name for tier in self.tiers for name in survey.looked_at(tier)}
        return tuple(name for name in self.task.model.FEATURES if name in looked_at)


@dataclass(frozen=True, slots=True)
class Made:
    """One tier, trained and calibrated, and its spline baseline."""

    tables: Tables
    spline: SplineLogistic


def train(plan: Plan, data: Path | None, out: Path | None) -> None:
    """Writes the model into `out` (by default where the shipped one is). Raises DataNotFound."""
    seen = source.digest(nhanes.SOURCE, source.folder_of(nhanes.SOURCE, data))
    params = {
        f"{name}.{key}": value
        for name, each in plan.settings.items()
        for key, value in dataclasses.asdict(each).items()
    }
    with tracking.run(plan.name, params | {"data": seen}), tempfile.TemporaryDirectory() as made:
        _make(plan, Path(made), data, seen)
        tracking.publish(Path(made), FILES, out or Path(str(plan.task.model.__file__)).parent)


def _make(plan: Plan, folder: Path, data: Path | None, data_digest: str) -> None:
    cycles = {cycle: plan.task.cohort(data, (cycle,)) for cycle in (*TRAINING, TUNING)}
    tiers = {tier.name: make_tier(plan, tier, cycles) for tier in track(plan.tiers, plan.name)}
    tables = {name: from_plain(to_plain(made.tables)) for name, made in tiers.items()}
    everybody, learned = joined(list(cycles.values())), joined([cycles[cycle] for cycle in TRAINING])
    graph = export(tables, plan.inputs, plan.terms).SerializeToString()
    parity = prove(graph, tables, plan.inputs, plan.terms, learned.columns)
    mlflow.log_metrics({"parity_rows": parity.rows, "parity_probability": parity.probability})
    (folder / ARTIFACT).write_bytes(graph)
    baselines = {f"spline_{name}": made.spline for name, made in tiers.items()} | plan.baselines(learned)
    _write(folder / TABLES, {name: to_plain(each) for name, each in tables.items()})
    _write(folder / BASELINES, baselines)
    _write(folder / REFERENCE, _reference(plan, tables, everybody))
    thresholds = [_threshold(plan, tier, tables[tier.name], cycles[TUNING]) for tier in plan.tiers]
    seen = [_data(data_digest)]
    write_card(folder, plan.name, seen, thresholds, [], COMPANIONS)
    report = survey.report(plan.task, data, survey.DEFAULT_SPLIT, folder)
    write_card(folder, plan.name, seen, thresholds, [report], COMPANIONS)
    mlflow.log_metrics({key: metric.value for key, metric in report.metrics.items()})
    mlflow.log_param("digest", digest(folder / ARTIFACT))


def make_tier(plan: Plan, tier: Tier, cycles: Mapping[str, Cohort]) -> Made:
    """Learn, predict every cycle by a model made without it, calibrate on that, and say what missing means."""
    some = {cycle: people.take(usable(people, tier)) for cycle, people in cycles.items()}
    made = _learned(plan, tier, [some[cycle] for cycle in TRAINING])
    judges = {cycle: _learned(plan, tier, [some[other] for other in TRAINING if other != cycle]) for cycle in TRAINING}
    judges[TUNING] = made
    left_out = {cycle: judges[cycle].tables.logit(some[cycle].columns) for cycle in some}
    grouped = joined([some[cycle] for cycle in GROUP_CYCLES])
    term = group_term(_of(left_out, GROUP_CYCLES), grouped.event, grouped.columns[GROUP])
    terms = {name: term if name == GROUP else made.tables.terms[name] for name in tier.terms}
    chosen = tuple(some)[-plan.latest.get(tier.name, len(some)) :]
    people = joined([some[cycle] for cycle in chosen])
    logits = _of(left_out, chosen) + term(people.columns[GROUP])
    tables = calibrated(Tables(made.tables.intercept, terms), logits, people.event)
    splined = np.concatenate([logit(judges[cycle].spline, some[cycle].columns) for cycle in chosen])
    tuning = some[TUNING].columns
    return Made(centred(with_missing(tables, tuning), tuning), calibrated_spline(made.spline, splined, people.event))


def _of(left_out: Mapping[str, Numbers], cycles: tuple[str, ...]) -> Numbers:
    return np.concatenate([left_out[cycle] for cycle in cycles])


def _learned(plan: Plan, tier: Tier, cycles: list[Cohort]) -> Made:
    """Not yet calibrated, and without the group."""
    people = joined(cycles)
    terms = tuple(term for term in tier.terms if term != GROUP)
    tables, spline = fit(terms, people.columns, people.event, plan.monotone, plan.logarithm, plan.settings[tier.name])
    return Made(with_missing(tables, people.columns), spline)


def joined(parts: list[Cohort]) -> Cohort:
    """The people of all cycles, in order."""
    return Cohort(
        {name: np.concatenate([part.columns[name] for part in parts]) for name in parts[0].columns},
        np.concatenate([part.event for part in parts]),
        {name: np.concatenate([part.groups[name] for part in parts]) for name in parts[0].groups},
        sum(part.undetermined for part in parts),
    )


def _risk(tables: Tables, people: Cohort) -> Numbers:
    return expit(tables.logit(people.columns))


def _reference(plan: Plan, tables: Mapping[str, Tables], people: Cohort) -> dict[str, Any]:
    scores = {tier.name: _risk(tables[tier.name], people.take(usable(people, tier))) for tier in plan.tiers}
    return reference({name: people.columns[name] for name in plan.inputs}, scores)


def _threshold(plan: Plan, tier: Tier, tables: Tables, tuning: Cohort) -> Threshold:
    risk = _risk(tables, tuning.take(usable(tuning, tier)))
    chosen = f"flags {plan.flagged:.0%} of the people of {TUNING} whom tier {tier.name} can be used for"
    return Threshold(
        name=f"flag_{tier.name}", value=round(float(np.quantile(risk, 1 - plan.flagged)), 4), chosen=chosen
    )


def _write(path: Path, content: Any) -> None:
    path.write_bytes(msgspec.json.encode(content))


def _data(data_digest: str) -> Data:
    return Data(
        name=nhanes.SOURCE.title,
        licence=nhanes.SOURCE.licence,
        citation=nhanes.SOURCE.citation,
        digest=data_digest,
        split=f"learned on {TRAINING[0]} to {TRAINING[-1]}; Asian intercept ({GROUP_CYCLES[0]} on) and calibration on "
        f"these cycles, each by a model made without it, and on {TUNING}; tested on {survey.DEFAULT_SPLIT}",
    )
