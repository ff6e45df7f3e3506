"""NHANES from CDC: transport files in, compressed tables in the project's layout out."""

import csv
import io
import lzma
from pathlib import Path

import polars as pl

from cdss.datasets import xport
from cdss.datasets.source import Source

COUNTS = "ROWCHECK.csv"


def fetch_nhanes(source: Source, folder: Path) -> list[str]:
    """Fetches what is not there yet; one line for every table that could not be had. Needs the extra `train`."""
    import pooch  # the laboratory's only downloader; the base install has none

    folder.mkdir(parents=True, exist_ok=True)
    failed = []
    for name, url in source.urls.items():
        table = name.removesuffix(".xpt")
        if (folder / f"{table}.csv.xz").is_file():
            continue
        try:
            got = pooch.retrieve(url, known_hash=None, fname=name, path=folder / "downloads")
            store(folder, table, Path(got).read_bytes())
        except (OSError, xport.NotTransport) as e:
            failed.append(f"{table}: {e}; try again later or fetch {url} by hand")
    return failed


def store(folder: Path, table: str, content: bytes) -> None:
    """A transport file as `TABLE.csv.xz` (latin-1, missing `NA`), its row count added to the list."""
    frame = xport.read(content)
    text = frame.write_csv(null_value="NA", float_precision=None)
    whole = folder / f"{table}.csv.xz.part"
    whole.write_bytes(lzma.compress(text.encode("latin-1")))
    _count(folder / COUNTS, table, frame)
    whole.rename(folder / f"{table}.csv.xz")


def _count(path: Path, table: str, frame: pl.DataFrame) -> None:
    new = not path.is_file()
    line = io.StringIO()
    writer = csv.writer(line, lineterminator="\n")
    if new:
        writer.writerow(["table", "rows"])
    writer.writerow([table, frame.height])
    with path.open("a", encoding="utf-8") as file:
        file.write(line.getvalue())
