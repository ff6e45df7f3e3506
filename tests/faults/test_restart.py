"""The whole service stopped while it reads a CT: it ends at once, and goes on after the next start."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pydicom
import pytest
from pynetdicom import AE
from pynetdicom.sop_class import CTImageStorage

from cdss.serving.platform.demo.chest_ct import make_chest_ct

pytestmark = pytest.mark.slow
READY, DONE = 60.0, 120.0  # seconds; a busy machine
ENDED = ("reported", "failed", "not-applicable")


class Service:
    """`cdss serve` on a home and ports of its own."""

    def __init__(self, home: Path, free: Callable[[], int]) -> None:
        self.port, self.dicom_port, imaging = free(), free(), free()
        clean = {name: value for name, value in os.environ.items() if not name.startswith("CDSS_")}
        settings = {"HOME": home, "PORT": self.port, "DICOM_PORT": self.dicom_port, "IMAGING_PORT": imaging,
                    "STUDY_QUIET_SECONDS": 0.5, "RETRY_SECONDS": 0.5, "LANG": "en"}  # fmt: skip
        self.environment = {**clean, **{f"CDSS_{name}": str(value) for name, value in settings.items()}}
        self.log = home / "service.log"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as log:
            command = [Path(sys.executable).with_name("cdss"), "serve"]
            self.process = subprocess.Popen(command, env=self.environment, stdout=log, stderr=log)
        self.wait_for(lambda: self.get("/readyz") is not None, READY)

    def stop(self) -> int:
        assert self.process
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)

    def get(self, path: str) -> httpx.Response | None:
        try:
            answer = httpx.get(f"http://127.0.0.1:{self.port}{path}", timeout=5)
        except httpx.HTTPError:
            return None
        return answer if answer.status_code == 200 else None

    def study(self, uid: str) -> dict[str, Any]:
        answer = self.get(f"/api/v1/studies/{uid}")
        found: dict[str, Any] = answer.json() if answer else {"state": "", "history": []}
        return found

    def wait_for(self, true: Callable[[], bool], seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not true():
            if time.monotonic() > deadline:
                pytest.fail(self.log.read_text(encoding="utf-8")[-3000:])
            time.sleep(0.02)


@pytest.fixture
def service(tmp_path: Path, free: Callable[[], int]) -> Iterator[Service]:
    one = Service(tmp_path, free)
    yield one
    if one.process and one.process.poll() is None:
        one.process.kill()
        one.process.wait()


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
    service.wait_for(lambda: service.study(uid)["state"] in ENDED, DONE)
    study = service.study(uid)
    assert study["state"] == "reported", study["quality"]
    assert study["model"]["name"] == "lung_nodule"
    causes = [step["cause"] for step in study["history"] if step["state"] == "failed"]
    assert set(causes) <= {"ai_unavailable"}, "a stop is no fault of the images"
