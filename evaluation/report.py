"""What an evaluation says, in the form that `cdss evaluate --json` prints and model cards keep."""

from typing import Any

import msgspec


class Metric(msgspec.Struct, frozen=True):
    """A number and its 95 % interval (bootstrap by patient). `ci95` is None where no interval is defined."""

    value: float
    ci95: tuple[float, float] | None = None


class Subgroup(msgspec.Struct, frozen=True):
    """The same model among some of the people: `group` names the variable, `value` which of its values."""

    group: str
    value: str
    n: int
    events: int
    metrics: dict[str, Metric]


class Report(msgspec.Struct, frozen=True):
    """One model on one split. `n` and `events` count rows (risk), films (fracture) or nodules and windows (nodule)."""

    model: str
    version: str
    digest: str
    dataset: str
    split: str
    n: int
    events: int
    metrics: dict[str, Metric]
    baselines: dict[str, dict[str, Metric]]
    subgroups: list[Subgroup]
    notes: list[str] = []


def to_json(report: Report) -> str:
    """Indented JSON, keys in the order of the contract."""
    return msgspec.json.format(msgspec.json.encode(report), indent=2).decode()


def to_card(report: Report) -> dict[str, Any]:
    """The report as plain values, numbers rounded to what a card should claim (4 decimals)."""
    rounded: dict[str, Any] = _rounded(msgspec.to_builtins(report))
    return rounded


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 4)
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(item) for item in value]
    return value
