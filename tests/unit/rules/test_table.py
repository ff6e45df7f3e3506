"""Tables are read strictly: a cell too many or too few, or a column that is not there, is a fault with its place."""

from pathlib import Path

import pytest

from cdss.rules.terms.table import TableError, own, rows

FAULTS = [
    ("a column missing", "a\n1\n", "table.csv:1: found columns"),
    ("a cell missing", "a,b\n1,2\n1\n", "table.csv:3: found 2 cells"),
    ("a cell too many", "a,b\n1,2,3\n", "table.csv:2: found 3 cells"),
    ("a quote left open", 'a,b\n"1,2\n', "table.csv: cannot be read"),
]


@pytest.mark.parametrize(("what", "text", "says"), FAULTS, ids=[row[0] for row in FAULTS])
def test_faults(tmp_path: Path, what: str, text: str, says: str) -> None:
    table = tmp_path / "table.csv"
    table.write_text(text, encoding="utf-8")
    with pytest.raises(TableError, match=says):
        list(rows(table, ("a", "b")))


def test_lines_are_numbered_and_a_byte_order_mark_is_no_name(tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    table.write_text("a,b\n1,2\n", encoding="utf-8-sig")
    assert list(rows(table, ("a", "b"))) == [(2, {"a": "1", "b": "2"})]


def test_a_table_of_the_program_lacks_no_column_it_is_read_for() -> None:
    assert own("conditions/names.csv", "icd10", "names_zh")
    with pytest.raises(TableError, match="expected \\['icd11'\\] as well"):
        own("conditions/names.csv", "icd11")
