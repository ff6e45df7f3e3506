"""`cdss monitor`: what models see and say here against what they were made from, and against what happened."""

import json as jsonlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated

import sqlalchemy as sa
import typer

from cdss.serving.emr.desk import today
from cdss.serving.platform import audit, database
from cdss.serving.platform.commands.stored import records
from cdss.serving.platform.config import ConfigError, Settings, settings
from cdss.serving.platform.language import chosen
from cdss.serving.population.calibration import known
from cdss.serving.population.intake.faults import TableError
from cdss.serving.population.monitoring import outcome_file, store
from cdss.serving.population.monitoring.limits import limits
from cdss.serving.population.monitoring.outcomes import join, models_of
from cdss.serving.population.monitoring.report import DAYS, watches
from cdss.serving.population.monitoring.told import lines, plain

app = typer.Typer(help="Models watched: drift, calibration, this site's baseline.", no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="Machine-readable output")]


@app.command()
def show(
    name: Annotated[str | None, typer.Argument(help="A risk model; by default all")] = None,
    days: Annotated[int, typer.Option(min=1, help="The last so many days")] = DAYS,
    json: Json = False,
    lang: Annotated[str | None, typer.Option(help="zh or en; by default CDSS_LANG")] = None,
) -> None:
    """How many each model answered, drift, calibration and the site layer. Drift is told, it is no failure: exit 0."""
    if name is not None and name not in known.names():
        raise typer.BadParameter(f"found no risk model {name!r}; expected one of {', '.join(known.names())}")
    current = _settings()
    with records() as connection:
        found = watches(connection, current.state, today(), days, None if name is None else [name])
    if json:
        typer.echo(jsonlib.dumps([plain(watch) for watch in found], ensure_ascii=False, indent=1))
        return
    for watch in found:
        for line in lines(watch, chosen(lang, None, current.lang)):
            typer.echo(line)


@app.command()
def baseline(
    first: Annotated[str | None, typer.Option("--from", help="First day, YYYY-MM-DD; by default 30 days ago")] = None,
    last: Annotated[str | None, typer.Option("--to", help="Last day; by default today")] = None,
    json: Json = False,
) -> None:
    """Make these days this site's own normal. By default it is the first days that held 2,000 people."""
    since, until = _day(first, today() - timedelta(days=DAYS - 1)), _day(last, today())
    if since > until:
        raise typer.BadParameter(f"found --from {since} after --to {until}")
    span = (since.isoformat(), until.isoformat())
    with _changed(_settings()) as connection:
        people = store.set_baseline(connection, span)
        detail = {"from": span[0], "to": span[1], "people": sum(people.values())}
        audit.append(connection, [audit.entry("baseline", "command", "", "set", detail)])
    if not people:
        raise typer.BadParameter(f"found nobody who was scored from {since} to {until}; score residents first")
    if json:
        rows = [{"model": model, "version": version, "people": count} for (model, version), count in people.items()]
        typer.echo(jsonlib.dumps(rows, indent=1))
        return
    for (model, version), count in people.items():
        few = " (too few to compare with)" if count < limits().fewest_people else ""
        typer.echo(f"{model} {version}: {count} people{few}")


@app.command()
def outcomes(
    file: Annotated[Path, typer.Argument(help="Table with id, date, outcome (yes or no), model where it is of one")],
    event: Annotated[str, typer.Option(help="What the outcome is, where the table names no model")] = "diabetes",
    json: Json = False,
) -> None:
    """Compare outcomes with predictions made before them.

    Exit status: 0 done, 2 the table cannot be read.
    """
    if not models_of(event):
        events = sorted({horizon.event for horizon in limits().horizons.values()})
        raise typer.BadParameter(f"found --event {event}, expected one of {', '.join(events)}")
    try:
        read = outcome_file.read(file, today())
    except TableError as e:
        raise typer.BadParameter(str(e)) from e
    with _changed(_settings()) as connection:
        counts = read.left_out + join(connection, read.outcomes, event)
        audit.append(connection, [audit.entry("outcomes", "command", "", "compared", dict(counts))])
    if json:
        typer.echo(jsonlib.dumps(dict(counts)))
        return
    typer.echo(f"{counts.pop('compared', 0)} outcomes compared with a prediction")
    for reason, count in counts.most_common():
        typer.echo(f"  {count} left out: {reason}")


def _settings() -> Settings:
    try:
        return settings()
    except ConfigError as e:
        raise typer.BadParameter(str(e)) from e


def _day(text: str | None, default: date) -> date:
    try:
        return date.fromisoformat(text) if text else default
    except ValueError:
        raise typer.BadParameter(f"found {text!r}, expected a day YYYY-MM-DD") from None


@contextmanager
def _changed(current: Settings) -> Iterator[sa.Connection]:
    """The records, made if there are none, in one transaction."""
    current.state.mkdir(parents=True, exist_ok=True)
    engine = database.connect(current.database)
    try:
        database.migrate(engine)
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()
