"""`cdss evaluate`: a shipped model on a split of a data folder, seen before or not."""

import importlib
from pathlib import Path
from types import ModuleType
from typing import Annotated

import typer

from cdss.evaluation.report import to_json

MODELS = ("fracture", "lung_nodule", "diabetes_screen", "diabetes_incident_cn")


def evaluate(
    name: Annotated[str, typer.Argument(help=f"One of: {', '.join(MODELS)}")],
    split: Annotated[str | None, typer.Option(help="Which part of the data; by default the model's test split")] = None,
    data: Annotated[Path | None, typer.Option(help="Folder laid out like $CDSS_DATA")] = None,
    json: Annotated[Path | None, typer.Option(help="Write the JSON here as well")] = None,
) -> None:
    """Evaluate a shipped model; prints JSON with 95 % intervals, baselines and subgroups."""
    task = _task(name)
    chosen = split or task.DEFAULT_SPLIT
    if chosen not in task.SPLITS:
        raise typer.BadParameter(f"found split {chosen!r}; {name} has {', '.join(task.SPLITS)}")
    try:
        report = to_json(task.evaluate(data, chosen))
    except FileNotFoundError as e:
        raise typer.BadParameter(str(e)) from e
    if json:
        json.write_text(report + "\n", encoding="utf-8")
    typer.echo(report)


def _task(name: str) -> ModuleType:
    """The module `cdss.evaluation.<name>`: SPLITS, DEFAULT_SPLIT and evaluate(data, split) -> Report."""
    if name not in MODELS:
        raise typer.BadParameter(f"found model {name!r}; expected one of {', '.join(MODELS)}")
    return importlib.import_module(f"cdss.evaluation.{name}")
