"""What a training leaves behind: logged with its run, and where it was asked to be put."""

from pathlib import Path

import mlflow
import pytest

from cdss.training import tracking

pytestmark = pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy")  # MLflow 3.17 on SQLAlchemy 2.1


def test_files_go_to_a_folder_that_was_not_there_and_to_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CDSS_HOME", str(tmp_path / "home"))
    (tmp_path / "made").mkdir()
    for name in ("model.onnx", "MODEL_CARD.yaml", "scratch"):
        (tmp_path / "made" / name).write_text(name)
    out = tmp_path / "new" / "folder"
    with tracking.run("test", {}) as run:
        tracking.publish(tmp_path / "made", ("model.onnx", "MODEL_CARD.yaml"), out)
    assert sorted(path.name for path in out.iterdir()) == ["MODEL_CARD.yaml", "model.onnx"]
    logged = mlflow.artifacts.list_artifacts(run_id=run)
    assert sorted(each.path for each in logged) == ["MODEL_CARD.yaml", "model.onnx"]
