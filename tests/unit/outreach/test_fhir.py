"""What is told in FHIR R4, checked against the full models."""

import warnings
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from outreach import House, advice, assessment, said

from cdss.rules.alert import Text
from cdss.serving.population.outreach.core.texts import read
from cdss.serving.population.outreach.fhir import search
from cdss.serving.population.outreach.fhir.bundle import collection, searchset
from cdss.serving.population.outreach.fhir.risk import known_outcomes, risks
from cdss.serving.population.outreach.fhir.search import Asked, Page, Search, Told
from cdss.serving.population.scoring.assessment import ModelSaid, Why

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # fhir.resources uses what pydantic will remove
    from fhir.resources.R4B.bundle import Bundle
    from fhir.resources.R4B.communicationrequest import CommunicationRequest
    from fhir.resources.R4B.flag import Flag
    from fhir.resources.R4B.riskassessment import RiskAssessment
    from fhir.resources.R4B.task import Task

TOLD = Told(read(), "en", date(2026, 11, 25))
BP = ("pathway/bp-control", "precaution", 14)
EMERGENCY = ("pathway/bp-emergency", "avoid", 0)
SEEN = ("pathway/kidney-confirm", "consider", 90)


def valid(body: dict[str, Any], kind: Any) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return kind.model_validate(body)


def found(home: House, what: Search, **asked: Any) -> Page:
    with home.engine.connect() as connection:
        return what(connection, Asked(**asked), TOLD)


@pytest.fixture
def full(make_house: Callable[..., House]) -> House:
    """Three residents, an emergency among them, one resolved, one text sent."""
    home = make_house()
    home.says("a", BP, EMERGENCY, models=(said(), said("ncdrs", None, points=31.0)))  # type: ignore[arg-type]
    home.says("b", SEEN, models=(said(),))  # type: ignore[arg-type]
    home.says("c", BP)  # type: ignore[arg-type]
    home.round()
    home.says("c")
    return home


KINDS = [(search.tasks, Task), (search.flags, Flag), (search.communications, CommunicationRequest),
         (search.risk_assessments, RiskAssessment)]  # fmt: skip


@pytest.mark.parametrize(("what", "kind"), KINDS)
def test_everything_told_is_valid(full: House, what: Search, kind: Any) -> None:
    page = found(full, what)
    assert page.found
    for one in page.found:
        valid(one, kind)
    valid(searchset("http://h/fhir/", kind.__name__, page.found, page.total, {}, "x"), Bundle)
    valid(collection(page.found, full.now), Bundle)


@pytest.mark.parametrize(("what", "kind"), KINDS)
@pytest.mark.parametrize("count", [1, 2, 3])
def test_pages_hold_everything_once(full: House, what: Search, kind: Any, count: int) -> None:
    whole = [one["id"] for one in found(full, what).found]
    paged, after = [], ""
    while True:
        page = found(full, what, count=count, after=after)
        assert len(page.found) <= count
        paged += [one["id"] for one in page.found]
        if not page.after:
            break
        after = page.after
    assert sorted(paged) == sorted(whole)


@pytest.mark.parametrize(("what", "one"), [(search.tasks, search.task), (search.flags, search.flag),
                         (search.communications, search.communication),
                         (search.risk_assessments, search.risk_assessment)])  # fmt: skip
def test_each_is_found_by_its_id(full: House, what: Search, one: Any) -> None:
    for resource in found(full, what).found:
        with full.engine.connect() as connection:
            assert one(connection, resource["id"], TOLD) == resource
            assert one(connection, resource["id"] + "0", TOLD) is None


def test_a_search_is_of_one_resident(full: House) -> None:
    assert len(found(full, search.tasks, resident_id="a").found) == 2
    assert len(found(full, search.risk_assessments, resident_id="b").found) == 1
    assert found(full, search.communications, resident_id="nobody").found == []


STATUS = [
    (search.tasks,          "requested",        3),
    (search.tasks,          "completed",        1),
    (search.flags,          "active",           2),  # kidney-confirm is below precaution
    (search.flags,          "inactive",         1),
    (search.flags,          "entered-in-error", 0),
    (search.communications, "completed",        3),
    (search.communications, "active",           1),  # for a day two weeks before the 90 are over
    (search.tasks,          "no-such-status",   0),
]  # fmt: skip


@pytest.mark.parametrize(("what", "status", "count"), STATUS)
def test_a_search_by_status(full: House, what: Search, status: str, count: int) -> None:
    assert len(found(full, what, status=(status,)).found) == count


def test_a_task_says_what_to_do_by_when_and_what_it_is_not(full: House) -> None:
    tasks = {one["code"]["coding"][0]["code"]: one for one in found(full, search.tasks, resident_id="a").found}
    one = tasks["pathway/bp-control"]
    assert (one["status"], one["intent"], one["priority"]) == ("requested", "proposal", "routine")
    assert (one["for"]["identifier"]["value"], one["owner"]["display"]) == ("a", "Dr W")
    assert one["restriction"]["period"]["end"] == "2026-12-09"
    assert "not a cleared medical device" in one["note"][0]["text"]
    assert "needs clinical review" in one["note"][0]["text"]
    assert tasks["pathway/bp-emergency"]["priority"] == "stat"


def test_a_text_to_a_resident_carries_no_value(full: House) -> None:
    for one in found(full, search.communications).found:
        (payload,) = one["payload"]
        assert "190" not in payload["contentString"]
        assert "ypertension" not in payload["contentString"]


def test_a_probability_is_told_in_percent_with_its_horizon() -> None:
    (one,) = risks(assessment("r", models=(said(),)), "en")
    (prediction,) = one["prediction"]
    assert prediction["probabilityDecimal"] == 12.3
    assert prediction["whenPeriod"] == {"start": "2026-11-25", "end": "2029-11-25"}
    assert one["status"] == "preliminary"
    assert one["method"]["coding"][0]["version"] == "1.0.0"


def test_points_are_told_as_such_and_not_as_a_probability() -> None:
    (one,) = risks(assessment("r", models=(said("ncdrs", None, points=31.0),)), "en")
    (prediction,) = one["prediction"]
    assert "probabilityDecimal" not in prediction
    assert (prediction["qualitativeRisk"]["text"], prediction["rationale"]) == ("high", "31 points")


def test_a_model_without_an_answer_tells_nothing() -> None:
    """Nothing that a receiver could read as low risk."""
    silent = ModelSaid(model="ncdrs", version="1", tier="unknown", why_not=Text("年龄", "age"))
    assert risks(assessment("r", models=(silent,)), "en") == []


def test_reasons_what_is_missing_and_the_next_step_are_told() -> None:
    answer = said(reasons=(Why("bmi", 31.0, 0.4), Why("sbp", 150.0, 0.2)), missing=("waist_cm",))
    (one,) = risks(assessment("r", advice("pathway/bp-control"), models=(answer,)), "en")
    assert [basis["display"] for basis in one["basis"]] == ["BMI 31 kg/m2", "systolic pressure 150 mmHg"]
    assert "waist" in one["note"][2]["text"]
    assert "Arrange a visit" in one["mitigation"]
    valid(one, RiskAssessment)


def test_a_zero_probability_is_still_told() -> None:
    (one,) = risks(assessment("r", models=(said(probability=0.0),)), "zh")
    assert one["prediction"][0]["probabilityDecimal"] == 0.0


def test_what_models_predict_still_needs_clinical_review() -> None:
    assert known_outcomes().state == "needs clinical review"
