"""Days and spans of time: ISO 8601 dates, and quantities such as `12,mo` counted by the calendar.

Offsets and zone names are dropped: a birthday is a day of the calendar where it was written down.
"""

import calendar
import re
from datetime import datetime, timedelta

#              unit      months   seconds
TIME_UNITS = {"a": (12, 0.0), "a_j": (12, 0.0), "yr": (12, 0.0), "mo": (1, 0.0), "mo_j": (1, 0.0),
              "wk": (0, 604_800.0), "d": (0, 86_400.0), "h": (0, 3600.0), "hr": (0, 3600.0), "min": (0, 60.0),
              "s": (0, 1.0)}  # fmt: skip
MEAN_MONTH = 365.25 / 12 * 86_400.0
IS_TIME = re.compile(
    r"\s*\(?\s*(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?))?"
    r"\s*(?:Z|[+-]\d\d:?\d\d)?(?:\[[\w/]+\])?\s*\)?\s*"
)


def reads_as_time(text: str) -> bool:
    """Whether the text is a date, with or without a time of day."""
    return IS_TIME.fullmatch(text) is not None


def time_from(text: str) -> datetime:
    """The date and time in the text; ValueError if it is none."""
    found = IS_TIME.fullmatch(text)
    if found is None:
        raise ValueError(f"found {text!r}, expected a date such as 1950-03-01 or 1950-03-01T08:30:00Z")
    return datetime.fromisoformat(f"{found[1]}T{found[2] or '00:00'}")


def shifted(moment: datetime, magnitude: float, unit: str) -> datetime:
    """`moment` and `magnitude` units later (earlier if negative); whole months by the calendar, as people count.

    31 January and one month is the last day of February. Raises OverflowError outside the years 1 to 9999.
    """
    months, seconds = TIME_UNITS[unit]
    if not months:
        return moment + timedelta(seconds=magnitude * seconds)
    whole = int(magnitude * months)
    year, month = divmod(moment.year * 12 + moment.month - 1 + whole, 12)
    if not 1 <= year <= 9999:
        raise OverflowError(f"found year {year}, expected 1 to 9999")
    day = min(moment.day, calendar.monthrange(year, month + 1)[1])
    return moment.replace(year=year, month=month + 1, day=day)


def seconds_in(magnitude: float, unit: str) -> float:
    """The length of a span of time in seconds, months and years at their mean length."""
    months, seconds = TIME_UNITS[unit]
    return magnitude * (months * MEAN_MONTH + seconds)
