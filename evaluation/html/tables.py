"""The tables of the page: numbers with intervals as text, subgroups with their lines, what missing values cost."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from cdss.evaluation.html.chart import interval
from cdss.evaluation.html.words import feature, listed, metric, score, word
from cdss.evaluation.report import TIER, Blanked, Metric, Mistake, Panel, Report, Subgroup
from cdss.models.card import Text

GLANCE = (
    "image_auc", "sensitivity_at_90_specificity", "map50", "box_sensitivity", "false_boxes_per_film",
    "patch_sensitivity", "patch_sensitivity_negative_ct", "sensitivity_3mm_at_4_fp", "sensitivity_6mm_at_4_fp", "cpm",
    "false_positives_per_scan", "seconds_per_ct",
    "auc", "calibration_slope", "o_e", "ici", "sensitivity_at_20_flagged", "net_benefit",
)  # fmt: skip
COMPARED = (
    "auc", "o_e", "calibration_slope", "sensitivity_at_overall_20_flagged",
    "image_auc", "sensitivity_screening", "specificity_screening", "map50", "patch_sensitivity",
)  # fmt: skip
AROUND_ONE = ("o_e", "calibration_slope")  # ratios: on a log axis, with a line at 1


@dataclass(frozen=True, slots=True)
class Table:
    """Head and rows; a cell is a name in both languages or a number as text."""

    head: list[Text]
    rows: list[tuple[Text, list[str]]]


def told(found: Metric | None) -> str:
    """`0.812 (0.790, 0.834)`; a dash where a number is not defined or was not measured."""
    if found is None or not math.isfinite(found.value):
        return "–"
    return _short(found.value) + (f" ({_short(found.ci95[0])}, {_short(found.ci95[1])})" if found.ci95 else "")


def glance(report: Report) -> list[tuple[Text, str]]:
    """The few numbers to look at first; all of them where a model has none of these."""
    some = {key: report.metrics[key] for key in GLANCE if key in report.metrics}
    return [(metric(key), told(found)) for key, found in (some or report.metrics).items()]


def of_panel(report: Report, panel: Panel, model: Text) -> Table:
    """A row a metric: the model's, then each baseline's of the same people."""
    own = _own(report, panel)
    beside = {drawn.name: report.baselines.get(drawn.name, {}) for drawn in panel.scores[1:]}
    keys = list(dict.fromkeys([*own, *(key for found in beside.values() for key in found)]))
    rows = [(metric(key), [told(own.get(key)), *(told(found.get(key)) for found in beside.values())]) for key in keys]
    return Table([word("page", "metric"), model, *(score(name) for name in beside)], rows)


def remaining(report: Report) -> list[tuple[Text, Text, str]]:
    """(metric, whose, value) of every number that stands in no panel's table; nothing is said twice."""
    shown = [key for panel in report.curves for key in _keys(report, panel).values()]
    again = [(TIER.sub("", key), report.metrics[key]) for key in shown]
    model = word("page", "model_line")
    rows = [
        (metric(key), model, told(found))
        for key, found in report.metrics.items()
        if key not in shown and (key, found) not in again
    ]
    beside = {drawn.name for panel in report.curves for drawn in panel.scores[1:]}
    others = {name: found for name, found in report.baselines.items() if name not in beside}
    return rows + [(metric(key), score(name), told(it)) for name, found in others.items() for key, it in found.items()]


def subgroups(report: Report) -> tuple[list[Text], list[tuple[Text, Subgroup, list[tuple[str, str]]]]]:
    """Names of the compared metrics, and a row a group: its numbers as text and as a line of a forest plot."""
    compared = [key for key in COMPARED if any(key in group.metrics for group in report.subgroups)]
    ends = {key: _ends(key, report) for key in compared}
    rows = []
    for group in report.subgroups:
        found = [(key, group.metrics.get(key)) for key in compared]
        rows.append((_group(group), group, [(told(it), _forest(key, it, ends[key], report)) for key, it in found]))
    return [metric(key) for key in compared], rows


