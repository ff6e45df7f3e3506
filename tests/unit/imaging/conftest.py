"""Small data folders, laid out like the public ones, with things in them that a net can learn."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

FILM = (120, 100)


@pytest.fixture
def made_fracatlas(tmp_path: Path) -> Path:
    """A root with `fracatlas`: grey films with a bright bar, broken by a dark gap where fractured."""
    folder = tmp_path / "data" / "fracatlas"
    generator = np.random.default_rng(5)
    rows, images, notes = [], [], []
    for number, split in enumerate(["train"] * 10 + ["valid"] * 6 + ["test"] * 4):
        name, broken = f"IMG{number:07d}.jpg", number % 2
        pixels = generator.normal(40, 5, FILM)
        pixels[20:100, 40:60] = 180
        if broken:
            pixels[50:60, 40:60] = 60
            notes.append({"id": len(notes), "image_id": number, "bbox": [36, 46, 28, 18]})
        (folder / "images" / split).mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(folder / "images" / split / name)
        images.append({"id": number, "file_name": f"{split}/{name}"})
        rows.append(
            {"image_id": name, "split": split, "fractured": broken, "hand": number % 3 == 0, "leg": number % 3 == 1}
            | {"hip": 0, "shoulder": 0, "hardware": int(number == 3), "dropped": "", "width0": 100, "height0": 120}
            | {"frontal": int(number % 4 < 2), "lateral": int(number % 4 >= 2), "oblique": 0}
        )
    (folder / "annotations_coco.json").write_text(json.dumps({"images": images, "annotations": notes}))
    _table(folder / "manifest.csv", [{k: int(v) if isinstance(v, bool) else v for k, v in row.items()} for row in rows])
    return folder.parent


@pytest.fixture
def made_lidc(tmp_path: Path) -> Path:
    """A root with `lidc_crops`: noisy lung with one ball in the middle; folds 0 to 4, three slices, no negative CTs."""
    folder = tmp_path / "data" / "lidc_crops"
    for name in ("images", "readers"):
        (folder / name).mkdir(parents=True)
    generator = np.random.default_rng(7)
    y, x = np.mgrid[:128, :128] - 64.0
    rows = []
    for number in range(10):
        name, radius = f"CASE-{number:04d}_nodule-0", 4 + number % 4
        inside = np.hypot(y, x) < radius
        slices = [np.where(inside, 230, 40) + generator.normal(0, 6, (128, 128)) for _ in range(3)]
        Image.fromarray(np.concatenate(slices).clip(0, 255).astype(np.uint8)).save(folder / "images" / f"{name}.jpg")
        marks = np.concatenate([inside * 3] * 3).astype(np.uint8)
        Image.fromarray(marks).save(folder / "readers" / f"{name}.png")
        rows.append(
            {"name": name, "patient": name[:9], "fold": number % 5, "n_slices": 3, "n_readers": 3, "pixel_mm": 0.7}
            | {"thick_mm": 2.5, "diameter_mm": 2 * radius * 0.7, "malignancy": "[3, 3, 3]"}
            | {"hu_slope": "5;5;5", "hu_intercept": "-1100;-1100;-1100"}
        )
    _table(folder / "nodules.csv", rows)
    return folder.parent


@pytest.fixture
def rated_lidc(made_lidc: Path) -> Path:
    """`made_lidc` with verdicts: the two larger sizes of ball are called malignant, the smaller benign."""
    table = made_lidc / "lidc_crops" / "nodules.csv"
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for number, row in enumerate(rows):
        row["malignancy"] = "[4, 5, 5]" if number % 4 > 1 else "[1, 1, 2]"
        row |= {
            "subtlety": "[5, 5, 5]",
            "texture": "[5, 5, 4]",
            "calcification": "[6, 6, 3]",
            "spiculation": "[1, 1, 1]",
        }
    _table(table, rows)
    return made_lidc


def _table(path: Path, rows: list[dict[str, object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
