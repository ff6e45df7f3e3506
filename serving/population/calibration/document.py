"""A site layer as a signed document: what it does, what it was made from, and what it changed. No person is in it."""

import hashlib
import hmac
from pathlib import Path
from typing import Any

import msgspec

from cdss.models.site_layer import Groups, SiteLayer
from cdss.serving.platform.keys import key
from cdss.serving.population.calibration.measures import Interval, Measures


class NotSigned(ValueError):
    """A document was not signed by this installation, or was changed afterwards."""


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """A tier or a group: how many people, O/E without and with the layer, and whether it has an intercept of its own.

    `after` is measured on people the layer was not made from.
    """

    name: str
    n: int
    events: int
    own: bool
    before: Interval | None
    after: Interval | None


class LevelSeen(msgspec.Struct, frozen=True, kw_only=True):
    """How far the local people lie above the usual value of a measurement, and what was made of it."""

    feature: str
    unit: str
    excess: float
    centre: float  # where the intercept was believed to lie because of it; 0 if it was not used
    large: bool  # so far that an assay must be suspected
    beyond: bool  # further than any site the number was learned from, so not used


class Threshold(msgspec.Struct, frozen=True):
    """An operating point of a tier: the card's, and the one in force with the layer.

    `share`: of the local people of the tier it flags, where it was chosen so; None where it was moved with the layer.
    """

    tier: str
    card: float
    value: float
    share: float | None = None


class Document(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything a reader needs to trust a layer, or not."""

    model: str
    version: str
    model_digest: str
    at: str  # ISO 8601, UTC
    file_digest: str  # of the local table
    unused: dict[str, int]  # people of the table who were not used, by why
    intercepts: dict[str, float]
    slope: float
    feature: str  # of the groups; empty without
    edges: tuple[float, ...]
    shifts: tuple[float, ...]
    spread: float  # the prior's
    level: LevelSeen | None
    thresholds: tuple[Threshold, ...]
    before: Measures
    after: Measures  # on people the layer was not made from
    tiers: tuple[Part, ...]
    groups: tuple[Part, ...]

    @property
    def layer(self) -> SiteLayer:
        """What it does."""
        return SiteLayer(self.intercepts, self.slope, Groups(self.feature, self.edges, self.shifts))

    @property
    def digest(self) -> str:
        """64 hex digits over everything it says."""
        return hashlib.sha256(_canonical(self)).hexdigest()

    @property
    def full_version(self) -> str:
        """The model's version with the layer's mark, as answers carry it: 1.0.0+site.abc12345."""
        return f"{self.version}+site.{self.digest[:8]}"


def sign(document: Document, state: Path) -> bytes:
    """The document with its signature, as it is kept; the key is of this installation."""
    signed: dict[str, Any] = {"signature": _signature(document, state), "document": document}
    return msgspec.json.format(msgspec.json.encode(signed), indent=1)


def verified(text: bytes, state: Path) -> Document:
    """The document in `text`. NotSigned if it cannot be read or its signature is not of this installation."""
    try:
        signed = msgspec.json.decode(text, type=dict[str, Any])
        document = msgspec.convert(signed["document"], Document)
        signature = str(signed["signature"])
    except (msgspec.MsgspecError, KeyError) as e:
        raise NotSigned(f"cannot be read: {e}") from e
    if not hmac.compare_digest(signature.encode(), _signature(document, state).encode()):
        raise NotSigned("the signature is not of this installation, or the file was changed after it was signed")
    return document


def _signature(document: Document, state: Path) -> str:
    return hmac.new(key(state / "calibration.key"), _canonical(document), hashlib.sha256).hexdigest()


def _canonical(document: Document) -> bytes:
    return msgspec.json.encode(document, order="deterministic")
