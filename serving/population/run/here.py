"""A run on this machine: parts one after the other, each kept before the next."""

from collections.abc import Callable, Iterator

import polars as pl

from cdss.serving.population.intake.table import BATCH, Table
from cdss.serving.population.run.checkpoint import Checkpoint
from cdss.serving.population.run.part import Options, Part, Scorer, part
from cdss.serving.population.scoring.assess import Assessed

Keep = Callable[[Assessed], None]


Told = Callable[[dict[str, int]], None]  # the counts of a part


def parts(table: Table, scorer: Scorer, options: Options, keep: Keep) -> Iterator[Part]:
    """Every part of the table in order, nothing kept of them here."""
    for first, batch in numbered(table):
        yield _scored(first, batch, scorer, options, keep)


def run(
    table: Table, scorer: Scorer, options: Options, keep: Keep, checkpoint: Checkpoint, told: Told
) -> tuple[dict[str, int], set[str]]:
    """Score what is not done yet, then join all. The counts, and the rules that could not be run."""
    for number, (first, batch) in enumerate(numbered(table)):
        if not checkpoint.has(number):
            done = _scored(first, batch, scorer, options, keep)
            checkpoint.put(number, done)
            told(done.counts)
    return checkpoint.finish()


def numbered(table: Table, size: int = BATCH) -> Iterator[tuple[int, pl.DataFrame]]:
    """Batches, each with the number of its first row."""
    first = 1
    for batch in table.batches(size):
        yield first, batch
        first += len(batch)


def _scored(first: int, batch: pl.DataFrame, scorer: Scorer, options: Options, keep: Keep) -> Part:
    assessed = scorer.assessed(batch, options)
    keep(assessed)
    return part(assessed, options, first)
