"""`cdss evaluate diabetes_incident_cn`: new diabetes within about three years in Chinese health-check adults.

`all`: the shipped model on every row of the folder. `cv`: each site by the model that was made without it; those models
are kept beside the shipped one (`folds.json`). The metrics without a suffix are those of tier `b`, which knows the
fasting glucose; `..._tier_a` are without a laboratory.
"""

from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
import polars as pl
from numpy.typing import NDArray

from cdss.datasets import rich_cn, source
from cdss.evaluation import recalibration, spline
from cdss.evaluation.metrics import logit
from cdss.evaluation.ranked import FEWEST, Events, Numbers, probabilities, ranking, subgroups
from cdss.evaluation.report import Metric, Report, Subgroup
from cdss.evaluation.tables import from_plain
from cdss.models import diabetes_incident_cn as model
from cdss.models.additive import Additive
from cdss.models.artifact import companion
from cdss.models.equations import points

SPLITS = ("all", "cv")
DEFAULT_SPLIT = "cv"
REPEATS = 500
BASELINES, FOLDS = "baselines.json", "folds.json"
IMPAIRED = 6.1  # mmol/L, impaired fasting glucose: WHO 2006


@dataclass(frozen=True, slots=True)
class Cohort:
    """People without diabetes, and who has it at a later check. Columns (n,) are nan where missing."""

    columns: dict[str, Numbers]
    event: Events
    site: NDArray[np.int64]
    groups: dict[str, NDArray[np.str_]]

    def take(self, rows: NDArray[np.bool_]) -> "Cohort":
        """Some of them."""
        return Cohort(
            {name: column[rows] for name, column in self.columns.items()},
            self.event[rows],
            self.site[rows],
            {name: values[rows] for name, values in self.groups.items()},
        )


@dataclass(frozen=True, slots=True)
class Predictions:
    """(n,) probabilities by tier, and those of the fitted baselines by name; nan where the model refuses."""

    tiers: dict[str, Numbers]
    baselines: dict[str, Numbers]

    def take(self, rows: NDArray[np.bool_]) -> "Predictions":
        """Some of them."""
        return Predictions(
            {name: risk[rows] for name, risk in self.tiers.items()},
            {name: risk[rows] for name, risk in self.baselines.items()},
        )


def cohort(data: Path | None) -> Cohort:
    """Every row of the folder."""
    people = rich_cn.read(data)
    age_band = pl.when(pl.col("age") < 40).then(pl.lit("20-39")).when(pl.col("age") < 60).then(pl.lit("40-59"))
    sex = pl.when(pl.col("sex") == 1).then(pl.lit("female")).otherwise(pl.lit("male"))
    groups = {"sex": sex, "age": age_band.otherwise(pl.lit("60+")), "site": pl.col("site").cast(pl.String)}
    return Cohort(
        {name: people[name].fill_null(float("nan")).to_numpy() for name in rich_cn.COLUMNS},
        people["event"].cast(pl.Int64).to_numpy(),
        people["site"].to_numpy(),
        {name: people.select(by).to_series().to_numpy().astype(str) for name, by in groups.items()},
    )


def evaluate(data: Path | None, split: str) -> Report:
    """The shipped model, or its leave-one-site-out models. Raises DataNotFound."""
    return report(data, split, Path(model.__file__).parent)


def report(data: Path | None, split: str, folder: Path) -> Report:
    """The same for the model in `folder`."""
    made, people = model.load(folder), cohort(data)
    everyone = _left_out(folder, made, people) if split == "cv" else _shipped(folder, made, people)
    answered = ~np.any([np.isnan(risk) for risk in everyone.tiers.values()], axis=0)
    people, said = people.take(answered), everyone.take(answered)
    by_tier = {name: probabilities(people.event, risk, REPEATS) for name, risk in said.tiers.items()}
    metrics = by_tier["b"] | {
        f"{key}_tier_{name}": value for name, found in by_tier.items() for key, value in found.items()
    }
    return Report(
        model=made.card.name,
        version=made.card.version,
        digest=made.card.digest,
        dataset=rich_cn.SOURCE.name,
        split=split,
        n=len(people.event),
        events=int(people.event.sum()),
        metrics=metrics,
        baselines=_baselines(people, said),
        subgroups=_subgroups(people, said.tiers["b"]),
        notes=[*_notes(data, split, folder, made, people), f"refused by the model: {(~answered).sum()} people"],
    )


