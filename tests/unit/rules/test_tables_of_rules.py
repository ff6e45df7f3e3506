"""A template and its table: every row becomes a rule with its own tests; what a row leaves empty is left out."""

from pathlib import Path

import pytest

from cdss.rules.asking.compiled import CompiledRule
from cdss.rules.checking.selftest import run
from cdss.rules.language.read import RuleError, rules_of

TEMPLATE = """\
table: daily.csv
id: dose/daily/$id
version: 1.0.0
status: active
title: {zh: $zh每日最大剂量, en: Maximum daily dose of $en}
kind: dose
when: {ordering: [$atc...]}
facts:
  daily: {order: total_daily_dose, unit: $unit}
  egfr: {loinc: [98979-8], unit: "mL/min/{1.73_m2}", max_age_days: 365}
limits:
  most: {2018-01-01: $most}
  kidney: {2018-01-01: $kidney}
alerts:
  - if: egfr < kidney
    severity: contraindicated
    zh: 禁用
    en: Contraindicated
  - if: daily > most
    severity: avoid
    zh: "每日 {daily}，超过 {most} $unit。"
    en: "{daily} a day, above {most} $unit."
    action: {zh: $action_zh, en: $action_en}
sources: [{title: $source, dated: $dated, grade: label}]
review: {last: 2026-11-25, next: 2027-11-25, state: needs clinical review}
tests: {ordering: $first, date: 2026-11-25, facts: [egfr, daily]}
"""
HEAD = "id,zh,en,atc,first,unit,most,kidney,action_zh,action_en,source,dated,tests\n"
METFORMIN = (
    "metformin,二甲双胍,metformin,A10BA02 A10BD,A10BA02,mg,2550,30,减量,Reduce,Label,2018,"
    "30 2550 none; 30 2551 avoid; 29 ? contraindicated; ? ? unknown\n"
)
ACARBOSE = "acarbose,阿卡波糖,acarbose,A10BF01,A10BF01,mg,300,,,,Label,2018,? 300 none; ? 301 avoid; ? ? unknown\n"


@pytest.fixture
def table(tmp_path: Path) -> Path:
    (tmp_path / "daily.yaml").write_text(TEMPLATE, encoding="utf-8")
    (tmp_path / "daily.csv").write_text(HEAD + METFORMIN + ACARBOSE, encoding="utf-8")
    return tmp_path / "daily.yaml"


def test_every_row_is_a_rule_whose_tests_hold(table: Path) -> None:
    rules = rules_of(table)
    assert [rule.id for rule in rules] == ["dose/daily/metformin", "dose/daily/acarbose"]
    assert rules[0].when.ordering == ["A10BA02", "A10BD"]
    outcomes = [outcome for rule in rules for outcome in run(CompiledRule(rule))]
    assert len(outcomes) == 4 + 3
    assert all(outcome.passed for outcome in outcomes)


def test_an_empty_cell_leaves_out_the_limit_the_fact_the_alert_and_the_text(table: Path) -> None:
    metformin, acarbose = rules_of(table)
    assert [alert.severity for alert in metformin.alerts] == ["contraindicated", "avoid"]
    assert [alert.severity for alert in acarbose.alerts] == ["avoid"]
    assert acarbose.facts.keys() == {"daily"}
    assert acarbose.limits.keys() == {"most"}
    assert acarbose.alerts[0].action.en == ""


@pytest.mark.parametrize(
    ("change", "to", "says"),
    [
        ("2550,30", "much,30", "daily.csv:2"),
        ("30 2551 avoid", "2551 avoid", "found the test '2551 avoid', expected values of ['egfr', 'daily']"),
        ("30 2551 avoid", "30 2551 worse", "daily.csv:2: test 'egfr 30, daily 2551: worse': found expect 'worse'"),
        ("A10BA02 A10BD", "A10BA0", "daily.csv:2: found 'A10BA0', expected ATC"),
        ("metformin,二甲双胍", "metformin,", "found an empty cell in the title"),
        (",tests\n", ",test\n", "daily.yaml: "),
        (",most,", ",least,", "expected ['most'] as well"),
    ],
)
def test_a_bad_row_is_named_by_file_and_line(table: Path, change: str, to: str, says: str) -> None:
    path = table.with_name("daily.csv")
    text = path.read_text(encoding="utf-8")
    assert change in text
    path.write_text(text.replace(change, to, 1), encoding="utf-8")
    with pytest.raises(RuleError) as error:
        rules_of(table)
    assert says in str(error.value)


def test_a_table_elsewhere_is_refused(table: Path) -> None:
    table.write_text(TEMPLATE.replace("daily.csv", "../daily.csv"), encoding="utf-8")
    with pytest.raises(RuleError, match=r"expected the name of a \.csv file in the same folder"):
        rules_of(table)
