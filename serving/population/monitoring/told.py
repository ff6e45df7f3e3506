"""What monitoring says, in words for the command line, and as plain values for `--json`."""

from collections.abc import Iterator
from typing import Any

import msgspec
from rich.cells import set_cell_size

from cdss.models.resident import RESIDENT
from cdss.rules.alert import Text
from cdss.serving.platform.language import Lang, pick
from cdss.serving.population.calibration.said import interval
from cdss.serving.population.monitoring.calibration import Fit
from cdss.serving.population.monitoring.drift import Compared, Level
from cdss.serving.population.monitoring.report import Watch, Watched

LEVELS: dict[Level, Text] = {
    "stable": Text("稳定", "stable"),
    "moderate": Text("中度漂移", "moderate drift"),
    "major": Text("明显漂移", "major drift"),
    "too-few": Text("人数太少，无法判断", "too few to say"),
    "no-reference": Text("无参照", "no reference"),
    "gathering": Text("基线尚在积累", "baseline still gathering"),
}
FITS: dict[Level, Text] = {
    "stable": Text("与实际相符", "fits what happens"),
    "moderate": Text("与实际有偏差", "off what happens"),
    "major": Text("与实际明显不符", "far off what happens"),
    "too-few": Text("结局事件太少，无法判断", "not enough events to say"),
}
ANSWERED = Text("{version}：{n} 人，{share:.1%} 有答案", "{version}: {n} people, {share:.1%} answered")
HEADER = Text(
    "项目|较训练数据 PSI|较本地基线 PSI|缺失 现在/训练", "item|PSI to training|PSI to this site|missing now/then"
)
NO_REFERENCE = Text("该模型未附带参照，漂移无从判断", "the model was shipped without a reference: drift cannot be told")
CALIBRATED = Text(
    "校准 {version} {period}：{n} 人，{events} 例，O/E {o_e}，{level}",
    "calibration {version} {period}: {n} people, {events} events, O/E {o_e}, {level}",
)
LAYER = Text("本地校准层 {version}", "site layer {version}")
WIDTHS = (26, 28, 28, 18)
NO_LAYER = Text("无本地校准层", "no site layer")


def lines(watch: Watch, lang: Lang) -> Iterator[str]:
    """What a person needs to see of one model."""
    yield f"{watch.model} {watch.version}  {pick(watch.title, lang)}"
    document, fault = watch.layer.document, watch.layer.fault
    layer = pick(LAYER, lang).format(version=document.full_version) if document else pick(NO_LAYER, lang)
    yield f"  {pick(fault, lang) or layer}"
    for answered in watch.answered:
        yield "  " + pick(ANSWERED, lang).format(version=answered.version, n=answered.n, share=answered.share)
    if not watch.referenced:
        yield f"  {watch.fault or pick(NO_REFERENCE, lang)}"
    elif watch.answered:
        yield _cells(*pick(HEADER, lang).split("|"))
        yield from (_row(one, lang) for one in watch.watched)
    for one in watch.calibrations:
        yield from (_fit(one.version, fit, lang) for fit in (one.all, *one.quarters))


def named(watched: Watched) -> Text:
    """The measurement in a doctor's words, or the tier whose probabilities they are."""
    if watched.kind == "input":
        quantity = RESIDENT[watched.name]
        return Text(quantity.zh, quantity.en)
    return Text(f"风险（{watched.name} 档）", f"risk, tier {watched.name}")


def plain(watch: Watch) -> dict[str, Any]:
    """For `--json`: everything but the layers' documents, which `cdss calibrate --show --json` prints."""
    found: dict[str, Any] = msgspec.to_builtins(watch)
    layer, document = watch.layer, watch.layer.document
    found["layer"] = {"version": document.full_version if document else None, "fault": layer.fault.en}
    found["drift"] = watch.drift
    for shown, answered in zip(found["answered"], watch.answered, strict=True):
        shown |= {"n": answered.n, "share": answered.share}
    for shown, watched in zip(found["watched"], watch.watched, strict=True):
        shown["level"] = watched.level
    return found


def _row(watched: Watched, lang: Lang) -> str:
    training = watched.training
    missing = "" if training.missing is None else f"{training.missing:.1%} / {training.missing_then:.1%}"
    cells = (_compared(training, lang), _compared(watched.site, lang), missing if watched.kind == "input" else "")
    return _cells(pick(named(watched), lang), *cells)


def _cells(*texts: str) -> str:
    """In columns; a Chinese character takes two places."""
    return "  " + "".join(set_cell_size(text, width) for text, width in zip(texts, WIDTHS, strict=True)).rstrip()


def _compared(found: Compared, lang: Lang) -> str:
    word = pick(LEVELS[found.level], lang)
    return word if found.psi is None else f"{found.psi:.3f} {word}"


def _fit(version: str, fit: Fit, lang: Lang) -> str:
    told = {"n": fit.n, "events": fit.events, "o_e": interval(fit.o_e), "level": pick(FITS[fit.level], lang)}
    return "  " + pick(CALIBRATED, lang).format(version=version, period=fit.period, **told)
