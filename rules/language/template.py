"""Tables of rules: a rule file with holes, and a CSV beside it of which every row makes one rule with its own tests.

`$name` stands for the row's cell; `$name...` in a list for the blank-separated parts of it. An empty cell leaves out
what needs it: a text, a fact, a limit, and the alerts whose conditions name such a fact or limit.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cdss.rules.language.expression import ExpressionError, parse
from cdss.rules.terms.table import TableError, rows

HOLE = re.compile(r"\$([a-z][a-z0-9_]*)(\.\.\.)?")
NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
# A mapping that loses one of these says nothing any more, and is left out as a whole.
ESSENTIAL = {
    "if", "severity", "zh", "en", "title", "loinc", "icd10", "taking", "allergy", "patient", "order", "duplicate",
    "indication", "given", "setting", "unit",
}  # fmt: skip
MOST_ROWS = 2000
WHOLE_NUMBERS = {"due_days", "max_age_days"}


class _Lost:
    """What remains of a text whose cell is empty."""


LOST = _Lost()


def is_template(value: Any) -> bool:
    """Whether a rule file's value has a table beside it."""
    return isinstance(value, dict) and "table" in value


def expanded(template: dict[str, Any], folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """`table.csv:line` and the rule's value for every row. TableError names file, line and fault."""
    path = folder / str(template["table"])
    if path.parent != folder or path.suffix != ".csv":
        raise TableError(f"found table {template['table']!r}, expected the name of a .csv file in the same folder")
    body = {key: value for key, value in template.items() if key != "table"}
    for number, (line, row) in enumerate(rows(path, tuple(sorted(_columns(body)))), 1):
        if number > MOST_ROWS:
            raise TableError(f"{path.name}: found more than {MOST_ROWS} rows, expected at most {MOST_ROWS}")
        place = f"{path.name}:{line}"
        try:
            yield place, _rule(body, row)
        except (ValueError, ExpressionError) as e:
            raise TableError(f"{place}: {e}") from e


def _rule(body: dict[str, Any], row: dict[str, str]) -> dict[str, Any]:
    rule: Any = _filled({key: value for key, value in body.items() if key != "tests"}, row)
    if rule is LOST:
        raise ValueError("found an empty cell in the title, expected a name in both languages")
    rule.setdefault("facts", {})
    rule.setdefault("limits", {})
    rule["limits"] = {name: {day: _number(n) for day, n in dated.items()} for name, dated in rule["limits"].items()}
    _drop_undecidable(rule, body)
    rule["tests"] = list(_examples(_filled(body.get("tests"), row), row.get("tests", ""), rule["facts"]))
    return dict(rule)


def _drop_undecidable(rule: dict[str, Any], body: dict[str, Any]) -> None:
    """Alerts (and the scope) that name a fact or limit this row has not; then facts and limits nothing names."""
    lost = {*body.get("facts", {}), *body.get("limits", {})} - {*rule["facts"], *rule["limits"]}
    if lost & _names(rule.get("applies", "")):
        del rule["applies"]
    rule["alerts"] = [alert for alert in rule.get("alerts", []) if not lost & _names(alert["if"])]
    used = set().union(_names(rule.get("applies", "")), *(_names(alert["if"]) for alert in rule["alerts"]))
    texts = str(rule["alerts"])
    for kept in ("facts", "limits"):
        rule[kept] = {name: value for name, value in rule[kept].items() if name in used or f"{{{name}}}" in texts}


def _names(condition: str) -> frozenset[str]:
    return parse(condition).names if condition else frozenset()


def _filled(value: Any, row: dict[str, str]) -> Any:
    """The value with its holes filled; LOST if it cannot be said without an empty cell."""
    if isinstance(value, str):
        return _text(value, row)
    if isinstance(value, list):
        return _list(value, row)
    if isinstance(value, dict):
        return _mapping(value, row)
    return value


def _text(text: str, row: dict[str, str]) -> str | _Lost:
    if any(not row[hole[1]].strip() for hole in HOLE.finditer(text)):
        return LOST
    return HOLE.sub(lambda hole: row[hole[1]].strip(), text)


def _list(values: list[Any], row: dict[str, str]) -> list[Any] | _Lost:
    found: list[Any] = []
    for value in values:
        hole = HOLE.fullmatch(value) if isinstance(value, str) else None
        if hole and hole[2]:
            found += row[hole[1]].split()
        elif (filled := _filled(value, row)) is not LOST:
            found.append(filled)
    return found if found or not values else LOST


def _mapping(mapping: dict[str, Any], row: dict[str, str]) -> dict[str, Any] | _Lost:
    found: dict[str, Any] = {}
    for key, value in mapping.items():
        name, filled = _text(key, row), _filled(value, row)
        if isinstance(name, _Lost) or filled is LOST:
            if key in ESSENTIAL:
                return LOST
            continue
        found[name] = int(filled) if key in WHOLE_NUMBERS and str(filled).isdigit() else filled
    return found if found or not mapping else LOST


def _number(value: Any) -> Any:
    """A cell that reads as a number is one."""
    return float(value) if isinstance(value, str) and NUMBER.fullmatch(value) else value


def _examples(how: Any, cell: str, facts: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The row's cell `tests`: `2550 none; 2551 avoid; ? unknown`, values of `how["facts"]` in order and the answer.

    What stands under `also` holds for every row.
    """
    if not isinstance(how, dict) or not isinstance(how.get("facts"), list):
        raise ValueError("found no `tests: {ordering, date, facts}`, expected how the cell `tests` is to be read")
    common = {key: value for key, value in how.items() if key not in ("facts", "also")}
    yield from ({**common, **one} for one in how.get("also", ()))
    for example in filter(None, (part.strip() for part in cell.split(";"))):
        *values, expect = example.split()
        if len(values) != len(how["facts"]):
            raise ValueError(f"found the test {example!r}, expected values of {how['facts']} and an answer")
        told = {name: _value(value) for name, value in zip(how["facts"], values, strict=True) if name in facts}
        yield {"name": f"{', '.join(f'{n} {v}' for n, v in zip(how['facts'], values, strict=True))}: {expect}",
               "expect": expect, **common, **told}  # fmt: skip


def _value(word: str) -> Any:
    return {"?": None, "true": True, "false": False}.get(word, _number(word))


def _columns(value: Any) -> set[str]:
    """Every column the template names."""
    if isinstance(value, str):
        return {hole[1] for hole in HOLE.finditer(value)}
    if isinstance(value, dict):
        return set().union(*(_columns(part) for item in value.items() for part in item))
    return set().union(*map(_columns, value)) if isinstance(value, list) else set()
