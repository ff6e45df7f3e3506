"""Writes the page: one file, its style and its charts inside, no script, nothing to be fetched."""

from pathlib import Path
from typing import Any

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from cdss.evaluation.html import plots, tables, words
from cdss.evaluation.html.chart import GREY, sample
from cdss.evaluation.html.words import FOLDER, Item, checklist, feature, metric, word
from cdss.evaluation.report import Panel, Report
from cdss.models.artifact import REPORT_FILE
from cdss.models.card import Card, Text

SECTIONS = ("details", "development", "fairness", "external_validation", "performance", "maintenance", "updates")
ELSEWHERE = {"purpose": "purpose", "limits": "purpose", "data": "origin"}  # sections of the card in parts of the page
templates = Environment(
    loader=FileSystemLoader(FOLDER), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)


def write(report: Report, card: Card, path: Path) -> None:
    """The page of this report; a folder means the file REPORT_FILE in it."""
    target = path / REPORT_FILE if path.is_dir() else path
    target.write_text(page(report, card), encoding="utf-8")


def page(report: Report, card: Card, lang: str = "zh") -> str:
    """As HTML, both languages inside; `lang` is the one that is shown until the reader chooses."""
    return templates.get_template("page.html").render(
        report=report,
        card=card,
        lang=lang,
        style=(FOLDER / "style.css").read_text(encoding="utf-8"),
        glance=tables.glance(report),
        panels=[_panel(report, card, panel) for panel in report.curves],
        remaining=tables.remaining(report),
        groups=tables.subgroups(report),
        group_others=tables.subgroup_others(report),
        shares=tables.shares(report),
        sections=[(name, msgspec.to_builtins(getattr(card, name))) for name in SECTIONS],
        checklist=[(item, _links(report, item)) for item in checklist()],
        word=word,
        metric=metric,
        feature=feature,
        told=tables.told,
        blanked=tables.blanked,
    )


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
    absent = {"curves": not report.curves, "subgroups": not report.subgroups, "lacking": report.lacking is None}
    links = [(item.at, word("page", item.at))] if item.at and not absent.get(item.at) else []
    if item.card:
        name = f"MODEL_CARD.yaml: {item.card}"
        links.append((ELSEWHERE.get(item.card, f"card-{item.card}"), Text(zh=name, en=name)))
    return links
