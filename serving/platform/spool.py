"""Jobs kept in a file, one JSON a line, until the database takes them."""

import json
import os
from pathlib import Path
from typing import Any

import msgspec
import structlog

log = structlog.get_logger()
Job = dict[str, Any]


class Spool:
    """The file at `path`; beside it, `.refused`: what no database will ever take, kept for a person to look at."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.refused = path.with_name(path.name + ".refused")

    def read(self) -> list[Job]:
        """All jobs, which stay in the file; a line that cannot be read is set aside."""
        jobs: list[Job] = []
        for line in self.path.read_bytes().splitlines() if self.path.exists() else ():
            try:
                jobs.append(msgspec.json.decode(line, type=Job))
            except msgspec.MsgspecError:
                log.error("unreadable line in the spool, set aside", bytes=len(line))
                _append(self.refused, line + b"\n")
        return jobs

    def add(self, jobs: list[Job]) -> None:
        """Append jobs, flushed to the disk. OSError if there is no room."""
        _append(self.path, _lines(jobs))

    def replace(self, jobs: list[Job]) -> None:
        """These jobs and no others, in one step. OSError if there is no room."""
        fresh = self.path.with_name(self.path.name + ".new")
        fresh.unlink(missing_ok=True)
        _append(fresh, _lines(jobs))
        fresh.replace(self.path)

    def clear(self) -> None:
        """All jobs are stored."""
        self.path.unlink(missing_ok=True)

    def refuse(self, job: Job) -> None:
        """Set aside a job that cannot be stored."""
        _append(self.refused, _lines([job]))


def _lines(jobs: list[Job]) -> bytes:
    """One JSON a line, whatever a job holds: half a character as its escape, what JSON does not know in words."""
    lines = (json.dumps(job, ensure_ascii=False, default=repr) + "\n" for job in jobs)
    return "".join(lines).encode(errors="backslashreplace")


def _append(path: Path, lines: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        file.write(lines)
        file.flush()
        os.fsync(file.fileno())
