"""A backup: the database and the state folder in one tar file, with the sha256 of every member."""

import hashlib
import io
import json
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

from cdss.serving.platform.config import Settings

MANIFEST = "MANIFEST.json"
DATABASES = ("cdss.sqlite", "workflows.sqlite")
LEFT_OUT = {"bentoml", "laboratory", *DATABASES, *(f"{name}-{part}" for name in DATABASES for part in ("wal", "shm"))}


class BackupError(ValueError):
    """A backup cannot be made, read or trusted."""


def save(settings: Settings, file: Path) -> int:
    """Write the backup; the number of members. The service may go on running: databases are copied consistently."""
    if not settings.database.startswith("sqlite"):
        raise BackupError("found PostgreSQL; back it up with pg_dump, and CDSS_HOME as files")
    if not settings.state.is_dir():
        raise BackupError(f"found no state in {settings.state}; nothing to back up")
    hashes: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as scratch, tarfile.open(file, "w:gz") as archive:
        for name, path in _members(settings.state, Path(scratch)):
            hashes[name] = _sha256(path)
            archive.add(path, name, recursive=False)
        _add_text(archive, MANIFEST, json.dumps(hashes, indent=1))
    return len(hashes)


def restore(settings: Settings, file: Path) -> int:
    """Unpack a backup into an empty state folder; every member must have its hash. The number of members."""
    if settings.state.exists() and any(settings.state.iterdir()):
        raise BackupError(f"found files in {settings.state}; restore only into an empty folder, nothing is overwritten")
    settings.state.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=settings.state.parent, prefix=".restoring-") as scratch:
        unpacked = Path(scratch) / "state"
        _unpack(file, unpacked)
        count = _verify(file, unpacked)
        if settings.state.exists():
            settings.state.rmdir()
        unpacked.rename(settings.state)
    return count


def _unpack(file: Path, to: Path) -> None:
    try:
        with tarfile.open(file, "r:gz") as archive:
            archive.extractall(to, filter="data")
    except (OSError, tarfile.TarError, EOFError) as e:
        raise BackupError(f"{file}: cannot be read as a backup: {e}") from e


def _verify(file: Path, unpacked: Path) -> int:
    """Every member has its hash, and there are no others. The number of members."""
    manifest = unpacked / MANIFEST
    if not manifest.exists():
        raise BackupError(f"{file}: found no {MANIFEST}; this is not a complete backup")
    hashes: dict[str, str] = json.loads(manifest.read_text(encoding="utf-8"))
    manifest.unlink()
    found = {path.relative_to(unpacked).as_posix(): path for path in unpacked.rglob("*") if path.is_file()}
    for name in sorted(hashes.keys() | found.keys()):
        if name not in found or name not in hashes or _sha256(found[name]) != hashes[name]:
            raise BackupError(f"{file}: {name} is missing, added or changed; nothing was restored")
    return len(hashes)


def _members(state: Path, scratch: Path) -> Iterator[tuple[str, Path]]:
    """(name in the archive, file) of everything that is state; databases through consistent copies."""
    for name in DATABASES:
        if (state / name).exists():
            yield name, _copy(state / name, scratch / name)
    for path in sorted(state.rglob("*")):
        relative = path.relative_to(state)
        if path.is_file() and relative.parts[0] not in LEFT_OUT:
            yield relative.as_posix(), path


def _copy(database: Path, to: Path) -> Path:
    source, target = sqlite3.connect(database), sqlite3.connect(to)
    with target:
        source.backup(target)
    source.close()
    target.close()
    return to


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _add_text(archive: tarfile.TarFile, name: str, text: str) -> None:
    data = text.encode()
    member = tarfile.TarInfo(name)
    member.size = len(data)
    archive.addfile(member, io.BytesIO(data))
