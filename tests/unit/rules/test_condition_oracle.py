"""The compiled conditions against a slow, obvious reading of the same text: Kleene's tables, Python's own parser."""

import ast
import operator
from collections.abc import Callable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from cdss.rules.language.conditions import AtLeast, Below
from cdss.rules.language.expression import parse

NUMBERS, TRUTHS, LIMITS = ("age", "egfr", "dose"), ("asthma", "pregnant"), ("stop", "caution")
SIGNS: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge,
    ast.Eq: operator.eq, ast.NotEq: operator.ne,
}  # fmt: skip

compared = st.builds(
    "{} {} {}".format,
    st.sampled_from(NUMBERS),
    st.sampled_from(["<", "<=", ">", ">=", "==", "!="]),
    st.one_of(st.integers(-3, 3).map(str), st.sampled_from(LIMITS)),
)
member = st.builds("{} in [{}, {}]".format, st.sampled_from(NUMBERS), st.integers(-3, 3), st.integers(-3, 3))
unknown = st.builds("{} is {}unknown".format, st.sampled_from(NUMBERS + TRUTHS), st.sampled_from(["", "not "]))
tests = st.one_of(compared, member, unknown, st.sampled_from(TRUTHS))
texts = st.recursive(
    tests,
    lambda inner: st.one_of(
        st.builds("({} and {})".format, inner, inner),
        st.builds("({} or {})".format, inner, inner),
        st.builds("not ({})".format, inner),
    ),
    max_leaves=12,
)
charts = st.fixed_dictionaries(
    {
        **{name: st.one_of(st.none(), st.integers(-3, 3).map(float)) for name in NUMBERS},
        **{name: st.one_of(st.none(), st.booleans()) for name in TRUTHS},
        **{name: st.one_of(st.none(), st.integers(-3, 3).map(float)) for name in LIMITS},
    }
)


class Chart:
    """The environment of a condition: facts and limits by name; a limit that is None is not in force."""

    def __init__(self, known: dict[str, Any]) -> None:
        self.known = known

    def value(self, name: str) -> Any:
        return self.known[name]

    def in_force(self, name: str) -> bool:
        return name not in LIMITS or self.known[name] is not None

    def made(self, *_: Any) -> None:
        """The trace is not looked at here."""


def slow(node: ast.expr, chart: dict[str, Any]) -> bool | None:
    """Kleene's three-valued logic, case by case, every part of the condition looked at."""
    if isinstance(node, ast.BoolOp):
        parts = [slow(part, chart) for part in node.values]
        decisive = isinstance(node.op, ast.Or)
        if decisive in parts:
            return decisive
        return None if None in parts else not decisive
    if isinstance(node, ast.UnaryOp):
        part = slow(node.operand, chart)
        return None if part is None else not part
    if isinstance(node, ast.Name):
        return chart[node.id]  # type: ignore[no-any-return]
    assert isinstance(node, ast.Compare)
    return _slow_comparison(node, chart)


def _slow_comparison(node: ast.Compare, chart: dict[str, Any]) -> bool | None:
    assert isinstance(node.left, ast.Name)
    left, sign, right = chart[node.left.id], node.ops[0], node.comparators[0]
    if isinstance(sign, ast.Is | ast.IsNot):
        return (left is None) == isinstance(sign, ast.Is)
    if isinstance(right, ast.Name) and chart[right.id] is None:
        return False  # a limit that is not in force
    if left is None:
        return None
    value = chart[right.id] if isinstance(right, ast.Name) else ast.literal_eval(right)
    return left in value if isinstance(sign, ast.In) else SIGNS[type(sign)](left, value)


@given(texts, charts)
def test_the_compiled_condition_answers_as_the_slow_reading(text: str, chart: dict[str, Any]) -> None:
    tree = ast.parse(text.replace("unknown", "None"), mode="eval").body
    assert parse(text).evaluate(Chart(chart)) == slow(tree, chart)


@given(st.one_of(compared, member), charts, st.lists(st.integers(0, 9), max_size=3))
def test_a_sum_with_an_untold_part_is_decided_only_where_every_such_sum_agrees(
    text: str, chart: dict[str, Any], more: list[int]
) -> None:
    """`AtLeast(3)` may be 3, or anything above: what it answers must hold for all of them."""
    known = {name: AtLeast(v) if name in NUMBERS and v is not None else v for name, v in chart.items()}
    said = parse(text).evaluate(Chart(known))
    for extra in (0, *more):
        exact = {name: v + extra if name in NUMBERS and v is not None else v for name, v in chart.items()}
        assert said is None or said == parse(text).evaluate(Chart(exact))


@given(st.one_of(compared, member), charts, st.lists(st.floats(0.001, 9), min_size=1, max_size=3))
def test_a_result_told_as_below_is_decided_only_where_every_such_result_agrees(
    text: str, chart: dict[str, Any], less: list[float]
) -> None:
    """`Below(3)` is not 3, but anything under it: what it answers must hold for all of them."""
    known = {name: Below(v) if name in NUMBERS and v is not None else v for name, v in chart.items()}
    said = parse(text).evaluate(Chart(known))
    for missing in less:
        exact = {name: v - missing if name in NUMBERS and v is not None else v for name, v in chart.items()}
        assert said is None or said == parse(text).evaluate(Chart(exact))
