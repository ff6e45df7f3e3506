"""FracAtlas: limb, hip and shoulder X-rays from three hospitals in Bangladesh, with boxes around fractures.

The split is by acquisition number, because neighbours are often films of one patient: contiguous blocks, not random
rows. `manifest.csv` names the split of each film (train, valid, test); the authors' test block is kept for acceptance
and is absent from a folder made for development.
"""

import csv
import json
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from cdss.datasets.source import DataNotFound, Source, folder_of

SOURCE = Source(
    name="fracatlas",
    title="FracAtlas: fracture classification, localization and segmentation in musculoskeletal radiographs",
    licence="CC BY 4.0",
    citation=(
        "Abedeen I, Rahman MA, Prottyasha FZ, Ahmed T, Chowdhury TM, Shatabda S. "
        "FracAtlas. Scientific Data 2023;10:521. doi:10.1038/s41597-023-02432-4; data doi:10.6084/m9.figshare.22363012"
    ),
    homepage="https://doi.org/10.6084/m9.figshare.22363012",
    urls={},
    files=("manifest.csv", "annotations_coco.json", "images/*/*.jpg"),
)
SPLITS = ("train", "valid", "test")
REGIONS = ("hand", "leg", "hip", "shoulder")
VIEWS = ("frontal", "lateral", "oblique")
SERIES_GAP = 1  # acquisition numbers that follow each other by this much are taken for one patient


@dataclass(frozen=True, slots=True)
class Film:
    """One X-ray. `boxes` (n, 4) are x0, y0, x1, y1 in its pixels; empty where it is not fractured.

    `views` is empty where the folder's manifest names none, `side` (px, longest, as it was published) 0.
    """

    image_id: str
    path: Path
    split: str
    fractured: bool
    boxes: NDArray[np.float32]
    regions: tuple[str, ...]
    hardware: bool
    views: tuple[str, ...] = ()
    side: int = 0

    @property
    def number(self) -> int:
        """The acquisition number in the file's name."""
        return int("".join(filter(str.isdigit, self.image_id)))


def films(split: str, data: Path | None = None) -> list[Film]:
    """The films of a split, by acquisition number. Raises DataNotFound if the folder has none of it."""
    folder = folder_of(SOURCE, data)
    boxes = _boxes(folder)
    with (folder / "manifest.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["split"] == split and not row.get("dropped")]
    if not rows:
        raise DataNotFound(f"found no film of split {split!r} in {folder}/manifest.csv; expected one of {SPLITS}")
    return sorted((_film(folder, row, boxes) for row in rows), key=lambda film: film.number)


def pixels(film: Film) -> NDArray[np.uint8]:
    """Grey values (row, column), bone bright."""
    with Image.open(film.path) as image:
        return np.asarray(image.convert("L"))


def patients(films: list[Film]) -> NDArray[np.int64]:
    """A patient number for each of `films` (sorted): consecutive acquisition numbers count as one patient.

    The data set names no patients; this grouping is a guess that can only widen intervals.
    """
    numbers = np.asarray([film.number for film in films])
    return np.concatenate([[0], np.cumsum(np.diff(numbers) > SERIES_GAP)]).astype(np.int64)


def _film(folder: Path, row: dict[str, str], boxes: dict[str, list[list[float]]]) -> Film:
    return Film(
        image_id=row["image_id"],
        path=folder / "images" / row["split"] / row["image_id"],
        split=row["split"],
        fractured=row["fractured"] == "1",
        boxes=np.asarray(boxes.get(row["image_id"], []), np.float32).reshape(-1, 4),
        regions=tuple(region for region in REGIONS if row[region] == "1"),
        hardware=row["hardware"] == "1",
        views=tuple(view for view in VIEWS if row.get(view) == "1"),
        side=max(int(row.get("width0") or 0), int(row.get("height0") or 0)),
    )


def _boxes(folder: Path) -> dict[str, list[list[float]]]:
    """Boxes by image file name, from the COCO file (its boxes are x, y, width, height)."""
    coco = json.loads((folder / "annotations_coco.json").read_text(encoding="utf-8"))
    names = {image["id"]: Path(image["file_name"]).name for image in coco["images"]}
    found: dict[str, list[list[float]]] = defaultdict(list)
    for note in coco["annotations"]:
        x, y, width, height = note["bbox"]
        found[names[note["image_id"]]].append([x, y, x + width, y + height])
    return found
