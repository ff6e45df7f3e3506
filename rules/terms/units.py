"""Units: the UCUM units that orders and laboratory results use, and how they convert.

The table below is the whole of it: a unit missing here is an error, never a guess. Amounts of substance convert to
masses only for an analyte whose molar mass is listed (by LOINC).
"""

import unicodedata
from functools import lru_cache

#        unit        dimension     in the dimension's base unit
UNITS = {
    "kg": ("mass", 1e6), "g": ("mass", 1e3), "mg": ("mass", 1.0), "ug": ("mass", 1e-3), "ng": ("mass", 1e-6),
    "[lb_av]": ("mass", 453592.37),
    "a": ("time", 365.2425), "mo": ("time", 30.436875), "wk": ("time", 7.0), "d": ("time", 1.0), "h": ("time", 1 / 24),
    "L": ("volume", 1000.0), "mL": ("volume", 1.0),
    "m": ("length", 100.0), "cm": ("length", 1.0), "mm": ("length", 0.1),
    "[iU]": ("international units", 1.0), "10*3.[iU]": ("international units", 1e3),
    "10*4.[iU]": ("international units", 1e4),
    "mol": ("amount of substance", 1e3), "mmol": ("amount of substance", 1.0), "meq": ("amount of substance", 1.0),
    "1": ("number", 1.0), "%": ("number", 0.01),
    "g/L": ("mass concentration", 1e3), "mg/L": ("mass concentration", 1.0), "mg/dL": ("mass concentration", 10.0),
    "g/dL": ("mass concentration", 1e4), "ug/mL": ("mass concentration", 1.0), "ug/L": ("mass concentration", 1e-3),
    "ng/mL": ("mass concentration", 1e-3),
    "mol/L": ("substance concentration", 1e3), "mmol/L": ("substance concentration", 1.0),
    "umol/L": ("substance concentration", 1e-3), "meq/L": ("substance concentration", 1.0),
    "mm[Hg]": ("pressure", 1.0), "kPa": ("pressure", 7.50062),
    "/min": ("rate", 1.0), "kg/m2": ("body mass index", 1.0), "m2": ("area", 1.0),
    "mL/min": ("clearance", 1.0), "mL/s": ("clearance", 60.0),
    "mL/min/{1.73_m2}": ("indexed clearance", 1.0), "mL/s/{1.73_m2}": ("indexed clearance", 60.0),
    "mg/g": ("albumin-creatinine ratio", 1.0), "mg/mmol": ("albumin-creatinine ratio", 8.84),
    "U/L": ("catalytic concentration", 1.0), "ms": ("duration", 1.0),
    "mg/kg": ("dose by weight", 1.0), "g/kg": ("dose by weight", 1000.0), "ug/kg": ("dose by weight", 1e-3),
}  # fmt: skip

SPELLINGS = {
    "mcg": "ug", "μg": "ug", "µg": "ug", "IU": "[iU]", "iu": "[iU]", "[IU]": "[iU]", "万IU": "10*4.[iU]",
    "U": "[iU]", "u": "[iU]", "unit": "[iU]", "units": "[iU]", "单位": "[iU]", "国际单位": "[iU]", "[USP'U]": "[iU]",
    "万U": "10*4.[iU]", "万u": "10*4.[iU]", "万单位": "10*4.[iU]", "mEq": "meq", "毫摩尔": "mmol", "毫当量": "meq",
    "ml": "mL", "l": "L", "ML": "mL", "MG": "mg", "KG": "kg", "Kg": "kg", "gm": "g",
    "lb": "[lb_av]", "lbs": "[lb_av]", "mg/次": "mg", "g/次": "g", "ug/次": "ug", "mL/次": "mL", "IU/次": "[iU]",
    "毫克": "mg", "克": "g", "微克": "ug", "千克": "kg", "公斤": "kg", "毫升": "mL", "升": "L",
    "mmHg": "mm[Hg]", "μmol/L": "umol/L", "µmol/L": "umol/L", "umol/l": "umol/L", "mmol/l": "mmol/L", "mEq/L": "meq/L",
    "mg/dl": "mg/dL", "g/dl": "g/dL", "U/l": "U/L", "IU/L": "U/L", "kg/m^2": "kg/m2", "bpm": "/min", "次/分": "/min",
    "mL/min/1.73m2": "mL/min/{1.73_m2}", "mL/min/1.73m^2": "mL/min/{1.73_m2}", "ml/min/1.73m2": "mL/min/{1.73_m2}",
    "mL/min/1.73m²": "mL/min/{1.73_m2}", "ml/min/1.73m²": "mL/min/{1.73_m2}",
    "mL/min/{1.73m2}": "mL/min/{1.73_m2}", "mL/min/{1.73_m2}": "mL/min/{1.73_m2}", "ml/min": "mL/min",
    "岁": "a", "年": "a", "月": "mo", "周": "wk", "天": "d", "日": "d", "小时": "h",
    "years": "a", "months": "mo", "days": "d",
}  # fmt: skip

