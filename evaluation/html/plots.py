"""The charts of a panel: ROC, calibration with whom the predictions fall on, decision curve, sensitivity by share."""

import math

from cdss.evaluation.html.chart import BLACK, BLUE, GREY, STYLES, VERMILLION, Axis, Chart, Powers, sample
from cdss.evaluation.html.words import score, word
from cdss.evaluation.report import Drawn, Panel, Plot, Points
from cdss.models.card import Text

DIAGONAL = Points([0.0, 1.0], [0.0, 1.0])
UNDER = 150  # px, height of the histogram


def roc(panel: Panel) -> Chart:
    """Sensitivity by 1 - specificity."""
    chart = Chart(_word("roc"), Axis(0, 1, _word("false_positive")), Axis(0, 1, _word("sensitivity")))
    chart.line(DIAGONAL, GREY, "3 3", 1)
    for each, (colour, dashes) in _backwards(panel.scores):
        chart.line(each.roc, colour, dashes)
    return chart


def flagged(panel: Panel) -> Chart:
    """Sensitivity by the share of people flagged."""
    chart = Chart(_word("flagged"), Axis(0, 1, _word("share_flagged")), Axis(0, 1, _word("sensitivity")))
    chart.line(DIAGONAL, GREY, "3 3", 1)
    for each, (colour, dashes) in _backwards(panel.scores):
        chart.line(each.flagged, colour, dashes)
    return chart


def benefit(panel: Panel) -> Chart:
    """Net benefit by threshold, of probabilities, of acting on everybody and on nobody."""
    top = 1.1 * max(panel.treat_all.y[0], 1e-4)
    x = Axis(0, panel.treat_all.x[-1], _word("threshold"))
    chart = Chart(_word("benefit"), x, Axis(-0.3 * top, top, _word("net_benefit"), percent=False))
    chart.line(Points([0.0, x.high], [0.0, 0.0]), BLACK, "", 1)
    chart.line(panel.treat_all, GREY, "8 3", 1.5)
    for each, (colour, dashes) in _backwards(panel.scores):
        if each.benefit:
            chart.line(each.benefit, colour, dashes)
    return chart


def calibration(panel: Panel) -> Chart:
    """Share of events by prediction: spline with its band, tenths with their intervals."""
    high = _highest(panel)
    chart = Chart(_word("calibration"), Axis(0, high, _word("predicted")), Axis(0, high, _word("observed")))
    chart.line(Points([0.0, high], [0.0, high]), GREY, "3 3", 1)
    chart.band(panel.calibration, BLUE)
    chart.line(panel.calibration, BLUE)
    chart.dots(panel.tenths, VERMILLION)
    return chart


def histogram(panel: Panel) -> Chart:
    """People by prediction on the axis of the calibration, log scale: with the event up, without down."""
    up, down = ([math.log10(1 + n) for n in counts] for counts in (panel.histogram.events, panel.histogram.others))
    title = Text(zh="预测值分布", en="Predictions")
    ends = Axis(-max(down) * 1.05 or -1, max(up) * 1.05 or 1, Text(zh="", en=""), percent=False)
    chart = Chart(title, Axis(0, _highest(panel), _word("predicted")), ends, UNDER, tick_y=False)
    chart.bars(panel.histogram.edges, up, VERMILLION)
    chart.bars(panel.histogram.edges, [-each for each in down], BLUE)
    return chart


def marks(plot: Plot) -> Chart:
    """The chart of a plot; its kind says what the axes are."""
    x, y = _axes(plot.kind)
    chart = Chart(_word(plot.kind), x, y)
    for line, (colour, dashes) in list(zip(plot.lines.values(), STYLES, strict=False))[::-1]:
        chart.line(_placed(line, x), colour, dashes)
    return chart


def marks_legend(plot: Plot) -> list[tuple[str, Text]]:
    """A piece of every line, and its name."""
    return [(sample(*style), word("lines", name)) for name, style in zip(plot.lines, STYLES, strict=False)]


def _axes(kind: str) -> tuple[Axis, Axis]:
    share = Axis(0, 1, _word("lesions_found"))
    match kind:
        case "froc_films":
            return Powers(-4, 2, _word("false_boxes"), percent=False, base=2), share
        case "froc_scans":
            return Powers(-3, 5, _word("false_marks"), percent=False, base=2), share
        case "windows":
            return Powers(-3, 0, _word("false_windows")), share
    return Axis(0, 1, _word("recall")), Axis(0, 1, _word("precision"))


def _placed(line: Points, axis: Axis) -> Points:
    """From where the line enters the axis: what lies before is its first point there."""
    if not isinstance(axis, Powers):
        return line
    places = [axis.place(x) for x in line.x]
    first = sum(place <= axis.low for place in places[1:])
    return Points(places[first:], line.y[first:])


def legend(panel: Panel, model: Text) -> list[tuple[str, Text]]:
    """A piece of every score's line, and its name."""
    names = [model, *(score(each.name) for each in panel.scores[1:])]
    return [(sample(*style), name) for name, style in zip(names, _styles(panel.scores), strict=True)]


def _highest(panel: Panel) -> float:
    """The end of both axes of the calibration: what the model predicts, and no interval cut off for its sake."""
    return min(1.0, 1.05 * max([panel.histogram.edges[-1], *panel.calibration.y, *panel.tenths.y]))


def _styles(scores: list[Drawn]) -> list[tuple[str, str]]:
    return [STYLES[place % len(STYLES)] for place in range(len(scores))]


def _backwards(scores: list[Drawn]) -> list[tuple[Drawn, tuple[str, str]]]:
    """The model's line is painted last, over the others."""
    return list(zip(scores, _styles(scores), strict=True))[::-1]


def _word(key: str) -> Text:
    return word("chart", key)
