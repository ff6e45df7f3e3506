"""What a folder of knowledge may be at most: looked at before anything of it is read."""

import os
from collections.abc import Iterator
from pathlib import Path

MOST_FILES, MOST_BYTES, MOST_FILE_BYTES, MOST_DEPTH = 4000, 32 * 2**20, 4 * 2**20, 4
SUFFIXES = {".yaml", ".csv", ".md", ""}


class PackRefused(ValueError):
    """The folder may not be put in force; `reasons` are one line each."""

    def __init__(self, folder: Path, reasons: tuple[str, ...]) -> None:
        self.reasons = reasons
        more = f" and {len(reasons) - 5} more" if len(reasons) > 5 else ""
        super().__init__(f"{folder}: refused: {'; '.join(reasons[:5])}{more}")


def refuse_sizes(folder: Path) -> None:
    """Too many or too large files, links, unknown kinds of file: refused before anything is read."""
    total = count = 0
    for path, depth in _files(folder, 0):
        count += 1
        if depth > MOST_DEPTH:
            raise PackRefused(folder, (f"found more than {MOST_DEPTH} folders deep, expected at most {MOST_DEPTH}",))
        if path.is_symlink() or not path.is_file() or path.suffix not in SUFFIXES:
            raise PackRefused(folder, (f"found {path.name!r}, expected plain .yaml, .csv and .md files",))
        size = path.stat().st_size
        total += size
        for found, most, what in (
            (count, MOST_FILES, "files"),
            (total, MOST_BYTES, "bytes in all"),
            (size, MOST_FILE_BYTES, f"bytes in {path.name!r}"),
        ):
            if found > most:
                raise PackRefused(folder, (f"found {found} {what}, expected at most {most}",))
    if not count:
        raise PackRefused(folder, ("found no files, expected a knowledge folder",))


def _files(folder: Path, depth: int) -> Iterator[tuple[Path, int]]:
    """Every entry below the folder that is no folder; links to folders are entries, and are not followed."""
    if depth > MOST_DEPTH:
        yield folder, depth
        return
    try:
        with os.scandir(folder) as found:
            for entry in found:
                if entry.is_dir(follow_symlinks=False):
                    yield from _files(Path(entry.path), depth + 1)
                else:
                    yield Path(entry.path), depth
    except OSError as e:
        raise PackRefused(folder, (f"cannot be read: {e.strerror}",)) from e
