"""The life of a study in rows: one transition after another, one current result, late images reopen it."""

import threading
from typing import Any

import pytest
import sqlalchemy as sa

from cdss.serving.pacs import clock, feedback, tables, told
from cdss.serving.pacs.detect import ModelRef
from cdss.serving.pacs.flow import books, outbox, states
from cdss.serving.pacs.intake.manifest import manifest
from cdss.serving.pacs.intake.record import Arrival, forget_lost, record
from cdss.serving.pacs.intake.store import Store
from cdss.serving.pacs.reasons import reason
from cdss.serving.pacs.result import Finding, StudyTold
from cdss.serving.pacs.rows import writing
from cdss.serving.platform.config import Settings
from cdss.serving.platform.errors import BadInput

SETTINGS = Settings(retry_seconds=2.0, retry_limit=4)


def arrival(number: int, content: str = "a") -> Arrival:
    return Arrival(f"1.1.{number}", "1", "1.1", (content * 64)[:62] + f"{number:02d}", 100, "SENDER")


def state(engine: sa.Engine) -> tuple[str, str]:
    with engine.connect() as connection:
        row = connection.execute(sa.select(tables.study.c.state, tables.study.c.cause)).one()
    return row.state, row.cause


def history(engine: sa.Engine) -> list[str]:
    with engine.connect() as connection:
        return list(connection.scalars(sa.select(tables.transition.c.state).order_by(tables.transition.c.id)))


def complete(engine: sa.Engine, *numbers: int) -> str:
    for number in numbers:
        record(engine, arrival(number))
    assert books.complete_quiet(engine, quiet_seconds=-1) == ["1"]
    with engine.connect() as connection:
        return str(connection.scalar(sa.select(tables.study.c.manifest)))


def answer(score: float = 0.9, version: str = "1.0.0") -> StudyTold:
    finding = Finding(
        id="1", kind="fracture", score=score, position_mm=None, diameter_mm=None, sop_instance_uid="1.1.1",
        box_px=(1, 2, 3, 4), series_uid="1.1",
    )  # fmt: skip
    model = ModelRef("stand-in", version, "sha256:0")
    return StudyTold(study_uid="1", state="reported", series=(), quality=(), model=model, findings=(finding,))


def current_results(engine: sa.Engine) -> int:
    with engine.connect() as connection:
        query = sa.select(sa.func.count()).select_from(tables.result).where(tables.result.c.superseded_at.is_(None))
        return int(connection.scalar(query) or 0)


def test_a_study_completes_when_nothing_came_for_a_while(engine: sa.Engine) -> None:
    record(engine, arrival(1))
    assert books.complete_quiet(engine, quiet_seconds=60) == []
    assert books.complete_quiet(engine, quiet_seconds=-1) == ["1"]
    assert state(engine) == ("complete", "quiet")


def test_its_manifest_is_of_the_bytes_that_are_there(engine: sa.Engine) -> None:
    assert complete(engine, 1, 2) == manifest((one.sop_uid, one.sha256) for one in (arrival(1), arrival(2)))


def test_the_same_bytes_again_change_nothing(engine: sa.Engine) -> None:
    complete(engine, 1)
    assert record(engine, arrival(1)) is False
    assert state(engine) == ("complete", "quiet")


def test_other_bytes_under_the_same_uid_are_kept_beside_and_remarked(engine: sa.Engine) -> None:
    record(engine, arrival(1, "a"))
    record(engine, arrival(1, "b"))
    kept, notes = books.kept(engine, "1")
    assert [one.sha256[:1] for one in kept] == ["a"]
    assert notes[0].en == "1 instances came again with the same UID but other content; what came first is used."


def test_a_row_whose_bytes_were_lost_is_forgotten_and_taken_again(engine: sa.Engine, store: Store) -> None:
    """After a power failure the row may be there and the bytes not; they were never acknowledged."""
    record(engine, arrival(1))
    assert forget_lost(engine, store) == 1
    assert record(engine, arrival(1)) is True


