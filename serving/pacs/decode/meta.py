"""The file meta group (PS3.10 section 7.1): which syntax the data set behind it is written in, and where it starts."""

import struct
from typing import BinaryIO

import msgspec
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

from cdss.serving.pacs.reasons import refuse

PREAMBLE = 128
MARK = b"DICM"
LONG_FORM = frozenset((b"OB", b"OW", b"OF", b"OD", b"OL", b"OV", b"SQ", b"UC", b"UN", b"UR", b"UT", b"SV", b"UV"))
LONGEST = 1 << 20  # bytes of one meta element; private information may be long, not longer
ELEMENT_CLASS, ELEMENT_INSTANCE, ELEMENT_SYNTAX = 0x0002, 0x0003, 0x0010
BARE = (b"\x08\x00", b"\x02\x00")  # groups that a file without preamble may start with, little endian


class Meta(msgspec.Struct, frozen=True):
    """`start` is the offset of the data set's first byte. Empty text: the file does not say."""

    sop_class: str
    sop_uid: str
    syntax: str
    start: int


def read(file: BinaryIO) -> Meta:
    """The meta group of an open file, left standing at the data set. Unreadable(not_dicom) if it is no DICOM file."""
    start = file.read(PREAMBLE + len(MARK))
    if start[PREAMBLE:] != MARK:
        if start[:2] not in BARE:
            raise refuse("not_dicom")
        file.seek(0)
    found = dict(_elements(file))
    here = file.tell()
    syntax = found.get(ELEMENT_SYNTAX) or _guessed(file.read(6))
    file.seek(here)
    return Meta(found.get(ELEMENT_CLASS, ""), found.get(ELEMENT_INSTANCE, ""), syntax, here)


def _elements(file: BinaryIO) -> list[tuple[int, str]]:
    """(element number, text) of group 0002, which is explicit little endian whatever follows; stops behind it."""
    found: list[tuple[int, str]] = []
    while len(head := file.read(8)) == 8:
        group, element, vr, length = struct.unpack("<HH2sH", head)
        if group != 0x0002:
            file.seek(-8, 1)
            return found
        if vr in LONG_FORM:
            length = int.from_bytes(file.read(4), "little")
        if length > LONGEST:
            raise refuse("header_invalid", fault=f"(0002,{element:04X}) length {length}")
        found.append((element, file.read(length).rstrip(b"\0 ").decode("ascii", "replace")))
    raise refuse("header_invalid", fault="no data set")


def _guessed(first: bytes) -> str:
    """The syntax of a data set that nothing announces: explicit if two capitals stand where a VR would."""
    return str(ExplicitVRLittleEndian if first[4:6].isalpha() and first[4:6].isupper() else ImplicitVRLittleEndian)
