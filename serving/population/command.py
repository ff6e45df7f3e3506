"""`cdss score`: a table of residents in, one row a resident and model out."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, get_args

import polars as pl
import sqlalchemy as sa
import typer

from cdss.serving.emr.desk import today
from cdss.serving.platform import database
from cdss.serving.platform.config import ConfigError, Settings, settings
from cdss.serving.platform.language import chosen
from cdss.serving.population.intake.faults import TableError
from cdss.serving.population.intake.opening import opened
from cdss.serving.population.intake.table import BATCH, Table
from cdss.serving.population.output.frame import Reasons
from cdss.serving.population.run import files, here, keeping, shared
from cdss.serving.population.run.checkpoint import Checkpoint, faults_file, identity
from cdss.serving.population.run.part import Options, Part, Scorer, added
from cdss.serving.population.scoring.assess import Assessed

Outcome = tuple[dict[str, int], set[str]]  # counts, and rules that could not be run


def score(
    file: Annotated[Path, typer.Argument(help="CSV, Parquet or NDJSON of residents, or a FHIR bulk export")],
    out: Annotated[Path | None, typer.Option(help=".csv, .parquet or .ndjson; else CSV on standard output")] = None,
    json: Annotated[bool, typer.Option("--json", help="NDJSON on standard output")] = False,
    keep: Annotated[bool, typer.Option("--worklist", help="Put the residents on this installation's worklist")] = False,
    lang: Annotated[str | None, typer.Option(help="zh or en; by default CDSS_LANG")] = None,
    reasons: Annotated[str, typer.Option(help="Whose reasons are put into words: all, flagged or none")] = "all",
    alone: Annotated[bool, typer.Option("--here", help="Do not share the run with the workers")] = False,
) -> None:
    """Risk, tier, reasons and next action of every resident; rows that cannot be used are listed with the reason.

    With --out a run that was stopped goes on where it was when the same command is given again. Where
    CDSS_DATABASE_URL is PostgreSQL, the workers on it share the run.

    Exit status: 0 done, 1 parts could not be scored, 2 the file cannot be read as a table of residents.
    """
    with tempfile.TemporaryDirectory(prefix="cdss-score-") as scratch:
        try:
            current = settings()
            if out:
                files.ending(out)
            options = Options(today(), chosen(lang, None, current.lang), _reasons(reasons), keep)
            scorer = Scorer.at(current, _say)
            table = opened(file, Path(scratch), scorer.pack, options.day)
            _remark(table)
            counts, failures = _run(current, scorer, file, table, options, out, json, alone)
        except (ConfigError, TableError) as e:
            raise typer.BadParameter(str(e)) from e
        except shared.RunFailed as e:
            _say(str(e))
            raise typer.Exit(1) from e
    _conclude(counts, failures, out)


def _run(
    current: Settings,
    scorer: Scorer,
    file: Path,
    table: Table,
    options: Options,
    out: Path | None,
    json: bool,
    alone: bool,
) -> Outcome:
    who = identity(file, options, scorer, BATCH)
    if current.database.startswith("postgresql") and not alone:
        with _database(current) as engine:
            return _written(shared.parts(engine, table, options, who, _say), out, json)
    with _keeper(current, scorer, options.keep) as keep:
        if out is None:
            return _written(here.parts(table, scorer, options, keep), out, json)
        checkpoint = Checkpoint(out, who)
        if checkpoint.note:
            _say(checkpoint.note)
        return here.run(table, scorer, options, keep, checkpoint, _Progress())


def _written(parts: Iterator[Part], out: Path | None, json: bool) -> Outcome:
    """The parts as they come, to a file or to standard output."""
    told: list[Part] = []

    def rows() -> Iterator[pl.DataFrame]:
        for part in parts:
            told.append(Part(part.rows.clear(), part.faults, part.counts, part.failures))
            yield part.rows

    if out is None:
        files.stream(rows(), json)
    else:
        files.collect(rows(), out)
        files.list_faults((part.faults for part in told), faults_file(out))
    return added([part.counts for part in told]), {rule for part in told for rule in part.failures}


class _Progress:
    """Says how many residents are done."""

    def __init__(self) -> None:
        self.residents = 0

    def __call__(self, counts: dict[str, int]) -> None:
        self.residents += counts["residents"]
        _say(f"{self.residents} residents")


def _reasons(text: str) -> Reasons:
    for known in get_args(Reasons):
        if text == known:
            return known  # type: ignore[no-any-return]
    raise TableError(f"found --reasons {text!r}, expected {', '.join(get_args(Reasons))}")


def _say(words: str) -> None:
    typer.echo(words, err=True)


def _remark(table: Table) -> None:
    for remark in table.remarks:
        _say(remark)
    if table.unread:
        _say(f"columns not read: {', '.join(table.unread)}")


def _conclude(counts: dict[str, int], failures: set[str], out: Path | None) -> None:
    """What the run came to; nothing that was left out is left unsaid."""
    number = {name: counts.get(name, 0) for name in ("residents", "faulty", "unanswered", "high")}
    _say(
        f"{number['residents']} residents, {number['faulty']} not usable, "
        f"{number['unanswered']} without an answer of any model, {number['high']} high"
    )
    if number["faulty"] and out:
        _say(f"rows that are not usable: {faults_file(out)}")
    for rule in sorted(failures):
        _say(f"rule {rule} could not be run: nothing was checked by it")


@contextmanager
def _keeper(current: Settings, scorer: Scorer, keep: bool) -> Iterator[Callable[[Assessed], None]]:
    """Puts batches on the worklist, or does nothing."""
    if not keep:
        yield lambda _: None
        return
    with _database(current) as engine:
        yield lambda assessed: _keep(engine, assessed, scorer, current)


def _keep(engine: sa.Engine, assessed: Assessed, scorer: Scorer, current: Settings) -> None:
    with engine.begin() as connection:
        keeping.keep(connection, assessed, scorer.tally, current)


@contextmanager
def _database(current: Settings) -> Iterator[sa.Engine]:
    current.state.mkdir(parents=True, exist_ok=True)
    engine = database.connect(current.database)
    database.migrate(engine)
    yield engine
    engine.dispose()
