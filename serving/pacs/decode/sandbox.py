"""The sandbox's outside: a child process that decodes, watched by a clock; a file may kill it, never this process."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray

from cdss.serving.pacs.reasons import Reason, Unreadable, refuse

Kind = Literal["slice", "film"]
SECONDS = 90.0  # of wall-clock time for one file
CHILD = [sys.executable, "-m", "cdss.serving.pacs.decode.child"]
STOPS = (-signal.SIGTERM, -signal.SIGINT, -signal.SIGHUP)  # how a service ends its processes; no file does that


class Interrupted(RuntimeError):
    """The child was ended from outside, as the service stops: nothing is known about the file."""


class Sandbox:
    """One decoding child, started when first asked and again after a file has killed it. Use as a context manager."""

    def __init__(self, seconds: float = SECONDS, command: Sequence[str] = CHILD) -> None:
        self.seconds, self.command = seconds, command
        self.child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def decode(self, path: Path, kind: Kind) -> NDArray[Any]:
        """A slice as int16 HU or a film as float32, (row, column). Unreadable says why not; or Interrupted."""
        child = self._running()
        clock = threading.Timer(self.seconds, child.kill)
        clock.start()
        try:
            return self._ask(child, path, kind)
        except Unreadable:
            raise
        except (OSError, EOFError, ValueError) as e:
            raise self._fallen(child) from e
        finally:
            clock.cancel()

    def _fallen(self, child: "subprocess.Popen[bytes]") -> Unreadable | Interrupted:
        """Why the child is gone: ended by the clock or the kernel's limit, crashed over the file, or told to end."""
        self.close()
        if child.returncode in STOPS:
            return Interrupted(f"decoder ended with {child.returncode}")
        if child.returncode in (-signal.SIGKILL, -signal.SIGXCPU):
            return refuse("decode_stopped")
        return refuse("decode_failed", fault=f"decoder ended with {child.returncode}")

    def close(self) -> None:
        """End the child, if one runs."""
        child, self.child = self.child, None
        if child is not None:
            _end(child)
            for pipe in (child.stdin, child.stdout):
                _shut(pipe)

    def _running(self) -> "subprocess.Popen[bytes]":
        if self.child is None:
            environment = {
                "PYTHONPATH": os.pathsep.join(part for part in sys.path if part),
                "OPENBLAS_NUM_THREADS": "1",
                "PATH": os.environ.get("PATH", ""),
            }
            self.child = subprocess.Popen(  # noqa: S603 - our own module, no shell
                self.command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=environment,
                start_new_session=True,  # SIGTERM to our group is for us: a file being decoded is not broken by it
            )
        return self.child

    def _ask(self, child: "subprocess.Popen[bytes]", path: Path, kind: Kind) -> NDArray[Any]:
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(json.dumps({"path": str(path.absolute()), "kind": kind}).encode() + b"\n")
        child.stdin.flush()
        head = child.stdout.readline()
        if not head:
            raise EOFError
        return _array(json.loads(head), child.stdout)


def _array(head: dict[str, Any], stream: Any) -> NDArray[Any]:
    if "zh" in head:
        raise Unreadable(Reason(head["code"], head["zh"], head["en"]))
    if "code" in head:
        raise refuse(head["code"], **head["values"])
    array = np.empty(head["shape"], np.dtype(head["dtype"]))
    if stream.readinto(array.reshape(-1).view(np.uint8).data) != array.nbytes:
        raise EOFError
    return array


def _end(child: "subprocess.Popen[bytes]") -> None:
    """Wait a moment for a child that is falling, so that its own status is seen; then end it."""
    if child.stdin:
        _shut(child.stdin)
    try:
        child.wait(0.5)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def _shut(pipe: Any) -> None:
    try:
        pipe.close()
    except OSError:
        return  # the child is gone, and what was still to be written with it


def decode_slices(paths: Sequence[Path], children: int) -> NDArray[np.int16]:
    """A volume (slice, row, column) in HU from its files in order, decoded by so many children. Raises Unreadable."""
    parts = [list(range(first, len(paths), children)) for first in range(min(children, len(paths)))]
    volume: list[NDArray[Any] | None] = [None] * len(paths)

    def work(indices: list[int]) -> None:
        with Sandbox() as sandbox:
            for index in indices:
                volume[index] = sandbox.decode(paths[index], "slice")

    with ThreadPoolExecutor(len(parts)) as threads:
        for done in [threads.submit(work, part) for part in parts]:
            done.result()
    return np.stack([image for image in volume if image is not None])
