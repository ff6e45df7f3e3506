"""A batch of assessments as the output table, made column by column: one row a resident and model.

The same rows as `rows.rows` gives one by one; a test holds the two against each other.
"""

from collections.abc import Callable, Iterable
from typing import Any, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cdss.serving.platform.language import Lang, pick
from cdss.serving.population.output.rows import HEADER, NOT_SCORED, arrow, points_text
from cdss.serving.population.scoring.answers import TIERS, Answers, Mask
from cdss.serving.population.scoring.assess import Assessed
from cdss.serving.population.scoring.words import shown

Reasons = Literal["flagged", "all", "none"]
Texts = NDArray[np.object_]


def frame(assessed: Assessed, lang: Lang, reasons: Reasons = "all") -> pl.DataFrame:
    """All rows of a batch, those of one resident together; `reasons` says whose reasons are put into words."""
    action, due = _next(assessed, lang)
    of_resident = {"id": assessed.frame["id"].fill_null(""), "next_action": action, "due_date": due}
    parts = [_model(answers, of_resident, lang, reasons) for answers in assessed.answers]
    unscored = _unscored(assessed, of_resident, lang)
    everyone = np.arange(len(assessed))
    scored = everyone[~assessed.unscored]
    whole = pl.concat([*(part[scored] for part in parts), unscored[everyone[assessed.unscored]]])
    order = np.argsort(np.concatenate([*[scored] * len(parts), everyone[assessed.unscored]]), kind="stable")
    return whole[order]


def _model(answers: Answers, of_resident: dict[str, Any], lang: Lang, reasons: Reasons) -> pl.DataFrame:
    known = answers.answered
    value = pl.Series(np.where(known, answers.value, np.nan)).fill_nan(None).round(4)
    blank = pl.Series([None], dtype=pl.Float64).extend_constant(None, len(known) - 1)
    told = {
        "model": answers.model,
        "version": answers.version,
        "probability": blank if answers.points else value,
        "tier": _picked(TIERS, answers.tier),
        "flagged": pl.Series(answers.flagged).set(pl.Series(~known), None),
        "reasons": _reasons(answers, lang, reasons),
        "missing": _missing(answers),
        "basis": _picked(answers.bases, answers.basis) if len(answers.basis) else "",
    }
    whole = pl.DataFrame({**of_resident, **{k: v for k, v in told.items() if not isinstance(v, str)}})
    constant = [pl.lit(text).alias(name) for name, text in told.items() if isinstance(text, str)]
    return (
        whole.with_columns(*constant)
        .with_columns(pl.when(pl.lit(pl.Series(known))).then(pl.col("basis")).otherwise(pl.lit("")).alias("basis"))
        .select(HEADER)
    )


def _unscored(assessed: Assessed, of_resident: dict[str, Any], lang: Lang) -> pl.DataFrame:
    """One row for a resident whom no model could be asked about, with the reason."""
    why = pl.coalesce(pl.col("fault"), pl.col("lacks"), pl.lit(""))
    told = assessed.frame.select(reasons=pl.lit(pick(NOT_SCORED, lang)) + why)["reasons"]
    whole = pl.DataFrame({**of_resident, "reasons": told})
    blank = {name: pl.lit("") for name in ("model", "version", "missing", "basis")}
    return whole.with_columns(
        **blank, tier=pl.lit("unknown"), probability=pl.lit(None, pl.Float64), flagged=pl.lit(None, pl.Boolean)
    ).select(HEADER)


def _picked(names: Iterable[str], place: NDArray[Any]) -> pl.Series:
    return pl.Series(list(names))[np.asarray(place, np.int64)]


def _next(assessed: Assessed, lang: Lang) -> tuple[pl.Series, pl.Series]:
    """The most pressing action of each resident with what called for it, and its due date."""
    text: Texts = np.full(len(assessed), "", object)
    due: Texts = np.full(len(assessed), "", object)
    place, number = assessed.next
    for rule, answer in sorted({pair for pair in zip(place.tolist(), number.tolist(), strict=True) if pair[1]}):
        said = assessed.said[rule]
        rows = np.flatnonzero((place == rule) & (number == answer))
        wording, day = assessed.wording(said, answer), assessed.due(said, answer)
        said_of = map(wording.of, rows.tolist())
        text[rows] = [f"{pick(summary, lang)} {pick(action, lang)}" for summary, action in said_of]
        due[rows] = day.isoformat() if day else ""
    return pl.Series(text.tolist(), dtype=pl.String), pl.Series(due.tolist(), dtype=pl.String)


def _missing(answers: Answers) -> pl.Series:
    """Names of what each resident lacked, by blanks. Most residents lack the same: each pattern is written once."""
    names = tuple(answers.missing)
    if not names:
        return pl.Series([""]).extend_constant("", len(answers.value) - 1)
    bits = sum(np.asarray(answers.missing[name], np.int64) << place for place, name in enumerate(names))
    patterns, place = np.unique(bits, return_inverse=True)
    words = [" ".join(name for i, name in enumerate(names) if pattern >> i & 1) for pattern in patterns.tolist()]
    return _picked(words, place)


def _reasons(answers: Answers, lang: Lang, wanted: Reasons) -> pl.Series:
    """Why the risk is what it is, or why there is none."""
    known = answers.answered
    text: Texts = np.full(len(known), "", object)
    unknown = np.flatnonzero(~known)
    why_not = np.array([pick(NOT_SCORED, lang) + pick(problem, lang) for problem in answers.problems], object)
    text[unknown] = why_not[answers.problem[unknown]]
    rows = np.flatnonzero(known & _wanted(answers, wanted))
    if answers.points:
        text[rows] = [points_text(value, lang) for value in answers.value[rows].tolist()]
    elif answers.contributions is not None and len(rows):
        text[rows] = _in_words(answers, rows, lang)
    if note := pick(answers.note, lang):
        text = np.array([f"{said}; {note}" if said else note for said in text.tolist()], object)
    return pl.Series(text.tolist(), dtype=pl.String)


def _wanted(answers: Answers, reasons: Reasons) -> Mask:
    """(n,) whose reasons are put into words; points are always told, they stand in no other column."""
    if answers.points or reasons == "all":
        return np.ones(len(answers.value), bool)
    return answers.flagged if reasons == "flagged" else np.zeros(len(answers.value), bool)


def _in_words(answers: Answers, rows: NDArray[np.intp], lang: Lang) -> list[str]:
    """The largest reasons of each row. Of every term each value is put into words once."""
    largest, added = answers.largest(rows), answers.contributions
    assert added is not None
    words: Texts = np.full(largest.shape, None, object)
    for place, term in enumerate(answers.terms):
        there = largest == place
        if there.any():
            row = rows[np.nonzero(there)[0]]
            words[there] = _term(term, answers.values[term][row], added[row, place] > 0, lang)
    return ["; ".join(filter(None, row)) for row in words.tolist()]


def _term(term: str, values: NDArray[np.float64], raises: Mask, lang: Lang) -> list[str]:
    said = _once_each(values, lambda value: pick(shown(term, None if np.isnan(value) else value), lang))
    return [f"{text} {arrow(up)}" for text, up in zip(said, raises.tolist(), strict=True)]


def _once_each(values: NDArray[np.float64], words: Callable[[float], str]) -> list[str]:
    distinct, place = np.unique(values, return_inverse=True)
    texts: Texts = np.array([words(value) for value in distinct.tolist()], object)
    return texts[place].tolist()  # type: ignore[no-any-return]
