"""The files of a collection: one file, a folder, or a .tar.gz. Read with limits, never unpacked."""

import tarfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

MAX_FILE, MAX_FILES, MAX_TOTAL = 2 * 1024 * 1024, 20_000, 256 * 1024 * 1024
GUIDELINES, CASES = (".gdl2", ".gdl2.json", ".json"), (".yml", ".yaml")
ARCHIVES = (".tar.gz", ".tgz", ".tar")


class WrongPath(ValueError):
    """There is nothing at the path that could hold guidelines; says what was expected."""


@dataclass(frozen=True, slots=True)
class File:
    """A file by its name inside the collection. `fault` says why it was not read; `text` is empty then."""

    name: str
    text: str
    fault: str = ""

    @property
    def stem(self) -> str:
        """The name without folders and endings: what a guideline and its cases share."""
        name = PurePosixPath(self.name).name
        for ending in (".gdl2 (1).json", ".gdl2.json", ".gdl2.yml", ".test.yml", ".test.yaml", *GUIDELINES, *CASES):
            name = name.removesuffix(ending)
        return name

    @property
    def is_cases(self) -> bool:
        """Whether it is a file of test cases, by its ending."""
        return self.name.endswith(CASES)


def files_at(path: Path) -> Iterator[File]:
    """Guidelines and cases at `path`, by name. WrongPath if there can be none; a bad file is told as such."""
    if path.is_dir():
        found = _in_folder(path)
    elif path.is_file() and path.name.endswith(ARCHIVES):
        found = _in_archive(path)
    elif path.is_file() and path.name.endswith(GUIDELINES):
        found = _one(path)
    else:
        raise WrongPath(f"found no guidelines at {path}; expected a .gdl2 or .gdl2.json file, a folder or a .tar.gz")
    total = 0
    for count, file in enumerate(found):
        total += len(file.text)
        if count >= MAX_FILES or total > MAX_TOTAL:
            raise WrongPath(f"found more than {MAX_FILES} files or {MAX_TOTAL} bytes at {path}; import it in parts")
        yield file


def _wanted(name: str) -> bool:
    hidden = any(part.startswith((".", "__MACOSX")) and part != ".." for part in PurePosixPath(name).parts)
    return name.endswith((*GUIDELINES, *CASES)) and not hidden


def _in_folder(folder: Path) -> Iterator[File]:
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if _wanted(name) and path.is_file():
            yield _read(path, name)


def _one(path: Path) -> Iterator[File]:
    """A guideline and the cases that lie beside it under the same name."""
    guideline = _read(path, path.name)
    yield guideline
    for beside in sorted(path.parent.glob("*")):
        file = File(beside.name, "")
        if beside.is_file() and file.is_cases and file.stem == guideline.stem:
            yield _read(beside, beside.name)


def _read(path: Path, name: str) -> File:
    try:
        with path.open("rb") as stream:
            return _decoded(name, stream.read(MAX_FILE + 1))
    except OSError as e:
        return File(name, "", f"cannot be read: {e.strerror}")


def _in_archive(path: Path) -> Iterator[File]:
    """Members are read where they lie, so that their names lead nowhere."""
    try:
        with tarfile.open(path) as archive:
            size = 0
            for count, member in enumerate(archive):
                size += member.size
                if count >= MAX_FILES or size > MAX_TOTAL:
                    raise WrongPath(
                        f"found more than {MAX_FILES} files or {MAX_TOTAL} bytes in {path}; import it in parts"
                    )
                if member.isfile() and _wanted(member.name):
                    yield _member(archive, member)
    except (tarfile.TarError, EOFError, OSError, zlib.error) as e:
        raise WrongPath(f"{path} is no readable tar archive: {e}") from e


def _member(archive: tarfile.TarFile, member: tarfile.TarInfo) -> File:
    if member.name.startswith("/") or ".." in PurePosixPath(member.name).parts:
        return File(member.name, "", "its name leads out of the archive")
    stream = archive.extractfile(member)
    return _decoded(member.name, stream.read(MAX_FILE + 1) if stream else b"")


def _decoded(name: str, content: bytes) -> File:
    if len(content) > MAX_FILE:
        return File(name, "", f"found more than {MAX_FILE} bytes")
    try:
        return File(name, content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return File(name, "", "is not UTF-8 text")
