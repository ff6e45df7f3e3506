"""Risk models whose score is a sum of one term a measurement: the reasons are exact, not approximated.

The graph (ONNX) takes `features` (n, feature) float32 with nan for missing and `tier` (n,) int64, and gives
`probability` (n,), `contributions` (n, term) on the logit scale and `intercept` (n,):
logit(probability) = intercept + sum of contributions. A missing value has a contribution of its own.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cdss.models.applicability import NotApplicable
from cdss.models.artifact import load as load_artifact
from cdss.models.artifact import session
from cdss.models.card import Card, CardError, Text
from cdss.models.plausible import Quantity, check, outside

RATIOS = {"waist_height": ("waist_cm", "height_cm")}  # terms that are one feature over another

TOO_LITTLE = Text(zh="已知资料太少，无法估计", en="too little is known for an estimate")


@dataclass(frozen=True, slots=True)
class Tier:
    """What the model can do with how much is known. `needs`: features without which the tier is not used."""

    name: str
    terms: tuple[str, ...]
    needs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Bar:
    """Whom the model is not for: those whose `feature` is from `low` to `high` (inclusive)."""

    code: str
    feature: str
    low: float
    high: float
    text: Text


@dataclass(frozen=True, slots=True)
class Reason:
    """One term: what was measured (None: missing) and what it adds to the logit."""

    feature: str
    value: float | None
    contribution: float


@dataclass(frozen=True, slots=True)
class Risk:
    """One resident's risk. logit(probability) = intercept + the sum of all contributions."""

    probability: float  # calibrated, in (0, 1); of what, is in the card
    tier: str
    intercept: float
    reasons: tuple[Reason, ...]  # largest first
    missing: tuple[str, ...]  # terms of the tier the model had to do without


@dataclass(frozen=True, slots=True)
class RiskTable:
    """Many residents' risks. Where there is none, probability is nan, tier is -1 and `problem` says why."""

    probability: NDArray[np.float32]  # (n,)
    contributions: NDArray[np.float32]  # (n, terms), on the logit scale; 0 for terms outside the row's tier
    intercept: NDArray[np.float32]  # (n,)
    tier: NDArray[np.int64]  # (n,), index into `tiers`
    problem: NDArray[np.int64]  # (n,), index into `problems`; 0 is "none"
    terms: tuple[str, ...]
    tiers: tuple[str, ...]
    problems: tuple[str, ...]  # "none", "implausible", "too-little-known", then the codes of the bars
    implausible: Mapping[str, NDArray[np.bool_]]  # feature -> (n,), only features with such a value