def subgroup_others(report: Report) -> Table:
    """Numbers that only some groups have, such as those after recalibration of a site."""
    keys = list(dict.fromkeys(key for group in report.subgroups for key in group.metrics if key not in COMPARED))
    some = [group for group in report.subgroups if any(key in group.metrics for key in keys)]
    rows = [(_group(group), [told(group.metrics.get(key)) for key in keys]) for group in some]
    return Table([word("page", "group"), *(metric(key) for key in keys)], rows)


def robustness(report: Report) -> Table:
    """A row a strain: each number and, but for the images as they are, its change; then who is flagged as before."""
    found = report.robustness.rows if report.robustness else []
    keys = list(found[0].metrics) if found else []
    change = word("page", "change")
    last = [word("page", "agreement"), word("page", "not_read")]
    head = [word("page", "strain"), *(name for key in keys for name in (metric(key), change)), *last]
    rows = [
        (
            word("strains", row.strain),
            [
                *(told(side.get(key)) for key in keys for side in (row.metrics, row.changes)),
                f"{row.agreement:.3f}",
                str(row.refused),
            ],
        )
        for row in found
    ]
    return Table(head, rows)


def worst(report: Report, pictures: Sequence[str]) -> list[tuple[Text, list[tuple[Mistake, str]]]]:
    """Mistakes by kind, each with its picture, which is empty where there are none."""
    shown = list(zip(report.worst, pictures or [""] * len(report.worst), strict=True))
    kinds = dict.fromkeys(each.kind for each in report.worst)
    return [(word("page", kind), [pair for pair in shown if pair[0].kind == kind]) for kind in kinds]


def blanked(case: Blanked) -> Text:
    """What is missing in a case."""
    if not case.features:
        return word("page", "as_is")
    if case.at_random:
        words = word("page", "at_random")
        return Text(zh=f"{words.zh}：{case.at_random}", en=f"{words.en}: {case.at_random}")
    return listed([feature(name) for name in case.features])


def shares(report: Report) -> dict[str, float]:
    """Who lacks what, most first."""
    found = report.lacking.shares if report.lacking else {}
    return dict(sorted(found.items(), key=lambda item: -item[1]))


def _group(group: Subgroup) -> Text:
    kind, value = word("groups", group.group), word("groups", group.value)
    return Text(zh=f"{kind.zh} {value.zh}", en=f"{kind.en} {value.en}")


def _keys(report: Report, panel: Panel) -> dict[str, str]:
    """Metric -> its key in the report, for the people of a panel: those of its tier, or those without one."""
    suffix = f"_{panel.name}"
    own = {key.removesuffix(suffix): key for key in report.metrics if panel.name and key.endswith(suffix)}
    return own or {key: key for key in report.metrics if not TIER.search(key)}


def _own(report: Report, panel: Panel) -> dict[str, Metric]:
    return {name: report.metrics[key] for name, key in _keys(report, panel).items()}


def _ends(key: str, report: Report) -> tuple[float, float]:
    """What the axis of a metric spans: every interval, and the reference."""
    found = [group.metrics[key] for group in report.subgroups if key in group.metrics]
    reach = [each for one in found for each in (one.ci95 or (one.value,)) if math.isfinite(each)]
    reach = [*reach, _reference(key, report)]
    if key in AROUND_ONE:
        return max(min(reach), 0.2), min(max(reach), 5.0)
    return min(reach), max(reach)


def _reference(key: str, report: Report) -> float:
    """1 for ratios, otherwise everybody's number."""
    if key in AROUND_ONE:
        return 1.0
    overall = report.metrics.get(key.replace("overall_", ""))
    return overall.value if overall and math.isfinite(overall.value) else 0.5


def _forest(key: str, found: Metric | None, ends: tuple[float, float], report: Report) -> str:
    if found is None or found.ci95 is None or not math.isfinite(found.value):
        return ""
    low, high = ends

    def place(value: float) -> float:
        if key in AROUND_ONE:
            return (math.log(max(value, 1e-3)) - math.log(low)) / max(math.log(high) - math.log(low), 1e-9)
        return (value - low) / max(high - low, 1e-9)

    return interval(found.value, *found.ci95, _reference(key, report), place)


def _short(value: float) -> str:
    text = f"{value:.3f}" if abs(value) >= 0.1 else f"{value:.4f}"
    return (text if float(text) else text.removeprefix("-")).replace("-", "−")
