"""Limits that hold before anything is parsed or decoded: they stop bombs, not ordinary images."""

import io
import zlib
from typing import BinaryIO

from cdss.serving.pacs.reasons import refuse

MB = 1 << 20
HEADER = 32 * MB  # bytes in front of the pixel data
PIXELS = 2048 * MB  # bytes of all frames, decoded
FRAMES = 4000
RATIO = 100  # decoded to encoded
RATIO_FROM = 16 * MB  # below it a high ratio is an empty slice, and harmless
CHUNK = MB


class Window(io.RawIOBase):
    """A file seen through a window: reading past `HEADER` bytes raises Unreadable instead of filling memory."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file

    def read(self, size: int = -1) -> bytes:
        """At most `size` bytes from here; Unreadable(header_too_large) if they end beyond the window."""
        wanted = HEADER + 1 if size < 0 else size
        if self.file.tell() + wanted > HEADER:
            self._refuse_if_there(wanted)
        return self.file.read(size)

    def _refuse_if_there(self, wanted: int) -> None:
        """A short file may be asked for more than it holds; only bytes that exist are too many."""
        here = self.file.tell()
        end = self.file.seek(0, io.SEEK_END)
        self.file.seek(here)
        if min(end, here + wanted) > HEADER:
            raise refuse("header_too_large", limit_mb=HEADER // MB)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move; see io.IOBase."""
        return self.file.seek(offset, whence)

    def tell(self) -> int:
        """Where the next read starts."""
        return self.file.tell()


def check_pixels(rows: int, columns: int, frames: int, pixel_bits: int, encoded: int) -> int:
    """Bytes of all frames when decoded. Unreadable if too many, too many frames, or too many for `encoded` bytes."""
    declared = rows * columns * frames * pixel_bits // 8
    if declared > PIXELS or frames > FRAMES:
        raise refuse(
            "pixels_too_large",
            found_mb=declared // MB,
            frames=frames,
            limit_mb=PIXELS // MB,
            limit_frames=FRAMES,
        )
    if declared > RATIO_FROM and declared > RATIO * max(encoded, 1):
        raise refuse("ratio_too_large", found=declared // max(encoded, 1), limit=RATIO)
    return declared


def inflated_header(file: BinaryIO) -> BinaryIO:
    """The first `HEADER` bytes of a deflated data set, after counting (not keeping) how long all of it is.

    `file` stands at the start of the deflated bytes (PS3.5 A.5: raw deflate). Unreadable if it is a bomb or damaged.
    """
    inflate, kept, produced, consumed = zlib.decompressobj(-zlib.MAX_WBITS), io.BytesIO(), 0, 0
    pending = b""
    while not inflate.eof and (pending or (pending := file.read(CHUNK))):
        before = len(pending)
        piece = _inflate(inflate, pending)
        pending = inflate.unconsumed_tail
        consumed += before - len(pending)
        kept.write(piece[: max(0, HEADER + 1 - produced)])
        produced += len(piece)
        _check_ratio(produced, consumed)
    kept.seek(0)
    return kept


def _inflate(inflate: "zlib._Decompress", pending: bytes) -> bytes:
    try:
        return inflate.decompress(pending, 4 * CHUNK)
    except zlib.error as e:
        raise refuse("header_invalid", fault="deflate") from e


def _check_ratio(produced: int, consumed: int) -> None:
    if produced > PIXELS or (produced > RATIO_FROM and produced > RATIO * max(consumed, 1)):
        raise refuse("ratio_too_large", found=produced // max(consumed, 1), limit=RATIO)
