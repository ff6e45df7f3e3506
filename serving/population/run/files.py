"""Rows on disk: parts written one by one, and joined in the form that the output's ending names."""

import shutil
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

import polars as pl

from cdss.serving.population.intake.faults import TableError
from cdss.serving.population.output.rows import HEADER

ENDINGS = (".csv", ".ndjson", ".parquet")


def ending(out: Path) -> str:
    """The form of an output file. TableError if it is none of ENDINGS."""
    found = out.suffix.casefold()
    if found not in ENDINGS:
        raise TableError(f"found --out ending {out.suffix!r}, expected .csv, .parquet or .ndjson")
    return found


def write(rows: pl.DataFrame, path: Path) -> None:
    """One part; a CSV part has no header."""
    match path.suffix:
        case ".csv":
            rows.write_csv(path, include_header=False)
        case ".ndjson":
            rows.write_ndjson(path)
        case _:
            rows.write_parquet(path)


def join(parts: list[Path], out: Path) -> None:
    """All parts in order as one file, which is whole or not there."""
    fresh = out.with_name(f".{out.name}.new")
    if out.suffix.casefold() == ".parquet":
        pl.scan_parquet(parts).sink_parquet(fresh)
    else:
        with fresh.open("wb") as file:
            if out.suffix.casefold() == ".csv":
                file.write((",".join(HEADER) + "\n").encode())
            for path in parts:
                with path.open("rb") as one:
                    shutil.copyfileobj(one, file, 1 << 20)
    fresh.replace(out)


def collect(parts: Iterable[pl.DataFrame], out: Path) -> None:
    """Parts as they come, joined to one file."""
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}-") as folder:
        paths: list[Path] = []
        for rows in parts:
            paths.append(Path(folder) / f"{len(paths):06}{out.suffix.casefold()}")
            write(rows, paths[-1])
        join(paths, out)


def list_faults(parts: Iterable[pl.DataFrame], path: Path) -> None:
    """The rows that could not be used as one CSV; no file if there are none."""
    every = pl.concat(parts)
    if len(every):
        every.write_csv(path)
    else:
        path.unlink(missing_ok=True)


def stream(parts: Iterable[pl.DataFrame], ndjson: bool) -> None:
    """Rows to standard output as they come."""
    out: BinaryIO = sys.stdout.buffer
    if not ndjson:
        out.write((",".join(HEADER) + "\n").encode())
    for rows in parts:
        rows.write_ndjson(out) if ndjson else rows.write_csv(out, include_header=False)
    out.flush()
