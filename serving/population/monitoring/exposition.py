"""Prometheus metrics of the models, read from the database, so that what the command scored counts too."""

import threading
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import sqlalchemy as sa
import structlog
from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from cdss.serving.emr.desk import today
from cdss.serving.population.monitoring import store
from cdss.serving.population.monitoring.report import Watch, watches

log = structlog.get_logger()
FRESH_SECONDS = 60.0


class Families(NamedTuple):
    """One of each."""

    psi: GaugeMetricFamily
    scored: CounterMetricFamily
    unanswered: CounterMetricFamily
    observed_expected: GaugeMetricFamily
    layer_refused: GaugeMetricFamily


class Exposition(Collector):
    """What Prometheus scrapes; read anew when older than a minute. With the database away the last values stay."""

    def __init__(self, engine: sa.Engine, state: Path) -> None:
        self._engine, self._state = engine, state
        self._lock = threading.Lock()
        self._until = 0.0  # by time.monotonic()
        self._metrics = _families()
        self.registry = CollectorRegistry()
        self.registry.register(self)

    def describe(self) -> Iterable[Metric]:
        """The families, so that registering reads nothing."""
        return _families()

    def collect(self) -> Iterator[Metric]:
        """The values, at most a minute old."""
        with self._lock:
            if time.monotonic() >= self._until:
                self._until = time.monotonic() + FRESH_SECONDS
                try:
                    self._metrics = self._read()
                except sa.exc.SQLAlchemyError as e:
                    log.warning("model metrics cannot be read", error=type(e).__name__)
            yield from self._metrics

    def _read(self) -> Families:
        families = _families()
        with self._engine.connect() as connection:
            found = watches(connection, self._state, today())
            for row in store.answers(connection):
                family = families.scored if row.kind == "answered" else families.unanswered
                family.add_metric([row.model, row.version, row.name], row.people)
        for watch in found:
            _psi(families.psi, watch)
            for one in watch.calibrations:
                if one.all.o_e:
                    families.observed_expected.add_metric([watch.model, one.version], one.all.o_e.value)
            families.layer_refused.add_metric([watch.model], float(bool(watch.layer.fault.en)))
        return families


def _psi(family: GaugeMetricFamily, watch: Watch) -> None:
    for one in watch.watched:
        name = one.name if one.kind == "input" else f"score_{one.name}"
        for against, found in (("training", one.training), ("site", one.site)):
            if found.psi is not None:
                family.add_metric([watch.model, watch.version, name, against], found.psi)


def _families() -> Families:
    return Families(
        GaugeMetricFamily(
            "cdss_model_psi",
            "Population stability index of an input or score over 30 days, against training or this site's baseline",
            labels=["model", "version", "name", "against"],
        ),
        CounterMetricFamily("cdss_model_scored", "Residents a model answered for", labels=["model", "version", "tier"]),
        CounterMetricFamily(
            "cdss_model_unanswered", "Residents a model did not answer for", labels=["model", "version", "reason"]
        ),
        GaugeMetricFamily(
            "cdss_model_observed_expected",
            "Events that happened over those predicted, where outcomes came back",
            labels=["model", "version"],
        ),
        GaugeMetricFamily(
            "cdss_site_layer_refused", "1 where a site layer is in force and cannot be used", labels=["model"]
        ),
    )
