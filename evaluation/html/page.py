"""Writes the page: one file, its style and its charts inside, no script, nothing to be fetched."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from cdss.evaluation.html import plots, tables, words
from cdss.evaluation.html.chart import GREY, sample
from cdss.evaluation.html.words import FOLDER, Item, checklist, feature, metric, word
from cdss.evaluation.report import Panel, Plot, Report
from cdss.models.artifact import REPORT_FILE, digest
from cdss.models.card import Card, Text

SECTIONS = ("details", "development", "fairness", "external_validation", "performance", "maintenance", "updates")
ELSEWHERE = {"purpose": "purpose", "limits": "purpose", "data": "origin"}  # sections of the card in parts of the page
templates = Environment(
    loader=FileSystemLoader(FOLDER), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)


def write_beside(folder: Path, card: Card, reports: Sequence[Report]) -> Card:
    """The page beside the card's artifact; the card that names it, with its digest, which the caller writes.

    The first report is the page's, the others stand below it; without one there is no page, and the card is as it was.
    """
    if not reports:
        return card
    write(reports[0], card, folder, further=reports[1:])
    return msgspec.structs.replace(card, companions=card.companions | {REPORT_FILE: digest(folder / REPORT_FILE)})


def write(report: Report, card: Card, path: Path, further: Sequence[Report] = (), pictures: Sequence[str] = ()) -> None:
    """The page of this report; a folder means the file REPORT_FILE in it. The rest is as in `page`."""
    target = path / REPORT_FILE if path.is_dir() else path
    target.write_text(page(report, card, further=further, pictures=pictures), encoding="utf-8")


def page(
    report: Report, card: Card, lang: str = "zh", further: Sequence[Report] = (), pictures: Sequence[str] = ()
) -> str:
    """As HTML, both languages inside; `lang` is the one that is shown until the reader chooses.

    `further` are more evaluations of the same model. `pictures` are data URIs, one for each of the report's worst
    mistakes: they show images of the data, so that a page with them stays in the house.
    """
    return templates.get_template("page.html").render(
        report=report,
        card=card,
        lang=lang,
        style=(FOLDER / "style.css").read_text(encoding="utf-8"),
        glance=tables.glance(report),
        panels=[_panel(report, card, panel) for panel in report.curves],
        plots=[_plot(plot) for plot in report.plots],
        remaining=tables.remaining(report),
        groups=tables.subgroups(report),
        group_others=tables.subgroup_others(report),
        shares=tables.shares(report),
        robustness=tables.robustness(report),
        worst=tables.worst(report, pictures),
        pictured=bool(pictures),
        further=[_further(each) for each in further],
        sections=[(name, msgspec.to_builtins(getattr(card, name))) for name in SECTIONS],
        checklist=[(item, _links(report, item)) for item in checklist(bool(report.plots))],
        word=word,
        metric=metric,
        feature=feature,
        told=tables.told,
        blanked=tables.blanked,
    )


def _plot(plot: Plot) -> dict[str, Any]:
    """What the template shows of a plot."""
    return {"chart": plots.marks(plot), "legend": plots.marks_legend(plot)}


def _further(report: Report) -> dict[str, Any]:
    """What the template shows of an evaluation below the first."""
    return {
        "report": report,
        "numbers": tables.remaining(report),
        "plots": [_plot(plot) for plot in report.plots],
        "worst": tables.worst(report, ()),
    }


def _panel(report: Report, card: Card, panel: Panel) -> dict[str, Any]:
    """What the template shows of a panel."""
    note = word("chart", "calibration_note")
    return {
        "name": panel.name,
        "title": words.panel(report.model, panel.name),
        "n": panel.n,
        "events": panel.events,
        "legend": [*plots.legend(panel, card.title), (sample(GREY, "8 3"), word("chart", "treat_all"))],
        "figures": [
            ([plots.roc(panel)], None),
            ([plots.calibration(panel), plots.histogram(panel)], note),
            ([plots.benefit(panel)], None),
            ([plots.flagged(panel)], None),
        ],
        "table": tables.of_panel(report, panel, word("page", "model_line")),
    }


def _links(report: Report, item: Item) -> list[tuple[str, Text]]:
    """Anchors on this page and their names; a part that this report does not have is not linked."""
    absent = {"subgroups": not report.subgroups, "lacking": report.lacking is None}
    absent |= {"curves": not report.curves and not report.plots, "robustness": report.robustness is None}
    absent["worst"] = not report.worst
    links = [(item.at, word("page", item.at))] if item.at and not absent.get(item.at) else []
    if item.card:
        name = f"MODEL_CARD.yaml: {item.card}"
        links.append((ELSEWHERE.get(item.card, f"card-{item.card}"), Text(zh=name, en=name)))
    return links
