"""The models a resident is scored with: the additive risk models, and NCDRS, in one form."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from cdss.models import diabetes_incident_cn, diabetes_screen
from cdss.models.additive import Additive, RiskTable
from cdss.models.equations.points import Score, score
from cdss.models.resident import RESIDENT
from cdss.rules.alert import Text
from cdss.serving.population.scoring.assessment import ModelSaid, Why

Columns = Mapping[str, NDArray[np.float64]]
Said = Callable[[int], ModelSaid]  # the answer for one row of a batch
MOST_REASONS = 5
OF_THE_SITE = {"asian"}  # the same for every resident of a site: part of the model, not a reason
MALE, FEMALE = Text("男性", "male"), Text("女性", "female")

KNOWN_DIABETES = Text("已知糖尿病，不需筛查", "diabetes is known, no screening")
AGE_OUTSIDE = Text("年龄超出适用范围", "age is outside the range the score was made for")
IMPLAUSIBLE = Text("有不可能的数值", "a value is implausible")
TOO_LITTLE = Text("已知资料太少", "too little is known")


@dataclass(frozen=True, slots=True)
class Risks:
    """All models, loaded once. `asian`: whether the residents are of Asian descent (the screening model asks)."""

    asian: bool = True
    screen: Additive = field(default_factory=diabetes_screen.load)
    incident: Additive = field(default_factory=diabetes_incident_cn.load)
    ncdrs: Score = field(default_factory=lambda: score("ncdrs"))

    @property
    def titles(self) -> dict[str, Text]:
        """What the models are called."""
        cards = (self.incident.card, self.screen.card)
        named = {card.name: Text(card.title.zh, card.title.en) for card in cards}
        return named | {self.ncdrs.name: Text(self.ncdrs.title.zh, self.ncdrs.title.en)}

    def said(self, columns: Columns) -> tuple[Said, ...]:
        """For a batch of residents: functions that give each model's answer for a row."""
        known = {**columns, "asian": np.full(len(columns["age"]), float(self.asian))}
        return (_points(self.ncdrs, known), _additive(self.incident, known), _additive(self.screen, known))


def _additive(model: Additive, columns: Columns) -> Said:
    table = model.assess_table(columns)
    name, version = model.card.name, model.card.version
    flags = [model.card.threshold(f"flag_{tier}") for tier in table.tiers]

    def said(row: int) -> ModelSaid:
        if table.problem[row]:
            return ModelSaid(model=name, version=version, tier="unknown", why_not=_why_not(model, table, row))
        probability, basis = float(table.probability[row]), int(table.tier[row])
        flagged = probability >= flags[basis]
        return ModelSaid(
            model=name,
            version=version,
            tier="high" if flagged else "low",
            flagged=flagged,
            probability=probability,
            basis=table.tiers[basis],
            reasons=_reasons(table, columns, row),
            missing=_missing(model, table, columns, row),
        )

    return said


def _why_not(model: Additive, table: RiskTable, row: int) -> Text:
    code = table.problems[table.problem[row]]
    bars = {bar.code: Text(bar.text.zh, bar.text.en) for bar in model.bars}
    return bars.get(code) or {"implausible": IMPLAUSIBLE}.get(code, TOO_LITTLE)


def _reasons(table: RiskTable, columns: Columns, row: int) -> tuple[Why, ...]:
    """The largest contributions of measurements that are there, whichever way they pull."""
    order = np.argsort(-np.abs(table.contributions[row]))
    found = (
        Why(t, _value(t, columns, row), float(table.contributions[row, i])) for i in order if (t := table.terms[i])
    )
    return tuple(why for why in found if why.contribution and why.feature not in OF_THE_SITE)[:MOST_REASONS]


def _missing(model: Additive, table: RiskTable, columns: Columns, row: int) -> tuple[str, ...]:
    terms = model.tiers[int(table.tier[row])].terms
    return tuple(term for term in terms if _value(term, columns, row) is None)


def _value(name: str, columns: Columns, row: int) -> float | None:
    if name == "waist_height":
        waist, height = _value("waist_cm", columns, row), _value("height_cm", columns, row)
        return None if waist is None or height is None else waist / height
    value = columns[name][row] if name in columns else np.nan
    return None if np.isnan(value) else float(value)


def _points(table: Score, columns: Columns) -> Said:
    known = {name: columns[name] for name in (*table.points, "sex", "age")}
    totals = table.total_table(known)

    def said(row: int) -> ModelSaid:
        why_not = _not_for(table, columns, row)
        missing = tuple(name for name in table.points if _value(name, columns, row) is None)
        if why_not or missing:
            reason = why_not or TOO_LITTLE
            return ModelSaid(model=table.name, version="1.0.0", tier="unknown", missing=missing, why_not=reason)
        points = float(totals[row])
        high = points >= table.high
        return ModelSaid(model=table.name, version="1.0.0", tier="high" if high else "low", flagged=high, points=points)

    return said


def _not_for(table: Score, columns: Columns, row: int) -> Text | None:
    if columns["diabetes"][row] == 1:
        return KNOWN_DIABETES
    age = columns["age"][row]
    return None if np.isnan(age) or table.ages[0] <= age <= table.ages[1] else AGE_OUTSIDE


def shown(feature: str, value: float | None) -> Text:
    """A measurement in a doctor's words: 体重指数 31 kg/m2."""
    quantity = RESIDENT[feature]
    if feature == "sex" and value is not None:
        return FEMALE if value else MALE
    if value is None:
        return Text(f"{quantity.zh}未知", f"{quantity.en} unknown")
    if quantity.yes_no:
        return Text(f"{quantity.zh}：{'是' if value else '否'}", f"{quantity.en}: {'yes' if value else 'no'}")
    unit = {"1": "", "a": ""}.get(quantity.unit, quantity.unit.replace("mm[Hg]", "mmHg"))
    number = rounded(value)
    return Text(f"{quantity.zh} {number} {unit}".strip(), f"{quantity.en} {number} {unit}".strip())


def rounded(value: float) -> str:
    """As a report prints it: 31, 6.6, 0.54, 124: two decimals below 1, one below 100, none above."""
    digits = 2 if abs(value) < 1 else 1 if abs(value) < 100 else 0
    return f"{round(value, digits):g}"


def named(feature: str) -> Text:
    """The name of a measurement, in a doctor's words."""
    quantity = RESIDENT[feature]
    return Text(quantity.zh, quantity.en)
