"""The file of conditions: what is wrong with it is named, and nothing is loaded."""

from pathlib import Path

import pytest

from cdss.rules.interactions.conditions import Conditions
from cdss.rules.terms.table import TableError

GOOD = """
facts:
  a_dose: {order: dose, side: a, unit: mg}
  age: {patient: age, unit: a}
conditions:
  high: {if: a_dose > 10 or age >= 65, zh: 剂量高, en: the dose is high}
"""


def load(folder: Path, text: str) -> Conditions:
    path = folder / "conditions.yaml"
    path.write_text(text, encoding="utf-8")
    return Conditions.load(path)


def test_a_condition_reads_the_facts_of_the_file(tmp_path: Path) -> None:
    conditions = load(tmp_path, GOOD)
    assert conditions.by_name["high"].expression.names == {"a_dose", "age"}
    assert conditions.by_name["high"].words.en == "the dose is high"


def test_a_folder_without_the_file_has_no_conditions(tmp_path: Path) -> None:
    assert Conditions.load(tmp_path / "conditions.yaml").by_name == {}


@pytest.mark.parametrize(
    ("found", "instead", "says"),
    [
        ("side: a, ", "", "facts.a_dose: found side None, expected a or b"),
        ("age, unit: a", "age, unit: a, side: b", "facts.age: found side 'b'"),
        ("unit: mg", "unit: lightyears", "lightyears"),
        ("order: dose", "order: doses", "Invalid enum value 'doses'"),
        ("a_dose > 10", "b_dose > 10", r"high: .*found \['b_dose'\], expected facts of the file"),
        ("a_dose > 10", "a_dose >", "expected the end at character 13"),
        ("zh: 剂量高, ", "", "missing required field `zh`"),
        ("facts:", "limits: {}\nfacts:", "unknown field `limits`"),
        ("side: a", "side: c", "Invalid enum value 'c'"),
        ("if: a_dose", "on: x, if: a_dose", "unknown field `on`"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, found: str, instead: str, says: str) -> None:
    assert found in GOOD
    with pytest.raises(TableError, match=rf"conditions\.yaml: .*{says}"):
        load(tmp_path, GOOD.replace(found, instead))
