"""`cdss remind`: send what is due, see what is on its way, try again, and who wants no texts."""

import json as jsonlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import sqlalchemy as sa
import typer
from rich.console import Console
from rich.table import Table

from cdss.serving.platform import audit, database
from cdss.serving.platform import log as logging
from cdss.serving.platform.audit import entry, pseudonymiser
from cdss.serving.platform.commands.stored import records
from cdss.serving.platform.config import ConfigError, Settings, settings
from cdss.serving.population.outreach import optout
from cdss.serving.population.outreach.sending import outbox
from cdss.serving.population.outreach.sending.channels import post_of, utc_now

MOST = 100_000
COLUMNS = ("id", "resident_id", "channel", "recipient", "state", "due", "attempts", "error", "via")
app = typer.Typer(help="Reminders: send what is due, list, retry, who wants none.", no_args_is_help=True)


@app.command()
def run() -> None:
    """Send everything that is due now, once; exit 1 if something could not be sent, and stays to be tried again.

    `cdss serve --role worker` does this by itself.
    """
    with _stored() as (current, engine):
        logging.configure(current.log_level, "remind")
        try:
            post = post_of(current, engine)
        except ConfigError as e:
            raise typer.BadParameter(str(e)) from e
        done: Counter[str] = Counter()
        while latest := +post.round():
            done += latest
            if latest["later"] or latest["failed"]:
                break
    said = ", ".join(f"{done[name]} {name}" for name in ("sent", "cancelled", "later", "failed"))
    typer.echo(said)
    raise typer.Exit(1 if done["later"] or done["failed"] else 0)


@app.command("list")
def list_(
    state: Annotated[str, typer.Option(help="queued, held, sent, failed or cancelled; else all")] = "",
    limit: Annotated[int, typer.Option(min=1, max=MOST, help="At most so many")] = 50,
    json: Annotated[bool, typer.Option("--json", help="Machine-readable output")] = False,
) -> None:
    """Letters on their way and those that went, last changed first."""
    with records() as connection:
        found, total = outbox.listed(connection, limit, state=state)
    if json:
        typer.echo(jsonlib.dumps({"reminders": found, "total": total}, ensure_ascii=False))
        return
    table = Table(*COLUMNS)
    for row in found:
        table.add_row(*(str(row[name]) for name in COLUMNS))
    Console().print(table)
    typer.echo(f"{len(found)} of {total}", err=True)


@app.command()
def retry(
    id: Annotated[str, typer.Argument(help="Of a failed letter, from `cdss remind list`; `all` for all of them")],
) -> None:
    """Try again what failed; exit 1 if there is no such failed letter."""
    with _stored() as (current, engine), engine.begin() as connection:
        again = outbox.retry(connection, utc_now(), "" if id == "all" else id)
        names = pseudonymiser(current.state)
        audit.append(connection, [entry("reminder", "cli", names.of(one), "retried", {}) for one, _ in again])
    typer.echo(f"{len(again)} to be tried again")
    raise typer.Exit(0 if again else 1)


@app.command("opt-out")
def opt_out(id: Annotated[str, typer.Argument(help="The resident's id, as in the resident table")]) -> None:
    """A resident wants no texts; what waits is cancelled. Tasks for doctors go on."""
    with _stored() as (current, engine), engine.begin() as connection:
        changed = optout.put(connection, _resident(id), "cli", pseudonymiser(current.state))
    typer.echo("opted out" if changed else "was opted out already")


@app.command("opt-in")
def opt_in(id: Annotated[str, typer.Argument(help="The resident's id, as in the resident table")]) -> None:
    """A resident wants texts again, whoever said otherwise before."""
    with _stored() as (current, engine), engine.begin() as connection:
        changed = optout.take_back(connection, _resident(id), "cli", pseudonymiser(current.state))
    typer.echo("opted in" if changed else "was not opted out")


def _resident(id: str) -> str:
    if not optout.is_id(id):
        raise typer.BadParameter("expected a resident's id of 1 to 64 visible characters")
    return id


@contextmanager
def _stored() -> Iterator[tuple[Settings, sa.Engine]]:
    """The settings and the database of this installation, brought to this version."""
    try:
        current = settings()
    except ConfigError as e:
        raise typer.BadParameter(str(e)) from e
    current.state.mkdir(parents=True, exist_ok=True)
    engine = database.connect(current.database)
    database.migrate(engine)
    try:
        yield current, engine
    finally:
        engine.dispose()
