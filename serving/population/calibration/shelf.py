"""Where the layers of a model are kept, and which is in force: CDSS_HOME/calibration/MODEL/, as `knowledge/` is kept.

Each layer is a file under its digest and is never changed; `in-force.json` names one of them, or none, and those before
it, and is replaced in one step.
"""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from cdss.serving.population.calibration.document import Document, NotSigned, sign, verified

NONE = ""  # stands for the model as it was shipped
KEPT = 20  # layers remembered to roll back to


class LayerRefused(ValueError):
    """A layer that is in force cannot be used; says what was found and what to do."""


@dataclass(frozen=True, slots=True)
class Pointer:
    """The digest in force and those before it, latest first."""

    digest: str = NONE
    before: tuple[str, ...] = ()


class Shelf:
    """The layers of one model in one installation."""

    def __init__(self, state: Path, model: str) -> None:
        self.state, self.model = state, model
        self.folder = state / "calibration" / model
        self.path = self.folder / "in-force.json"

    def pointer(self) -> Pointer:
        """What is in force. LayerRefused if that cannot be read."""
        try:
            value = json.loads(self.path.read_text(encoding="utf-8"))
            return Pointer(str(value["digest"]), tuple(map(str, value["before"])))
        except FileNotFoundError:
            return Pointer()
        except (OSError, ValueError, KeyError, TypeError) as e:
            raise LayerRefused(f"{self.path} cannot be read: {e}; calibrate again") from e

    def stamp(self) -> tuple[int, int]:
        """Changes whenever another layer is put in force: time and inode of the pointer."""
        try:
            found = self.path.stat()
        except FileNotFoundError:
            return 0, 0
        return found.st_mtime_ns, found.st_ino

    def in_force(self, version: str, model_digest: str) -> Document | None:
        """The layer in force, or None. LayerRefused if it is not signed here or was made for another model file."""
        wanted = self.pointer().digest
        return None if wanted == NONE else self.read(wanted, version, model_digest)

    def read(self, digest: str, version: str, model_digest: str) -> Document:
        """One layer. LayerRefused if it is not what its name says, not signed here, or of another model file."""
        path = self._place(digest)
        try:
            document = verified(path.read_bytes(), self.state)
        except (OSError, NotSigned) as e:
            raise LayerRefused(f"{path.name}: {e}; calibrate again or roll back") from e
        if document.digest != digest or document.model != self.model:
            raise LayerRefused(f"{path.name}: it holds another layer than its name says; calibrate again or roll back")
        if (document.version, document.model_digest) != (version, model_digest):
            raise LayerRefused(
                f"it was made for {self.model} {document.version} ({document.model_digest[:19]}), "
                f"installed is {version} ({model_digest[:19]}); calibrate again"
            )
        return document

    def put(self, document: Document) -> None:
        """Keep a layer and put it in force."""
        self.folder.mkdir(parents=True, exist_ok=True)
        _write(self._place(document.digest), sign(document, self.state))
        now = self._pointer_or_none()
        if now.digest != document.digest:
            self._point(Pointer(document.digest, (now.digest, *now.before)[:KEPT]))

    def before(self) -> str:
        """What would be in force after a roll back. LayerRefused if nothing was in force before."""
        now = self.pointer()
        if not now.before:
            raise LayerRefused(f"found nothing to roll back to: no layer of {self.model} is in force here")
        return now.before[0]

    def roll_back(self) -> None:
        """Put in force what was before; the model as shipped if that was first. LayerRefused as `before`."""
        self._point(Pointer(self.before(), self.pointer().before[1:]))

    def history(self) -> list[tuple[str, Document | None]]:
        """All layers kept, latest first, with their digests; None where a file is not signed here."""
        found = [(path.stem, self._any(path)) for path in self.folder.glob("*.json") if path != self.path]
        return sorted(found, key=lambda one: one[1].at if one[1] else "", reverse=True)

    def _any(self, path: Path) -> Document | None:
        try:
            return verified(path.read_bytes(), self.state)
        except (OSError, NotSigned):
            return None

    def _pointer_or_none(self) -> Pointer:
        """An unreadable pointer is replaced by the next layer, it does not stop it."""
        try:
            return self.pointer()
        except LayerRefused:
            return Pointer()

    def _place(self, digest: str) -> Path:
        return self.folder / f"{digest}.json"

    def _point(self, wanted: Pointer) -> None:
        _write(self.path, json.dumps(asdict(wanted)).encode())


def _write(path: Path, content: bytes) -> None:
    """In one step, and on the disk."""
    coming = path.with_suffix(".coming")
    with coming.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    coming.replace(path)
