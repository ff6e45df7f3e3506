"""A study sent by C-STORE, on its whole way: received, complete, running, reported."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pydicom
import sqlalchemy as sa
from pynetdicom import AE
from pynetdicom.sop_class import CTImageStorage, Verification

from cdss.serving.pacs import told

Make = Callable[..., Any]


def send(port: int, files: list[Path]) -> list[int]:
    """C-STORE the files in one association; their statuses."""
    entity = AE("SENDER")
    entity.add_requested_context(CTImageStorage)
    entity.add_requested_context(Verification)
    association = entity.associate("127.0.0.1", port, ae_title="CDSS")
    assert association.is_established
    statuses = [association.send_c_store(pydicom.dcmread(file)).Status for file in files]
    association.release()
    return statuses


def states(worker: Any) -> list[str]:
    query = sa.text("SELECT state FROM study_transition ORDER BY id")
    with worker.engine().connect() as connection:
        return list(connection.scalars(query))


def test_a_chest_ct_goes_all_the_way(worker: Make, phantom: Any) -> None:
    folder, _ = phantom
    running = worker()
    running.start()
    files = sorted(folder.glob("*.dcm"))
    assert send(running.dicom_port, files) == [0] * len(files)
    running.wait_for(lambda: states(running)[-1:] == ["reported"], 30)
    assert states(running) == ["received", "complete", "running", "reported"]
    uid = str(pydicom.dcmread(files[0], stop_before_pixels=True).StudyInstanceUID)
    running.wait_for(lambda: len(told.one(running.engine(), uid, "en")["deliveries"]) == 2, 20)
    study = told.one(running.engine(), uid, "en")
    assert study["model"]["name"] == "stand-in"
    assert len(study["findings"]) == 1
    assert [one["state"] for one in study["deliveries"]] == ["kept", "kept"]
    assert running.stop() == 0
