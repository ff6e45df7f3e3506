"""A FHIR bulk export (NDJSON, one resource a line) as a table of residents, of any size.

Lines are dealt into buckets on disk by their patient, so that one bucket at a time fits into memory; the resources of
one patient are then read as a chart, the same way as a chart that an EMR sends.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from cdss.rules.facts import Facts
from cdss.rules.pack import Pack
from cdss.serving.emr.asked import Notes
from cdss.serving.emr.fhir.chart import Chart, bare_id
from cdss.serving.emr.fhir.patient import patient
from cdss.serving.emr.patient.derived import derived
from cdss.serving.population.intake.chart_row import row
from cdss.serving.population.intake.faults import TableError

BUCKET_BYTES = 64 << 20
MOST_BUCKETS = 256
ENDINGS = (".ndjson", ".jsonl")


class _Reference(msgspec.Struct):
    reference: str = ""


class _Line(msgspec.Struct):
    """What says whose a line is."""

    kind: str = msgspec.field(name="resourceType", default="")
    id: str = ""
    subject: _Reference | None = None
    patient: _Reference | None = None

    def whose(self) -> str:
        """The id of the patient; empty if it is nobody's."""
        if self.kind == "Patient":
            return self.id
        named = self.subject or self.patient
        return bare_id(named.reference) if named else ""


@dataclass(slots=True)
class Export:
    """What was found in an export beside residents."""

    kinds: set[str] = field(default_factory=set)
    unreadable: int = 0  # lines
    nobodys: int = 0  # resources that are no patient's (organisations, medicines)

    def remarks(self) -> Iterator[str]:
        """What is to be said of it."""
        yield f"FHIR bulk export with {', '.join(sorted(self.kinds))}"
        if self.unreadable:
            yield f"{self.unreadable} lines are not JSON: what they say is missing"


def files_of(path: Path) -> list[Path]:
    """The files of an export: a folder's NDJSON files, or one file of resources; empty if it is neither."""
    if path.is_dir():
        found = sorted(each for each in path.iterdir() if each.suffix.casefold() in ENDINGS)
        if not found:
            raise TableError(f"found no .ndjson file in the folder {path.name}; expected a FHIR bulk export")
        return found
    return [path] if path.suffix.casefold() in ENDINGS and _is_resource(path) else []


def _is_resource(path: Path) -> bool:
    with path.open("rb") as file:
        return bool(_read(file.readline()).kind)


def _read(line: bytes) -> _Line:
    """Whose the line is; an empty one if it is not JSON of a resource."""
    try:
        return msgspec.json.decode(line, type=_Line)
    except msgspec.MsgspecError:
        return _Line()


def as_table(files: list[Path], scratch: Path, pack: Pack, today: date) -> tuple[Path, Export]:
    """NDJSON of residents below `scratch`, and what was found beside them."""
    export = Export()
    buckets = _dealt(files, scratch, export)
    table = scratch / "residents.ndjson"
    with table.open("wb") as out:
        for bucket in buckets:
            for id, resources in _patients(bucket).items():
                out.write(msgspec.json.encode(_resident(id, resources, export.kinds, pack, today)) + b"\n")
            bucket.unlink()
    return table, export


def _dealt(files: list[Path], scratch: Path, export: Export) -> list[Path]:
    size = sum(file.stat().st_size for file in files)
    count = min(MOST_BUCKETS, 1 + size // BUCKET_BYTES)
    paths = [scratch / f"bucket-{number:03}.ndjson" for number in range(count)]
    opened = [path.open("wb") for path in paths]
    try:
        for file in files:
            with file.open("rb") as lines:
                _deal(lines, opened, export)
    finally:
        for each in opened:
            each.close()
    return paths


def _deal(lines: Iterable[bytes], buckets: Sequence[BinaryIO], export: Export) -> None:
    for line in lines:
        if not line.strip():
            continue
        read = _read(line)
        if not read.kind:
            export.unreadable += 1
            continue
        export.kinds.add(read.kind)
        whose = read.whose()
        if not whose:
            export.nobodys += 1
            continue
        place = int.from_bytes(hashlib.blake2b(whose.encode(), digest_size=4).digest(), "big")
        buckets[place % len(buckets)].write(line if line.endswith(b"\n") else line + b"\n")


def _patients(bucket: Path) -> dict[str, list[dict[str, Any]]]:
    """Resources by patient."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    with bucket.open("rb") as lines:
        for line in lines:
            found[_read(line).whose()].append(msgspec.json.decode(line))
    return found


def _resident(id: str, resources: list[dict[str, Any]], kinds: set[str], pack: Pack, today: date) -> dict[str, Any]:
    """One patient's chart as a row, last seen on the day of the latest result.

    A kind that is in the export is told of everybody: who has none of it has none.
    """
    chart = Chart(id, Notes())
    for resource in resources:
        chart.partial |= chart.add(resource, resource["resourceType"])
    person = derived(patient(chart, pack, today, kinds), today)
    found = row(Facts(person, (), today))
    days = [str(value) for name, value in found.items() if name.endswith("_day")]
    return {**found, "id": id, **({"last_visit": max(days)} if days else {})}
