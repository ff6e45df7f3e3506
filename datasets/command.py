"""`cdss data`: which public data sets the project knows, how to get them, and whether a copy is intact.

Commands that need other rooms register under the entry-point group `cdss.data_commands`.
"""

import json as jsonlib
from importlib.metadata import entry_points
from pathlib import Path
from typing import Annotated

import typer

from cdss.datasets import ansm, fracatlas, lidc, nhanes, rich_cn
from cdss.datasets.fetching import fetch_nhanes
from cdss.datasets.source import DataNotFound, Source, digest, folder_of, members, root
from cdss.datasets.verifying import row_counts

app = typer.Typer(help="Public data sets: list, fetch, verify.", no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="Machine-readable output")]
Name = Annotated[str, typer.Argument(help="A data set's name, as `cdss data list` shows it")]
Data = Annotated[Path | None, typer.Option(help="Folder of all data sets; by default $CDSS_DATA")]

SOURCES: dict[str, Source] = {
    source.name: source
    for source in (nhanes.SOURCE, rich_cn.SOURCE, fracatlas.SOURCE, lidc.CROPS, lidc.NEGATIVE, ansm.SOURCE)
}


@app.command(name="list")
def list_(data: Data = None, json: Json = False) -> None:
    """All data sets: licence, citation, official address, and whether a copy is at hand."""
    rows = [_described(source, data) for source in SOURCES.values()]
    if json:
        typer.echo(jsonlib.dumps(rows, ensure_ascii=False, indent=2))
        return
    for row in rows:
        typer.echo(f"{row['name']}: {row['title']}\n  licence   {row['licence']}\n  cite      {row['citation']}")
        typer.echo(f"  source    {row['homepage']}\n  fetch     {row['fetch']}\n  at hand   {row['at_hand']}\n")


@app.command()
def fetch(name: Name, data: Data = None) -> None:
    """Download a data set from its official address into the data folder, resuming what is there already."""
    source = _source(name)
    try:
        where = root(data) / source.name
    except DataNotFound as e:
        raise typer.BadParameter(str(e)) from e
    if not source.urls:
        typer.echo(_by_hand(source, where), err=True)
        raise typer.Exit(1)
    failed = fetch_nhanes(source, where)
    for line in failed:
        typer.echo(line, err=True)
    raise typer.Exit(1 if failed else 0)


@app.command()
def verify(name: Name, data: Data = None, json: Json = False) -> None:
    """Digest of the copy at hand; for NHANES also each table's rows against the counts that came with it."""
    source = _source(name)
    try:
        folder = folder_of(source, data)
    except DataNotFound as e:
        raise typer.BadParameter(str(e)) from e
    found = {"name": name, "files": sum(1 for _ in members(source, folder)), "digest": digest(source, folder)}
    wrong = row_counts(folder) if name == nhanes.SOURCE.name else []
    if json:
        typer.echo(jsonlib.dumps(found | {"wrong": wrong}, indent=2))
    else:
        typer.echo(f"{name}: {found['files']} files, {found['digest']}")
    for line in wrong:
        typer.echo(line, err=True)
    raise typer.Exit(1 if wrong or not found["files"] else 0)


for _entry in entry_points(group="cdss.data_commands"):
    app.command(name=_entry.name)(_entry.load())


def _source(name: str) -> Source:
    if name not in SOURCES:
        raise typer.BadParameter(f"found data set {name!r}; expected one of {', '.join(SOURCES)}")
    return SOURCES[name]


def _described(source: Source, data: Path | None) -> dict[str, str]:
    try:
        at_hand = f"yes, {sum(1 for _ in members(source, folder_of(source, data)))} files"
    except DataNotFound as e:
        at_hand = f"no: {e}"
    how = f"cdss data fetch {source.name}" if source.urls else "by hand, see the address"
    return {
        "name": source.name,
        "title": source.title,
        "licence": source.licence,
        "citation": source.citation,
        "homepage": source.homepage,
        "fetch": how,
        "at_hand": at_hand,
    }


def _by_hand(source: Source, where: Path) -> str:
    wanted = ", ".join(source.files)
    return (
        f"{source.name} cannot be downloaded by a program: get it from {source.homepage} ({source.licence}), "
        f"and put it into {where} as {wanted}"
    )
