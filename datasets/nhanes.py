"""NHANES, the United States' examination survey: its raw tables as residents in the units of the resident table.

Each row is one person of one cycle; no person is in two cycles. Missing is null: refused (7), don't know (9) and
not asked are all missing, never "no". See `COLUMNS` for names and units.
"""

import io
import lzma
from pathlib import Path

import polars as pl

from cdss.datasets import nhanes_drugs
from cdss.datasets.nhanes_map import CYCLES, DRUGS, FIRST_YEAR, drug_places, places
from cdss.datasets.source import DataNotFound, Source, folder_of

SOURCE = Source(
    name="nhanes",
    title="National Health and Nutrition Examination Survey, 2001 to August 2023",
    licence="US public domain; statistical use only, no attempt to identify anyone",
    citation="Centers for Disease Control and Prevention, National Center for Health Statistics. NHANES data.",
    homepage="https://wwwn.cdc.gov/nchs/nhanes/",
    urls={
        f"{table}.xpt": f"https://wwwn.cdc.gov/Nchs/Data/Nhanes/Public/{FIRST_YEAR[cycle]}/DataFiles/{table}.xpt"
        for cycle in CYCLES
        for table in sorted({table for table, _ in (places(cycle) | drug_places(cycle)).values()})
    }
    | {f"{DRUGS}.xpt": f"https://wwwn.cdc.gov/Nchs/Data/Nhanes/Public/1988/DataFiles/{DRUGS}.xpt"},
    files=("*.csv.xz",),
)

COLUMNS = {  # name: unit; codes are 0 no, 1 yes
    "id": "SEQN",
    "age": "a, top-coded at 85 until 2006 and at 80 since",
    "sex": "0 male, 1 female",
    "asian": "0/1, non-Hispanic Asian; not told apart from `other` before 2011",
    "ethnicity": "mexican, hispanic, white, black, asian, other; Asian is within other before 2011",
    "examined": "0/1",
    "pregnant": "0/1, by test or own word at the examination",
    "sbp": "mm[Hg], mean of all readings, on the oscillometer's scale",
    "dbp": "mm[Hg], as sbp; a reading of 20 or less (not heard) is missing",
    "pulse": "/min, on the oscillometer's scale",
    "bmi": "kg/m2",
    "waist_cm": "cm",
    "height_cm": "cm",
    "weight_kg": "kg",
    "smoking": "0/1, now",
    "hypertension": "0/1, told by a professional",
    "bp_medication": "0/1, now",
    "diabetes": "0/1, told by a professional; borderline is 0",
    "diabetes_treated": "0/1, insulin or pills now",
    "medicines": "prescription medicines of the last 30 days; 5 is five or more",
    "antihypertensives": "different substances of ATC C02, C03, C07, C08, C09 in the last 30 days",
    "statin": "0/1, in the last 30 days",
    "cvd": "0/1, told of coronary disease, angina, infarction, stroke or heart failure",
    "family_diabetes": "0/1, parent, brother or sister",
    "hba1c_pct": "%",
    "fpg_mg_dl": "mg/dL, as measured: the diagnosis is defined on it",
    "fpg_mmol": "mmol/L",
    "glucose_random_mmol": "mmol/L, serum, at any time of the day",
    "tc_mmol": "mmol/L",
    "hdl_mmol": "mmol/L",
    "ldl_mmol": "mmol/L",
    "tg_mmol": "mmol/L, at any time of the day",
    "creatinine_umol": "umol/L",
    "uric_acid_umol": "umol/L",
    "bun_mmol": "mmol/L",
    "alt": "U/L",
    "ggt": "U/L",
    "uacr_mg_g": "mg/g; before 2007 without CDC's correction of urine creatinine",
}

# From mg/dL, by molar mass in g/mol: glucose 180.16, cholesterol 386.7, triglycerides 885.7, creatinine 113.12,
# uric acid 168.11, urea nitrogen 28.01.
MMOL_GLUCOSE = 1 / 18.016
MMOL_CHOLESTEROL = 0.02586
MMOL_TRIGLYCERIDES = 0.01129
UMOL_CREATININE = 88.40
UMOL_URIC_ACID = 59.48
MMOL_UREA = 0.3570

# Mercury to oscillometer, by mean and standard deviation of the 5,042 people measured with both in 2017-18
# (tables BPX_J and BPXO_J): oscillometer = mean_o + (mercury - mean_m) * sd_o / sd_m.
OSCILLOMETER = {
    "sbp": (121.431, 19.604, 120.233, 19.533),
    "dbp": (69.817, 12.883, 71.796, 11.836),
    "pulse": (73.271, 12.189, 70.612, 12.136),
}
_MERCURY = CYCLES[: CYCLES.index("2017-Mar2020")]
_ETHNICITY = {1: "mexican", 2: "hispanic", 3: "white", 4: "black", 5: "other"}


