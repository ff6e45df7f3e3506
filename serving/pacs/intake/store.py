"""Received bytes on disk, named by their sha256 and never by a tag; kept means flushed to the disk, folder included."""

import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from errno import EDQUOT, ENOSPC
from pathlib import Path
from typing import BinaryIO

from pydicom.filewriter import write_file_meta_info
from pydicom.uid import UID
from pynetdicom.dsutils import create_file_meta

from cdss.serving.pacs.decode import meta
from cdss.serving.pacs.decode.bounds import MB
from cdss.serving.pacs.intake.manifest import sha256
from cdss.serving.platform.config import Settings

FLUSHERS = ThreadPoolExecutor(8, "flush")
HASH = re.compile(r"[0-9a-f]{64}")
RESERVE = 64 * MB  # left free on the disk for the database and its log


class NoSpace(OSError):
    """The disk is full, or nearly."""


@dataclass(frozen=True, slots=True)
class Store:
    """Files below `root` as `ab/abcdef...`, and a folder for what is still arriving."""

    root: Path

    @property
    def incoming(self) -> Path:
        """Where bytes wait until they are whole; what a killed process leaves here was never acknowledged."""
        return self.root / "incoming"

    def path(self, digest: str) -> Path:
        """Where the bytes with this hash are. ValueError for anything that is not a sha256."""
        if not HASH.fullmatch(digest):
            raise ValueError("found no sha256 in hexadecimal; stored files are named by their hash")
        return self.root / digest[:2] / digest

    def keep(self, arrived: Path, meanwhile: Callable[[str], object] = lambda _: None) -> str:
        """Keep a whole file of this disk under its hash, durably; returns the hash. NoSpace if the disk is full.

        `meanwhile` is called with the hash while bytes and name are being flushed: its own commit costs no further
        wait for the disk. Only when `keep` returns are all of them safe. A name that is there already may be another
        sender's and not flushed yet, so it is flushed in any case.
        """
        digest = sha256(arrived)
        target = self.path(digest)
        with _space(self.root):
            self._make_folder(target.parent)
            _link(arrived, target)
            flushing = [FLUSHERS.submit(_flush, path) for path in (target, target.parent)]
            try:
                meanwhile(digest)
            finally:
                for one in flushing:
                    one.result()
        return digest

    def _make_folder(self, folder: Path) -> None:
        if not folder.is_dir():
            folder.mkdir(parents=True, exist_ok=True)
            _flush(self.root)

    def check_space(self) -> None:
        """NoSpace if less than the reserve is free."""
        if shutil.disk_usage(self.root).free < RESERVE:
            raise NoSpace("the disk of CDSS_HOME is full; free some space, sending resumes by itself")

    def prepare(self, name: str) -> Path:
        """An empty folder for what arrives by one way; what an earlier process left in it was never acknowledged.

        The folders of all hashes are made as well, so that keeping a file need not wait for that.
        """
        for number in range(256):
            (self.root / f"{number:02x}").mkdir(parents=True, exist_ok=True)
        _flush(self.root)
        folder = self.incoming / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        return folder

    @contextmanager
    def arriving(self) -> Iterator[Path]:
        """The path of an empty file to write to; it is gone afterwards, kept or not. NoSpace if the disk fills."""
        self.incoming.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=self.incoming)
        os.close(descriptor)
        try:
            with _space(self.root):
                yield Path(name)
        finally:
            Path(name).unlink(missing_ok=True)


def store_of(settings: Settings) -> Store:
    """The received bytes of this installation."""
    return Store(settings.state / "instances")


def rewrite(source: BinaryIO, target: BinaryIO, sop_class: str, sop_uid: str) -> None:
    """Copy a DICOM file with an empty preamble and a meta group of our own; the data set's bytes stay as they are.

    The same data set gives the same file, whichever way it came. Raises Unreadable if `source` is no DICOM file.
    """
    syntax = meta.read(source).syntax
    target.write(b"\0" * meta.PREAMBLE + meta.MARK)
    write_file_meta_info(
        target,
        create_file_meta(sop_class_uid=UID(sop_class), sop_instance_uid=UID(sop_uid), transfer_syntax=UID(syntax)),
    )
    shutil.copyfileobj(source, target, MB)
    target.flush()


def _link(arrived: Path, target: Path) -> None:
    try:
        os.link(arrived, target)
    except FileExistsError:
        return  # another sender was faster with the same bytes


def _flush(path: Path) -> None:
    """To the disk: a file's bytes, or a folder's names."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _space(folder: Path) -> Iterator[None]:
    """OSError for want of space becomes NoSpace."""
    try:
        yield
    except OSError as e:
        if e.errno in (ENOSPC, EDQUOT):
            raise NoSpace(f"no space left below {folder.name}") from e
        raise
