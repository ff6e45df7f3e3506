"""What a user can type, set or see is written down, and what is written down exists."""

import re
from importlib.metadata import entry_points
from pathlib import Path

import pytest
from starlette.routing import Route
from typer.testing import CliRunner

from cdss.rules import KNOWLEDGE
from cdss.rules.language.read import rules_in
from cdss.serving.platform import metrics
from cdss.serving.platform.application import application
from cdss.serving.platform.cli import app
from cdss.serving.platform.config import Settings
from cdss.serving.platform.openapi import document

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = sorted(entry.name for entry in entry_points(group="cdss.commands"))


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself_and_stands_in_the_readme(command: str) -> None:
    result = CliRunner().invoke(app, [command, "--help"])
    assert result.exit_code == 0, result.output
    assert f"cdss {command}" in README


def test_the_readme_names_no_command_that_does_not_exist() -> None:
    assert set(re.findall(r"`cdss ([a-z-]+)", README)) <= set(COMMANDS)


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_every_setting_says_what_it_means(name: str) -> None:
    assert len(Settings.model_fields[name].description or "") > 15


def test_every_route_of_the_api_is_described() -> None:
    """And nothing is described that is not there."""
    routes = [route for route in application(Settings()).routes if isinstance(route, Route)]
    methods = {(re.sub(r":\w+}", "}", route.path), name.lower()) for route in routes for name in route.methods or ()}
    served = {(path, name) for path, name in methods if path.startswith(("/api/", "/fhir/")) and name != "head"}
    assert served == {(path, name) for path, operations in document()["paths"].items() for name in operations}


def test_every_metric_says_what_it_counts() -> None:
    assert all(metric.documentation for metric in metrics.registry.collect())


def test_every_rule_has_a_dated_source() -> None:
    for path, rule in rules_in(KNOWLEDGE):
        assert all(source.title and source.dated and source.grade for source in rule.sources), path
