"""The card of a risk model: words from `training/cards`, numbers from its evaluation, digests of all its files; and the
evaluation as a page beside it."""

import datetime
from pathlib import Path
from typing import Any

import msgspec
import yaml

from cdss.evaluation.html.page import write_beside
from cdss.evaluation.report import Report, to_card
from cdss.models.artifact import CARD_FILE, digest
from cdss.models.card import Card, Data, Threshold

TEXTS = Path(__file__).parent.parent / "cards"
ARTIFACT = "model.onnx"
TABLES = "tables.json"  # the same model as plain numbers, with which the graph is compared


def write_card(
    folder: Path,
    name: str,
    data: list[Data],
    thresholds: list[Threshold],
    reports: list[Report],
    companions: list[str],
) -> Card:
    """Writes and returns the card of the artifact in `folder`. `{key}` in a text becomes the metric of that name.

    With a report, its page is written as well: the last one's, a companion like the others.
    """
    words = yaml.safe_load((TEXTS / f"{name}.yaml").read_text(encoding="utf-8"))
    facts = {
        "name": name,
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "artifact": ARTIFACT,
        "digest": digest(folder / ARTIFACT),
        "data": msgspec.to_builtins(data),
        "thresholds": msgspec.to_builtins(thresholds),
        "evaluations": [to_card(report) for report in reports],
        "companions": {each: digest(folder / each) for each in companions},
    }
    card = msgspec.convert(_filled(words, _Numbers(_numbers(reports))) | facts, Card, str_keys=True)
    card = write_beside(folder, card, reports[-1:])
    plain = yaml.safe_dump(msgspec.to_builtins(card), allow_unicode=True, sort_keys=False, width=120)
    (folder / CARD_FILE).write_text(plain, encoding="utf-8")
    return card


class _Numbers(dict[str, str]):
    """Measured numbers by name; one that was not measured is said to be so."""

    def __missing__(self, key: str) -> str:
        return "(not measured)"


def _numbers(reports: list[Report]) -> dict[str, str]:
    """`metric`, and `baseline.metric`, each "0.761 (0.732 to 0.789)"; the last report wins."""
    numbers: dict[str, str] = {}
    for report in reports:
        numbers |= {"n": str(report.n), "events": str(report.events)}
        named = {"": report.metrics, **{f"{name}__": metrics for name, metrics in report.baselines.items()}}
        named |= {f"{part.group}_{part.value}__": part.metrics for part in report.subgroups}
        for prefix, metrics in named.items():
            for key, metric in metrics.items():
                low, high = metric.ci95 or (float("nan"), float("nan"))
                numbers[prefix + key] = f"{metric.value:.3f} ({low:.3f} to {high:.3f})"
    return numbers


def _filled(value: Any, numbers: _Numbers) -> Any:
    """`{name}` in every text replaced by the number of that name."""
    if isinstance(value, str):
        return value.format_map(numbers)
    if isinstance(value, dict):
        return {key: _filled(item, numbers) for key, item in value.items()}
    if isinstance(value, list):
        return [_filled(item, numbers) for item in value]
    return value
