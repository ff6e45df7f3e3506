"""Whether what a rule lacks is something that was known before: then it was lost, not resolved."""

from collections.abc import Iterable
from functools import lru_cache

from cdss.rules.alert import Text
from cdss.rules.terms.observations import by_loinc
from cdss.rules.terms.table import own
from cdss.serving.population.intake.columns import LOINC

EGFR = "98979-8"


def lost(known: Iterable[str], lacks: Iterable[Text]) -> bool:
    """Whether one of the words for what is lacking names a column that was known."""
    words = _words()
    return not {words[column] for column in known if column in words}.isdisjoint(lacks)


@lru_cache(maxsize=1)
def _words() -> dict[str, Text]:
    """By column, what the rules call it where it is missing (`rules.asking.missing`)."""
    codes, named = {**LOINC, "egfr": EGFR}, by_loinc()
    measured = {column: named[code].title for column, code in codes.items() if code in named}
    given = {row["name"]: Text(row["zh"], row["en"]) for row in own("observations/given.csv", "name", "zh", "en")}
    return given | measured
