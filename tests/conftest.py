"""What several test folders share for the PACS side: small images, a stand-in imaging process, a worker process."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ComputedRadiographyImageStorage, CTImageStorage, ExplicitVRLittleEndian, generate_uid

from cdss.serving.platform import database
from cdss.serving.platform.demo.chest_ct import PhantomNodule, make_chest_ct

MODEL = {"name": "stand-in", "version": "0.0.0", "digest": "sha256:" + "0" * 64}


@pytest.fixture(scope="session")
def phantom(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[PhantomNodule]]:
    """A chest CT of 24 slices, and where its nodules are."""
    folder = tmp_path_factory.mktemp("phantom")
    return folder, make_chest_ct(folder, slices=24, seed=7)


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def free() -> Callable[[], int]:
    """Gives free ports, to fixtures of any scope."""
    return free_port


@pytest.fixture
def ports() -> Callable[[], int]:
    """Gives free ports."""
    return free_port


@pytest.fixture(scope="session")
def make_image() -> Callable[..., Path]:
    """Writes small films; see `image`."""
    return image


def image(path: Path, **attributes: Any) -> Path:
    """A small film of a hand in plain encoding; `attributes` replace or (None) remove what it says."""
    pixels = attributes.pop("pixels", np.add.outer(np.arange(80), np.arange(96)).astype(np.uint16) * 8)
    dataset = Dataset()
    for keyword, value in {**_film(pixels), **attributes}.items():
        if value is not None:
            setattr(dataset, keyword, value)
    dataset.PixelData = pixels.tobytes()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.MediaStorageSOPClassUID = dataset.get("SOPClassUID", CTImageStorage)
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.get("SOPInstanceUID", "1.2.3")
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    path.parent.mkdir(parents=True, exist_ok=True)
    pydicom.dcmwrite(path, dataset, enforce_file_format=True, implicit_vr=False, little_endian=True)
    return path


def _film(pixels: np.ndarray) -> dict[str, Any]:
    return {
        "SOPClassUID": ComputedRadiographyImageStorage, "SOPInstanceUID": generate_uid(),
        "StudyInstanceUID": generate_uid(), "SeriesInstanceUID": generate_uid(), "Modality": "CR",
        "PatientID": "P1", "PatientName": "Test^One", "PatientBirthDate": "19600101", "PatientSex": "F",
        "BodyPartExamined": "HAND", "ImageType": ["ORIGINAL", "PRIMARY"], "Rows": pixels.shape[0],
        "Columns": pixels.shape[1], "BitsAllocated": 16, "BitsStored": 12, "HighBit": 11, "PixelRepresentation": 0,
        "SamplesPerPixel": 1, "PhotometricInterpretation": "MONOCHROME2",
    }  # fmt: skip


@dataclass
class StandIn:
    """Answers for the imaging process, on its port; `behave` may be ok, hang, or broken."""

    port: int
    behave: str = "ok"
    asked: list[dict[str, Any]] = field(default_factory=list)
    server: ThreadingHTTPServer | None = None

    def start(self) -> None:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                outer.asked.append(body)
                while outer.behave == "hang":
                    time.sleep(0.05)
                reply = outer.reply(body)
                self.send_response(500 if outer.behave == "broken" else 200)
                self.end_headers()
                with suppress(BrokenPipeError):  # the one who asked was killed
                    self.wfile.write(json.dumps(reply).encode())

            def log_message(self, *_: object) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def reply(self, body: dict[str, Any]) -> dict[str, Any]:
        """One nodule in the middle of every CT, one box on every film."""
        if "film" in body:
            reading = {"probability": 0.8, "findings": [{"score": 0.7, "box": [10, 20, 30, 40]}]}
        else:
            middle = [len(body["slices"]) / 2, 200.0, 150.0]
            reading = {"findings": [{"score": 0.9, "centre": middle, "diameter_mm": 8.0}]}
        return {"answer": {"model": MODEL, "reading": reading}}

    def stop(self) -> None:
        self.behave = "broken"
        if self.server:
            self.server.shutdown()
            self.server.server_close()
            self.server = None


@pytest.fixture
def imaging() -> Iterator[StandIn]:
    """A running stand-in for the imaging process."""
    stand_in = StandIn(free_port())
    stand_in.start()
    yield stand_in
    stand_in.stop()


@dataclass
class Worker:
    """The real worker process on a home of its own."""

    home: Path
    environment: dict[str, str]
    dicom_port: int
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        log = (self.home / "worker.log").open("ab")
        command = [sys.executable, "-m", "cdss.serving.pacs.worker"]
        self.process = subprocess.Popen(command, env=self.environment, stdout=log, stderr=log)
        log.close()
        self.wait_for(self.listening, 40)

    def listening(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.dicom_port)) == 0

    def kill(self) -> None:
        assert self.process
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> int:
        assert self.process
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)

    def engine(self) -> Any:
        return database.connect(f"sqlite:///{self.home / 'cdss.sqlite'}")

    def wait_for(self, true: Callable[[], bool], seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not true():
            if time.monotonic() > deadline or (self.process and self.process.poll() is not None):
                pytest.fail("worker: " + (self.home / "worker.log").read_text(encoding="utf-8")[-3000:])
            time.sleep(0.05)


@pytest.fixture
def worker(tmp_path: Path, imaging: StandIn) -> Iterator[Callable[..., Worker]]:
    """Makes workers that ask the stand-in; settings by name. They end with the test."""
    made: list[Worker] = []

    def make(**settings: object) -> Worker:
        port = free_port()
        given = {"home": tmp_path, "dicom_port": port, "imaging_port": imaging.port, "study_quiet_seconds": 0.5,
                 "retry_seconds": 0.2, "lang": "en", **settings}  # fmt: skip
        clean = {name: value for name, value in os.environ.items() if not name.startswith("CDSS_")}
        environment = {**clean, **{f"CDSS_{name.upper()}": str(value) for name, value in given.items()}}
        environment["PYTHONPATH"] = os.pathsep.join(part for part in sys.path if part)
        made.append(Worker(tmp_path, environment, port))
        return made[-1]

    yield make
    for one in made:
        if one.process and one.process.poll() is None:
            one.kill()
