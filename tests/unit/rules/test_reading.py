"""What a rule file may not be: each fault is named with its place."""

from pathlib import Path

import pytest

from cdss.rules import KNOWLEDGE
from cdss.rules.language.read import RuleError, parse, rules_of

GOOD = (KNOWLEDGE / "renal" / "metformin.yaml").read_text(encoding="utf-8")


def test_the_example_is_read() -> None:
    assert parse(GOOD).id == "renal/metformin"


@pytest.mark.parametrize(
    ("change", "to", "says"),
    [
        ("severity: contraindicated", "severity: terrible", "Invalid enum value 'terrible'"),
        ("kind: renal", "kind: renal\nkind: dose", "found key 'kind' twice"),
        ("kind: renal", "kindd: renal", "unknown field `kindd`"),
        ("[A10BA02]", "[A10XY02Z]", "found 'A10XY02Z', expected ATC such as C07AB02"),
        ("98979-8", "98979-88", "found '98979-88', expected LOINC such as 98979-8"),
        ('"mL/min/{1.73_m2}"', "mL/fortnight", "found unit 'mL/fortnight'"),
        ("version: 1", "version: one", "Expected `str` matching regex"),
        ("expect: precaution", "expect: perhaps", "found expect 'perhaps'"),
        ("egfr: 29", "creatinine: 29", "found ['creatinine'], expected facts of this rule"),
        ("{loinc:", "{atc: [A], loinc:", "unknown field `atc`"),
        ("{loinc:", "{patient: age, loinc:", "found ['loinc', 'patient'], expected exactly one of"),
        ("status: active", "status: &a active", "found an alias or anchor"),
        ("status: active", "1: active", "found key 1, expected text"),
        ("status: active", "status: [active", "expected ',' or ']'"),
        ("2016-04-08: 30", "yesterday: 30", "Invalid RFC3339 encoded date"),
    ],
)
def test_a_fault_is_named(change: str, to: str, says: str) -> None:
    assert change in GOOD
    with pytest.raises(RuleError) as error:
        parse(GOOD.replace(change, to))
    assert says in str(error.value)


def test_an_alias_bomb_is_refused_before_it_grows() -> None:
    bomb = "a: &a [x,x,x,x]\n" + "".join(f"b{i}: &b{i} [*a,*a,*a,*a]\n" for i in range(50))
    with pytest.raises(RuleError, match="found an alias or anchor"):
        parse(bomb)


def test_a_file_that_is_not_utf8_is_named(tmp_path: Path) -> None:
    path = tmp_path / "rule.yaml"
    path.write_bytes("title: 二甲双胍".encode("gb18030"))
    with pytest.raises(RuleError, match=r"rule\.yaml: not UTF-8"):
        rules_of(path)


def test_a_comma_that_cuts_a_text_in_two_is_found() -> None:
    """`{zh: 每日 2,000 mg}` would be read as two keys, and half of the advice would be lost."""
    change = "action: {zh: 停用二甲双胍，改用肾功能减退时可用的降糖药。,"
    assert change in GOOD
    with pytest.raises(RuleError, match="unknown field `000 mg`"):
        parse(GOOD.replace(change, "action: {zh: 每日 2,000 mg,"))
