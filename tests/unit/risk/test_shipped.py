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
from cdss.evaluation import survey
from cdss.evaluation.report import to_card
from cdss.evaluation.tables import Tables, from_plain
from cdss.models import bp_control, ckd_alert, diabetes_incident_cn, diabetes_screen
from cdss.models.additive import RATIOS, Additive, Tier
from cdss.models.artifact import companion
from cdss.models.card import Card
from cdss.training import bp_control as control_training
from cdss.training import ckd_alert as ckd_training
from cdss.training import diabetes_incident_cn as cn_training
from cdss.training import diabetes_screen as screen_training
from cdss.training.risk.parity import WORST, prove

SHIPPED = {  # every risk model: its wrapper and how it was trained
    "diabetes_screen": (diabetes_screen, screen_training),
    "diabetes_incident_cn": (diabetes_incident_cn, cn_training),
    "bp_control": (bp_control, control_training),
    "ckd_alert": (ckd_alert, ckd_training),
}
ALWAYS = {"bp_control": {"bp_medication": 1.0}}  # whom the model is for
HIGHEST = {"diabetes_incident_cn": {"fpg_mmol": 6.99}}
MODELS = {name: wrapper for name, (wrapper, _) in SHIPPED.items()}
MONOTONE: dict[str, dict[str, int]] = {name: training.MONOTONE for name, (_, training) in SHIPPED.items()}
LOADED: dict[str, Additive] = {name: module.load() for name, module in MODELS.items()}
TIERS = [(name, tier) for name, model in LOADED.items() for tier in model.tiers]
EACH_TIER = pytest.mark.parametrize(("name", "tier"), TIERS, ids=[f"{name}-{tier.name}" for name, tier in TIERS])
DECLARED = [(name, tier, term) for name, tier in TIERS for term in tier.terms if term in MONOTONE[name]]
EACH_DECLARED = pytest.mark.parametrize(
    ("name", "tier", "term"), DECLARED, ids=[f"{name}-{tier.name}-{term}" for name, tier, term in DECLARED]
)


def folder(module: ModuleType) -> Path:
    assert module.__file__
    return Path(module.__file__).parent


def tables(name: str) -> dict[str, Tables]:
    path = companion(folder(MODELS[name]), LOADED[name].card, "tables.json")
    return {tier: from_plain(plain) for tier, plain in msgspec.json.decode(path.read_bytes()).items()}


def features(tier: Tier) -> tuple[str, ...]:
    looked_at = [feature for term in tier.terms for feature in RATIOS.get(term, (term,))]
    return tuple(dict.fromkeys((*looked_at, *tier.needs)))


def limits(name: str, feature: str) -> tuple[float, float]:
    """The values of a feature that the model answers to."""
    quantity = LOADED[name].FEATURES[feature]
    low, high = (20, 79) if feature == "age" else (quantity.low, quantity.high)
    return low, min(high, HIGHEST.get(name, {}).get(feature, high))


def drawn(name: str, feature: str, count: int, generator: np.random.Generator) -> np.ndarray:
    if fixed := ALWAYS.get(name, {}).get(feature):
        return np.full(count, fixed)
    low, high = limits(name, feature)
    if LOADED[name].FEATURES[feature].unit == "1" or feature == "age":  # yes/no, counts, years
        return generator.integers(int(low), int(high) + 1, count).astype(float)
    return np.round(np.exp(generator.uniform(np.log(low), np.log(high), count)), 2)


def crowd(name: str, tier: Tier, count: int = 20_000, seed: int = 0) -> dict[str, np.ndarray]:
    """People of all values the model takes, a tenth of what the tier can do without missing."""
    generator = np.random.default_rng(seed)
    columns = {feature: drawn(name, feature, count, generator) for feature in features(tier)}
    for feature in columns.keys() - set(tier.needs):
        columns[feature][generator.random(count) < 0.1] = np.nan
    return columns


@EACH_TIER
def test_the_graph_is_the_tables_beside_it(name: str, tier: Tier) -> None:
    people = crowd(name, tier)
    table = LOADED[name].assess_table(people)
    assert (table.problem == 0).all()
    expected = 1 / (1 + np.exp(-tables(name)[tier.name].logit(people)))
    assert np.abs(table.probability - expected).max() < 1e-6


@pytest.mark.parametrize("name", MODELS)
def test_the_shipped_graph_is_proved_again_on_more_than_a_hundred_thousand_rows(name: str) -> None:
    model = LOADED[name]
    people = crowd(name, Tier("all", model.tiers[0].terms, ()), 5000)
    found = prove(
        (folder(MODELS[name]) / model.card.artifact).read_bytes(), tables(name), model._inputs, model.terms, people
    )
    assert found.rows >= 100_000 * len(model.tiers)
    assert found.flipped == 0
    assert found.probability <= WORST


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

    def value(feature: str) -> st.SearchStrategy[float]:
        if fixed := ALWAYS.get(name, {}).get(feature):
            return st.just(fixed)
        low, high = limits(name, feature)
        return st.sampled_from([0.0, 1.0]) if LOADED[name].FEATURES[feature].yes_no else st.floats(low, high)

    return st.fixed_dictionaries({feature: value(feature) for feature in features(tier)})


@EACH_DECLARED
@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_more_of_what_raises_the_risk_never_lowers_it(name: str, tier: Tier, term: str, data: st.DataObject) -> None:
    resident = data.draw(ordinary(name, tier))
    feature = RATIOS.get(term, (term,))[0]  # more waist is more waist to height
    other = data.draw(ordinary(name, tier))[feature]
    low, high = sorted((resident[feature], other), key=float)  # type: ignore[arg-type]
    first, second = (LOADED[name].assess({**resident, feature: value}).probability for value in (low, high))
    assert MONOTONE[name][term] * (second - first) >= -1e-7


@EACH_DECLARED
def test_nor_in_any_of_twenty_thousand_residents(name: str, tier: Tier, term: str) -> None:
    people, feature = crowd(name, tier), RATIOS.get(term, (term,))[0]
    pair = np.sort(np.column_stack([people[feature], crowd(name, tier, seed=1)[feature]]), axis=1)
    both = ~np.isnan(pair).any(axis=1)
    low, high = (LOADED[name].assess_table({**people, feature: value}).probability for value in pair.T)
    assert (MONOTONE[name][term] * (high - low)[both] >= -1e-7).all()


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
@pytest.mark.parametrize("name", ["diabetes_screen", "bp_control", "ckd_alert"])
def test_the_numbers_of_the_card_come_out_again(public_data: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(survey, "REPEATS", 20)
    monkeypatch.setattr(survey, "DRAWN", 5)
    task = SHIPPED[name][1].PLAN.task
    found = to_card(survey.report(task, public_data, "2017-Mar2020", folder(MODELS[name])))
    same(found, of_card(LOADED[name].card, "2017-Mar2020"))


def test_the_test_people_of_the_screening_model_are_those_of_the_design() -> None:
    said = of_card(LOADED["diabetes_screen"].card, "2017-Mar2020")
    assert (said["n"], said["events"]) == (5565, 281)


@pytest.mark.data
@pytest.mark.slow
def test_the_numbers_of_the_incidence_card_come_out_again(public_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cn_evaluation, "REPEATS", 20)
    same(to_card(cn_evaluation.evaluate(public_data, "cv")), of_card(LOADED["diabetes_incident_cn"].card, "cv"))
