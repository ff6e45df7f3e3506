"""What is done to films and crops to make them worse, by example."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from cdss.datasets.lidc import Neighbour
from cdss.evaluation.films import strains as films
from cdss.evaluation.films.read import Seen as Film
from cdss.evaluation.patches import Seen as Crop
from cdss.evaluation.patches import outline
from cdss.evaluation.robustness import evenly, table
from cdss.evaluation.scans import strains as scans
from cdss.models.fracture.film import checked, normalise


def film() -> Film:
    """A dark film with a bright spot of 4 x 6 pixels, which is what is wanted."""
    pixels = np.random.default_rng(1).integers(20, 60, (120, 90)).astype(np.uint8)
    pixels[30:34, 60:66] = 250
    return Film(pixels, np.asarray([[60.0, 30.0, 66.0, 34.0]]))


def strained(name: str) -> Film:
    return films.STRAINS[name](film(), np.random.default_rng(2))


@pytest.mark.parametrize("degrees", [5, -5, 10, -10, 90])
def test_a_box_turns_with_its_film(degrees: int) -> None:
    turned = films.rotated(degrees, film(), np.random.default_rng(0))
    rows, columns = np.nonzero(turned.pixels > 150)
    ((x0, y0, x1, y1),) = turned.wanted
    assert (x0 + x1) / 2 == pytest.approx(columns.mean() + 0.5, abs=0.7)
    assert (y0 + y1) / 2 == pytest.approx(rows.mean() + 0.5, abs=0.7)


def test_a_quarter_turn_swaps_the_sides_of_a_box_and_no_turn_keeps_it() -> None:
    ((x0, y0, x1, y1),) = films.rotated(90, film(), np.random.default_rng(0)).wanted
    assert (x1 - x0, y1 - y0) == pytest.approx((4, 6))
    assert films.rotated(0, film(), np.random.default_rng(0)).wanted == pytest.approx(film().wanted)


def test_monochrome1_put_right_is_the_same_film_to_the_net_and_as_stored_it_is_the_negative() -> None:
    plain = normalise(checked(film().pixels))
    assert normalise(checked(strained("monochrome1_inverted").pixels)) == pytest.approx(plain, abs=1e-6)
    assert np.corrcoef(plain.ravel(), normalise(checked(strained("monochrome1_as_stored").pixels)).ravel())[0, 1] < -0.9


@pytest.mark.parametrize("name", sorted(set(films.STRAINS) - {"none", "monochrome1_inverted"}))
def test_every_strain_changes_the_film_and_the_same_way_each_time(name: str) -> None:
    once, again = strained(name), strained(name)
    assert np.array_equal(once.pixels, again.pixels)
    assert not np.array_equal(once.pixels, film().pixels)
    assert once.pixels.dtype == np.uint8
    assert len(once.wanted) == 1


def test_noise_and_contrast_are_as_strong_as_their_names_say() -> None:
    flat = Film(np.full((200, 200), 128, np.uint8), np.empty((0, 4)))
    noisy = films.STRAINS["noise_20"](flat, np.random.default_rng(0)).pixels
    assert noisy.std() == pytest.approx(20, rel=0.02)
    half = Film(np.repeat([[100, 200]], 100, axis=0).astype(np.uint8), np.empty((0, 4)))
    assert np.unique(films.STRAINS["contrast_70"](half, np.random.default_rng(0)).pixels).tolist() == [115, 185]


def crop() -> Crop:
    """Five slices; the nodule is largest in slice 3: at rows 40 to 50, columns 70 to 80 of it."""
    hu = np.random.default_rng(1).normal(-850, 20, (5, 128, 128)).astype(np.float32)
    marks = np.zeros((5, 128, 128), np.uint8)
    marks[3, 40:50, 70:80] = marks[2, 42:46, 72:76] = 3
    hu[marks > 0] = 0
    return Crop(hu, marks, 0.7, 1.25)


def test_every_second_slice_keeps_the_one_with_most_of_the_nodule_and_doubles_the_distance() -> None:
    thin = scans.every_second(crop(), np.random.default_rng(0))
    assert thin.hu.shape == (2, 128, 128)
    assert thin.thick_mm == 2.5
    assert outline(thin) == (1, (70, 40, 80, 50))


def test_a_single_slice_stays_one() -> None:
    one = replace(crop(), hu=crop().hu[3:4], marks=crop().marks[3:4])
    assert len(scans.every_second(one, np.random.default_rng(0)).hu) == 1


def test_a_nodule_and_the_readers_marks_turn_together() -> None:
    turned = scans.rotated(10, crop(), np.random.default_rng(0))
    _, (x0, y0, x1, y1) = outline(turned)
    assert turned.hu[3][int((y0 + y1) / 2), int((x0 + x1) / 2)] == pytest.approx(0, abs=1)
    assert turned.hu.shape == crop().hu.shape
    assert turned.hu[3][0].max() < -700, "corners mirror the lung, they are not black"


def test_hounsfield_are_shifted_made_noisy_and_rounded() -> None:
    def changed(name: str) -> np.ndarray:
        return scans.STRAINS[name](crop(), np.random.default_rng(0)).hu - crop().hu

    assert changed("shift_20_hu") == pytest.approx(20, abs=1e-3)
    assert changed("noise_40_hu").std() == pytest.approx(40, rel=0.02)
    assert 0 < np.abs(changed("eight_bit")).max() <= 1500 / 255 / 2 + 1e-3
    assert not changed("none").any()


def test_evenly_takes_the_ends_and_no_more_than_there_are() -> None:
    assert evenly(np.arange(100), 3).tolist() == [0, 50, 99]
    assert evenly(np.asarray([4, 9]), 60).tolist() == [4, 9]
    assert evenly(np.empty(0, int), 60).tolist() == []


def test_a_change_is_against_the_first_row_in_the_same_draws() -> None:
    """Scores all 1 lower: the mean changes by exactly 1 in every draw, and who is above 5 agrees in 9 of 10."""
    scores = np.arange(10.0)
    first, second = table(
        ["none", "lower"],
        lambda strain: scores - (strain == "lower"),
        lambda seen: {"mean": lambda rows: float(seen[rows].mean())},
        lambda seen: seen >= 5,
        np.arange(10) // 2,
        lambda seen: int((seen < 0).sum()),
    )
    assert first.changes == {}
    assert first.agreement == 1
    assert second.changes["mean"].value == pytest.approx(-1)
    assert second.changes["mean"].ci95 == pytest.approx((-1, -1))
    assert second.metrics["mean"].value == pytest.approx(3.5)
    assert second.agreement == 0.9
    assert (first.refused, second.refused) == (0, 1)


def test_jpeg_of_lower_quality_is_further_from_the_film() -> None:
    texture = Film(np.asarray(Image.effect_noise((90, 120), 60)), np.empty((0, 4)))
    far = [
        np.abs(films.STRAINS[name](texture, np.random.default_rng(0)).pixels.astype(int) - texture.pixels).mean()
        for name in ("jpeg_50", "jpeg_30")
    ]
    assert 0 < far[0] < far[1]


@pytest.mark.parametrize("degrees", [10, -10, 90])
def test_another_nodule_of_a_crop_turns_with_it(degrees: float) -> None:
    hu = np.zeros((1, 128, 128), np.float32)
    hu[0, 30:35, 90:95] = 100
    one = Crop(hu, np.zeros(hu.shape, np.uint8), 0.7, 1.25, (Neighbour(32, 92, 2.5),))
    turned = scans.rotated(degrees, one, np.random.default_rng(0))
    bright = np.argwhere(turned.hu[0] > 50).mean(0)
    assert (turned.neighbours[0].row, turned.neighbours[0].column) == pytest.approx(tuple(bright), abs=1)
