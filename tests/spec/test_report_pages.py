"""The evaluation report of a model: linked from its card, and served only as the card names it."""

import base64
import hashlib
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import msgspec
import pytest
import yaml
from starlette.testclient import TestClient
from typer.testing import CliRunner

from cdss.models import diabetes_screen
from cdss.models.artifact import CARD_FILE, REPORT_FILE, digest
from cdss.models.card import read
from cdss.serving.platform.application import application
from cdss.serving.platform.cli import app
from cdss.serving.platform.commands import model as command
from cdss.serving.platform.config import Settings
from cdss.serving.web import pages

CARD = Path(diabetes_screen.__file__).parent / CARD_FILE
STYLE = "p { color: red; }"
REPORT = f'<!doctype html><html lang="zh"><head><style>{STYLE}</style></head><body>报告</body></html>'
Shipped = Callable[[str], TestClient]


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shipped]:
    """A house whose one model's card names this report; an empty one is none."""

    def make(report: str) -> TestClient:
        folder = tmp_path / "models" / "diabetes_screen"
        folder.mkdir(parents=True)
        companions = {}
        if report:
            (folder / REPORT_FILE).write_text(report, encoding="utf-8")
            companions[REPORT_FILE] = digest(folder / REPORT_FILE)
        card = msgspec.structs.replace(read(CARD), companions=companions)
        (folder / CARD_FILE).write_text(yaml.safe_dump(msgspec.to_builtins(card)), encoding="utf-8")
        monkeypatch.setattr(pages, "MODELS", tmp_path / "models")
        return house.enter_context(TestClient(application(Settings(home=tmp_path / "home", lang="zh"))))

    with ExitStack() as house:
        yield make


def test_the_card_links_the_report_and_the_report_is_served(shipped: Shipped) -> None:
    house = shipped(REPORT)
    assert "/models/diabetes_screen/report" in house.get("/models/diabetes_screen").text
    answer = house.get("/models/diabetes_screen/report")
    assert answer.status_code == 200
    assert answer.text == REPORT


def test_it_opens_in_the_language_of_the_reader(shipped: Shipped) -> None:
    house = shipped(REPORT)
    assert '<html lang="en">' in house.get("/models/diabetes_screen/report?lang=en").text


def test_its_own_style_is_allowed_by_its_hash_and_nothing_else_is(shipped: Shipped) -> None:
    headers = shipped(REPORT).get("/models/diabetes_screen/report").headers
    known = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    policy = headers["content-security-policy"]
    assert f"style-src 'sha256-{known}'" in policy
    assert "default-src 'none'" in policy
    assert "script-src" not in policy, "there is no script to be allowed"
    assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("instead", [REPORT.replace("报告", "好报告"), None])
def test_a_report_that_was_changed_or_removed_is_said_to_be_so_and_not_shown(
    shipped: Shipped, tmp_path: Path, instead: str | None
) -> None:
    house, file = shipped(REPORT), tmp_path / "models" / "diabetes_screen" / REPORT_FILE
    file.unlink()
    if instead:
        file.write_text(instead, encoding="utf-8")
    answer = house.get("/models/diabetes_screen/report?lang=en")
    assert answer.status_code == 404
    assert "not the one that the model card names" in answer.text
    assert "好报告" not in answer.text


def test_the_command_that_verifies_models_says_it_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "FOLDER", tmp_path)
    shutil.copytree(CARD.parent, tmp_path / "diabetes_screen")
    verify = ["model", "verify", "--json"]
    assert CliRunner().invoke(app, verify).exit_code == 0
    with (tmp_path / "diabetes_screen" / REPORT_FILE).open("a", encoding="utf-8") as file:
        file.write("<p>AUC 0.99</p>")
    answer = CliRunner().invoke(app, verify)
    assert answer.exit_code == 1
    assert "diabetes_screen: report.html: found sha256:" in answer.stdout


def test_a_model_without_a_report_has_no_link_to_one(shipped: Shipped) -> None:
    house = shipped("")
    assert "/models/diabetes_screen/report" not in house.get("/models/diabetes_screen").text
    assert house.get("/models/diabetes_screen/report").status_code == 404


@pytest.mark.parametrize("path", ["/models/nothing/report", "/models/../report", "/models/%2e%2e/report"])
def test_there_is_no_report_of_what_is_no_model(shipped: Shipped, path: str) -> None:
    assert shipped("").get(path).status_code == 404
