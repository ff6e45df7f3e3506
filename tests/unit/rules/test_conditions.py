"""The condition language: what each form answers, over known and unknown facts."""

import pytest

from cdss.rules.language.conditions import Check, Kleene, Value
from cdss.rules.language.expression import ExpressionError, parse


class Ward:
    """Facts a=5, b unknown, name='iv', yes, no, and a limit that is not in force."""

    facts: dict[str, Value] = {"a": 5.0, "b": None, "route": "iv", "yes": True, "no": False, "stop": 4.0}  # noqa: RUF012

    def value(self, name: str) -> Value:
        return self.facts[name]

    def in_force(self, name: str) -> bool:
        return name != "future"

    def made(self, test: Check, truth: Kleene) -> None:
        pass


@pytest.mark.parametrize(
    ("text", "truth"),
    [
        ("a < 5", False),
        ("a <= 5", True),
        ("a == 5 and yes", True),
        ("a > stop", True),
        ("a < -1", False),
        ("route in ['iv', 'im']", True),
        ("route in ['po']", False),
        ("route == 'iv'", True),
        ("not no", True),
        # unknown is neither true nor false
        ("b < 5", None),
        ("not b", None),
        ("b in ['x']", None),
        ("b is unknown", True),
        ("b is not unknown", False),
        ("a is unknown", False),
        # one false settles an `and`, one true settles an `or`; otherwise the unknown remains
        ("b and no", False),
        ("no and b", False),
        ("b and yes", None),
        ("b or yes", True),
        ("b or no", None),
        ("yes or no and no", True),  # `and` binds tighter
        ("(yes or no) and no", False),
        # a limit that did not exist on that day makes its comparison false, not unknown
        ("a < future", False),
    ],
)
def test_truth(text: str, truth: Kleene) -> None:
    assert parse(text).evaluate(Ward()) is truth


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("age >", "expected a number, a 'text' or a name at character 6"),
        ("age >= 5 5", "expected the end at character 10"),
        ("age & b", "found '&' at character 4"),
        ("__import__('os')", "expected the end at character 11"),
        ("route in [po]", "found po, expected a number or a 'text'"),
        ("not " * 41 + "a", "nested deeper than 40"),
        ("a" * 2001, "found 2001 characters, expected at most 2000"),
        ("and", "expected the name of a fact at character 1"),
    ],
)
def test_what_is_not_a_condition_says_where(text: str, says: str) -> None:
    with pytest.raises(ExpressionError) as error:
        parse(text)
    assert says in str(error.value)


def test_the_trace_holds_every_test_made_and_none_that_was_not_needed() -> None:
    class Traced(Ward):
        def __init__(self) -> None:
            self.tests: list[tuple[str, Kleene]] = []

        def made(self, test: Check, truth: Kleene) -> None:
            self.tests.append((test.text, truth))

    ward = Traced()
    parse("no and a < 5 or b < 3 or a >= 5").evaluate(ward)
    assert ward.tests == [("no", False), ("b < 3", None), ("a >= 5", True)]
