"""Traps of the survey: codes that look like numbers, questions that changed, units, devices."""

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from cdss.datasets import nhanes
from cdss.datasets.nhanes_map import CYCLES, places
from cdss.datasets.source import DataNotFound

Answers = dict[str, list[float | None]]
Survey = Callable[[str, Answers], Path]


def column(data: Path, cycle: str, name: str) -> list[float | None]:
    return nhanes.read(data, cycle)[name].to_list()


def test_every_documented_column_is_there_and_no_other(survey: Survey) -> None:
    frame = nhanes.read(survey("2011-2012", {"age": [50]}), "2011-2012")
    assert set(frame.columns) == set(nhanes.COLUMNS)


def test_a_diastolic_pressure_that_was_not_heard_is_missing_not_zero(survey: Survey) -> None:
    data = survey("2017-Mar2020", {"age": [50, 50], "dbp_1": [0, 0], "dbp_2": [70, 0], "dbp_3": [80, None]})
    assert column(data, "2017-Mar2020", "dbp") == [75, None]


def test_all_readings_count_and_a_missing_one_does_not(survey: Survey) -> None:
    data = survey("2017-Mar2020", {"age": [50], "sbp_1": [120], "sbp_2": [None], "sbp_3": [130]})
    assert column(data, "2017-Mar2020", "sbp") == [125]


def test_mercury_is_put_on_the_scale_of_the_oscillometer(survey: Survey) -> None:
    data = survey("2015-2016", {"age": [50], "sbp_1": [121.431], "dbp_1": [69.817]})
    assert column(data, "2015-2016", "sbp") == pytest.approx([120.233])
    assert column(data, "2015-2016", "dbp") == pytest.approx([71.796])


@pytest.mark.parametrize("code", [7, 9])
@pytest.mark.parametrize(
    ("concept", "name"),
    [("told_hypertension", "hypertension"), ("told_diabetes", "diabetes"), ("family", "family_diabetes")],
)
def test_refused_and_do_not_know_are_missing(survey: Survey, concept: str, name: str, code: int) -> None:
    data = survey("2011-2012", {"age": [50, 50, 50], concept: [1, 2, code]})
    assert column(data, "2011-2012", name) == [1, 0, None]


def test_borderline_diabetes_is_no_diabetes(survey: Survey) -> None:
    assert column(survey("2011-2012", {"age": [50], "told_diabetes": [3]}), "2011-2012", "diabetes") == [0]


@pytest.mark.parametrize(
    ("case", "any_blood", "mother", "father", "brother", "sister", "expected"),
    [
        ("nobody", 2, None, None, None, None, 0),
        ("the mother", 1, 1, None, None, None, 1),
        ("a brother, whose code 7 is not a refusal", 1, None, None, 7, None, 1),
        ("grandparents only", 1, None, None, None, None, 0),
        ("somebody, but it is not known who", 1, 99, None, None, None, None),
        ("refused", 7, None, None, None, None, None),
    ],
)
def test_family_history_of_the_old_questionnaire(
    survey: Survey,
    case: str,
    any_blood: float,
    mother: float | None,
    father: float | None,
    brother: float | None,
    sister: float | None,
    expected: float | None,
) -> None:
    answers: Answers = {
        "age": [50], "family_any_blood": [any_blood], "family_mother": [mother], "family_father": [father],
        "family_brother": [brother], "family_sister": [sister],
    }  # fmt: skip
    assert column(survey("2001-2002", answers), "2001-2002", "family_diabetes") == [expected], case


def test_who_was_never_told_of_hypertension_takes_no_tablets_for_it(survey: Survey) -> None:
    answers: Answers = {
        "age": [50, 50, 50, 50],
        "told_hypertension": [2, 1, 1, 1],
        "bp_prescribed": [None, 2, 1, 1],
        "bp_taking": [None, None, 1, 9],
    }
    assert column(survey("2011-2012", answers), "2011-2012", "bp_medication") == [0, 0, 1, None]


def test_the_last_cycle_asks_about_tablets_in_another_variable(survey: Survey) -> None:
    data = survey("2021-2023", {"age": [50, 50], "told_hypertension": [1, 2], "bp_taking": [1, None]})
    assert places("2021-2023")["bp_taking"] == ("BPQ_L", "BPQ150")
    assert column(data, "2021-2023", "bp_medication") == [1, 0]


def test_who_never_smoked_a_hundred_cigarettes_does_not_smoke_now(survey: Survey) -> None:
    data = survey("2011-2012", {"age": [50, 50, 50, 50], "smoked_100": [2, 1, 1, 7], "smokes_now": [None, 3, 2, None]})
    assert column(data, "2011-2012", "smoking") == [0, 0, 1, None]


def test_asians_are_not_told_apart_before_2011(survey: Survey) -> None:
    assert column(survey("2005-2006", {"age": [50, 50], "race": [5, 3]}), "2005-2006", "asian") == [None, 0]
    later: Answers = {"age": [50, 50, 50], "race": [5, 5, 3], "race_asian": [6, 7, 3]}
    assert column(survey("2011-2012", later), "2011-2012", "asian") == [1, 0, 0]


