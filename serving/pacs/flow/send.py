"""One object to the PACS by C-STORE, with the status looked at."""

import logging
import socket
from pathlib import Path
from typing import Any

import pydicom
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian
from pynetdicom import AE, evt
from pynetdicom.presentation import build_context
from pynetdicom.sop_class import Verification

from cdss.serving.platform.config import Peer

SECONDS = 30.0
ECHO_SECONDS = 5.0
LONGEST_PDU = 131_072
ALREADY_THERE = 0x0111  # PS3.7 annex C: duplicate SOP instance
WARNINGS = frozenset((0xB000, 0xB006, 0xB007))  # PS3.4 table B.2-1: stored, with remarks


class NotSent(OSError):
    """The PACS did not take the object; the text says why, without anything of the patient."""


def send(path: Path, peer: Peer, calling: str) -> str:
    """Send the file; returns the status as text. NotSent if the peer is away, refuses, or answers with a failure."""
    logging.getLogger("pynetdicom").setLevel(logging.CRITICAL)
    dataset = pydicom.dcmread(path)
    association = _associate(dataset.SOPClassUID, peer, calling)
    try:
        answer = association.send_c_store(dataset)
    except (ValueError, RuntimeError) as e:
        raise NotSent(type(e).__name__) from e
    finally:
        if association.is_established:
            association.release()
    status = answer.get("Status")
    if status is None:
        raise NotSent("connection lost")
    if status not in (0, ALREADY_THERE, *WARNINGS):
        raise NotSent(f"status 0x{status:04X}")
    return f"0x{status:04X}"


def echo(peer: Peer, calling: str) -> None:
    """Ask the peer for a sign of life (C-ECHO, PS3.7 section 9.1.5). NotSent says why there is none."""
    logging.getLogger("pynetdicom").setLevel(logging.CRITICAL)
    association = _associate(Verification, peer, calling, ECHO_SECONDS)
    status = association.send_c_echo().get("Status")
    association.release()
    if status != 0:
        raise NotSent("no answer" if status is None else f"status 0x{status:04X}")


def _associate(sop_class: str, peer: Peer, calling: str, seconds: float = SECONDS) -> Any:
    entity = AE(calling)
    entity.maximum_pdu_size = LONGEST_PDU
    entity.connection_timeout = entity.acse_timeout = entity.dimse_timeout = entity.network_timeout = seconds
    contexts = [build_context(sop_class, [ExplicitVRLittleEndian, ImplicitVRLittleEndian])]
    association = entity.associate(
        peer.host, peer.port, contexts, ae_title=peer.aet, evt_handlers=[(evt.EVT_CONN_OPEN, _no_delay)]
    )
    if association.is_established:
        return association
    if association.is_rejected:
        raise NotSent("association rejected")
    raise NotSent("no connection" if not association.acceptor.primitive else "association aborted")


def _no_delay(event: evt.Event) -> None:
    event.assoc.dul.socket.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
