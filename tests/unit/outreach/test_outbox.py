"""Letters on their way: who has them, what becomes of them."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from outreach import House, assessment

from cdss.serving.population.outreach import optout
from cdss.serving.population.outreach.remember import handled
from cdss.serving.population.outreach.sending import outbox

BP = ("pathway/bp-control", "precaution", 14)
EMERGENCY = ("pathway/bp-emergency", "avoid", 0)


def test_what_falls_due_in_quiet_hours_is_held_until_they_end(home: House) -> None:
    home.later(hours=10)  # 22:00
    home.says("a", BP)  # type: ignore[arg-type]
    assert (home.round(), home.letters("state")) == ({}, ["held"])
    home.later(hours=9, minutes=59)  # 07:59
    assert home.round() == {}
    home.later(minutes=1)
    assert home.round() == {"sent": 1}


def test_an_emergency_reaches_the_doctor_at_once_and_the_resident_in_the_morning(home: House) -> None:
    home.later(hours=10)
    home.says("a", EMERGENCY)  # type: ignore[arg-type]
    home.round()
    assert [(message.to, message.doctor, message.urgent) for message in home.sent] == [("doctor", "Dr W", True)]
    home.later(hours=10)
    home.round()
    assert [message.to for message in home.sent] == ["doctor", "resident"]
    assert "as soon as you can" in home.sent[1].text


def test_no_text_carries_a_value_or_a_diagnosis(home: House) -> None:
    home.says("a", BP, EMERGENCY)  # type: ignore[arg-type]
    home.round()
    for message in home.sent:
        assert not any(word in message.text for word in ("190", "110", "ypertension", "高血压", "pressure"))


def test_who_opts_out_gets_nothing_that_waited(home: House) -> None:
    home.says("a", BP, EMERGENCY)  # type: ignore[arg-type]
    assert home.opt("a", True)
    home.round()
    assert [message.to for message in home.sent] == ["doctor"]
    assert home.audited("opt-out") == ["out"]


def test_an_opt_out_that_comes_while_it_is_tried_again_counts(home: House) -> None:
    home.says("a", BP)  # type: ignore[arg-type]
    home.broken = True
    assert home.round() == {"later": 1}
    home.broken = False
    home.opt("a", True)
    home.later(hours=1)
    assert (home.round(), home.sent) == ({}, [])
    assert home.letters("state", "error") == [("cancelled", "opted-out")]


def test_the_resident_table_says_who_wants_none(home: House) -> None:
    says: list[tuple[dict[str, Any], int]] = [({"opt_out": True}, 0), ({}, 0), ({"opt_out": False}, 1)]
    for record, texts in says:
        home.says("a", BP, record=record)  # type: ignore[arg-type]
        home.round()
        assert len(home.sent) == texts, f"after a table that says {record}"
    assert home.audited("opt-out") == ["out", "in"]


def test_what_was_said_to_us_is_not_taken_back_by_a_table(home: House) -> None:
    home.opt("a", True)
    home.says("a", BP, record={"opt_out": False})  # type: ignore[arg-type]
    home.round()
    assert home.sent == []


def test_an_older_table_that_comes_late_takes_no_opt_out_back(home: House) -> None:
    home.says("a", BP, record={"opt_out": True})  # type: ignore[arg-type]
    for day, out in ((-1, True), (0, False)):
        home.keep(assessment("a", day=home.now.date() + timedelta(days=day), record={"opt_out": False}))
        with home.engine.connect() as connection:
            assert ("a" in optout.wants_none(connection, ["a"])) is out


def test_two_who_opt_out_at_once_are_no_conflict(home: House) -> None:
    said: list[bool] = []
    callers = [threading.Thread(target=lambda: said.append(home.opt("a", True))) for _ in range(4)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join(60)
    assert sorted(said) == [False, False, False, True], "the others are told that it was known"
    assert home.audited("opt-out") == ["out"]


def test_what_is_resolved_before_it_went_out_does_not_go_out(home: House) -> None:
    home.later(hours=10)
    home.says("a", BP)  # type: ignore[arg-type]
    home.round()
    home.later(hours=1)
    home.says("a")
    assert home.letters("state", "error") == [("cancelled", "resolved")]


def test_a_failing_sender_is_asked_again_with_the_same_key_and_then_given_up(make_house: Callable[..., House]) -> None:
    home = make_house(outreach_retry_limit=3, retry_seconds=60)
    home.says("a", BP)  # type: ignore[arg-type]
    home.broken = True
    waits = []
    for _ in range(3):
        home.round()
        (due,) = home.letters("due")
        waits.append(due - home.now.timestamp())
        home.now = max(home.now, home.now.fromtimestamp(due, home.now.tzinfo))
    assert waits[:2] == [60, 120]
    assert home.letters("state", "attempts", "error") == [("failed", 3, "ConnectionRefusedError")]
    assert len({message.key for message in home.asked}) == 1
    assert home.audited("reminder") == ["failed"]
    home.broken = False
    with home.engine.begin() as connection:
        assert len(outbox.retry(connection, home.now)) == 1
    assert home.round() == {"sent": 1}


def test_a_worker_that_died_while_texting_a_resident_leaves_it_to_a_person(home: House) -> None:
    """Nobody knows whether it went out, so it does not go out again by itself."""
    home.says("a", BP)  # type: ignore[arg-type]
    assert outbox.claim(home.engine, "text", home.now, home.post().quiet)
    home.later(seconds=outbox.LEASE_SECONDS - 1)
    assert home.round() == {}, "it may still be at it"
    home.later(seconds=1)
    assert (home.round(), home.sent) == ({"failed": 1}, [])
    assert home.letters("state", "error") == [("failed", "interrupted")]
    assert home.audited("reminder") == ["failed"]


def test_a_call_to_a_doctor_goes_out_again_after_a_worker_died(home: House) -> None:
    """Rather twice than not at all; the key is the same."""
    home.says("a", EMERGENCY)  # type: ignore[arg-type]
    first = outbox.claim(home.engine, "text", home.now, home.post().quiet)
    assert first is not None
    assert first.recipient == "doctor"
    home.later(seconds=outbox.LEASE_SECONDS)
    home.round()
    assert [message.key for message in home.sent if message.to == "doctor"] == [first.key]


def test_two_workers_at_once_send_nothing_twice(home: House) -> None:
    people = [f"r{number:02}" for number in range(40)]
    for who in people:
        home.says(who, BP)  # type: ignore[arg-type]
    workers = [threading.Thread(target=home.round) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert sorted(message.resident_id for message in home.sent) == people
    assert set(home.letters("state")) == {"sent"}


def test_two_tables_scored_at_once_make_nothing_twice(home: House) -> None:
    people = [f"r{number:02}" for number in range(20)]
    faults: list[BaseException] = []

    def score() -> None:
        try:
            for who in people:
                home.says(who, BP)  # type: ignore[arg-type]
        except BaseException as e:
            faults.append(e)

    scorers = [threading.Thread(target=score) for _ in range(2)]
    for scorer in scorers:
        scorer.start()
    for scorer in scorers:
        scorer.join(60)
    assert (faults, len(home.reminders("id")), len(home.letters("id"))) == ([], 20, 20)


@pytest.mark.parametrize("how", ["done", "unsuitable"])
def test_what_the_doctor_handled_is_not_texted(home: House, how: str) -> None:
    home.says("a", BP)  # type: ignore[arg-type]
    with home.engine.begin() as connection:
        handled(connection, "a", BP[0], how, home.now, home.settings)
    assert (home.round(), home.sent) == ({}, [])
    assert home.reminders("state") == ["done" if how == "done" else "declined"]
    with home.engine.begin() as connection:
        handled(connection, "a", BP[0], None, home.now, home.settings)
    assert home.reminders("state", "closed") == [("open", "")]
