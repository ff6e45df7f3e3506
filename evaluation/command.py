"""`cdss evaluate`: a shipped model on a split of a data folder, seen before or not."""

import importlib
import json as jsonlib
from pathlib import Path
from types import ModuleType
from typing import Annotated

import typer
from msgspec.structs import replace

import cdss.models
from cdss.evaluation.html.page import write
from cdss.evaluation.report import to_json
from cdss.models.artifact import CARD_FILE
from cdss.models.card import CardError, read

MODELS = (
    "fracture", "lung_nodule", "lung_nodule_malignancy", "diabetes_screen", "diabetes_incident_cn", "bp_control",
    "ckd_alert",
)  # fmt: skip


def evaluate(
    name: Annotated[str, typer.Argument(help=f"One of: {', '.join(MODELS)}")],
    file: Annotated[Path | None, typer.Argument(help="With --json: write the JSON here as well")] = None,
    split: Annotated[str | None, typer.Option(help="Which part of the data; by default the model's test split")] = None,
    data: Annotated[Path | None, typer.Option(help="Folder laid out like $CDSS_DATA")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON, as without it; a FILE after it is written")] = False,
    html: Annotated[Path | None, typer.Option(help="Write the report page here, a file or a folder")] = None,
    robustness: Annotated[bool, typer.Option("--robustness", help="Imaging: the same on worse images; slow")] = False,
    gallery: Annotated[bool, typer.Option("--gallery", help="With --html: pictures of the worst mistakes")] = False,
    scope: Annotated[bool, typer.Option("--scope", help="Imaging: only what it says of images it is not for")] = False,
) -> None:
    """Evaluate a shipped model; prints JSON with 95 % intervals, baselines and subgroups."""
    if file and not json:
        raise typer.BadParameter(f"found {str(file)!r} after the model; to write the JSON into it say --json {file}")
    if file and name not in MODELS and str(file) in MODELS:  # `--json FILE NAME`
        name, file = str(file), Path(name)
    for target in filter(None, (file, html)):
        if not target.parent.is_dir():
            raise typer.BadParameter(f"found no folder {target.parent} to write {target.name} into; make it first")
    if scope:
        told = _scope(name, data)
        if file:
            file.write_text(told + "\n", encoding="utf-8")
        typer.echo(told)
        return
    task = _task(name)
    chosen = split or task.DEFAULT_SPLIT
    if chosen not in task.SPLITS:
        raise typer.BadParameter(f"found split {chosen!r}; {name} has {', '.join(task.SPLITS)}")
    _refuse_unknown(task, name, chosen, robustness, gallery, html)
    try:
        report = task.evaluate(data, chosen)
        if robustness:
            report = replace(report, robustness=task.robustness(data, chosen, _say))
    except FileNotFoundError as e:
        raise typer.BadParameter(str(e)) from e
    told = to_json(report)
    if file:
        file.write_text(told + "\n", encoding="utf-8")
    if html:
        card = read(Path(cdss.models.__path__[0]) / name / CARD_FILE)
        write(report, card, html, pictures=task.pictures(report, data) if gallery else ())
    typer.echo(told)


def _scope(name: str, data: Path | None) -> str:
    """The table of evaluation/scope as JSON."""
    tables = importlib.import_module("cdss.evaluation.scope").TABLES
    if name not in tables:
        raise typer.BadParameter(f"found --scope with {name}; {', '.join(tables)} have it")
    try:
        return jsonlib.dumps(tables[name](data), ensure_ascii=False, indent=2)
    except (FileNotFoundError, CardError) as e:
        raise typer.BadParameter(str(e)) from e


def _refuse_unknown(
    task: ModuleType, name: str, split: str, robustness: bool, gallery: bool, html: Path | None
) -> None:
    """Before the work: options that this model or split has no use for."""
    strained = getattr(task, "STRAINED_SPLITS", ())
    if robustness and split not in strained:
        splits = ", ".join(strained) or "none of its splits"
        raise typer.BadParameter(f"found --robustness with {name}, split {split}; {name} has it for {splits}")
    if gallery and not hasattr(task, "pictures"):
        raise typer.BadParameter(f"found --gallery with {name}; only imaging models have pictures")
    if gallery and not html:
        raise typer.BadParameter("found --gallery without a page to put the pictures on; say --html FILE")


def _say(progress: str) -> None:
    typer.echo(progress, err=True)


def _task(name: str) -> ModuleType:
    """The module `cdss.evaluation.<name>`: SPLITS, DEFAULT_SPLIT and evaluate(data, split) -> Report.

    Imaging models have STRAINED_SPLITS and robustness(data, split, say) -> Robustness, and
    pictures(report, data) -> list of data URIs, too.
    """
    if name not in MODELS:
        raise typer.BadParameter(f"found model {name!r}; expected one of {', '.join(MODELS)}")
    return importlib.import_module(f"cdss.evaluation.{name}")