def test_racing_senders_make_one_study(engine: sa.Engine) -> None:
    def send() -> None:
        for number in range(5):
            record(engine, arrival(number))

    senders = [threading.Thread(target=send) for _ in range(6)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    assert len(books.kept(engine, "1")[0]) == 5
    assert history(engine) == ["received"]


def test_a_result_is_current_and_moves_the_study(engine: sa.Engine) -> None:
    inputs = complete(engine, 1)
    assert books.begin(engine, "1", inputs)
    identity = books.record_result(engine, answer(), inputs)
    current = books.current(engine, "1")
    assert current
    assert (current.id, current.model) == (identity, "stand-in 1.0.0 sha256:0")
    assert history(engine) == ["received", "complete", "running", "reported"]


def test_the_same_result_twice_is_one(engine: sa.Engine) -> None:
    inputs = complete(engine, 1)
    books.begin(engine, "1", inputs)
    assert books.record_result(engine, answer(), inputs) == books.record_result(engine, answer(), inputs)
    assert current_results(engine) == 1


def test_late_images_reopen_the_study_and_their_result_supersedes(engine: sa.Engine) -> None:
    inputs = complete(engine, 1)
    books.begin(engine, "1", inputs)
    first = books.record_result(engine, answer(0.9), inputs)
    outbox.put(engine, first, [("9.1", "a" * 64)], send=True)
    again = complete(engine, 2)
    assert again != inputs
    books.begin(engine, "1", again)
    second = books.record_result(engine, answer(0.8), again)
    current = books.current(engine, "1")
    assert current
    assert second == current.id != first
    assert current_results(engine) == 1
    with engine.connect() as connection:  # what was not sent yet of the old result is not sent any more
        assert connection.scalar(sa.select(tables.delivery.c.state)) == "superseded"


def test_a_result_of_images_that_are_outdated_is_not_recorded(engine: sa.Engine) -> None:
    inputs = complete(engine, 1)
    books.begin(engine, "1", inputs)
    record(engine, arrival(2))
    assert books.record_result(engine, answer(), inputs) == ""
    assert books.current(engine, "1") is None
    assert state(engine) == ("received", "late_instances")


def test_reading_does_not_begin_on_outdated_images(engine: sa.Engine) -> None:
    inputs = complete(engine, 1)
    record(engine, arrival(2))
    assert books.begin(engine, "1", inputs) is False


def test_the_database_itself_refuses_a_second_current_result(engine: sa.Engine) -> None:
    row = {"study_uid": "1", "manifest": "m", "at": "", "superseded_at": None, "told": "{}"}
    with pytest.raises(sa.exc.IntegrityError), writing(engine) as connection:
        connection.execute(sa.insert(tables.result), [{"id": n, "model": n, **row} for n in "ab"])


def test_states_do_not_jump(engine: sa.Engine) -> None:
    record(engine, arrival(1))
    with (
        pytest.raises(states.WrongTransition, match=r"study is received, expected .*complete.* next, found sent"),
        writing(engine) as connection,
    ):
        states.move(connection, "1", "sent", "delivered")
    assert state(engine) == ("received", "received")


def test_an_unavailable_model_is_told_with_its_words(engine: sa.Engine) -> None:
    inputs = complete(engine, 1)
    books.begin(engine, "1", inputs)
    books.set_back(engine, "1", inputs, "ai_unavailable", attempt=1, due=0.0)
    study = told.one(engine, "1", "en")
    assert study
    assert (study["state"], study["model"], len(study["findings"])) == ("failed", None, 0)
    assert study["quality"][0]["en"] == (
        "AI is unavailable, the study has not been read; this does not mean that nothing was found."
    )


def test_a_study_that_lost_its_workflow_is_tried_again(engine: sa.Engine) -> None:
    books.begin(engine, "1", complete(engine, 1))
    assert books.rescue(engine, seconds=3600) == []
    assert books.rescue(engine, seconds=-1) == ["1"]
    assert state(engine) == ("failed", "internal_error")
    with engine.connect() as connection:
        assert connection.execute(sa.select(tables.study.c.attempt, tables.study.c.due)).one() == (1, 0.0)


def test_a_read_study_whose_objects_fail_stays_reported_and_says_so(engine: sa.Engine) -> None:
    inputs = complete(engine, 1)
    books.begin(engine, "1", inputs)
    books.record_result(engine, answer(), inputs)
    books.set_back(engine, "1", inputs, "objects_failed", attempt=1, due=0.0)
    study = told.one(engine, "1", "en")
    assert study
    assert (study["state"], study["cause"], len(study["findings"])) == ("reported", "objects_failed", 1)
    books.set_right(engine, "1")
    assert state(engine) == ("reported", "read")


def test_while_images_arrive_the_old_result_is_not_shown(engine: sa.Engine) -> None:
    inputs = complete(engine, 1)
    books.begin(engine, "1", inputs)
    books.record_result(engine, answer(), inputs)
    record(engine, arrival(2))
    study = told.one(engine, "1", "zh")
    assert study
    assert (study["state"], len(study["findings"]), study["quality"][0]["code"]) == ("received", 0, "not_read_yet")


def test_zero_findings_and_not_read_are_told_apart_in_the_list(engine: sa.Engine) -> None:
    inputs = complete(engine, 1)
    assert told.studies(engine, 10, 0)["studies"][0]["findings"] is None
    books.begin(engine, "1", inputs)
    nothing = StudyTold(**{**{f: getattr(answer(), f) for f in answer().__struct_fields__}, "findings": ()})
    books.record_result(engine, nothing, inputs)
    assert told.studies(engine, 10, 0)["studies"][0]["findings"] == 0


@pytest.mark.parametrize(("attempt", "seconds"), [(0, 2), (1, 4), (2, 8)])
def test_waits_double(attempt: int, seconds: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "seconds", lambda: 1000.0)
    assert outbox.next_try(SETTINGS, attempt) == 1000 + seconds


def test_after_the_last_try_a_person_must_look() -> None:
    assert outbox.next_try(SETTINGS, 3) == books.NEVER


def reported(engine: sa.Engine) -> str:
    inputs = complete(engine, 1)
    books.begin(engine, "1", inputs)
    return books.record_result(engine, answer(), inputs)


def test_a_study_is_sent_when_all_its_objects_have_arrived(engine: sa.Engine) -> None:
    outbox.put(engine, reported(engine), [("9.1", "a" * 64), ("9.2", "b" * 64)], send=True)
    outbox.sent(engine, "9.1", "0x0000")
    assert state(engine)[0] == "reported"
    outbox.sent(engine, "9.2", "0x0000")
    assert state(engine) == ("sent", "delivered")


def test_what_cannot_be_sent_is_dead_and_seen_and_can_be_revived(engine: sa.Engine) -> None:
    outbox.put(engine, reported(engine), [("9.1", "a" * 64)], send=True)
    outbox.failed(engine, "9.1", "no connection", attempt=4, due=books.NEVER)
    study = told.one(engine, "1", "en")
    assert study
    assert (study["deliveries"][0]["state"], study["deliveries"][0]["status"]) == ("dead", "no connection")
    assert outbox.revive(engine, "1") == 1


def test_without_a_pacs_objects_are_kept_and_the_study_stays_reported(engine: sa.Engine) -> None:
    outbox.put(engine, reported(engine), [("9.1", "a" * 64)], send=False)
    assert state(engine)[0] == "reported"


def test_feedback_is_kept_beside_the_models_version(engine: sa.Engine) -> None:
    reported(engine)
    feedback.keep(engine, "1", "1", feedback.verdict({"verdict": "reject"}))
    feedback.keep(engine, "1", "missed", feedback.verdict({"verdict": "missed", "box_px": [1, 2, 3, 4]}))
    study = told.one(engine, "1", "en")
    assert study
    assert [(one["finding"], one["verdict"], one["model"][:14]) for one in study["feedback"]] == [
        ("1", "reject", "stand-in 1.0.0"),
        ("missed", "missed", "stand-in 1.0.0"),
    ]


@pytest.mark.parametrize(
    "said", [{}, {"verdict": "yes"}, {"verdict": "moved"}, {"verdict": "accept", "patient": "Wang"}, [], None]
)
def test_unclear_feedback_is_refused(said: Any) -> None:
    with pytest.raises(BadInput, match=r"accept\|reject\|moved\|missed"):
        feedback.verdict(said)


def test_feedback_on_a_finding_that_is_not_there(engine: sa.Engine) -> None:
    reported(engine)
    with pytest.raises(BadInput, match="found no such study or finding"):
        feedback.keep(engine, "1", "2", feedback.verdict({"verdict": "accept"}))


def test_a_cause_has_words_in_both_languages(engine: sa.Engine) -> None:
    inputs = complete(engine, 1)
    books.begin(engine, "1", inputs)
    failed = StudyTold(
        study_uid="1", state="failed", series=(), quality=(reason("mixed_patients"),), model=None, findings=()
    )
    books.record_result(engine, failed, inputs)
    line = told.studies(engine, 10, 0)["studies"][0]
    assert (line["state"], line["cause"], line["findings"]) == ("failed", "mixed_patients", None)
    assert line["reason"]["zh"] == "同一检查中有不同患者的图像；请核对患者身份后重新发送。"
