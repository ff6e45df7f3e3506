"""One received instance: what its header says, and where its bytes are."""

from pathlib import Path

import msgspec

from cdss.serving.pacs.decode.header import Instance


class File(msgspec.Struct, frozen=True):
    """`path` is only ever opened, never shown; `about` is its header."""

    path: Path
    about: Instance
