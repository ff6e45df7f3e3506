"""The imaging process: the two imaging models behind a loopback port, asked by references to stored files.

Started as launch.py says. A slow or dead model stops here and nowhere else.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import bentoml
import msgspec
from bentoml.exceptions import InvalidArgument

from cdss.models import artifact
from cdss.serving.pacs.detect import FilmAnswer, LocalDetector, Unavailable, VolumeAnswer
from cdss.serving.pacs.intake.store import store_of
from cdss.serving.pacs.reasons import Unreadable
from cdss.serving.platform.config import settings

LONGEST_SECONDS = 900


@bentoml.service(
    name="imaging",
    workers=1,
    threads=2,
    traffic={"timeout": LONGEST_SECONDS},
    metrics={"enabled": False},
    logging={"access": {"enabled": False}},
)
class Imaging:
    """Takes names of files below CDSS_HOME (their sha256), gives findings; refusals are answers, not errors."""

    def __init__(self) -> None:
        current = settings()
        self.store = store_of(current)
        self.detector = LocalDetector(artifact.cores(), current.imaging_provider)
        self.detector.start()

    @bentoml.api(route="/volume")  # type: ignore[untyped-decorator]
    def volume(self, slices: list[str], spacing_mm: list[float]) -> dict[str, Any]:
        """Nodules in a CT: hashes of its slices in order of height; spacing between slices, rows, columns."""
        if len(spacing_mm) != 3 or min(spacing_mm) <= 0:
            raise InvalidArgument("expected spacing_mm with three numbers above 0")
        between, row, column = spacing_mm
        paths = [self._stored(digest) for digest in slices]
        return _reply(lambda: self.detector.volume(paths, (between, row, column)))

    @bentoml.api(route="/film")  # type: ignore[untyped-decorator]
    def film(self, film: str) -> dict[str, Any]:
        """Fractures on one film: the hash of its file."""
        path = self._stored(film)
        return _reply(lambda: self.detector.film(path))

    def _stored(self, digest: str) -> Path:
        """The file of that hash; 400 if it is no hash, or none that is kept here."""
        try:
            path = self.store.path(digest)
        except ValueError as e:
            raise InvalidArgument(str(e)) from e
        if not path.is_file():
            raise InvalidArgument("found no stored file of this hash; send the study first")
        return path


def _reply(ask: Callable[[], VolumeAnswer | FilmAnswer]) -> dict[str, Any]:
    """See imaging_client.Reply."""
    try:
        return {"answer": msgspec.to_builtins(ask())}
    except Unreadable as e:
        return {"refused": msgspec.to_builtins(e.reason)}
    except Unavailable as e:
        return {"unavailable": str(e)}
