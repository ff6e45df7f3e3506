"""Files sent by HTTP: the same way in as C-STORE, with the same promise."""

import shutil
from collections.abc import AsyncGenerator, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import sqlalchemy as sa
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from cdss.rules.alert import Text
from cdss.serving.pacs.decode import bounds, header
from cdss.serving.pacs.intake.given import members
from cdss.serving.pacs.intake.record import keep
from cdss.serving.pacs.intake.store import Store, rewrite
from cdss.serving.pacs.reasons import Reason, Unreadable
from cdss.serving.platform.errors import BadInput

LONGEST = 4 << 30  # bytes of one request
PARTS = 5000
TOO_LARGE = Text(
    f"请求超过 {LONGEST // bounds.MB} MB；请分批上传。", f"found more than {LONGEST // bounds.MB} MB; send it in parts"
)
NOT_MULTIPART = Text(
    "应为 multipart/form-data，每个部分一个 DICOM 文件或 zip。",
    "expected multipart/form-data with one DICOM file or zip in each part",
)


class Uploaded(msgspec.Struct, frozen=True):
    """What became of one file: its study, or why it was refused. `part` counts the files of the request from 1."""

    part: int
    study_uid: str = ""
    refused: Reason | None = None


async def parts(request: Request) -> list[UploadFile]:
    """The files of a multipart request, spooled to disk. BadInput: not multipart (400) or too large (413)."""
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise BadInput(NOT_MULTIPART, status=400, code="not-multipart")
    if int(request.headers.get("content-length") or 0) > LONGEST:
        raise BadInput(TOO_LARGE, status=413, code="too-large")
    try:
        form = await MultiPartParser(request.headers, _bounded(request), max_files=PARTS).parse()
    except (MultiPartException, KeyError, ValueError) as e:
        raise BadInput(NOT_MULTIPART, status=400, code="not-multipart") from e
    return [value for _, value in form.multi_items() if isinstance(value, UploadFile)]


async def _bounded(request: Request) -> AsyncGenerator[bytes, None]:
    """The body, as long as it stays within the limit."""
    received = 0
    async for chunk in request.stream():
        received += len(chunk)
        if received > LONGEST:
            raise BadInput(TOO_LARGE, status=413, code="too-large")
        yield chunk


def keep_parts(files: list[UploadFile], engine: sa.Engine, store: Store) -> list[Uploaded]:
    """Keep every DICOM file of the parts (and of zips in them); what is returned with a study is durable."""
    store.check_space()
    store.incoming.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=store.incoming) as folder:
        return [one for number, file in enumerate(files, 1) for one in _keep(number, file, Path(folder), engine, store)]


def _keep(number: int, file: UploadFile, folder: Path, engine: sa.Engine, store: Store) -> Iterator[Uploaded]:
    arrived = folder / f"part-{number}"
    with arrived.open("wb") as target, file.file as source:
        shutil.copyfileobj(source, target, bounds.MB)
    try:
        for _, path in members(arrived, folder):
            yield _keep_file(number, path, engine, store)
            path.unlink()
    except Unreadable as e:
        yield Uploaded(number, refused=e.reason)
    arrived.unlink(missing_ok=True)


def _keep_file(number: int, path: Path, engine: sa.Engine, store: Store) -> Uploaded:
    try:
        about = header.identity(path)
        if about.own:
            return Uploaded(number, about.study_uid)
        with store.arriving() as arrived:
            with path.open("rb") as source, arrived.open("wb") as target:
                rewrite(source, target, about.sop_class, about.sop_uid)
            keep(arrived, about, "http", engine, store)
    except Unreadable as e:
        return Uploaded(number, refused=e.reason)
    return Uploaded(number, about.study_uid)
