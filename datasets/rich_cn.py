"""Chinese adults at health checks, without diabetes at the first and seen again after two years or more.

Rich Healthcare Group, 2010-2016, 211,833 people of 32 sites in 11 cities; the copy at hand has 11 of its site codes.
The copy was singly imputed with the outcome in the imputation's model, so HDL, LDL, AST, smoking and drinking, which
were missing most, are not in it; TC, TG and ALT were imputed lightly, creatinine for 5 % and urea for 10 % of people.
Family history was recorded for 2 % of people, far fewer than have one.
"""

from pathlib import Path

import polars as pl

from cdss.datasets.source import DataNotFound, Source, folder_of

SOURCE = Source(
    name="rich_cn",
    title="Rich Healthcare Group health checks: incident diabetes in Chinese adults",
    licence="CC0 1.0",
    citation="Chen Y, Zhang XP, Yuan J, et al. Association of body mass index and age with incident diabetes in "
    "Chinese adults: a population-based cohort study. BMJ Open 2018;8:e021768. Data: Dryad, doi:10.5061/dryad.ft8750v",
    homepage="https://doi.org/10.5061/dryad.ft8750v",
    urls={},
    files=("residents.parquet",),
)

COLUMNS = {  # resident's column: (column of the file, unit)
    "age": ("age", "a"),
    "sex": ("sex_female", "0 male, 1 female"),
    "height_cm": ("height_cm", "cm"),
    "weight_kg": ("weight_kg", "kg"),
    "bmi": ("bmi", "kg/m2"),
    "sbp": ("sbp", "mm[Hg]"),
    "dbp": ("dbp", "mm[Hg]"),
    "fpg_mmol": ("fpg_mmol", "mmol/L, below 7.0 by inclusion"),
    "tc_mmol": ("tc_mmol", "mmol/L"),
    "tg_mmol": ("tg_mmol", "mmol/L"),
    "alt": ("alt", "U/L"),
    "creatinine_umol": ("creat_umol", "umol/L"),
    "bun_mmol": ("bun_mmol", "mmol/L"),
    "family_diabetes": ("fh_dm", "0/1, parent, brother or sister"),
}
OUTCOME = {
    "event": ("event_diabetes", "0/1, fasting glucose of 7.0 mmol/L or more, or told, at a later check"),
    "followup_years": ("followup_years", "a, known only afterwards: never a feature"),
    "site": ("site", "code of the centre"),
}
LOWEST = {"fpg_mmol": 1.0, "tc_mmol": 1.0, "tg_mmol": 0.1, "alt": 1.0, "bun_mmol": 0.3}  # below is no assay's answer


def read(data: Path | None = None) -> pl.DataFrame:
    """All people of the folder: COLUMNS, then OUTCOME with `site` as a whole number. Values below LOWEST are null.

    Raises DataNotFound if the file or one of its columns is absent.
    """
    path = folder_of(SOURCE, data) / "residents.parquet"
    if not path.is_file():
        raise DataNotFound(f"found no {path}; see `cdss data list` for where it comes from")
    frame = pl.read_parquet(path)
    wanted = {name: column for name, (column, _) in (COLUMNS | OUTCOME).items()}
    if lacking := sorted(set(wanted.values()) - set(frame.columns)):
        raise DataNotFound(f"{path}: found no column {', '.join(lacking)}; expected those of the README of the data")
    people = frame.select(pl.col(column).cast(pl.Float64).alias(name) for name, column in wanted.items())
    return people.with_columns(
        *[pl.when(pl.col(name) >= low).then(pl.col(name)) for name, low in LOWEST.items()],
        pl.col("site").cast(pl.Int64),
    )
