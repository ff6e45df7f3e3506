"""The front is ready while it is loaded and what it answers is being recorded; otherwise /readyz says no."""

from pathlib import Path

from starlette.testclient import TestClient

from cdss.serving.platform.application import application, ready
from cdss.serving.platform.config import Settings


def test_a_front_that_no_longer_records_is_not_ready(tmp_path: Path) -> None:
    app = application(Settings(home=tmp_path))
    assert not ready(app)
    with TestClient(app) as client:
        assert ready(app)
        assert "cdss_behind_alive 1.0" in client.get("/metrics").text
        app.state.behind.stop()
        assert not ready(app)
        assert "cdss_behind_alive 0.0" in client.get("/metrics").text
