"""Key images as PNG: as they went to the PACS, or drawn again from the stored image, with the score map or bare."""

from datetime import datetime
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any

import numpy as np
import pydicom
import sqlalchemy as sa
from numpy.typing import NDArray
from PIL import Image

from cdss.serving.pacs.decode import header
from cdss.serving.pacs.decode.sandbox import Sandbox
from cdss.serving.pacs.flow import books
from cdss.serving.pacs.flow.books import Result
from cdss.serving.pacs.intake.store import store_of
from cdss.serving.pacs.objects.drawing import Picture
from cdss.serving.pacs.objects.picture import Overlay, drawn, pixels, score_map
from cdss.serving.pacs.objects.request import Request
from cdss.serving.pacs.series.file import File
from cdss.serving.pacs.tables import delivery, instance

AT_ONCE = BoundedSemaphore(2)  # decoding children that may run for those who look


def preview(state: Any, study_uid: str, number: int, overlay: Overlay) -> bytes | None:
    """Picture `number` (from 1) of the current result as PNG; None if there is none.

    Raises NoScoreMap if there is the picture but no score map of it; Unreadable and Interrupted as the sandbox does.
    """
    current = books.current(state.engine, study_uid)
    if current is None or number < 1:
        return None
    if overlay == "boxes":
        return _captured(state, current, number)
    images = [image.sop_instance_uid for image in current.told.key_images]
    path = _stored(state, images[number - 1]) if number <= len(images) else None
    return _png(Image.fromarray(_drawn(current, images[number - 1], path, overlay))) if path else None


def _captured(state: Any, current: Result, number: int) -> bytes | None:
    """The capture of that number; captures are our own, uncompressed."""
    query = sa.select(delivery.c.sha256).where(delivery.c.result_id == current.id, delivery.c.number == number)
    with state.engine.connect() as connection:
        digest = connection.scalar(query)
    if digest is None:
        return None
    capture = pydicom.dcmread(store_of(state.settings).path(digest))
    size = (int(capture.Columns), int(capture.Rows))
    return _png(Image.frombytes("RGB", size, bytes(capture.PixelData)[: size[0] * size[1] * 3]))


def _drawn(current: Result, image: str, path: Path, overlay: Overlay) -> Picture:
    file = File(path, header.read(path))
    request = Request("", current.told, (file,), datetime.fromisoformat(current.at))
    if overlay == "scores":
        score_map(request, image)
    return drawn(request, image, _pixels(file), overlay)


@lru_cache(maxsize=8)
def _pixels(file: File) -> NDArray[np.uint8]:
    """Stored files never change: who looks at an image one way will look at it the other way, too."""
    with AT_ONCE, Sandbox() as sandbox:
        return pixels(file, sandbox)


def _stored(state: Any, sop_uid: str) -> Path | None:
    """Where the image is that was read under this UID; None if it is no longer kept."""
    query = sa.select(instance.c.sha256).where(instance.c.sop_uid == sop_uid, instance.c.current)
    with state.engine.connect() as connection:
        digest = connection.scalar(query)
    path = store_of(state.settings).path(digest) if digest else None
    return path if path and path.is_file() else None


def _png(image: Image.Image) -> bytes:
    png = BytesIO()
    image.save(png, "PNG")
    return png.getvalue()
