"""A trained file tied to its card: nothing is run whose digest differs from what the card says."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

import onnxruntime as ort

from cdss.models.card import Card, CardError, read

CARD_FILE = "MODEL_CARD.yaml"
REPORT_FILE = "report.html"  # the evaluation as a page, for readers; nothing is computed from it


class DigestMismatch(ValueError):
    """The artifact is not the one the card describes: it was changed, truncated, or swapped."""


@dataclass(frozen=True, slots=True)
class Artifact:
    """A model folder that was read and found intact."""

    path: Path
    card: Card


def digest(path: Path) -> str:
    """`sha256:` and the hash of the file, as cards write it."""
    with path.open("rb") as file:
        return "sha256:" + hashlib.file_digest(file, "sha256").hexdigest()


def load(folder: Path) -> Artifact:
    """The artifact in a model folder. Raises CardError, or DigestMismatch naming both digests."""
    card = read(folder / CARD_FILE)
    path = folder / card.artifact
    if not path.is_file():
        raise DigestMismatch(f"{card.name}: found no {card.artifact} beside its card; reinstall the model")
    found = digest(path)
    if found != card.digest:
        raise DigestMismatch(
            f"{card.name}: found {found}, the card says {card.digest}; reinstall the model, it is not used"
        )
    return Artifact(path, card)


def companion(folder: Path, card: Card, name: str) -> Path:
    """A further file that the card names, found intact. Raises DigestMismatch, or CardError if the card names none."""
    if name not in card.companions:
        raise CardError(
            f"{card.name} {card.version}: found no {name} among the card's companions; install this version's"
        )
    path = folder / name
    found = digest(path) if path.is_file() else "no such file"
    if found != card.companions[name]:
        raise DigestMismatch(f"{card.name}: {name}: found {found}, the card says {card.companions[name]}; reinstall")
    return path


def cores() -> int:
    """Processors this process may use: the affinity mask, bounded by the cgroup's quota (v2)."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text(encoding="ascii").split()
    except (OSError, ValueError):
        return allowed
    return allowed if quota == "max" else max(1, min(allowed, int(quota) // int(period)))


def session(path: Path, threads: int | None = None) -> ort.InferenceSession:
    """An onnxruntime session on the CPU: `threads` (default: the cores allowed), no spinning, deterministic."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads or cores()
    options.inter_op_num_threads = 1
    options.use_deterministic_compute = True
    options.log_severity_level = 3
    for key in ("session.intra_op.allow_spinning", "session.inter_op.allow_spinning"):
        options.add_session_config_entry(key, "0")
    return ort.InferenceSession(os.fspath(path), options, providers=["CPUExecutionProvider"])
