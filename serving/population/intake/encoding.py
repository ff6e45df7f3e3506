"""Text of a file as UTF-8: Chinese systems export GB18030, and files put together by hand hold both."""

from collections.abc import Iterator
from pathlib import Path

from cdss.serving.population.intake.faults import TableError

SAMPLE = 1 << 20
LOST = "\ufffd"  # stands where bytes could not be read
CHANCE = 0.02  # of lines beyond ASCII that a GB18030 file may have valid as UTF-8 by chance


def utf8(path: Path, scratch: Path, remarks: list[str]) -> Path:
    """The file itself if it is UTF-8, else a copy below `scratch`, and a remark that says how it was read.

    Lines are read as UTF-8 or as GB18030, whichever they are; what is neither becomes LOST, and its row a fault.
    TableError for UTF-16, or if the header cannot be read.
    """
    with path.open("rb") as file:
        if file.read(2) in (b"\xff\xfe", b"\xfe\xff"):
            raise TableError(f"{path.name} is UTF-16; save it as CSV UTF-8")
    if _is_utf8(path):
        return path
    plain, other = _counted(path)
    first = "gb18030" if plain <= CHANCE * (plain + other) else "utf-8"
    copy = scratch / f"{path.stem}.utf8{path.suffix}"
    counts = dict.fromkeys(("utf-8", "gb18030", ""), 0)
    with path.open("rb") as file, copy.open("w", encoding="utf-8", newline="") as out:
        for number, line in enumerate(file):
            text, encoding = _line(line, first)
            if number == 0 and not encoding:
                raise TableError(f"{path.name}: the header is neither UTF-8 nor GB18030; save it as CSV UTF-8")
            counts[encoding] += not line.isascii()
            out.write(text)
    remarks.extend(_remarks(counts))
    return copy


def _is_utf8(path: Path) -> bool:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            while file.read(SAMPLE):
                pass
    except UnicodeDecodeError:
        return False
    return True


def _counted(path: Path) -> tuple[int, int]:
    """Lines beyond ASCII that are UTF-8, and that are not."""
    counts = [0, 0]
    with path.open("rb") as file:
        for line in file:
            if not line.isascii():
                counts[_decoded(line, "utf-8") is None] += 1
    return counts[0], counts[1]


def _line(line: bytes, first: str) -> tuple[str, str]:
    """The text, and the encoding it was read in; "" if in none."""
    for encoding in (first, *_others(first)):
        if (text := _decoded(line, encoding)) is not None:
            return text, encoding
    return line.decode("utf-8", errors="replace"), ""


def _others(first: str) -> Iterator[str]:
    return (encoding for encoding in ("utf-8", "gb18030") if encoding != first)


def _decoded(line: bytes, encoding: str) -> str | None:
    try:
        return line.decode(encoding)
    except UnicodeDecodeError:
        return None


def _remarks(counts: dict[str, int]) -> Iterator[str]:
    if counts["gb18030"] and not counts["utf-8"]:
        yield "the file is GB18030; it was read as such"
    elif counts["gb18030"]:
        yield f"{counts['utf-8']} lines are UTF-8 and {counts['gb18030']} are GB18030; each was read as what it is"
    if counts[""]:
        yield f"{counts['']} lines are neither UTF-8 nor GB18030; their rows are listed as faults"
