"""`cdss train diabetes_incident_cn`: Chinese health checks -> two tiers of a glass-box model -> ONNX, folds, card.

Every site is left out once. Those models give the numbers of the card and the calibration of the shipped model, which
is made of all sites; they are kept in `folds.json`, so that `cdss evaluate --split cv` can compute the numbers again.
"""

import dataclasses
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mlflow
import msgspec
import numpy as np
from rich.progress import track

from cdss.datasets import rich_cn, source
from cdss.evaluation import diabetes_incident_cn as evaluation
from cdss.evaluation.diabetes_incident_cn import BASELINES, FOLDS, TABLES, Cohort, cohort
from cdss.evaluation.metrics import expit, logistic
from cdss.evaluation.ranked import Numbers
from cdss.evaluation.spline import SplineLogistic
from cdss.evaluation.tables import Tables, from_plain, to_plain
from cdss.models import diabetes_incident_cn as model
from cdss.models.artifact import CARD_FILE, REPORT_FILE, digest
from cdss.models.card import Data, Threshold
from cdss.training import tracking
from cdss.training.risk.card import ARTIFACT, write_card
from cdss.training.risk.cells import with_missing
from cdss.training.risk.graph import export
from cdss.training.risk.learners import Settings, fit, fit_spline
from cdss.training.risk.parity import prove
from cdss.training.risk.reference import REFERENCE, reference

MONOTONE = {"age": 1, "bmi": 1, "sbp": 1, "family_diabetes": 1, "fpg_mmol": 1, "tg_mmol": 1, "alt": 1}
LOGARITHM = frozenset({"bmi", "tg_mmol", "alt", "creatinine_umol", "bun_mmol"})
SETTINGS = Settings(members=2, coarse=20, learning_rate=0.05, iterations=300, smallest_leaf=200, ridge=0.5, smooth=0.75)
FLAGGED = 0.2  # of people; the operating point of the card
INPUTS = tuple(name for name in model.TIERS[0].terms)
COMPANIONS = [TABLES, BASELINES, FOLDS, REFERENCE]
FILES = (ARTIFACT, *COMPANIONS, REPORT_FILE, CARD_FILE)


@dataclass(frozen=True, slots=True)
class Made:
    """The tables of each tier, and the fitted baselines by name."""

    tiers: dict[str, Tables]
    baselines: dict[str, SplineLogistic]


def train(data: Path | None, out: Path | None) -> None:
    """Writes the model into `out` (by default where the shipped one is). Raises DataNotFound."""
    seen = source.digest(rich_cn.SOURCE, source.folder_of(rich_cn.SOURCE, data))
    params = dataclasses.asdict(SETTINGS) | {"data": seen}
    with tracking.run("diabetes_incident_cn", params), tempfile.TemporaryDirectory() as made:
        _make(Path(made), data, seen)
        tracking.publish(Path(made), FILES, out or Path(model.__file__).parent)


def _make(folder: Path, data: Path | None, data_digest: str) -> None:
    people = cohort(data)
    sites = sorted({int(site) for site in people.site})
    folds = {site: fit_all(people.take(people.site != site)) for site in track(sites, "leaving out each site")}
    left_out = {tier.name: _left_out(folds, people, tier.name) for tier in model.TIERS}
    whole = _calibrated(fit_all(people), left_out, people)
    tables = {name: from_plain(to_plain(each)) for name, each in whole.tiers.items()}
    graph = export(tables, INPUTS, INPUTS).SerializeToString()
    parity = prove(graph, tables, INPUTS, INPUTS, people.columns)
    mlflow.log_metrics({"parity_rows": parity.rows, "parity_probability": parity.probability})
    (folder / ARTIFACT).write_bytes(graph)
    (folder / TABLES).write_bytes(msgspec.json.encode({name: to_plain(each) for name, each in tables.items()}))
    (folder / BASELINES).write_bytes(msgspec.json.encode(whole.baselines))
    (folder / FOLDS).write_bytes(msgspec.json.encode(_plain(folds, people)))
    scores = {name: expit(each.logit(people.columns)) for name, each in tables.items()}
    seen = reference({name: people.columns[name] for name in INPUTS}, scores)
    (folder / REFERENCE).write_bytes(msgspec.json.encode(seen))
    thresholds = [_threshold(name, left_out[name], people) for name in left_out]
    write_card(folder, "diabetes_incident_cn", [_data(data_digest)], thresholds, [], COMPANIONS)
    report = evaluation.report(data, "cv", folder)
    write_card(folder, "diabetes_incident_cn", [_data(data_digest)], thresholds, [report], COMPANIONS)
    mlflow.log_metrics({key: metric.value for key, metric in report.metrics.items()})
    mlflow.log_param("digest", digest(folder / ARTIFACT))


def fit_all(people: Cohort) -> Made:
    """All tiers and baselines, not yet calibrated. What missing means is set by the mean risk: the data have none."""
    tiers, baselines = {}, {}
    for tier in model.TIERS:
        tables, spline = fit(tier.terms, people.columns, people.event, MONOTONE, LOGARITHM, SETTINGS)
        tiers[tier.name] = with_missing(tables, people.columns)
        baselines[f"spline_logistic_tier_{tier.name}"] = spline
    seen = {name: people.columns[name] for name in ("age", "bmi", "fpg_mmol")}
    straight = dataclasses.replace(SETTINGS, knots=0)
    baselines["age_bmi_fpg_logistic"] = fit_spline(seen, people.event, frozenset(), straight)
    return Made(tiers, baselines)


def _left_out(folds: dict[int, Made], people: Cohort, tier: str) -> Numbers:
    """(n,) each person's logit by the model made without their site."""
    logit = np.zeros(len(people.event))
    for site, fold in folds.items():
        rows = people.site == site
        logit[rows] = fold.tiers[tier].logit(people.take(rows).columns)
    return logit


def _calibrated(made: Made, left_out: dict[str, Numbers], people: Cohort) -> Made:
    """By the left-out logits of all people: how much too extreme a site that was not seen finds the model."""
    tiers = {}
    for name, tables in made.tiers.items():
        intercept, slope = logistic(people.event, left_out[name])
        tiers[name] = with_missing(tables.scaled(float(intercept), float(slope)), people.columns)
    return Made(tiers, made.baselines)


def _plain(folds: dict[int, Made], people: Cohort) -> dict[str, Any]:
    sites = {
        str(site): {
            "tiers": {name: to_plain(tables) for name, tables in fold.tiers.items()},
            "baselines": msgspec.to_builtins(fold.baselines),
        }
        for site, fold in folds.items()
    }
    return {"glucose_mean": round(float(np.nanmean(people.columns["fpg_mmol"])), 3), "sites": sites}


def _threshold(tier: str, logit: Numbers, people: Cohort) -> Threshold:
    intercept, slope = logistic(people.event, logit)
    risk = 1 / (1 + np.exp(-(intercept + slope * logit)))
    chosen = f"flags {FLAGGED:.0%} of all people when each site is left out, tier {tier}"
    return Threshold(name=f"flag_{tier}", value=round(float(np.quantile(risk, 1 - FLAGGED)), 4), chosen=chosen)


def _data(data_digest: str) -> Data:
    return Data(
        name=rich_cn.SOURCE.title,
        licence=rich_cn.SOURCE.licence,
        citation=rich_cn.SOURCE.citation,
        digest=data_digest,
        split="leave one site out for every number; the shipped model is made of all sites",
    )
