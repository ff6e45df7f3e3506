"""What an assessment changes: reminders opened and closed, letters made."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from outreach import NOON, UNDECIDED, advice, assessment

from cdss.serving.population.outreach.core.plan import Changes, Known, Wishes, planned
from cdss.serving.population.outreach.core.reminder import Reminder
from cdss.serving.population.scoring.assessment import Assessment

TODAY = NOON.date()
BP = "pathway/bp-control"
WISHES = Wishes(ahead_days=14, again_days=14, episode_days=90, limit=2, webhook=True, zone=None)


def days(number: int) -> Any:
    return TODAY + timedelta(days=number)


def reminder(**more: Any) -> Reminder:
    given: dict[str, Any] = {
        "resident_id": "r", "rule": BP, "episode": 1, "opened": TODAY, "advice": advice(BP), "doctor": "Dr W",
        "urgent": False, "texts": 1, "text_id": "t",
    }  # fmt: skip
    return Reminder(**{**given, **more})


def known(**more: Any) -> Known:
    return Known(open={BP: reminder()}, episodes={BP: 1}, **more)


def after(number: int, *advices: Any, **more: Any) -> Assessment:
    return assessment("r", *advices, day=days(number), **more)


def at(number: int) -> datetime:
    return NOON + timedelta(days=number)


def letters(changes: Any) -> list[tuple[str, str]]:
    return sorted((one.channel, one.recipient) for one in changes.letters)


def test_new_advice_is_a_task_for_the_doctor_and_a_text_for_the_resident() -> None:
    changes = planned(assessment("r", advice(BP)), Known(), WISHES, NOON)
    (opened,) = changes.opened
    assert (opened.episode, opened.state, opened.urgent, opened.texts) == (1, "open", False, 1)
    assert letters(changes) == [("text", "resident"), ("webhook", "doctor")]


def test_said_again_it_is_the_same_thing() -> None:
    changes = planned(after(1, advice(BP, day=days(1))), known(), WISHES, at(1))
    assert (changes.opened, changes.closed, changes.told, changes.letters) == ((), (), (), ())


def test_an_emergency_calls_the_doctor_at_once_and_asks_the_resident_to_come() -> None:
    changes = planned(assessment("r", advice(BP, "avoid", 0)), Known(), WISHES, NOON)
    assert letters(changes) == [("text", "doctor"), ("text", "resident"), ("webhook", "doctor")]
    assert {one.recipient: one.urgent for one in changes.letters} == {"doctor": True, "resident": False}


def test_what_becomes_an_emergency_is_told_anew() -> None:
    changes = planned(after(1, advice(BP, "avoid", 0, days(1))), known(), WISHES, at(1))
    assert [one.state for one in changes.closed] == ["replaced"]
    assert [(one.episode, one.urgent) for one in changes.opened] == [(2, True)]


WHEN_ABSENT = [
    # what                          assessment              ends
    ("decided, nothing to do",      after(3),                                   True),
    ("it could not be decided",     after(3, unchecked=(UNDECIDED,)),           False),
    ("the row is in doubt",         after(3, fault="sbp: found 1500"),          False),
]  # fmt: skip


@pytest.mark.parametrize(("what", "later", "ends"), WHEN_ABSENT, ids=[row[0] for row in WHEN_ABSENT])
def test_only_a_new_answer_resolves(what: str, later: Assessment, ends: bool) -> None:
    changes = planned(later, known(), WISHES, at(3))
    assert [one.state for one in changes.closed] == (["resolved"] if ends else [])


def test_an_older_table_that_comes_late_changes_nothing() -> None:
    """Neither what it asks for nor what it does not."""
    for late in (after(-3), after(-3, advice("pathway/other"))):
        assert planned(late, known(day=TODAY), WISHES, NOON) == Changes()


@pytest.mark.parametrize(("age", "acted_upon"), [(0, True), (7, True), (8, False), (300, False)])
def test_what_was_found_long_ago_is_a_task_but_no_emergency_of_today(age: int, acted_upon: bool) -> None:
    old = after(-age, advice(BP, "avoid", 0, days(-age)))
    changes = planned(old, Known(), WISHES, NOON)
    assert [one.urgent for one in changes.opened] == [acted_upon]
    called = [("text", "doctor"), ("text", "resident")] if acted_upon else []
    assert letters(changes) == [*called, ("webhook", "doctor")]


def test_what_comes_back_after_it_was_resolved_is_a_new_thing() -> None:
    changes = planned(after(9, advice(BP)), Known(episodes={BP: 1}), WISHES, at(9))
    assert [one.episode for one in changes.opened] == [2]


AGAIN = [
    # days after the first, texts before, told again?   (due on day 14, again 14 days after, and 28)
    (14, 1, False),
    (27, 1, False),
    (28, 1, True),
    (28, 2, False),
    (60, 2, False),  # the limit is 2
]


@pytest.mark.parametrize(("day", "texts", "again"), AGAIN)
def test_a_second_text_only_when_overdue_and_up_to_the_limit(day: int, texts: int, again: bool) -> None:
    before = Known(open={BP: reminder(texts=texts)}, episodes={BP: 1})
    changes = planned(after(day, advice(BP, day=days(day))), before, WISHES, at(day))
    assert [one.texts for one in changes.told] == ([2] if again else [])
    assert letters(changes) == ([("text", "resident")] if again else [])


def test_no_second_text_while_the_first_waits() -> None:
    before = known(waiting=frozenset({reminder().id}))
    assert not planned(after(40, advice(BP)), before, WISHES, at(40)).letters


@pytest.mark.parametrize(("day", "anew"), [(104, False), (105, True)], ids=["14 + 90 is not past", "14 + 91 is"])
def test_long_overdue_it_begins_anew(day: int, anew: bool) -> None:
    before = Known(open={BP: reminder(texts=2)}, episodes={BP: 1})
    changes = planned(after(day, advice(BP, day=days(day))), before, WISHES, at(day))
    assert [one.state for one in changes.closed] == (["lapsed"] if anew else [])
    assert [one.texts for one in changes.opened] == ([1] if anew else [])


NO_TEXT = [
    ("they want none",         advice(BP),                  {"opted_out": True}),
    ("no day is set",          advice(BP, days=None),       {}),
    ("it is only information", advice(BP, "info"),          {}),
]  # fmt: skip


@pytest.mark.parametrize(("why", "said", "more"), NO_TEXT, ids=[row[0] for row in NO_TEXT])
def test_tasks_go_on_where_residents_are_not_texted(why: str, said: Any, more: dict[str, Any]) -> None:
    changes = planned(assessment("r", said), Known(**more), WISHES, NOON)
    assert (len(changes.opened), letters(changes)) == (1, [("webhook", "doctor")])


def test_what_the_doctor_handled_is_neither_asked_for_nor_opened_again() -> None:
    changes = planned(after(1, advice(BP)), known(handled={BP: "done"}), WISHES, at(1))
    assert ([one.state for one in changes.closed], changes.opened) == (["done"], ())
    again = planned(after(2, advice(BP)), Known(episodes={BP: 1}, handled={BP: "done"}), WISHES, at(2))
    assert (again.closed, again.opened, again.letters) == ((), (), ())


def test_a_distant_date_is_told_two_weeks_ahead_in_the_morning() -> None:
    changes = planned(assessment("r", advice(BP, days=90)), Known(), WISHES, NOON)
    (text,) = [one for one in changes.letters if one.channel == "text"]
    assert text.due == datetime.combine(days(90 - 14), datetime.min.time().replace(hour=9)).astimezone().timestamp()


def test_a_rule_that_asks_for_nothing_is_no_reminder() -> None:
    silent = advice(BP)
    nothing = type(silent)(BP, "info", silent.summary, type(silent.action)("", ""), None)
    assert not planned(assessment("r", nothing), Known(), WISHES, NOON).opened


def test_without_a_webhook_nothing_is_posted() -> None:
    wishes = Wishes(14, 14, 90, 2, False, None)
    assert letters(planned(assessment("r", advice(BP)), Known(), wishes, NOON)) == [("text", "resident")]


def test_times_are_instants() -> None:
    changes = planned(assessment("r", advice(BP)), Known(), WISHES, NOON.astimezone(UTC))
    assert {one.due for one in changes.letters} == {NOON.timestamp()}
