"""Whether NHANES tables have the rows they should: against `ROWCHECK.csv`, which came with them."""

import csv
import lzma
from pathlib import Path

from cdss.datasets.fetching import COUNTS


def row_counts(folder: Path) -> list[str]:
    """One line for each table whose rows differ from the list's, or that is not on it. Empty is intact."""
    path = folder / COUNTS
    if not path.is_file():
        return [f"found no {COUNTS} in {folder}; rows cannot be checked"]
    with path.open(encoding="utf-8", newline="") as file:
        expected = {row["table"]: int(row["rows"]) for row in csv.DictReader(file) if row["rows"].isdigit()}
    found = {table.name.removesuffix(".csv.xz"): _rows(table) for table in sorted(folder.glob("*.csv.xz"))}
    wrong = [
        f"{table}: found {rows} rows, expected {expected[table]}; fetch it again"
        for table, rows in found.items()
        if table in expected and rows != expected[table]
    ]
    return wrong + [f"{table}: not in {COUNTS}" for table in found if table not in expected]


def _rows(path: Path) -> int:
    """Rows after the heading; quoted text may hold line breaks."""
    text = lzma.decompress(path.read_bytes()).decode("latin-1")
    return sum(1 for _ in csv.reader(text.splitlines(keepends=True))) - 1
