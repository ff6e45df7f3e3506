"""The imaging process as it is run: on loopback, asked by references, deaf to pickles."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydicom.data import get_testdata_file

from cdss.models import fracture
from cdss.serving.pacs import launch
from cdss.serving.pacs.detect import LocalDetector, Unavailable
from cdss.serving.pacs.imaging_client import RemoteDetector
from cdss.serving.pacs.intake.store import store_of
from cdss.serving.platform.config import Settings

pytestmark = pytest.mark.slow
INSTALLED = (Path(fracture.__file__).parent / "MODEL_CARD.yaml").is_file()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, ports: Callable[[], int]) -> Iterator[Settings]:
    """A running imaging process on a home of its own."""
    settings = Settings(home=tmp_path_factory.mktemp("home"), imaging_port=ports())
    paths = os.pathsep.join(part for part in sys.path if part)
    home = {"CDSS_HOME": str(settings.home), "BENTOML_HOME": str(settings.home / "bentoml"), "PYTHONPATH": paths}
    environment = {**os.environ, **launch.ENVIRONMENT, **home}
    with (settings.home / "log").open("wb") as log:
        process = subprocess.Popen(launch.imaging(settings), env=environment, stdout=log, stderr=log)
    deadline = time.monotonic() + 60
    while not ready(settings):
        assert time.monotonic() < deadline, (settings.home / "log").read_text(encoding="utf-8")[-2000:]
        time.sleep(0.2)
    yield settings
    process.terminate()
    process.wait(30)


def ready(settings: Settings) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{settings.imaging_port}/readyz", timeout=1).status_code == 200
    except httpx.HTTPError:
        return False


def post(site: Settings, route: str, body: bytes, kind: str = "application/json") -> httpx.Response:
    url = f"http://127.0.0.1:{site.imaging_port}{route}"
    return httpx.post(url, content=body, headers={"content-type": kind}, timeout=30)


@pytest.mark.parametrize("route", ["/film", "/volume"])
def test_pickled_bodies_are_refused(site: Settings, route: str) -> None:
    assert post(site, route, b"\x80\x04.", "application/vnd.bentoml+pickle").status_code == 415


def test_it_listens_on_loopback_whatever_the_host_setting() -> None:
    command = launch.imaging(Settings(imaging_port=3001, host="127.0.0.2"))
    assert command[command.index("--host") + 1] == "127.0.0.1"


def test_it_does_not_phone_home() -> None:
    assert launch.ENVIRONMENT["BENTOML_DO_NOT_TRACK"] == "true"


@pytest.mark.parametrize("name", ["../../etc/passwd", "a" * 64])
def test_only_stored_files_can_be_referred_to(site: Settings, name: str) -> None:
    answer = post(site, "/film", b'{"film": "%s"}' % name.encode())
    assert answer.status_code == 400
    assert "passwd" not in answer.text


@pytest.mark.skipif(not INSTALLED, reason="the fracture model is not installed")
def test_images_at_fault_are_an_answer_with_the_reason(site: Settings, make_image: Any, tmp_path: Path) -> None:
    store = store_of(site)
    arrived = store.prepare("test") / "film.dcm"
    make_image(arrived, PhotometricInterpretation="RGB")
    answer = post(site, "/film", b'{"film": "%s"}' % store.keep(arrived).encode())
    assert (answer.status_code, answer.json()["refused"]["code"]) == (200, "not_monochrome")


@pytest.mark.skipif(not INSTALLED, reason="the fracture model is not installed")
def test_what_comes_back_is_what_the_model_said_map_included(site: Settings) -> None:
    store = store_of(site)
    arrived = store.prepare("test") / "film.dcm"
    sample = get_testdata_file("RG3_UNCR.dcm", download=False)  # a lower leg; package pydicom-data
    if sample is None:
        pytest.skip("pydicom-data is not installed")
    shutil.copyfile(str(sample), arrived)
    kept = store.path(store.keep(arrived))
    remote = RemoteDetector(site)
    with remote.client:
        answer = remote.film(kept)
    assert answer.reading.map is not None
    assert answer == LocalDetector().film(kept)


def test_a_process_that_is_not_there_is_unavailable(ports: Callable[[], int]) -> None:
    with pytest.raises(Unavailable, match="ConnectError"):
        RemoteDetector(Settings(imaging_port=ports())).film(Path("a" * 64))
