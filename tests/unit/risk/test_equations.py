"""Published equations against numbers published elsewhere, and what they refuse."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from cdss.models.applicability import NotApplicable
from cdss.models.equations import ckd_epi, cockcroft_gault, hypertension, pce, points, prevent
from cdss.models.plausible import ImplausibleValue
from cdss.models.resident import CHOLESTEROL_MG_DL

# The person in the examples of the R package preventr 0.11 (its README and tests), whose risks are given to 3 decimals.
PERSON: dict[str, float | None] = {
    "age": 50, "sex": 1, "tc_mmol": 200 * CHOLESTEROL_MG_DL, "hdl_mmol": 45 * CHOLESTEROL_MG_DL, "sbp": 160,
    "bmi": 35, "egfr": 90, "diabetes": 1, "smoking": 0, "bp_medication": 1, "statin": 0,
}  # fmt: skip


@pytest.mark.parametrize(
    ("sex", "years", "extra", "expected"),
    [
        (1, 10, {}, (0.147, 0.092, 0.081, 0.044, 0.054)),
        (1, 30, {}, (0.530, 0.354, 0.390, 0.198, 0.221)),
        (0, 10, {}, (0.163, 0.102, 0.106, 0.056, 0.052)),
        (0, 30, {}, (0.514, 0.349, 0.424, 0.216, 0.197)),
        (1, 10, {"hba1c_pct": 9.2}, (0.165, 0.103, 0.107, 0.055, 0.053)),
        (0, 30, {"hba1c_pct": 9.2}, (0.524, 0.340, 0.457, 0.211, 0.188)),
        (1, 30, {"uacr_mg_g": 92}, (0.565, 0.381, 0.437, 0.220, 0.241)),
        (0, 10, {"uacr_mg_g": 92}, (0.195, 0.123, 0.130, 0.066, 0.063)),
        (1, 10, {"sdi_decile": 2}, (0.127, 0.080, 0.070, 0.038, 0.047)),
        (1, 10, {"hba1c_pct": 9.2, "uacr_mg_g": 92, "sdi_decile": 2}, (0.174, 0.105, 0.114, 0.056, 0.056)),
        (0, 30, {"hba1c_pct": 9.2, "uacr_mg_g": 92, "sdi_decile": 2}, (0.513, 0.326, 0.438, 0.216, 0.167)),
    ],
)
def test_prevent_gives_the_published_examples(
    sex: int, years: int, extra: dict[str, float], expected: tuple[float, ...]
) -> None:
    found = prevent.risk({**PERSON, "sex": sex, **extra}, years)
    assert tuple(round(found[outcome], 3) for outcome in prevent.OUTCOMES) == expected


@pytest.mark.data
def test_prevent_agrees_with_every_vector_to_the_last_decimal_given(public_data: Path) -> None:
    """The vectors have four decimals of a percent: 0.00005 is all they can tell apart."""
    with (public_data / "chronic_scores" / "prevent_test_vectors.csv").open() as file:
        rows = [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)]
    assert len(rows) == 300
    for row in rows:
        person: dict[str, float | None] = {
            "age": row["age"], "sex": row["fem"], "tc_mmol": row["tc"] * CHOLESTEROL_MG_DL,
            "hdl_mmol": row["hdl"] * CHOLESTEROL_MG_DL, "sbp": row["sbp"], "bmi": row["bmi"], "egfr": row["egfr"],
            "diabetes": row["dm"], "smoking": row["smk"], "bp_medication": row["htn"], "statin": row["st"],
        }  # fmt: skip
        found = prevent.risk(person)
        for outcome in ("total_cvd", "ascvd", "heart_failure"):
            assert abs(100 * found[outcome] - row[outcome]) <= 0.5e-4


@pytest.mark.data
def test_prevent_is_the_sum_of_the_supplement_to_1e_10(public_data: Path) -> None:
    """The vectors' people, by the supplement's own table and its rows in order, added up here once more."""
    folder = public_data / "chronic_scores"
    with (folder / "prevent_base_10yr.csv").open(encoding="utf-8") as file:
        published = list(csv.DictReader(file))
    with (folder / "prevent_test_vectors.csv").open() as file:
        people = [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)]
    columns = {
        "age": "age", "sex": "fem", "sbp": "sbp", "bmi": "bmi", "egfr": "egfr", "diabetes": "dm", "smoking": "smk",
        "bp_medication": "htn", "statin": "st",
    }  # fmt: skip
    table = {name: np.array([row[key] for row in people]) for name, key in columns.items()}
    table |= {f"{key}_mmol": np.array([row[key] * CHOLESTEROL_MG_DL for row in people]) for key in ("tc", "hdl")}
    for outcome in ("total_cvd", "ascvd", "heart_failure"):
        found = prevent.risk_table(table, model="base", outcome=outcome)
        expected = [_added_up(row, published, outcome) for row in people]
        assert np.abs(found - expected).max() <= 1e-10


def _added_up(person: dict[str, float], published: list[dict[str, str]], outcome: str) -> float:
    """The rows of the supplement in their order, as it explains them."""
    age, sbp, bmi, egfr = (person["age"] - 55) / 10, person["sbp"], person["bmi"], person["egfr"]
    non_hdl = (person["tc"] - person["hdl"]) * CHOLESTEROL_MG_DL - 3.5
    hdl = (person["hdl"] * CHOLESTEROL_MG_DL - 1.3) / 0.3
    high, slow, heavy = (max(sbp, 110) - 130) / 20, (min(egfr, 60) - 60) / -15, (max(bmi, 30) - 30) / 5
    terms = [
        age, non_hdl, hdl, (min(sbp, 110) - 110) / 20, high, person["dm"], person["smk"], (min(bmi, 30) - 25) / 5,
        heavy, slow, (max(egfr, 60) - 90) / -15, person["htn"], person["st"], person["htn"] * high,
        person["st"] * non_hdl, age * non_hdl, age * hdl, age * high, age * person["dm"], age * person["smk"],
        age * heavy, age * slow, 1.0,
    ]  # fmt: skip
    kind = f"{'female' if person['fem'] else 'male'}_{outcome}"
    logit = sum(float(row[kind]) * term for row, term in zip(published, terms, strict=True))
    return float(1 / (1 + np.exp(-logit)))


@pytest.mark.data
@pytest.mark.parametrize("model", prevent.MODELS)
@pytest.mark.parametrize("years", prevent.YEARS)
def test_prevent_coefficients_are_those_of_the_supplement(public_data: Path, model: str, years: int) -> None:
    with (public_data / "chronic_scores" / f"prevent_{model}_{years}yr.csv").open(encoding="utf-8") as file:
        published = list(csv.DictReader(file))
    for kind, ours in prevent._coefficients(model, years).items():
        assert list(ours.values()) == [float(row[kind]) for row in published]


@pytest.mark.parametrize(
    ("change", "code", "says"),
    [
        ({"age": 29}, "outside-domain", "age 29 is outside the 30 to 79 a the equation was made for"),
        ({"sbp": 205}, "outside-domain", "sbp 205 is outside the 90 to 200 mm[Hg] the equation was made for"),
        ({"egfr": None}, "missing", "missing: egfr"),
        ({"cvd": 1}, "known-disease", "cardiovascular disease is known; PREVENT is for people without it"),
    ],
)
def test_prevent_refuses_in_words(change: dict[str, float | None], code: str, says: str) -> None:
    with pytest.raises(NotApplicable) as refused:
        prevent.risk({**PERSON, **change})
    assert (refused.value.code, refused.value.text.en) == (code, says)
    assert refused.value.text.zh


def test_thirty_years_on_is_for_people_under_sixty() -> None:
    with pytest.raises(NotApplicable, match="outside the 30 to 59 a"):
        prevent.risk({**PERSON, "age": 60}, years=30)


def test_cholesterol_in_another_unit_is_named() -> None:
    with pytest.raises(ImplausibleValue) as refused:
        prevent.risk({**PERSON, "tc_mmol": 200})
    assert str(refused.value) == "tc_mmol: found 200, expected 1 to 20 mmol/L; it looks like mg/dL"


def test_a_yes_no_that_is_neither_is_named() -> None:
    with pytest.raises(ImplausibleValue) as refused:
        prevent.risk({**PERSON, "sex": 2})
    assert str(refused.value) == "sex: found 2, expected 0 to 1; code it 0 (no) or 1 (yes)"


@pytest.mark.parametrize(
    ("black", "sex", "percent"), [(True, 1, 3.0), (False, 1, 2.1), (True, 0, 6.1), (False, 0, 5.4)]
)
def test_pooled_cohort_equations_give_the_worked_examples_of_their_paper(black: bool, sex: int, percent: float) -> None:
    """Goff 2014, Table A: 55 years, cholesterol 213, HDL 50, untreated 120 mm[Hg], no smoking, no diabetes."""
    person: dict[str, float | None] = {
        "age": 55, "sex": sex, "tc_mmol": 213 * CHOLESTEROL_MG_DL, "hdl_mmol": 50 * CHOLESTEROL_MG_DL, "sbp": 120,
        "bp_medication": 0, "smoking": 0, "diabetes": 0,
    }  # fmt: skip
    assert round(100 * pce.risk(person, black), 1) == percent


@pytest.mark.parametrize(
    ("sex", "creatinine_mg_dl", "age", "by_hand"),
    [
        (1, 0.7, 50, 142 * 0.9938**50 * 1.012),  # at the bend both powers are 1
        (0, 0.9, 50, 142 * 0.9938**50),
        (1, 1.4, 50, 142 * 2**-1.2 * 0.9938**50 * 1.012),  # twice kappa
        (0, 0.45, 50, 142 * 0.5**-0.302 * 0.9938**50),  # half of kappa
    ],
)
def test_filtration_by_hand(sex: int, creatinine_mg_dl: float, age: int, by_hand: float) -> None:
    person: dict[str, float | None] = {"age": age, "sex": sex, "creatinine_umol": creatinine_mg_dl * 88.4}
    assert ckd_epi.egfr(person) == pytest.approx(by_hand, rel=1e-12)
    assert ckd_epi.ckd_epi_2021(creatinine_mg_dl * 88.4, age, "female" if sex else "male") == pytest.approx(by_hand)


def test_filtration_of_an_unknown_sex_is_no_number() -> None:
    columns = {"age": np.array([50.0]), "sex": np.array([np.nan]), "creatinine_umol": np.array([80.0])}
    assert np.isnan(ckd_epi.egfr_table(columns)[0])


def test_hypertension_within_four_years_by_hand() -> None:
    person: dict[str, float | None] = {
        "age": 50, "sex": 0, "bmi": 25, "sbp": 120, "dbp": 80, "smoking": 0, "parents_with_hypertension": 0,
    }  # fmt: skip
    score = 22.949536 - 0.156412 * 50 - 0.033881 * 25 - 0.05933 * 120 - 0.128468 * 80 + 0.001624 * 50 * 80
    assert hypertension.risk(person, 4) == pytest.approx(1 - np.exp(-np.exp((np.log(4) - score) / 0.876925)))
    both = {**person, "parents_with_hypertension": 2, "smoking": 1}
    assert hypertension.risk(both, 4) > hypertension.risk(person, 4) > hypertension.risk(person, 1)


def test_hypertension_that_is_there_is_not_predicted() -> None:
    person = dict.fromkeys(hypertension.COEFFICIENTS, 0.0) | {"age": 50, "bmi": 25, "sbp": 140, "dbp": 80}
    with pytest.raises(NotApplicable, match="known-disease: hypertension is known or the pressure is 140/90 or more"):
        hypertension.risk(person)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, 11 + 3 + 7 + 6 + 0 + 2),  # a man of 40, BMI 24, waist 85, pressure 130, no family history
        ({"age": 39}, 8 + 3 + 7 + 6 + 0 + 2),  # 39 is not yet 40
        ({"sex": 1}, 11 + 3 + 8 + 6 + 0 + 0),  # a woman's waist of 85 is 8 points
        ({"family_diabetes": 1}, 11 + 3 + 7 + 6 + 6 + 2),
        ({"age": 65, "bmi": 30, "waist_cm": 95, "sbp": 160, "family_diabetes": 1}, 51),  # the highest there is
    ],
)
def test_chinese_diabetes_risk_score(change: dict[str, float], expected: int) -> None:
    person = {"age": 40, "sex": 0, "bmi": 24, "waist_cm": 85, "sbp": 130, "family_diabetes": 0}
    assert points.score("ncdrs").total({**person, **change}) == expected


def test_chinese_diabetes_risk_score_is_for_20_to_74() -> None:
    person = {"age": 75, "sex": 0, "bmi": 24, "waist_cm": 85, "sbp": 130, "family_diabetes": 0}
    with pytest.raises(NotApplicable, match="age 75 is outside the 20 to 74 a"):
        points.score("ncdrs").total(person)


@pytest.mark.data
def test_chinese_diabetes_risk_score_is_the_published_table(public_data: Path) -> None:
    published = json.loads((public_data / "chronic_scores" / "ncdrs.json").read_text(encoding="utf-8"))
    ours = points.score("ncdrs")
    assert ours.points["age"] == published["age"]
    assert ours.points["bmi"] == published["bmi"]
    assert ours.points["sbp"] == published["sbp"]
    assert ours.points["waist_cm"] == {"male": published["waist_cm_male"], "female": published["waist_cm_female"]}
    assert (ours.high, ours.ages) == (published["cutoff_high"], tuple(published["age_range"]))


def test_part_of_the_american_test() -> None:
    """Bang 2009: 60 years 3, man 1, BMI of 30 2, hypertension 1, family 1."""
    person = {"age": 60, "sex": 0, "bmi": 30, "hypertension": 1, "family_diabetes": 1}
    assert points.score("ada_part").total(person) == 3 + 1 + 2 + 1 + 1


def test_parts_may_be_left_out_and_what_is_missing_gives_no_number() -> None:
    columns = {name: np.array([value, value], float) for name, value in
               {"age": 40, "sex": 0, "bmi": 24, "waist_cm": 85, "sbp": 130, "family_diabetes": 0}.items()}  # fmt: skip
    columns["family_diabetes"][1] = np.nan
    total = points.score("ncdrs").total_table(columns)
    assert total[0] == 29
    assert np.isnan(total[1])
    assert points.score("ncdrs").total_table(columns, without=("family_diabetes",)).tolist() == [29, 29]


@pytest.mark.parametrize(
    ("sex", "expected"),
    [("male", (140 - 80) * 50 / (72 * 1.0)), ("female", (140 - 80) * 50 / (72 * 1.0) * 0.85)],
)
def test_cockcroft_gault_at_80_years_50_kg_and_1_mg_dl(sex: str, expected: float) -> None:
    assert cockcroft_gault.creatinine_clearance(88.4, 80, 50, sex) == pytest.approx(expected)  # type: ignore[arg-type]
