"""Frequencies with numbers in them: q8h, 每日三次, 3次/日, 每8小时一次, every 6 hours, twice a week."""

import re

CHINESE = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10}
ENGLISH = {"once": 1, "one": 1, "twice": 2, "two": 2, "thrice": 3, "three": 3, "four": 4, "five": 5, "six": 6,
           "eight": 8, "twelve": 12}  # fmt: skip
NUMBER = rf"(?:\d{{1,3}}(?:\.\d)?|[{''.join(CHINESE)}]{{1,3}}|半|{'|'.join(ENGLISH)})"
#       unit as typed                                                     of them a day
UNITS = {"min|mins|minutes?|分钟": 1440.0, "h|hr|hrs|hours?|个?小时|时": 24.0, "d|days?|daily|天|日|昼夜": 1.0,
         "w|wk|wks|weeks?|weekly|周|星期|礼拜": 1 / 7, "mo|mon|months?|monthly|个?月": 1 / 30}  # fmt: skip
UNIT = "(?:" + "|".join(UNITS) + ")"
MOST = 96.0  # a day: every quarter of an hour; more is a slip of the pen
_RANGE = rf"(?P<n>{NUMBER})(?:\s*[-~至到]\s*(?P<m>{NUMBER}))?"
_TIMES = r"\s*(?:次|回|times?|x)"
# every so often
_EVERY = (
    re.compile(rf"q\s*{_RANGE}\s*(?P<unit>{UNIT})"),
    re.compile(rf"(?:每隔?|间隔|every|q)\s*{_RANGE}\s*(?P<unit>{UNIT})(?:\s*(?:一|1|各一|各1|once)\s*(?:次|回)?)?"),
    re.compile(rf"once (?:every|in) {_RANGE} (?P<unit>{UNIT})"),
    re.compile(rf"(?P<n>{NUMBER})(?P<unit>{UNIT})(?:一|1)(?:次|回)"),  # 三日一次
)
# so often in a time
_OFTEN = (
    re.compile(rf"(?:每|一|1|每1|每一)?(?P<unit>{UNIT})(?:早晚|早中晚)?(?:各|共|分)?\s*{_RANGE}{_TIMES}(?:口?服用?)?"),
    re.compile(rf"{_RANGE}(?:{_TIMES})?\s*(?:/|每|per|a|an|each|every)\s*(?P<of>{NUMBER})?\s*(?P<unit>{UNIT})"),
    re.compile(rf"{_RANGE}{_TIMES} (?P<unit>daily|weekly|monthly)"),
    re.compile(
        r"(?P<n>once|twice|thrice)(?P<m>)\s+(?:a|per|each|every)?\s*(?P<unit>day|daily|week|weekly|month|monthly)"
    ),
    re.compile(rf"(?:(?:每|一|1)?(?:日|天))?(?:早晚|早中晚)各?(?P<m>)(?P<n>{NUMBER})次"),
    re.compile(rf"分(?P<m>)(?P<n>{NUMBER})次"),
)


def numbered(folded: str) -> float | None:
    """Doses a day; None if the words are no such frequency. Of a range the most frequent."""
    for pattern in _EVERY:
        if found := pattern.fullmatch(folded):
            return _sensible(_a_day(found["unit"]), number(found["n"]))
    for pattern in _OFTEN:
        if found := pattern.fullmatch(folded):
            often = number(found["m"] or found["n"])
            named = found.groupdict()
            return _sensible(
                often * _a_day(named.get("unit") or "d") * _moments(folded), number(named.get("of") or "1")
            )
    return None


def number(word: str) -> float:
    """3, 三, 十二, 半, twice."""
    if word in ENGLISH:
        return float(ENGLISH[word])
    if word == "半":
        return 0.5
    if word[0] not in CHINESE:
        return float(word)
    tens, _, ones = word.rpartition("十")
    if "十" not in word:
        return float(CHINESE[word[-1]])
    return 10.0 * (CHINESE[tens[-1]] if tens else 1) + (CHINESE[ones] if ones else 0)


def _a_day(unit: str) -> float:
    return next(times for words, times in UNITS.items() if re.fullmatch(words, unit))


def _moments(folded: str) -> int:
    """早晚各一次 is twice a day, 早中晚各一次 three times."""
    return 3 if "早中晚" in folded else 2 if "早晚" in folded else 1


def _sensible(times: float, days: float) -> float | None:
    return times / days if 0 < times <= MOST * days else None
