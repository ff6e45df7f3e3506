"""The evaluation report of a model: linked from its card, served as it was shipped, and only for its own model file."""

import base64
import hashlib
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from cdss.models import diabetes_screen
from cdss.models.artifact import CARD_FILE, REPORT_FILE
from cdss.models.card import read
from cdss.serving.platform.application import application
from cdss.serving.platform.config import Settings
from cdss.serving.web import pages

CARD = Path(diabetes_screen.__file__).parent / CARD_FILE
STYLE = "p { color: red; }"
Shipped = Callable[[str], TestClient]


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shipped]:
    """A house whose one model has this report beside its card; an empty one is none."""

    def make(report: str) -> TestClient:
        folder = tmp_path / "models" / "diabetes_screen"
        folder.mkdir(parents=True)
        shutil.copy(CARD, folder / CARD_FILE)
        if report:
            (folder / REPORT_FILE).write_text(report, encoding="utf-8")
        monkeypatch.setattr(pages, "MODELS", tmp_path / "models")
        return house.enter_context(TestClient(application(Settings(home=tmp_path / "home", lang="zh"))))

    with ExitStack() as house:
        yield make


def html(digest: str) -> str:
    return f'<!doctype html><html lang="zh"><head><style>{STYLE}</style></head><body>{digest} 报告</body></html>'


def test_the_card_links_the_report_and_the_report_is_served(shipped: Shipped) -> None:
    house = shipped(html(read(CARD).digest))
    assert "/models/diabetes_screen/report" in house.get("/models/diabetes_screen").text
    answer = house.get("/models/diabetes_screen/report")
    assert answer.status_code == 200
    assert answer.text == html(read(CARD).digest)


def test_it_opens_in_the_language_of_the_reader(shipped: Shipped) -> None:
    house = shipped(html(read(CARD).digest))
    assert '<html lang="en">' in house.get("/models/diabetes_screen/report?lang=en").text


def test_its_own_style_is_allowed_by_its_hash_and_nothing_else_is(shipped: Shipped) -> None:
    headers = shipped(html(read(CARD).digest)).get("/models/diabetes_screen/report").headers
    known = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    policy = headers["content-security-policy"]
    assert f"style-src 'sha256-{known}'" in policy
    assert "default-src 'none'" in policy
    assert "script-src" not in policy, "there is no script to be allowed"
    assert headers["x-content-type-options"] == "nosniff"


def test_a_report_of_another_model_file_is_not_shown(shipped: Shipped) -> None:
    answer = shipped(html("sha256:0123")).get("/models/diabetes_screen/report?lang=en")
    assert answer.status_code == 404
    assert "This report is of another model file." in answer.text
    assert "报告" not in answer.text


def test_a_model_without_a_report_has_no_link_to_one(shipped: Shipped) -> None:
    house = shipped("")
    assert "/models/diabetes_screen/report" not in house.get("/models/diabetes_screen").text
    assert house.get("/models/diabetes_screen/report").status_code == 404


@pytest.mark.parametrize("path", ["/models/nothing/report", "/models/../report", "/models/%2e%2e/report"])
def test_there_is_no_report_of_what_is_no_model(shipped: Shipped, path: str) -> None:
    assert shipped("").get(path).status_code == 404
