"""The README's examples do what it says, in both languages."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient
from typer.testing import CliRunner

from cdss.serving.platform.cli import app

ROOT = Path(__file__).parents[2]
READMES = ("README.md", "README.zh-CN.md")


def snippets(name: str) -> str:
    """Everything in shell blocks."""
    return "\n".join(re.findall(r"```sh\n(.*?)```", (ROOT / name).read_text(encoding="utf-8"), re.DOTALL))


@pytest.mark.parametrize("name", READMES)
def test_the_check_by_hand_finds_the_interaction(name: str) -> None:
    found = re.findall(r"cdss check - .*?<<'JSON'\n(.*?)\nJSON", snippets(name), re.DOTALL)
    assert found
    for body in found:
        answered = CliRunner().invoke(app, ["check", "-", "--json"], input=body)
        assert answered.exit_code == 0
        assert [one["severity"] for one in json.loads(answered.stdout)["alerts"] if one["interruptive"]] == ["avoid"]


@pytest.mark.parametrize("name", READMES)
def test_the_curl_request_is_answered(name: str, client: TestClient) -> None:
    found = re.findall(r"(/api/v1/\S+) -H [^\n]*-d '(.*?)'", snippets(name), re.DOTALL)
    assert found
    for path, body in found:
        answer = client.post(path, content=body.encode())
        assert answer.status_code == 200
        assert "renal/metformin" in rules(answer.json())


def rules(answer: Any) -> list[str]:
    return [alert["rule"] for alert in answer["alerts"]]


@pytest.mark.parametrize("name", READMES)
def test_what_the_readme_links_to_is_there(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    for target in re.findall(r"\]\((?!http)([^)#]+)\)", text):
        assert (ROOT / target).exists(), target