#               LOINC      g/mol   analyte
MOLAR_MASS = {
    "2160-0": 113.12, "14682-9": 113.12,  # creatinine
    "2345-7": 180.16, "14749-6": 180.16, "1558-6": 180.16, "14771-0": 180.16, "2339-0": 180.16,  # glucose
    "2093-3": 386.65, "14647-2": 386.65, "2085-9": 386.65, "14646-4": 386.65, "13457-7": 386.65,  # cholesterol
    "18262-6": 386.65, "22748-8": 386.65, "2089-1": 386.65,  # LDL cholesterol
    "2571-8": 885.4, "14927-8": 885.4,  # triglyceride, as triolein
    "3084-1": 168.11, "14933-6": 168.11,  # urate
}  # fmt: skip


class UnknownUnit(ValueError):
    """The unit is not one this table knows."""


class NotConvertible(ValueError):
    """The two units measure different things."""


@lru_cache(maxsize=4096)
def canonical(unit: str) -> str:
    """The UCUM spelling of a unit; UnknownUnit if it is none we know."""
    half_width = unicodedata.normalize("NFKC", unit).strip()
    for text in (unit.strip(), half_width):
        if (found := SPELLINGS.get(text, text)) in UNITS:
            return found
    if (len(half_width) > 1 or half_width == "G") and (loosely := _loosely().get(_loose(half_width))):
        return loosely
    raise UnknownUnit(f"found unit {unit!r}, expected a UCUM unit such as mg, mmol/L, mm[Hg]")


@lru_cache(maxsize=1)
def _loosely() -> dict[str, str]:
    """Units by their spelling without case and blanks, where that leaves one only."""
    found: dict[str, set[str]] = {}
    for spelling in (*UNITS, *SPELLINGS):
        found.setdefault(_loose(spelling), set()).add(SPELLINGS.get(spelling, spelling))
    return {spelling: units.pop() for spelling, units in found.items() if len(units) == 1}


def _loose(spelling: str) -> str:
    return "".join(unicodedata.normalize("NFKC", spelling).lower().replace("μ", "u").split())


def convert(value: float, unit: str, to: str, loinc: str = "") -> float:
    """`value` in the unit `to`. `loinc` allows mass and substance concentrations of that analyte to convert.

    Raises UnknownUnit or NotConvertible.
    """
    return value if unit == to else rounded(value * _factor(unit, to, loinc))


def rounded(value: float) -> float:
    """The value without the dust of binary arithmetic: 3 x 0.1 is 0.3, and not above it."""
    return float(f"{value:.12g}")


@lru_cache(maxsize=4096)
def _factor(unit: str, to: str, loinc: str) -> float:
    (have, factor), (want, base) = UNITS[canonical(unit)], UNITS[canonical(to)]
    if have == want:
        return factor / base
    mass = MOLAR_MASS.get(loinc)
    if mass and (have, want) == ("mass concentration", "substance concentration"):
        return factor / mass / base
    if mass and (have, want) == ("substance concentration", "mass concentration"):
        return factor * mass / base
    raise NotConvertible(f"found {unit} ({have}), expected {to} ({want})")
