"""Small views of films, as training shows them: anywhere, turned, zoomed, darkened, blurred.

A view of 256 px costs a seventh of a whole film; most show a part at about the scale at which films are read, some a
whole film from afar.
"""

import math
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import affine_grid, avg_pool2d, grid_sample, interpolate

from cdss.training.imaging.films import Stock, Views

Numbers = NDArray[np.float64]

SIDE = 256  # px of a view
CLOSE, FAR = (460.0, 920.0), (256.0, 420.0)  # px that a film's longest side would have at the view's scale
FAR_SHARE = 0.2
TURN = math.radians(15)
VISIBLE = 0.6  # share of a fracture in view from which it is taught; less is neither taught nor punished
DARK = 25  # mean grey (0 to 255) below which a spot shows no body
TRIES = 4


class View(NamedTuple):
    """A view (1, SIDE, SIDE) in [0, 1]; boxes (n, 4) in its pixels that are `taught`, and what is seen of others."""

    pixels: Tensor
    taught: Tensor
    partial: Tensor


class Batch(NamedTuple):
    """Views as the net takes them, (n, 1, SIDE, SIDE); boxes one tensor a view."""

    pixels: Tensor
    taught: list[Tensor]
    partial: list[Tensor]


def batch(stock: Stock, views: Views, generator: np.random.Generator) -> Batch:
    """The views drawn, each varied anew."""
    shown = [view(stock, int(film), bool(near), generator) for film, near in zip(*views, strict=True)]
    pixels = torch.stack([each.pixels for each in shown])
    return Batch(pixels, [each.taught for each in shown], [each.partial for each in shown])


def view(stock: Stock, film: int, near: bool, generator: np.random.Generator) -> View:
    """One view of a film, near one of its fractures or anywhere."""
    image, boxes = stock.images[film], stock.boxes[film].astype(float)
    linear = _linear(max(image.shape), generator)
    focus, place = _near(boxes, linear, generator) if near else _anywhere(image, linear, generator)
    move = np.column_stack([linear, place - linear @ focus])
    seen, share = moved(boxes, move)
    partial = (share > 0) & (share < VISIBLE)
    taught, rest = (torch.from_numpy(seen[kept].astype(np.float32)) for kept in (share >= VISIBLE, partial))
    return View(_exposed(_cut(image, move), generator), taught, rest)


def _linear(longest: int, generator: np.random.Generator) -> Numbers:
    """(2, 2): zoom, turn and flip from film pixels to view pixels."""
    low, high = FAR if generator.random() < FAR_SHARE else CLOSE
    zoom = math.exp(generator.uniform(math.log(low), math.log(high))) / longest
    turn = generator.uniform(-TURN, TURN) + math.pi / 2 * generator.choice(4, p=(0.7, 0.1, 0.1, 0.1))
    flip = generator.choice((-1.0, 1.0))
    cos, sin = math.cos(turn) * zoom, math.sin(turn) * zoom
    return np.asarray([[cos * flip, -sin], [sin * flip, cos]])


def _near(boxes: Numbers, linear: Numbers, generator: np.random.Generator) -> tuple[Numbers, Numbers]:
    """A point of the film and where the view shows it: the middle of a fracture, wherever it is seen whole."""
    box = boxes[generator.integers(len(boxes))]
    half = np.minimum(_half(box, linear), SIDE / 2)
    return (box[:2] + box[2:]) / 2, generator.uniform(half, SIDE - half)


def _anywhere(image: NDArray[np.uint8], linear: Numbers, generator: np.random.Generator) -> tuple[Numbers, Numbers]:
    """A point of the film that shows some of the body, in the view's middle; the film's own middle from afar."""
    shape = np.asarray(image.shape[::-1])
    reach = np.minimum(SIDE / 2 / math.sqrt(abs(np.linalg.det(linear))), shape / 2)
    for _ in range(TRIES):
        focus = generator.uniform(reach, shape - reach)
        low = np.maximum(focus - reach / 2, 0).astype(int)
        high = np.ceil(focus + reach / 2).astype(int)
        if image[low[1] : high[1] : 4, low[0] : high[0] : 4].mean() > DARK:
            break
    return focus, SIDE * generator.uniform(0.4, 0.6, 2)


