"""Processes that tests start: the whole service, a worker alone, and a stand-in for the imaging process."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from cdss.serving.platform import database

MODEL = {"name": "stand-in", "version": "0.0.0", "digest": "sha256:" + "0" * 64}
READY = 60.0  # seconds; a busy machine


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


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


def environment(**settings: object) -> dict[str, str]:
    """Ours without its settings, with these instead, by name."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("CDSS_")}
    path = os.pathsep.join(part for part in sys.path if part)
    return {**clean, "PYTHONPATH": path, **{f"CDSS_{name.upper()}": str(value) for name, value in settings.items()}}


class Service:
    """`cdss serve` with its real models, on a home and ports of its own."""

    def __init__(self, home: Path) -> None:
        self.port, self.dicom_port = free_port(), free_port()
        self.environment = environment(
            home=home, port=self.port, dicom_port=self.dicom_port, imaging_port=free_port(), lang="en",
            study_quiet_seconds=0.5, retry_seconds=0.5,
        )  # fmt: skip
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

    def kill(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

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
