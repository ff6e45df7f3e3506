"""Files, folders and zips given by hand, as instances grouped by study; what cannot be read is listed, not fatal."""

import tempfile
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

from cdss.serving.pacs.decode import bounds, header
from cdss.serving.pacs.intake.manifest import sha256
from cdss.serving.pacs.reasons import Reason, Unreadable, reason, refuse
from cdss.serving.pacs.series.file import File

DICOMDIR = "1.2.840.10008.1.3.10"  # an index of a medium, no image
MEMBERS = 20_000  # files in one zip
UNPACKED = 8 * bounds.PIXELS  # bytes of one zip


class BadFile(msgspec.Struct, frozen=True):
    """A file that was given and cannot be read."""

    file: str
    reason: Reason


class Given(msgspec.Struct, frozen=True):
    """What was found: files by study, remarks by study, and the files that cannot be read."""

    studies: dict[str, list[File]]
    notes: dict[str, list[Reason]]
    bad: list[BadFile]


def gather(paths: Sequence[Path], unpack_to: Path) -> Given:
    """Read the headers of all files below `paths`; members of zips are unpacked into the folder `unpack_to`."""
    bad: list[BadFile] = []
    found: dict[str, list[File]] = defaultdict(list)
    for label, path in _files(paths, unpack_to, bad):
        try:
            about = header.read(path)
        except Unreadable as e:
            bad.append(BadFile(label, e.reason))
            continue
        if not about.own and about.sop_class != DICOMDIR:
            found[about.study_uid].append(File(path, about))
    notes: dict[str, list[Reason]] = defaultdict(list)
    studies = {uid: _once(files, notes[uid]) for uid, files in found.items()}
    return Given(studies, notes, bad)


def _files(paths: Sequence[Path], unpack_to: Path, bad: list[BadFile]) -> Iterator[tuple[str, Path]]:
    """(name to show, path) of every file, in a fixed order; hidden files and DICOMDIR are passed over."""
    for path in paths:
        for file in sorted(_below(path)):
            try:
                yield from members(file, unpack_to)
            except Unreadable as e:
                bad.append(BadFile(str(file), e.reason))


def members(file: Path, unpack_to: Path) -> Iterator[tuple[str, Path]]:
    """(name to show, path) of the file itself, or of each file in it if it is a zip. Raises Unreadable."""
    if zipfile.is_zipfile(file):
        yield from _unpacked(file, Path(tempfile.mkdtemp(dir=unpack_to)))
    else:
        yield str(file), file


def _below(path: Path) -> Iterable[Path]:
    if not path.is_dir():
        return [path]
    return [file for file in path.rglob("*") if file.is_file() and not _passed_over(file.name)]


def _unpacked(archive: Path, folder: Path) -> Iterator[tuple[str, Path]]:
    """Members under names of our own, so that a member called `../../x` is only a label."""
    try:
        with zipfile.ZipFile(archive) as opened:
            listed = [member for member in opened.infolist() if not member.is_dir()]
            _check(listed, archive.stat().st_size)
            for number, member in enumerate(listed):
                if not _passed_over(member.filename):
                    yield f"{archive}:{member.filename}", _extract(opened, member, folder, number)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as e:
        raise refuse("archive_invalid") from e


def _passed_over(name: str) -> bool:
    """Hidden files, what macOS adds to zips, and the index of a medium."""
    parts = name.split("/")
    hidden = any(part.startswith((".", "__MACOSX")) and part not in (".", "..") for part in parts)
    return hidden or parts[-1] == "DICOMDIR"


def _check(listed: Sequence[zipfile.ZipInfo], packed: int) -> None:
    total = sum(member.file_size for member in listed)
    if len(listed) > MEMBERS:
        raise refuse("archive_too_large", found=len(listed), limit=MEMBERS)
    if total > UNPACKED:
        raise refuse("archive_too_large", found=f"{total // bounds.MB} MB", limit=f"{UNPACKED // bounds.MB} MB")
    if total > bounds.RATIO_FROM and total > bounds.RATIO * packed:
        raise refuse("ratio_too_large", found=total // max(packed, 1), limit=bounds.RATIO)


def _extract(opened: zipfile.ZipFile, member: zipfile.ZipInfo, folder: Path, number: int) -> Path:
    """Copy at most the size that the directory declares and `_check` has counted."""
    path = folder / f"{number}.dcm"
    left = member.file_size
    with opened.open(member) as source, path.open("wb") as target:
        while left > 0 and (piece := source.read(min(left, bounds.MB))):
            target.write(piece)
            left -= len(piece)
    return path


def _once(files: Sequence[File], notes: list[Reason]) -> list[File]:
    """Each SOP instance once, the first that came; repeats are remarked upon."""
    first: dict[str, File] = {}
    same = other = 0
    for file in files:
        kept = first.setdefault(file.about.sop_uid, file)
        if kept is not file:
            alike = sha256(kept.path) == sha256(file.path)
            same, other = same + alike, other + (not alike)
    if same:
        notes.append(reason("duplicate_ignored", count=same))
    if other:
        notes.append(reason("duplicate_conflict", count=other))
    return list(first.values())