def _half(boxes: Numbers, linear: Numbers) -> Numbers:
    """Half width and height (..., 2) of boxes after a turn, taking what they hold for an ellipse.

    The box around a turned box would be larger than the fracture, and the net would learn to draw large.
    """
    half: Numbers = (boxes[..., 2:] - boxes[..., :2]) / 2
    around: Numbers = np.sqrt(half**2 @ (linear**2).T)
    return around


def moved(boxes: Numbers, move: Numbers) -> tuple[Numbers, Numbers]:
    """Boxes (n, 4) through a (2, 3) map of film to view pixels, cut at the view's edge; share (n,) of each in view."""
    middle = (boxes[:, :2] + boxes[:, 2:]) / 2 @ move[:, :2].T + move[:, 2]
    half = _half(boxes, move[:, :2])
    low, high = (middle - half).clip(0, SIDE), (middle + half).clip(0, SIDE)
    return np.concatenate([low, high], 1), np.prod(high - low, axis=1) / np.prod(2 * half, axis=1)


def _cut(image: NDArray[np.uint8], move: Numbers) -> Tensor:
    """The view (1, SIDE, SIDE) in [0, 1] that `move` makes of a film; black beyond its edge."""
    back = np.linalg.inv(np.vstack([move, [0, 0, 1]]))[:2]
    corners = np.asarray([[0, 0], [SIDE, 0], [0, SIDE], [SIDE, SIDE]]) @ back[:, :2].T + back[:, 2]
    limit = np.asarray(image.shape[::-1])
    low = np.minimum((np.floor(corners.min(0)) - 2).clip(0).astype(int), limit - 2)
    high = np.maximum(np.minimum(np.ceil(corners.max(0)).astype(int) + 2, limit), low + 2)
    part = torch.from_numpy(image[low[1] : high[1], low[0] : high[0]]).float()[None, None] / 255
    back[:, 2] -= low
    if abs(np.linalg.det(move[:, :2])) < 0.6**2 and min(part.shape[2:]) > 1:
        part = part[:, :, : part.shape[2] // 2 * 2, : part.shape[3] // 2 * 2]
        part, back = avg_pool2d(part, 2), back / 2  # or the view from afar would alias
    return grid_sample(part, _grid(back, part.shape[3], part.shape[2]), align_corners=False)[0]


def _grid(back: Numbers, width: int, height: int) -> Tensor:
    """View to film pixels as grid_sample wants it: from -1 to 1 across the view, and across the film."""
    to_view = np.asarray([[SIDE / 2, 0, SIDE / 2], [0, SIDE / 2, SIDE / 2], [0, 0, 1]])
    mapped = back @ to_view * np.asarray([[2 / width], [2 / height]])
    mapped[:, 2] -= 1
    return affine_grid(torch.from_numpy(mapped).float()[None], [1, 1, SIDE, SIDE], align_corners=False)


def _exposed(film: Tensor, generator: np.random.Generator) -> Tensor:
    """Another tube, detector and window: gamma, contrast, brightness; sometimes fewer pixels or noise."""
    film = film.clamp(1e-4, 1) ** math.exp(generator.uniform(-0.4, 0.4))
    film = film * generator.uniform(0.75, 1.25) + generator.uniform(-0.1, 0.1)
    if generator.random() < 0.25:
        fewer = round(SIDE * generator.uniform(0.4, 0.9))
        film = interpolate(film[None], size=(fewer, fewer), mode="bilinear", antialias=True)
        film = interpolate(film, size=(SIDE, SIDE), mode="bilinear")[0]
    if generator.random() < 0.25:
        noise = generator.standard_normal(film.shape, np.float32)
        film = film + torch.from_numpy(noise) * float(generator.uniform(0, 0.05))
    return film.clamp(0, 1)
