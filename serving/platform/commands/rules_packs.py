"""`cdss rules activate|rollback|packs`: which knowledge is in force. A running service swaps to it by itself."""

import json as jsonlib
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from cdss.rules.language.sizes import PackRefused
from cdss.serving.platform.config import ConfigError, settings
from cdss.serving.platform.knowledge import PROGRAM, Shelf

Json = Annotated[bool, typer.Option("--json", help="Machine-readable output")]


def activate(folder: Annotated[Path, typer.Argument(help="A knowledge folder")]) -> None:
    """Put a knowledge folder in force: linted and tested first; exit 1 with the reasons if it is refused."""
    try:
        pack = _shelf().activate(folder, date.today())  # noqa: DTZ011
    except PackRefused as e:
        for reason in e.reasons:
            typer.echo(reason, err=True)
        typer.echo(f"{folder}: refused, nothing changed; {len(e.reasons)} reasons", err=True)
        raise typer.Exit(1) from e
    typer.echo(f"in force: version {pack.version}, {len(pack.rules)} rules, {pack.digest}")


def rollback() -> None:
    """Put in force what was in force before."""
    try:
        digest = _shelf().roll_back()
    except PackRefused as e:
        typer.echo(str(e), err=True)
        raise typer.Exit(1) from e
    typer.echo(f"in force: {_named(digest)}")


def packs(json: Json = False) -> None:
    """The pack in force, and those it can be rolled back to."""
    try:
        found = _shelf().in_force()
    except PackRefused as e:
        typer.echo(str(e), err=True)
        raise typer.Exit(1) from e
    if json:
        typer.echo(
            jsonlib.dumps({"in_force": found.digest or "program", "before": [d or "program" for d in found.before]})
        )
        return
    typer.echo(f"in force: {_named(found.digest)}")
    for digest in found.before:
        typer.echo(f"before:   {_named(digest)}")


def _named(digest: str) -> str:
    return "the knowledge the program brings" if digest == PROGRAM else digest


def _shelf() -> Shelf:
    try:
        return Shelf(settings())
    except ConfigError as e:
        raise typer.BadParameter(str(e)) from e
