"""Two workers on one PostgreSQL: they share the studies, and a killed one's work goes on."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pydicom
import pytest
import sqlalchemy as sa
from pynetdicom import AE
from pynetdicom.sop_class import CTImageStorage

from cdss.serving.pacs import told
from cdss.serving.platform import database

pytestmark = pytest.mark.interop


@pytest.fixture
def engine(url: str) -> Iterator[sa.Engine]:
    one = database.connect(url)
    yield one
    one.dispose()


def send(port: int, files: list[Path]) -> None:
    entity = AE("SENDER")
    entity.add_requested_context(CTImageStorage)
    association = entity.associate("127.0.0.1", port)
    statuses = {association.send_c_store(pydicom.dcmread(file)).Status for file in files}
    association.release()
    assert statuses == {0}


def test_two_workers_one_killed_one_result(
    worker: Callable[..., Any], imaging: Any, phantom: Any, url: str, engine: sa.Engine
) -> None:
    files = sorted(phantom[0].glob("*.dcm"))
    uid = str(pydicom.dcmread(files[0], stop_before_pixels=True).StudyInstanceUID)
    address = url.replace("+psycopg", "")
    first, second = (worker(database_url=address, worker_id=name) for name in ("first", "second"))
    for one in (first, second):
        one.start()
    imaging.behave = "hang"
    send(first.dicom_port, files[:12])
    send(second.dicom_port, files[12:])
    first.wait_for(lambda: len(imaging.asked) > 0, 30)
    for one in (first, second):  # whichever has it, it is killed at its work
        one.kill()
    imaging.behave = "ok"
    for one in (first, second):
        one.start()
    first.wait_for(lambda: bool((told.one(engine, uid, "en") or {}).get("deliveries")), 40)
    study = told.one(engine, uid, "en")
    assert study
    assert study["state"] == "reported"
    with engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM instance WHERE current")) == len(files)
        assert connection.scalar(sa.text("SELECT count(*) FROM result WHERE superseded_at IS NULL")) == 1
    assert [one.stop() for one in (first, second)] == [0, 0]
