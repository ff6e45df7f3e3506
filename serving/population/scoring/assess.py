"""A batch of residents assessed: models first, then the rules with the models' answers as facts."""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cdss.models.additive import RiskTable
from cdss.rules.alert import RANK, Text
from cdss.rules.cohort.ask import Said, Wording, ask
from cdss.rules.engine import RULE_FAILED, failed
from cdss.rules.pack import Pack
from cdss.serving.population.intake.columns import COUNTS, NUMBERS, PREVIOUS, TRUTHS
from cdss.serving.population.intake.repeats import REPEATED
from cdss.serving.population.monitoring.tally import Tally
from cdss.serving.population.scoring.additive import Watch, unwatched
from cdss.serving.population.scoring.answers import HIGH, LOW, MEDIUM, UNKNOWN, Columns, Mask
from cdss.serving.population.scoring.assessment import ASKING, SOON_DAYS, Advice, Assessment, Unchecked
from cdss.serving.population.scoring.columns import numbers, people, without_future
from cdss.serving.population.scoring.risks import Risks

RECORDED = (*NUMBERS, *COUNTS, *PREVIOUS, *TRUTHS, "egfr")
NO_DAY, NO_ADVICE = 9_999, 10**6


def assess(frame: pl.DataFrame, risks: Risks, pack: Pack, today: date, tally: Tally | None = None) -> "Assessed":
    """Every row of a batch of `table.Table`, in order; rows with a fault too: they are told, not dropped.

    A row that only lacks what the models need is not scored, but the rules see it. `tally` counts what the models were
    asked and said.
    """
    return Assessed(frame, risks, pack, today, tally)