def _shipped(folder: Path, made: Additive, people: Cohort) -> Predictions:
    fitted = spline.read(companion(folder, made.card, BASELINES))
    tiers = {}
    for tier in made.tiers:
        table = made.assess_table({name: people.columns[name] for name in tier.terms})
        tiers[tier.name] = table.probability.astype(np.float64)
    return Predictions(tiers, {name: _risk(curve.logit(people.columns)) for name, curve in fitted.items()})


def _left_out(folder: Path, made: Additive, people: Cohort) -> Predictions:
    """Each site by the models made without it."""
    folds = msgspec.json.decode(companion(folder, made.card, FOLDS).read_bytes())
    if strange := sorted({str(site) for site in people.site} - folds.keys()):
        raise source.DataNotFound(
            f"found sites {', '.join(strange)} that were not in training; evaluate them with --split all"
        )
    tiers = {tier.name: np.zeros(len(people.event)) for tier in made.tiers}
    baselines = {name: np.zeros(len(people.event)) for name in next(iter(folds.values()))["baselines"]}
    for site, fold in folds.items():
        rows = people.site == int(site)
        columns = {name: column[rows] for name, column in people.columns.items()}
        for name, risk in tiers.items():
            risk[rows] = _risk(from_plain(fold["tiers"][name]).logit(columns))
        for name, risk in baselines.items():
            curve = msgspec.convert(fold["baselines"][name], spline.SplineLogistic)
            risk[rows] = _risk(curve.logit(columns))
    return Predictions(tiers, baselines)


def _risk(value: Numbers) -> Numbers:
    risk: Numbers = 1 / (1 + np.exp(-value))
    return risk


def _baselines(people: Cohort, said: Predictions) -> dict[str, dict[str, Metric]]:
    glucose = people.columns["fpg_mmol"]
    fixed = {
        "fpg_alone": glucose,
        "ifg_rule": (glucose >= IMPAIRED).astype(np.float64),
        "ncdrs_without_waist": points.score("ncdrs").total_table(people.columns, without=("waist_cm",)),
    }
    found = {name: ranking(people.event, _known(score), REPEATS) for name, score in fixed.items()}
    return found | {name: probabilities(people.event, risk, REPEATS) for name, risk in said.baselines.items()}


def _known(score: Numbers) -> Numbers:
    """Who lacks what a score needs gets its lowest value."""
    return np.where(np.isnan(score), np.nanmin(score), score)


def _subgroups(people: Cohort, risk: Numbers) -> list[Subgroup]:
    """By sex, age and site; sites also with what is left of O/E after 500 local people."""
    plain = {name: values for name, values in people.groups.items() if name != "site"}
    return subgroups(plain, people.event, risk, REPEATS // 5) + [
        _with_recalibration(group, people, risk)
        for group in subgroups({"site": people.groups["site"]}, people.event, risk, REPEATS // 5)
    ]


def _with_recalibration(group: Subgroup, people: Cohort, risk: Numbers) -> Subgroup:
    rows = people.groups["site"] == group.value
    if group.events < 2 * FEWEST or group.n < 3 * recalibration.LOCAL:
        return group
    event, score = people.event[rows], logit(risk[rows])
    after = {
        "o_e_after_500_by_chance": recalibration.by_chance(event, score),
        "o_e_after_500_by_risk": recalibration.by_risk(event, score),
    }
    return msgspec.structs.replace(group, metrics=group.metrics | after)


def _notes(data: Path | None, split: str, folder: Path, made: Additive, people: Cohort) -> list[str]:
    digest = source.digest(rich_cn.SOURCE, source.folder_of(rich_cn.SOURCE, data))
    trained = set(msgspec.json.decode(companion(folder, made.card, FOLDS).read_bytes()))
    here = {str(site) for site in people.site}
    notes = [f"data {digest}", "metrics without a suffix are those of tier b"]
    if split == "cv":
        notes.append("each site by the model made without it; the shipped model is made of all of them")
    elif digest in {seen.digest for seen in made.card.data}:
        notes.append("this is the folder the model was made from: in-sample, no evidence; use --split cv")
    elif here & trained:
        notes.append(f"sites {', '.join(sorted(here & trained))} were in training: partly in-sample")
    else:
        notes.append("none of these sites was in training: external validation")
    return notes
