"""Quiet hours: from when to when nobody is disturbed."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdss.serving.population.outreach.core.quiet import quiet_of

SHANGHAI = ZoneInfo("Asia/Shanghai")
MOMENTS = [
    # hours         now (Shanghai)      quiet until
    ("21:00-08:00", "2026-11-25 20:59", None),
    ("21:00-08:00", "2026-11-25 21:00", "2026-11-26 08:00"),
    ("21:00-08:00", "2026-11-26 00:00", "2026-11-26 08:00"),
    ("21:00-08:00", "2026-11-26 07:59", "2026-11-26 08:00"),
    ("21:00-08:00", "2026-11-26 08:00", None),
    ("12:30-14:00", "2026-11-25 13:00", "2026-11-25 14:00"),
    ("12:30-14:00", "2026-11-25 14:00", None),
    ("00:00-06:00", "2026-11-25 00:00", "2026-11-25 06:00"),
    ("", "2026-11-25 03:00", None),
]  # fmt: skip


@pytest.mark.parametrize(("hours", "now", "until"), MOMENTS)
def test_the_residents_clock_decides(hours: str, now: str, until: str | None) -> None:
    moment = datetime.fromisoformat(now).replace(tzinfo=SHANGHAI)
    ends = quiet_of(hours, SHANGHAI).until(moment.astimezone(UTC))
    assert ends == (datetime.fromisoformat(until).replace(tzinfo=SHANGHAI) if until else None)


def test_without_a_zone_it_is_the_machines_clock() -> None:
    local = datetime(2026, 11, 25, 23).astimezone()
    assert quiet_of("21:00-08:00", None).until(local) == datetime(2026, 11, 26, 8).astimezone()


CHANGES = {"Europe/Berlin": "02:00-03:00", "America/New_York": "01:30-02:30", "Asia/Shanghai": "21:00-08:00"}


@given(
    zone=st.sampled_from(sorted(CHANGES)),
    minutes=st.integers(0, 366 * 24 * 60),
)
def test_the_end_lies_ahead_also_when_clocks_change(zone: str, minutes: int) -> None:
    moment = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    quiet = quiet_of(CHANGES[zone], ZoneInfo(zone))
    ends = quiet.until(moment)
    if ends:
        assert moment < ends <= moment + timedelta(hours=13)
