"""`cdss rules counts`: how often each rule was shown, accepted and overridden here."""

import json as jsonlib
from dataclasses import asdict
from datetime import datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Column, Table

from cdss.serving.emr.burden import Burden, burden
from cdss.serving.platform.commands.stored import records

Since = Annotated[datetime | None, typer.Option(help="First day counted; by default all", formats=["%Y-%m-%d"])]


def counts(
    since: Since = None, json: Annotated[bool, typer.Option("--json", help="Machine-readable output")] = False
) -> None:
    """Cards of each rule: shown, accepted, overridden, and the reasons given. Rules that nag stand first."""
    with records() as connection:
        found = burden(connection, since.date().isoformat() if since else "")
    if json:
        rows = [asdict(one) | {"override_share": one.override_share} for one in found]
        typer.echo(jsonlib.dumps(rows, ensure_ascii=False, indent=2))
    else:
        _print(found)


def _print(found: list[Burden]) -> None:
    table = Table(Column("rule", overflow="fold"), "severity", "shown", "accepted", "overridden", "share", "reasons")
    for one in found:
        share = "-" if one.override_share is None else f"{one.override_share:.0%}"
        reasons = ", ".join(f"{code} {n}" for code, n in one.reasons.items())
        table.add_row(one.rule, one.severity, str(one.shown), str(one.accepted), str(one.overridden), share, reasons)
    Console().print(table)
