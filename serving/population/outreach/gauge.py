"""How many letters there are, by channel and state, for Prometheus."""

import sqlalchemy as sa

from cdss.serving.platform import metrics
from cdss.serving.population.outreach.sending import outbox


def measure(engine: sa.Engine) -> None:
    """Set the gauge `cdss_reminders`; while the database is away it has no value."""
    metrics.reminders.clear()
    try:
        counts = outbox.counts(engine)
    except sa.exc.SQLAlchemyError:
        return
    for (channel, state), count in counts.items():
        metrics.reminders.labels(channel, state).set(count)
