"""`cdss evaluate diabetes_screen`: undiagnosed diabetes in a cycle of NHANES.

Tier `a` on everybody; the others on those for whom it can be used, and left out where the cycle did not measure enough.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cdss.datasets import nhanes, source
from cdss.datasets.nhanes_map import CYCLES
from cdss.evaluation import spline
from cdss.evaluation.ranked import Events, Numbers, probabilities, ranking, subgroups
from cdss.evaluation.report import Metric, Report
from cdss.models import diabetes_screen as model
from cdss.models.additive import RATIOS, Additive, Tier
from cdss.models.artifact import companion
from cdss.models.equations import points

SPLITS = CYCLES
DEFAULT_SPLIT = "2017-Mar2020"
TRAINING, TUNING = SPLITS[: SPLITS.index("2015-2016")], "2015-2016"

HBA1C_DIABETES = 6.5  # %, and fasting glucose in mg/dL: ADA, Standards of Care 2024, section 2
FPG_DIABETES = 126
AGES = (20, 79)
REPEATS = 1000
BASELINES = "baselines.json"


@dataclass(frozen=True, slots=True)
class Cohort:
    """People who might have diabetes without knowing, and whether they do. Columns (n,) are nan where missing."""

    columns: dict[str, Numbers]
    event: Events
    groups: dict[str, NDArray[np.str_]]

    def take(self, rows: NDArray[np.bool_]) -> "Cohort":
        """Some of them."""
        return Cohort(
            {name: column[rows] for name, column in self.columns.items()},
            self.event[rows],
            {name: values[rows] for name, values in self.groups.items()},
        )


def cohort(data: Path | None, cycles: tuple[str, ...]) -> Cohort:
    """Examined adults of 20 to 79, not pregnant, who say they have no diabetes (borderline counts as none) and take
    nothing for it, with BMI, waist, a blood pressure and HbA1c measured.

    The event is HbA1c >= 6.5 % or fasting glucose >= 126 mg/dL; fasting glucose was measured in the morning half only.
    """
    people = pl.concat([nhanes.read(data, cycle) for cycle in cycles]).filter(
        pl.col("age").is_between(*AGES),
        pl.col("examined").eq(1),
        ~pl.col("pregnant").eq(1).fill_null(False),
        pl.col("diabetes").eq(0),
        ~pl.col("diabetes_treated").eq(1).fill_null(False),
        pl.all_horizontal(pl.col("bmi", "waist_cm", "sbp", "hba1c_pct").is_not_null()),
    )
    event = pl.col("hba1c_pct").ge(HBA1C_DIABETES) | pl.col("fpg_mg_dl").ge(FPG_DIABETES).fill_null(False)
    names = [name for name, kind in people.schema.items() if kind == pl.Float64]
    age_band = pl.when(pl.col("age") < 40).then(pl.lit("20-39")).when(pl.col("age") < 60).then(pl.lit("40-59"))
    sex = pl.when(pl.col("sex") == 1).then(pl.lit("female")).otherwise(pl.lit("male"))
    groups = {"sex": sex, "age": age_band.otherwise(pl.lit("60-79")), "ethnicity": pl.col("ethnicity")}
    return Cohort(
        {name: people[name].fill_null(float("nan")).to_numpy() for name in names},
        people.select(event.cast(pl.Int64)).to_series().to_numpy(),
        {name: people.select(by).to_series().to_numpy().astype(str) for name, by in groups.items()},
    )


def usable(people: Cohort, tier: Tier) -> NDArray[np.bool_]:
    """(n,) who has what the tier needs."""
    lacking: NDArray[np.bool_] = np.any([np.isnan(people.columns[name]) for name in tier.needs], axis=0)
    return ~lacking


def probability(made: Additive, tier: Tier, people: Cohort) -> Numbers:
    """(n,) by this tier: the model is given only what belongs to it; nan where it refuses."""
    features = {name for term in tier.terms for name in RATIOS.get(term, (term,))}
    table = made.assess_table({name: people.columns[name] for name in features})
    return table.probability.astype(np.float64)


def evaluate(data: Path | None, split: str) -> Report:
    """The shipped model on one cycle. Raises DataNotFound."""
    return report(data, split, Path(model.__file__).parent)


def report(data: Path | None, split: str, folder: Path) -> Report:
    """The model in `folder` on one cycle."""
    made, people = model.load(folder), cohort(data, (split,))
    fitted = spline.read(companion(folder, made.card, BASELINES))
    tiers = [tier for tier in reversed(made.tiers) if usable(people, tier).any()]
    people = _answered(made, tiers[0], people)
    metrics: dict[str, Metric] = {}
    baselines: dict[str, dict[str, Metric]] = {}
    for tier in tiers:
        some = _answered(made, tier, people)
        found = probabilities(some.event, probability(made, tier, some), REPEATS)
        metrics |= found if tier.name == "a" else {f"{key}_tier_{tier.name}": value for key, value in found.items()}
        baselines |= _baselines(fitted, tier, some)
    return Report(
        model=made.card.name,
        version=made.card.version,
        digest=made.card.digest,
        dataset=nhanes.SOURCE.name,
        split=split,
        n=len(people.event),
        events=int(people.event.sum()),
        metrics=metrics,
        baselines=baselines,
        subgroups=subgroups(people.groups, people.event, probability(made, tiers[0], people), REPEATS // 2),
        notes=_notes(data, split, made, tiers, people),
    )


def _answered(made: Additive, tier: Tier, people: Cohort) -> Cohort:
    """Those who have what the tier needs and whose values are plausible."""
    some = people.take(usable(people, tier))
    return some.take(~np.isnan(probability(made, tier, some)))


def _baselines(fitted: dict[str, spline.SplineLogistic], tier: Tier, people: Cohort) -> dict[str, dict[str, Metric]]:
    """Each on the same people as the tier."""
    columns = people.columns | {"waist_height": people.columns["waist_cm"] / people.columns["height_cm"]}
    found = {f"spline_logistic_tier_{tier.name}": _logistic(fitted[f"spline_{tier.name}"], columns, people.event)}
    if tier.name == "a":
        found["age_bmi_logistic"] = _logistic(fitted["age_bmi"], columns, people.event)
        found["ncdrs_without_family_history"] = _points("ncdrs", columns, people.event, ("family_diabetes",))
    if tier.name == "a_fh":
        found["ncdrs"] = _points("ncdrs", columns, people.event)
        found["ada_part"] = _points("ada_part", columns, people.event)
    if tier.name == "c":
        found["random_glucose_alone"] = ranking(people.event, columns["glucose_random_mmol"], REPEATS)
    return found


def _logistic(fitted: spline.SplineLogistic, columns: dict[str, Numbers], event: Events) -> dict[str, Metric]:
    return probabilities(event, 1 / (1 + np.exp(-fitted.logit(columns))), REPEATS)


def _points(name: str, columns: dict[str, Numbers], event: Events, without: tuple[str, ...] = ()) -> dict[str, Metric]:
    """A published score; who lacks one of its parts gets the lowest, as a form left blank would."""
    total = points.score(name).total_table(columns, without)
    return ranking(event, np.where(np.isnan(total), np.nanmin(total), total), REPEATS)


def _notes(data: Path | None, split: str, made: Additive, tiers: list[Tier], people: Cohort) -> list[str]:
    notes = [f"data {source.digest(nhanes.SOURCE, source.folder_of(nhanes.SOURCE, data))}"]
    if split in (*TRAINING, TUNING):
        notes.append(f"{split} was used to make the model: in-sample, no evidence of how well it does")
    if absent := nhanes.absent(data, split):
        notes.append(f"tables absent from the folder: {', '.join(absent)}")
    evaluated = {tier.name: int(usable(people, tier).sum()) for tier in tiers}
    if left := [tier.name for tier in made.tiers if tier.name not in evaluated]:
        notes.append(f"tiers not evaluated, this cycle lacks what they need: {', '.join(sorted(left))}")
    notes.append("people by tier: " + ", ".join(f"{name} {count}" for name, count in evaluated.items()))
    return notes
