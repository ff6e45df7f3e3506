"""The DICOM port: what is acknowledged is durable, what is refused has the right status."""

import socket
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pydicom
import pytest
import sqlalchemy as sa
from pynetdicom import AE
from pynetdicom.sop_class import ComputedRadiographyImageStorage, CTImageStorage, Verification

from cdss.serving.pacs import tables
from cdss.serving.pacs.decode.syntaxes import DECODABLE
from cdss.serving.pacs.intake import listener as module
from cdss.serving.pacs.intake.listener import Listener, keep_received
from cdss.serving.pacs.intake.store import NoSpace, Store
from cdss.serving.platform.config import Settings

Make = Callable[..., Path]
SUCCESS, OUT_OF_RESOURCES, MISMATCH, NOT_UNDERSTOOD = 0x0000, 0xA700, 0xA900, 0xC000


@pytest.fixture
def listening(engine: sa.Engine, store: Store, ports: Any, request: Any) -> Iterator[int]:
    """The port of a running listener; parametrise indirectly with other settings."""
    settings = Settings(dicom_port=ports(), **getattr(request, "param", {}))
    one = Listener(settings, engine, store)
    one.start()
    yield settings.dicom_port
    one.stop()


def associate(port: int, title: str = "SENDER") -> Any:
    entity = AE(title)
    for storage in (CTImageStorage, ComputedRadiographyImageStorage):
        entity.add_requested_context(storage)
    entity.add_requested_context(Verification)
    return entity.associate("127.0.0.1", port, ae_title="CDSS")


def sent(port: int, dataset: Any) -> int:
    association = associate(port)
    status = association.send_c_store(dataset).Status
    association.release()
    return int(status)


def instances(engine: sa.Engine) -> list[sa.Row[Any]]:
    with engine.connect() as connection:
        return list(connection.execute(sa.select(tables.instance)))


def test_it_answers_an_echo(listening: int) -> None:
    association = associate(listening)
    assert association.send_c_echo().Status == SUCCESS
    association.release()


def test_an_acknowledged_image_is_on_disk_to_the_byte(
    listening: int, engine: sa.Engine, store: Store, make_image: Make, tmp_path: Path
) -> None:
    dataset = pydicom.dcmread(make_image(tmp_path / "film.dcm"))
    assert sent(listening, dataset) == SUCCESS
    (row,) = instances(engine)
    kept = pydicom.dcmread(store.path(row.sha256))
    assert kept.PixelData == dataset.PixelData
    assert (row.study_uid, row.source) == (dataset.StudyInstanceUID, "SENDER")
    assert kept.preamble == b"\0" * 128


def test_every_syntax_that_can_be_decoded_is_accepted(listening: int) -> None:
    entity = AE("SENDER")
    for syntax in DECODABLE:
        entity.add_requested_context(CTImageStorage, syntax)
    association = entity.associate("127.0.0.1", listening)
    assert {context.transfer_syntax[0] for context in association.accepted_contexts} == set(DECODABLE)
    association.release()


@pytest.mark.parametrize("listening", [{"ae_allowed": "CT1, CT2"}], indirect=True)
def test_only_allowed_titles_may_send(listening: int) -> None:
    assert associate(listening, "STRANGER").is_rejected
    allowed = associate(listening, "CT2")
    assert allowed.is_established
    allowed.release()


@pytest.mark.parametrize("uid", ["../../x", "1.2.x", ""])
def test_an_invalid_study_uid_is_refused(
    uid: str, make_image: Make, tmp_path: Path, engine: sa.Engine, store: Store
) -> None:
    path = make_image(tmp_path / "film.dcm", StudyInstanceUID=uid)
    assert received(path, engine, store) == MISMATCH
    assert instances(engine) == []


def received(path: Path, engine: sa.Engine, store: Store, uid: str | None = None) -> int:
    store.root.mkdir(exist_ok=True)
    dataset = pydicom.dcmread(path, stop_before_pixels=True)
    return keep_received(path, (str(dataset.SOPClassUID), uid or str(dataset.SOPInstanceUID)), "SENDER", engine, store)


def test_a_data_set_that_is_not_what_was_announced(
    make_image: Make, tmp_path: Path, engine: sa.Engine, store: Store
) -> None:
    assert received(make_image(tmp_path / "film.dcm"), engine, store, uid="1.2.3.4") == MISMATCH


def test_a_data_set_that_cannot_be_parsed(make_image: Make, tmp_path: Path, engine: sa.Engine, store: Store) -> None:
    path = make_image(tmp_path / "film.dcm")
    whole = path.read_bytes()
    start = whole.index(b"\x08\x00\x08\x00CS")
    path.write_bytes(whole[:start] + b"\xff" * 500)
    store.root.mkdir()
    assert keep_received(path, ("1", "2"), "SENDER", engine, store) in (MISMATCH, NOT_UNDERSTOOD)
    assert instances(engine) == []


def test_a_full_disk_is_out_of_resources_and_over_when_there_is_space(
    make_image: Make, tmp_path: Path, engine: sa.Engine, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make_image(tmp_path / "film.dcm")

    def full(_: Store) -> None:
        raise NoSpace

    with monkeypatch.context() as during:
        during.setattr(Store, "check_space", full)
        assert received(path, engine, store) == OUT_OF_RESOURCES
    assert received(path, engine, store) == SUCCESS


def test_a_database_that_is_away_is_out_of_resources(
    make_image: Make, tmp_path: Path, engine: sa.Engine, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise sa.exc.OperationalError("insert", {}, OSError("away"))

    monkeypatch.setattr(module, "keep", away)
    assert received(make_image(tmp_path / "film.dcm"), engine, store) == OUT_OF_RESOURCES


def test_own_results_that_come_back_are_taken_and_forgotten(
    make_image: Make, tmp_path: Path, engine: sa.Engine, store: Store
) -> None:
    path = make_image(tmp_path / "own.dcm", Manufacturer="Wangdi CDSS", Modality="OT")
    assert received(path, engine, store) == SUCCESS
    assert instances(engine) == []


def test_a_peer_that_announces_four_gigabytes_is_cut_off_before_they_are_read(listening: int) -> None:
    with socket.create_connection(("127.0.0.1", listening), timeout=10) as peer:
        peer.sendall(struct.pack(">BBL", 0x01, 0, 0xFFFFFFFF))
        peer.settimeout(10)
        assert peer.recv(100) == b""


def test_a_half_sent_image_leaves_nothing(
    listening: int, engine: sa.Engine, store: Store, make_image: Make, tmp_path: Path
) -> None:
    association = associate(listening)
    association.abort()
    assert instances(engine) == []
    assert sent(listening, pydicom.dcmread(make_image(tmp_path / "film.dcm"))) == SUCCESS
