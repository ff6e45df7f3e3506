"""The shipped detectors: intact, repeatable, and clear about what they cannot read."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from cdss import models
from cdss.models import fracture, lung_nodule
from cdss.models.artifact import DigestMismatch
from cdss.models.fracture import Fracture, UnreadableFilm
from cdss.models.lung_nodule import LungNodule, LungNotFound, UnreadableVolume

SHIPPED = Path(models.__file__).parent
SPACING = (1.25, 0.7, 0.7)


@pytest.fixture(scope="module")
def films() -> Fracture:
    return fracture.load()


@pytest.fixture(scope="module")
def chests() -> LungNodule:
    return lung_nodule.load()


@pytest.fixture(scope="module")
def film() -> np.ndarray:
    """A made forearm: two grey bars on black, one of them broken."""
    pixels = np.random.default_rng(4).normal(200, 20, (600, 400))
    pixels[50:550, 150:190] += 900
    pixels[50:550, 220:250] += 800
    pixels[300:312, 150:190] -= 700
    return pixels.clip(0, 4095).astype(np.uint16)


def chest(balls: list[tuple[float, float, float, float]], slices: int = 40, side: int = 320) -> np.ndarray:
    """Two noisy lungs in a body, with balls of soft tissue (slice, row, column, radius in mm)."""
    generator = np.random.default_rng(6)
    y, x = np.mgrid[:side, :side] / side - 0.5
    plane = np.full((side, side), -1000.0)
    plane[(x / 0.47) ** 2 + (y / 0.4) ** 2 < 1] = 40
    for middle in (-0.2, 0.2):
        plane[((x - middle) / 0.15) ** 2 + (y / 0.3) ** 2 < 1] = -850
    volume = np.repeat(plane[None], slices, axis=0)
    z, y, x = (np.arange(n)[s] for n, s in zip(volume.shape, np.ix_(*map(range, volume.shape)), strict=True))
    for slice_, row, column, radius in balls:
        distance = ((z - slice_) * SPACING[0]) ** 2 + ((y - row) * SPACING[1]) ** 2 + ((x - column) * SPACING[2]) ** 2
        volume[distance < radius**2] = 30
    return (volume + generator.normal(0, 20, volume.shape)).astype(np.int16)


BALLS = [(15, 160, 96, 5.0), (27, 190, 224, 7.0)]


@pytest.mark.parametrize("name", ["fracture", "lung_nodule"])
def test_an_artifact_is_small_and_its_card_is_complete(name: str) -> None:
    assert (SHIPPED / name / "model.onnx").stat().st_size <= 25e6
    card = {"fracture": fracture, "lung_nodule": lung_nodule}[name].load().card
    assert card.name == name
    assert card.evaluations
    assert "(not measured)" not in card.performance.internal_validity


@pytest.mark.parametrize("name", ["fracture", "lung_nodule"])
def test_a_changed_artifact_is_not_used(name: str, tmp_path: Path) -> None:
    shutil.copytree(SHIPPED / name, tmp_path / name)
    with (tmp_path / name / "model.onnx").open("ab") as file:
        file.write(b"\0")
    with pytest.raises(DigestMismatch, match="reinstall the model, it is not used"):
        {"fracture": fracture, "lung_nodule": lung_nodule}[name].load(tmp_path / name)


def test_the_same_film_gives_the_same_reading(films: Fracture, film: np.ndarray) -> None:
    assert films.read(film, 0.0) == films.read(film.copy(), 0.0)


@pytest.mark.parametrize("shape", [(64, 64), (64, 512), (2000, 250), (301, 97)])
def test_films_of_any_shape_that_is_not_refused_are_read(films: Fracture, shape: tuple[int, int]) -> None:
    reading = films.read(np.random.default_rng(1).uniform(0, 4095, shape))
    assert 0 <= reading.probability <= 1


def test_the_range_of_grey_values_does_not_matter(films: Fracture, film: np.ndarray) -> None:
    given, scaled = films.read(film, 0.05), films.read(film.astype(np.float32) * 3 + 1000, 0.05)
    assert scaled.probability == pytest.approx(given.probability, abs=1e-3)
    assert len(scaled.findings) == len(given.findings)


@pytest.mark.parametrize("quarters", [0, 1])
def test_boxes_lie_on_the_film_whichever_way_it_is_turned(films: Fracture, film: np.ndarray, quarters: int) -> None:
    turned = np.rot90(film, quarters)
    boxes = [box.box for box in films.read(turned, 0.0).findings]
    assert boxes
    assert all(0 <= x0 <= x1 <= turned.shape[1] and 0 <= y0 <= y1 <= turned.shape[0] for x0, y0, x1, y1 in boxes)


def test_a_higher_threshold_tells_fewer_boxes_best_first(films: Fracture, film: np.ndarray) -> None:
    scores = [box.score for box in films.read(film, 0.0).findings]
    assert scores == sorted(scores, reverse=True)
    assert [box.score for box in films.read(film, scores[1]).findings] == scores[:2]
    assert films.read(film, 1.1).findings == ()


@pytest.mark.parametrize("film", [np.zeros((100, 100)), np.ones((2, 100, 100)), np.ones((20, 500))])
def test_what_is_no_film_is_refused(films: Fracture, film: np.ndarray) -> None:
    with pytest.raises(UnreadableFilm, match=r"found .* expected"):
        films.detect(film)


def test_balls_in_the_lung_are_found_where_they_are_and_as_large(chests: LungNodule) -> None:
    found = chests.detect(chest(BALLS), SPACING).findings
    for slice_, row, column, radius in BALLS:
        (ball,) = [
            nodule
            for nodule in found
            if abs(nodule.centre[0] - slice_) * 1.25 < 4
            and np.hypot(nodule.centre[1] - row, nodule.centre[2] - column) * 0.7 < 4
        ]
        assert ball.diameter_mm == pytest.approx(2 * radius, rel=0.35)
    assert [nodule.score for nodule in found] == sorted((nodule.score for nodule in found), reverse=True)


def test_the_same_volume_gives_the_same_reading(chests: LungNodule) -> None:
    volume = chest(BALLS[:1], slices=24)
    assert chests.detect(volume, SPACING, 0.05) == chests.detect(volume.copy(), SPACING, 0.05)


def test_the_order_of_slices_does_not_matter(chests: LungNodule) -> None:
    volume = chest(BALLS[:1], slices=31)
    up, down = (chests.detect(each, SPACING).findings[0] for each in (volume, volume[::-1]))
    assert down.centre[0] == pytest.approx(30 - up.centre[0], abs=1.5)
    assert down.centre[1:] == pytest.approx(up.centre[1:], abs=3)


def test_a_volume_without_lung_is_refused(chests: LungNodule) -> None:
    with pytest.raises(LungNotFound, match="of lung in the best slice"):
        chests.detect(np.full((20, 128, 128), 40, np.int16), SPACING)


def test_too_few_slices_are_refused(chests: LungNodule) -> None:
    with pytest.raises(UnreadableVolume, match="found 3 slices, expected at least 8"):
        chests.detect(np.zeros((3, 128, 128), np.int16), SPACING)
