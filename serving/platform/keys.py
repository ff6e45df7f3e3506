"""Keys of this installation: random bytes made at first use, kept in the state folder, readable by its owner only."""

import secrets
from contextlib import suppress
from pathlib import Path

BYTES = 32


def key(path: Path) -> bytes:
    """The key in `path`; made if there is none. Of several processes that make it at once, the first one's counts."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(f".{secrets.token_hex(4)}")
        fresh.touch(mode=0o600)
        fresh.write_bytes(secrets.token_bytes(BYTES))
        with suppress(FileExistsError):  # another process was first
            path.hardlink_to(fresh)
        fresh.unlink()
    return path.read_bytes()
