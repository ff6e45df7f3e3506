"""Residents who stand in a table twice: the first row counts, the others are listed.

Which of two rows is true cannot be known here; scoring both would let the second overwrite the first unseen.
"""

import numpy as np
import polars as pl
from numpy.typing import NDArray

SEED = 20261125
REPEATED = "id was found before in this table; its first row counts"


class Repeats:
    """Remembers a 64-bit hash of every id (8 bytes a resident), sorted. Two ids with one hash: 1 in 10^7 tables of a
    million residents.
    """

    def __init__(self) -> None:
        self._seen: NDArray[np.uint64] = np.zeros(0, np.uint64)

    def marked(self, batch: pl.DataFrame) -> pl.DataFrame:
        """The batch, with a fault for every row whose id was there before, in this batch or an earlier one."""
        hashes = batch["id"].hash(SEED).to_numpy()
        place = np.searchsorted(self._seen, hashes)
        before = np.zeros(len(hashes), bool)
        inside = place < len(self._seen)
        before[inside] = self._seen[place[inside]] == hashes[inside]
        again = (pl.Series(before) | ~batch["id"].is_first_distinct()) & batch["id"].is_not_null()
        self._seen = np.union1d(self._seen, hashes[batch["id"].is_not_null().to_numpy()])
        fault = pl.concat_str([pl.lit(REPEATED), pl.col("fault")], separator="; ", ignore_nulls=True)
        return batch.with_columns(pl.when(again).then(fault).otherwise(pl.col("fault")).alias("fault"))
