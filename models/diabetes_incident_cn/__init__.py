"""Risk of diabetes within about three years, for Chinese adults who have none now.

Two tiers, by what is known: `a` without a laboratory, `b` with a fasting glucose (and lipids, ALT, creatinine, urea
where known). What the model is, was trained on and may be used for is in MODEL_CARD.yaml beside this file.
No training code is imported here.
"""

from pathlib import Path

from cdss.models.additive import Additive, Bar, Tier
from cdss.models.card import Text
from cdss.models.resident import RESIDENT

#  name -> names, unit, plausible range; the graph's own order is in the graph
FEATURES = {
    name: RESIDENT[name]
    for name in (
        "age", "sex", "height_cm", "weight_kg", "bmi", "sbp", "dbp", "family_diabetes", "fpg_mmol", "tc_mmol",
        "tg_mmol", "alt", "creatinine_umol", "bun_mmol", "hba1c_pct", "diabetes", "pregnant",
    )
}  # fmt: skip

MEASURED = ("age", "sex", "bmi", "sbp", "dbp", "family_diabetes")
BLOOD = ("fpg_mmol", "tc_mmol", "tg_mmol", "alt", "creatinine_umol", "bun_mmol")
NEEDS = ("age", "sex", "bmi")
TIERS = (Tier("b", (*MEASURED, *BLOOD), (*NEEDS, "fpg_mmol")), Tier("a", MEASURED, NEEDS))

HIGH_NOW = Text(
    zh="已达糖尿病诊断界值，请确诊，不作预测",
    en="the value is in the diabetic range now: confirm the diagnosis, nothing to predict",
)
BARS = (
    Bar("outside-age", "age", 0, 19.999, Text(zh="本模型只用于 20 岁及以上", en="the model is for ages from 20")),
    Bar(
        "known-diabetes", "diabetes", 1, 1, Text(zh="已知糖尿病，无须预测", en="diabetes is known; nothing to predict")
    ),
    Bar("pregnant", "pregnant", 1, 1, Text(zh="妊娠期用另外的筛查标准", en="pregnancy has its own screening")),
    Bar("glucose-diabetic", "fpg_mmol", 7.0, 40, HIGH_NOW),
    Bar("hba1c-diabetic", "hba1c_pct", 6.5, 20, HIGH_NOW),
)


def load(folder: Path | None = None) -> Additive:
    """The shipped model, or the one in `folder`. Raises CardError or DigestMismatch."""
    return Additive(folder or Path(__file__).parent, FEATURES, TIERS, BARS)