class Assessed:
    """What is said of a batch, as columns; `assessment` gives one resident, iteration all of them."""

    def __init__(self, frame: pl.DataFrame, risks: Risks, pack: Pack, today: date, tally: Tally | None = None) -> None:
        self.frame = frame = without_future(frame, today)
        self.today = today
        self.fault: Mask = frame["fault"].is_not_null().to_numpy()
        self.repeated: Mask = frame["fault"].str.starts_with(REPEATED).fill_null(False).to_numpy()
        self.unscored: Mask = self.fault | frame["lacks"].is_not_null().to_numpy()
        self.columns = numbers(frame)
        scored = {name: np.where(self.unscored, np.nan, column) for name, column in self.columns.items()}
        self.answers = risks.answers(scored, self._counted_by(tally))
        self.flagged, self.flag_known = risks.diabetes_flagged(self.answers)
        flag = np.where(self.flag_known, self.flagged, np.nan)
        self.people = people(frame, self.columns, self.answers, flag, today)
        rules = sorted(pack.by_event.get("resident", ()), key=lambda rule: rule.rule.id)
        self.said = tuple(_without(said, self.fault) for said in ask(rules, self.people))

    def _counted_by(self, tally: Tally | None) -> Watch:
        if tally is None:
            return unwatched

        def watch(model: str, version: str, table: RiskTable, columns: Columns) -> None:
            tally.seen(model, version, table, columns, self.today, ~self.unscored)

        return watch

    def __len__(self) -> int:
        return len(self.frame)

    def __iter__(self) -> Iterator[Assessment]:
        return (self.assessment(row) for row in range(len(self)))

    @property
    def failures(self) -> tuple[str, ...]:
        """Rules that could not be run."""
        return tuple(said.rule.rule.id for said in self.said if said.failed)

    @cached_property
    def tier(self) -> NDArray[np.int8]:
        """(n,) counted in TIERS, as `Assessment.tier` says of one resident."""
        answered = np.any([each.answered for each in self.answers], axis=0) & ~self.unscored
        soon, anything = self._asks(SOON_DAYS), self._asks(NO_DAY)
        return np.select([soon, anything, answered], [HIGH, MEDIUM, LOW], UNKNOWN).astype(np.int8)

    @cached_property
    def next(self) -> tuple[NDArray[np.int64], NDArray[np.int8]]:
        """(n,) the place in `said` of the most pressing advice that asks for something, -1 if none, and its answer."""
        keys = np.array([self._key(said) for said in self.said] or [np.full(len(self), NO_ADVICE)])
        first = np.argmin(keys, axis=0)
        some = np.min(keys, axis=0) < NO_ADVICE
        number = np.array([said.answer for said in self.said] or [np.zeros(len(self), np.int8)])
        return np.where(some, first, -1), np.where(some, number[first, np.arange(len(self))], 0)

    def due(self, said: Said, number: int) -> date | None:
        """When an answer of a rule is due."""
        days = said.rule.answers[number - 1][1].alert.due_days
        return None if days is None else self.today + timedelta(days=days)

    def wording(self, said: Said, number: int) -> Wording:
        """The words of an answer, for one resident after the other."""
        found: Wording = self._wordings.setdefault((said.rule.rule.id, number), Wording(said.rule, number, self.people))
        return found

    @cached_property
    def _wordings(self) -> dict[tuple[str, int], Wording]:
        return {}

    @cached_property
    def _rows(self) -> dict[str, list[Any]]:
        return self.frame.to_dict(as_series=False)

    def assessment(self, row: int) -> Assessment:
        """All that is said of one resident."""
        rows = self._rows
        return Assessment(
            id=rows["id"][row] or "",
            day=self.today,
            age=rows["age"][row],
            sex=rows["sex"][row],
            village=rows["village"][row] or "",
            doctor=rows["doctor"][row] or "",
            models=() if self.unscored[row] else tuple(answers.said(row) for answers in self.answers),
            advices=tuple(self._advices(row)),
            flagged=bool(self.flagged[row]) if self.flag_known[row] and not self.unscored[row] else None,
            fault=rows["fault"][row] or rows["lacks"][row] or "",
            last_visit=rows["last_visit"][row],
            record=self._record(row),
            unchecked=tuple(Unchecked(said.rule.rule.id, said.lacks(row)) for said in self.said if said.undecided[row]),
        )

    def _record(self, row: int) -> dict[str, float | bool]:
        values = {name: self.columns[name][row] for name in RECORDED}
        known = {name: float(value) for name, value in values.items() if not np.isnan(value)}
        return {name: bool(value) if name in TRUTHS else value for name, value in known.items()}

    def _advices(self, row: int) -> Iterator[Advice]:
        """Most pressing first; rules that could not be run are told last."""
        given = [(self._key(said)[row], said) for said in self.said if said.answer[row]]
        for _, said in sorted(given, key=lambda pair: pair[0] % NO_ADVICE):
            yield self._advice(said, row)
        for rule in () if self.fault[row] else self.failures:
            yield Advice(RULE_FAILED, "info", failed(rule), Text("", ""), None)

    def _advice(self, said: Said, row: int) -> Advice:
        number, rule = int(said.answer[row]), said.rule.rule
        summary, action = self.wording(said, number).of(row)
        severity = said.rule.answers[number - 1][1].alert.severity
        due, review = self.due(said, number), rule.review.state != "approved"
        return Advice(rule.id, severity, summary, action, due, review, number)

    def _asks(self, days: int) -> Mask:
        """(n,) to whom some rule gives an answer that asks for something, due within `days` (NO_DAY: at any time)."""
        found = np.zeros(len(self), bool)
        for said in self.said:
            for number, (_, answer) in enumerate(said.rule.answers, 1):
                due = answer.alert.due_days if answer.alert.due_days is not None else NO_DAY
                if due <= days and RANK[answer.alert.severity] <= ASKING:
                    found |= said.answer == number
        return found

    @staticmethod
    def _key(said: Said) -> NDArray[np.int64]:
        """(n,) the order of a rule's answer among advices, smallest first; NO_ADVICE and more asks for nothing."""
        keys = [2 * NO_ADVICE]
        for _, answer in said.rule.answers:
            due = answer.alert.due_days if answer.alert.due_days is not None else NO_DAY
            silent = 0 if answer.action.en else NO_ADVICE
            keys.append(RANK[answer.alert.severity] * (NO_DAY + 1) + min(due, NO_DAY) + silent)
        return np.array(keys, np.int64)[said.answer]


def _without(said: Said, rows: Mask) -> Said:
    """Nothing is said, and nothing missed, of rows that are in doubt as a whole."""
    answer = np.where(rows, 0, said.answer).astype(np.int8)
    lacking = {name: where & ~rows for name, where in said.lacking.items()}
    return Said(said.rule, answer, lacking, said.failed)
