"""Who among people treated for hypertension is likely to be above 140/90 now: the order of call-backs, no verdict.

It ranks weakly (see the card): only a measured pressure says who is controlled. Four tiers, by what is known: `a`
without and `b` with the number of drugs taken, both with a laboratory; `a0` and `b0` the same without one. What the
model is, was trained on and may be used for is in MODEL_CARD.yaml beside this file. No training code is imported here.
"""

from pathlib import Path

from cdss.models.additive import Additive, Bar, Tier
from cdss.models.card import Text
from cdss.models.resident import RESIDENT

#  name -> names, unit, plausible range; the graph's own order is in the graph
FEATURES = {
    name: RESIDENT[name]
    for name in (
        "age", "sex", "asian", "height_cm", "weight_kg", "bmi", "waist_cm", "pulse", "smoking", "diabetes", "cvd",
        "antihypertensives", "medicines", "statin", "tc_mmol", "hdl_mmol", "tg_mmol", "alt", "ggt", "creatinine_umol",
        "uric_acid_umol", "bun_mmol", "glucose_random_mmol", "hba1c_pct", "uacr_mg_g", "hypertension", "bp_medication",
        "pregnant",
    )
}  # fmt: skip

MEASURED = ("age", "sex", "asian", "bmi", "waist_height", "pulse", "smoking", "diabetes", "cvd")
DRUGS = ("antihypertensives", "medicines", "statin")
BLOOD = (
    "tc_mmol", "hdl_mmol", "tg_mmol", "alt", "ggt", "creatinine_umol", "uric_acid_umol", "bun_mmol",
    "glucose_random_mmol", "hba1c_pct", "uacr_mg_g",
)  # fmt: skip
NEEDS = ("age", "sex", "bmi", "bp_medication")
TIERS = (
    Tier("b", (*MEASURED, *DRUGS, *BLOOD), (*NEEDS, "antihypertensives", "creatinine_umol")),
    Tier("b0", (*MEASURED, *DRUGS), (*NEEDS, "antihypertensives")),
    Tier("a", (*MEASURED, *BLOOD), (*NEEDS, "creatinine_umol")),
    Tier("a0", MEASURED, NEEDS),
)

BARS = (
    Bar("outside-age", "age", 0, 19.999, Text(zh="本模型只用于 20 岁及以上", en="the model is for ages from 20")),
    Bar("no-hypertension", "hypertension", 0, 0, Text(zh="没有高血压", en="hypertension is not known")),
    Bar(
        "untreated",
        "bp_medication",
        0,
        0,
        Text(zh="没有服降压药：请量血压，不作推算", en="takes no tablets: measure the pressure, nothing to rank"),
    ),
    Bar("pregnant", "pregnant", 1, 1, Text(zh="妊娠期血压另有管理", en="pressure in pregnancy is managed apart")),
)


def load(folder: Path | None = None) -> Additive:
    """The shipped model, or the one in `folder`. Raises CardError or DigestMismatch."""
    return Additive(folder or Path(__file__).parent, FEATURES, TIERS, BARS)
