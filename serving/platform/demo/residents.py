"""Synthetic residents for the demo: a table as a village clinic might have it, gaps included. Nobody real."""

import csv
from datetime import date, timedelta
from pathlib import Path

import numpy as np

HEADER = (
    "id", "age", "sex", "height_cm", "weight_kg", "waist_cm", "sbp", "dbp", "pulse", "smoking", "hypertension",
    "bp_medication", "statin", "diabetes", "cvd", "family_diabetes", "fpg_mmol", "hba1c_pct", "tc_mmol", "tg_mmol",
    "hdl_mmol", "alt", "creatinine_umol", "uric_acid_umol", "last_visit", "village", "doctor",
)  # fmt: skip
VILLAGES = ("东村（合成）", "西村（合成）", "南村（合成）", "北村（合成）")
DOCTORS = ("医生甲", "医生乙")


def make_residents(path: Path, count: int, seed: int, today: date) -> None:
    """Write a CSV of `count` synthetic residents; the same seed and day give the same file."""
    generator = np.random.default_rng(seed)
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, HEADER, restval="")
        table.writeheader()
        for number in range(1, count + 1):
            table.writerow({"id": f"SYN-{number:04}", **_resident(generator, today)})


def visit_before(resident: dict[str, str], number: int, days: int) -> dict[str, str]:
    """The resident of the table `days` earlier: some were better then, some worse, as `number` has it."""
    before = {**resident, "last_visit": (date.fromisoformat(resident["last_visit"]) - timedelta(days)).isoformat()}
    by = (number % 5 - 1) * days / 90
    for name, step in (("sbp", 4.0), ("dbp", 2.0), ("weight_kg", 0.4), ("fpg_mmol", 0.2)):
        if name in before:
            before[name] = str(round(float(before[name]) + step * by, 1))
    return before


def _resident(draw: np.random.Generator, today: date) -> dict[str, object]:
    """One person: hypertension, glucose and waist rise together with age and weight."""
    age, male = int(draw.integers(35, 86)), bool(draw.random() < 0.48)
    height = draw.normal(168 if male else 157, 6)
    bmi = float(np.clip(draw.normal(24.3, 3.4), 16, 40))
    burden = (age - 55) / 15 + (bmi - 24) / 4 + draw.normal(0, 0.8)
    hypertension, diabetes = bool(burden > 0.8), bool(burden > 1.6 and draw.random() < 0.6)
    family = bool(draw.random() < 0.15)
    glucose = draw.normal(5.3 + 0.25 * max(burden, 0), 0.5) + (draw.gamma(2, 1.3) if diabetes else 0)
    person: dict[str, object] = {
        "age": age,
        "sex": "男" if male else "女",
        "height_cm": round(height, 1),
        "weight_kg": round(bmi * (height / 100) ** 2, 1),
        "waist_cm": round(draw.normal(83 if male else 79, 5) + 2 * (bmi - 24), 0),
        "sbp": round(np.clip(draw.normal(124 + 9 * burden, 13), 90, 210)),
        "dbp": round(np.clip(draw.normal(77 + 4 * burden, 9), 50, 125)),
        "pulse": round(draw.normal(74, 9)),
        "smoking": "是" if draw.random() < (0.45 if male else 0.03) else "否",
        "hypertension": "是" if hypertension else "否",
        "bp_medication": "是" if hypertension and draw.random() < 0.7 else "否",
        "statin": "是" if diabetes and age % 3 == 0 else "否",
        "diabetes": "是" if diabetes else "否",
        "cvd": "是" if burden > 1.5 and draw.random() < 0.2 else "否",
        "family_diabetes": "是" if family else "否",
        "village": VILLAGES[int(draw.integers(len(VILLAGES)))],
        "doctor": DOCTORS[int(draw.integers(len(DOCTORS)))],
        "last_visit": (today - timedelta(days=int(draw.gamma(2, 45)))).isoformat(),
    }
    return person | _laboratory(draw, burden, glucose, diabetes)


def _laboratory(draw: np.random.Generator, burden: float, glucose: float, diabetes: bool) -> dict[str, object]:
    """Results of those who had blood drawn: two in three, HbA1c mostly in diabetes."""
    if draw.random() > 0.66:
        return {}
    results: dict[str, object] = {
        "fpg_mmol": round(float(np.clip(glucose, 3.2, 22)), 1),
        "tc_mmol": round(float(np.clip(draw.normal(4.8, 0.9), 2.5, 9)), 2),
        "tg_mmol": round(float(np.clip(draw.lognormal(0.3 + 0.1 * burden, 0.45), 0.3, 12)), 2),
        "hdl_mmol": round(float(np.clip(draw.normal(1.3, 0.3), 0.6, 2.6)), 2),
        "alt": round(float(np.clip(draw.lognormal(3.0, 0.4), 6, 200))),
        "creatinine_umol": round(float(np.clip(draw.lognormal(4.25 + 0.04 * burden, 0.2), 35, 400))),
        "uric_acid_umol": round(float(np.clip(draw.normal(320 + 15 * burden, 70), 120, 700))),
    }
    if diabetes or draw.random() < 0.1:
        results["hba1c_pct"] = round(float(np.clip(2.0 + 0.75 * glucose, 4.4, 14)), 1)
    return results
