"""`cdss rules diff A B`: what differs between two versions of the knowledge, and which past orders that changes."""

import json as jsonlib
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from cdss.rules.pack import Pack, digest, load
from cdss.serving.emr.replay import Difference, replay
from cdss.serving.platform.config import ConfigError, settings

Folder = Annotated[Path, typer.Argument(help="A knowledge folder")]
Orders = Annotated[Path | None, typer.Option("--orders", help="Past orders to replay, one request a line (NDJSON)")]

Json = Annotated[bool, typer.Option("--json", help="Machine-readable output")]


def diff(
    a: Folder,
    b: Folder,
    orders: Orders = None,
    json: Annotated[bool, typer.Option("--json", help="Machine-readable output")] = False,
) -> None:
    """Rules added, removed and changed from A to B; with --orders also which of them come out differently.

    Exit 2 if some of the orders could not be read: they are counted apart.
    """
    before, after = _loaded(a), _loaded(b)
    found: dict[str, Any] = {"digests": [digest(a), digest(b)], **_rules(before, after)}
    replayed = list(_replayed(orders, before, after)) if orders else []
    told = [one for one in replayed if one]
    unread = [one for one in told if one.fault]
    if orders:
        found |= {
            "replayed": len(replayed) - len(unread),
            "different": [asdict(one) for one in told if not one.fault],
            "unreadable": [{"line": one.line, "fault": one.fault} for one in unread],
        }
    if json:
        typer.echo(jsonlib.dumps(found, ensure_ascii=False, indent=2))
    else:
        _print(found, told)
    raise typer.Exit(2 if unread else 0)


def _print(found: dict[str, Any], told: list[Difference]) -> None:
    for name in ("added", "removed", "changed"):
        for id in found[name]:
            typer.echo(f"{name} {id}")
    if found["digests"][0] != found["digests"][1] and not any(found[n] for n in ("added", "removed", "changed")):
        typer.echo("rules are equal; tables differ")
    for one in told:
        typer.echo(_line(one))
    if "replayed" in found:
        counts = f"{len(found['different'])} of {found['replayed']} orders come out differently"
        typer.echo(f"{counts}, {len(found['unreadable'])} lines could not be read", err=True)


def _rules(before: Pack, after: Pack) -> dict[str, list[str]]:
    old, new = ({id: compiled.rule for id, compiled in pack.rules.items()} for pack in (before, after))
    return {
        "added": sorted(new.keys() - old.keys()),
        "removed": sorted(old.keys() - new.keys()),
        "changed": sorted(id for id in old.keys() & new.keys() if old[id] != new[id]),
    }


def _replayed(orders: Path, before: Pack, after: Pack) -> Iterator[Difference | None]:
    try:
        with orders.open("rb") as lines:
            yield from replay(lines, before, after)
    except OSError as e:
        raise typer.BadParameter(f"{orders}: {e.strerror}; give a file of requests, one a line") from e


def _line(one: Difference) -> str:
    if one.fault:
        return f"line {one.line}: not a request: {one.fault}"
    parts = [f"+ {rule} {severity}" for rule, _, severity in one.added]
    parts += [f"- {rule} {severity}" for rule, _, severity in one.removed]
    parts += [f"{rule} {old} -> {new}" for rule, _, old, new in one.changed]
    parts += [f"+ unknown {rule}" for rule in one.unknown_added] + [f"- unknown {rule}" for rule in one.unknown_removed]
    return f"line {one.line}: {'; '.join(parts)}"


def _loaded(folder: Path) -> Pack:
    if not folder.is_dir():
        raise typer.BadParameter(f"found no folder {folder}; expected a knowledge folder")
    try:
        current = settings()
        return load(folder, current.hospital_codes, current.site_settings)
    except ConfigError as e:
        raise typer.BadParameter(str(e)) from e
    except (ValueError, OSError) as e:
        typer.echo(str(e), err=True)
        raise typer.Exit(1) from e
