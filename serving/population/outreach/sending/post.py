"""One round: everything that is due goes out, through the channels of this site."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
import structlog

from cdss.serving.platform import audit
from cdss.serving.platform.audit import Pseudonymiser, entry
from cdss.serving.platform.config import Settings
from cdss.serving.population.outreach import optout
from cdss.serving.population.outreach.core.quiet import Quiet
from cdss.serving.population.outreach.core.reminder import Channel, Reminder
from cdss.serving.population.outreach.remember import RESOLVED
from cdss.serving.population.outreach.rows import read
from cdss.serving.population.outreach.sending import outbox
from cdss.serving.population.outreach.sending.outbox import Claim
from cdss.serving.population.outreach.sending.webhook import NotTaken
from cdss.serving.population.outreach.tables import reminder

LONGEST_WAIT = 3600.0  # seconds between two tries
AT_ONCE = 200  # letters of one channel in one round, so that no channel waits long for the other
ERROR_LENGTH = 64
Clock = Callable[[], datetime]
GoOn = Callable[[], bool]
Send = Callable[[Claim, list[Reminder], datetime], str]  # raises if it was not taken over; returns what took it

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Post:
    """What a round needs. A channel that is not in `channels` waits."""

    settings: Settings
    engine: sa.Engine
    names: Pseudonymiser
    quiet: Quiet
    channels: Mapping[Channel, Send]
    clock: Clock

    @property
    def complete(self) -> bool:
        """Whether texts can be sent; False while the site's sender cannot be used."""
        return "text" in self.channels

    def round(self, go_on: GoOn = lambda: True) -> Counter[str]:
        """Send what is due now: how many claims were `sent`, put off (`later`), `failed` or `cancelled`.

        `go_on` is asked before each; once it says no, the rest waits for another round.
        A channel that fails is left alone until the next round: a receiver that is away is not asked for each letter.
        """
        done: Counter[str] = Counter()
        with self.engine.begin() as connection:
            lost = outbox.interrupted(connection, self.clock())
            if lost:
                detail = {"error": outbox.INTERRUPTED}
                audit.append(connection, [self._entry(resident, "failed", detail) for resident, _ in lost])
        done["failed"] += len(lost)
        for channel, send in self.channels.items():
            self._channel(channel, send, done, go_on)
        return done

    def _channel(self, channel: Channel, send: Send, done: Counter[str], go_on: GoOn) -> None:
        for _ in range(AT_ONCE):
            now = self.clock()
            if not go_on() or not outbox.is_due(self.engine, channel, now):
                return
            claim = outbox.claim(self.engine, channel, now, self.quiet)
            if claim is None:
                return
            outcome = self._deliver(claim, send)
            done[outcome] += 1
            if outcome in ("later", "failed"):
                return

    def _deliver(self, claim: Claim, send: Send) -> str:
        about = self._still_wanted(claim)
        if not about:
            return "cancelled"
        if claim.attempts > self.settings.outreach_retry_limit:  # each time the worker died of it
            return self._put_off(claim, outbox.INTERRUPTED)
        try:
            via = send(claim, about, self.clock())
        except Exception as e:  # a plug-in may raise anything
            return self._put_off(claim, _code(e))
        with self.engine.begin() as connection:
            outbox.sent(connection, claim.token, via[:ERROR_LENGTH])
            detail = {**_said(claim), "via": via, "rules": sorted({one.rule for one in about})}
            audit.append(connection, [self._entry(claim.resident_id, "sent", detail)])
        return "sent"

    def _still_wanted(self, claim: Claim) -> list[Reminder]:
        """The reminders that are still to be told of; the other letters of the claim are cancelled."""
        with self.engine.begin() as connection:
            rows = connection.execute(sa.select(reminder).where(reminder.c.id.in_(claim.reminder_ids)))
            about = [read(row) for row in rows]
            if claim.channel == "webhook":  # it is told of ends, too
                return about
            if claim.recipient == "resident" and optout.wants_none(connection, [claim.resident_id]):
                self._cancel(connection, claim, list(claim.ids), optout.OPTED_OUT)
                return []
            wanted = [one for one in about if one.state == "open"]
            keep = {one.id for one in wanted}
            pairs = zip(claim.ids, claim.reminder_ids, strict=True)
            if gone := [id for id, of in pairs if of not in keep]:
                self._cancel(connection, claim, gone, RESOLVED)
            return wanted

    def _cancel(self, connection: sa.Connection, claim: Claim, ids: list[str], why: str) -> None:
        outbox.cancelled(connection, claim.token, ids, why)
        audit.append(connection, [self._entry(claim.resident_id, "cancelled", {**_said(claim), "error": why})])

    def _put_off(self, claim: Claim, error: str) -> str:
        """To be tried later, each time after twice the wait; after the last try a person must look."""
        dead = claim.attempts >= self.settings.outreach_retry_limit
        log.warning("reminder not sent", key=claim.key, channel=claim.channel, error=error, dead=dead)
        with self.engine.begin() as connection:
            if dead:
                outbox.failed(connection, claim.token, error)
                detail = {**_said(claim), "error": error, "attempts": claim.attempts}
                audit.append(connection, [self._entry(claim.resident_id, "failed", detail)])
            else:
                wait = min(self.settings.retry_seconds * 2.0 ** min(claim.attempts - 1, 30), LONGEST_WAIT)
                outbox.later(connection, claim.token, error, self.clock().timestamp() + wait)
        return "failed" if dead else "later"

    def _entry(self, resident_id: str, outcome: str, detail: Mapping[str, object]) -> dict[str, str]:
        return entry("reminder", "outreach", self.names.of(resident_id), outcome, dict(detail))


def _said(claim: Claim) -> dict[str, object]:
    return {"channel": claim.channel, "to": claim.recipient, "letters": len(claim.ids)}


def _code(error: Exception) -> str:
    """Why it failed, without content: our own errors say a code, of others the kind."""
    return str(error)[:ERROR_LENGTH] if isinstance(error, NotTaken) else type(error).__name__[:ERROR_LENGTH]
