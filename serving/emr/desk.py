"""The order desk: what every way of asking about orders has in common once its request is understood."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import structlog

from cdss.rules.engine import Review
from cdss.rules.pack import Pack
from cdss.serving.emr.asked import Asked, answer
from cdss.serving.emr.repeats import Encounters
from cdss.serving.platform import metrics
from cdss.serving.platform.audit import Pseudonymiser, entry
from cdss.serving.platform.behind import Behind
from cdss.serving.platform.language import Lang

log = structlog.get_logger()
Rows = Iterable[dict[str, Any]]


def today() -> date:
    """The day by the server's local clock: whose limits apply to an order made now."""
    return datetime.now().astimezone().date()


@dataclass(frozen=True, slots=True)
class Desk:
    """The knowledge in force, where answers are recorded behind, and what was said in the encounters of the day."""

    pack: Pack
    behind: Behind
    pseudonyms: Pseudonymiser
    lang: Lang
    clock: Callable[[], date] = today
    encounters: Encounters = field(default_factory=Encounters)

    def review(self, asked: Asked) -> Review:
        """The engine's review; rules that failed go to the log."""
        started = time.perf_counter()
        review = answer(self.pack, asked)
        metrics.order_check_ms.observe(since(started))
        for failure in review.failures:
            metrics.rules_failed.inc()
            log.error("rule failed", rule=failure.rule, error=failure.error)
        return review

    def record(
        self,
        patient: str | None,
        review: Review,
        service: str,
        elapsed_ms: float,
        cards: Rows = (),
        said: Rows = (),
    ) -> None:
        """Record, behind, what was answered: digests, rules and counts; rows of cards and of what was said."""
        detail = {
            "knowledge": review.digest,
            "alerts": [[alert.rule, alert.severity] for alert in review.alerts],
            "unknown": len(review.unknown),
            "unmapped": len(review.unmapped),
            "failed": [failure.rule for failure in review.failures],
            "ms": round(elapsed_ms, 2),
        }
        metrics.order_checks.labels(service).inc()
        metrics.unmapped.inc(len(review.unmapped))
        for alert in review.alerts:
            metrics.alerts.labels(alert.kind, alert.severity).inc()
        checked = entry(f"check {service}", "emr", self.pseudonyms.of(patient), "answered", detail)
        self.behind.put({"audit": checked, "cards": list(cards), "feedback": list(said)})


def since(started: float) -> float:
    """Milliseconds since a time.perf_counter() reading."""
    return (time.perf_counter() - started) * 1000