def read(data: Path | None, cycle: str) -> pl.DataFrame:
    """One cycle as residents, columns as `COLUMNS`; what the cycle did not measure is null.

    Raises DataNotFound if the demographic table is absent, and KeyError for a cycle that is none of `CYCLES`.
    """
    raw = _raw(folder_of(SOURCE, data), cycle)
    mercury = cycle in _MERCURY
    return raw.select(
        *_person(),
        *_pressure(mercury),
        *_body(),
        *_history(),
        *_laboratory(),
        *[pl.col(name) for name in _TAKEN],
    ).select("id", *[name for name in COLUMNS if name != "id"])


def absent(data: Path | None, cycle: str) -> tuple[str, ...]:
    """The tables that the cycle has at CDC and this folder lacks; their concepts are null in `read`."""
    folder = folder_of(SOURCE, data)
    tables = {table for table, _ in (places(cycle) | drug_places(cycle)).values()}
    return tuple(sorted(table for table in tables if not _path(folder, table).is_file()))


def _cycles(folder: Path) -> str:
    """Those whose demographics are in the folder, in words."""
    return ", ".join(cycle for cycle in CYCLES if _path(folder, places(cycle)["age"][0]).is_file()) or "no cycle"


def _path(folder: Path, table: str) -> Path:
    return folder / f"{table}.csv.xz"


def _raw(folder: Path, cycle: str) -> pl.DataFrame:
    """All mapped variables of a cycle under their concept's name, one row a person; absent ones null."""
    wanted: dict[str, dict[str, str]] = {}
    for concept, (table, variable) in places(cycle).items():
        wanted.setdefault(table, {})[concept] = variable
    demographics = next(table for table in wanted if "DEMO" in table)
    if not _path(folder, demographics).is_file():
        raise DataNotFound(
            f"found no {demographics}.csv.xz in {folder}, so nobody of {cycle}; it has {_cycles(folder)}. "
            "Fetch it with `cdss data fetch nhanes`"
        )
    people = _table(folder, demographics, wanted.pop(demographics))
    for table, variables in wanted.items():
        if _path(folder, table).is_file():
            people = people.join(_table(folder, table, variables), on="SEQN", how="left", validate="1:1")
    taken = nhanes_drugs.taken(cycle, lambda table, variables, text: _if_there(folder, table, variables, text))
    if taken is not None:
        people = people.join(taken, on="SEQN", how="left", validate="1:1")
    missing = [concept for concept in _CONCEPTS if concept not in people.columns]
    return people.with_columns(pl.lit(None, pl.Float64).alias(concept) for concept in missing)


_TAKEN = ("medicines", "antihypertensives", "statin")
_CONCEPTS = sorted({concept for cycle in CYCLES for concept in places(cycle)} | set(_TAKEN))


def _if_there(folder: Path, table: str, variables: dict[str, str], text: tuple[str, ...]) -> pl.DataFrame | None:
    return _table(folder, table, variables, text) if _path(folder, table).is_file() else None


def _table(folder: Path, table: str, variables: dict[str, str], words: tuple[str, ...] = ()) -> pl.DataFrame:
    """SEQN, if there is one, and the variables of one table (latin-1, missing `NA`), renamed to their concepts.

    All are numbers but those of the concepts in `words`.
    """
    text = lzma.decompress(_path(folder, table).read_bytes()).decode("latin-1")
    frame = pl.read_csv(io.BytesIO(text.encode()), null_values=["NA", ""], infer_schema=False)
    there = {concept: variable for concept, variable in variables.items() if variable in frame.columns}
    kinds = {concept: pl.String if concept in words else pl.Float64 for concept in there}
    return frame.select(
        *[pl.col("SEQN").cast(pl.Float64).cast(pl.Int64)] * ("SEQN" in frame.columns),
        *[pl.col(variable).cast(kinds[concept]).alias(concept) for concept, variable in there.items()],
    )


def _yes(concept: str) -> pl.Expr:
    """1 yes -> 1, 2 no -> 0, anything else (refused, don't know, not asked) -> null."""
    return pl.col(concept).replace_strict({1.0: 1.0, 2.0: 0.0}, default=None, return_dtype=pl.Float64)


def _person() -> list[pl.Expr]:
    asian = pl.col("race_asian").eq(6)
    unseparated = pl.col("race_asian").is_null() & pl.col("race").eq(5)
    ethnicity = pl.col("race").replace_strict(_ETHNICITY, default=None, return_dtype=pl.String)
    return [
        pl.col("SEQN").alias("id"),
        pl.col("age"),
        pl.col("gender").replace_strict({1.0: 0.0, 2.0: 1.0}, default=None, return_dtype=pl.Float64).alias("sex"),
        pl.when(~unseparated).then(asian.fill_null(False).cast(pl.Float64)).alias("asian"),
        pl.when(asian).then(pl.lit("asian")).otherwise(ethnicity).alias("ethnicity"),
        pl.col("examination").eq(2).cast(pl.Float64).alias("examined"),
        _yes("pregnancy").alias("pregnant"),
    ]


