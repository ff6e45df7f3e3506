"""The local people a layer is made from: who has an outcome and an answer of the model, and why the others do not."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cdss.models.additive import Additive
from cdss.models.site_layer import logit_of
from cdss.serving.population.intake.cells import cleaned
from cdss.serving.population.intake.columns import FALSE, MISSING, TRUE, TRUTHS
from cdss.serving.population.intake.faults import TableError
from cdss.serving.population.intake.table import BATCH, Table, open_table
from cdss.serving.population.scoring.columns import numbers

Numbers = NDArray[np.float64]
NO_OUTCOME, UNREADABLE, FAULT = "no-outcome", "outcome-unreadable", "row-fault"


@dataclass(frozen=True, slots=True)
class People:
    """People with an outcome whom the model answers. All arrays (n,).

    `logit` is the model's own, before any layer; `tier` an index into `tiers`; `columns` what the model was asked with.
    """

    event: Numbers
    logit: Numbers
    tier: NDArray[np.int64]
    tiers: tuple[str, ...]
    columns: dict[str, Numbers]

    def __len__(self) -> int:
        return len(self.event)

    @property
    def rare(self) -> int:
        """Events or non-events, whichever are fewer: what an estimate rests on."""
        return int(min(self.event.sum(), len(self) - self.event.sum()))

    def take(self, rows: NDArray[np.bool_]) -> "People":
        """Some of them."""
        columns = {name: column[rows] for name, column in self.columns.items()}
        return People(self.event[rows], self.logit[rows], self.tier[rows], self.tiers, columns)


@dataclass(frozen=True, slots=True)
class Local:
    """A local table as read: the people, how many others there were and why, and the digest of the file."""

    people: People
    unused: dict[str, int]
    digest: str
    remarks: tuple[str, ...]


@dataclass(slots=True)
class _Gathered:
    ids: list[str] = field(default_factory=list)
    parts: list[People] = field(default_factory=list)
    unused: Counter[str] = field(default_factory=Counter)


def read(path: Path, model: Additive, outcome: str, asian: bool, scratch: Path) -> Local:
    """The people of a resident table with one column more, `outcome` (yes or no; empty is not known).

    TableError if it cannot be read, has no such column, or has an id twice.
    """
    table = open_table(path, scratch)
    header = _outcome_header(table, outcome, path.name)
    gathered = _Gathered()
    try:
        for raw in table.frame.collect_batches(chunk_size=BATCH, maintain_order=True):
            _gather(gathered, raw, table, header, model, asian)
    except pl.exceptions.PolarsError as e:
        raise TableError(f"{path.name} cannot be read: {str(e).splitlines()[0]}") from e
    _no_id_twice(gathered.ids, path.name)
    with path.open("rb") as file:
        digest = "sha256:" + hashlib.file_digest(file, "sha256").hexdigest()
    return Local(_joined(gathered.parts), dict(gathered.unused), digest, table.remarks)


def _outcome_header(table: Table, outcome: str, file: str) -> str:
    named = {header.strip().lstrip("\ufeff").casefold(): header for header in table.frame.collect_schema().names()}
    if outcome.casefold() not in named:
        raise TableError(
            f"{file}: found no column {outcome!r} among {', '.join(named)}; name the column that says yes or no "
            "with --outcome"
        )
    return named[outcome.casefold()]


def _gather(found: _Gathered, raw: pl.DataFrame, table: Table, header: str, model: Additive, asian: bool) -> None:
    """One batch: the model is asked of every row, then each row is used or counted by why it is not."""
    rows = cleaned(raw, table.sources)
    columns = {**numbers(rows), "asian": np.full(len(rows), float(asian))}
    columns = {name: column for name, column in columns.items() if name in model.FEATURES or name in TRUTHS}
    answers = model.assess_table(columns)
    event = _events(raw[header])
    reasons = [answers.problems[code] for code in answers.problem]
    for place, fault in enumerate(rows["fault"]):
        reasons[place] = FAULT if fault else reasons[place]
    why = [UNREADABLE if e == -1 else NO_OUTCOME if np.isnan(e) else w for e, w in zip(event, reasons, strict=True)]
    used = np.array([reason == "none" for reason in why], bool)
    found.unused.update(reason for reason in why if reason != "none")
    found.ids += [id for id, fault in zip(rows["id"], rows["fault"], strict=True) if id and not fault]
    everyone = People(event, logit_of(answers), answers.tier, answers.tiers, columns)
    found.parts.append(everyone.take(used))


def _events(column: pl.Series) -> Numbers:
    """(n,) 1 for yes, 0 for no, nan where nothing is written, -1 where it can be read as neither."""
    text = column.cast(pl.String).str.strip_chars().str.to_lowercase()
    said = (
        pl.when(pl.col("text").is_null() | pl.col("text").is_in(MISSING))
        .then(None)
        .when(pl.col("text").is_in(TRUE))
        .then(1.0)
        .when(pl.col("text").is_in(FALSE))
        .then(0.0)
        .otherwise(-1.0)
    )
    found = pl.DataFrame({"text": text}).select(said.alias("event")).to_series()
    return found.fill_null(float("nan")).to_numpy()


def _no_id_twice(ids: list[str], file: str) -> None:
    twice = [id for id, count in Counter(ids).items() if count > 1]
    if twice:
        raise TableError(
            f"{file}: found {len(twice)} ids more than once; keep one row a person, else one person counts as two"
        )


def _joined(parts: Iterator[People] | list[People]) -> People:
    every = list(parts)
    return People(
        np.concatenate([part.event for part in every]),
        np.concatenate([part.logit for part in every]),
        np.concatenate([part.tier for part in every]),
        every[0].tiers,
        {name: np.concatenate([part.columns[name] for part in every]) for name in every[0].columns},
    )
