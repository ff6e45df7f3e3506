"""`cdss evaluate diabetes_incident_cn`: new diabetes within about three years in Chinese health-check adults.

`all`: the shipped model on every row of the folder. `cv`: each site by the model that was made without it; those models
are kept beside the shipped one (`folds.json`). The metrics without a suffix are those of tier `b`, which knows the
fasting glucose; `..._tier_a` are without a laboratory.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import polars as pl
from numpy.typing import NDArray

from cdss.datasets import rich_cn, source
from cdss.evaluation import recalibration, spline
from cdss.evaluation.curves import panel
from cdss.evaluation.lacking import blanked
from cdss.evaluation.ranked import FEWEST, Events, Numbers, probabilities, ranking, subgroups
from cdss.evaluation.recalibration import Predict
from cdss.evaluation.report import Lacking, Metric, Report, Subgroup
from cdss.evaluation.tables import from_plain
from cdss.models import diabetes_incident_cn as model
from cdss.models.additive import Additive
from cdss.models.artifact import companion
from cdss.models.equations import points

SPLITS = ("all", "cv")
DEFAULT_SPLIT = "cv"
REPEATS = 500  # draws; people are many, and the ends of an interval move by a tenth of its width at most
DRAWN = 100  # draws behind the band of a curve and the cost of a missing value
BASELINES, FOLDS, TABLES = "baselines.json", "folds.json", "tables.json"
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
class Judge:
    """What predicts the people of a site: by tier and by fitted baseline, columns (n,) -> logit (n,)."""

    tiers: dict[str, Predict]
    baselines: dict[str, Predict]


@dataclass(frozen=True, slots=True)
class Folds:
    """The models made without each site, and the mean fasting glucose (mmol/L) of all people they were made from."""

    glucose_mean: float
    sites: dict[int, Judge]


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
    folds = read_folds(companion(folder, made.card, FOLDS))
    judges = _left_out(folds, people) if split == "cv" else dict.fromkeys(_sites(people), _shipped(folder, made))
    answered = np.ones(len(people.event), bool) if split == "cv" else _answered(made, people)
    people = people.take(answered)
    by_site = {tier.name: {site: judge.tiers[tier.name] for site, judge in judges.items()} for tier in made.tiers}
    tiers = {name: _predicted(people, predict) for name, predict in by_site.items()}
    by_tier = {name: probabilities(people.event, _risk(value), REPEATS) for name, value in tiers.items()}
    metrics = by_tier["b"] | {
        f"{key}_tier_{name}": value for name, found in by_tier.items() for key, value in found.items()
    }
    metrics["auc_assay_aligned"] = _aligned(people, judges, folds.glucose_mean)
    fitted, fixed = _fitted(people, judges), _fixed(people)
    return Report(
        model=made.card.name,
        version=made.card.version,
        digest=made.card.digest,
        dataset=rich_cn.SOURCE.name,
        split=split,
        n=len(people.event),
        events=int(people.event.sum()),
        metrics=metrics,
        baselines={name: ranking(people.event, score, REPEATS) for name, score in fixed.items()}
        | {name: probabilities(people.event, risk, REPEATS) for name, risk in fitted.items()},
        subgroups=_subgroups(people, _risk(tiers["b"]), judges, folds.glucose_mean),
        notes=[*_notes(data, split, made, people, folds), f"refused by the model: {(~answered).sum()} people"],
        curves=[
            panel("tier_b", people.event, {made.card.name: _risk(tiers["b"])} | _of(fitted, "b"), fixed, DRAWN),
            panel("tier_a", people.event, {made.card.name: _risk(tiers["a"])} | _of(fitted, "a"), {}, DRAWN),
        ],
        lacking=_lacking(people, by_site),
    )


def read_folds(path: Path) -> Folds:
    """What training wrote."""
    plain = msgspec.json.decode(path.read_bytes())
    return Folds(plain["glucose_mean"], {int(site): _judge(fold) for site, fold in plain["sites"].items()})


def _judge(fold: dict[str, Any]) -> Judge:
    curves = {name: msgspec.convert(plain, spline.SplineLogistic) for name, plain in fold["baselines"].items()}
    return Judge(
        {name: from_plain(plain).logit for name, plain in fold["tiers"].items()},
        {name: curve.logit for name, curve in curves.items()},
    )


def _shipped(folder: Path, made: Additive) -> Judge:
    """The tables beside the graph, equal to it within 1e-6 and without its refusals."""
    tiers = msgspec.json.decode(companion(folder, made.card, TABLES).read_bytes())
    curves = msgspec.json.decode(companion(folder, made.card, BASELINES).read_bytes())
    return _judge({"tiers": tiers, "baselines": curves})


def _answered(made: Additive, people: Cohort) -> NDArray[np.bool_]:
    """(n,) whom the graph itself gives a number."""
    features = {name: column for name, column in people.columns.items() if name in made.FEATURES}
    return ~np.isnan(made.assess_table(features).probability)


def _left_out(folds: Folds, people: Cohort) -> dict[int, Judge]:
    if strange := sorted(_sites(people) - folds.sites.keys()):
        raise source.DataNotFound(
            f"found sites {', '.join(map(str, strange))} that were not in training; evaluate them with --split all"
        )
    return folds.sites


def _sites(people: Cohort) -> set[int]:
    return {int(site) for site in people.site}


def _predicted(people: Cohort, predict: Mapping[int, Predict]) -> Numbers:
    """(n,) each person's logit by what predicts their site."""
    found = np.zeros(len(people.event))
    for site in _sites(people):
        rows = people.site == site
        found[rows] = predict[site](people.take(rows).columns)
    return found


