"""Asking the imaging process: references to stored files go out, findings come back."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

import httpx
import msgspec

from cdss.serving.pacs.detect import FilmAnswer, Unavailable, VolumeAnswer
from cdss.serving.pacs.reasons import Reason, Unreadable
from cdss.serving.platform.config import Settings

CONNECT_SECONDS = 3.0
ANSWER_SECONDS = 900.0  # a long CT on a slow machine; the study says "AI unavailable" long before

T = TypeVar("T", VolumeAnswer, FilmAnswer)


NOTHING = msgspec.Raw()


class Reply(msgspec.Struct, frozen=True):
    """What the imaging process says: an answer, a reason against the images, or nothing but why it cannot work."""

    answer: msgspec.Raw = NOTHING
    refused: Reason | None = None
    unavailable: str = ""


class RemoteDetector:
    """See detect.Detector. Files are named by their hash, which both processes find below CDSS_HOME."""

    def __init__(self, settings: Settings, answer_seconds: float = ANSWER_SECONDS) -> None:
        timeout = httpx.Timeout(answer_seconds, connect=CONNECT_SECONDS)
        self.client = httpx.Client(
            base_url=f"http://127.0.0.1:{settings.imaging_port}", timeout=timeout, trust_env=False
        )

    def volume(self, slices: Sequence[Path], spacing_mm: tuple[float, float, float]) -> VolumeAnswer:
        """See detect.Detector."""
        body = {"slices": [path.name for path in slices], "spacing_mm": spacing_mm}
        return self._ask("/volume", body, VolumeAnswer)

    def film(self, path: Path) -> FilmAnswer:
        """See detect.Detector."""
        return self._ask("/film", {"film": path.name}, FilmAnswer)

    def _ask(self, route: str, body: dict[str, Any], kind: type[T]) -> T:
        try:
            response = self.client.post(route, content=msgspec.json.encode(body), headers=JSON)
            response.raise_for_status()
            reply = msgspec.json.decode(response.content, type=Reply)
        except (httpx.HTTPError, msgspec.MsgspecError) as e:
            raise Unavailable(f"imaging process: {type(e).__name__}") from e
        if reply.refused:
            raise Unreadable(reply.refused)
        if reply.answer == NOTHING:
            raise Unavailable(reply.unavailable or "imaging process: no answer")
        return msgspec.json.decode(reply.answer, type=kind)


JSON = {"content-type": "application/json"}
