"""Where a public data set comes from, what its licence allows, and whether the copy at hand is the one meant."""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ENVIRONMENT = "CDSS_DATA"


class DataNotFound(FileNotFoundError):
    """A data set, or a part of it, is not where it was looked for."""


@dataclass(frozen=True, slots=True)
class Source:
    """A public data set. `urls` are official addresses by file name; empty where the source asks for a registration."""

    name: str
    title: str
    licence: str
    citation: str
    homepage: str
    urls: dict[str, str]
    files: tuple[str, ...]  # glob patterns below the folder, that together make the digest


def root(folder: Path | None = None) -> Path:
    """The folder of all data sets: `folder`, else $CDSS_DATA. Raises DataNotFound that says how to set it."""
    found = folder or (Path(os.environ[ENVIRONMENT]) if os.environ.get(ENVIRONMENT) else None)
    if found is None:
        raise DataNotFound(f"found no data folder; give --data DIR or set {ENVIRONMENT}=DIR (see `cdss data list`)")
    if not found.is_dir():
        raise DataNotFound(f"found no folder {found}; expected one laid out as `cdss data list` shows")
    return found


def folder_of(source: Source, data: Path | None = None) -> Path:
    """The folder of one data set below the root; DataNotFound if it is not there."""
    folder = root(data) / source.name
    if not folder.is_dir():
        raise DataNotFound(f"found no folder {folder}; fetch it with `cdss data fetch {source.name}`")
    return folder


def members(source: Source, folder: Path) -> Iterator[Path]:
    """The files of the data set in a fixed order."""
    for pattern in source.files:
        yield from sorted(path for path in folder.glob(pattern) if path.is_file())


def digest(source: Source, folder: Path) -> str:
    """One sha256 over the names and bytes of all members: the same folder gives the same digest everywhere."""
    total = hashlib.sha256()
    for path in members(source, folder):
        total.update(path.relative_to(folder).as_posix().encode())
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return "sha256:" + total.hexdigest()
