"""What a fact that was not told is called on the ward, so that people know what to send or ask."""

from functools import lru_cache

from cdss.rules.alert import Text
from cdss.rules.language.rule import Fact
from cdss.rules.terms.observations import by_loinc
from cdss.rules.terms.table import own

BY_KIND = {
    "icd10": Text("诊断", "conditions"),
    "taking": Text("正在使用的药品", "medicines taken"),
    "duplicate": Text("正在使用的药品", "medicines taken"),
    "allergy": Text("过敏史", "allergies"),
    "indication": Text("用药指征", "indication"),
}
PATIENT = {
    "age": Text("出生日期", "birth date"),
    "sex": Text("性别", "sex"),
    "weight": Text("体重", "weight"),
    "pregnant": Text("是否妊娠", "pregnancy"),
    "breastfeeding": Text("是否哺乳", "breastfeeding"),
}
ORDER = {
    "times_a_day": Text("给药频次", "frequency"),
    "duration_days": Text("疗程", "duration"),
    "route": Text("给药途径", "route"),
    "method": Text("静推或静滴", "push or drip"),
}
DOSE = Text("剂量与频次", "dose and frequency")
BY_WEIGHT = Text("体重、剂量与频次", "weight, dose and frequency")


def missing(name: str, fact: Fact) -> Text:
    """The words for a fact of a rule; its own name where there are none."""
    if fact.loinc:
        measured = next((known for code in fact.loinc if (known := by_loinc().get(code))), None)
        return measured.title if measured else Text(name, name)
    if fact.patient:
        return PATIENT[fact.patient]
    if fact.order:
        return ORDER.get(fact.order, BY_WEIGHT if fact.order.endswith("_per_kg") else DOSE)
    return (_given() if fact.given else BY_KIND).get(fact.given or fact.kind(), Text(name, name))


@lru_cache(maxsize=1)
def _given() -> dict[str, Text]:
    return {row["name"]: Text(row["zh"], row["en"]) for row in own("observations/given.csv", "name", "zh", "en")}
