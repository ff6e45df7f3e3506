"""Films in memory, and which views of them an epoch shows."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cdss.datasets.fracatlas import Film, pixels
from cdss.models.fracture.film import checked, normalise, scaled

Rows = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Stock:
    """Films of a split: `images` uint8 (row, column) as the net reads them; `boxes` (n, 4) in their pixels."""

    images: list[NDArray[np.uint8]]
    boxes: list[NDArray[np.float32]]
    fractured: NDArray[np.bool_]


class Views(NamedTuple):
    """What to look at, view by view: `films` (n,) numbers in the stock; `near` (n,) whether near a fracture."""

    films: Rows
    near: NDArray[np.bool_]


def stock(films: list[Film], side: int) -> Stock:
    """Read, normalise and scale every film once, its longest side to `side`."""
    images, boxes = [], []
    for film in films:
        ready = scaled(normalise(checked(pixels(film))), side)
        images.append(np.round(ready.pixels * 255).astype(np.uint8))
        boxes.append(film.boxes * ready.scale)
    fractured = np.asarray([film.fractured for film in films])
    return Stock(images, boxes, fractured)


def even(stock: Stock) -> Stock:
    """The fractured films, and as many normal ones from all over the stock: its first ones are easier than the rest."""
    normal = np.flatnonzero(~stock.fractured)
    count = min(len(normal), int(stock.fractured.sum()))
    spread = normal[np.arange(count) * len(normal) // max(1, count)]
    rows = np.concatenate([np.flatnonzero(stock.fractured), spread])
    images, boxes = ([parts[i] for i in rows] for parts in (stock.images, stock.boxes))
    return Stock(images, boxes, stock.fractured[rows])


@dataclass(frozen=True, slots=True)
class Mix:
    """What an epoch shows: of every fractured film `near` a fracture and `away` anywhere, and normal films.

    `normals` views of normal films for each view near a fracture. With `suspicion` (films,) half of these are drawn by
    it, so that normal films that were taken for fractured ones are seen more often.
    """

    near: int = 2
    away: int = 1
    normals: float = 1.0
    suspicion: NDArray[np.float64] | None = None


def drawn(stock: Stock, mix: Mix, generator: np.random.Generator) -> Views:
    """One epoch's views, shuffled."""
    fractured, near, away = np.flatnonzero(stock.fractured), mix.near, mix.away
    calm = _calm(stock, round(mix.normals * near * len(fractured)), mix.suspicion, generator)
    films = np.concatenate([np.repeat(fractured, near + away), calm])
    close = np.concatenate([np.tile(np.arange(near + away) < near, len(fractured)), np.zeros(len(calm), bool)])
    order = generator.permutation(len(films))
    return Views(films[order], close[order])


def _calm(
    stock: Stock, wanted: int, suspicion: NDArray[np.float64] | None, generator: np.random.Generator
) -> NDArray[np.intp]:
    """Normal films: no film twice before all were seen, or half of them by suspicion."""
    normal = np.flatnonzero(~stock.fractured)
    if suspicion is not None:
        chances = suspicion[normal] / suspicion[normal].sum() + 1 / len(normal)
        return generator.choice(normal, wanted, p=chances / chances.sum())
    rounds = [generator.permutation(normal) for _ in range(-(-wanted // max(1, len(normal))))]
    return np.concatenate([*rounds, normal[:0]])[:wanted]
