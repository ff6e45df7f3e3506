"""Prometheus metrics of the front: counts and times, never content."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

registry = CollectorRegistry()

MILLISECONDS = (0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)

order_checks = Counter("cdss_order_checks_total", "Order checks answered", ["service"], registry=registry)
order_check_ms = Histogram(
    "cdss_order_check_ms", "Milliseconds the engine took for one review", buckets=MILLISECONDS, registry=registry
)
alerts = Counter("cdss_alerts_total", "Alerts given", ["kind", "severity"], registry=registry)
rules_failed = Counter("cdss_rules_failed_total", "Rules that raised while an order was checked", registry=registry)
unmapped = Counter("cdss_unmapped_total", "Medicine or allergy names not recognised", registry=registry)
behind_waiting = Gauge("cdss_behind_waiting", "Audit entries accepted and not yet stored", registry=registry)
behind_refused = Counter(
    "cdss_behind_refused_total", "Audit entries no database takes, set aside in audit.spool.refused", registry=registry
)
behind_alive = Gauge("cdss_behind_alive", "1 while audit entries are being written, 0 if not", registry=registry)
reminders = Gauge("cdss_reminders", "Letters of reminders, as of the scrape", ["channel", "state"], registry=registry)
knowledge = Gauge("cdss_knowledge_info", "Always 1; the knowledge in force", ["version", "digest"], registry=registry)
knowledge_refused = Counter(
    "cdss_knowledge_refused_total", "Packs put in force that could not be used; the old one stayed", registry=registry
)
