"""Rule files carry their tests; pytest collects them as `renal/metformin.yaml::30 itself is not below 30`."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from cdss.rules import KNOWLEDGE
from cdss.rules.asking.compiled import CompiledRule
from cdss.rules.checking.selftest import answer
from cdss.rules.language.read import TABLES, rules_of
from cdss.rules.language.rule import RuleTest
from cdss.rules.language.settings import settings_in


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> "RuleFile | None":
    """A rule file below the knowledge folder, but not a table."""
    path = file_path.resolve()
    if path.suffix != ".yaml" or not path.is_relative_to(KNOWLEDGE.resolve()):
        return None
    if path.relative_to(KNOWLEDGE.resolve()).parts[0] in TABLES:
        return None
    return RuleFile.from_parent(parent, path=file_path)


class RuleFile(pytest.File):
    """One rule file, or a template with its table."""

    def collect(self) -> Iterator["RuleItem"]:
        """An item for each test of each rule."""
        rules = rules_of(self.path)
        site = settings_in(KNOWLEDGE)
        for compiled in (CompiledRule(rule, site) for rule in rules):
            for test in compiled.rule.tests:
                name = test.name if len(rules) == 1 else f"{compiled.rule.id}: {test.name}"
                yield RuleItem.from_parent(self, name=name, compiled=compiled, test=test)


class RuleItem(pytest.Item):
    """One example of one rule."""

    def __init__(self, *, compiled: CompiledRule, test: RuleTest, **named: object) -> None:
        super().__init__(**named)  # type: ignore[arg-type]
        self.compiled, self.test = compiled, test

    def runtest(self) -> None:
        """The rule answers what its author expects."""
        got = answer(self.compiled, self.test)
        assert got == self.test.expect, f"{self.compiled.rule.id}: {self.test.name}: {got}, expected {self.test.expect}"

    def reportinfo(self) -> tuple[Path, None, str]:
        """Where the test stands."""
        return self.path, None, f"{self.compiled.rule.id}: {self.test.name}"
