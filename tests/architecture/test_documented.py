"""What a user can type, set or see is written down, and what is written down exists."""

import re
from importlib.metadata import entry_points
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cdss.rules.read import KNOWLEDGE, rules_in
from cdss.serving.platform import metrics
from cdss.serving.platform.cli import app
from cdss.serving.platform.config import Settings

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


def test_every_metric_says_what_it_counts() -> None:
    assert all(metric.documentation for metric in metrics.registry.collect())


def test_every_rule_has_a_dated_source() -> None:
    for path, rule in rules_in(KNOWLEDGE):
        assert all(source.title and source.dated and source.grade for source in rule.sources), path
