"""Where NHANES keeps each measurement: the table and variable of every cycle, transcribed from CDC's codebooks.

A cycle's tables carry its suffix (`BMX_D`), the pre-pandemic ones a prefix (`P_BMX`). Most names are the same in every
cycle; the exceptions stand in `EXCEPTIONS`. A concept a cycle did not measure has no place there.
Source: NHANES data documentation, codebooks of each cycle (National Center for Health Statistics), read 2026-11-21.
"""

SUFFIX = {
    "2001-2002": "{}_B",
    "2003-2004": "{}_C",
    "2005-2006": "{}_D",
    "2007-2008": "{}_E",
    "2009-2010": "{}_F",
    "2011-2012": "{}_G",
    "2013-2014": "{}_H",
    "2015-2016": "{}_I",
    "2017-Mar2020": "P_{}",
    "2021-2023": "{}_L",
}
CYCLES = tuple(SUFFIX)
FIRST_YEAR = {cycle: int(cycle[:4]) for cycle in CYCLES}  # of the survey, as CDC's addresses have it

REGULAR = {
    "age": "DEMO.RIDAGEYR",
    "gender": "DEMO.RIAGENDR",
    "race": "DEMO.RIDRETH1",
    "race_asian": "DEMO.RIDRETH3",
    "pregnancy": "DEMO.RIDEXPRG",
    "examination": "DEMO.RIDSTATR",
    **{f"sbp_{i}": f"BPX.BPXSY{i}" for i in (1, 2, 3, 4)},
    **{f"dbp_{i}": f"BPX.BPXDI{i}" for i in (1, 2, 3, 4)},
    "pulse": "BPX.BPXPLS",
    "bmi": "BMX.BMXBMI",
    "waist": "BMX.BMXWAIST",
    "height": "BMX.BMXHT",
    "weight": "BMX.BMXWT",
    "hba1c": "GHB.LBXGH",
    "fpg": "GLU.LBXGLU",
    "tc": "TCHOL.LBXTC",
    "hdl": "HDL.LBDHDD",
    "ldl": "TRIGLY.LBDLDL",
    "tg": "BIOPRO.LBXSTR",
    "glucose_random": "BIOPRO.LBXSGL",
    "creatinine": "BIOPRO.LBXSCR",
    "uric_acid": "BIOPRO.LBXSUA",
    "alt": "BIOPRO.LBXSATSI",
    "ggt": "BIOPRO.LBXSGTSI",
    "bun": "BIOPRO.LBXSBU",
    "urine_albumin": "ALB_CR.URXUMA",
    "urine_creatinine": "ALB_CR.URXUCR",
    "told_hypertension": "BPQ.BPQ020",
    "bp_prescribed": "BPQ.BPQ040A",
    "bp_taking": "BPQ.BPQ050A",
    "told_diabetes": "DIQ.DIQ010",
    "insulin": "DIQ.DIQ050",
    "pills": "DIQ.DIQ070",
    "smoked_100": "SMQ.SMQ020",
    "smokes_now": "SMQ.SMQ040",
    "told_heart_failure": "MCQ.MCQ160B",
    "told_chd": "MCQ.MCQ160C",
    "told_angina": "MCQ.MCQ160D",
    "told_mi": "MCQ.MCQ160E",
    "told_stroke": "MCQ.MCQ160F",
    "family": "MCQ.MCQ300C",
}

_OLD_FAMILY = {
    "family": "",
    "family_any_blood": "MCQ.MCQ250A",
    "family_mother": "MCQ.MCQ260AA",
    "family_father": "MCQ.MCQ260AB",
    "family_brother": "MCQ.MCQ260AG",
    "family_sister": "MCQ.MCQ260AH",
}
_OLD_LABORATORY = {
    "hba1c": "L10.LBXGH",
    "fpg": "L10AM.LBXGLU",
    "tc": "L13.LBXTC",
    "ldl": "L13AM.LBDLDL",
    "tg": "L40.LBXSTR",
    "glucose_random": "L40.LBXSGL",
    "uric_acid": "L40.LBXSUA",
    "alt": "L40.LBXSATSI",
    "ggt": "L40.LBXSGTSI",
    "bun": "L40.LBXSBU",
    "urine_albumin": "L16.URXUMA",
    "urine_creatinine": "L16.URXUCR",
}
_OSCILLOMETER = {
    **{f"sbp_{i}": f"BPXO.BPXOSY{i}" for i in (1, 2, 3)},
    **{f"dbp_{i}": f"BPXO.BPXODI{i}" for i in (1, 2, 3)},
    "sbp_4": "",
    "dbp_4": "",
    "pulse": "BPXO.BPXOPLS1",
}
_NO_BIOCHEMISTRY = {key: "" for key, place in REGULAR.items() if place.startswith(("BIOPRO.", "ALB_CR.", "TRIGLY."))}

# "" says that the cycle did not ask or measure it.
EXCEPTIONS = {
    "2001-2002": {
        **_OLD_FAMILY,
        **_OLD_LABORATORY,
        "race_asian": "",
        "hdl": "L13.LBDHDL",
        "creatinine": "L40.LBDSCR",
    },
    "2003-2004": {**_OLD_FAMILY, **_OLD_LABORATORY, "race_asian": "", "hdl": "L13.LBXHDD", "creatinine": "L40.LBXSCR"},
    "2005-2006": {"race_asian": "", "pills": "DIQ.DID070"},
    "2007-2008": {"race_asian": "", "pills": "DIQ.DID070"},
    "2009-2010": {"race_asian": ""},
    "2017-Mar2020": _OSCILLOMETER,
    "2021-2023": {
        **_OSCILLOMETER,
        **_NO_BIOCHEMISTRY,
        "family": "",
        "bp_prescribed": "",
        "bp_taking": "BPQ.BPQ150",
    },
}

# The prescription tables have a row a medicine, so they are read apart (`nhanes_drugs.py`).
DRUGS = "RXQ_DRUG"  # names by code, of all cycles
PRESCRIPTIONS = {
    "rx_any": "RXQ_RX.RXDUSE",
    "rx_count": "RXQ_RX.RXDCOUNT",
    "rx_drug_id": "RXQ_RX.RXDDRGID",
}
PRESCRIPTION_EXCEPTIONS = {
    "2001-2002": {"rx_any": "RXQ_RX.RXD030", "rx_count": "RXQ_RX.RXD295"},
    "2021-2023": {"rx_any": "RXQ_RX.RXQ033", "rx_count": "RXQ_RX.RXQ050", "rx_drug_id": ""},
}


def places(cycle: str) -> dict[str, tuple[str, str]]:
    """Concept -> (table with the cycle's suffix, variable), for all that the cycle measured."""
    return _places(cycle, REGULAR | EXCEPTIONS.get(cycle, {}))


def drug_places(cycle: str) -> dict[str, tuple[str, str]]:
    """As `places`, of the cycle's prescriptions."""
    return _places(cycle, PRESCRIPTIONS | PRESCRIPTION_EXCEPTIONS.get(cycle, {}))


def _places(cycle: str, names: dict[str, str]) -> dict[str, tuple[str, str]]:
    split = {concept: name.split(".") for concept, name in names.items() if name}
    return {concept: (SUFFIX[cycle].format(table), variable) for concept, (table, variable) in split.items()}
