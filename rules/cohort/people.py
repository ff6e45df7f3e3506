"""Many people under review on one day, as columns. Everywhere nan (or "") means "not told", which is not "no"."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import numpy as np
from numpy.typing import NDArray

from cdss.rules.alert import Text
from cdss.rules.asking.words import shown

Numbers = NDArray[np.float64]
Words = NDArray[np.str_]


@dataclass(frozen=True, slots=True)
class Column:
    """One fact of everybody: numbers (n,) with their UCUM unit, truths as 1 and 0, or words.

    `days_ago` (n,): when a result was made, where results have days of their own; nan: undated, which counts as today.
    """

    values: Numbers | Words
    unit: str = ""
    truth: bool = False
    days_ago: Numbers | None = None

    @property
    def told(self) -> NDArray[np.bool_]:
        """(n,) of whom it is known."""
        known: NDArray[np.bool_] = ~np.isnan(self.values) if self.values.dtype.kind == "f" else self.values != ""
        return known

    def shown(self, person: int) -> Text:
        """The value of one person as a sentence shows it."""
        value = self.values[person]
        if isinstance(value, str):
            return shown(value or None, self.unit)
        if np.isnan(value):
            return shown(None, self.unit)
        return shown(bool(value) if self.truth else float(value), self.unit)


@dataclass(frozen=True, slots=True)
class People:
    """`observations` by LOINC were made `days_ago` (n,; nan: undated, which counts as today) if they do not say when.

    `age` is in completed years. `given` is what models and the caller say, by name. `facts` remembers columns that
    several rules ask for.
    """

    day: date
    age: Numbers
    sex: Words
    pregnant: Numbers
    days_ago: Numbers
    observations: Mapping[str, Column]
    given: Mapping[str, Column]
    facts: dict[bytes, Column] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.age)
