"""Debian's dcmtk and dicom3tools as peers: storescu sends here, dciodvfy and dsrdump look at what is made."""

import os
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pydicom
import pytest
import sqlalchemy as sa
from pydicom.data import get_testdata_file

from cdss.models.finding import Box, FilmReading, Nodule, VolumeReading
from cdss.serving.pacs.decode import header
from cdss.serving.pacs.detect import FilmAnswer, ModelRef, VolumeAnswer
from cdss.serving.pacs.objects.make import make
from cdss.serving.pacs.objects.request import Request
from cdss.serving.pacs.reading import read_study
from cdss.serving.pacs.series.file import File

pytestmark = pytest.mark.interop
MODEL = ModelRef("stand-in", "1.0.0", "sha256:" + "0" * 64)


def need(path: str) -> str:
    """The program; the test is skipped, naming it, where it is not installed. (A virtual environment has namesakes.)"""
    if not Path(path).is_file():
        pytest.skip(f"{path} is not installed")
    return path


def run(*command: str) -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, "TCP_NODELAY": "1"}
    return subprocess.run(command, env=environment, capture_output=True, timeout=120, check=False)


class StandIn:
    def __init__(self, marks: bool) -> None:
        self.marks = marks

    def volume(self, slices: Any, _: Any) -> VolumeAnswer:
        middle = (len(slices) / 2, 200.0, 150.0)
        nodules = Nodule(0.9, middle, 7.0), Nodule(0.8, middle, 7.0, True, 8.0, 6.0, 201.0, "part-solid")
        return VolumeAnswer(MODEL, VolumeReading(nodules if self.marks else ()))

    def film(self, _: Path) -> FilmAnswer:
        return FilmAnswer(MODEL, FilmReading(0.8, (Box(0.7, (10, 20, 30, 40)),) if self.marks else ()))


def objects(paths: list[Path], marks: bool, folder: Path) -> list[Path]:
    files = [File(path, header.read(path)) for path in paths]
    told = read_study(files[0].about.study_uid, files, StandIn(marks))
    assert told.state == "reported"
    return make(Request("key", told, tuple(files), datetime(2026, 1, 5, tzinfo=UTC)), folder)


def errors(path: Path) -> list[str]:
    shown = run(need("/usr/bin/dciodvfy"), str(path)).stderr.decode("utf-8", "replace")
    return [line for line in shown.splitlines() if line.startswith("Error")]


@pytest.mark.parametrize("marks", [True, False], ids=["marked", "nothing marked"])
def test_objects_of_a_ct_conform(marks: bool, phantom: Any, tmp_path: Path) -> None:
    made = objects(sorted(phantom[0].glob("*.dcm")), marks, tmp_path)
    assert [errors(path) for path in made] == [[]] * len(made)
    done = run(need("/usr/bin/dsrdump"), str(made[0]))
    assert (done.returncode, b"PRELIMINARY" in done.stdout) == (0, True)


PARTS = ["HAND", "HIP", "EXTREMITY", "SHOULDER", "PELVIS", None]


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("side", ["L", None])
def test_objects_of_a_film_conform(part: str | None, side: str | None, make_image: Any, tmp_path: Path) -> None:
    film = make_image(tmp_path / "film.dcm", BodyPartExamined=part, Laterality=side)
    made = objects([film], True, tmp_path / "out")
    assert [errors(path) for path in made] == [[]] * len(made)


@pytest.mark.parametrize("name", ["RG3_UNCR.dcm", "RG3_J2KR.dcm"])
def test_objects_of_a_real_radiograph_conform(name: str, tmp_path: Path) -> None:
    found = get_testdata_file(name, download=False)
    if found is None:
        pytest.skip("pydicom-data is not installed")
    made = objects([Path(str(found))], True, tmp_path)
    assert [errors(path) for path in made] == [[]] * len(made)


def test_storescu_and_echoscu_are_served(worker: Callable[..., Any], phantom: Any, tmp_path: Path) -> None:
    running = worker(study_quiet_seconds=60)
    running.start()
    address = ("127.0.0.1", str(running.dicom_port))
    assert run(need("/usr/bin/echoscu"), *address).returncode == 0
    assert run(need("/usr/bin/storescu"), "+sd", *address, str(phantom[0])).returncode == 0
    with running.engine().connect() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM instance WHERE current")) == 24


@pytest.mark.parametrize("option", ["-xi", "-xe", "-xb", "-xd"], ids=["implicit", "little", "big", "deflated"])
def test_storescu_in_other_encodings(option: str, worker: Callable[..., Any], phantom: Any, tmp_path: Path) -> None:
    running = worker(study_quiet_seconds=60)
    running.start()
    one = sorted(phantom[0].glob("*.dcm"))[0]
    done = run(need("/usr/bin/storescu"), option, "127.0.0.1", str(running.dicom_port), str(one))
    assert done.returncode == 0, done.stderr
    with running.engine().connect() as connection:
        digest = str(connection.scalar(sa.text("SELECT sha256 FROM instance")))
    kept = pydicom.dcmread(running.home / "instances" / digest[:2] / digest)
    assert (kept.pixel_array == pydicom.dcmread(one).pixel_array).all()
