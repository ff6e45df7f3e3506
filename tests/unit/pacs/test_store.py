"""Received bytes: durable under their hash, and never under a name from outside."""

import os
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pydicom
import pytest

from cdss.serving.pacs.intake import store as module
from cdss.serving.pacs.intake.manifest import manifest, sha256
from cdss.serving.pacs.intake.store import NoSpace, Store, rewrite
from cdss.serving.pacs.reasons import Unreadable


def arrived(store: Store, content: bytes) -> Path:
    path = store.prepare("test") / "arrived"
    path.write_bytes(content)
    return path


def test_kept_bytes_are_found_under_their_hash(store: Store) -> None:
    digest = store.keep(arrived(store, b"pixels"))
    assert store.path(digest).read_bytes() == b"pixels"
    assert sha256(store.path(digest)) == digest


def test_the_same_bytes_are_kept_once(store: Store) -> None:
    first, second = (store.keep(arrived(store, b"pixels")) for _ in range(2))
    assert first == second
    assert len([path for path in store.root.rglob("*") if path.is_file() and "incoming" not in path.parts]) == 1


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "A" * 64, "a" * 63, "a" * 64 + "/x"])
def test_only_a_hash_names_a_file(name: str, store: Store) -> None:
    with pytest.raises(ValueError, match="found no sha256"):
        store.path(name)


def test_bytes_and_name_are_flushed_before_it_counts_as_kept(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    flushed: list[str] = []
    monkeypatch.setattr(module, "_flush", lambda path: flushed.append(path.name))
    digest = store.keep(arrived(store, b"pixels"))
    assert sorted(flushed) == sorted(["instances", digest, digest[:2]])


def test_a_full_disk_is_named(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    path = arrived(store, b"pixels")

    def full(*_: object) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(module.os, "link", full)
    with pytest.raises(NoSpace):
        store.keep(path)


def test_what_an_earlier_process_left_half_received_is_removed(store: Store) -> None:
    left = arrived(store, b"half")
    store.prepare("test")
    assert not left.exists()


def test_the_preamble_is_emptied_and_the_data_set_kept_to_the_byte(
    make_image: Callable[..., Path], tmp_path: Path
) -> None:
    """A preamble may hold a program: such a file is an image and an executable at once."""
    path = make_image(tmp_path / "film.dcm")
    whole = path.read_bytes()
    path.write_bytes(b"MZ" + b"\x90" * 126 + whole[128:])
    target = BytesIO()
    with path.open("rb") as source:
        rewrite(source, target, "1.2.840.10008.5.1.4.1.1.1", "1.2.3")
    assert target.getvalue()[:132] == b"\0" * 128 + b"DICM"
    body = whole[whole.index(b"\x08\x00\x08\x00CS") :]
    assert target.getvalue().endswith(body)
    target.seek(0)
    assert pydicom.dcmread(target).file_meta.MediaStorageSOPInstanceUID == "1.2.3"


def test_what_is_no_dicom_file_is_not_rewritten() -> None:
    with pytest.raises(Unreadable, match="not_dicom"):
        rewrite(BytesIO(b"hello" * 100), BytesIO(), "1.2", "1.2")


def test_a_manifest_does_not_depend_on_the_order_of_arrival() -> None:
    assert manifest([("1.1", "aa"), ("1.2", "bb")]) == manifest([("1.2", "bb"), ("1.1", "aa")])
    assert manifest([("1.1", "aa")]) != manifest([("1.1", "ab")])
