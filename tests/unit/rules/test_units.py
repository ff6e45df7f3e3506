"""Unit conversion: the factors, the spellings hospitals use, and what is refused."""

import pytest

from cdss.rules.terms.units import NotConvertible, UnknownUnit, convert


@pytest.mark.parametrize(
    ("value", "unit", "to", "loinc", "expected"),
    [
        (1, "g", "mg", "", 1000),
        (500, "μg", "mg", "", 0.5),
        (0.5, "克", "mg", "", 500),
        (100, "mmHg", "mm[Hg]", "", 100),
        (60, "mL/min/1.73m²", "mL/min/{1.73_m2}", "", 60),
        (2, "wk", "d", "", 14),
        (60, "mL/min/1.73 m²", "mL/min/{1.73_m2}", "", 60),
        (88.4, "µmol/l", "mg/dL", "2160-0", 1.0),  # the micro sign and a small l
        (10, "lb", "kg", "", 4.536),
        (500, "mg/次", "g", "", 0.5),
        (126, "mg/dL", "mmol/L", "2345-7", 6.994),  # glucose: 126 / 18.016
        (7.0, "mmol/L", "mg/dL", "2345-7", 126.1),
        (1.0, "mg/dL", "umol/L", "2160-0", 88.40),  # creatinine
        (200, "mg/dL", "mmol/L", "2093-3", 5.173),  # cholesterol
    ],
)
def test_converts(value: float, unit: str, to: str, loinc: str, expected: float) -> None:
    assert convert(value, unit, to, loinc) == pytest.approx(expected, rel=1e-3)


def test_mass_to_substance_needs_the_analyte() -> None:
    with pytest.raises(NotConvertible, match=r"found mg/dL \(mass concentration\), expected mmol/L"):
        convert(126, "mg/dL", "mmol/L")


def test_a_unit_we_do_not_know_is_an_error() -> None:
    with pytest.raises(UnknownUnit, match="found unit '片', expected a UCUM unit such as mg, mmol/L"):
        convert(2, "片", "mg")
