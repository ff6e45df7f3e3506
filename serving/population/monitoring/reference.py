"""What a model's training people looked like: `reference.json` beside the model, tied to its card by a digest."""

from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from cdss.models.artifact import companion
from cdss.models.card import Card
from cdss.serving.population.calibration.known import FOLDER

FILE = "reference.json"


class Shares(msgspec.Struct, frozen=True):
    """`edges` (k,) ascending; `share` (k + 1,) of those with a value in each bin, a value on an edge in the lower one.

    `missing`: the share of all people without a value; scores have none.
    """

    edges: tuple[float, ...]
    share: tuple[float, ...]
    missing: float = 0.0

    def place(self, values: NDArray[np.floating]) -> NDArray[np.intp]:
        """(n,) the bin of each value, -1 where it is missing."""
        return np.where(np.isnan(values), -1, np.searchsorted(np.array(self.edges), values, side="left"))


class Reference(msgspec.Struct, frozen=True):
    """Of `n` people: by feature, and by tier of the model the probabilities it gave (without any site layer)."""

    n: int
    features: dict[str, Shares]
    scores: dict[str, Shares]


def of(card: Card, folder: Path | None = None) -> Reference | None:
    """The reference of a model; None if it was shipped without one. Raises DigestMismatch."""
    if FILE not in card.companions:
        return None
    text = companion(folder or FOLDER / card.name, card, FILE).read_bytes()
    return msgspec.json.decode(text, type=Reference)
