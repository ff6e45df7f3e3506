"""Counting what models see and say, a batch at a time; no resident is remembered.

Counts gather in memory and are written with one statement (`write`), so that a run of a million residents costs a few
hundred rows. Several processes may write at once: the database adds.
"""

import threading
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from cdss.models.additive import Additive, RiskTable, add_bmi
from cdss.serving.population.monitoring import reference
from cdss.serving.population.monitoring.reference import Reference
from cdss.serving.population.monitoring.store import add

Columns = Mapping[str, NDArray[np.floating]]
Mask = NDArray[np.bool_]
FOR_WHOM = ("none", "too-little-known")  # problems of people the model is for: the others were never meant
ROW_FAULT = "row-fault"
BODY = ("height_cm", "weight_kg")


class Key(NamedTuple):
    """What is counted: see `tables.counted`."""

    day: str
    model: str
    version: str
    kind: str
    name: str
    bin: int


class Tally:
    """Counts that are not written yet. `references` by model; None where a model was shipped without."""

    def __init__(self, references: Mapping[str, Reference | None]) -> None:
        self._references = references
        self._counts: Counter[Key] = Counter()
        self._lock = threading.Lock()

    def seen(
        self, model: str, version: str, table: RiskTable, columns: Columns, day: date, rows: Mask | None = None
    ) -> None:
        """Count a batch: what `model` was asked with, and its own answers before any site layer.

        `version` as the answers carry it. `rows` (n,): who counts; the others had a fault and were not asked.
        """
        asked = np.ones(len(table.tier), bool) if rows is None else rows
        counts: Counter[Key] = Counter()
        where = (day.isoformat(), model, version)
        _answers(counts, where, table, asked)
        if known := self._references.get(model):
            meant = asked & np.isin(table.problem, [table.problems.index(code) for code in FOR_WHOM])
            _inputs(counts, where, known, columns, meant)
            _scores(counts, where, known, table, asked)
        with self._lock:
            self._counts.update(counts)

    def write(self, connection: sa.Connection) -> None:
        """Add what was counted to the database. If that fails the counts are kept for the next time."""
        with self._lock:
            taken, self._counts = self._counts, Counter()
        try:
            add(connection, [{**key._asdict(), "people": count} for key, count in taken.items()])
        except BaseException:
            with self._lock:
                self._counts.update(taken)
            raise

    def waiting(self) -> int:
        """Answers that are not written yet."""
        with self._lock:
            return sum(count for key, count in self._counts.items() if key.kind in ("answered", "unanswered"))


def tally(models: Iterable[Additive]) -> Tally:
    """For these models, with the references they were shipped with. Raises DigestMismatch."""
    return Tally({model.card.name: reference.of(model.card) for model in models})


def _answers(counts: Counter[Key], where: tuple[str, str, str], table: RiskTable, asked: Mask) -> None:
    """How many were answered, by tier, and how many not, by why."""
    answered = np.bincount(table.tier[asked] + 1, minlength=len(table.tiers) + 1)[1:]
    problems = np.bincount(table.problem[asked], minlength=len(table.problems))
    by_reason: Counter[str] = Counter({ROW_FAULT: int((~asked).sum())})
    for name, count in list(zip(table.problems, problems.tolist(), strict=True))[1:]:
        by_reason[name] += count  # several bars may have one code
    counts.update(
        {Key(*where, "answered", name, 0): n for name, n in zip(table.tiers, answered.tolist(), strict=True) if n}
    )
    counts.update({Key(*where, "unanswered", name, 0): n for name, n in by_reason.items() if n})


def _inputs(counts: Counter[Key], where: tuple[str, str, str], known: Reference, columns: Columns, meant: Mask) -> None:
    nothing = np.full(len(meant), np.nan)
    given = {name: np.asarray(columns[name], np.float64) for name in (*BODY, *known.features) if name in columns}
    add_bmi(given)  # as the model does
    for name, shares in known.features.items():
        _count(counts, (*where, "input", name), shares.place(given.get(name, nothing)[meant]))


def _scores(counts: Counter[Key], where: tuple[str, str, str], known: Reference, table: RiskTable, asked: Mask) -> None:
    for number, name in enumerate(table.tiers):
        if name in known.scores:
            risk = table.probability[asked & (table.tier == number)]
            _count(counts, (*where, "score", name), known.scores[name].place(risk))


def _count(counts: Counter[Key], key: tuple[str, str, str, str, str], place: NDArray[np.intp]) -> None:
    for number, count in enumerate(np.bincount(place + 1).tolist(), start=-1):
        if count:
            counts[Key(*key, number)] += count
