"""The worklist: what is open and since when, what was handled, what changed, what fits into a doctor's week."""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient

from cdss.serving.platform.application import application
from cdss.serving.platform.config import Settings
from cdss.serving.platform.tables import audit
from cdss.serving.population.worklist import store
from cdss.serving.population.worklist.tables import advice, measurement, resident

MARCH, MAY, JUNE = date(2026, 3, 2), date(2026, 5, 4), date(2026, 6, 1)
ANNA: dict[str, Any] = {
    "id": "A1", "age": 60, "sex": "female", "height_cm": 158, "weight_kg": 72, "waist_cm": 95, "sbp": 156, "dbp": 88,
    "hypertension": True, "bp_medication": True, "diabetes": False, "cvd": False, "smoking": False, "fpg_mmol": 5.2,
    "last_visit": MARCH.isoformat(), "village": "东村", "doctor": "医生甲",
}  # fmt: skip
CONTROL, EMERGENCY, LATE = "pathway/bp-control", "pathway/bp-emergency", "pathway/visit-overdue"


class House:
    """A service whose today can be set."""

    def __init__(self, client: TestClient) -> None:
        self.client = client
        self.state: Any = client.app.state  # type: ignore[attr-defined]
        with self.state.engine.begin() as connection:
            for table in (resident, advice, measurement):
                connection.execute(sa.delete(table))

    def day(self, day: date) -> None:
        self.state.desk = replace(self.state.desk, clock=lambda: day)
        self.state.clinic = replace(self.state.clinic, clock=lambda: day)

    def assessed(self, day: date, *residents: dict[str, Any]) -> None:
        self.day(day)
        answer = self.client.post("/api/v1/risk?worklist=true", json=list(residents))
        assert answer.status_code == 200, answer.text

    def listed(self, query: str = "") -> dict[str, Any]:
        answer = self.client.get(f"/api/v1/residents?lang=en&limit=500&{query}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def ids(self, query: str = "") -> list[str]:
        return [one["id"] for one in self.listed(query)["residents"]]

    def one(self, id: str = "A1") -> dict[str, Any]:
        found: dict[str, Any] = self.client.get(f"/api/v1/residents/{id}?lang=en").json()
        return found

    def item(self, rule: str = CONTROL) -> dict[str, Any]:
        return next(one for one in self.one()["advices"] if one["rule"] == rule)

    def handled(self, rule: str = CONTROL, how: str = "done", **more: str) -> Any:
        return self.client.post(f"/api/v1/residents/A1/advices/{rule}/handled", json={"as": how, **more})


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with TestClient(application(Settings(home=tmp_path_factory.mktemp("home"), lang="en"))) as client:
        yield client


@pytest.fixture
def house(running: TestClient) -> House:
    return House(running)


# What is open


def test_advice_keeps_its_due_date_however_often_the_list_is_computed(house: House) -> None:
    house.assessed(MARCH, ANNA)
    due = house.item()["due"]
    house.assessed(MARCH + timedelta(days=1), ANNA)
    assert (house.item()["since"], house.item()["due"]) == (MARCH.isoformat(), due)


def test_it_becomes_overdue_the_day_after(house: House) -> None:
    house.assessed(MARCH, ANNA)
    due = date.fromisoformat(house.item()["due"])
    house.assessed(due, ANNA)
    assert house.ids("due=overdue") == []
    house.assessed(due + timedelta(days=1), ANNA)
    assert house.ids("due=overdue") == ["A1"]
    assert house.item()["overdue"]


def test_a_new_visit_begins_a_new_due_date(house: House) -> None:
    house.assessed(MARCH, ANNA)
    house.assessed(MAY, ANNA | {"last_visit": MAY.isoformat(), "sbp": 158})
    assert house.item()["since"] == MAY.isoformat()
    assert house.ids("due=overdue") == []


def test_an_emergency_nobody_answered_does_not_vanish_because_it_grew_old(house: House) -> None:
    """Its rule wants a pressure of the last 30 days; without one it cannot be decided, which is not resolved."""
    house.assessed(MARCH, ANNA | {"sbp": 190})
    house.assessed(MAY, ANNA | {"sbp": 190})
    item = house.item(EMERGENCY)
    assert (item["carried"], item["overdue"], item["since"]) == (True, True, MARCH.isoformat())
    assert house.one()["tier"] == "high"
    changed = {one["kind"] for one in house.one()["changed"]["what"]}
    assert "undecided" in changed
    assert "resolved" not in [one["kind"] for one in house.one()["changed"]["what"] if one["about"] == EMERGENCY]


def test_it_ends_when_a_new_value_answers_it(house: House) -> None:
    house.assessed(MARCH, ANNA | {"sbp": 190})
    house.assessed(MAY, ANNA | {"sbp": 128, "dbp": 78, "last_visit": MAY.isoformat()})
    assert EMERGENCY not in [one["rule"] for one in house.one()["advices"]]
    assert [one["kind"] for one in house.one()["changed"]["what"] if one["about"] == EMERGENCY] == ["resolved"]


def test_what_was_never_known_keeps_nothing_open(house: House) -> None:
    """The rule would like albuminuria too, which was not known either when it spoke: the pressure answers it."""
    house.assessed(MARCH, ANNA)
    house.assessed(MAY, ANNA | {"sbp": 132, "dbp": 78, "last_visit": MAY.isoformat()})
    lacking = next(one["lacks"] for one in house.one()["unchecked"] if one["rule"] == CONTROL)
    assert lacking == ["urine albumin-creatinine ratio"]
    assert CONTROL not in [one["rule"] for one in house.one()["advices"]]


def test_a_visit_without_a_pressure_does_not_answer_it(house: House) -> None:
    untold = {name: value for name, value in ANNA.items() if name not in ("sbp", "dbp")}
    house.assessed(MARCH, ANNA | {"sbp": 190})
    for day in (MAY, MAY + timedelta(days=1)):
        house.assessed(day, untold | {"last_visit": MAY.isoformat()})
        assert house.item(EMERGENCY)["carried"]


def test_a_row_that_cannot_be_true_leaves_what_was_open_open(house: House) -> None:
    house.assessed(MARCH, ANNA)
    house.assessed(MAY, ANNA | {"sbp": 12})
    shown = house.one()
    assert "sbp" in shown["fault"]
    assert house.item()["carried"]
    assert [one["kind"] for one in shown["changed"]["what"]][:1] != ["resolved"]
    assert [point["value"] for point in shown["trends"][0]["points"]] == [156], "a row in doubt adds no measurement"


def test_the_same_file_twice_changes_nothing(house: House) -> None:
    house.assessed(MARCH, ANNA)
    house.assessed(MAY, ANNA | {"last_visit": MAY.isoformat(), "sbp": 130, "dbp": 80})
    before = house.one()
    house.assessed(MAY, ANNA | {"last_visit": MAY.isoformat(), "sbp": 130, "dbp": 80})
    assert house.one() == before


def test_an_older_file_adds_measurements_and_nothing_else(house: House) -> None:
    house.assessed(MAY, ANNA | {"last_visit": MAY.isoformat()})
    answer = house.client.post(f"/api/v1/risk?worklist=true&day={MARCH}", json=ANNA | {"sbp": 170})
    assert answer.status_code == 200
    shown = house.one()
    assert shown["day"] == MAY.isoformat()
    points = next(trend["points"] for trend in shown["trends"] if trend["measurement"] == "sbp")
    assert [(point["day"], point["value"]) for point in points] == [(MARCH.isoformat(), 170), (MAY.isoformat(), 156)]


@pytest.mark.parametrize("day", ["2026-02-30", "tomorrow", "2999-01-01"])
def test_a_day_that_cannot_be_is_refused(house: House, day: str) -> None:
    answer = house.client.post(f"/api/v1/risk?day={day}", json=ANNA)
    assert (answer.status_code, "today or earlier" in answer.json()["detail"]) == (400, True)


# What was handled


@pytest.mark.parametrize("how", ["done", "seen", "unsuitable"])
def test_what_is_handled_leaves_the_open_list_and_says_how(house: House, how: str) -> None:
    house.assessed(MARCH, ANNA)
    assert house.handled(how=how, note="BP at home 128/76", by="Dr A").status_code == 200
    shown = house.one()
    assert CONTROL not in [one["rule"] for one in shown["advices"]]
    handled = next(one["handled"] for one in shown["handled"] if one["rule"] == CONTROL)
    assert (handled["as"], handled["note"], handled["by"]) == (how, "BP at home 128/76", "Dr A")


def test_handling_changes_the_place_in_the_list_but_no_tier(house: House) -> None:
    house.assessed(MARCH, ANNA, ANNA | {"id": "A2"})
    for item in house.one()["advices"]:
        house.handled(item["rule"])
    assert house.ids() == ["A2", "A1"]
    assert house.one()["tier"] == house.one("A2")["tier"] == "high"


def test_it_stays_handled_while_nothing_new_is_known(house: House) -> None:
    house.assessed(MARCH, ANNA)
    house.handled()
    house.assessed(MARCH + timedelta(days=1), ANNA)
    assert CONTROL in [one["rule"] for one in house.one()["handled"]]


@pytest.mark.parametrize("new", [{"last_visit": MAY.isoformat()}, {"sbp": 162}], ids=["a visit", "a value"])
def test_it_returns_after_a_new(house: House, new: dict[str, Any]) -> None:
    house.assessed(MARCH, ANNA)
    house.handled()
    house.assessed(MAY, ANNA | new)
    assert house.item()["since"] == MAY.isoformat()


def test_it_can_be_opened_again(house: House) -> None:
    house.assessed(MARCH, ANNA)
    house.handled()
    assert house.client.delete(f"/api/v1/residents/A1/advices/{CONTROL}/handled").status_code == 200
    assert house.item()["since"] == MARCH.isoformat()


def test_who_handled_what_is_in_the_audit_trail_without_the_words_or_the_id(house: House) -> None:
    house.assessed(MARCH, ANNA)
    house.handled(note="private words")
    while house.state.behind.waiting():
        time.sleep(0.01)
    with house.state.engine.connect() as connection:
        rows = connection.execute(sa.select(audit).where(audit.c.event == "advice handled")).all()
    assert rows[-1].outcome == "done"
    assert CONTROL in rows[-1].detail
    assert "A1" not in str(rows[-1])
    assert "private" not in str(rows[-1])


WRONG = [
    ({"as": "ignored"}, "/as"),
    ({}, "/as"),
    ([], "/as"),
    ({"as": "done", "note": "x" * 501}, "/note"),
    ({"as": "done", "by": 5}, "/by"),
]


@pytest.mark.parametrize(("body", "pointer"), WRONG, ids=[str(row[0])[:30] for row in WRONG])
def test_what_does_not_say_how_is_refused(house: House, body: Any, pointer: str) -> None:
    house.assessed(MARCH, ANNA)
    answer = house.client.post(f"/api/v1/residents/A1/advices/{CONTROL}/handled", json=body)
    assert (answer.status_code, answer.json()["pointer"]) == (422, pointer)
    assert CONTROL in [one["rule"] for one in house.one()["advices"]]


@pytest.mark.parametrize("path", ["nobody/advices/pathway/bp-control", "A1/advices/pathway/none-such"])
def test_what_is_not_there_cannot_be_handled(house: House, path: str) -> None:
    house.assessed(MARCH, ANNA)
    assert house.client.post(f"/api/v1/residents/{path}/handled", json={"as": "done"}).status_code == 404


def test_another_site_cannot_handle_anything(house: House) -> None:
    house.assessed(MARCH, ANNA)
    path = f"/api/v1/residents/A1/advices/{CONTROL}/handled"
    answer = house.client.post(path, json={"as": "done"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403


# What changed


def test_what_changed_is_told_with_the_day_it_is_compared_with(house: House) -> None:
    house.assessed(MARCH, ANNA)
    assert house.one()["changed"] == {"on": "", "since": "", "what": []}, "nothing to compare with"
    house.assessed(MAY, ANNA | {"sbp": 130, "dbp": 78, "last_visit": MAY.isoformat()})
    changed = house.one()["changed"]
    assert (changed["on"], changed["since"]) == (MAY.isoformat(), MARCH.isoformat())
    kinds = [one["kind"] for one in changed["what"]]
    assert kinds[0] == "tier"
    assert "resolved" in kinds
    pressure = next(one for one in changed["what"] if one["about"] == "sbp")
    assert pressure["text"] == "systolic pressure 130 mmHg, before 156 (now at target)"
    assert pressure["crossed"] == "reached"


def test_changes_stay_through_runs_that_find_none(house: House) -> None:
    """A doctor who looks once a week sees them although the list is computed each night."""
    worse = ANNA | {"sbp": 190, "last_visit": MAY.isoformat()}
    house.assessed(MARCH, ANNA)
    house.assessed(MAY, worse)
    house.assessed(MAY + timedelta(days=2), worse)
    changed = house.one()["changed"]
    assert (changed["on"], changed["since"]) == (MAY.isoformat(), MARCH.isoformat()), "not the run that found nothing"
    assert house.ids("changed=run") == []
    assert house.ids("changed=week") == ["A1"]
    house.assessed(MAY + timedelta(days=9), worse)
    assert house.ids("changed=week") == []
    assert house.ids("changed=month") == ["A1"]


# The list


def people(count: int, **more: Any) -> list[dict[str, Any]]:
    return [ANNA | {"id": f"P{number:02}", **more} for number in range(count)]


def test_it_is_filtered_by_what_is_stored_beside_the_assessment(house: House) -> None:
    house.assessed(
        MARCH,
        ANNA,
        ANNA | {"id": "B2", "village": "西村", "doctor": "医生乙", "hypertension": False, "sbp": 118, "dbp": 70},
        ANNA | {"id": "C3", "diabetes": True, "cvd": True, "sbp": 12},
    )
    assert house.ids("village=西村") == house.ids("doctor=医生乙") == house.ids("disease=none") == ["B2"]
    assert house.ids("disease=hypertension") == ["A1", "C3"]
    assert house.ids("disease=diabetes") == house.ids("disease=cvd") == house.ids("tier=unknown") == ["C3"]
    assert house.ids("id=3") == ["C3"]
    assert house.ids("id=%25") == [], "a percent sign is not every id"


def test_counts_are_of_every_tier_whatever_tier_is_asked_for(house: House) -> None:
    house.assessed(MARCH, ANNA, ANNA | {"id": "C3", "sbp": 12})
    assert house.listed("tier=high")["counts"] == {"high": 1, "medium": 0, "low": 0, "unknown": 1}
    assert house.listed("tier=high")["total"] == 1


@pytest.mark.parametrize(
    ("query", "says"),
    [("tier=red", "tier"), ("due=soon", "due"), ("changed=ever", "changed"), ("disease=gout", "disease"),
     ("capacity=0", "capacity"), ("limit=x", "limit"), ("offset=-1", "offset"), ("week=2", "week")],
)  # fmt: skip
def test_a_filter_that_means_nothing_is_refused(house: House, query: str, says: str) -> None:
    answer = house.client.get(f"/api/v1/residents?{query}")
    assert answer.status_code == 400
    assert f"expected {says} " in answer.json()["detail"]


def test_a_resident_whose_id_has_a_slash_can_be_opened_and_handled(house: House) -> None:
    """Numbers of households are often written so: 3/12."""
    house.assessed(MARCH, ANNA | {"id": "3/12"})
    assert house.client.get("/api/v1/residents/3%2F12").json()["id"] == "3/12"
    path = f"/api/v1/residents/3%2F12/advices/{CONTROL}/handled"
    assert house.client.post(path, json={"as": "done"}).status_code == 200
    assert house.client.put("/api/v1/residents/3%2F12/opt-out").json()["id"] == "3/12"


def test_who_wants_no_texts_is_still_overdue_for_the_doctor(house: House) -> None:
    house.assessed(MARCH, ANNA | {"opt_out": True})
    house.assessed(JUNE, ANNA | {"opt_out": True})
    assert house.ids("due=overdue") == ["A1"]


HOLDS_NOT = [
    ("id", "x" * 65, "id: found 65 characters (xxxxxxxxxxxxxxxxxxxx...), expected at most 64"),
    ("id", "A\0", "id: a NUL character"),
    ("village", "村" * 129, "village: found 129 characters"),
    ("doctor", "D\0", "doctor: a NUL character"),
]


@pytest.mark.parametrize(("column", "words", "says"), HOLDS_NOT, ids=[row[2][:20] for row in HOLDS_NOT])
def test_words_that_cannot_be_held_are_said_and_spoil_no_other_row(
    house: House, column: str, words: str, says: str
) -> None:
    house.day(MARCH)
    told = house.client.post("/api/v1/risk?worklist=true", json=[ANNA, ANNA | {"id": "B2", column: words}]).json()
    assert says in told["residents"][1]["fault"]
    assert house.ids() == (["A1"] if column == "id" else ["A1", "B2"]), "without an id there is nobody to put on it"


@pytest.mark.parametrize("query", ["id=%00", "village=%00"])
def test_a_filter_that_no_text_can_have_is_refused(house: House, query: str) -> None:
    assert house.client.get(f"/api/v1/residents?{query}").status_code == 400
    assert house.client.get("/api/v1/residents/%00").status_code == 404


# The week


def test_a_week_holds_as_many_as_the_doctor_can_see(house: House) -> None:
    house.assessed(MARCH, *people(6), *[one | {"id": f"Q{one['id']}", "doctor": "医生乙"} for one in people(6)])
    week = house.listed("week=1&capacity=4")
    assert (week["total"], week["capacity"], week["left_out"]) == (4 + 4, 4, {})
    assert [one["place"] for one in week["residents"] if one["doctor"] == "医生甲"] == [1, 2, 3, 4]


def test_who_cannot_wait_is_in_and_that_they_do_not_fit_is_said(house: House) -> None:
    house.assessed(MARCH, *people(5, sbp=190), ANNA)
    week = house.listed("week=1&capacity=3")
    assert [one["id"] for one in week["residents"]] == ["P00", "P01", "P02", "P03", "P04"]
    assert {one["because"] for one in week["residents"]} == {"emergency"}
    assert week["left_out"] == {"医生甲": 5 - 3}


def test_the_overdue_come_after_emergencies_and_before_the_others(house: House) -> None:
    house.assessed(MARCH, ANNA)
    house.assessed(
        JUNE,
        ANNA,
        ANNA | {"id": "N1", "sbp": 190, "last_visit": JUNE.isoformat()},
        ANNA | {"id": "N2", "sbp": 176, "last_visit": JUNE.isoformat()},
    )
    week = house.listed("week=1&capacity=3")
    assert [(one["id"], one["because"]) for one in week["residents"]][:2] == [("N1", "emergency"), ("A1", "overdue")]


def test_the_capacity_changes_no_tier(house: House) -> None:
    house.assessed(MARCH, *people(6))
    small, large = house.listed("week=1&capacity=2"), house.listed("week=1&capacity=6")
    tiers = {one["id"]: one["tier"] for one in large["residents"]}
    assert all(tiers[one["id"]] == one["tier"] for one in small["residents"])


def test_equal_residents_come_in_the_same_order_each_time(house: House) -> None:
    house.assessed(MARCH, *reversed(people(8)))
    assert house.ids("week=1&capacity=5") == ["P00", "P01", "P02", "P03", "P04"]
    assert house.ids() == [f"P{number:02}" for number in range(8)]


def test_a_filter_shows_a_part_of_the_same_week(house: House) -> None:
    """The places are those of the doctor's whole list, so that a trip to one village does not make a new week."""
    house.assessed(MARCH, *people(4), *[one | {"id": "Z" + one["id"], "village": "西村"} for one in people(4)])
    assert house.ids("week=1&capacity=5&village=西村") == ["ZP00"]


def test_who_has_nothing_open_is_not_in_the_week(house: House) -> None:
    house.assessed(MARCH, ANNA)
    for item in house.one()["advices"]:
        house.handled(item["rule"])
    assert house.ids("week=1") == []


def test_who_could_not_be_assessed_is_in_it_if_there_is_room(house: House) -> None:
    house.assessed(MARCH, ANNA, ANNA | {"id": "C3", "sbp": 12})
    assert house.ids("week=1&capacity=2") == ["A1", "C3"]
    assert house.ids("week=1&capacity=1") == ["A1"]


# The store


def test_more_than_a_statement_holds_are_kept_and_the_last_of_one_id_stands(house: House) -> None:
    house.day(MARCH)
    (one,) = house.state.clinic.assess([ANNA])
    many = [msgspec.structs.replace(one, id=f"M{number % 1500:04}") for number in range(2100)]
    with house.state.engine.begin() as connection:
        assert store.keep(connection, many) == 2100
    assert house.listed()["total"] == 1500
