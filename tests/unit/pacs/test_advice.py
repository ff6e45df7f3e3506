"""What the rules advise of a pre-read: one advice for the largest nodule, one for each kind of film."""

from datetime import date
from typing import Any

import pytest

from cdss.models import fracture
from cdss.rules.pack import Pack, load
from cdss.serving.pacs.advice import advice

DAY = date(2026, 11, 1)
CONFIRMING = fracture.load().card.threshold("confirming")
SCREENING = fracture.load().card.threshold("screening")


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load()


def nodules(*diameters: float) -> dict[str, Any]:
    return {"findings": [{"kind": "lung_nodule", "diameter_mm": one} for one in diameters], "images": []}


def films(*probabilities: float) -> dict[str, Any]:
    return {"findings": [], "images": [{"probability": one} for one in probabilities]}


@pytest.mark.parametrize(
    ("diameters", "severity"),
    [
        ((4.0,), "consider"),
        ((4.0, 7.0, 5.0), "precaution"),
        ((4.0, 7.0, 9.0), "avoid"),
    ],
)
def test_the_largest_nodule_guides_what_is_done(pack: Pack, diameters: tuple[float, ...], severity: str) -> None:
    (one,) = advice(nodules(*diameters), pack, DAY)
    assert (one.rule, one.severity) == ("pathway/lung-nodule", severity)
    assert f"{max(diameters):g} mm" in one.summary.en


@pytest.mark.parametrize(
    ("diameter", "severity", "said"),
    [
        (5.4, "consider", "5 mm"),
        (5.5, "precaution", "6 mm"),  # counts as 6
        (8.4, "precaution", "8 mm"),  # counts as 8, which is not above 8
        (8.5, "avoid", "9 mm"),
    ],
)
def test_a_diameter_counts_in_whole_millimetres(pack: Pack, diameter: float, severity: str, said: str) -> None:
    (one,) = advice(nodules(diameter), pack, DAY)
    assert one.severity == severity
    assert said in one.summary.en


@pytest.mark.parametrize(
    ("attenuation", "said"),
    [
        ("ground-glass", "then every 2 years until 5 years"),
        ("part-solid", "CT at 3 to 6 months"),
        ("solid", "if a single solid nodule, CT at 6 to 12 months"),
        (None, "if a single solid nodule, CT at 6 to 12 months"),
    ],
)
def test_the_attenuation_says_which_follow_up_may_apply(pack: Pack, attenuation: str | None, said: str) -> None:
    study = nodules(7.0)
    study["findings"][0]["attenuation"] = attenuation
    (one,) = advice(study, pack, DAY)
    assert said in one.action.en


def test_nothing_found_advises_nothing(pack: Pack) -> None:
    assert advice(nodules(), pack, DAY) == []


@pytest.mark.parametrize(
    ("probabilities", "severities"),
    [
        ((CONFIRMING,), ["avoid"]),
        ((SCREENING,), ["precaution"]),
        ((SCREENING * 0.99,), []),
        ((CONFIRMING, CONFIRMING, SCREENING), ["avoid", "precaution"]),
    ],
)
def test_films_are_ordered_by_the_models_operating_points(
    pack: Pack, probabilities: tuple[float, ...], severities: list[str]
) -> None:
    assert [one.severity for one in advice(films(*probabilities), pack, DAY)] == severities
