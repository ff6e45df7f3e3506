"""`cdss config`: are the settings valid, and what does each one say?"""

import json as jsonlib
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from cdss.serving.platform.config import PREFIX, ConfigError, Settings, origin, settings

app = typer.Typer(help="Settings: check and explain.", no_args_is_help=True)


@app.command()
def check() -> None:
    """Validate the settings; exit 2 and name each fault if they cannot be used."""
    _valid()
    typer.echo("settings: valid")


@app.command()
def explain(json: Annotated[bool, typer.Option("--json", help="Machine-readable output")] = False) -> None:
    """Every setting: its value, where the value came from, what it means."""
    current = _valid()
    rows = [
        {
            "name": PREFIX + name.upper(),
            "value": str(getattr(current, name) if getattr(current, name) is not None else ""),
            "from": origin(name),
            "meaning": field.description or "",
        }
        for name, field in Settings.model_fields.items()
    ]
    if json:
        typer.echo(jsonlib.dumps(rows, ensure_ascii=False, indent=2))
        return
    table = Table("Setting", "Value", "From", "Meaning")
    for row in rows:
        table.add_row(*row.values())
    Console().print(table)


def _valid() -> Settings:
    try:
        return settings()
    except ConfigError as e:
        raise typer.BadParameter(str(e)) from e
