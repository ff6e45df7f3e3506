"""Findings as facts for the rules, and what the rules advise: follow-up, priority, who must look when."""

import math
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import cdss.models
from cdss.models.artifact import CARD_FILE
from cdss.models.card import Card, read
from cdss.rules.alert import Alert
from cdss.rules.engine import evaluate
from cdss.rules.facts import Facts, Given, Patient
from cdss.rules.pack import Pack


def advice(study: dict[str, Any], pack: Pack, day: date) -> list[Alert]:
    """What the rules say of a study as `told.one` gives it; the same advice for several films is given once."""
    alerts: dict[str, Alert] = {}
    for given in _facts(study):
        for alert in evaluate(pack, Facts(Patient(), (), day, "finding", given)).alerts:
            alerts.setdefault(alert.summary.en, alert)
    return list(alerts.values())


def _facts(study: dict[str, Any]) -> Iterator[dict[str, Given]]:
    """One set of facts a study's largest nodule; one a film whose probability reaches the model's screening point.

    With several nodules the most suspicious one guides what is done (Fleischner Society 2017); size decides here.
    """
    nodules = [finding for finding in study["findings"] if finding["kind"] == "lung_nodule"]
    if nodules:
        yield _nodule(max(nodules, key=lambda one: float(one["diameter_mm"])))
    for image in study["images"]:
        card = _card("fracture")
        if image["probability"] >= card.threshold("screening"):
            confirmed = image["probability"] >= card.threshold("confirming")
            yield {"finding_kind": Given("fracture"), "above_confirming": Given(confirmed)}


def _nodule(found: dict[str, Any]) -> dict[str, Given]:
    """Its diameter in whole mm, halves upward, as it counts for management (Bankier 2017, Radiology 285:584)."""
    facts = {
        "finding_kind": Given("lung_nodule"),
        "diameter_mm": Given(float(math.floor(found["diameter_mm"] + 0.5)), "mm"),
    }
    density = found.get("attenuation")
    return facts | ({"nodule_density": Given(density)} if density else {})


@lru_cache(maxsize=4)
def _card(name: str) -> Card:
    return read(Path(cdss.models.__path__[0]) / name / CARD_FILE)
