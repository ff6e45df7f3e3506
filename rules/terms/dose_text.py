"""A dosage written out, "口服，一次2片，一日3次" or "1.0g bid po", as dose, times a day and route.

Read only where it can mean one thing: two doses, two frequencies, a dose by weight or a dose that changes leave that
part unknown, which the caller says. Where only the most times a day are told (as needed, at most 4 times a day) they
are the frequency. All patterns are bounded; longer texts are not read.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from cdss.rules.facts import Quantity
from cdss.rules.terms.frequency_patterns import ENGLISH, number
from cdss.rules.terms.order_words import as_needed, fold, pieces, routes, times_a_day

LONGEST = 200  # characters
UNITS = ("mg", "g", "ug", "mcg", "μg", "ng", "毫克", "微克", "克", "iu", "u", "unit", "units", "单位", "万单位", "万u",
         "万iu", "ml", "毫升", "l", "mmol", "meq")  # fmt: skip
CHANGES = re.compile(
    r"首[次剂]|以后|之后|然后|后改|改为|逐渐|递减|递增|减量|加量|增至|加倍|\bthen\b|taper|increas|decreas|loading|initial"
)
LIMIT = re.compile(
    r"(?:(?:每|一|1)(?:日|天)|24小时内?)?"
    r"(?:最大|最多|极量|不超过|不得超过|\bmax(?:imum)?\b|\bup to\b|not (?:to )?exceed)[^,;，；。]{0,40}"
)
BRACKET = re.compile(r"[(\[【][^()\[\]【】]{0,60}[)\]】]")
_NUMBER = rf"(?:\d{{1,6}}(?:\.\d{{1,4}})?(?:/\d)?|半|[一二两三四五六七八九十]|\b(?:{'|'.join(ENGLISH)}|half|an?)\b)"
_UNITS = "|".join(
    re.escape(word) + ("(?![a-z])" if word.isascii() else "")
    for word in sorted((*UNITS, *pieces()), key=len, reverse=True)
)
MOST_TIMES = re.compile(
    rf"(?:(?:每|一|1)(?:日|天)|24小时内?)\s*(?:最多|至多|不超过|不得超过)(?:服用?|使?用)?\s*(?P<n>{_NUMBER})\s*[次回]"
    rf"|(?:up to|max(?:imum)?(?: of)?|not more than|no more than)\s+(?P<m>{_NUMBER})\s+(?:times|doses)"
    r"(?:\s+(?:a|per|each|every))?\s+(?:day|daily|24 hours)"
)
AMOUNT = re.compile(
    rf"(?:(?P<day>每日|每天|一日|一天|日总量|全天)|(?:每|一|1)[次回]|每服|单次|各)?(?:口?服|用|注射|总量|剂量)?\s*"
    rf"(?<![\d.a-z])(?P<n>{_NUMBER})(?:\s*[-~至到]\s*(?P<m>{_NUMBER}))?\s*(?P<unit>{_UNITS})"
    r"(?P<per>\s*/\s*(?:[a-z]{1,6}|公斤|千克|体重|小时|分钟|[次回日天片粒袋支]))?"
)
PER_TIME, PER_DAY = ("次", "回", "time", "dose"), ("日", "天", "d", "day")
MOMENT = re.compile(r"早上?|晨|中午?|晚上?|睡前|morning|noon|evening|bedtime")
SEPARATORS = re.compile(r"[,;，；。、:\s]+")
_ROUTES = re.compile(
    "|".join(
        rf"(?<![a-z]){re.escape(word)}(?![a-z])" if word.isascii() else re.escape(word)
        for word in sorted(routes(), key=len, reverse=True)
        if not word.isdigit()
    )
)


@dataclass(frozen=True, slots=True)
class Dosage:
    """What a text says; None where it says nothing, or not one thing. `daily` is the amount of a whole day."""

    dose: Quantity | None = None
    times_a_day: float | None = None
    route: str | None = None
    daily: Quantity | None = None
    as_needed: bool = False


@lru_cache(maxsize=4096)
def dosage(text: str) -> Dosage:
    """The dosage a text describes; an empty one if it cannot be read."""
    if len(text) > LONGEST:
        return Dosage()
    most, folded = _most_times(fold(text))
    route, rest = _route(folded)
    needed = as_needed(folded)
    if CHANGES.search(folded):
        return Dosage(route=route, as_needed=needed)
    told = list(AMOUNT.finditer(BRACKET.sub(" ", rest))) or list(AMOUNT.finditer(rest))
    if parts := _moments(told, rest):
        return Dosage(max(parts, key=lambda part: part.value), float(len(parts)), route, _sum(parts), needed)
    times = _times(AMOUNT.sub(" , ", rest)) or most
    dose, daily = _one(told)
    if dose is None and daily is not None and times and times >= 1:
        dose = Quantity(daily.value / times, daily.unit)
    return Dosage(dose, times, route, daily, needed)


def _most_times(folded: str) -> tuple[float | None, str]:
    """The most doses a day that are allowed, and the text without what limits anything."""
    found = MOST_TIMES.search(folded)
    most = _number(found["n"] or found["m"]) if found else None
    return most, LIMIT.sub(" ", MOST_TIMES.sub(" ", folded))


def _route(folded: str) -> tuple[str | None, str]:
    """The route and the text without its words; None if two different routes are named."""
    named = {routes()[word] for word in _ROUTES.findall(folded)}
    return (named.pop() if len(named) == 1 else None), _ROUTES.sub(" , ", folded)


def _times(rest: str) -> float | None:
    """The one frequency in what is left of the text: of all of it, else of its clauses, else of its words."""
    if (whole := times_a_day(" ".join(rest.replace(",", " ").split()))) is not None:
        return whole
    for parts in (re.split(r"[,;，；。]", rest), SEPARATORS.split(rest)):
        found = {times for part in parts if part.strip() and (times := times_a_day(part)) is not None}
        if found:
            return found.pop() if len(found) == 1 else None
    return None


def _one(told: list[re.Match[str]]) -> tuple[Quantity | None, Quantity | None]:
    """The dose at a time and the daily amount; nothing if several are told, or one by weight or by rate."""
    at_a_time, a_day = set[Quantity](), set[Quantity]()
    for match in told:
        per = (match["per"] or "").strip(" /")
        if per and per not in PER_TIME and per not in PER_DAY and per not in pieces():
            return None, None
        (a_day if match["day"] or per in PER_DAY else at_a_time).add(_quantity(match))
    if len(at_a_time) > 1 or len(a_day) > 1:
        return None, None
    return next(iter(at_a_time), None), next(iter(a_day), None)


def _moments(told: list[re.Match[str]], rest: str) -> list[Quantity]:
    """早10mg晚5mg: one amount for each moment of the day, in one unit; empty if the text is not like that."""
    before = [MOMENT.search(rest[start : match.start()]) for start, match in zip(_ends(told), told, strict=True)]
    parts = [_quantity(match) for match in told]
    alike = len({part.unit for part in parts}) == 1
    return parts if len(parts) > 1 and alike and all(before) else []


def _ends(told: list[re.Match[str]]) -> list[int]:
    return [0, *(match.end() for match in told)][: len(told)]


def _sum(parts: list[Quantity]) -> Quantity:
    return Quantity(sum(part.value for part in parts), parts[0].unit)


def _quantity(match: re.Match[str]) -> Quantity:
    return Quantity(_number(match["m"] or match["n"]), match["unit"])


def _number(word: str) -> float:
    if word in ("half", "a", "an"):
        return 0.5 if word == "half" else 1.0
    whole, _, part = word.partition("/")
    return number(whole) / (float(part) if part and float(part) else 1.0)
