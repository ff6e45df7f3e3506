"""How values, drugs and severities are put into words, in both languages."""

import re
from collections.abc import Mapping
from functools import lru_cache

from cdss.rules.alert import Kind, Severity, Text
from cdss.rules.facts import Drug
from cdss.rules.language.conditions import AtLeast, Below, Value

PLACEHOLDER = re.compile(r"\{(\w+)\}")
SEVERITY: dict[Severity, Text] = {
    "contraindicated": Text("禁忌", "contraindicated"),
    "avoid": Text("避免使用", "avoid"),
    "precaution": Text("慎用", "use with precaution"),
    "consider": Text("注意", "take into account"),
    "info": Text("提示", "for information"),
}
PATHWAY: dict[Severity, Text] = {  # the same five levels, for what is to be done about a person rather than a drug
    "contraindicated": Text("立即处理", "act now"),
    "avoid": Text("尽快处理", "act soon"),
    "precaution": Text("需要关注", "needs attention"),
    "consider": Text("可考虑", "consider"),
    "info": Text("提示", "for information"),
}
UNIT_WORDS = {
    "mm[Hg]": Text("mmHg", "mmHg"),
    "mL/min/{1.73_m2}": Text("mL/min/1.73 m²", "mL/min/1.73 m²"),
    "kg/m2": Text("kg/m²", "kg/m²"),
    "a": Text("岁", "years"),
    "mo": Text("个月", "months"),
    "d": Text("天", "days"),
    "ug": Text("μg", "μg"),
    "[iU]": Text("IU", "IU"),
    "10*4.[iU]": Text("万IU", "×10⁴ IU"),
    "1": Text("", ""),
}
ONE_UNIT = {"a": Text("岁", "year"), "mo": Text("个月", "month"), "d": Text("天", "day")}
SIGNS: dict[type, str] = {Below: "<", AtLeast: "≥"}
TRUTH_WORDS = {True: Text("是", "yes"), False: Text("否", "no")}


def level(kind: Kind, severity: Severity) -> Text:
    """The severity in words that fit the kind of alert."""
    return (PATHWAY if kind == "pathway" else SEVERITY)[severity]


def shown(value: Value, unit: str) -> Text:
    """A value with its unit, as a sentence shows it; an unknown value is said to be unknown."""
    if value is None:
        return Text("未知", "unknown")
    if isinstance(value, bool):
        return TRUTH_WORDS[value]
    if isinstance(value, str):
        return Text(value, value)
    words = ONE_UNIT.get(unit) if value == 1 else None
    words = words or UNIT_WORDS.get(unit, Text(unit, unit))
    sign = SIGNS.get(type(value), "")
    return Text(f"{sign}{figure(value)} {words.zh}".strip(), f"{sign}{figure(value)} {words.en}".strip())


def figure(value: float) -> str:
    """A number as people read it: whole numbers in full, others to four figures."""
    return f"{value:.0f}" if value == round(value) else f"{value:.1f}" if abs(value) >= 1000 else f"{value:.4g}"


def drug_name(drug: Drug) -> Text:
    """What a medicine is: its ingredients if they are known, else the words it was ordered by."""
    if not drug.ingredients:
        return Text(drug.text, drug.text)
    names = drug.ingredients
    return Text("/".join(i.zh or i.en for i in names), "/".join(i.en or i.zh for i in names))


@lru_cache(maxsize=32768)
def _cut(text: str) -> tuple[str, ...]:
    """The text cut at its names in braces: words, a name, words, a name, ... words."""
    return tuple(PLACEHOLDER.split(text))


def placeholders(text: Text) -> frozenset[str]:
    """The names in braces, in either language."""
    return frozenset((*_cut(text.zh)[1::2], *_cut(text.en)[1::2]))


def fill(text: Text, values: Mapping[str, Text]) -> Text:
    """The text with {names} replaced. A name without a value stays visible: it is a fault lint reports."""
    if "{" not in text.zh and "{" not in text.en:
        return text
    zh, en = list(_cut(text.zh)), list(_cut(text.en))
    for place in range(1, len(zh), 2):
        zh[place] = values[zh[place]].zh if zh[place] in values else f"{{{zh[place]}}}"
    for place in range(1, len(en), 2):
        en[place] = values[en[place]].en if en[place] in values else f"{{{en[place]}}}"
    return Text("".join(zh), "".join(en))
