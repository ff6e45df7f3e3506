"""The wrapper all glass-box risk models share, on a small model whose every term is known.

The model: logit = -3, -1 up to 49 years and +1 from 50; with a random glucose (tier c) -0.5 below 7 and +2 from 7.
"""

from pathlib import Path

import numpy as np
import pytest

from cdss.models import diabetes_screen
from cdss.models.additive import Additive
from cdss.models.applicability import NotApplicable
from cdss.models.artifact import DigestMismatch
from cdss.models.card import CardError
from cdss.models.plausible import ImplausibleValue

WOMAN: dict[str, float | None] = {"age": 60, "sex": 1, "bmi": 26.0}
PANEL = {"hdl_mmol": 1.2, "tg_mmol": 1.5}


@pytest.fixture(scope="module")
def model(small_model: Path) -> Additive:
    return diabetes_screen.load(small_model)


def sigmoid(logit: float) -> float:
    return float(1 / (1 + np.exp(-logit)))


def test_the_reasons_and_the_intercept_add_up_to_the_probability(model: Additive) -> None:
    risk = model.assess(WOMAN)
    total = risk.intercept + sum(reason.contribution for reason in risk.reasons)
    assert risk.probability == pytest.approx(sigmoid(total), abs=1e-7)
    assert total == pytest.approx(-3 + 1)


def test_the_largest_reason_comes_first_with_what_was_measured(model: Additive) -> None:
    first = model.assess(WOMAN).reasons[0]
    assert (first.feature, first.value, first.contribution) == ("age", 60, 1)


@pytest.mark.parametrize(
    ("more", "tier"),
    [
        ({}, "a"),
        ({"family_diabetes": 0}, "a_fh"),
        ({"hdl_mmol": 1.2}, "a"),  # half a lipid panel is not enough
        (PANEL, "b"),
        ({**PANEL, "glucose_random_mmol": 6.0}, "c"),
        ({"glucose_random_mmol": 6.0}, "a"),
    ],
)
def test_the_richest_tier_that_is_known_enough_is_used(model: Additive, more: dict[str, float], tier: str) -> None:
    assert model.assess({**WOMAN, **more}).tier == tier


def test_what_the_tier_had_to_do_without_is_told(model: Additive) -> None:
    missing = model.assess({**WOMAN, "sbp": 120, "waist_cm": 80, "height_cm": 160}).missing
    assert missing == ("asian", "pulse", "hypertension", "bp_medication")


def test_a_ratio_is_shown_as_the_ratio(model: Additive) -> None:
    reasons = model.assess({**WOMAN, "waist_cm": 80, "height_cm": 160}).reasons
    assert [reason.value for reason in reasons if reason.feature == "waist_height"] == [0.5]


def test_bmi_is_computed_where_weight_and_height_are_known(model: Additive) -> None:
    reasons = model.assess({"age": 60, "sex": 1, "weight_kg": 64, "height_cm": 160}).reasons
    assert [reason.value for reason in reasons if reason.feature == "bmi"] == [pytest.approx(25)]


def test_none_and_nan_are_both_missing(model: Additive) -> None:
    assert model.assess({**WOMAN, "pulse": None}) == model.assess({**WOMAN, "pulse": float("nan")})


@pytest.mark.parametrize(
    ("change", "code", "en"),
    [
        ({"age": 19}, "outside-age", "the model is for ages 20 to 79"),
        ({"age": 80}, "outside-age", "the model is for ages 20 to 79"),
        ({"diabetes": 1}, "known-diabetes", "diabetes is known; nothing to screen for"),
        ({"pregnant": 1}, "pregnant", "pregnancy has its own screening"),
        ({"bmi": None}, "too-little-known", "too little is known for an estimate: age, sex, bmi"),
    ],
)
def test_it_refuses_in_words_and_gives_no_number(
    model: Additive, change: dict[str, float | None], code: str, en: str
) -> None:
    with pytest.raises(NotApplicable) as refused:
        model.assess({**WOMAN, **change})
    assert (refused.value.code, refused.value.text.en) == (code, en)
    assert refused.value.text.zh != en


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"tc_mmol": 180}, "tc_mmol: found 180, expected 1 to 20 mmol/L; it looks like mg/dL"),
        ({"glucose_random_mmol": 110}, "glucose_random_mmol: found 110, expected 1 to 60 mmol/L; it looks like mg/dL"),
        ({"height_cm": 1.65}, "height_cm: found 1.65, expected 100 to 230 cm; it looks like m"),
        ({"sbp": 16}, "sbp: found 16, expected 50 to 270 mm[Hg]; it looks like kPa"),
        ({"creatinine_umol": 0.9}, "creatinine_umol: found 0.9, expected 15 to 2000 umol/L; it looks like mg/dL"),
        ({"pulse": 700}, "pulse: found 700, expected 25 to 220 /min; check the value and its unit"),
        ({"sex": 2}, "sex: found 2, expected 0 to 1; code it 0 (no) or 1 (yes)"),
    ],
)
def test_a_value_that_cannot_be_is_named_with_its_likely_cause(
    model: Additive, change: dict[str, float], says: str
) -> None:
    with pytest.raises(ImplausibleValue) as refused:
        model.assess({**WOMAN, **change})
    assert str(refused.value) == says


def test_a_table_says_the_same_as_one_by_one_and_why_there_is_no_number(model: Additive) -> None:
    nan = float("nan")
    table = model.assess_table(
        {
            "age": np.array([60.0, 40, 85, 60, 60, 60]),
            "sex": np.array([1.0, 0, 1, 1, 1, 1]),
            "bmi": np.array([26.0, 26, 26, nan, 260, 26]),
            "diabetes": np.array([0.0, 0, 0, 0, 0, 1]),
        }
    )
    reasons = [table.problems[problem] for problem in table.problem]
    assert reasons == ["none", "none", "outside-age", "too-little-known", "implausible", "known-diabetes"]
    assert table.probability[:2] == pytest.approx([sigmoid(-3 + 1), sigmoid(-3 - 1)], abs=1e-7)
    assert np.isnan(table.probability[2:]).all()
    assert [table.tiers[tier] if tier >= 0 else None for tier in table.tier] == ["a", "a", None, None, None, None]
    assert table.implausible["bmi"].tolist() == [False, False, False, False, True, False]


def test_terms_outside_the_tier_add_nothing_and_a_missing_one_adds_its_own_value(model: Additive) -> None:
    table = model.assess_table({"age": np.array([60.0]), "sex": np.array([1.0]), "bmi": np.array([26.0])})
    by_term = dict(zip(table.terms, table.contributions[0].tolist(), strict=True))
    assert by_term["glucose_random_mmol"] == 0
    assert by_term["age"] == 1


def test_a_changed_artifact_is_not_used(small_model: Path, tmp_path: Path) -> None:
    for name in ("model.onnx", "MODEL_CARD.yaml"):
        (tmp_path / name).write_bytes((small_model / name).read_bytes())
    (tmp_path / "model.onnx").write_bytes((tmp_path / "model.onnx").read_bytes() + b" ")
    with pytest.raises(DigestMismatch, match="the card says sha256"):
        diabetes_screen.load(tmp_path)


def test_a_graph_of_other_tiers_is_not_used(small_model: Path) -> None:
    with pytest.raises(CardError, match=r"found tiers c,b,a_fh,a, expected \['b', 'a'\]; reinstall"):
        Additive(small_model, diabetes_screen.FEATURES, diabetes_screen.TIERS[1::2], ())
