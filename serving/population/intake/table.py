"""Resident tables read in batches: CSV, Parquet or NDJSON, any size; each row kept, its faults beside it.

A batch is a frame with the columns of `columns.COLUMNS` (numbers in the units given there; null is missing), and
`fault`: why the row cannot be scored, or null.
"""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from cdss.serving.population.intake.cells import BEYOND, Source, cleaned
from cdss.serving.population.intake.columns import REQUIRED
from cdss.serving.population.intake.encoding import utf8
from cdss.serving.population.intake.faults import TableError
from cdss.serving.population.intake.headers import meant, sources_of
from cdss.serving.population.intake.repeats import Repeats

BATCH = 50_000


@dataclass(frozen=True, slots=True)
class Table:
    """A file understood: which of its columns are used, which are not, and what was odd about it."""

    frame: pl.LazyFrame
    sources: tuple[Source, ...]
    unread: tuple[str, ...]
    remarks: tuple[str, ...]

    def batches(self, size: int = BATCH) -> Iterator[pl.DataFrame]:
        """The rows, cleaned, `size` at a time, in the file's order. TableError where the file breaks off."""
        repeats, rows = Repeats(), 0
        try:
            for raw in self.frame.collect_batches(chunk_size=size, maintain_order=True):
                yield repeats.marked(cleaned(raw, self.sources))
                rows += len(raw)
        except pl.exceptions.PolarsError as e:
            raise TableError(f"the table cannot be read after row {rows}: {str(e).splitlines()[0]}") from e


def open_table(path: Path, scratch: Path | None = None) -> Table:
    """The table in a file. TableError if it cannot be read, or lacks id, age or sex.

    A CSV in GB18030 is rewritten as UTF-8 below `scratch`, and that is remarked.
    """
    if not path.is_file():
        raise TableError(f"found no file {path}; give a CSV, Parquet or NDJSON file of residents")
    if path.stat().st_size == 0:
        raise TableError(f"{path.name} is empty; expected a header and a row for each resident")
    remarks: list[str] = []
    frame = _scanned(path, scratch or Path(tempfile.gettempdir()), remarks)
    try:
        headers = frame.collect_schema().names()
    except pl.exceptions.PolarsError as e:
        raise TableError(f"{path.name} cannot be read: {str(e).splitlines()[0]}") from e
    sources = sources_of(headers)
    if missing := [name for name in REQUIRED if name not in {source.name for source in sources}]:
        found = ", ".join(header for header in headers[:12] if header != BEYOND)
        raise TableError(f"{path.name}: found columns {found}; expected also {', '.join(missing)}")
    used = {*(source.header for source in sources), BEYOND}
    unread = tuple(meant(header) for header in headers if header not in used)
    return Table(frame, sources, unread, tuple(remarks))


def _scanned(path: Path, scratch: Path, remarks: list[str]) -> pl.LazyFrame:
    match path.suffix.casefold():
        case ".parquet" | ".pq":
            return pl.scan_parquet(path)
        case ".ndjson" | ".jsonl":
            return pl.scan_ndjson(path, infer_schema_length=10_000)
        case ".csv" | ".txt" | ".tsv":
            separator = "\t" if path.suffix.casefold() == ".tsv" else ","
            return _csv(utf8(path, scratch, remarks), separator)
    raise TableError(f"found {path.suffix or 'no'} file ending; expected .csv, .parquet or .ndjson")


def _csv(path: Path, separator: str) -> pl.LazyFrame:
    """All columns as text; what a line has beyond its header is kept in BEYOND, so that its row can be told."""
    headers = pl.scan_csv(path, infer_schema=False, separator=separator, truncate_ragged_lines=True)
    names = [*headers.collect_schema().names(), BEYOND]
    return pl.scan_csv(
        path,
        schema=dict.fromkeys(names, pl.String),
        has_header=False,
        skip_rows=1,
        separator=separator,
        missing_columns="insert",
        truncate_ragged_lines=True,
    )
