"""What is said of every model: how many it answered, drift against training and against this site's own beginning,
calibration where outcomes came back, and the site layer. For the command, the page and the metrics."""

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path

import msgspec
import sqlalchemy as sa

from cdss.models.artifact import CARD_FILE, DigestMismatch
from cdss.models.card import Card, read
from cdss.rules.alert import Text
from cdss.serving.population.calibration import known
from cdss.serving.population.calibration.document import Document
from cdss.serving.population.calibration.in_force import found as layer_of
from cdss.serving.population.calibration.shelf import Shelf
from cdss.serving.population.monitoring import outcomes, reference, store
from cdss.serving.population.monitoring.calibration import Calibration, calibrations
from cdss.serving.population.monitoring.drift import Compared, Level, compared, worst
from cdss.serving.population.monitoring.reference import Reference, Shares
from cdss.serving.population.scoring.answers import OF_THE_SITE

DAYS = 30
SAID: tuple[Level, ...] = ("stable", "moderate", "major")


class Watched(msgspec.Struct, frozen=True, kw_only=True):
    """One input of a model, or the probabilities of one of its tiers."""

    kind: str  # input, score
    name: str
    edges: tuple[float, ...]
    training: Compared
    site: Compared

    @property
    def level(self) -> Level:
        """Against this site's own baseline once there is one; a site may lie far from training from its first day."""
        return self.site.level if self.site.level in SAID else self.training.level


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """Of one full version in the window: how many were answered by tier, and how many were not by why."""

    version: str
    tiers: dict[str, int]
    unanswered: dict[str, int]

    @property
    def n(self) -> int:
        """Everybody who was asked about."""
        return sum(self.tiers.values()) + sum(self.unanswered.values())

    @property
    def share(self) -> float:
        """Of them, who got an answer."""
        return sum(self.tiers.values()) / self.n if self.n else 0.0


class Layer(msgspec.Struct, frozen=True, kw_only=True):
    """The site layer: the document in force, if any; why it is not used; those made here, latest first."""

    document: Document | None
    fault: Text
    history: tuple[tuple[str, Document | None], ...]


class Watch(msgspec.Struct, frozen=True, kw_only=True):
    """One model. `referenced`: whether it was shipped with a reference; `fault`: why that one is not used."""

    model: str
    version: str
    title: Text
    referenced: bool
    fault: str
    baseline: tuple[str, str] | None
    answered: tuple[Answered, ...]
    watched: tuple[Watched, ...]
    calibrations: tuple[Calibration, ...]
    layer: Layer

    @property
    def drift(self) -> Level:
        """The worst of all inputs and scores."""
        return worst([one.level for one in self.watched])


def watches(
    connection: sa.Connection, state: Path, today: date, days: int = DAYS, names: Iterable[str] | None = None
) -> tuple[Watch, ...]:
    """Every risk model, or those named, over the last `days` days."""
    chosen = known.names() if names is None else names
    return tuple(watch(connection, state, read(known.FOLDER / name / CARD_FILE), today, days) for name in chosen)


def watch(connection: sa.Connection, state: Path, card: Card, today: date, days: int = DAYS) -> Watch:
    """One model."""
    trained, fault = _reference(card)
    span = store.window(today, days)
    baseline = store.baseline_of(connection, card.name, card.version, today)
    document, why_not = layer_of(state, card)
    return Watch(
        model=card.name,
        version=card.version,
        title=Text(card.title.zh, card.title.en),
        referenced=trained is not None,
        fault=fault,
        baseline=baseline,
        answered=_answered(connection, card.name, span[0]),
        watched=_watched(connection, card, trained, span, baseline) if trained else (),
        calibrations=calibrations(outcomes.ripe(connection, card.name)),
        layer=Layer(document=document, fault=why_not, history=tuple(Shelf(state, card.name).history())),
    )


def _reference(card: Card) -> tuple[Reference | None, str]:
    """None without one, and where it is not the file the card speaks of."""
    try:
        return reference.of(card), ""
    except DigestMismatch as e:
        return None, str(e)


def _answered(connection: sa.Connection, model: str, since: str) -> tuple[Answered, ...]:
    by_version: dict[str, tuple[dict[str, int], dict[str, int]]] = {}
    for row in store.answers(connection, since, model):
        tiers, unanswered = by_version.setdefault(row.version, ({}, {}))
        (tiers if row.kind == "answered" else unanswered)[row.name] = int(row.people)
    return tuple(Answered(version=version, tiers=a, unanswered=b) for version, (a, b) in by_version.items())


def _watched(
    connection: sa.Connection, card: Card, trained: Reference, span: store.Span, baseline: store.Span | None
) -> tuple[Watched, ...]:
    now = store.bins(connection, card.name, card.version, span)
    later = store.bins(connection, card.name, card.version, span, without=baseline) if baseline else {}
    then = store.bins(connection, card.name, card.version, baseline) if baseline else {}
    told = {name: shares for name, shares in trained.features.items() if name not in OF_THE_SITE}
    every = [("input", name, shares) for name, shares in told.items()]
    every += [("score", name, shares) for name, shares in trained.scores.items()]
    return tuple(
        Watched(
            kind=kind,
            name=name,
            edges=shares.edges,
            training=_against_training(now.get((kind, name), {}), shares, trained.n),
            site=_against_site(later.get((kind, name), {}), then.get((kind, name), {}), shares, bool(baseline)),
        )
        for kind, name, shares in every
    )


def _against_training(now: Mapping[int, int], shares: Shares, n: int) -> Compared:
    with_value = n * (1 - shares.missing)
    then = [share * with_value for share in shares.share]
    return compared(_by_bin(now, shares), now.get(-1, 0), then, n * shares.missing)


def _against_site(now: Mapping[int, int], then: Mapping[int, int], shares: Shares, known: bool) -> Compared:
    if not known:
        return Compared(level="gathering")
    return compared(_by_bin(now, shares), now.get(-1, 0), _by_bin(then, shares), then.get(-1, 0))


def _by_bin(counts: Mapping[int, int], shares: Shares) -> list[int]:
    return [counts.get(number, 0) for number in range(len(shares.share))]
