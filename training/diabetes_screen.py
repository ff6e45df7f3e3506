"""`cdss train diabetes_screen`: NHANES -> four tiers of a glass-box model -> one ONNX graph, baselines and card.

Learned on 2001-2014, the intercept of Asian Americans on 2011-2016, calibrated on 2015-16. The test cycle is opened at
the end for the card, and nothing is chosen by it.
"""

import dataclasses
import tempfile
from dataclasses import dataclass
from pathlib import Path

import mlflow
import msgspec
import numpy as np

from cdss.datasets import nhanes, source
from cdss.evaluation import diabetes_screen as evaluation
from cdss.evaluation.diabetes_screen import BASELINES, TRAINING, TUNING, Cohort, cohort, usable
from cdss.evaluation.metrics import logistic
from cdss.evaluation.spline import SplineLogistic
from cdss.evaluation.tables import Tables, from_plain, to_plain, values_of
from cdss.models import diabetes_screen as model
from cdss.models.additive import Tier
from cdss.models.artifact import CARD_FILE, digest
from cdss.models.card import Data, Threshold
from cdss.training import tracking
from cdss.training.risk.calibration import calibrated, with_group
from cdss.training.risk.card import ARTIFACT, TABLES, write_card
from cdss.training.risk.cells import centred, with_missing
from cdss.training.risk.graph import export
from cdss.training.risk.learners import Settings, fit, fit_spline
from cdss.training.risk.parity import prove

GROUP = "asian"
GROUP_CYCLES = ("2011-2012", "2013-2014", "2015-2016")  # Asian is told apart since 2011
MONOTONE = {
    "age": 1,
    "bmi": 1,
    "waist_height": 1,
    "sbp": 1,
    "hypertension": 1,
    "bp_medication": 1,
    "family_diabetes": 1,
    "hdl_mmol": -1,
    "tg_mmol": 1,
    "alt": 1,
    "ggt": 1,
    "glucose_random_mmol": 1,
}
LOGARITHM = frozenset({"bmi", "hdl_mmol", "tg_mmol", "alt", "ggt", "creatinine_umol", "glucose_random_mmol"})
SETTINGS = {tier.name: Settings() for tier in model.TIERS}
SETTINGS["c"] = Settings(coarse=48, smooth=0.25)  # one measurement with a steep bend decides: finer cells, more trees
FLAGGED = 0.2  # of people; the operating point of the card
INPUTS = tuple(name for name in model.FEATURES if name not in ("weight_kg", "diabetes", "pregnant"))
TERMS = model.TIERS[0].terms  # the richest tier has them all
COMPANIONS = [TABLES, BASELINES]
FILES = (ARTIFACT, *COMPANIONS, CARD_FILE)


@dataclass(frozen=True, slots=True)
class Made:
    """One tier, trained and calibrated, and its spline baseline."""

    tables: Tables
    spline: SplineLogistic


def train(data: Path | None, out: Path | None) -> None:
    """Writes the model into `out` (by default where the shipped one is). Raises DataNotFound."""
    folder = source.folder_of(nhanes.SOURCE, data)
    params = {
        f"{name}.{key}": value for name, each in SETTINGS.items() for key, value in dataclasses.asdict(each).items()
    }
    seen = source.digest(nhanes.SOURCE, folder)
    with tracking.run("diabetes_screen", params | {"data": seen}), tempfile.TemporaryDirectory() as made:
        _make(Path(made), data, seen)
        tracking.publish(Path(made), FILES, out or Path(model.__file__).parent)


def _make(folder: Path, data: Path | None, data_digest: str) -> None:
    learned, tuning, grouped = cohort(data, TRAINING), cohort(data, (TUNING,)), cohort(data, GROUP_CYCLES)
    tiers = {tier.name: make_tier(tier, learned, tuning, grouped, SETTINGS[tier.name]) for tier in model.TIERS}
    tables = {name: from_plain(to_plain(made.tables)) for name, made in tiers.items()}
    graph = export(tables, INPUTS, TERMS).SerializeToString()
    parity = prove(graph, tables, INPUTS, TERMS, learned.columns)
    mlflow.log_metrics({"parity_rows": parity.rows, "parity_probability": parity.probability})
    (folder / ARTIFACT).write_bytes(graph)
    (folder / TABLES).write_bytes(msgspec.json.encode({name: to_plain(each) for name, each in tables.items()}))
    (folder / BASELINES).write_bytes(msgspec.json.encode(_baselines(tiers, learned)))
    thresholds = [_threshold(tier, tables[tier.name], tuning) for tier in model.TIERS]
    data_seen = [_data(data_digest)]
    write_card(folder, "diabetes_screen", data_seen, thresholds, [], COMPANIONS)
    report = evaluation.report(data, evaluation.DEFAULT_SPLIT, folder)
    write_card(folder, "diabetes_screen", data_seen, thresholds, [report], COMPANIONS)
    mlflow.log_metrics({key: metric.value for key, metric in report.metrics.items()})
    mlflow.log_param("digest", digest(folder / ARTIFACT))


def make_tier(tier: Tier, learned: Cohort, tuning: Cohort, grouped: Cohort, settings: Settings) -> Made:
    """Learn, give the group its intercept, calibrate, and say what missing means."""
    some = learned.take(usable(learned, tier))
    terms = tuple(term for term in tier.terms if term != GROUP)
    tables, spline = fit(terms, some.columns, some.event, MONOTONE, LOGARITHM, settings)
    tables = with_missing(tables, some.columns)
    grouped, tuning = grouped.take(usable(grouped, tier)), tuning.take(usable(tuning, tier))
    tables = with_group(tables, grouped.columns, grouped.event, GROUP)
    tables = with_missing(calibrated(tables, tuning.columns, tuning.event), tuning.columns)
    seen = {term: values_of(term, tuning.columns) for term in terms}
    intercept, slope = logistic(tuning.event, spline.logit(seen))
    ordered = Tables(tables.intercept, {term: tables.terms[term] for term in tier.terms})
    return Made(centred(ordered, tuning.columns), spline.scaled(float(intercept), float(slope)))


def _baselines(tiers: dict[str, Made], learned: Cohort) -> dict[str, SplineLogistic]:
    """The spline of every tier, and a logistic regression on age and BMI as straight lines."""
    seen = {name: learned.columns[name] for name in ("age", "bmi")}
    plain = fit_spline(seen, learned.event, frozenset(), Settings(knots=0))
    return {f"spline_{name}": made.spline for name, made in tiers.items()} | {"age_bmi": plain}


def _threshold(tier: Tier, tables: Tables, tuning: Cohort) -> Threshold:
    some = tuning.take(usable(tuning, tier))
    risk = 1 / (1 + np.exp(-tables.logit(some.columns)))
    chosen = f"flags {FLAGGED:.0%} of the people of {TUNING} whom tier {tier.name} can be used for"
    return Threshold(name=f"flag_{tier.name}", value=round(float(np.quantile(risk, 1 - FLAGGED)), 4), chosen=chosen)


def _data(data_digest: str) -> Data:
    return Data(
        name=nhanes.SOURCE.title,
        licence=nhanes.SOURCE.licence,
        citation=nhanes.SOURCE.citation,
        digest=data_digest,
        split=f"learned on {TRAINING[0]} to {TRAINING[-1]}, Asian intercept on {GROUP_CYCLES[0]} to "
        f"{GROUP_CYCLES[-1]}, calibrated on {TUNING}, tested on {evaluation.DEFAULT_SPLIT}",
    )
