"""The ICD-10 codes whose rules apply to a condition that was told by a SNOMED CT code, or by its name alone.

One text may name several (高血压、哮喘), and a Chinese name may stand inside a longer one (急性支气管哮喘发作),
unless it tells of doubt, of a relative or of what was (待排, 家族史): then it stays as it was told and is compared by
name only, and so does a part that nobody knows.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from cdss.rules.drugs.mentions import Mentions
from cdss.rules.drugs.text import fold, is_chinese, outside_brackets
from cdss.rules.facts import Coded
from cdss.rules.terms.table import own

LONGEST_NAME = 200  # characters; a longer text is cut
_SEVERAL = re.compile(r"[、，,；;/|\n\t]|\band\b|(?<=[\u3400-\u9fff)）])\s+")
_DOUBTFUL = re.compile(
    r"家族|(?<!病)史|待|排除|除外|疑|可能|风险|筛查|预防|疫苗|试验|(?<!粥)样|过敏|阴性|否认|[无未非不][^\W\d_]|\?"
)
_GRADE = re.compile(
    r"(?:\d+|[一二三四]|[ivⅰⅱⅲⅳ]+)[级期度型]|很?极?[高中低]危(?:组)?|急性(?:加重|发作)期?|稳定期|恢复期"
)


def in_icd10(condition: Coded) -> Coded:
    """The condition by its ICD-10 code where `knowledge/conditions` knows one; otherwise as it was told."""
    return every_in_icd10(condition)[0]


def every_in_icd10(condition: Coded) -> tuple[Coded, ...]:
    """All conditions one entry tells of, at least one: known by ICD-10, or as they were told."""
    if found := _snomed().get(condition.code) if condition.system == "SNOMED" else None:
        return (Coded("ICD-10", found, condition.name),)
    if not by_name_only(condition) or not condition.name.strip():
        return (condition,)
    return tuple(_named(condition)) or (condition,)


def by_name_only(condition: Coded) -> bool:
    """Whether no ICD-10 code says what it is: rules then know it by its name, if at all."""
    return condition.system != "ICD-10" or not condition.code


def _named(condition: Coded) -> Iterator[Coded]:
    name = condition.name[:LONGEST_NAME]
    if whole := _names().get(_spelled(name)):
        yield Coded("ICD-10", whole, condition.name)
        return
    for part in (part.strip() for part in _SEVERAL.split(name)):
        told = _spelled(part)
        if codes := _codes(told):
            yield from (Coded("ICD-10", code, part) for code in codes)
        elif told and not _GRADE.fullmatch(told):
            yield condition if part == name.strip() else Coded("", "", part)


def _codes(told: str) -> tuple[str, ...]:
    """The codes of the name, or of the names that stand in it."""
    if found := _names().get(told):
        return (found,)
    if not is_chinese(told) or _DOUBTFUL.search(told):
        return ()
    return tuple(dict.fromkeys(_names()[name] for name in _mentions().find(told)))


def _spelled(name: str) -> str:
    folded = outside_brackets(fold(name)) or fold(name)
    return folded.replace(" ", "") if is_chinese(folded) else folded


@lru_cache(maxsize=1)
def _mentions() -> Mentions:
    return Mentions(_names())


@lru_cache(maxsize=1)
def _snomed() -> dict[str, str]:
    return {row["snomed"]: row["icd10"] for row in own("conditions/snomed.csv", "snomed", "icd10")}


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    columns = ("names_zh", "names_en")
    return {
        fold(name): row["icd10"]
        for row in own("conditions/names.csv", "icd10", *columns)
        for column in columns
        for name in row[column].split("|")
    }
