"""C-ECHO and C-STORE: bytes go to disk as they come, nothing is decoded, 0x0000 means durable."""

import logging
import socket
import tempfile
from pathlib import Path
from typing import Any

import pynetdicom
import sqlalchemy as sa
import structlog
from pynetdicom import AE, evt
from pynetdicom.presentation import AllStoragePresentationContexts
from pynetdicom.sop_class import Verification

from cdss.serving.pacs.decode import header
from cdss.serving.pacs.decode.syntaxes import DECODABLE
from cdss.serving.pacs.intake.record import forget_lost, keep
from cdss.serving.pacs.intake.store import NoSpace, Store
from cdss.serving.pacs.reasons import Unreadable
from cdss.serving.platform.config import Settings

log = structlog.get_logger()

LONGEST_PDU = 131_072  # bytes; what is offered to senders
PDU_CAP = 1 << 20  # bytes; a peer that announces more is cut off before a byte of it is read
ASSOCIATIONS = 64
IDLE_SECONDS = 60.0
STORED_ONLY = ("1.2.840.10008.1.2.4.53", "1.2.840.10008.1.2.4.55")  # kept, and told that they cannot be decoded

# Statuses of PS3.4 table B.2-1 and PS3.7 annex C.
SUCCESS, OUT_OF_RESOURCES, MISMATCH, NOT_UNDERSTOOD, FAILED = 0x0000, 0xA700, 0xA900, 0xC000, 0x0110


class Listener:
    """A DICOM server in threads of its own, from `start` to `stop`."""

    def __init__(self, settings: Settings, engine: sa.Engine, store: Store) -> None:
        self.settings, self.engine, self.store = settings, engine, store
        self.server: Any = None

    def start(self) -> None:
        """Open the port. OSError if it is taken."""
        logging.getLogger("pynetdicom").setLevel(logging.CRITICAL)  # it would log what peers send
        pynetdicom._config.STORE_RECV_CHUNKED_DATASET = True  # to a file as it comes, instead of into memory
        forget_lost(self.engine, self.store)
        tempfile.tempdir = str(self.store.prepare(f"dicom-{socket.gethostname()}-{self.settings.dicom_port}"))
        handlers = [(evt.EVT_CONN_OPEN, _guard_socket), (evt.EVT_C_STORE, self._store)]
        address = (self.settings.host, self.settings.dicom_port)
        self.server = _entity(self.settings).start_server(address, block=False, evt_handlers=handlers)
        log.info("dicom listening", port=self.settings.dicom_port, aet=self.settings.ae_title)

    def stop(self) -> None:
        """Close the port and end the associations."""
        if self.server:
            self.server.shutdown()
        tempfile.tempdir = None

    def _store(self, event: evt.Event) -> int:
        sender = str(event.assoc.requestor.ae_title).strip()
        try:
            return keep_received(Path(event.dataset_path), _affected(event), sender, self.engine, self.store)
        except Exception as e:
            log.error("instance not kept", error=type(e).__name__)
            return FAILED


def keep_received(path: Path, affected: tuple[str, str], sender: str, engine: sa.Engine, store: Store) -> int:
    """Keep one received file and return its C-STORE status. `affected`: SOP Class and Instance UID of the request."""
    try:
        store.check_space()
        about = header.identity(path)
        if (about.sop_class, about.sop_uid) != affected:
            return MISMATCH
        if about.own:
            log.info("own result came back, ignored")
            return SUCCESS
        digest = keep(path, about, sender, engine, store)
        log.debug("instance kept", study=about.study_uid, sha256=digest[:12])
    except Unreadable as e:
        log.warning("instance refused", code=e.reason.code)
        return MISMATCH if e.reason.code in ("uid_invalid", "attribute_missing") else NOT_UNDERSTOOD
    except NoSpace:
        log.error("instance refused", code="no_space")
        return OUT_OF_RESOURCES
    except sa.exc.OperationalError as e:
        log.error("instance refused", code="database", error=type(e.orig).__name__)
        return OUT_OF_RESOURCES
    return SUCCESS


def _affected(event: evt.Event) -> tuple[str, str]:
    return str(event.request.AffectedSOPClassUID), str(event.request.AffectedSOPInstanceUID)


def _entity(settings: Settings) -> AE:
    """Our application entity: every storage class, every syntax that can be decoded, a few that can only be kept."""
    entity = AE(settings.ae_title)
    entity.maximum_pdu_size = LONGEST_PDU
    entity.maximum_associations = ASSOCIATIONS
    entity.network_timeout = entity.acse_timeout = entity.dimse_timeout = IDLE_SECONDS
    entity.require_calling_aet = [title.strip() for title in settings.ae_allowed.split(",") if title.strip()]
    for context in AllStoragePresentationContexts:
        entity.add_supported_context(context.abstract_syntax, [*DECODABLE, *STORED_ONLY])
    entity.add_supported_context(Verification)
    return entity


def _guard_socket(event: evt.Event) -> None:
    """Answer at once (no Nagle), and refuse to read what is announced longer than any honest PDU."""
    wrapped = event.assoc.dul.socket
    wrapped.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    wrapped.recv = _Reader(wrapped.socket)


class _Reader:
    """Reads exactly so many bytes from a socket, in large pieces, up to the cap."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection

    def __call__(self, count: int) -> bytearray:
        """`count` bytes, fewer if the peer closes. OSError, which pynetdicom takes as a lost peer, above the cap."""
        if count > PDU_CAP:
            log.warning("peer cut off", code="pdu_too_long", announced=count)
            raise OSError("PDU above the cap")
        received, filled = bytearray(count), 0
        with memoryview(received) as view:
            while filled < count and (got := self.connection.recv_into(view[filled:])):
                filled += got
        del received[filled:]
        return received
