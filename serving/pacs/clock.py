"""The time, as it is written down and as it is computed with."""

import time
from datetime import UTC, datetime


def now() -> str:
    """ISO 8601, UTC, to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def seconds() -> float:
    """Seconds since 1970."""
    return time.time()
