"""What a caller asks of the worklist: filters, pages, and what was done with an item of advice."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from cdss.rules.alert import Text
from cdss.serving.platform.audit import now
from cdss.serving.platform.errors import BadInput
from cdss.serving.population.worklist.agenda import HOWS, Handled
from cdss.serving.population.worklist.listing import CHOICES, Query
from cdss.serving.population.worklist.store import NUL

FREE = ("village", "doctor", "id")  # filters that take any words
FILTERS = (*FREE, *CHOICES)
MOST_SHOWN, MOST_CAPACITY, MOST_WORDS = 500, 10_000, 500
NOT_HANDLED = Text(
    f"应为对象：as 为 {'、'.join(HOWS)} 之一，note 与 by 为不超过 {MOST_WORDS} 字的文字（可省略）。",
    f"expected an object: as one of {', '.join(HOWS)}; note and by, if given, texts of at most {MOST_WORDS} characters",
)
NO_WORDS = Text("筛选条件含有 NUL 字符。", "expected filters without NUL characters")
BAD_DAY = Text("day 应为今天或更早的日期 YYYY-MM-DD。", "expected day as a date YYYY-MM-DD, today or earlier")


def query(params: Mapping[str, str]) -> Query:
    """The filters. BadInput names the one that has another value than its choices."""
    found: dict[str, Any] = {name: value.strip() for name in FILTERS if (value := params.get(name, ""))}
    if any(NUL in value for value in found.values()):
        raise BadInput(NO_WORDS, status=400, code="bad-filter")
    for name, choices in CHOICES.items():
        if found.get(name, choices[0]) not in choices:
            said = ", ".join(choices)
            text = Text(f"{name} 应为 {said} 之一，或不填。", f"expected {name} as one of {said}, or none")
            raise BadInput(text, status=400, code="bad-filter")
    return Query(**found)


def number(params: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    """A whole number. BadInput if it is none, or outside."""
    text = params.get(name, "") or str(default)
    if text.isascii() and text.isdigit() and len(text) <= 9 and least <= int(text) <= most:
        return int(text)
    raise BadInput(
        Text(f"{name} 应为 {least} 至 {most}。", f"expected {name} from {least} to {most}"), status=400, code="bad-page"
    )


def handled(value: Any) -> Handled:
    """What was done with an item of advice, now. BadInput if that is not said."""
    if not isinstance(value, dict) or value.get("as") not in HOWS:
        raise BadInput(NOT_HANDLED, code="not-handled", pointer="/as")
    words = {name: value.get(name, "") for name in ("note", "by")}
    for name, text in words.items():
        if not isinstance(text, str) or len(text) > MOST_WORDS:
            raise BadInput(NOT_HANDLED, code="not-handled", pointer=f"/{name}")
    return Handled(value["as"], now(), words["by"].strip() or "doctor", words["note"].strip())


def day(params: Mapping[str, str], today: date) -> date:
    """The day to assess as of. BadInput if it is no date, or in the future."""
    try:
        asked = date.fromisoformat(params.get("day", "") or today.isoformat())
    except ValueError as e:
        raise BadInput(BAD_DAY, status=400, code="bad-day") from e
    if asked > today:
        raise BadInput(BAD_DAY, status=400, code="bad-day")
    return asked
