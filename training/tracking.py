"""Every training run goes to MLflow: one SQLite file under $CDSS_HOME, nothing sent anywhere."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("DO_NOT_TRACK", "true")

import mlflow


def home() -> Path:
    """Where runs are kept: $CDSS_HOME/laboratory, by default below ~/.local/share/cdss."""
    base = os.environ.get("CDSS_HOME") or Path.home() / ".local" / "share" / "cdss"
    folder = Path(base) / "laboratory"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextmanager
def run(model: str, params: dict[str, Any]) -> Iterator[str]:
    """A tracked run of the experiment named after the model; yields the run's id, closes it as failed on an error."""
    mlflow.set_tracking_uri(f"sqlite:///{home() / 'mlflow.sqlite'}")
    if mlflow.get_experiment_by_name(model) is None:
        mlflow.create_experiment(model, artifact_location=(home() / "artifacts").as_uri())
    mlflow.set_experiment(model)
    with mlflow.start_run() as active:
        mlflow.log_params(params)
        yield active.info.run_id
