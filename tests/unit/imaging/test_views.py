"""What the fracture net is shown and taught: views of films, and convolutions that learn fast; how it reads."""

import numpy as np
import pytest
import torch

from cdss.training.imaging import boxloss, films, views
from cdss.training.imaging.depthwise import PAD, depthwise
from cdss.training.imaging.detector import Answer, Committee, Detector, mirrored


@pytest.fixture
def one_film() -> films.Stock:
    """A grey film, 768 x 640, black but for a bright square that is the fracture."""
    image = np.full((768, 640), 60, np.uint8)
    image[300:340, 200:260] = 255
    box = np.asarray([[200, 300, 260, 340]], np.float32)
    return films.Stock([image], [box], np.asarray([True]))


def test_a_box_stays_on_its_fracture_however_the_film_is_moved(one_film: films.Stock) -> None:
    generator = np.random.default_rng(3)
    for _ in range(20):
        seen = views.view(one_film, 0, True, generator)
        (box,) = seen.taught.numpy()
        bright = np.argwhere(seen.pixels[0].numpy() > 0.5 * float(seen.pixels.max()))
        assert np.abs(bright.mean(0)[::-1] + 0.5 - (box[:2] + box[2:]) / 2).max() < 3


def test_a_quarter_turn_swaps_width_and_height() -> None:
    seen, share = views.moved(np.asarray([[100.0, 100, 120, 140]]), np.asarray([[0.0, -1, 240], [1, 0, 0]]))
    np.testing.assert_allclose(seen, [[100, 100, 140, 120]])
    assert share[0] == 1


def test_a_box_beyond_the_edge_is_cut_and_says_how_much_is_left() -> None:
    seen, share = views.moved(np.asarray([[-10.0, 0, 30, 40], [-50, 0, -10, 40]]), np.eye(3)[:2])
    np.testing.assert_allclose(seen[0], [0, 0, 30, 40])
    np.testing.assert_allclose(share, [0.75, 0])


def test_an_epoch_shows_every_fracture_and_no_normal_film_twice_before_all_were_seen() -> None:
    fractured = np.arange(10) < 3
    stock = films.Stock([], [], fractured)
    drawn = films.drawn(stock, films.Mix(near=2, away=1, normals=1.5), np.random.default_rng(0))
    assert drawn.near.sum() == 2 * 3
    counts = np.bincount(drawn.films, minlength=10)
    assert set(counts[:3]) == {2 + 1}
    assert set(counts[3:]) == {1, 2}  # 1.5 x 6 views of 7 films


def test_a_normal_film_taken_for_a_fractured_one_is_shown_more_often() -> None:
    fractured = np.arange(10) < 3
    suspicion = np.where(np.arange(10) == 9, 0.9, 0.1)
    stock = films.Stock([], [], fractured)
    drawn = films.drawn(stock, films.Mix(normals=100, suspicion=suspicion), np.random.default_rng(0))
    counts = np.bincount(drawn.films, minlength=10)[3:] / 600
    np.testing.assert_allclose(counts[-1], 0.5 / 7 + 0.5 * 0.9 / 1.5, atol=0.04)
    assert counts[:-1].min() > 0.5 / 7  # half of the views are anybody's


def test_a_committee_says_the_mean_of_its_members() -> None:
    torch.manual_seed(1)
    one, other = Detector().eval(), Detector().eval()
    film = torch.rand(1, 1, 64, 96)
    with torch.no_grad():
        told, parts = Committee([one, other]).eval()(film), (one(film), other(film))
    torch.testing.assert_close(told.cells, (parts[0].cells + parts[1].cells) / 2)
    torch.testing.assert_close(told.distances, (parts[0].distances + parts[1].distances) / 2)


def test_what_is_cut_away_is_neither_taught_nor_punished() -> None:
    cells = torch.full((1, 1, 4, 4), -3.0, requires_grad=True)
    answer = Answer(torch.zeros(1, 1, 1, 1), cells, torch.ones(1, 4, 4, 4))
    none, partial = torch.zeros(0, 4), torch.asarray([[0.0, 0, 16, 32]])
    parts = boxloss.loss(answer, [none], [partial])
    (gradient,) = torch.autograd.grad(parts["cells"], answer.cells)
    assert (gradient[0, 0, :, :2] == 0).all()
    assert (gradient[0, 0, :, 2:] > 0).all()
    assert parts["film"] == 0


@pytest.mark.parametrize("stride", [1, 2])
def test_the_fast_depthwise_convolution_learns_the_same(stride: int) -> None:
    torch.manual_seed(0)
    x, weight, bias = torch.rand(2, 6, 10, 12), torch.randn(6, 1, 5, 5), torch.randn(6)
    for each in (x, weight, bias):
        each.requires_grad_()
    plain = torch.nn.functional.conv2d(x, weight, bias, stride, PAD, groups=6)
    fast = depthwise(x, weight, bias, stride)
    torch.testing.assert_close(fast, plain)
    gradient = torch.rand_like(plain)
    for a, b in zip(
        torch.autograd.grad(fast, (x, weight, bias), gradient),
        torch.autograd.grad(plain, (x, weight, bias), gradient),
        strict=True,
    ):
        torch.testing.assert_close(a, b, rtol=1e-4, atol=1e-4)


def test_a_mirrored_film_is_read_as_the_film_is() -> None:
    torch.manual_seed(1)
    net, film = Detector().eval(), torch.rand(1, 1, 64, 96)
    torch.nn.init.normal_(net.distance.weight, std=0.1)
    with torch.no_grad():
        one, other = mirrored(net, film), mirrored(net, film.flip(3))
    torch.testing.assert_close(other.film, one.film)
    torch.testing.assert_close(other.cells.flip(3), one.cells)
    torch.testing.assert_close(other.distances.flip(3)[:, [2, 1, 0, 3]], one.distances)


def test_parts_sum_up_as_odds() -> None:
    odds = torch.tensor([0.1, 0.2, 0.3, 0.4])
    answer = Answer(odds.log().reshape(1, 1, 2, 2), torch.zeros(1, 1, 8, 8), torch.zeros(1, 4, 8, 8))
    torch.testing.assert_close(answer.film, odds.sum().log()[None])
