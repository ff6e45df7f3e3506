"""Backup and restore: the same bytes back, and nothing half-restored."""

import sqlite3
import tarfile
from pathlib import Path

import pytest

from cdss.serving.platform.backup import BackupError, restore, save
from cdss.serving.platform.config import Settings


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    state = tmp_path / "home"
    (state / "store" / "ab").mkdir(parents=True)
    (state / "store" / "ab" / "abcd").write_bytes(b"pixels")
    (state / "pseudonym.key").write_bytes(b"k" * 32)
    with sqlite3.connect(state / "cdss.sqlite") as database:
        database.execute("CREATE TABLE study (uid TEXT)")
        database.execute("INSERT INTO study VALUES ('1.2.3')")
    database.close()
    return Settings(home=state)


def test_what_was_saved_comes_back(home: Settings, tmp_path: Path) -> None:
    assert save(home, tmp_path / "b.tar.gz") == 3
    other = Settings(home=tmp_path / "other")
    assert restore(other, tmp_path / "b.tar.gz") == 3
    assert (other.state / "store" / "ab" / "abcd").read_bytes() == b"pixels"
    database = sqlite3.connect(other.state / "cdss.sqlite")
    assert database.execute("SELECT uid FROM study").fetchall() == [("1.2.3",)]
    database.close()


def test_a_home_with_files_is_not_overwritten(home: Settings, tmp_path: Path) -> None:
    save(home, tmp_path / "b.tar.gz")
    with pytest.raises(BackupError, match="restore only into an empty folder"):
        restore(home, tmp_path / "b.tar.gz")


def repacked(archive: Path, change: dict[str, bytes | None]) -> None:
    """The archive again with some members replaced or (None) left out."""
    folder = archive.parent / "repack"
    with tarfile.open(archive) as old:
        old.extractall(folder, filter="data")
    for name, content in change.items():
        (folder / name).unlink(missing_ok=True)
        if content is not None:
            (folder / name).write_bytes(content)
    with tarfile.open(archive, "w:gz") as new:
        for path in sorted(folder.rglob("*")):
            new.add(path, path.relative_to(folder), recursive=False)


CHANGES = [
    ("a changed member", {"pseudonym.key": b"x" * 32}, "pseudonym.key is missing, added or changed"),
    ("a missing member", {"store/ab/abcd": None}, "store/ab/abcd is missing, added or changed"),
    ("an added member", {"extra": b"x"}, "extra is missing, added or changed"),
    ("no manifest", {"MANIFEST.json": None}, "found no MANIFEST.json"),
]


@pytest.mark.parametrize(("what", "change", "says"), CHANGES, ids=[row[0] for row in CHANGES])
def test_a_backup_that_was_touched_restores_nothing(
    home: Settings, tmp_path: Path, what: str, change: dict[str, bytes | None], says: str
) -> None:
    save(home, tmp_path / "b.tar.gz")
    repacked(tmp_path / "b.tar.gz", change)
    other = Settings(home=tmp_path / "other")
    with pytest.raises(BackupError, match=says):
        restore(other, tmp_path / "b.tar.gz")
    assert not other.state.exists()


def test_what_is_no_backup_is_said(tmp_path: Path) -> None:
    (tmp_path / "b.tar.gz").write_bytes(b"hello")
    with pytest.raises(BackupError, match="cannot be read as a backup"):
        restore(Settings(home=tmp_path / "other"), tmp_path / "b.tar.gz")
