"""Words and codes of our own tables, found in what a request says: Chinese anywhere, English as whole words.

Of phrases that overlap the longest counts: `without contrast` is not `contrast`.
"""

import re
from collections.abc import Iterator
from functools import cached_property

from cdss.rules.terms.table import Row, own

LONGEST_TEXT = 2000  # characters of a text that are looked at
CLAUSE = re.compile(r"[，。；,;\n！!]|但|\bbut\b|\.(?=\s|$)")
DENIED = re.compile(
    r"否认|没有|未见|未诉|未出现|未发现|未触及|无(?!力|法|痛)"
    r"|\b(?:no|not|without|denie[sd]|negative for|absent)\b"
)
REACH = 24  # characters before a phrase in which it may be denied
DOUBTED = re.compile(
    r"排除|除外|待排|待查|可疑|怀疑|疑似|\brule out\b|\br/o\b|\bexclude\b|\bpossible\b|\bsuspected\b|[?？]"
)
ASIDE = re.compile(
    r"无明显诱因|无诱因|无明显原因|[无未]明?显?(?:好转|缓解|改善)"
    r"|\b(?:no (?:improvement|better)|not (?:improving|better))\b"
)


class Lexicon:
    """A table of the program with columns `name`, `zh`, `en` (phrases between |), `snomed` and others."""

    def __init__(self, table: str) -> None:
        self.rows = own(table, "name", "zh", "en", "snomed")

    @cached_property
    def phrases(self) -> dict[str, Row]:
        """The row of each phrase."""
        return {
            phrase.strip().casefold(): row
            for row in self.rows
            for phrase in f"{row['zh']}|{row['en']}".split("|")
            if phrase.strip()
        }

    @cached_property
    def codes(self) -> dict[str, Row]:
        """The row of each SNOMED CT code, or code of another kind the table has."""
        kinds = [kind for kind in ("snomed", "dicom", "cvx") if self.rows and kind in self.rows[0]]
        return {code: row for row in self.rows for kind in kinds for code in row[kind].split()}

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        longest_first = sorted(self.phrases, key=len, reverse=True)
        return re.compile("|".join(_bounded(phrase) for phrase in longest_first))

    def said(self, text: str) -> Iterator[tuple[Row, bool]]:
        """Each row whose phrase stands in the text, and whether it is said to be so (False: denied).

        What a clause only doubts is not said at all: an order to rule out a fracture tells of none.
        """
        for clause in CLAUSE.split(ASIDE.sub(" ", text[:LONGEST_TEXT].casefold())):
            if DOUBTED.search(clause):
                continue
            for match in self._pattern.finditer(clause):
                before = clause[max(0, match.start() - REACH) : match.start()]
                yield self.phrases[match[0]], not DENIED.search(before)

    def names(self, text: str) -> tuple[str, ...]:
        """The names of the rows whose phrases stand in the text, in order, whether denied or not."""
        matches = self._pattern.finditer(text[:LONGEST_TEXT].casefold())
        return tuple(dict.fromkeys(name for match in matches for name in names(self.phrases[match[0]])))


def names(row: Row) -> list[str]:
    """What a row tells of, then what that implies: a thunderclap headache is a headache."""
    return row["name"].split()


def _bounded(phrase: str) -> str:
    """A phrase as a pattern; one in Latin letters is a whole word."""
    pattern = re.escape(phrase)
    start = r"(?<![a-z])" if phrase[0].isascii() else ""
    return start + pattern + (r"(?![a-z])" if phrase[-1].isascii() else "")
