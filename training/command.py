"""`cdss train`: data -> fit -> ONNX and card; resumable, seeded, tracked."""

import importlib
from pathlib import Path
from typing import Annotated

import typer

MODELS = (
    "fracture", "lung_nodule", "lung_nodule_malignancy", "diabetes_screen", "diabetes_incident_cn", "bp_control",
    "ckd_alert",
)  # fmt: skip


def train(
    name: Annotated[str, typer.Argument(help=f"One of: {', '.join(MODELS)}")],
    data: Annotated[Path | None, typer.Option(help="Folder laid out like $CDSS_DATA")] = None,
    out: Annotated[Path | None, typer.Option(help="Model folder to write; by default the installed one")] = None,
) -> None:
    """Train a model and write its ONNX file and card; the same data and seed give the same metrics."""
    if name not in MODELS:
        raise typer.BadParameter(f"found model {name!r}; expected one of {', '.join(MODELS)}")
    try:
        importlib.import_module(f"cdss.training.{name}").train(data, out)
    except FileNotFoundError as e:
        raise typer.BadParameter(str(e)) from e
