"""Keeps processes running: starts them, starts again what dies, and stops all of them cleanly."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import structlog

log = structlog.get_logger()
FIRST_WAIT, LONGEST_WAIT = 0.5, 30.0  # seconds before a dead process is started again; doubled each time
STEADY_SECONDS = 60.0  # a process that lived so long starts again at once
PATIENCE = 20.0  # seconds given to end after SIGTERM
POLL = 0.1
PR_SET_PDEATHSIG = 1  # prctl(2): the signal a child gets when its parent dies


@dataclass(slots=True)
class Child:
    """One process to keep running. `command` may be run many times; `environment` is added to ours."""

    name: str
    command: Sequence[str]
    environment: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    wait: float = FIRST_WAIT
    due: float = 0.0


class Supervisor:
    """Runs children until told to stop."""

    def __init__(self, children: Sequence[Child]) -> None:
        self.children = list(children)
        self.stopping = False

    def run(self, started: Callable[[], None] = lambda: None) -> None:
        """Start all children, keep them running until SIGTERM or SIGINT, then stop them. `started` is called once."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._told_to_stop)
        try:
            for child in self.children:
                _start(child)
            started()
            while not self.stopping:
                self._tend()
                time.sleep(POLL)
        finally:
            self.stop()

    def stop(self) -> None:
        """SIGTERM to all, and SIGKILL to those that have not ended in time."""
        for child in self.children:
            _signal(child, signal.SIGTERM)
        deadline = time.monotonic() + PATIENCE
        for child in self.children:
            if child.process:
                _wait(child.process, deadline)
                _signal(child, signal.SIGKILL)

    def _told_to_stop(self, *_: object) -> None:
        self.stopping = True

    def _tend(self) -> None:
        """Start again what has died, later each time if it keeps dying."""
        now = time.monotonic()
        for child in self.children:
            if child.process and child.process.poll() is not None:
                lived, status = now - child.started, child.process.returncode
                child.wait = FIRST_WAIT if lived > STEADY_SECONDS else min(child.wait * 2, LONGEST_WAIT)
                child.due, child.process = now + child.wait, None
                log.error("process ended", child=child.name, status=status, again_in=child.wait)
            elif child.process is None and now >= child.due:
                _start(child)


def _start(child: Child) -> None:
    child.started = time.monotonic()
    child.process = subprocess.Popen(  # noqa: S603
        child.command,
        env={**os.environ, **child.environment},
        stdin=subprocess.DEVNULL,
        stdout=sys.stderr,
        start_new_session=True,
        preexec_fn=_end_with_parent if sys.platform == "linux" else None,
    )
    log.info("process started", child=child.name, pid=child.process.pid)


def _end_with_parent() -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _signal(child: Child, number: signal.Signals) -> None:
    """Signal the child's whole process group: BentoML has a worker below its own process."""
    if child.process is None:
        return
    try:
        os.killpg(child.process.pid, number)
    except ProcessLookupError:
        return


def _wait(process: subprocess.Popen[bytes], deadline: float) -> None:
    try:
        process.wait(max(0.0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        log.error("process did not end in time", pid=process.pid)
