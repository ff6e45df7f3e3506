"""Cells of a resident table: from whatever was written to a value we use, or to the reason why not."""

from dataclasses import dataclass

import polars as pl

from cdss.serving.population.intake.columns import (
    COLUMNS,
    FALSE,
    FEMALE,
    MALE,
    MISSING,
    NEEDED,
    TRUE,
    Column,
)
from cdss.serving.population.intake.encoding import LOST

BEYOND = "\x1fbeyond"  # holds what a line has after its last column
TOO_MANY_CELLS = "the line has more cells than the header: perhaps a comma in a text without quotes"
UNREADABLE = "bytes that are neither UTF-8 nor GB18030"
NUL = "\0"
BEGINNING = 20  # characters shown of words that are too long


@dataclass(frozen=True, slots=True)
class Source:
    """How one column of a file becomes one of ours: `factor` converts its unit."""

    header: str
    name: str
    factor: float


def cleaned(raw: pl.DataFrame, sources: tuple[Source, ...]) -> pl.DataFrame:
    """The rows with our columns, and two more: `fault`, what cannot be true, and `lacks`, what no model can do without.

    Both are null where there is nothing to say. A row with a fault is in doubt as a whole; one that only lacks
    something is still true.
    """
    present = {source.name: source for source in sources}
    texts = raw.select(
        pl.col(source.header).cast(pl.String).str.strip_chars().alias(name) for name, source in present.items()
    )
    texts = texts.with_columns(
        pl.when(pl.col(name).str.to_lowercase().is_in(MISSING)).then(None).otherwise(pl.col(name)).alias(name)
        for name in present
    )
    values = [_value(name, present.get(name)) for name in COLUMNS]
    faults = [_fault(name, source) for name, source in present.items()]
    lacks = [_lack(name, name in present) for name in NEEDED]
    if BEYOND in raw.columns:
        texts = texts.with_columns(raw[BEYOND])
        faults.append(pl.when(pl.col(BEYOND).is_not_null()).then(pl.lit(TOO_MANY_CELLS)))
    frame = texts.select(*values, _joined(faults).alias("fault"), _joined(lacks).alias("lacks"))
    return _with_bmi(frame.with_columns(_joined([pl.col("fault"), *_contradictions()]).alias("fault")))


def _joined(parts: list[pl.Expr]) -> pl.Expr:
    """All that is not null, by semicolons; null if nothing is."""
    text = pl.concat_str(parts, separator="; ", ignore_nulls=True)
    return pl.when(text == "").then(None).otherwise(text)


def _lack(name: str, present: bool) -> pl.Expr:
    missing = pl.lit(f"{name} is missing")
    return pl.when(pl.col(name).is_null()).then(missing) if present else missing


def _value(name: str, source: Source | None) -> pl.Expr:
    """The column as we use it: null where missing, and where it cannot be true (then `fault` says so)."""
    column = COLUMNS[name]
    if source is None:
        return pl.lit(None, dtype=_dtype(column)).alias(name)
    text = pl.col(name)
    match column.kind:
        case "number":
            number = _number(name, source)
            return pl.when(number.is_between(column.low, column.high)).then(number).otherwise(None).alias(name)
        case "truth":
            return _among(text, TRUE, FALSE).alias(name)
        case "sex":
            return _sex(text).alias(name)
        case "day":
            return _day(text).alias(name)
    return pl.when(_too_long(name) | text.str.contains(NUL, literal=True)).then(None).otherwise(text).alias(name)


def _number(name: str, source: Source) -> pl.Expr:
    return pl.col(name).cast(pl.Float64, strict=False) * source.factor


def _day(text: pl.Expr) -> pl.Expr:
    """2026-09-17, also with a time behind it, 2026/9/17, 2026.9.17, 20260917 and 2026年9月17日."""
    plain = text.str.replace_all(r"[/.年月]", "-").str.replace_all("日", "")
    dashed = plain.str.extract(r"^(\d{4}-\d{1,2}-\d{1,2})", 1).str.to_date("%Y-%m-%d", strict=False)
    return dashed.fill_null(plain.str.extract(r"^(\d{8})$", 1).str.to_date("%Y%m%d", strict=False))


