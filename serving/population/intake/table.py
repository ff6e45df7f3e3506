"""Resident tables read in batches: CSV, Parquet or NDJSON, any size; each row kept, its faults beside it.

A batch is a frame with the columns of `columns.COLUMNS` (numbers in the units given there; null is missing), and
`fault`: why the row cannot be scored, or null.
"""

import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from cdss.rules.terms.units import NotConvertible, UnknownUnit, convert
from cdss.serving.population.intake.cells import Source, cleaned
from cdss.serving.population.intake.columns import COLUMNS, CONCEPTS, REQUIRED

BATCH = 50_000
HEADER = re.compile(r"(?P<name>[^\[\]]+)\[(?P<unit>[^\[\]]+(?:\[[^\[\]]+\])?)\]")
SAMPLE = 1 << 20


class TableError(ValueError):
    """The table as a whole cannot be read; says what was found, what was expected, what to do."""


@dataclass(frozen=True, slots=True)
class Table:
    """A file understood: which of its columns are used, which are not, and what was odd about it."""

    frame: pl.LazyFrame
    sources: tuple[Source, ...]
    unread: tuple[str, ...]
    remarks: tuple[str, ...]

    def batches(self, size: int = BATCH) -> Iterator[pl.DataFrame]:
        """The rows, cleaned, `size` at a time, in the file's order."""
        for raw in self.frame.collect_batches(chunk_size=size, maintain_order=True):
            yield cleaned(raw, self.sources)


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
        raise TableError(f"{path.name}: found columns {', '.join(headers[:12])}; expected also {', '.join(missing)}")
    used = {source.header for source in sources}
    return Table(frame, sources, tuple(header for header in headers if header not in used), tuple(remarks))


def _scanned(path: Path, scratch: Path, remarks: list[str]) -> pl.LazyFrame:
    match path.suffix.casefold():
        case ".parquet" | ".pq":
            return pl.scan_parquet(path)
        case ".ndjson" | ".jsonl":
            return pl.scan_ndjson(path, infer_schema_length=10_000)
        case ".csv" | ".txt" | ".tsv":
            separator = "\t" if path.suffix.casefold() == ".tsv" else ","
            return pl.scan_csv(
                _utf8(path, scratch, remarks), infer_schema=False, separator=separator, truncate_ragged_lines=False
            )
    raise TableError(f"found {path.suffix or 'no'} file ending; expected .csv, .parquet or .ndjson")


def _utf8(path: Path, scratch: Path, remarks: list[str]) -> Path:
    """The file itself if it is UTF-8, else a copy converted from GB18030."""
    with path.open("rb") as file:
        if file.read(2) in (b"\xff\xfe", b"\xfe\xff"):
            raise TableError(f"{path.name} is UTF-16; save it as CSV UTF-8")
    if _decodes(path, "utf-8"):
        return path
    if not _decodes(path, "gb18030"):
        raise TableError(f"{path.name} is neither UTF-8 nor GB18030; save it as CSV UTF-8")
    remarks.append("the file is GB18030; it was read as such")
    copy = scratch / f"{path.stem}.utf8.csv"
    with path.open(encoding="gb18030", newline="") as file, copy.open("w", encoding="utf-8", newline="") as out:
        while text := file.read(SAMPLE):
            out.write(text)
    return copy


def _decodes(path: Path, encoding: str) -> bool:
    try:
        with path.open(encoding=encoding, newline="") as file:
            while file.read(SAMPLE):
                pass
    except UnicodeDecodeError:
        return False
    return True


def sources_of(headers: list[str]) -> tuple[Source, ...]:
    """Which columns are ours, and how they convert. TableError for a unit we do not know, or a column given twice."""
    found: dict[str, Source] = {}
    for header in headers:
        source = _source(header)
        if source and source.name in found:
            raise TableError(f"found {source.name} twice, as {found[source.name].header!r} and {header!r}; keep one")
        if source:
            found[source.name] = source
    return tuple(found.values())


def _source(header: str) -> Source | None:
    plain = header.strip().lstrip("\ufeff")
    match = HEADER.fullmatch(plain)
    if match is None:
        name = plain.casefold()
        return Source(header, name, 1.0) if name in COLUMNS else None
    name = match["name"].strip().casefold()
    name = name if name in COLUMNS else CONCEPTS.get(name, "")
    if not name:
        return None
    column = COLUMNS[name]
    try:
        factor = convert(1.0, match["unit"], column.unit, column.loinc)
    except (UnknownUnit, NotConvertible) as e:
        raise TableError(f"column {header!r}: {e}") from e
    return Source(header, name, factor)
