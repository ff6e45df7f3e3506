"""What exactly was read: one hash over the instances of a study and their bytes."""

import hashlib
from collections.abc import Iterable
from pathlib import Path


def sha256(path: Path) -> str:
    """The hash of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def manifest(instances: Iterable[tuple[str, str]]) -> str:
    """The hash of (SOP Instance UID, sha256) pairs, whatever their order."""
    total = hashlib.sha256()
    for sop_uid, digest in sorted(instances):
        total.update(f"{sop_uid} {digest}\n".encode())
    return total.hexdigest()


def result_key(study_uid: str, inputs: str, model: str) -> str:
    """What makes a result one and the same: study, manifest of the inputs, model with version and digest."""
    return f"{study_uid}/{inputs}/{model}"
