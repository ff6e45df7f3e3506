"""Risk of undiagnosed diabetes in an adult of 20 to 79 years, from what a clinic already has.

Four tiers, by what is known: `a` measurements without a laboratory, `a_fh` with family history, `b` with a lipid panel
(and liver enzymes, urate, creatinine where known), `c` with a random glucose as well. What the model is, was trained on
and may be used for is in MODEL_CARD.yaml beside this file. No training code is imported here.
"""

from pathlib import Path

from cdss.models.additive import Additive, Bar, Tier
from cdss.models.card import Text
from cdss.models.resident import RESIDENT

#  name -> names, unit, plausible range; the graph's own order is in the graph
FEATURES = {
    name: RESIDENT[name]
    for name in (
        "age", "sex", "asian", "height_cm", "weight_kg", "bmi", "waist_cm", "sbp", "pulse", "hypertension",
        "bp_medication", "family_diabetes", "tc_mmol", "hdl_mmol", "tg_mmol", "alt", "ggt", "uric_acid_umol",
        "creatinine_umol", "glucose_random_mmol", "diabetes", "pregnant",
    )
}  # fmt: skip

MEASURED = ("age", "sex", "asian", "bmi", "waist_height", "sbp", "pulse", "hypertension", "bp_medication")
BLOOD = ("tc_mmol", "hdl_mmol", "tg_mmol", "alt", "ggt", "uric_acid_umol", "creatinine_umol")
NEEDS = ("age", "sex", "bmi")
PANEL = ("hdl_mmol", "tg_mmol")
TIERS = (
    Tier("c", (*MEASURED, "family_diabetes", *BLOOD, "glucose_random_mmol"), (*NEEDS, *PANEL, "glucose_random_mmol")),
    Tier("b", (*MEASURED, "family_diabetes", *BLOOD), (*NEEDS, *PANEL)),
    Tier("a_fh", (*MEASURED, "family_diabetes"), (*NEEDS, "family_diabetes")),
    Tier("a", MEASURED, NEEDS),
)

AGES = Text(zh="本模型只用于 20-79 岁", en="the model is for ages 20 to 79")
BARS = (
    Bar("outside-age", "age", 0, 19.999, AGES),
    Bar("outside-age", "age", 80, 120, AGES),
    Bar(
        "known-diabetes",
        "diabetes",
        1,
        1,
        Text(zh="已知糖尿病，无须筛查", en="diabetes is known; nothing to screen for"),
    ),
    Bar("pregnant", "pregnant", 1, 1, Text(zh="妊娠期用另外的筛查标准", en="pregnancy has its own screening")),
)


def load(folder: Path | None = None) -> Additive:
    """The shipped model, or the one in `folder`. Raises CardError or DigestMismatch."""
    return Additive(folder or Path(__file__).parent, FEATURES, TIERS, BARS)
