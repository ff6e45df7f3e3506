"""Whatever a clinic gives, opened as a table of residents."""

from dataclasses import replace
from datetime import date
from pathlib import Path

from cdss.rules.pack import Pack
from cdss.serving.population.intake import bulk
from cdss.serving.population.intake.table import Table, open_table


def opened(path: Path, scratch: Path, pack: Pack, today: date) -> Table:
    """A CSV, Parquet or NDJSON file, or a FHIR bulk export (a folder of NDJSON files, or one such file).

    TableError if it is none of them. Copies that have to be made go below `scratch`.
    """
    files = bulk.files_of(path) if path.exists() else []
    if not files:
        return open_table(path, scratch)
    made, export = bulk.as_table(files, scratch, pack, today)
    table = open_table(made, scratch)
    return replace(table, remarks=(*export.remarks(), *table.remarks))
