"""CDC's transport files: numbers in IBM floating point, missing codes, and the blanks at the end."""

import io
import struct
import warnings
from pathlib import Path

import pandas as pd
import polars as pl
import pytest

from cdss.datasets import nhanes, xport
from cdss.datasets.fetching import store
from cdss.datasets.verifying import row_counts

HEADER = "HEADER RECORD*******{:<8}HEADER RECORD!!!!!!!{}"


def record(text: str) -> bytes:
    return text.ljust(80).encode("ascii")


def ibm(value: float | None, code: str = ".") -> bytes:
    """A number as eight bytes of IBM/360 floating point; None as a SAS missing code."""
    if value is None:
        return code.encode() + bytes(7)
    if value == 0:
        return bytes(8)
    sign, power, size = (0x80, 0, -value) if value < 0 else (0, 0, value)
    while size >= 1:
        size, power = size / 16, power + 1
    while size < 1 / 16:
        size, power = size * 16, power - 1
    return bytes([sign | (64 + power)]) + int(size * 2**56).to_bytes(7, "big")


def transport(columns: dict[str, list[float | None] | list[str]]) -> bytes:
    """A version 5 file with one member."""
    described, rows, start = b"", [b""] * len(next(iter(columns.values()))), 0
    for number, (name, values) in enumerate(columns.items()):
        numeric = not isinstance(values[0], str)
        length = 8 if numeric else 4
        front = struct.pack(">hhhh", 1 if numeric else 2, 0, length, number + 1)
        names = name.ljust(8).encode() + b" " * 40 + b" " * 8 + bytes(8) + b" " * 8 + bytes(4)
        described += (front + names + struct.pack(">l", start)).ljust(140, b"\0")
        cells = [ibm(value) if numeric else str(value).ljust(4).encode() for value in values]  # type: ignore[arg-type]
        rows = [row + cell for row, cell in zip(rows, cells, strict=True)]
        start += length
    head = (
        record(HEADER.format("LIBRARY", "0" * 30)) + record("SAS     SAS     SASLIB  9.4") + record("01JAN20:00:00:00")
    )
    head += record(HEADER.format("MEMBER", "0" * 17 + "1600000000" + "140"))
    head += (
        record(HEADER.format("DSCRPTR", "0" * 30)) + record("SAS     TABLE   SASDATA 9.4") + record("01JAN20:00:00:00")
    )
    head += record(HEADER.format("NAMESTR", f"000000{len(columns):04d}" + "0" * 20))
    described += b" " * (-len(described) % 80)
    body = b"".join(rows)
    return head + described + record(HEADER.format("OBS", "0" * 30)) + body + b" " * (-len(body) % 80)


COLUMNS: dict[str, list[float | None] | list[str]] = {
    "SEQN": [1.0, 2.0, 3.0],
    "LBXGLU": [99.5, None, 126.0],
    "ODD": [-0.1, 1e-9, 123456789.25],
    "CODE": ["a", "bc", ""],
}


def test_numbers_text_and_missing_come_back() -> None:
    frame = xport.read(transport(COLUMNS))
    assert frame["SEQN"].to_list() == [1, 2, 3]
    assert frame["LBXGLU"].to_list() == [99.5, None, 126.0]
    assert frame["ODD"].to_list() == pytest.approx([-0.1, 1e-9, 123456789.25])
    assert frame["CODE"].to_list() == ["a", "bc", ""]


def test_an_independent_reader_agrees() -> None:
    content = transport({name: values for name, values in COLUMNS.items() if name != "CODE"})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        other = pd.read_sas(io.BytesIO(content), format="xport")
    assert other["ODD"].tolist() == pytest.approx(xport.read(content)["ODD"].to_list(), rel=1e-12)
    assert other["LBXGLU"].isna().tolist() == [False, True, False]


def test_the_blanks_that_fill_the_last_record_are_no_rows() -> None:
    content = transport({"CODE": ["a"] * 7})  # 28 bytes of rows, 52 of blanks: thirteen more rows of four
    assert xport.read(content).height == 7


def test_other_bytes_are_refused_in_words() -> None:
    with pytest.raises(xport.NotTransport, match=r"found no version 5 transport headers; expected an \.xpt file"):
        xport.read(b"<html>not here</html>")


def test_a_fetched_table_is_stored_counted_and_read_back(tmp_path: Path) -> None:
    store(tmp_path, "BMX_D", transport({"SEQN": [1.0, 2.0], "BMXBMI": [24.5, None]}))
    assert row_counts(tmp_path) == []
    assert nhanes._table(tmp_path, "BMX_D", {"bmi": "BMXBMI"}).equals(
        pl.DataFrame({"SEQN": [1, 2], "bmi": [24.5, None]})
    )


def test_a_table_with_too_few_rows_is_named(tmp_path: Path) -> None:
    store(tmp_path, "BMX_D", transport({"SEQN": [1.0, 2.0]}))
    (tmp_path / "ROWCHECK.csv").write_text("table,rows\nBMX_D,3\n", encoding="utf-8")
    assert row_counts(tmp_path) == ["BMX_D: found 2 rows, expected 3; fetch it again"]
