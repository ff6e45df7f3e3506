"""SAS transport files (version 5), the form in which CDC publishes NHANES, as tables of numbers and text.

Record layout of SAS Technical Support note TS-140, "The Record Layout of a Data Set in SAS Transport (XPORT) Format".
"""

import struct
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

RECORD = 80  # bytes; everything is padded to whole records
NAMESTR = 140  # bytes describing one variable
_MEMBER = b"HEADER RECORD*******NAMESTR HEADER RECORD!!!!!!!"
_ROWS = b"HEADER RECORD*******OBS     HEADER RECORD!!!!!!!"


class NotTransport(ValueError):
    """The bytes are not a transport file of version 5 with one member."""


@dataclass(frozen=True, slots=True)
class Variable:
    """Where a variable lies in a row, in bytes."""

    name: str
    numeric: bool
    start: int
    length: int


def read(content: bytes) -> pl.DataFrame:
    """All rows: numbers as float64 (every SAS missing code is null), text stripped (latin-1). Raises NotTransport."""
    variables, start = _variables(content)
    width = max(each.start + each.length for each in variables)
    body = content[start:]
    rows = np.frombuffer(body[: len(body) // width * width], np.uint8).reshape(-1, width)
    rows = rows[: _filled(rows)]
    return pl.DataFrame(
        {each.name: _column(rows[:, each.start : each.start + each.length], each) for each in variables}
    )


def _variables(content: bytes) -> tuple[list[Variable], int]:
    """The variables, and where the first row begins."""
    at, rows = content.find(_MEMBER), content.find(_ROWS)
    if not content.startswith(b"HEADER RECORD*******LIBRARY HEADER RECORD!!!!!!!") or at < 0 or rows < 0:
        raise NotTransport("found no version 5 transport headers; expected an .xpt file as CDC publishes it")
    count = int(content[at + 54 : at + 58])
    first = at + RECORD
    described = [content[first + i * NAMESTR : first + (i + 1) * NAMESTR] for i in range(count)]
    return [_variable(each) for each in described], rows + RECORD


def _variable(namestr: bytes) -> Variable:
    kind, _, length = struct.unpack(">hhh", namestr[:6])
    (start,) = struct.unpack(">l", namestr[84:88])
    return Variable(namestr[8:16].decode("ascii").strip(), kind == 1, start, length)


def _filled(rows: NDArray[np.uint8]) -> int:
    """How many rows there are before the blanks that fill the last record."""
    last = len(rows)
    while last and len(rows) - last < RECORD and (rows[last - 1] == ord(" ")).all():
        last -= 1
    return last


def _column(part: NDArray[np.uint8], variable: Variable) -> pl.Series:
    if variable.numeric:
        return pl.Series(variable.name, _numbers(part), nan_to_null=True)
    text = [bytes(row).decode("latin-1").strip() for row in part]
    return pl.Series(variable.name, text, pl.String)


def _numbers(part: NDArray[np.uint8]) -> NDArray[np.float64]:
    """IBM/360 floating point, shortened to 2-8 bytes: sign, exponent of 16 (excess 64), 56 bits of fraction."""
    whole = np.zeros((len(part), 8), np.uint8)
    whole[:, : part.shape[1]] = part
    bits = whole.view(">u8").ravel().astype(np.uint64)
    fraction = (bits & np.uint64((1 << 56) - 1)).astype(np.float64) / 2.0**56
    power = ((bits >> np.uint64(56)) & np.uint64(0x7F)).astype(np.int64) - 64
    sign = np.where(bits >> np.uint64(63), -1.0, 1.0)
    missing = (whole[:, 0] != 0) & (whole[:, 1:] == 0).all(axis=1)
    return np.where(missing, np.nan, sign * np.ldexp(fraction, 4 * power))
