"""A layer in words for the command line, in one language; a document as plain values for `--json`."""

from collections.abc import Iterator
from typing import Any

import msgspec
from rich.cells import set_cell_size

from cdss.rules.alert import Text
from cdss.serving.platform.language import Lang, pick
from cdss.serving.population.calibration.document import Document, LevelSeen, Part
from cdss.serving.population.calibration.measures import Fifth, Interval, Measures

MADE_FROM = Text(
    "{n} 人，其中 {events} 人发生结局；未用 {unused} 人", "{n} people, {events} with the outcome; {unused} not used"
)
DOES = Text("截距 {intercepts}；斜率 {slope:.3f}", "intercepts {intercepts}; slope {slope:.3f}")
GROUPS = Text("按 {feature} 分组另加 {shifts}", "added by {feature}: {shifts}")
MEASURES = Text("指标|校准前|校准后（交叉验证）", "measure|before|after (cross-validated)")
FIFTHS = Text("按风险五等分：预测 / 实际", "fifths by risk: predicted / observed")
PART = Text(
    "{name}：{n} 人，{events} 例；O/E {before} → {after}", "{name}: {n} people, {events} events; O/E {before} → {after}"
)
INHERITS = Text("（例数不足，沿用共同截距）", " (too few events of its own: the common intercept)")
THRESHOLD = Text(
    "{tier}：标记界值 {card:.4g} → {value:.4g}，{chosen}", "{tier}: flagged from {card:.4g} → {value:.4g}, {chosen}"
)
MOVED = Text("随校准层移动，标记的人不变", "moved with the layer: the same people are flagged")
MOVED_IN_GROUPS = Text("随校准层移动；分组会改变标记的人", "moved with the layer; the groups change who is flagged")
SHARED = Text("标记本地 {share:.0%} 的人", "flags {share:.0%} of the local people")
LEVEL = Text(
    "本地 {feature} 均值较同龄同性别同体重者高 {excess:+.2f} {unit}",
    "local {feature} is {excess:+.2f} {unit} from what is usual at that age, sex and BMI",
)
LEVEL_USED = Text("；据此预期截距 {centre:+.2f}", "; the intercept is therefore expected at {centre:+.2f}")
LEVEL_LARGE = Text(
    "。差异超过界限：请核对检测方法、单位及是否空腹；数值未被更改",
    ". That is large: check the assay, the unit and the fasting; no value was changed",
)
LEVEL_BEYOND = Text("；超出任何已知机构，未予采用", "; further than any site known, so not used")
CHOSEN = {
    "moved with the layer": Text("随校准层移动，标记的人不变", "moved with the layer, the same people are flagged")
}


def lines(document: Document, lang: Lang) -> Iterator[str]:
    """What a person needs to see of it."""

    def say(text: Text, **values: Any) -> str:
        return pick(text, lang).format(**values)

    before = document.before
    yield f"{document.model} {document.full_version}  {document.at}"
    yield say(MADE_FROM, n=before.n, events=before.events, unused=sum(document.unused.values()))
    yield say(DOES, intercepts=_signed(document.intercepts), slope=document.slope)
    if document.feature:
        named = dict(zip((part.name for part in document.groups), document.shifts, strict=False))
        yield say(GROUPS, feature=document.feature, shifts=_signed(named))
    yield from compared(before, document.after, lang)
    for part in (*(tier for tier in document.tiers if tier.n), *document.groups):
        yield "  " + _part(part, len([tier for tier in document.tiers if tier.n]) > 1, lang)
    moved = MOVED_IN_GROUPS if document.feature else MOVED
    for threshold in document.thresholds:
        how = pick(moved if threshold.share is None else SHARED, lang).format(share=threshold.share)
        yield "  " + say(THRESHOLD, tier=threshold.tier, card=threshold.card, value=threshold.value, chosen=how)
    if document.level:
        yield _level(document.level, lang)


def compared(before: Measures, after: Measures, lang: Lang) -> Iterator[str]:
    """The measures before and after, a line each."""
    yield _cells(*pick(MEASURES, lang).split("|"))
    for name in ("o_e", "slope", "auc", "brier", "log_loss"):
        yield _cells(name, interval(getattr(before, name)), interval(getattr(after, name)))
    yield "  " + pick(FIFTHS, lang)
    for one, two in zip(before.fifths, after.fifths, strict=True):
        yield _cells("", _fifth(one), _fifth(two))


def _cells(*texts: str) -> str:
    """In columns; a Chinese character takes two places."""
    return "  " + "".join(set_cell_size(text, width) for text, width in zip(texts, (12, 26, 26), strict=True)).rstrip()


def _fifth(fifth: Fifth) -> str:
    return f"{fifth.predicted:.4f} / {fifth.observed.value:.4f}"


def interval(found: Interval | None) -> str:
    """0.93 (0.80 to 1.07)."""
    return "-" if found is None else f"{found.value:.3f} ({found.low:.3f}–{found.high:.3f})"


def plain(document: Document, state: str) -> dict[str, Any]:
    """For `--json`. `state`: in force, kept, dry run."""
    return {
        "state": state,
        "digest": document.digest,
        "full_version": document.full_version,
        **msgspec.to_builtins(document),
    }


def _signed(values: dict[str, float]) -> str:
    return ", ".join(f"{name} {value:+.3f}" for name, value in values.items())


def _part(part: Part, several: bool, lang: Lang) -> str:
    before, after = (f"{found.value:.2f}" if found else "-" for found in (part.before, part.after))
    text = pick(PART, lang).format(name=part.name, n=part.n, events=part.events, before=before, after=after)
    return text if part.own or not several else text + pick(INHERITS, lang)


def _level(level: LevelSeen, lang: Lang) -> str:
    values = {"feature": level.feature, "unit": level.unit, "excess": level.excess, "centre": level.centre}
    said = [LEVEL]
    said += [LEVEL_BEYOND] if level.beyond else [LEVEL_USED] if level.centre else []
    said += [LEVEL_LARGE] if level.large else []
    return "".join(pick(text, lang).format(**values) for text in said)
