"""`cdss calibrate`: a model moved to this site by its own outcomes; shown, put in force, taken back."""

import json as jsonlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import sqlalchemy as sa
import typer

from cdss.models.additive import Additive
from cdss.models.artifact import DigestMismatch
from cdss.models.card import CardError
from cdss.serving.platform import audit, database
from cdss.serving.platform.config import ConfigError, Settings, settings
from cdss.serving.platform.language import Lang, chosen
from cdss.serving.population.calibration import known
from cdss.serving.population.calibration.document import Document
from cdss.serving.population.calibration.make import NotEnough, make
from cdss.serving.population.calibration.people import read
from cdss.serving.population.calibration.said import lines, plain
from cdss.serving.population.calibration.shelf import NONE, LayerRefused, Shelf
from cdss.serving.population.intake.faults import TableError


def calibrate(
    name: Annotated[str, typer.Argument(help="A risk model: diabetes_screen, diabetes_incident_cn, ...")],
    file: Annotated[Path | None, typer.Argument(help="Resident table with an outcome column")] = None,
    outcome: Annotated[str, typer.Option(help="The column that says yes or no")] = "outcome",
    group: Annotated[str, typer.Option(help="An intercept of its own by: sex, age, or a yes/no column")] = "",
    flag: Annotated[float | None, typer.Option(help="Flag this share of local people, 0.2 for a fifth")] = None,
    level: Annotated[bool, typer.Option(help="Let the local level of glucose tell the intercept in advance")] = True,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the layer, change nothing")] = False,
    show: Annotated[bool, typer.Option("--show", help="The layer in force")] = False,
    history: Annotated[bool, typer.Option("--history", help="All layers made here")] = False,
    rollback: Annotated[bool, typer.Option("--rollback", help="Back to the layer before, or to none")] = False,
    json: Annotated[bool, typer.Option("--json", help="Machine-readable output")] = False,
    lang: Annotated[str | None, typer.Option(help="zh or en; by default CDSS_LANG")] = None,
) -> None:
    """Move a model to this site by 500 or more people whose outcome is known; sign the layer and put it in force.

    Exit status: 0 done, 1 the layer in force cannot be used or changed, 2 the table cannot bear a layer.
    """
    if sum((file is not None, show, history, rollback)) != 1:
        raise typer.BadParameter("expected one of: a FILE, --show, --history, --rollback")
    if flag is not None and not 0 < flag < 1:
        raise typer.BadParameter(f"found --flag {flag:g}, expected a share between 0 and 1: 0.2 flags a fifth")
    current, model = _opened(name)
    shelf, words = Shelf(current.state, name), chosen(lang, None, current.lang)
    if file is not None:
        _make(current, model, shelf, _made(file, model, outcome, current, group, flag, level), dry_run, json, words)
    elif show:
        _show(shelf, model, json, words)
    elif history:
        _history(shelf, json)
    else:
        _rolled_back(current, shelf, json)


def _opened(name: str) -> tuple[Settings, Additive]:
    try:
        return settings(), known.model(name)
    except KeyError:
        raise typer.BadParameter(f"found no risk model {name!r}; expected one of {', '.join(known.names())}") from None
    except (ConfigError, CardError, DigestMismatch) as e:
        raise typer.BadParameter(str(e)) from e


def _made(
    file: Path, model: Additive, outcome: str, current: Settings, group: str, flag: float | None, level: bool
) -> Document:
    with tempfile.TemporaryDirectory(prefix="cdss-calibrate-") as scratch:
        try:
            local = read(file, model, outcome, current.residents_asian, Path(scratch))
            for remark in local.remarks:
                typer.echo(remark, err=True)
            return make(local, model, group, flag, level)
        except (TableError, NotEnough) as e:
            raise typer.BadParameter(str(e)) from e


def _make(
    current: Settings, model: Additive, shelf: Shelf, document: Document, dry_run: bool, json: bool, lang: Lang
) -> None:
    if not dry_run:
        with _audited(current, shelf, "put in force", _counted(document)):
            shelf.put(document)
    _tell(document, "dry run" if dry_run else "in force", json, lang)
    if not dry_run and not json:
        typer.echo(f"in force; back with `cdss calibrate {model.card.name} --rollback`", err=True)


def _show(shelf: Shelf, model: Additive, json: bool, lang: Lang) -> None:
    try:
        document = shelf.in_force(model.card.version, model.card.digest)
    except LayerRefused as e:
        typer.echo(f"{shelf.model}: the layer in force is not used: {e}", err=True)
        raise typer.Exit(1) from e
    if document is None:
        typer.echo(jsonlib.dumps({"state": "none"}) if json else f"{shelf.model}: no layer; it answers as shipped")
    else:
        _tell(document, "in force", json, lang)


def _tell(document: Document, state: str, json: bool, lang: Lang) -> None:
    if json:
        typer.echo(jsonlib.dumps(plain(document, state), ensure_ascii=False, indent=1))
    else:
        for line in lines(document, lang):
            typer.echo(line)


def _history(shelf: Shelf, json: bool) -> None:
    now = shelf.pointer().digest
    rows = [_row(digest, document, digest == now) for digest, document in shelf.history()]
    if json:
        typer.echo(jsonlib.dumps(rows, indent=1))
        return
    typer.echo(f"{'*' if now == NONE else ' '} as shipped")
    for row in rows:
        told = f"{row['at']}  n {row['n']}, events {row['events']}" if row["signed"] else "not signed here, not used"
        typer.echo(f"{'*' if row['in_force'] else ' '} {row['digest'][:8]}  {told}")


def _row(digest: str, document: Document | None, in_force: bool) -> dict[str, Any]:
    counted = {"at": document.at, "n": document.before.n, "events": document.before.events} if document else {}
    return {"digest": digest, "in_force": in_force, "signed": document is not None, **counted}


def _rolled_back(current: Settings, shelf: Shelf, json: bool) -> None:
    try:
        now = shelf.before()
    except LayerRefused as e:
        typer.echo(str(e), err=True)
        raise typer.Exit(1) from e
    with _audited(current, shelf, "rolled back", {"from": shelf.pointer().digest, "to": now}):
        shelf.roll_back()
    said = "the model as shipped" if now == NONE else now[:8]
    typer.echo(jsonlib.dumps({"state": "in force", "digest": now}) if json else f"in force: {said}")


def _counted(document: Document) -> dict[str, Any]:
    return {"layer": document.digest, "version": document.version, "n": document.before.n, "data": document.file_digest}


@contextmanager
def _audited(current: Settings, shelf: Shelf, outcome: str, detail: dict[str, Any]) -> Iterator[None]:
    """The change and its audit entry, both or none: without a trail no layer is changed."""
    current.state.mkdir(parents=True, exist_ok=True)
    engine = database.connect(current.database)
    try:
        database.migrate(engine)
        with engine.begin() as connection:
            audit.append(
                connection, [audit.entry("calibration", "command", "", outcome, {"model": shelf.model, **detail})]
            )
            yield
    except sa.exc.SQLAlchemyError as e:
        typer.echo(f"the audit trail cannot be written ({type(e).__name__}); nothing was changed", err=True)
        raise typer.Exit(1) from e
    finally:
        engine.dispose()
