"""`cdss model`: which models are installed, what their cards say, and whether they are intact."""

import json as jsonlib
from pathlib import Path
from typing import Annotated

import msgspec
import typer
import yaml
from rich.console import Console
from rich.table import Table

import cdss.models
from cdss.models.artifact import CARD_FILE, DigestMismatch, companion, load
from cdss.models.card import Card, CardError, read
from cdss.serving.platform.config import ConfigError, settings
from cdss.serving.population.calibration.in_force import found as layer_of

app = typer.Typer(help="Models: list, show a card, verify digests.", no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="Machine-readable output")]
FOLDER = Path(cdss.models.__path__[0])


@app.command(name="list")
def list_(json: Json = False) -> None:
    """All models with their version and what they are for."""
    cards = [read(folder / CARD_FILE) for folder in folders()]
    rows = [{"name": c.name, "version": c.version, "date": c.date, "site": _site(c), **_titles(c)} for c in cards]
    if json:
        typer.echo(jsonlib.dumps(rows, ensure_ascii=False, indent=2))
        return
    table = Table("Model", "Version", "Date", "Site layer", "zh", "en")
    for row in rows:
        table.add_row(*row.values())
    Console().print(table)


@app.command()
def show(name: Annotated[str, typer.Argument(help="A model's name")], json: Json = False) -> None:
    """The whole card of a model."""
    card = read(_folder(name) / CARD_FILE)
    if json:
        typer.echo(msgspec.json.format(msgspec.json.encode(card), indent=2).decode())
    else:
        typer.echo(yaml.safe_dump(msgspec.to_builtins(card), allow_unicode=True, sort_keys=False, width=100))


@app.command()
def verify(json: Json = False) -> None:
    """Whether the files are those their cards describe, and the site layers signed here; exit 1 if one is not."""
    found = {folder.name: _fault(folder) for folder in folders()}
    if json:
        typer.echo(jsonlib.dumps({name: fault or "intact" for name, fault in found.items()}, indent=2))
    else:
        for name, fault in found.items():
            typer.echo(f"{name}: {fault or 'intact'}")
    raise typer.Exit(1 if any(found.values()) else 0)


def folders() -> list[Path]:
    """The folders of all models that have a card."""
    return sorted(path.parent for path in FOLDER.glob(f"*/{CARD_FILE}"))


def _folder(name: str) -> Path:
    found = {folder.name: folder for folder in folders()}
    if name not in found:
        raise typer.BadParameter(f"found no model {name!r}; expected one of {', '.join(found)}")
    return found[name]


def _fault(folder: Path) -> str:
    try:
        card = load(folder).card
        for name in card.companions:
            companion(folder, card, name)
    except (CardError, DigestMismatch) as e:
        return str(e)
    return layer_of(_state(), card)[1].en


def _site(card: Card) -> str:
    """The layer in force, if there is one."""
    document, fault = layer_of(_state(), card)
    return document.digest[:8] if document else "not used" if fault.en else ""


def _titles(card: Card) -> dict[str, str]:
    return {"zh": card.title.zh, "en": card.title.en}


def _state() -> Path:
    try:
        return settings().state
    except ConfigError as e:
        raise typer.BadParameter(str(e)) from e
