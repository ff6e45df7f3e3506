"""Who is in the cohort, what counts as an event, and what an evaluation says when a cycle lacks something."""

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from cdss.datasets import rich_cn
from cdss.datasets.source import DataNotFound
from cdss.evaluation import bp_control, ckd_alert
from cdss.evaluation import survey as judging
from cdss.evaluation.diabetes_incident_cn import cohort as cohort_cn
from cdss.evaluation.diabetes_screen import cohort, report

Answers = dict[str, list[float | None]]
Survey = Callable[[str, Answers], Path]

ORDINARY: dict[str, float | None] = {
    "age": 50, "gender": 1, "race": 3, "race_asian": 3, "pregnancy": None, "examination": 2, "told_diabetes": 2,
    "insulin": None, "pills": None, "bmi": 25, "waist": 90, "height": 170, "sbp_1": 120, "dbp_1": 75, "pulse": 70,
    "told_hypertension": 2, "hba1c": 5.5, "fpg": None,
}  # fmt: skip


def people(*changes: Mapping[str, float | None]) -> Answers:
    """Ordinary people of the 2021-2023 cycle, each with a change."""
    return {concept: [{**ORDINARY, **change}[concept] for change in changes] for concept in ORDINARY}


@pytest.mark.parametrize(
    ("change", "inside"),
    [
        ({}, True),
        ({"age": 20}, True),
        ({"age": 19}, False),
        ({"age": 79}, True),
        ({"age": 80}, False),
        ({"examination": 1}, False),
        ({"pregnancy": 1}, False),
        ({"pregnancy": 3}, True),  # could not be told
        ({"told_diabetes": 1}, False),
        ({"told_diabetes": 3}, True),  # borderline
        ({"told_diabetes": 9}, False),  # does not know
        ({"told_diabetes": 3, "pills": 1}, False),
        ({"insulin": 1}, False),
        ({"hba1c": None}, False),
        ({"hba1c": None, "fpg": 130}, False),
        ({"bmi": None}, False),
        ({"waist": None}, False),
        ({"sbp_1": None}, False),
        ({"pulse": None}, True),
    ],
)
def test_who_is_in_the_cohort(survey: Survey, change: dict[str, float | None], inside: bool) -> None:
    assert len(cohort(survey("2021-2023", people(change)), ("2021-2023",)).event) == inside


@pytest.mark.parametrize(
    ("change", "event"),
    [
        ({"hba1c": 6.4}, 0),
        ({"hba1c": 6.5}, 1),
        ({"fpg": 125}, 0),
        ({"fpg": 126}, 1),  # 6.994 mmol/L, and yet it counts
        ({"fpg": None}, 0),
    ],
)
def test_what_counts_as_diabetes(survey: Survey, change: dict[str, float | None], event: int) -> None:
    assert cohort(survey("2021-2023", people(change)), ("2021-2023",)).event.tolist() == [event]


TREATED = {"told_hypertension": 1, "bp_prescribed": 1, "bp_taking": 1}
EARLIER = {name: value for name, value in ORDINARY.items() if name != "race_asian"} | {
    "bp_prescribed": None, "bp_taking": None, "creatinine": 0.8, "urine_albumin": 5, "urine_creatinine": 100,
}  # fmt: skip


def earlier(*changes: Mapping[str, float | None]) -> Answers:
    """Ordinary people of the 2017-Mar2020 cycle, which measured kidneys, each with a change."""
    return {concept: [{**EARLIER, **change}[concept] for change in changes] for concept in EARLIER}


@pytest.mark.parametrize(
    ("change", "inside"),
    [
        ({}, True),
        ({"age": 19}, False),
        ({"age": 80}, True),
        ({"told_hypertension": 2}, False),
        ({"bp_prescribed": 2}, False),
        ({"bp_taking": 2}, False),
        ({"bp_taking": 9}, False),  # does not know
        ({"bmi": None}, False),
        ({"pregnancy": 1}, False),
        ({"sbp_1": None, "dbp_1": None}, False),
    ],
)
def test_who_is_treated_for_hypertension(survey: Survey, change: dict[str, float | None], inside: bool) -> None:
    data = survey("2017-Mar2020", earlier({**TREATED, **change}))
    assert len(bp_control.cohort(data, ("2017-Mar2020",)).event) == inside


@pytest.mark.parametrize(
    ("sbp", "dbp", "event"),
    [
        (139, 89, [0]),
        (140, 89, [1]),
        (139, 90, [1]),
        (140, None, [1]),  # whatever the diastolic is
        (139, None, []),  # it may have been 90
        (139, 0, []),  # not heard is not low
    ],
)
def test_what_counts_as_above_goal(survey: Survey, sbp: float, dbp: float | None, event: list[int]) -> None:
    data = survey("2017-Mar2020", earlier({**TREATED, "sbp_1": sbp, "dbp_1": dbp}))
    found = bp_control.cohort(data, ("2017-Mar2020",))
    assert found.event.tolist() == event
    assert found.undetermined == 1 - len(event)


@pytest.mark.parametrize(
    ("change", "event"),
    [
        ({}, [0]),
        ({"creatinine": 2.0}, [1]),
        ({"urine_albumin": 29.9}, [0]),
        ({"urine_albumin": 30}, [1]),
        ({"urine_albumin": None}, []),  # a normal filtration alone is no answer
        ({"creatinine": None}, []),
        ({"urine_albumin": None, "creatinine": 2.0}, [1]),
        ({"creatinine": None, "urine_albumin": 30}, [1]),
        ({"age": 19}, []),
    ],
)
def test_what_counts_as_a_sign_of_kidney_disease(
    survey: Survey, change: dict[str, float | None], event: list[int]
) -> None:
    assert ckd_alert.cohort(survey("2017-Mar2020", earlier(change)), ("2017-Mar2020",)).event.tolist() == event


