"""The layers in force, as the scoring uses them: loaded once, looked at again when another is put in force.

A layer that cannot be trusted is not used: the model then answers as it was shipped, and every answer says so.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import structlog

from cdss.models.additive import Additive, RiskTable
from cdss.models.card import Card
from cdss.models.site_layer import Columns
from cdss.rules.alert import Text
from cdss.serving.population.calibration.document import Document
from cdss.serving.population.calibration.shelf import LayerRefused, Shelf

log = structlog.get_logger()
NOTHING = Text("", "")


@dataclass(frozen=True, slots=True)
class Layered:
    """A model with what this site knows of it. `fault`: why its layer is not used, empty if there is none."""

    model: str
    version: str  # as answers carry it
    flags: Mapping[str, float]  # by tier: from which probability on a resident is flagged; none for a model without
    document: Document | None = None
    fault: Text = NOTHING

    def applied(self, table: RiskTable, columns: Columns) -> RiskTable:
        """The model's answers after the layer; the same table where there is none."""
        return self.document.layer.applied(table, columns) if self.document else table

    @property
    def calibrated(self) -> bool:
        """Whether a layer of this site is in force."""
        return self.document is not None


@dataclass(frozen=True, slots=True)
class Layers:
    """Of every model, by its name. `of[name]` never fails for a model that was loaded with them."""

    state: Path
    models: tuple[Additive, ...]
    of: Mapping[str, Layered]
    stamps: tuple[tuple[int, int], ...]

    def fresh(self) -> "Layers":
        """These, or new ones if another layer was put in force since; costs one look at a file a model."""
        return self if _stamps(self.state, self.models) == self.stamps else load(self.state, self.models)

    def may_decide(self, model: str) -> bool:
        """Whether a model that was not made for the residents here may decide: once this site has calibrated it."""
        return self.of[model].calibrated


def shipped(models: Iterable[Additive]) -> dict[str, Layered]:
    """The models as they were shipped, without any layer."""
    return {model.card.name: Layered(model.card.name, model.card.version, card_flags(model)) for model in models}


def load(state: Path, models: Iterable[Additive], say: Callable[[str], None] | None = None) -> Layers:
    """The layers in force of these models; one that cannot be used is said aloud (`say`, else the log)."""
    every = tuple(models)
    stamps = _stamps(state, every)  # before reading: what changes meanwhile is seen at the next look
    of = {model.card.name: layered(state, model) for model in every}
    for one in of.values():
        if one.fault.en:
            (say or _logged)(f"{one.model}: {one.fault.en}")
    return Layers(state, every, of, stamps)


def layered(state: Path, model: Additive) -> Layered:
    """One model with its layer."""
    document, fault = found(state, model.card)
    if document is None:
        return Layered(model.card.name, model.card.version, card_flags(model), None, fault)
    flags = {threshold.tier: threshold.value for threshold in document.thresholds}
    return Layered(model.card.name, document.full_version, flags, document)


def found(state: Path, card: Card) -> tuple[Document | None, Text]:
    """The layer of a model that is in force, or why it is not used; nothing of both if there is none."""
    try:
        return Shelf(state, card.name).in_force(card.version, card.digest), NOTHING
    except LayerRefused as e:
        return None, Text(
            f"本地校准层不可用，按出厂校准回答：{e}",
            f"the site layer is not used, the model answers as it was shipped: {e}",
        )


def card_flags(model: Additive) -> dict[str, float]:
    """The operating points of a model as shipped, by tier; tiers without one are left out."""
    points = {threshold.name: threshold.value for threshold in model.card.thresholds}
    return {tier.name: points[f"flag_{tier.name}"] for tier in model.tiers if f"flag_{tier.name}" in points}


def _stamps(state: Path, models: tuple[Additive, ...]) -> tuple[tuple[int, int], ...]:
    return tuple(Shelf(state, model.card.name).stamp() for model in models)


def _logged(says: str) -> None:
    log.error("calibration", fault=says)
