"""`cdss audit`: is the trail whole, and give me a copy of it."""

import json as jsonlib
from typing import Annotated

import sqlalchemy as sa
import typer

from cdss.serving.platform import audit as trail
from cdss.serving.platform.commands.stored import records
from cdss.serving.platform.tables import audit

app = typer.Typer(help="The audit trail: verify the chain, export it.", no_args_is_help=True)


@app.command()
def verify(json: Annotated[bool, typer.Option("--json", help="Machine-readable output")] = False) -> None:
    """Whether no entry was changed, removed or inserted; exit 1 and say where if one was."""
    with records() as connection:
        count = connection.execute(sa.select(sa.func.count()).select_from(audit)).scalar_one()
        faults = list(trail.faults(connection))
    if json:
        typer.echo(jsonlib.dumps({"entries": count, "faults": faults}))
    else:
        for fault in faults:
            typer.echo(fault)
        typer.echo(f"{count} entries, {len(faults)} faults")
    raise typer.Exit(1 if faults else 0)


@app.command()
def export() -> None:
    """The trail as NDJSON on standard output, oldest first."""
    with records() as connection:
        for row in connection.execute(sa.select(audit).order_by(audit.c.seq)).mappings():
            typer.echo(jsonlib.dumps({**row, "detail": jsonlib.loads(row["detail"])}, ensure_ascii=False))
