"""Who is likely to have a low filtration or albumin in the urine, and should be tested for chronic kidney disease.

Needs no creatinine. Two tiers, by what is known: `a` without a laboratory, `b` with urea nitrogen and HDL (and lipids,
liver enzymes, urate, glucose where known). What the model is, was trained on and may be used for is in MODEL_CARD.yaml
beside this file. No training code is imported here.
"""

from pathlib import Path

from cdss.models.additive import Additive, Bar, Tier
from cdss.models.card import Text
from cdss.models.resident import RESIDENT

#  name -> names, unit, plausible range; the graph's own order is in the graph
FEATURES = {
    name: RESIDENT[name]
    for name in (
        "age", "sex", "asian", "height_cm", "weight_kg", "bmi", "waist_cm", "sbp", "dbp", "pulse", "smoking",
        "hypertension", "bp_medication", "antihypertensives", "medicines", "diabetes", "cvd", "tc_mmol", "hdl_mmol",
        "tg_mmol", "alt", "ggt", "uric_acid_umol", "bun_mmol", "glucose_random_mmol", "hba1c_pct", "egfr", "uacr_mg_g",
        "pregnant",
    )
}  # fmt: skip

MEASURED = (
    "age", "sex", "asian", "bmi", "waist_height", "sbp", "dbp", "pulse", "smoking", "hypertension", "bp_medication",
    "antihypertensives", "medicines", "diabetes", "cvd",
)  # fmt: skip
BLOOD = (
    "tc_mmol", "hdl_mmol", "tg_mmol", "alt", "ggt", "uric_acid_umol", "bun_mmol", "glucose_random_mmol", "hba1c_pct",
)  # fmt: skip
NEEDS = ("age", "sex", "bmi")
TIERS = (Tier("b", (*MEASURED, *BLOOD), (*NEEDS, "bun_mmol", "hdl_mmol")), Tier("a", MEASURED, NEEDS))

FOUND = Text(
    zh="检查结果已异常：按 KDIGO 复查确认，不作推算",
    en="a result is abnormal already: confirm it as KDIGO says, nothing to predict",
)
BARS = (
    Bar("outside-age", "age", 0, 19.999, Text(zh="本模型只用于 20 岁及以上", en="the model is for ages from 20")),
    Bar("egfr-reduced", "egfr", 0, 59.999, FOUND),
    Bar("albuminuria", "uacr_mg_g", 30, 30000, FOUND),
    Bar("pregnant", "pregnant", 1, 1, Text(zh="妊娠期不适用", en="not for pregnancy")),
)


def load(folder: Path | None = None) -> Additive:
    """The shipped model, or the one in `folder`. Raises CardError or DigestMismatch."""
    return Additive(folder or Path(__file__).parent, FEATURES, TIERS, BARS)