def test_a_cycle_that_cannot_tell_who_has_kidney_disease_is_refused_in_words(survey: Survey) -> None:
    data = survey("2021-2023", people({}, {"age": 70}))
    with pytest.raises(DataNotFound) as refused:
        ckd_alert.evaluate(data, "2021-2023")
    assert str(refused.value).startswith(
        "2021-2023: found nobody of whom it is known whether they have a low filtration or albumin in the urine; "
        "that is decided by creatinine_umol, uacr_mg_g. Choose a cycle that measured them"
    )


def test_so_is_one_that_measured_half_of_it_and_tells_the_sick_only(survey: Survey) -> None:
    """Without creatinine a high albumin is a sign, and a normal one leaves the filtration open."""
    sick, open_ = {"creatinine": None, "urine_albumin": 500}, {"creatinine": None}
    data = survey("2017-Mar2020", earlier(sick, open_, open_))
    with pytest.raises(DataNotFound) as refused:
        ckd_alert.evaluate(data, "2017-Mar2020")
    assert "found 1 people with a low filtration or albumin in the urine and nobody known to be without it" in str(
        refused.value
    )


def test_without_lists_of_drugs_control_is_judged_on_the_tier_that_remains(
    survey: Survey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judging, "REPEATS", 5)
    monkeypatch.setattr(judging, "DRAWN", 5)
    treated = {"told_hypertension": 1, "bp_taking": 1}
    answers = [{**treated, "age": 30 + i, "sbp_1": 150 if i % 3 == 0 else 125} for i in range(45)]
    data = survey("2021-2023", {**people(*answers), "bp_taking": [1.0] * len(answers)})
    found = bp_control.evaluate(data, "2021-2023")
    assert (found.n, found.events) == (45, 15)
    assert "tiers not evaluated, this cycle lacks what they need: a, b, b0" in found.notes
    assert "metrics without a suffix, and subgroups, are of tier a0" in found.notes
    assert "auc" in found.metrics


@pytest.fixture
def last_cycle(survey: Survey) -> Path:
    """Sixty people, young ones without and half of the old ones with diabetes."""
    return survey(
        "2021-2023", people(*[{"age": 30 + i / 2, "hba1c": 7.0 if i > 40 and i % 2 else 5.5} for i in range(60)])
    )


def test_a_cycle_without_biochemistry_is_evaluated_on_the_tier_that_remains_and_says_so(
    last_cycle: Path, small_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judging, "REPEATS", 20)
    found = report(last_cycle, "2021-2023", small_model)
    assert (found.n, found.events) == (60, 10)
    assert {"auc", "calibration_slope", "o_e", "sensitivity_at_20_flagged"} <= set(found.metrics)
    assert not any("tier" in key for key in found.metrics)
    assert "tiers not evaluated, this cycle lacks what they need: a_fh, b, c" in found.notes
    assert any(note.startswith("tables absent from the folder: ") and "MCQ_L" in note for note in found.notes)
    assert "ncdrs_without_family_history" in found.baselines


def test_the_small_model_ranks_by_age_alone_as_can_be_worked_out(
    last_cycle: Path, small_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From 50 years on there are 20 people and all 10 events: every event above 40 non-events, level with 10."""
    monkeypatch.setattr(judging, "REPEATS", 20)
    found = report(last_cycle, "2021-2023", small_model)
    assert found.metrics["auc"].value == pytest.approx((40 + 10 / 2) / 50)
    expected = 40 / (1 + np.exp(4)) + 20 / (1 + np.exp(2))
    assert found.metrics["o_e"].value == pytest.approx(10 / expected, rel=1e-6)


def test_a_training_cycle_is_called_in_sample(
    survey: Survey, small_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judging, "REPEATS", 5)
    data = survey("2011-2012", people(*[{"age": 30 + i, "hba1c": 7.0 if i > 30 else 5.5} for i in range(40)]))
    assert any("in-sample" in note for note in report(data, "2011-2012", small_model).notes)


def residents(folder: Path, **columns: list[float]) -> Path:
    """A table of the layout of rich_cn."""
    names = {column for column, _ in (rich_cn.COLUMNS | rich_cn.OUTCOME).values()}
    count = len(next(iter(columns.values())))
    (folder / "rich_cn").mkdir()
    frame = pl.DataFrame({name: columns.get(name, [1.0] * count) for name in names})
    frame.write_parquet(folder / "rich_cn" / "residents.parquet")
    return folder


def test_values_that_no_assay_reports_are_missing(tmp_path: Path) -> None:
    data = residents(tmp_path, tg_mmol=[0.0, 1.2], alt=[0.0, 20.0], site=[3.0, 3.0])
    found = cohort_cn(data)
    assert np.isnan(found.columns["tg_mmol"]).tolist() == [True, False]
    assert np.isnan(found.columns["alt"]).tolist() == [True, False]


def test_what_is_known_only_afterwards_is_no_feature() -> None:
    assert not set(rich_cn.COLUMNS) & {"followup_years", "outcome_fpg_final_mmol", "event"}


def test_a_table_without_a_column_is_named(tmp_path: Path) -> None:
    (tmp_path / "rich_cn").mkdir()
    pl.DataFrame({"age": [1.0]}).write_parquet(tmp_path / "rich_cn" / "residents.parquet")
    with pytest.raises(DataNotFound, match="found no column alt, bmi, bun_mmol"):
        rich_cn.read(tmp_path)
