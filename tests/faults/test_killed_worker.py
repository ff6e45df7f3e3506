"""The worker is killed with SIGKILL at several points of a study's way; nothing that was acknowledged may be lost."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pydicom
import pytest
import sqlalchemy as sa
from pynetdicom import AE
from pynetdicom.sop_class import CTImageStorage

from cdss.serving.pacs.intake.manifest import sha256

pytestmark = pytest.mark.slow


def acknowledged(port: int, files: list[Path], stop_after: int) -> list[str]:
    """Send until `stop_after` are acknowledged or the peer is gone; the SOP Instance UIDs that were."""
    entity = AE("SENDER")
    entity.add_requested_context(CTImageStorage)
    entity.dimse_timeout = entity.network_timeout = 5
    association = entity.associate("127.0.0.1", port)
    done: list[str] = []
    for file in files[:stop_after]:
        dataset = pydicom.dcmread(file)
        if association.is_established and association.send_c_store(dataset).get("Status") == 0:
            done.append(str(dataset.SOPInstanceUID))
    if association.is_established and stop_after >= len(files):
        association.release()
    return done


def counted(engine: sa.Engine, query: str) -> int:
    with engine.connect() as connection:
        return int(connection.scalar(sa.text(query)) or 0)


def kept_on_disk(home: Path, engine: sa.Engine) -> set[str]:
    """SOP Instance UIDs whose row is there and whose bytes have the hash in that row."""
    with engine.connect() as connection:
        rows = connection.execute(sa.text("SELECT sop_uid, sha256 FROM instance")).all()
    files = {uid: home / "instances" / digest[:2] / digest for uid, digest in rows}
    return {uid for uid, digest in rows if sha256(files[uid]) == digest}


def test_killed_at_many_points_every_acknowledged_image_and_one_result_remain(
    worker: Callable[..., Any], imaging: Any, phantom: Any
) -> None:
    files = sorted(phantom[0].glob("*.dcm"))
    running = worker(study_quiet_seconds=1.0)
    promised: set[str] = set()

    def kill_when(point: Callable[[], bool]) -> None:
        running.wait_for(point, 30)
        running.kill()
        running.start()

    running.start()
    for amount in (5, 11, 17):  # while images arrive
        promised.update(acknowledged(running.dicom_port, files, amount))
        running.kill()
        running.start()
    imaging.behave = "hang"
    promised.update(acknowledged(running.dicom_port, files, len(files)))
    asked = len(imaging.asked)
    kill_when(lambda: len(imaging.asked) > asked)  # while the model works
    imaging.behave = "ok"
    kill_when(lambda: counted(running.engine(), "SELECT count(*) FROM result WHERE superseded_at IS NULL") == 1)  # then
    running.wait_for(lambda: counted(running.engine(), "SELECT count(*) FROM delivery WHERE state = 'kept'") >= 2, 40)
    time.sleep(1.5)  # a second result would come now
    assert promised == {str(pydicom.dcmread(file, stop_before_pixels=True).SOPInstanceUID) for file in files}
    assert kept_on_disk(running.home, running.engine()) == promised
    assert counted(running.engine(), "SELECT count(*) FROM result WHERE superseded_at IS NULL") == 1
    assert counted(running.engine(), "SELECT count(*) FROM study WHERE state = 'reported'") == 1
    assert running.stop() == 0
