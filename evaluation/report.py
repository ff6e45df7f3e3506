"""What an evaluation says, in the form that `cdss evaluate --json` prints and model cards keep."""

import re
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


class Points(msgspec.Struct, frozen=True):
    """A line to be drawn, with a 95 % band or none: `low` and `high` are as long as `y`, or empty."""

    x: list[float]
    y: list[float]
    low: list[float] = []
    high: list[float] = []


class Histogram(msgspec.Struct, frozen=True):
    """People by prediction: `edges` (k + 1,), then counts (k,) of those with the event and without."""

    edges: list[float]
    events: list[int]
    others: list[int]


class Drawn(msgspec.Struct, frozen=True):
    """One score. `roc`: sensitivity by 1 - specificity; `flagged`: sensitivity by share of people flagged;
    `benefit`: net benefit by threshold, None for a score that is no probability. Empty where nobody has the event."""

    name: str
    roc: Points
    flagged: Points
    benefit: Points | None


class Panel(msgspec.Struct, frozen=True):
    """Scores of the same people, the model's first, and the calibration of that one. `name`: the tier, or empty."""

    name: str
    n: int
    events: int
    scores: list[Drawn]
    treat_all: Points
    calibration: Points  # smoothed share of events by prediction; empty where it could not be fitted
    tenths: Points  # share of events in ten groups by prediction, each with a tenth of the expected events
    histogram: Histogram


class Plot(msgspec.Struct, frozen=True):
    """One chart of marks. `kind` says which: `froc_films` or `froc_scans` (share of lesions found by false marks a
    normal film, or a scan), `precision_recall`, `windows` (share of nodules found by share of windows marked falsely).

    `lines`: by whose or which they are, the model's first.
    """

    kind: str
    lines: dict[str, Points]


class Strained(msgspec.Struct, frozen=True):
    """The same images, worse: `strain` says how. `changes` are differences to the images as they are, same draws.

    `agreement` is the share of images that are flagged, or not, as they were. `refused` were not read: they are not
    flagged, and rank below all others.
    """

    strain: str
    metrics: dict[str, Metric]
    changes: dict[str, Metric]
    agreement: float
    refused: int = 0


class Robustness(msgspec.Struct, frozen=True):
    """`n` images, `events` of them with the finding, the first row as they are; flagged from `threshold` on."""

    n: int
    events: int
    threshold: float
    rows: list[Strained]


class Outline(msgspec.Struct, frozen=True):
    """A box x0, y0, x1, y1 in pixels of the image; `score` is None for a reference."""

    box: tuple[float, float, float, float]
    score: float | None = None


class Mistake(msgspec.Struct, frozen=True):
    """One of the worst: `kind` is `missed` or `false_alarm`. `score`: the film's probability, or the mark's score.

    `slice`: which of the image's slices; None for a film.
    """

    kind: str
    image: str
    score: float
    found: list[Outline]
    wanted: list[Outline]
    slice: int | None = None


class Blanked(msgspec.Struct, frozen=True):
    """The model when these features are missing: all of them for everybody, or `at_random` of them for each person.

    `answered`: people who still get a number; `metrics` are among them.
    """

    features: list[str]
    at_random: int
    answered: int
    metrics: dict[str, Metric]


class Lacking(msgspec.Struct, frozen=True):
    """What missing values cost `n` people: who lacks what (share by feature), and what more of it would do."""

    n: int
    shares: dict[str, float]
    cases: list[Blanked]  # the first is the people as they are


class Report(msgspec.Struct, frozen=True):
    """One model on one split. `n` and `events` count rows (risk), films (fracture), nodules and windows (nodule), or
    whole CTs and their nodules."""

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
    curves: list[Panel] = []
    lacking: Lacking | None = None
    plots: list[Plot] = []
    robustness: Robustness | None = None
    worst: list[Mistake] = []
    exact: bool = False  # intervals are exact ones of counts, not bootstrapped


ONLY_ON_THE_PAGE = ("curves", "lacking", "plots", "robustness", "worst", "exact")
TIER = re.compile(r"_tier_\w+$")
ON_THE_PAGE = re.compile(  # numbers that a card leaves to the report page
    r"(specificity|ppv)_at_[13]0_flagged|calibration_intercept|brier|e50|e90|net_benefit_at_\w+"
)
ON_THE_PAGE_BESIDE = re.compile(  # and more of them for baselines and further tiers
    ON_THE_PAGE.pattern + r"|(sensitivity|specificity|ppv)_at_(10|30)_flagged|(specificity|ppv)_at_20_flagged"
    r"|calibration_in_the_large|brier_scaled|ici"
)


def to_json(report: Report) -> str:
    """Indented JSON, keys in the order of the contract."""
    return msgspec.json.format(msgspec.json.encode(report), indent=2).decode()


def to_card(report: Report) -> dict[str, Any]:
    """The report as plain values, numbers rounded to what a card should claim (4 decimals).

    Curves, tables of what could go wrong and the finer metrics are left to the report page.
    """
    plain: dict[str, Any] = _rounded(msgspec.to_builtins(report))
    plain["metrics"] = {key: metric for key, metric in plain["metrics"].items() if not _is_fine(key)}
    plain["baselines"] = {
        name: {key: metric for key, metric in metrics.items() if not ON_THE_PAGE_BESIDE.fullmatch(key)}
        for name, metrics in plain["baselines"].items()
    }
    return {key: value for key, value in plain.items() if key not in ONLY_ON_THE_PAGE}


def _is_fine(key: str) -> bool:
    base = TIER.sub("", key)
    return bool((ON_THE_PAGE if base == key else ON_THE_PAGE_BESIDE).fullmatch(base))


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 4)
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(item) for item in value]
    return value
