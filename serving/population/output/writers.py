"""Where the rows of a run go: CSV, NDJSON or Parquet, written as they come."""

import csv
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

import msgspec
import polars as pl

from cdss.serving.population.intake.table import TableError
from cdss.serving.population.output.rows import HEADER

Rows = Iterable[dict[str, Any]]
Write = Callable[[Rows], None]


@contextmanager
def writer(out: Path | None, ndjson: bool) -> Iterator[Write]:
    """Writes rows to `out` in the form its ending names, or to standard output. TableError for another ending."""
    ending = out.suffix.casefold() if out else ".ndjson" if ndjson else ".csv"
    if out and ending == ".parquet":
        yield from _parquet(out)
    elif ending not in (".csv", ".ndjson"):
        raise TableError(f"found --out ending {ending!r}, expected .csv, .parquet or .ndjson")
    elif out is None:
        yield _csv(sys.stdout) if ending == ".csv" else _ndjson(sys.stdout)
    else:
        with out.open("w", encoding="utf-8", newline="") as file:
            yield _csv(file) if ending == ".csv" else _ndjson(file)


def _csv(file: TextIO) -> Write:
    table = csv.DictWriter(file, HEADER, lineterminator="\n")
    table.writeheader()
    return table.writerows


def _ndjson(file: TextIO) -> Write:
    def write(rows: Rows) -> None:
        file.writelines(msgspec.json.encode(row).decode() + "\n" for row in rows)

    return write


def _parquet(out: Path) -> Iterator[Write]:
    """Parts in a folder beside, joined at the end, so that memory does not grow with the file."""
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=".parts-") as folder:
        parts: list[Path] = []

        def write(rows: Rows) -> None:
            parts.append(Path(folder) / f"{len(parts):06}.parquet")
            texts = [{name: str(value) for name, value in row.items()} for row in rows]
            frame = pl.DataFrame(texts, schema=dict.fromkeys(HEADER, pl.String))
            frame.with_columns(pl.col("probability").cast(pl.Float64, strict=False)).write_parquet(parts[-1])

        yield write
        pl.scan_parquet(parts).sink_parquet(out)
