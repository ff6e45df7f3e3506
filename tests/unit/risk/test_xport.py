"""CDC's transport files: numbers in IBM floating point, missing codes, and the blanks at the end."""

import io
import warnings
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import polars as pl
import pytest

from cdss.datasets import nhanes, xport
from cdss.datasets.fetching import store
from cdss.datasets.verifying import row_counts

Columns = dict[str, list[float | None] | list[str]]
Write = Callable[[Columns], bytes]

COLUMNS: Columns = {
    "SEQN": [1.0, 2.0, 3.0],
    "LBXGLU": [99.5, None, 126.0],
    "ODD": [-0.1, 1e-9, 123456789.25],
    "CODE": ["a", "bc", ""],
}


def test_numbers_text_and_missing_come_back(transport: Write) -> None:
    frame = xport.read(transport(COLUMNS))
    assert frame["SEQN"].to_list() == [1, 2, 3]
    assert frame["LBXGLU"].to_list() == [99.5, None, 126.0]
    assert frame["ODD"].to_list() == pytest.approx([-0.1, 1e-9, 123456789.25])
    assert frame["CODE"].to_list() == ["a", "bc", ""]


def test_an_independent_reader_agrees(transport: Write) -> None:
    content = transport({name: values for name, values in COLUMNS.items() if name != "CODE"})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        other = pd.read_sas(io.BytesIO(content), format="xport")
    assert other["ODD"].tolist() == pytest.approx(xport.read(content)["ODD"].to_list(), rel=1e-12)
    assert other["LBXGLU"].isna().tolist() == [False, True, False]


def test_the_blanks_that_fill_the_last_record_are_no_rows(transport: Write) -> None:
    content = transport({"CODE": ["a"] * 7})  # 28 bytes of rows, 52 of blanks: thirteen more rows of four
    assert xport.read(content).height == 7


def test_other_bytes_are_refused_in_words() -> None:
    with pytest.raises(xport.NotTransport, match=r"found no version 5 transport headers; expected an \.xpt file"):
        xport.read(b"<html>not here</html>")


def test_a_fetched_table_is_stored_counted_and_read_back(tmp_path: Path, transport: Write) -> None:
    store(tmp_path, "BMX_D", transport({"SEQN": [1.0, 2.0], "BMXBMI": [24.5, None]}))
    assert row_counts(tmp_path) == []
    assert nhanes._table(tmp_path, "BMX_D", {"bmi": "BMXBMI"}).equals(
        pl.DataFrame({"SEQN": [1, 2], "bmi": [24.5, None]})
    )


def test_a_table_with_too_few_rows_is_named(tmp_path: Path, transport: Write) -> None:
    store(tmp_path, "BMX_D", transport({"SEQN": [1.0, 2.0]}))
    (tmp_path / "ROWCHECK.csv").write_text("table,rows\nBMX_D,3\n", encoding="utf-8")
    assert row_counts(tmp_path) == ["BMX_D: found 2 rows, expected 3; fetch it again"]
