"""What of a run is done already, in a folder beside the output: a run that was stopped goes on where it was.

Only a run of the same file, with the same options, models and knowledge, on the same day goes on; anything else starts
anew, and says why.
"""

import hashlib
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import polars as pl

from cdss.serving.population.run import files
from cdss.serving.population.run.part import Options, Part, Scorer, added

CHANGED = "the file, the options, the models or the knowledge have changed: starting anew"
ENDS = 1 << 20  # bytes at both ends of a file that its identity looks at


def identity(path: Path, options: Options, scorer: Scorer, size: int) -> dict[str, Any]:
    """What makes two runs the same: the files, the options, the models and knowledge, the size of the parts."""
    return {
        "files": _looks(path),
        "options": msgspec.to_builtins(options),
        "digests": scorer.digests,
        "asian": scorer.risks.asian,
        "part": size,
    }


def _looks(path: Path) -> list[dict[str, Any]]:
    """Of every file its size, time of change, and a hash of both ends: reading all of 10 GB would take too long."""
    every = sorted(each for each in path.iterdir() if each.is_file()) if path.is_dir() else [path]
    return [_look(each) for each in every]


def _look(file: Path) -> dict[str, Any]:
    seen, ends = file.stat(), hashlib.sha256()
    with file.open("rb") as opened:
        ends.update(opened.read(ENDS))
        opened.seek(max(0, seen.st_size - ENDS))
        ends.update(opened.read(ENDS))
    return {"size": seen.st_size, "changed": seen.st_mtime_ns, "ends": ends.hexdigest()}


class Checkpoint:
    """The parts of a run that are done. A part counts as done when its counts are there: they are written last."""

    def __init__(self, out: Path, who: Mapping[str, Any]) -> None:
        self.out, self.ending = out, files.ending(out)
        self.folder = out.with_name(f"{out.name}.run")
        self.note = self._opened(dict(who))

    def _opened(self, who: dict[str, Any]) -> str:
        """Opens the folder; what is to be said of it."""
        path = self.folder / "run.json"
        text = msgspec.json.encode(who)
        if path.is_file() and path.read_bytes() == text:
            done = len(self._done())
            return f"going on with a run that was stopped: {done} parts are done" if done else ""
        note = (
            "the file, the options, the models or the knowledge have changed: starting anew" if path.is_file() else ""
        )
        self.discard()
        self.folder.mkdir(parents=True)
        path.write_bytes(text)
        return note

    def has(self, number: int) -> bool:
        """Whether a part is done."""
        return self._path(number, ".json").is_file()

    def put(self, number: int, done: Part) -> None:
        """Keep a part."""
        files.write(done.rows, self._path(number, self.ending))
        done.faults.write_parquet(self._path(number, ".faults"))
        counts = {"counts": done.counts, "failures": done.failures}
        fresh = self._path(number, ".new")
        fresh.write_bytes(msgspec.json.encode(counts))
        fresh.replace(self._path(number, ".json"))

    def finish(self) -> tuple[dict[str, int], set[str]]:
        """Join the parts to the output, the faults to a file beside it, and take the folder away.

        The counts of the whole run, and the rules that could not be run.
        """
        numbers = self._done()
        files.join([self._path(number, self.ending) for number in numbers], self.out)
        files.list_faults([pl.read_parquet(self._path(n, ".faults")) for n in numbers], faults_file(self.out))
        told = [msgspec.json.decode(self._path(number, ".json").read_bytes()) for number in numbers]
        self.discard()
        return added([each["counts"] for each in told]), {rule for each in told for rule in each["failures"]}

    def discard(self) -> None:
        """Take the folder away."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _done(self) -> list[int]:
        return sorted(int(path.stem) for path in self.folder.glob("[0-9]*.json"))

    def _path(self, number: int, ending: str) -> Path:
        return self.folder / f"{number:06}{ending}"


def faults_file(out: Path) -> Path:
    """Where the rows that could not be used are listed: risk.csv -> risk.faults.csv."""
    return out.with_name(f"{out.stem}.faults.csv")
