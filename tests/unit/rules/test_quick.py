"""The conditions without a trace answer as those with one."""

from datetime import date
from functools import partial
from typing import Any

from hypothesis import given
from tests.unit.rules.test_condition_oracle import LIMITS, NUMBERS, TRUTHS, Chart, charts, texts

from cdss.rules.asking.context import Context
from cdss.rules.asking.found import Found
from cdss.rules.asking.quick import quick
from cdss.rules.facts import Facts, Patient
from cdss.rules.language.expression import parse

NOBODY = Context(Facts(Patient(), (), date(2026, 11, 25)))


def _found(found: Found, *_: object) -> Found:
    return found


@given(texts, charts)
def test_quick_and_traced_agree(text: str, chart: dict[str, Any]) -> None:
    expression = parse(text)
    finders = {name: partial(_found, Found(chart[name])) for name in (*NUMBERS, *TRUTHS)}
    limits = {name: chart[name] for name in LIMITS}
    assert quick(expression.tree, finders)(NOBODY, None, limits) == expression.evaluate(Chart(chart))
