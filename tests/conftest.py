"""What several test folders share: small images, a phantom, a stand-in imaging process, a worker, the whole service."""

from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis_profiles
import pytest
from images import image
from processes import Service, StandIn, Worker, environment, free_port

from cdss.serving.platform.demo.chest_ct import PhantomNodule, make_chest_ct

hypothesis_profiles.load()


@pytest.fixture(scope="session")
def phantom(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[PhantomNodule]]:
    """A chest CT of 24 slices, and where its nodules are."""
    folder = tmp_path_factory.mktemp("phantom")
    return folder, make_chest_ct(folder, slices=24, seed=7)


@pytest.fixture(scope="session")
def ports() -> Callable[[], int]:
    """Gives free ports."""
    return free_port


@pytest.fixture(scope="session")
def make_image() -> Callable[..., Path]:
    """Writes small films; see `image`."""
    return image


@pytest.fixture
def imaging() -> Iterator[StandIn]:
    """A running stand-in for the imaging process."""
    stand_in = StandIn(free_port())
    stand_in.start()
    yield stand_in
    stand_in.stop()


@pytest.fixture
def worker(tmp_path: Path, imaging: StandIn) -> Iterator[Callable[..., Worker]]:
    """Makes workers that ask the stand-in; settings by name. They end with the test."""
    made: list[Worker] = []

    def make(**settings: object) -> Worker:
        port = free_port()
        given = {"home": tmp_path, "dicom_port": port, "imaging_port": imaging.port, "study_quiet_seconds": 0.5,
                 "retry_seconds": 0.2, "lang": "en", **settings}  # fmt: skip
        made.append(Worker(tmp_path, environment(**given), port))
        return made[-1]

    yield make
    for one in made:
        if one.process and one.process.poll() is None:
            one.kill()


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    """The whole service on a home and ports of its own, to be started by the test; it ends with it."""
    one = Service(tmp_path)
    yield one
    one.kill()
