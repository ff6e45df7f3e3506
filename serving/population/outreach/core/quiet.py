"""Quiet hours: from when to when nobody is to be disturbed, by the residents' own clock."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Quiet:
    """From `start` up to, not including, `end`; over midnight if `end` is the earlier one; never if they are equal.

    `zone` None is the time zone of the machine.
    """

    start: time
    end: time
    zone: ZoneInfo | None

    def until(self, moment: datetime) -> datetime | None:
        """When the quiet that reigns at `moment` ends; None if none does."""
        local = moment.astimezone(self.zone)
        clock = local.time()
        if self.start <= self.end:
            return self._end(local.date(), moment) if self.start <= clock < self.end else None
        if clock >= self.start:
            return self._end(local.date() + timedelta(days=1), moment)
        return self._end(local.date(), moment) if clock < self.end else None

    def _end(self, day: date, after: datetime) -> datetime:
        """The end on `day`; the second one if clocks go back over it and the first has passed."""
        first = at(day, self.end, self.zone)
        return first if first > after else at(day, self.end.replace(fold=1), self.zone)


def quiet_of(hours: str, zone: ZoneInfo | None) -> Quiet:
    """Quiet hours written HH:MM-HH:MM; empty: never quiet."""
    start, end = (time.fromisoformat(part) for part in (hours or "00:00-00:00").split("-"))
    return Quiet(start, end, zone)


def at(day: date, clock: time, zone: ZoneInfo | None) -> datetime:
    """The instant when the clocks of the zone show `clock` on `day`."""
    naive = datetime.combine(day, clock)
    return naive.replace(tzinfo=zone) if zone else naive.astimezone()
