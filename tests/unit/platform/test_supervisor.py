"""The supervisor: starts again what dies, stops everything on SIGTERM, leaves no process behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

CHILD = "import os, sys, time; open(sys.argv[1], 'a').write(f'{os.getpid()}\\n'); time.sleep(600)"
PARENT = """
import sys
from cdss.serving.platform.supervisor import Child, Supervisor
Supervisor([Child("child", [sys.executable, "-c", sys.argv[2], sys.argv[1]])]).run()
"""


def pids(file: Path) -> list[int]:
    return [int(line) for line in file.read_text().split()] if file.exists() else []


def wait_for(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "Z" not in Path(f"/proc/{pid}/stat").read_text().split(") ")[1][:1]


def started(file: Path) -> "subprocess.Popen[bytes]":
    path = {**os.environ, "PYTHONPATH": os.pathsep.join(part for part in sys.path if part)}
    return subprocess.Popen([sys.executable, "-c", PARENT, file, CHILD], env=path, stderr=subprocess.DEVNULL)


def test_what_dies_is_started_again_and_sigterm_ends_all(tmp_path: Path) -> None:
    parent = started(tmp_path / "pids")
    wait_for(lambda: len(pids(tmp_path / "pids")) == 1)
    os.kill(pids(tmp_path / "pids")[0], signal.SIGKILL)
    wait_for(lambda: len(pids(tmp_path / "pids")) == 2)
    second = pids(tmp_path / "pids")[1]
    parent.send_signal(signal.SIGTERM)
    assert parent.wait(20) == 0
    assert not is_alive(second)


def test_a_killed_supervisor_takes_its_children_with_it(tmp_path: Path) -> None:
    parent = started(tmp_path / "pids")
    wait_for(lambda: len(pids(tmp_path / "pids")) == 1)
    parent.kill()
    parent.wait()
    wait_for(lambda: not is_alive(pids(tmp_path / "pids")[0]))
