"""The whole service stopped while it reads a CT: it ends at once, and goes on after the next start."""

import time
from pathlib import Path

import pydicom
import pytest
from processes import Service
from pynetdicom import AE
from pynetdicom.sop_class import CTImageStorage

from cdss.serving.platform.demo.chest_ct import make_chest_ct

pytestmark = pytest.mark.slow
PATIENCE = 120.0  # seconds; a busy machine
ENDED = ("reported", "failed", "not-applicable")


def send(port: int, folder: Path) -> str:
    """Store all files of a folder; the UID of their study."""
    entity = AE("SENDER")
    entity.add_requested_context(CTImageStorage)
    association = entity.associate("127.0.0.1", port)
    files = sorted(folder.iterdir())
    assert {association.send_c_store(file).Status for file in files} == {0}
    association.release()
    return str(pydicom.dcmread(files[0], stop_before_pixels=True).StudyInstanceUID)


def test_a_ct_being_read_when_the_service_stops_is_read_after_the_next_start(service: Service, tmp_path: Path) -> None:
    folder = tmp_path / "ct"
    make_chest_ct(folder, slices=80, seed=3)
    service.start()
    uid = send(service.dicom_port, folder)
    service.wait_for(lambda: service.study(uid)["state"] == "running", 30)
    time.sleep(0.5)
    assert service.stop() == 0
    service.start()
    service.wait_for(lambda: service.study(uid)["state"] in ENDED, PATIENCE)
    study = service.study(uid)
    assert study["state"] == "reported", study["quality"]
    assert study["model"]["name"] == "lung_nodule"
    causes = [step["cause"] for step in study["history"] if step["state"] == "failed"]
    assert set(causes) <= {"ai_unavailable"}, "a stop is no fault of the images"
