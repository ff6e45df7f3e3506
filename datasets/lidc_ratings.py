"""What the readers of LIDC-IDRI said of each nodule: the lists of ratings in `lidc_crops/nodules.csv`.

Ratings are 1 to 5, calcification 1 to 6 (6: none); one entry for each reader who marked the nodule. They are opinions
of radiologists who saw the CT and nothing else, not pathology.
"""

import csv
import json
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from cdss.datasets.lidc import CROPS
from cdss.datasets.source import folder_of

Scores = tuple[int, ...]

ENOUGH_READERS = 3
BENIGN, MALIGNANT = 2, 4  # medians up to the one and from the other; between them nothing is claimed
NO_CALCIFICATION = 6


@dataclass(frozen=True, slots=True)
class Ratings:
    """The ratings of one nodule, one entry a reader; empty where the table has none."""

    malignancy: Scores  # 1 highly unlikely to 5 highly suspicious
    subtlety: Scores  # 1 extremely subtle to 5 obvious
    texture: Scores  # 1 ground glass, 3 part-solid, 5 solid
    calcification: Scores  # 6 none
    spiculation: Scores  # 1 none to 5 marked

    @property
    def malignant(self) -> bool | None:
        """Whether the median of three readers or more calls it malignant; None if between, or of too few readers."""
        if len(self.malignancy) < ENOUGH_READERS:
            return None
        middle = median(self.malignancy)
        return middle >= MALIGNANT if middle <= BENIGN or middle >= MALIGNANT else None


def ratings(data: Path | None = None) -> dict[str, Ratings]:
    """The ratings of every nodule in the folder, by its name. Raises DataNotFound."""
    with (folder_of(CROPS, data) / "nodules.csv").open(encoding="utf-8", newline="") as file:
        return {row["name"]: _ratings(row) for row in csv.DictReader(file)}


def _ratings(row: dict[str, str]) -> Ratings:
    return Ratings(*(_scores(row["name"], row.get(name)) for name in Ratings.__dataclass_fields__))


def _scores(name: str, text: str | None) -> Scores:
    """`[3, 4]`; ValueError if it is no list of whole numbers."""
    values = json.loads(text) if text else []
    if not isinstance(values, list) or not all(isinstance(value, int) and 1 <= value <= 6 for value in values):
        raise ValueError(f"{name}: found ratings {text!r}, expected a list of whole numbers from 1 to 6")
    return tuple(values)
