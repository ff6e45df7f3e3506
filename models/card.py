"""The model card: what a model is for, was made from, and how well it did. One YAML file beside the artifact.

The nine sections from `details` to `updates` hold the 31 source attributes of the ONC HTI-1 rule
(45 CFR 170.315(b)(11)(iv)(B), 2024), in its order.
"""

from pathlib import Path
from typing import Any

import msgspec
import yaml


class CardError(ValueError):
    """A card is missing, unreadable, or does not say what a card must say."""


class Struct(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A section of the card; an unknown or missing key is an error, so that a typing slip is never silence."""


class Text(Struct, frozen=True):
    """The same words for both readers."""

    zh: str
    en: str


class Details(Struct, frozen=True):
    """(1) Details and output."""

    developer: str
    funding: str
    output_value: str
    output_type: str


class Purpose(Struct, frozen=True):
    """(2) Purpose."""

    intended_use: Text
    population: Text
    users: Text
    role: Text


class OutOfScope(Struct, frozen=True):
    """(3) Cautioned out-of-scope use."""

    cautioned: Text
    known_risks: Text


class Development(Struct, frozen=True):
    """(4) Development details and input features."""

    criteria: str
    demographic_inputs: str
    representativeness: str
    relevance: str


class Fairness(Struct, frozen=True):
    """(5) Process used to ensure fairness in development."""

    approach: str
    bias_management: str


class ExternalValidation(Struct, frozen=True):
    """(6) External validation process."""

    data: str
    party: str
    representativeness: str
    process: str


class Performance(Struct, frozen=True):
    """(7) Quantitative measures, in words; the numbers themselves are in `evaluations`."""

    internal_validity: str
    internal_fairness: str
    external_validity: str
    external_fairness: str
    outcome_references: str


class Maintenance(Struct, frozen=True):
    """(8) Ongoing maintenance."""

    validity_monitoring: str
    local_validity: str
    fairness_monitoring: str
    local_fairness: str


class Updates(Struct, frozen=True):
    """(9) Update and continued validation schedule."""

    schedule: str
    correction: str


class Data(Struct, frozen=True):
    """A data set the model has seen."""

    name: str
    licence: str
    citation: str
    digest: str
    split: str


class Threshold(Struct, frozen=True):
    """An operating point and how it was chosen."""

    name: str
    value: float
    chosen: str


class Card(Struct, frozen=True):
    """MODEL_CARD.yaml. `digest` is `sha256:` and the hash of `artifact`, a file beside the card.

    `companions` are further files beside it with their digests: what the evaluation needs and the bedside does not, and
    the evaluation as a page (`artifact.REPORT_FILE`).
    """

    name: str
    version: str
    date: str
    artifact: str
    digest: str
    title: Text
    details: Details
    purpose: Purpose
    out_of_scope: OutOfScope
    development: Development
    fairness: Fairness
    external_validation: ExternalValidation
    performance: Performance
    maintenance: Maintenance
    updates: Updates
    data: list[Data]
    thresholds: list[Threshold]
    limits: list[Text]
    evaluations: list[dict[str, Any]]  # as `cdss evaluate --json` prints them
    companions: dict[str, str] = {}

    def threshold(self, name: str) -> float:
        """The operating point called `name`; CardError if the card has none."""
        for threshold in self.thresholds:
            if threshold.name == name:
                return threshold.value
        raise CardError(f"{self.name}: found no threshold {name!r}, the card has {[t.name for t in self.thresholds]}")


def read(path: Path) -> Card:
    """The card in `path`; CardError says what is missing and where."""
    try:
        return msgspec.convert(yaml.safe_load(path.read_text(encoding="utf-8")), Card, str_keys=True)
    except FileNotFoundError as e:
        raise CardError(f"{path}: found no model card; every model folder needs one") from e
    except (yaml.YAMLError, msgspec.ValidationError) as e:
        raise CardError(f"{path}: {e}") from e