@pytest.mark.parametrize(
    ("concept", "given", "name", "expected"),
    [
        ("fpg", 126, "fpg_mmol", 6.994),  # below 7.0: the diagnosis is read from mg/dL
        ("fpg", 126, "fpg_mg_dl", 126),
        ("tc", 200, "tc_mmol", 5.172),
        ("hdl", 50, "hdl_mmol", 1.293),
        ("tg", 150, "tg_mmol", 1.6935),
        ("creatinine", 1.0, "creatinine_umol", 88.4),
        ("uric_acid", 6.0, "uric_acid_umol", 356.88),
        ("bun", 14, "bun_mmol", 4.998),
    ],
)
def test_units(survey: Survey, concept: str, given: float, name: str, expected: float) -> None:
    data = survey("2011-2012", {"age": [50], concept: [given]})
    assert column(data, "2011-2012", name) == pytest.approx([expected], abs=5e-4)


def test_albumin_to_creatinine_ratio_is_in_mg_per_g(survey: Survey) -> None:
    data = survey("2011-2012", {"age": [50], "urine_albumin": [30], "urine_creatinine": [100]})  # ug/mL, mg/dL
    assert column(data, "2011-2012", "uacr_mg_g") == [30]


def test_what_a_cycle_did_not_measure_is_missing_and_said(survey: Survey) -> None:
    data = survey("2021-2023", {"age": [50], "bmi": [25]})
    assert column(data, "2021-2023", "tg_mmol") == [None]
    assert "GHB_L" in nhanes.absent(data, "2021-2023")
    assert not any(table.startswith("BIOPRO") for table in nhanes.absent(data, "2021-2023"))


def test_a_folder_without_the_cycle_says_which_it_has_and_what_to_fetch(survey: Survey) -> None:
    data = survey("2015-2016", {"age": [50]})
    with pytest.raises(DataNotFound) as refused:
        nhanes.read(data, "2011-2012")
    assert str(refused.value) == (
        f"found no DEMO_G.csv.xz in {data / 'nhanes'}, so nobody of 2011-2012; it has 2015-2016. "
        "Fetch it with `cdss data fetch nhanes`"
    )


CALLED = {  # our concept: the name in the map that comes with the data
    "gender": "sex", "race": "race_ethnicity", "race_asian": "race_ethnicity_asian", "pregnancy": "pregnant",
    "examination": "exam_status", "fpg": "fasting_glucose", "tc": "tchol", "tg": "trig_nonfasting",
    "glucose_random": "glucose_serum_random", "uric_acid": "urate", "told_hypertension": "told_htn",
    "bp_prescribed": "bp_med_prescribed", "bp_taking": "bp_med_now", "insulin": "insulin_now",
    "pills": "dm_pills_now", "smoked_100": "smoke_100", "smokes_now": "smoke_now", "family": "fh_diabetes_close",
    "family_any_blood": "fh_diabetes_any_blood",
    **{f"family_{who}": f"fh_dm_{who}" for who in ("mother", "father", "brother", "sister")},
}  # fmt: skip


@pytest.mark.data
@pytest.mark.parametrize("cycle", CYCLES)
def test_our_places_are_those_of_the_map_that_comes_with_the_data(public_data: Path, cycle: str) -> None:
    with (public_data / "nhanes" / "VARIABLES.csv").open(encoding="utf-8") as file:
        theirs = {row["concept"]: row[cycle] for row in csv.DictReader(file)}
    ours = {concept: ".".join(place) for concept, place in places(cycle).items()}
    assert ours == {concept: name for concept in ours if (name := theirs[CALLED.get(concept, concept)])}
    asked = {concept for cycle_ in CYCLES for concept in places(cycle_)}
    assert {concept for concept in asked if theirs[CALLED.get(concept, concept)]} == set(ours)


@pytest.mark.data
def test_the_device_bridge_is_that_of_the_people_measured_with_both(public_data: Path) -> None:
    folder = public_data / "nhanes" / "bp_device_bridge"
    mercury = nhanes._table(folder, "BPX_J", {f"m{i}": f"BPXSY{i}" for i in (1, 2, 3, 4)} | {"pulse": "BPXPLS"})
    device = nhanes._table(folder, "BPXO_J", {f"o{i}": f"BPXOSY{i}" for i in (1, 2, 3)})
    both = mercury.join(device, on="SEQN")
    found = both.select(m=nhanes.pl.mean_horizontal(r"^m\d$"), o=nhanes.pl.mean_horizontal(r"^o\d$")).drop_nulls()
    mean_m, _, mean_o, _ = nhanes.OSCILLOMETER["sbp"]
    assert found["o"].mean() - found["m"].mean() == pytest.approx(mean_o - mean_m, abs=0.1)
