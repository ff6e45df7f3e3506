"""Which knowledge is in force: the one the program brings, or a pack that was activated here and can be rolled back.

`CDSS_HOME/knowledge/` holds the activated packs, each under its digest, and `in-force.json`, which names one of them.
A pack is admitted (rules/admission.py) before it is named there; the file is replaced in one step.
"""

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

import structlog

from cdss.rules import KNOWLEDGE
from cdss.rules.checking.admission import admit
from cdss.rules.language.sizes import PackRefused
from cdss.rules.pack import Pack, digest, load
from cdss.serving.platform.config import Settings

log = structlog.get_logger()
KEPT = 10  # digests remembered to roll back to
PROGRAM = ""  # the digest that stands for the knowledge the program brings


@dataclass(frozen=True, slots=True)
class InForce:
    """The digest in force and those before it, latest first; PROGRAM is the knowledge the program brings."""

    digest: str = PROGRAM
    before: tuple[str, ...] = ()


class Shelf:
    """The activated packs of one installation."""

    def __init__(self, current: Settings) -> None:
        self.current = current
        self.folder = current.state / "knowledge"
        self.pointer = self.folder / "in-force.json"

    def in_force(self) -> InForce:
        """What is in force. PackRefused if the pointer cannot be read."""
        try:
            value = json.loads(self.pointer.read_text(encoding="utf-8"))
            return InForce(str(value["digest"]), tuple(map(str, value["before"])))
        except FileNotFoundError:
            return InForce()
        except (OSError, ValueError, KeyError, TypeError) as e:
            raise PackRefused(self.pointer, (f"cannot be read: {e}; activate a pack again",)) from e

    def stamp(self) -> int:
        """Changes whenever another pack is put in force."""
        try:
            return self.pointer.stat().st_mtime_ns
        except FileNotFoundError:
            return 0

    def activate(self, folder: Path, today: date) -> Pack:
        """Admit a folder, keep a copy under its digest, and put it in force. PackRefused: nothing changes."""
        pack = admit(folder, today, self.current.hospital_codes, self.current.site_settings)
        place = self.place(pack.digest)
        if place.exists() and digest(place) != pack.digest:
            shutil.rmtree(place)
        repaired = not place.exists()
        if repaired:
            coming = place.with_name(place.name + ".coming")
            shutil.rmtree(coming, ignore_errors=True)
            shutil.copytree(folder, coming)
            if digest(coming) != pack.digest:
                raise PackRefused(folder, ("it changed while it was copied; try again",))
            coming.rename(place)
        self._point(pack.digest, repaired)
        return pack

    def roll_back(self) -> str:
        """Put in force what was before; its digest. PackRefused if there is nothing before."""
        now = self.in_force()
        if not now.before:
            raise PackRefused(self.folder, ("found nothing to roll back to: no other pack was in force here",))
        self._write(InForce(now.before[0], now.before[1:]))
        return now.before[0]

    def load(self) -> Pack:
        """The pack in force, its copy checked against its digest. PackRefused, or an error of the tables."""
        wanted = self.in_force().digest
        folder = KNOWLEDGE if wanted == PROGRAM else self.place(wanted)
        if wanted != PROGRAM and digest(folder) != wanted:
            raise PackRefused(folder, ("its files were changed after it was activated; activate it again",))
        return load(folder, self.current.hospital_codes, self.current.site_settings)

    def place(self, wanted: str) -> Path:
        """Where the pack of a digest is kept."""
        return self.folder / wanted.removeprefix("sha256:")

    def _point(self, wanted: str, copied: bool) -> None:
        now = self.in_force() if self.pointer.exists() else InForce()
        if now.digest != wanted or not self.pointer.exists():
            self._write(InForce(wanted, (now.digest, *now.before)[:KEPT]))
        elif copied:
            self._write(now)  # so that a running service looks again

    def _write(self, wanted: InForce) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        coming = self.pointer.with_suffix(".coming")
        with coming.open("w", encoding="utf-8") as file:
            json.dump(asdict(wanted), file)
            file.flush()
            os.fsync(file.fileno())
        coming.replace(self.pointer)


def in_force(current: Settings, said: Callable[[str], None] | None = None) -> Pack:
    """The pack in force; if that cannot be used the program's own, and `said` (else the log) is told aloud."""
    try:
        return Shelf(current).load()
    except (ValueError, OSError) as e:
        says = f"the knowledge in force cannot be used, the program's own is used instead: {e}"
        (said or _logged)(says)
        return load(hospital_codes=current.hospital_codes, site=current.site_settings)


def _logged(says: str) -> None:
    log.error("knowledge", fault=says)
