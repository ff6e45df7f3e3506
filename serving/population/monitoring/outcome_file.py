"""A table of outcomes read: `id`, `date`, `outcome` (yes or no), and `model` where it is of one model only."""

import tempfile
from collections import Counter
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from cdss.serving.population.intake.columns import FALSE, TRUE
from cdss.serving.population.intake.encoding import utf8
from cdss.serving.population.intake.faults import TableError
from cdss.serving.population.monitoring.limits import limits
from cdss.serving.population.monitoring.outcomes import Outcome

NEEDED = ("id", "date", "outcome")


@dataclass(frozen=True, slots=True)
class Read:
    """The outcomes of a file, and how many rows were left out by why."""

    outcomes: list[Outcome]
    left_out: Counter[str]


def read(path: Path, today: date) -> Read:
    """CSV, Parquet or NDJSON. TableError if it cannot be read, or lacks a column."""
    if not path.is_file():
        raise TableError(f"found no file {path}; give a table with columns {', '.join(NEEDED)}")
    with tempfile.TemporaryDirectory(prefix="cdss-outcomes-") as scratch:
        try:
            frame = _frame(path, Path(scratch))
        except pl.exceptions.PolarsError as e:
            raise TableError(f"{path.name} cannot be read: {str(e).splitlines()[0]}") from e
    named = {header.strip().lstrip("\ufeff").casefold(): header for header in frame.columns}
    if missing := [name for name in NEEDED if name not in named]:
        raise TableError(f"{path.name}: found columns {', '.join(named)}; expected also {', '.join(missing)}")
    texts = {name: _texts(frame, named.get(name)) for name in (*NEEDED, "model")}
    found = Read([], Counter())
    for id, day, event, model in zip(*(texts[name] for name in (*NEEDED, "model")), strict=True):
        _take(found, id, _day(day), _yes(event), model, today)
    return found


def _frame(path: Path, scratch: Path) -> pl.DataFrame:
    match path.suffix.casefold():
        case ".parquet" | ".pq":
            return pl.read_parquet(path)
        case ".ndjson" | ".jsonl":
            return pl.read_ndjson(path)
        case ".csv" | ".txt":
            return pl.read_csv(utf8(path, scratch, []), infer_schema=False)
    raise TableError(f"found {path.suffix or 'no'} file ending; expected .csv, .parquet or .ndjson")


def _texts(frame: pl.DataFrame, header: str | None) -> list[str]:
    """A column as texts; empty where nothing is written, or there is no such column."""
    if header is None:
        return [""] * len(frame)
    return frame[header].cast(pl.String).str.strip_chars().fill_null("").to_list()


def _take(found: Read, id: str, day: date | None, event: bool | None, model: str, today: date) -> None:
    """One row, kept or counted by why not."""
    if not id:
        found.left_out["no-id"] += 1
    elif day is None:
        found.left_out["no-date"] += 1
    elif day > today:
        found.left_out["date-in-the-future"] += 1
    elif event is None:
        found.left_out["no-outcome"] += 1
    elif model and model not in limits().horizons:
        found.left_out["unknown-model"] += 1
    else:
        found.outcomes.append(Outcome(id, day, event, model))


def _day(text: str) -> date | None:
    """2026-09-17, also with a time behind it, 2026/9/17 or 2026年9月17日."""
    plain = text.split(" ")[0].split("T")[0].rstrip("日")
    for mark in "/.年月":
        plain = plain.replace(mark, "-")
    parts = plain.split("-")
    try:
        return date(*(int(part) for part in parts)) if len(parts) == 3 else None
    except ValueError:
        return None


def _yes(text: str) -> bool | None:
    lower = text.casefold()
    return True if lower in TRUE else False if lower in FALSE else None
