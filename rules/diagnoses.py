"""The ICD-10 code whose rules apply to a condition that was told by a SNOMED CT code, or by its name alone.

A Chinese name may go on behind the name we know (高血压3级, 慢阻肺急性加重), unless it tells of doubt, of a relative
or of what was (待排, 家族史): then it stays as it was told and is compared by name only.
"""

import csv
import re
from collections.abc import Iterator
from functools import lru_cache

from cdss.rules.drugs.text import fold, is_chinese
from cdss.rules.facts import Coded
from cdss.rules.read import KNOWLEDGE

_DOUBTFUL = re.compile(r"家族|(?<!病)史|待|排除|除外|疑|可能|风险|筛查|预防|阴性|否认|[无未非不][^\W\d_]|\?")
LONGEST_NAME = 100  # characters; a longer text is no diagnosis


def in_icd10(condition: Coded) -> Coded:
    """The condition by its ICD-10 code where `knowledge/conditions` knows one; otherwise as it was told."""
    found = _snomed().get(condition.code) if condition.system == "SNOMED" else None
    if found is None and by_name_only(condition):
        found = _named(condition.name)
    return Coded("ICD-10", found, condition.name) if found else condition


def by_name_only(condition: Coded) -> bool:
    """Whether no ICD-10 code says what it is: rules then know it by its name, if at all."""
    return condition.system != "ICD-10" or not condition.code


def _named(name: str) -> str | None:
    told = fold(name[:LONGEST_NAME]).replace(" ", "") if is_chinese(name) else fold(name[:LONGEST_NAME])
    if found := _names().get(told):
        return found
    if not is_chinese(told) or _DOUBTFUL.search(told):
        return None
    return next((_names()[told[:end]] for end in range(len(told), 1, -1) if told[:end] in _names()), None)


@lru_cache(maxsize=1)
def _snomed() -> dict[str, str]:
    return {row["snomed"]: row["icd10"] for row in _rows("snomed.csv")}


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    rows = list(_rows("names.csv"))
    return {
        fold(name): row["icd10"]
        for row in rows
        for column in ("names_zh", "names_en")
        for name in row[column].split("|")
    }


def _rows(table: str) -> Iterator[dict[str, str]]:
    with (KNOWLEDGE / "conditions" / table).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)
