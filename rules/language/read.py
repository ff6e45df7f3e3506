"""Rule files into rules: schema, units, codes and conditions are checked here, so that a loaded rule can be run."""

from pathlib import Path
from typing import Any

import msgspec

from cdss.rules.language import template
from cdss.rules.language.rule import EXPECTATIONS, NUMBERED, Fact, Rule
from cdss.rules.language.yaml_text import YamlError, read
from cdss.rules.terms.codes import Atc, Icd10, InvalidCode, Loinc
from cdss.rules.terms.table import TableError
from cdss.rules.terms.units import UnknownUnit, canonical

TABLES = ("drugs", "interactions", "orders", "observations", "conditions")  # folders of tables, not rule files
TEST_KEYS = {"name", "expect", "date", "ordering", "local"}


class RuleError(ValueError):
    """A rule file cannot be used; names the file and the fault."""


def rules_in(folder: Path) -> list[tuple[Path, Rule]]:
    """Every rule file of a knowledge folder, in a fixed order; RuleError for the first that cannot be used."""
    paths = sorted(path for path in folder.rglob("*.yaml") if path.relative_to(folder).parts[0] not in TABLES)
    return [(path, rule) for path in paths for rule in rules_of(path)]


def rules_of(path: Path) -> list[Rule]:
    """The rule in one file; all the rules of its table if it is a template."""
    try:
        value = _value(path.read_text(encoding="utf-8"))
        if not template.is_template(value):
            return [_rule(value)]
        return [_row(place, filled) for place, filled in template.expanded(value, path.parent)]
    except UnicodeDecodeError as e:
        raise RuleError(f"{path}: not UTF-8: {e.reason} at byte {e.start}") from e
    except (RuleError, TableError) as e:
        raise RuleError(f"{path}: {e}") from e


def parse(text: str) -> Rule:
    """The rule in a text. RuleError says which key is wrong and why."""
    return _rule(_value(text))


def _value(text: str) -> dict[str, Any]:
    try:
        value = read(text)
    except YamlError as e:
        raise RuleError(str(e)) from e
    if not isinstance(value, dict):
        raise RuleError(f"found {type(value).__name__}, expected the keys of a rule")
    return value


def _row(place: str, value: dict[str, Any]) -> Rule:
    try:
        return _rule(value)
    except RuleError as e:
        raise RuleError(f"{place}: {e}") from e


def _rule(value: dict[str, Any]) -> Rule:
    try:
        found = msgspec.convert({**value, "tests": _tests(value.get("tests"))}, Rule)
    except msgspec.ValidationError as e:
        raise RuleError(str(e)) from e
    _check_codes(found)
    return found


def _tests(entries: Any) -> Any:
    """Facts stand beside the other keys of a test; they are gathered under `facts`. `date` is the test's day."""
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        return entries
    return [
        {
            **{("day" if key == "date" else key): value for key, value in entry.items() if key in TEST_KEYS},
            "facts": {key: value for key, value in entry.items() if key not in TEST_KEYS},
        }
        for entry in entries
    ]


def _check_codes(rule: Rule) -> None:
    try:
        for code in [*_listed(rule.when.ordering), *rule.when.unless]:
            Atc(code)
        for name, fact in rule.facts.items():
            check_fact(name, fact)
        for test in rule.tests:
            if test.expect.partition(NUMBERED)[0] not in EXPECTATIONS:
                raise RuleError(f"test {test.name!r}: found expect {test.expect!r}, expected {sorted(EXPECTATIONS)}")
            if unknown := test.facts.keys() - rule.facts.keys():
                raise RuleError(f"test {test.name!r}: found {sorted(unknown)}, expected facts of this rule")
    except (InvalidCode, UnknownUnit) as e:
        raise RuleError(str(e)) from e


def check_fact(name: str, fact: Fact) -> None:
    """RuleError, InvalidCode or UnknownUnit if the fact has not exactly one kind, or a code or unit of it is wrong."""
    try:
        kind = fact.kind()
    except ValueError as e:
        raise RuleError(f"facts.{name}: {e}") from e
    for code in _listed(fact.loinc):
        Loinc(code)
    for code in [*_listed(fact.icd10), *_listed(fact.indication)]:
        Icd10(code)
    for code in [*_listed(fact.taking), *_listed(fact.allergy)]:
        Atc(code)
    if kind == "loinc" or fact.unit:
        canonical(fact.unit)


def _listed(value: list[str] | str | None) -> list[str]:
    return value if isinstance(value, list) else []
