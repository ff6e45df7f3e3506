"""Films in memory, and how they are varied while training: moved, turned, zoomed, darkened, blurred."""

import math
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from cdss.datasets.fracatlas import Film, pixels
from cdss.models.fracture.film import checked, letterbox, normalise

VISIBLE = 0.4  # share of a box that must stay in view for it to be taught
ZOOM = (0.75, 1.8)
TURN = math.radians(12)


@dataclass(frozen=True, slots=True)
class Stock:
    """Films of a split as the net sees them: `images` (n, side, side) uint8, `boxes` in their pixels."""

    images: NDArray[np.uint8]
    boxes: list[NDArray[np.float32]]
    extents: NDArray[np.float32]  # (n, 2) width and height of the film inside the square
    fractured: NDArray[np.bool_]


def stock(films: list[Film], side: int) -> Stock:
    """Read, normalise and letterbox every film once."""
    images = np.zeros((len(films), side, side), np.uint8)
    boxes, extents = [], []
    for i, film in enumerate(films):
        boxed = letterbox(normalise(checked(pixels(film))), side)
        images[i] = np.round(boxed.pixels * 255).astype(np.uint8)
        boxes.append(film.boxes * boxed.scale)
        extents.append([boxed.shape[1] * boxed.scale, boxed.shape[0] * boxed.scale])
    return Stock(images, boxes, np.asarray(extents, np.float32), np.asarray([film.fractured for film in films]))


def drawn(stock: Stock, normals_each: float, generator: np.random.Generator) -> NDArray[np.intp]:
    """One epoch's film numbers: every fractured film, and `normals_each` times as many normal ones, shuffled."""
    fractured, normal = np.flatnonzero(stock.fractured), np.flatnonzero(~stock.fractured)
    chosen = generator.permutation(normal)[: round(normals_each * len(fractured))]
    return generator.permutation(np.concatenate([fractured, chosen]))


def varied(stock: Stock, rows: NDArray[np.intp], generator: np.random.Generator) -> tuple[Tensor, list[Tensor]]:
    """A batch (n, 1, side, side) in [0, 1] and its boxes, each film moved and exposed differently."""
    side = stock.images.shape[1]
    moves = [_move(stock.extents[i], stock.boxes[i], side, generator) for i in rows]
    films = torch.from_numpy(stock.images[rows]).float()[:, None] / 255
    back = torch.from_numpy(np.stack([_grid(move, side) for move in moves])).float()
    grid = torch.nn.functional.affine_grid(back, list(films.shape), align_corners=False)
    moved = torch.nn.functional.grid_sample(films, grid, align_corners=False)
    boxes = [torch.from_numpy(_moved(stock.boxes[i], move, side)[0]) for i, move in zip(rows, moves, strict=True)]
    return torch.stack([_exposed(film, generator) for film in moved]), boxes


def _move(
    extent: NDArray[np.float32], boxes: NDArray[np.float32], side: int, generator: np.random.Generator
) -> NDArray[np.float64]:
    """A (2, 3) map of film pixels to view pixels. A fractured film keeps at least one box in view."""
    for _ in range(10):
        move = _any_move(extent, boxes, side, generator)
        if not len(boxes) or _moved(boxes, move, side)[1].any():
            return move
    return np.asarray([[1.0, 0, 0], [0, 1, 0]])


def _any_move(
    extent: NDArray[np.float32], boxes: NDArray[np.float32], side: int, generator: np.random.Generator
) -> NDArray[np.float64]:
    zoom = math.exp(generator.uniform(math.log(ZOOM[0]), math.log(ZOOM[1])))
    turn = generator.uniform(-TURN, TURN) + math.pi / 2 * generator.choice(4, p=(0.7, 0.1, 0.1, 0.1))
    flip = generator.choice((-1.0, 1.0))
    cos, sin = math.cos(turn) * zoom, math.sin(turn) * zoom
    linear = np.asarray([[cos * flip, -sin], [sin * flip, cos]])
    focus = extent * generator.uniform(0.35, 0.65, 2)
    if zoom > 1:
        focus = extent * generator.uniform(0.2, 0.8, 2)
    if len(boxes) and zoom > 1.2:
        box = boxes[generator.integers(len(boxes))]
        focus = (box[:2] + box[2:]) / 2 + generator.uniform(-0.3, 0.3, 2) * side / zoom
    shift = side / 2 - linear @ focus + generator.uniform(-0.05, 0.05, 2) * side
    return np.column_stack([linear, shift])


def _moved(
    boxes: NDArray[np.float32], move: NDArray[np.float64], side: int
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Boxes in the view, cut at its edge, those with too little left dropped; and which were kept."""
    corners = boxes[:, [[0, 1], [2, 1], [0, 3], [2, 3]]].astype(np.float64)
    seen = corners @ move[:, :2].T + move[:, 2]
    low, high = seen.min(1), seen.max(1)
    area = np.prod(high - low, axis=1)
    low, high = low.clip(0, side), high.clip(0, side)
    kept = np.prod(high - low, axis=1) >= VISIBLE * area
    return np.concatenate([low, high], 1).astype(np.float32)[kept], kept


def _grid(move: NDArray[np.float64], side: int) -> NDArray[np.float64]:
    """The inverse of `move` in affine_grid's coordinates (-1 to 1 across the square)."""
    scaled = np.linalg.inv(np.vstack([move, [0, 0, 1]]))
    normal = np.asarray([[2 / side, 0, -1], [0, 2 / side, -1], [0, 0, 1]])
    mapped: NDArray[np.float64] = (normal @ scaled @ np.linalg.inv(normal))[:2]
    return mapped


def _exposed(film: Tensor, generator: np.random.Generator) -> Tensor:
    """Another tube, detector and window: gamma, contrast, brightness; sometimes blur or noise."""
    film = film.clamp(1e-4, 1) ** math.exp(generator.uniform(-0.4, 0.4))
    film = film * generator.uniform(0.8, 1.25) + generator.uniform(-0.08, 0.08)
    if generator.random() < 0.2:
        film = torch.nn.functional.avg_pool2d(film[None], 3, 1, 1)[0]
    if generator.random() < 0.2:
        noise = generator.standard_normal(film.shape, np.float32)
        film = film + torch.from_numpy(noise) * float(generator.uniform(0, 0.04))
    return film.clamp(0, 1)
