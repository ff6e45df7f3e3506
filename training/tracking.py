"""Every training run goes to MLflow: one SQLite file under $CDSS_HOME, nothing sent anywhere."""

import os
import shutil
from collections.abc import Iterable, Iterator
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


def publish(folder: Path, names: Iterable[str], out: Path) -> None:
    """Log the files of these names in `folder` with the run, then put them into `out`; it is made if it is not there.

    The card is to be named last: a model whose card is there is whole.
    """
    files = [folder / name for name in names]
    for file in files:
        mlflow.log_artifact(str(file))
    out.mkdir(parents=True, exist_ok=True)
    for file in files:
        shutil.copyfile(file, out / file.name)
