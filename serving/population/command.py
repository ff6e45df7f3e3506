"""`cdss score`: a table of residents in, one row a resident and model out."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import sqlalchemy as sa
import typer

from cdss.rules.pack import Pack
from cdss.serving.emr.desk import today
from cdss.serving.platform import database
from cdss.serving.platform.config import ConfigError, Settings, settings
from cdss.serving.platform.knowledge import in_force
from cdss.serving.platform.language import Lang, chosen
from cdss.serving.population.intake.table import Table, TableError, open_table
from cdss.serving.population.output.rows import rows
from cdss.serving.population.output.writers import Write, writer
from cdss.serving.population.scoring.assess import assess
from cdss.serving.population.scoring.assessment import Assessment
from cdss.serving.population.scoring.risks import Risks
from cdss.serving.population.worklist import store

KEPT_AT_ONCE = 1000
Store = Callable[[list[Assessment]], None]


def score(
    file: Annotated[Path, typer.Argument(help="CSV, Parquet or NDJSON of residents")],
    out: Annotated[Path | None, typer.Option(help=".csv, .parquet or .ndjson; else CSV on standard output")] = None,
    json: Annotated[bool, typer.Option("--json", help="NDJSON on standard output")] = False,
    keep: Annotated[bool, typer.Option("--worklist", help="Put the residents on this installation's worklist")] = False,
    lang: Annotated[str | None, typer.Option(help="zh or en; by default CDSS_LANG")] = None,
) -> None:
    """Risk, tier, reasons and next action of every resident; rows that cannot be used are listed with the reason.

    Exit status: 0 done, 2 the file cannot be read as a table of residents.
    """
    with tempfile.TemporaryDirectory(prefix="cdss-score-") as scratch:
        try:
            current, table = settings(), open_table(file, Path(scratch))
            _remark(table)
            with writer(out, json) as write, _keeper(current, keep) as keep_all:
                pack, words = in_force(current, _say), chosen(lang, None, current.lang)
                counts = _run(table, Risks(current.residents_asian), pack, write, keep_all, words)
        except (ConfigError, TableError) as e:
            raise typer.BadParameter(str(e)) from e
    typer.echo(f"{counts['residents']} residents, {counts['faulty']} not usable, {counts['high']} high", err=True)


def _say(words: str) -> None:
    typer.echo(words, err=True)


def _remark(table: Table) -> None:
    for remark in table.remarks:
        typer.echo(remark, err=True)
    if table.unread:
        typer.echo(f"columns not read: {', '.join(table.unread)}", err=True)


def _run(table: Table, risks: Risks, pack: Pack, write: Write, keep_all: Store, lang: Lang) -> dict[str, int]:
    day = today()
    counts = {"residents": 0, "faulty": 0, "high": 0}
    for batch in table.batches():
        assessments = list(assess(batch, risks, pack, day))
        write(row for assessment in assessments for row in rows(assessment, lang))
        keep_all(assessments)
        counts["residents"] += len(assessments)
        counts["faulty"] += sum(bool(assessment.fault) for assessment in assessments)
        counts["high"] += sum(assessment.tier == "high" for assessment in assessments)
        typer.echo(f"{counts['residents']} residents", err=True)
    return counts


@contextmanager
def _keeper(current: Settings, keep: bool) -> Iterator[Store]:
    """Stores assessments on the worklist, or does nothing."""
    if not keep:
        yield _forget
        return
    current.state.mkdir(parents=True, exist_ok=True)
    engine = database.connect(current.database)
    database.migrate(engine)
    yield lambda assessments: _keep(engine, assessments)
    engine.dispose()


def _forget(_: list[Assessment]) -> None:
    return


def _keep(engine: sa.Engine, assessments: list[Assessment]) -> None:
    for start in range(0, len(assessments), KEPT_AT_ONCE):
        with engine.begin() as connection:
            store.keep(connection, assessments[start : start + KEPT_AT_ONCE])
