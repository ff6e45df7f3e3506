"""Official files of China's National Healthcare Security Administration (NHSA): medicines with codes, frequencies.

A hospital has them (医保药品分类与代码数据库); they are not kept in the project. Read as CSV in UTF-8 or GB18030, plain
or gzipped, under the headings of the official tables or of the files in `$CDSS_DATA/drugs/nhsa`.
"""

import csv
import gzip
import io
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

#            what          headings it goes under, the likeliest first
HEADINGS = {
    "code": ("nhsa_code", "药品代码", "医保药品代码", "国家医保代码", "医保编码", "国药编码", "code"),
    "name": ("generic_zh", "注册名称", "药品名称", "通用名", "通用名称", "药品通用名", "name"),
    "strength": ("注册规格", "规格", "药品规格", "strength"),
    "words": ("name_zh", "频次名称"),
    "alias": ("alias", "别名"),
    "days": ("days", "天数", "周期"),
    "times": ("times", "次数"),
}
COMPRESSED = b"\x1f\x8b"


class FileFault(ValueError):
    """An official file cannot be used; says what was found and what was expected."""


class Product(NamedTuple):
    """A medicine: its code, and its name with the strength where the file has one."""

    code: str
    name: str


class Frequency(NamedTuple):
    """A frequency with all its words, and how many times a day it is (0.5: every other day)."""

    words: tuple[str, ...]
    times_a_day: float


def products(path: Path) -> Iterator[Product]:
    """Every medicine of a file once, in its order; lines without a name, or cut short, are passed over.

    FileFault if it has no column of names.
    """
    seen: set[Product] = set()
    for row in _rows(path, needed=("name",)):
        name = " ".join(part for part in (row["name"], row.get("strength", "")) if part)
        product = Product(row.get("code", ""), name)
        if row["name"] and product not in seen:
            seen.add(product)
            yield product


def frequencies(path: Path) -> Iterator[Frequency]:
    """Every frequency of a file; lines that are cut short are passed over.

    FileFault if a column is missing, or if days and times of a line are no numbers.
    """
    for row in _rows(path, needed=("code", "words", "days", "times")):
        words = dict.fromkeys(row.get(what, "") for what in ("code", "words", "alias"))
        try:
            often = float(row["times"]) / float(row["days"])
        except (ValueError, ZeroDivisionError) as e:
            raise FileFault(f"{path}: found {row['times']} times in {row['days']} days, expected numbers") from e
        yield Frequency(tuple(word for word in words if word), often)


def is_frequencies(path: Path) -> bool:
    """Whether the file is a table of frequencies."""
    with _opened(path) as file:
        heading = next(csv.reader(file), [])
    return {"days", "times"} <= _columns(heading).keys()


def _rows(path: Path, needed: tuple[str, ...]) -> Iterator[dict[str, str]]:
    with _opened(path) as file:
        reader = csv.reader(file)
        heading = next(reader, [])
        columns = _columns(heading)
        if missing := [what for what in needed if what not in columns]:
            expected = "; ".join(f"{what}: {', '.join(HEADINGS[what])}" for what in missing)
            raise FileFault(f"{path}: found columns {heading}, expected as well {expected}")
        for cells in reader:
            if any(cells):  # cells left out at the end of a line are empty ones
                padded = [*cells, *[""] * (len(heading) - len(cells))]
                yield {what: padded[place].strip() for what, place in columns.items()}


def _columns(heading: list[str]) -> dict[str, int]:
    """Where each thing stands; the first heading of its list that is there."""
    bare = [name.strip().lower() for name in heading]
    found = {what: next((bare.index(name) for name in names if name in bare), None) for what, names in HEADINGS.items()}
    return {what: place for what, place in found.items() if place is not None}


def _opened(path: Path) -> io.StringIO:
    """The text of a file. FileFault for what is no text: a workbook has to be saved as CSV first."""
    try:
        raw = path.read_bytes()
        plain = gzip.decompress(raw) if raw.startswith(COMPRESSED) else raw
    except (OSError, EOFError) as e:
        raise FileFault(f"{path}: cannot be read: {e}") from e
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return io.StringIO(plain.decode(encoding), newline="")
        except UnicodeDecodeError:
            continue
    raise FileFault(f"{path}: found neither UTF-8 nor GB18030 text; save a workbook as CSV first")