def _pressure(mercury: bool) -> list[pl.Expr]:
    sbp = pl.mean_horizontal(*[pl.col(f"sbp_{i}") for i in (1, 2, 3, 4)])
    dbp = pl.mean_horizontal(*[pl.when(pl.col(f"dbp_{i}") > 20).then(pl.col(f"dbp_{i}")) for i in (1, 2, 3, 4)])
    readings = {"sbp": sbp, "dbp": dbp, "pulse": pl.when(pl.col("pulse") > 0).then(pl.col("pulse"))}
    return [(_oscillometer(name, value) if mercury else value).alias(name) for name, value in readings.items()]


def _oscillometer(name: str, value: pl.Expr) -> pl.Expr:
    mean_m, sd_m, mean_o, sd_o = OSCILLOMETER[name]
    return mean_o + (value - mean_m) * (sd_o / sd_m)


def _body() -> list[pl.Expr]:
    names = {"bmi": "bmi", "waist": "waist_cm", "height": "height_cm", "weight": "weight_kg"}
    return [pl.col(concept).alias(name) for concept, name in names.items()]


def _history() -> list[pl.Expr]:
    never_smoked = pl.col("smoked_100").eq(2) | pl.col("smokes_now").eq(3)
    smoking = pl.when(pl.col("smokes_now").is_in([1.0, 2.0])).then(1.0).when(never_smoked).then(0.0)
    no_tablets = pl.col("told_hypertension").eq(2) | pl.col("bp_prescribed").eq(2)
    told = pl.col("told_diabetes").replace_strict({1.0: 1.0, 2.0: 0.0, 3.0: 0.0}, default=None, return_dtype=pl.Float64)
    heart = [_yes(f"told_{name}") for name in ("heart_failure", "chd", "angina", "mi", "stroke")]
    return [
        smoking.alias("smoking"),
        _yes("told_hypertension").alias("hypertension"),
        pl.when(no_tablets).then(0.0).otherwise(_yes("bp_taking")).alias("bp_medication"),
        told.alias("diabetes"),
        _any([_yes("insulin"), _yes("pills")]).alias("diabetes_treated"),
        _any(heart).alias("cvd"),
        pl.coalesce(_yes("family"), _old_family()).alias("family_diabetes"),
    ]


def _any(answers: list[pl.Expr]) -> pl.Expr:
    """1 if one is yes, 0 if all are no, else null: an unknown among noes is unknown."""
    return pl.any_horizontal(*[answer.eq(1) for answer in answers]).cast(pl.Float64)


def _old_family() -> pl.Expr:
    """Until 2004 the question covered grandparents; close family is rebuilt from who was named (99: not known)."""
    close = {"mother": 1, "father": 2, "brother": 7, "sister": 8}
    named = pl.any_horizontal(*[pl.col(f"family_{who}").eq_missing(code) for who, code in close.items()])
    unsure = pl.col("family_mother").eq_missing(99)
    some = pl.when(named).then(1.0).when(unsure).then(None).otherwise(0.0)
    return pl.when(pl.col("family_any_blood").eq(1)).then(some).otherwise(_yes("family_any_blood"))


def _laboratory() -> list[pl.Expr]:
    factors = {
        "glucose_random_mmol": ("glucose_random", MMOL_GLUCOSE),
        "fpg_mmol": ("fpg", MMOL_GLUCOSE),
        "tc_mmol": ("tc", MMOL_CHOLESTEROL),
        "hdl_mmol": ("hdl", MMOL_CHOLESTEROL),
        "ldl_mmol": ("ldl", MMOL_CHOLESTEROL),
        "tg_mmol": ("tg", MMOL_TRIGLYCERIDES),
        "creatinine_umol": ("creatinine", UMOL_CREATININE),
        "uric_acid_umol": ("uric_acid", UMOL_URIC_ACID),
        "bun_mmol": ("bun", MMOL_UREA),
    }
    same = {"hba1c_pct": "hba1c", "fpg_mg_dl": "fpg", "alt": "alt", "ggt": "ggt"}
    # ug/mL over mg/dL: 1 ug/mL is 0.1 mg/dL, and 0.1 mg/dL over 1 mg/dL is 100 mg/g
    uacr = 100 * pl.col("urine_albumin") / pl.col("urine_creatinine")
    return [
        *[(pl.col(concept) * factor).alias(name) for name, (concept, factor) in factors.items()],
        *[pl.col(concept).alias(name) for name, concept in same.items()],
        uacr.alias("uacr_mg_g"),
    ]
