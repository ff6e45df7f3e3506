"""Residents drawn at random, and what became of them: for tests of calibration and monitoring."""

import csv
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Columns = dict[str, NDArray[np.float64]]
HEADER = ("id", "age", "sex", "height_cm", "weight_kg", "waist_cm", "sbp", "dbp", "pulse", "hypertension",
          "bp_medication", "fpg_mmol", "outcome")  # fmt: skip


def columns(count: int, seed: int = 1, **moved: float) -> Columns:
    """Residents (n,) as the models take them; `moved` is added to a measurement: fpg_mmol=0.5."""
    draw = np.random.default_rng(seed)
    height = draw.normal(165, 8, count).round(1)
    bmi = draw.normal(24, 3, count).clip(16, 40)
    hypertension = (draw.random(count) < 0.2).astype(float)
    found = {
        "age": draw.integers(20, 80, count).astype(float),
        "sex": draw.integers(0, 2, count).astype(float),
        "height_cm": height,
        "weight_kg": (bmi * (height / 100) ** 2).round(1),
        "waist_cm": (84 + 2.5 * (bmi - 24) + draw.normal(0, 5, count)).round(0),
        "sbp": draw.normal(125, 15, count).clip(85, 220).round(0),
        "dbp": draw.normal(76, 8, count).clip(45, 80).round(0),
        "pulse": draw.normal(72, 9, count).clip(45, 120).round(0),
        "hypertension": hypertension,
        "bp_medication": hypertension * (draw.random(count) < 0.6),
        "fpg_mmol": draw.normal(5.0, 0.5, count).clip(3.5, 6.4).round(2),
    }
    for name, by in moved.items():
        found[name] = found[name] + by
    return found


def drawn(risk: NDArray[np.float64], seed: int = 2) -> NDArray[np.int64]:
    """(n,) who has the event: each with the probability given."""
    return (np.random.default_rng(seed).random(len(risk)) < risk).astype(np.int64)


def write(path: Path, people: Columns, events: Any, **cells: list[str]) -> Path:
    """The table a clinic would send. `cells` replaces the text of a column."""
    texts: dict[str, list[str]] = {name: [f"{value:g}" for value in column] for name, column in people.items()}
    texts["sex"] = ["female" if value else "male" for value in people["sex"]]
    texts["id"] = [f"R{number}" for number in range(len(people["age"]))]
    texts["outcome"] = [str(value) for value in events]
    texts |= cells
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(HEADER)
        table.writerows(zip(*(texts[name] for name in HEADER), strict=True))
    return path