def _aligned(people: Cohort, judges: Mapping[int, Judge], mean: float) -> Metric:
    """AUC of tier b when every site's glucose is moved to the training people's mean: what an assay costs."""
    score = np.zeros(len(people.event))
    for site in _sites(people):
        rows = people.site == site
        there = people.take(rows).columns
        score[rows] = judges[site].tiers["b"](recalibration.aligned(there, np.arange(rows.sum()), mean))
    return ranking(people.event, score, REPEATS)["auc"]


def _risk(value: Numbers) -> Numbers:
    risk: Numbers = 1 / (1 + np.exp(-value))
    return risk


def _fixed(people: Cohort) -> dict[str, Numbers]:
    """(n,) each of the scores that were not fitted."""
    glucose = people.columns["fpg_mmol"]
    fixed = {
        "fpg_alone": glucose,
        "ifg_rule": (glucose >= IMPAIRED).astype(np.float64),
        "ncdrs_without_waist": points.score("ncdrs").total_table(people.columns, without=("waist_cm",)),
    }
    return {name: _known(score) for name, score in fixed.items()}


def _fitted(people: Cohort, judges: Mapping[int, Judge]) -> dict[str, Numbers]:
    """(n,) the risk by each fitted baseline."""
    names = next(iter(judges.values())).baselines
    return {
        name: _risk(_predicted(people, {site: judge.baselines[name] for site, judge in judges.items()}))
        for name in names
    }


def _of(fitted: Mapping[str, Numbers], tier: str) -> dict[str, Numbers]:
    """The baselines to be drawn beside a tier: not those of another one, and those without a tier beside `b`."""
    own = f"_tier_{tier}"
    return {name: risk for name, risk in fitted.items() if name.endswith(own) or ("_tier_" not in name and tier == "b")}


def _lacking(people: Cohort, by_site: Mapping[str, Mapping[int, Predict]]) -> Lacking:
    """With every feature of the richest tier blanked; without a glucose tier a answers, as at the bedside."""

    def predict(columns: Mapping[str, Numbers]) -> Numbers:
        seen = Cohort(dict(columns), people.event, people.site, people.groups)
        poorer = np.isnan(columns["fpg_mmol"])
        risk = np.where(poorer, _predicted(seen, by_site["a"]), _predicted(seen, by_site["b"]))
        needed = np.any([np.isnan(columns[name]) for name in model.NEEDS], axis=0)
        return np.where(needed, np.nan, _risk(risk))

    columns = {name: people.columns[name] for name in (*model.MEASURED, *model.BLOOD)}
    return blanked(predict, columns, people.event, tuple(columns), DRAWN)


def _known(score: Numbers) -> Numbers:
    """Who lacks what a score needs gets its lowest value."""
    return np.where(np.isnan(score), np.nanmin(score), score)


def _subgroups(people: Cohort, risk: Numbers, judges: Mapping[int, Judge], mean: float) -> list[Subgroup]:
    """By sex, age and site; sites also with what is left of O/E after 500 local people."""
    plain = {name: values for name, values in people.groups.items() if name != "site"}
    sites = subgroups({"site": people.groups["site"]}, people.event, risk, REPEATS // 5)
    return subgroups(plain, people.event, risk, REPEATS // 5) + [
        _with_recalibration(group, people, judges[int(group.value)], mean) for group in sites
    ]


def _with_recalibration(group: Subgroup, people: Cohort, judge: Judge, mean: float) -> Subgroup:
    if group.events < 2 * FEWEST or group.n < 3 * recalibration.LOCAL:
        return group
    there = people.take(people.groups["site"] == group.value)
    after = recalibration.recalibrated(there.event, there.columns, judge.tiers["b"], mean)
    return msgspec.structs.replace(group, metrics=group.metrics | after)


def _notes(data: Path | None, split: str, made: Additive, people: Cohort, folds: Folds) -> list[str]:
    digest = source.digest(rich_cn.SOURCE, source.folder_of(rich_cn.SOURCE, data))
    trained = _sites(people) & folds.sites.keys()
    notes = [
        f"data {digest}",
        "metrics without a suffix are those of tier b",
        f"intervals: {REPEATS} bootstrap draws of people; {DRAWN} for curves, subgroups and missing values",
    ]
    if split == "cv":
        notes.append("each site by the model made without it; the shipped model is made of all of them")
    elif digest in {seen.digest for seen in made.card.data}:
        notes.append("this is the folder the model was made from: in-sample, no evidence; use --split cv")
    elif trained:
        notes.append(f"sites {', '.join(map(str, sorted(trained)))} were in training: partly in-sample")
    else:
        notes.append("none of these sites was in training: external validation")
    return notes
