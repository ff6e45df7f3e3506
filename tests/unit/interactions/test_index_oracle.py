"""The dictionary of pairs against reading the tables from top to bottom for one pair."""

from collections.abc import Iterator
from itertools import groupby

from hypothesis import given
from hypothesis import strategies as st

from cdss.rules.drugs.formulary import Formulary
from cdss.rules.interactions.classes import Classes
from cdss.rules.interactions.index import FOLDER, InteractionIndex
from cdss.rules.interactions.tables import COLUMNS, Row
from cdss.rules.terms.table import rows

FORMULARY = Formulary.load()
INDEX = InteractionIndex.load(FOLDER, FORMULARY)
CLASSES = Classes(FOLDER, FORMULARY)
TABLES = [[Row(FOLDER / n, *row) for row in rows(FOLDER / n, COLUMNS)] for n in ("ansm_rules.csv", "supplement.csv")]
SIDES = {
    row.cells[side]: frozenset(CLASSES.ids(row.cells[side])) for table in TABLES for row in table for side in ("a", "b")
}
NAMED = sorted(set().union(*SIDES.values()))
ids = st.sampled_from(NAMED)


def slow(a: str, b: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The part that always holds and the conditional parts before it, of every rule that speaks of the two."""
    for table in TABLES:
        for _, parts in groupby(table, key=lambda row: row.stem):
            conditional: list[str] = []
            for row in parts:
                left, right = SIDES[row.cells["a"]], SIDES[row.cells["b"]]
                if not ((a in left and b in right) or (b in left and a in right)):
                    continue
                if row.cells["when"]:
                    conditional.append(row.cells["id"])
                    continue
                if row.cells["level"]:
                    yield row.cells["id"], tuple(conditional)
                break


@given(ids, ids)
def test_the_index_knows_what_the_tables_say(a: str, b: str) -> None:
    said = [] if a == b else sorted(slow(a, b))
    found = INDEX.between(a, b)
    assert sorted((one.rule, tuple(part.id for part in one.conditional)) for one in found) == said
    assert INDEX.between(b, a) == found
