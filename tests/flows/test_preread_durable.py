"""A study sent by C-STORE to the real worker process: its whole way, and what happens when a neighbour is away."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pydicom
import pytest
import sqlalchemy as sa
from pynetdicom import AE, evt
from pynetdicom.presentation import AllStoragePresentationContexts
from pynetdicom.sop_class import CTImageStorage

from cdss.serving.pacs import told
from cdss.serving.pacs.flow import watch
from cdss.serving.pacs.flow.books import NEVER

pytestmark = pytest.mark.slow
Make = Callable[..., Any]


def send(port: int, files: list[Path]) -> None:
    """C-STORE the files in one association; every one must be acknowledged."""
    entity = AE("SENDER")
    entity.add_requested_context(CTImageStorage)
    association = entity.associate("127.0.0.1", port, ae_title="CDSS")
    assert association.is_established
    statuses = [association.send_c_store(pydicom.dcmread(file)).Status for file in files]
    association.release()
    assert statuses == [0] * len(files)


@pytest.fixture
def slices(phantom: Any) -> list[Path]:
    return sorted(phantom[0].glob("*.dcm"))


@pytest.fixture
def uid(slices: list[Path]) -> str:
    return str(pydicom.dcmread(slices[0], stop_before_pixels=True).StudyInstanceUID)


class Pacs:
    """A PACS that takes everything, or refuses while `status` is not 0."""

    def __init__(self, port: int) -> None:
        self.port, self.status, self.received = port, 0, []
        self.server: Any = None

    def start(self) -> None:
        entity = AE("PACS")
        for context in AllStoragePresentationContexts[:128]:
            entity.add_supported_context(context.abstract_syntax)
        entity.add_supported_context("1.2.840.10008.5.1.4.1.1.88.34")
        handlers = [(evt.EVT_C_STORE, self._take)]
        self.server = entity.start_server(("127.0.0.1", self.port), block=False, evt_handlers=handlers)

    def _take(self, event: Any) -> int:
        if not self.status:
            self.received.append(str(event.request.AffectedSOPInstanceUID))
        return self.status


@pytest.fixture
def pacs(ports: Callable[[], int]) -> Iterator[Pacs]:
    one = Pacs(ports())
    yield one
    if one.server:
        one.server.shutdown()


def study(running: Any, uid: str) -> dict[str, Any]:
    return told.one(running.engine(), uid, "en") or {"state": ""}


def reach(running: Any, uid: str, state: str, seconds: float = 40) -> None:
    running.wait_for(lambda: study(running, uid)["state"] == state, seconds)


def history(running: Any, uid: str) -> list[tuple[str, str]]:
    return [(one["state"], one["cause"]) for one in study(running, uid)["history"]]


def test_a_chest_ct_goes_all_the_way_to_the_pacs(worker: Make, pacs: Pacs, slices: list[Path], uid: str) -> None:
    pacs.start()
    running = worker(pacs=f"PACS@127.0.0.1:{pacs.port}")
    running.start()
    send(running.dicom_port, slices)
    reach(running, uid, "sent")
    assert [state for state, _ in history(running, uid)] == ["received", "complete", "running", "reported", "sent"]
    found = study(running, uid)
    assert (found["model"]["name"], len(found["findings"])) == ("stand-in", 1)
    assert sorted(pacs.received) == sorted(one["sop_uid"] for one in found["deliveries"])
    assert watch.alive(running.engine())
    assert running.stop() == 0


def test_late_slices_make_a_new_result_that_supersedes(
    worker: Make, imaging: Any, slices: list[Path], uid: str
) -> None:
    running = worker()
    running.start()
    send(running.dicom_port, slices[:20])
    reach(running, uid, "reported")
    send(running.dicom_port, slices[20:])
    running.wait_for(lambda: [state for state, _ in history(running, uid)].count("reported") == 2, 40)
    assert ("received", "late_instances") in history(running, uid)
    assert [len(asked["slices"]) for asked in imaging.asked] == [20, 24]
    with running.engine().connect() as connection:
        current = connection.scalar(sa.text("SELECT count(*) FROM result WHERE superseded_at IS NULL"))
        assert (current, connection.scalar(sa.text("SELECT count(*) FROM result"))) == (1, 2)


def test_a_dead_model_is_said_and_the_study_is_read_when_it_is_back(
    worker: Make, imaging: Any, slices: list[Path], uid: str
) -> None:
    imaging.stop()
    running = worker()
    running.start()
    send(running.dicom_port, slices)
    reach(running, uid, "failed")
    found = study(running, uid)
    assert found["quality"][0]["code"] == "ai_unavailable"
    assert (found["model"], len(found["findings"])) == (None, 0)
    imaging.behave = "ok"
    imaging.start()
    reach(running, uid, "reported")


def test_a_model_that_hangs_is_said_within_the_bound_and_may_still_answer(
    worker: Make, imaging: Any, slices: list[Path], uid: str
) -> None:
    imaging.behave = "hang"
    running = worker(ai_patience_seconds=1.0)
    running.start()
    send(running.dicom_port, slices)
    reach(running, uid, "running")
    started = time.monotonic()
    reach(running, uid, "failed")
    assert time.monotonic() - started < 5
    assert study(running, uid)["quality"][0]["code"] == "ai_unavailable"
    imaging.behave = "ok"
    reach(running, uid, "reported")
    assert len(imaging.asked) == 1


def test_a_pacs_that_is_away_gets_its_results_when_it_is_back(
    worker: Make, pacs: Pacs, slices: list[Path], uid: str
) -> None:
    running = worker(pacs=f"PACS@127.0.0.1:{pacs.port}")
    running.start()
    send(running.dicom_port, slices)
    running.wait_for(lambda: any(one["attempt"] for one in study(running, uid).get("deliveries", [])), 40)
    assert study(running, uid)["state"] == "reported"
    pacs.start()
    reach(running, uid, "sent")
    assert len(pacs.received) == len(set(pacs.received)) == 2


def test_a_pacs_that_refuses_leaves_a_dead_letter_to_be_seen(
    worker: Make, pacs: Pacs, slices: list[Path], uid: str
) -> None:
    pacs.start()
    pacs.status = 0xA700
    running = worker(pacs=f"PACS@127.0.0.1:{pacs.port}", retry_limit=2)
    running.start()
    send(running.dicom_port, slices)
    running.wait_for(lambda: {one["state"] for one in study(running, uid).get("deliveries", [])} == {"dead"}, 40)
    assert {(one["attempt"], one["status"]) for one in study(running, uid)["deliveries"]} == {(2, "status 0xA700")}
    assert study(running, uid)["state"] == "reported"
    with running.engine().connect() as connection:
        assert connection.scalar(sa.text("SELECT min(due) FROM delivery")) == NEVER


def test_racing_senders_of_the_same_study_make_one_result(worker: Make, slices: list[Path], uid: str) -> None:
    running = worker(study_quiet_seconds=2)
    running.start()
    senders = [threading.Thread(target=send, args=(running.dicom_port, slices)) for _ in range(4)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    reach(running, uid, "reported")
    with running.engine().connect() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM instance")) == len(slices)
        assert connection.scalar(sa.text("SELECT count(*) FROM result")) == 1
