"""Headers without files, for what is decided on headers alone."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from cdss.models.finding import Box, FilmReading, Nodule, VolumeReading
from cdss.models.score_map import ScoreMap
from cdss.serving.pacs.decode.header import Instance
from cdss.serving.pacs.detect import FilmAnswer, ModelRef, VolumeAnswer
from cdss.serving.pacs.intake.store import Store
from cdss.serving.pacs.series.file import File
from cdss.serving.platform import database
from cdss.serving.platform import tables as _  # noqa: F401 - the audit trail

CT_IMAGE, CR_IMAGE = "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.1"
EXPLICIT = "1.2.840.10008.1.2.1"
SLICE = Instance(
    sop_uid="1.1", sop_class=CT_IMAGE, study_uid="1", series_uid="1.2", syntax=EXPLICIT, modality="CT",
    patient=("P1", "19600101"), image_type=("ORIGINAL", "PRIMARY", "AXIAL"), places=("CHEST",), rows=512, columns=512,
    frames=1, bits=16, photometric="MONOCHROME2", position=(0.0, 0.0, 0.0), orientation=(1, 0, 0, 0, 1, 0),
    spacing=(0.7, 0.7), thickness=1.25, kernel="STANDARD", lossy=False, own=False,
)  # fmt: skip

MODEL = ModelRef("stand-in", "1.0.0", "sha256:" + "0" * 64)
Scan = Callable[..., list[File]]
Film = Callable[..., File]


class StandIn:
    """Says what it is told to say; `maps` are those of a volume, or the one of every film."""

    def __init__(
        self,
        *nodules: Nodule,
        boxes: Sequence[Box] = (),
        maps: Sequence[ScoreMap] = (),
        error: Exception | None = None,
    ) -> None:
        self.nodules, self.boxes, self.maps, self.error = nodules, boxes, maps, error
        self.asked: list[Any] = []

    def volume(self, slices: Sequence[Path], spacing_mm: tuple[float, float, float]) -> VolumeAnswer:
        self.asked.append((slices, spacing_mm))
        if self.error:
            raise self.error
        return VolumeAnswer(MODEL, VolumeReading(tuple(self.nodules), tuple(self.maps)))

    def film(self, path: Path) -> FilmAnswer:
        self.asked.append(path)
        if self.error and path.name.endswith("bad"):
            raise self.error
        return FilmAnswer(MODEL, FilmReading(0.8123456, tuple(self.boxes), next(iter(self.maps), None)))


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[sa.Engine]:
    """An empty database with this side's tables."""
    one = database.connect(f"sqlite:///{tmp_path / 'cdss.sqlite'}")
    database.metadata.create_all(one)
    yield one
    one.dispose()


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """An empty store."""
    return Store(tmp_path / "instances")


@pytest.fixture
def stand_in() -> type[StandIn]:
    """A detector for tests: StandIn(*nodules, boxes=, maps=, error=)."""
    return StandIn


@pytest.fixture
def scan() -> Scan:
    """Slices at the heights given (mm); by default 40 slices of 1.25 mm. Other members of Instance by name."""

    def make(heights: Any = None, series: str = "1.2", **changed: Any) -> list[File]:
        found = []
        for number, z in enumerate(heights if heights is not None else [n * 1.25 for n in range(40)]):
            own = {"sop_uid": f"{series}.{number}", "series_uid": series, "position": (-180.0, -170.0, float(z))}
            found.append(File(Path(f"{series}-{number}"), msgspec.structs.replace(SLICE, **{**own, **changed})))
        return found

    return make


@pytest.fixture
def film() -> Film:
    """One film of a hand; members of Instance by name."""

    def make(name: str = "2.1", **changed: Any) -> File:
        own = {"sop_uid": name, "series_uid": "2", "modality": "CR", "sop_class": CR_IMAGE, "places": ("HAND",),
               "image_type": ("ORIGINAL", "PRIMARY"), "position": None, "orientation": None}  # fmt: skip
        return File(Path(name), msgspec.structs.replace(SLICE, **{**own, **changed}))

    return make
