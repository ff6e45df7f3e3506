"""Tables of knowledge, as files of comma-separated values: read strictly, faults named by file and line."""

import csv
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from cdss.rules import KNOWLEDGE

Row = dict[str, str]


class TableError(ValueError):
    """A table cannot be used; names the file, the line and the fault."""


def rows(path: Path, columns: tuple[str, ...]) -> Iterator[tuple[int, Row]]:
    """Each line with its number. TableError if the file, a column or a cell is missing."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            if missing := [c for c in columns if c not in (reader.fieldnames or ())]:
                raise TableError(f"{path}:1: found columns {reader.fieldnames}, expected {missing} as well")
            for row in reader:
                if None in row or None in row.values():
                    raise TableError(f"{path}:{reader.line_num}: found {len(row)} cells, expected {reader.fieldnames}")
                yield reader.line_num, row
    except (OSError, UnicodeDecodeError, csv.Error) as e:
        raise TableError(f"{path}: cannot be read: {e}") from e


@lru_cache(maxsize=64)
def own(name: str, *columns: str) -> tuple[Row, ...]:
    """A table that the program itself reads, the same for every pack: `conditions/names.csv`. TableError as above."""
    return tuple(row for _, row in rows(KNOWLEDGE / name, columns))