class Additive:
    """A model of this kind, loaded. `tiers` go from the richest to the poorest; the first that can be used is."""

    def __init__(
        self, folder: Path, features: Mapping[str, Quantity], tiers: tuple[Tier, ...], bars: tuple[Bar, ...]
    ) -> None:
        artifact = load_artifact(folder)
        self.card: Card = artifact.card
        self.FEATURES = features
        self.tiers, self.bars = tiers, bars
        self._session = session(artifact.path)
        said = self._session.get_modelmeta().custom_metadata_map
        self._inputs, self.terms = tuple(said["features"].split(",")), tuple(said["terms"].split(","))
        if tuple(said["tiers"].split(",")) != tuple(tier.name for tier in tiers):
            raise CardError(
                f"{folder}: found tiers {said['tiers']}, expected {[tier.name for tier in tiers]}; reinstall"
            )

    def assess(self, resident: Mapping[str, float | None]) -> Risk:
        """One resident. Raises ImplausibleValue, or NotApplicable where the model must not answer."""
        values = self._plausible(resident)
        for bar in self.bars:
            if bar.feature in values and bar.low <= values[bar.feature] <= bar.high:
                raise NotApplicable(bar.code, bar.text)
        number = next((i for i, tier in enumerate(self.tiers) if set(tier.needs) <= values.keys()), None)
        if number is None:
            needs = ", ".join(self.tiers[-1].needs)
            raise NotApplicable(
                "too-little-known", Text(zh=f"{TOO_LITTLE.zh}：{needs}", en=f"{TOO_LITTLE.en}: {needs}")
            )
        row = np.array([[values.get(name, np.nan) for name in self._inputs]], np.float32)
        probability, contributions, intercept = self._run(row, np.array([number]))
        by_term = dict(zip(self.terms, contributions[0].tolist(), strict=True))
        return _risk(self.tiers[number], values, float(probability[0]), by_term, float(intercept[0]))

    def assess_table(self, columns: Mapping[str, NDArray[np.floating]]) -> RiskTable:
        """Many residents: columns (n,) by name; nan, or a column that is not there, is missing. No row raises."""
        given = {name: np.asarray(columns[name], np.float64) for name in self.FEATURES if name in columns}
        count = len(next(iter(given.values())))
        add_bmi(given)
        wrong = {name: mask for name in given if (mask := outside(given[name], self.FEATURES[name])).any()}
        tier = self._tier_of(given, count)
        problem = self._problem_of(given, tier, wrong)
        usable = problem == 0
        tier = np.where(usable, tier, -1)
        rows = np.full((count, len(self._inputs)), np.nan, np.float32)
        for place, name in enumerate(self._inputs):
            if name in given:
                rows[:, place] = given[name]
        probability, contributions, intercept = self._run(rows, np.maximum(tier, 0))
        probability[~usable], contributions[~usable], intercept[~usable] = np.nan, np.nan, np.nan
        names = tuple(known.name for known in self.tiers)
        return RiskTable(probability, contributions, intercept, tier, problem, self.terms, names, self.problems, wrong)

    @property
    def problems(self) -> tuple[str, ...]:
        """The codes that `RiskTable.problem` counts."""
        return ("none", "implausible", "too-little-known", *(bar.code for bar in self.bars))

    def _plausible(self, resident: Mapping[str, float | None]) -> dict[str, float]:
        given = {name: value for name in self.FEATURES if (value := resident.get(name)) is not None}
        known = {name: float(value) for name, value in given.items() if not math.isnan(value)}
        values = {name: check(name, value, self.FEATURES[name]) for name, value in known.items()}
        if "bmi" not in values and {"weight_kg", "height_cm"} <= values.keys():
            values["bmi"] = check("bmi", values["weight_kg"] / (values["height_cm"] / 100) ** 2, self.FEATURES["bmi"])
        return values

    def _tier_of(self, given: Mapping[str, NDArray[np.float64]], count: int) -> NDArray[np.int64]:
        """The richest tier whose needs are known, -1 where there is none."""
        tier = np.full(count, -1)
        for number in reversed(range(len(self.tiers))):
            usable = np.ones(count, bool)
            for name in self.tiers[number].needs:
                usable &= ~np.isnan(given[name]) if name in given else False
            tier[usable] = number
        return tier

    def _problem_of(
        self,
        given: Mapping[str, NDArray[np.float64]],
        tier: NDArray[np.int64],
        wrong: Mapping[str, NDArray[np.bool_]],
    ) -> NDArray[np.int64]:
        """As `assess` would raise: implausible before a bar before too little known; the first bar counts."""
        problem = np.where(tier < 0, 2, 0)
        for number, bar in reversed(list(enumerate(self.bars, start=3))):
            if bar.feature in given:
                problem[(given[bar.feature] >= bar.low) & (given[bar.feature] <= bar.high)] = number
        for mask in wrong.values():
            problem[mask] = 1
        return problem

    def _run(
        self, rows: NDArray[np.float32], tier: NDArray[np.int64]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
        outputs = ["probability", "contributions", "intercept"]
        probability, contributions, intercept = self._session.run(outputs, {"features": rows, "tier": tier})
        return probability, contributions, intercept


def _risk(
    tier: Tier, values: Mapping[str, float], probability: float, by_term: Mapping[str, float], intercept: float
) -> Risk:
    measured = {term: _value(term, values) for term in tier.terms}
    reasons = [Reason(term, measured[term], by_term[term]) for term in tier.terms]
    reasons.sort(key=lambda reason: -abs(reason.contribution))
    missing = tuple(term for term in tier.terms if measured[term] is None)
    return Risk(probability, tier.name, intercept, tuple(reasons), missing)


def _value(term: str, values: Mapping[str, float]) -> float | None:
    if term not in RATIOS:
        return values.get(term)
    above, below = (values.get(name) for name in RATIOS[term])
    return None if above is None or below is None else above / below


def add_bmi(given: dict[str, NDArray[np.float64]]) -> None:
    """BMI from weight and height where it is missing; changes `given`."""
    if {"weight_kg", "height_cm"} <= given.keys():
        computed = given["weight_kg"] / (given["height_cm"] / 100) ** 2
        given["bmi"] = np.where(np.isnan(given["bmi"]), computed, given["bmi"]) if "bmi" in given else computed
