"""The risk models as they are shipped: exact, monotone, intact, and as good as their cards say."""

from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cdss.evaluation import diabetes_incident_cn as cn_evaluation
from cdss.evaluation import diabetes_screen as screen_evaluation
from cdss.evaluation.report import to_card
from cdss.evaluation.tables import Tables, from_plain
from cdss.models import diabetes_incident_cn, diabetes_screen
from cdss.models.additive import RATIOS, Additive, Tier
from cdss.models.artifact import companion
from cdss.models.card import Card
from cdss.training import diabetes_incident_cn as cn_training
from cdss.training import diabetes_screen as screen_training

MODELS = {"diabetes_screen": diabetes_screen, "diabetes_incident_cn": diabetes_incident_cn}
MONOTONE = {"diabetes_screen": screen_training.MONOTONE, "diabetes_incident_cn": cn_training.MONOTONE}
LOADED: dict[str, Additive] = {name: module.load() for name, module in MODELS.items()}
TIERS = [(name, tier) for name, model in LOADED.items() for tier in model.tiers]
EACH_TIER = pytest.mark.parametrize(("name", "tier"), TIERS, ids=[f"{name}-{tier.name}" for name, tier in TIERS])


def folder(module: ModuleType) -> Path:
    assert module.__file__
    return Path(module.__file__).parent


def tables(name: str) -> dict[str, Tables]:
    path = companion(folder(MODELS[name]), LOADED[name].card, "tables.json")
    return {tier: from_plain(plain) for tier, plain in msgspec.json.decode(path.read_bytes()).items()}


def features(tier: Tier) -> tuple[str, ...]:
    return tuple(dict.fromkeys(feature for term in tier.terms for feature in RATIOS.get(term, (term,))))


def crowd(name: str, tier: Tier, count: int = 20_000, seed: int = 0) -> dict[str, np.ndarray]:
    """People of all values the model takes, a tenth of what the tier can do without missing."""
    generator, model = np.random.default_rng(seed), LOADED[name]
    columns = {}
    for feature in features(tier):
        quantity = model.FEATURES[feature]
        if quantity.yes_no:
            columns[feature] = generator.integers(0, 2, count).astype(float)
        else:
            low, high = max(quantity.low, 20) if feature == "age" else quantity.low, quantity.high
            columns[feature] = np.round(np.exp(generator.uniform(np.log(low), np.log(high), count)), 2)
        if feature not in tier.needs:
            columns[feature][generator.random(count) < 0.1] = np.nan
    columns["age"] = generator.integers(20, 80, count).astype(float)
    if "fpg_mmol" in columns:
        columns["fpg_mmol"] = np.minimum(columns["fpg_mmol"], 6.99)
    return columns


@EACH_TIER
def test_the_graph_is_the_tables_beside_it(name: str, tier: Tier) -> None:
    people = crowd(name, tier)
    table = LOADED[name].assess_table(people)
    assert (table.problem == 0).all()
    expected = 1 / (1 + np.exp(-tables(name)[tier.name].logit(people)))
    assert np.abs(table.probability - expected).max() < 1e-6


@EACH_TIER
def test_contributions_and_intercept_are_the_logit(name: str, tier: Tier) -> None:
    table = LOADED[name].assess_table(crowd(name, tier, 2000))
    logit = table.intercept.astype(float) + table.contributions.sum(axis=1, dtype=float)
    assert table.probability == pytest.approx(1 / (1 + np.exp(-logit)), abs=1e-6)


@EACH_TIER
def test_missing_is_among_what_the_term_can_say_and_is_not_zero(name: str, tier: Tier) -> None:
    for term, table in tables(name)[tier.name].terms.items():
        assert table.values.min() - 1e-6 <= table.missing <= table.values.max() + 1e-6, term
        if np.ptp(table.values) > 1e-3:
            assert abs(table.missing - table(np.zeros(1))[0]) > 1e-6, term


@EACH_TIER
def test_the_graph_gives_a_missing_value_its_own_contribution(name: str, tier: Tier) -> None:
    people = crowd(name, tier, 2000)
    found = LOADED[name].assess_table(people)
    for term, table in tables(name)[tier.name].terms.items():
        unknown = np.any([np.isnan(people[feature]) for feature in RATIOS.get(term, (term,))], axis=0)
        said = found.contributions[unknown, found.terms.index(term)]
        assert said == pytest.approx(np.full(unknown.sum(), table.missing), abs=1e-6), term


def ordinary(name: str, tier: Tier) -> st.SearchStrategy[dict[str, float | None]]:
    """One resident with every feature of the tier."""
    model = LOADED[name]

    def value(feature: str) -> st.SearchStrategy[float]:
        quantity = model.FEATURES[feature]
        if quantity.yes_no:
            return st.sampled_from([0.0, 1.0])
        low, high = (20, 79) if feature == "age" else (quantity.low, quantity.high)
        return st.floats(low, min(high, 6.99) if feature == "fpg_mmol" else high)

    return st.fixed_dictionaries({feature: value(feature) for feature in features(tier)})


@EACH_TIER
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_more_of_what_raises_the_risk_never_lowers_it(name: str, tier: Tier, data: st.DataObject) -> None:
    resident = data.draw(ordinary(name, tier))
    feature = data.draw(st.sampled_from([f for f in features(tier) if f in MONOTONE[name]]))
    other = data.draw(ordinary(name, tier))[feature]
    low, high = sorted((resident[feature], other), key=float)  # type: ignore[arg-type]
    first, second = (LOADED[name].assess({**resident, feature: value}).probability for value in (low, high))
    assert MONOTONE[name][feature] * (second - first) >= -1e-7


@pytest.mark.parametrize("name", MODELS)
def test_every_companion_is_the_one_the_card_names(name: str) -> None:
    card = LOADED[name].card
    for each in card.companions:
        assert companion(folder(MODELS[name]), card, each).is_file()


@pytest.mark.parametrize("name", MODELS)
def test_the_card_says_what_was_measured_in_both_languages(name: str) -> None:
    text = msgspec.json.encode(LOADED[name].card).decode()
    assert "(not measured)" not in text
    assert "{" not in LOADED[name].card.performance.internal_validity
    for limit in LOADED[name].card.limits:
        assert limit.zh
        assert limit.en


def of_card(card: Card, split: str) -> dict[str, Any]:
    return next(report for report in card.evaluations if report["split"] == split)


def same(found: dict[str, Any], said: dict[str, Any]) -> None:
    assert (found["n"], found["events"], found["digest"]) == (said["n"], said["events"], said["digest"])
    for key, metric in said["metrics"].items():
        assert found["metrics"][key]["value"] == pytest.approx(metric["value"], abs=2e-4), key
    for name, metrics in said["baselines"].items():
        assert found["baselines"][name]["auc"]["value"] == pytest.approx(metrics["auc"]["value"], abs=2e-4), name


@pytest.mark.data
@pytest.mark.slow
def test_the_numbers_of_the_screening_card_come_out_again(public_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(screen_evaluation, "REPEATS", 20)
    found = to_card(screen_evaluation.evaluate(public_data, "2017-Mar2020"))
    assert (found["n"], found["events"]) == (5565, 281)
    same(found, of_card(LOADED["diabetes_screen"].card, "2017-Mar2020"))


@pytest.mark.data
@pytest.mark.slow
def test_the_numbers_of_the_incidence_card_come_out_again(public_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cn_evaluation, "REPEATS", 20)
    same(to_card(cn_evaluation.evaluate(public_data, "cv")), of_card(LOADED["diabetes_incident_cn"].card, "cv"))
