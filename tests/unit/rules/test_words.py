"""Numbers as sentences show them."""

import pytest

from cdss.rules.asking.words import shown


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (15000.0, "mg", "15000 mg"),
        (1e10, "mg", "10000000000 mg"),
        (88.8889, "mg/kg", "88.89 mg/kg"),
        (2550.44, "mg", "2550.4 mg"),
        (0.0625, "mg", "0.0625 mg"),
        (1.0, "a", "1 year"),
        (2.0, "a", "2 years"),
        (1.0, "mg", "1 mg"),
        (None, "mg", "unknown"),
        (True, "", "yes"),
    ],
)
def test_a_value_is_shown(value: float | None, unit: str, text: str) -> None:
    assert shown(value, unit).en == text