def _among(text: pl.Expr, true: tuple[str, ...], false: tuple[str, ...]) -> pl.Expr:
    lower = text.str.to_lowercase()
    return pl.when(lower.is_in(true)).then(True).when(lower.is_in(false)).then(False).otherwise(None)


def _sex(text: pl.Expr) -> pl.Expr:
    lower = text.str.to_lowercase()
    female = pl.when(lower.is_in(FEMALE)).then(pl.lit("female")).otherwise(None)
    return pl.when(lower.is_in(MALE)).then(pl.lit("male")).otherwise(female)


def _fault(name: str, source: Source) -> pl.Expr:
    """What is wrong with the cell, in words; null if nothing is."""
    column, text = COLUMNS[name], pl.col(name)
    if name == "id":
        return pl.when(text.is_null()).then(pl.lit("id is missing")).otherwise(_words_fault(name))
    match column.kind:
        case "number":
            return _number_fault(name, source, column)
        case "truth":
            value, expected = _among(text, TRUE, FALSE), "yes or no"
        case "sex":
            value, expected = _sex(text), "male or female"
        case "day":
            value, expected = _day(text), "a date YYYY-MM-DD"
        case _:
            return _words_fault(name)
    wrong = text.is_not_null() & value.is_null()
    return pl.when(wrong).then(pl.lit(f"{name}: expected {expected}"))


def _words_fault(name: str) -> pl.Expr:
    text = pl.col(name)
    found = (
        f"{name}: found {{}} characters ({{}}...), expected at most {COLUMNS[name].most}: perhaps the cells are shifted"
    )
    return (
        pl.when(text.str.contains(LOST, literal=True))
        .then(pl.lit(f"{name}: {UNREADABLE}"))
        .when(text.str.contains(NUL, literal=True))
        .then(pl.lit(f"{name}: a NUL character in the text"))
        .when(_too_long(name))
        .then(pl.format(found, text.str.len_chars(), text.str.slice(0, BEGINNING)))
    )


def _too_long(name: str) -> pl.Expr:
    return pl.col(name).str.len_chars() > COLUMNS[name].most


def _number_fault(name: str, source: Source, column: Column) -> pl.Expr:
    number = _number(name, source)
    span = f"expected {column.low:g} to {column.high:g} {column.unit}"
    outside = number.is_not_null() & ~number.is_between(column.low, column.high)
    not_number = pl.col(name).is_not_null() & pl.col(name).cast(pl.Float64, strict=False).is_null()
    return (
        pl.when(outside)
        .then(pl.format(f"{name}: found {{}}, {span}; {{}}", number.round(2), _cause(number, column)))
        .when(not_number)
        .then(pl.lit(f"{name}: found text, {span}"))
    )


def _cause(number: pl.Expr, column: Column) -> pl.Expr:
    """Why a number is outside its limits: another usual unit in which it would be plausible, else not known."""
    cause = pl.lit("check the value and its unit")
    for unit, factor in column.other.items():
        like = (number * factor).is_between(column.low, column.high)
        cause = pl.when(like).then(pl.lit(f"it looks like {unit}")).otherwise(cause)
    return cause


def _contradictions() -> list[pl.Expr]:
    """What two columns say that cannot both be true."""
    turned = pl.format("sbp {} is not above dbp {}: perhaps the columns are exchanged", "sbp", "dbp")
    return [
        pl.when(pl.col("sbp") <= pl.col("dbp")).then(turned),
        pl.when((pl.col("sex") == "male") & pl.col("pregnant")).then(pl.lit("pregnant, but sex is male")),
    ]


def _with_bmi(frame: pl.DataFrame) -> pl.DataFrame:
    """BMI from height and weight where it is missing."""
    computed = pl.col("weight_kg") / (pl.col("height_cm") / 100) ** 2
    plausible = pl.when(computed.is_between(COLUMNS["bmi"].low, COLUMNS["bmi"].high)).then(computed)
    return frame.with_columns(pl.col("bmi").fill_null(plausible))


def _dtype(column: Column) -> type[pl.DataType]:
    kinds: dict[str, type[pl.DataType]] = {"number": pl.Float64, "truth": pl.Boolean, "day": pl.Date}
    return kinds.get(column.kind, pl.String)
