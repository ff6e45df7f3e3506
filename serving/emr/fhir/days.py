"""Days and times of FHIR: of a year or a month its last day counts, for what is as old as it may be new."""

import re
from calendar import monthrange
from datetime import date

from cdss.rules.asking.context import CLOCK_SKEW
from cdss.serving.emr.fhir import types as fhir

MOMENT = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d:\d\d(?::\d\d)?).*)?)?)?")


def read_day(text: str, today: date) -> date | None:
    """The last day a FHIR date or time may mean, not later than today unless it begins later; None if it names none."""
    match = MOMENT.fullmatch(text.strip())
    if match is None:
        return None
    year, month, day = (int(part) if part else None for part in match.groups()[:3])
    try:
        first = date(year or 0, month or 1, day or 1)
    except ValueError:
        return None
    last = date(first.year, month or 12, day or monthrange(first.year, month or 12)[1])
    return min(last, max(first, today))


def read_time(text: str) -> str:
    """The time of day in a FHIR time, as HH:MM or HH:MM:SS; empty if it has none."""
    match = MOMENT.fullmatch(text.strip())
    return (match[4] or "") if match else ""


def unreadable(seen: fhir.Observation, today: date) -> bool:
    """Whether a date was sent that cannot be read: the result may be of any day."""
    return bool(seen.when) and read_day(seen.when, today) is None


def latest_first(seen: list[fhir.Observation], today: date) -> list[fhir.Observation]:
    """What is true by today, the latest first; undated counts as of today, what has no readable date is left out."""
    dated = [(read_day(one.when, today) if one.when else today, read_time(one.when), one) for one in seen]
    known = [(day, time, one) for day, time, one in dated if day is not None and day <= today + CLOCK_SKEW]
    return [one for *_, one in sorted(known, key=lambda told: told[:2], reverse=True)]
