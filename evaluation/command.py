"""`cdss evaluate`: a shipped model on a split of a data folder, seen before or not."""

import importlib
from pathlib import Path
from types import ModuleType
from typing import Annotated

import typer

import cdss.models
from cdss.evaluation.html.page import write
from cdss.evaluation.report import to_json
from cdss.models.artifact import CARD_FILE
from cdss.models.card import read

MODELS = ("fracture", "lung_nodule", "diabetes_screen", "diabetes_incident_cn", "bp_control", "ckd_alert")


def evaluate(
    name: Annotated[str, typer.Argument(help=f"One of: {', '.join(MODELS)}")],
    file: Annotated[Path | None, typer.Argument(help="With --json: write the JSON here as well")] = None,
    split: Annotated[str | None, typer.Option(help="Which part of the data; by default the model's test split")] = None,
    data: Annotated[Path | None, typer.Option(help="Folder laid out like $CDSS_DATA")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON, as without it; a FILE after it is written")] = False,
    html: Annotated[Path | None, typer.Option(help="Write the report page here, a file or a folder")] = None,
) -> None:
    """Evaluate a shipped model; prints JSON with 95 % intervals, baselines and subgroups."""
    if file and not json:
        raise typer.BadParameter(f"found {str(file)!r} after the model; to write the JSON into it say --json {file}")
    if file and name not in MODELS and str(file) in MODELS:  # `--json FILE NAME`
        name, file = str(file), Path(name)
    for target in filter(None, (file, html)):
        if not target.parent.is_dir():
            raise typer.BadParameter(f"found no folder {target.parent} to write {target.name} into; make it first")
    task = _task(name)
    chosen = split or task.DEFAULT_SPLIT
    if chosen not in task.SPLITS:
        raise typer.BadParameter(f"found split {chosen!r}; {name} has {', '.join(task.SPLITS)}")
    try:
        report = task.evaluate(data, chosen)
    except FileNotFoundError as e:
        raise typer.BadParameter(str(e)) from e
    told = to_json(report)
    if file:
        file.write_text(told + "\n", encoding="utf-8")
    if html:
        write(report, read(Path(cdss.models.__path__[0]) / name / CARD_FILE), html)
    typer.echo(told)


def _task(name: str) -> ModuleType:
    """The module `cdss.evaluation.<name>`: SPLITS, DEFAULT_SPLIT and evaluate(data, split) -> Report."""
    if name not in MODELS:
        raise typer.BadParameter(f"found model {name!r}; expected one of {', '.join(MODELS)}")
    return importlib.import_module(f"cdss.evaluation.{name}")
