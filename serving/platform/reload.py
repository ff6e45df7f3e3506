"""Knowledge changed while the service runs: the new pack is built beside the old one, then the pointer swaps.

Requests that have begun finish with the pack they began with; a pack that cannot be used changes nothing and is said in
the log, the audit trail and the metrics.
"""

import math
import threading
import time
from collections.abc import Callable

import structlog

from cdss.rules.pack import Pack
from cdss.serving.platform import metrics
from cdss.serving.platform.knowledge import Shelf

log = structlog.get_logger()
POLL_SECONDS = 0.5
RETRY_SECONDS = 30.0  # after a pack that could not be read from the disk
KEPT = 2  # packs in memory, so that rolling back is only a swap

Swap = Callable[[Pack], None]
Tell = Callable[[str, str], None]  # outcome and detail, for the audit trail


class Watch:
    """A thread that looks whether another pack was put in force, and swaps to it."""

    def __init__(self, shelf: Shelf, now: Pack, swap: Swap, tell: Tell) -> None:
        self._shelf, self._swap, self._tell = shelf, swap, tell
        self._packs = {now.digest: now}
        self._program = now.digest if not shelf.stamp() else ""
        self._seen = shelf.stamp()
        self._again = math.inf  # when a pack that could not be read is tried again, by time.monotonic()
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, name="knowledge", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """End; a pack being built is dropped."""
        self._end.set()
        self._thread.join(5)

    def look(self) -> None:
        """Swap if another pack was put in force since the last look."""
        stamp = self._shelf.stamp()
        if stamp == self._seen and time.monotonic() < self._again:
            return
        self._seen, self._again = stamp, math.inf
        started = time.perf_counter()
        try:
            pack = self._packs.get(self._shelf.in_force().digest or self._program) or self._shelf.load()
        except Exception as e:
            if isinstance(e, OSError):
                self._again = time.monotonic() + RETRY_SECONDS
            metrics.knowledge_refused.inc()
            log.error("knowledge refused, the old pack stays in force", reason=str(e))
            self._tell("refused", str(e))
            return
        self._keep(pack)
        self._swap(pack)
        log.info("knowledge in force", version=pack.version, digest=pack.digest, ms=since_ms(started))
        self._tell("in force", pack.digest)

    def _keep(self, pack: Pack) -> None:
        self._packs.pop(pack.digest, None)
        self._packs[pack.digest] = pack
        while len(self._packs) > KEPT:
            del self._packs[next(iter(self._packs))]

    def _run(self) -> None:
        while not self._end.wait(POLL_SECONDS):
            try:
                self.look()
            except Exception as e:  # the disk may fail now and then; the watch goes on
                log.error("knowledge could not be looked at", error=type(e).__name__)


def since_ms(started: float) -> int:
    """Whole milliseconds since a time.perf_counter() reading."""
    return round((time.perf_counter() - started) * 1000)
