"""A film made ready for the net: checked, normalised, scaled; and the way back to its pixels."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cdss.models.fracture.missing import decoded, seen
from cdss.models.resample import resize

Floats = NDArray[np.float32]

SIDE = 768  # px of the longest side; the net looks at the film at 5/6 and 5/12 of this, too
STEP = 32  # px; both sides become multiples of it
SMALLEST = 64  # px; below it no bone detail is left
LEAST_DECODED = 0.3  # of the rows
NARROWEST = 8  # times as long as wide; at the net's smallest scale nothing would be left of more
STRIDE = 4  # every so many pixels are looked at for the percentiles
DARK, BRIGHT = 1.0, 99.0  # percentiles that become 0 and 1: robust to markers, borders and burned-in letters


class UnreadableFilm(ValueError):
    """The array is not a film this model can read."""


@dataclass(frozen=True, slots=True)
class Scaled:
    """A film scaled to multiples of STEP: by a few percent more or less along one axis, so that nothing is padded."""

    pixels: Floats  # (row, column), in [0, 1]
    shape: tuple[int, int]  # of the film, (row, column)

    @property
    def scale(self) -> Floats:
        """Net pixels for one film pixel: (4,) for x0, y0, x1, y1 of a box."""
        rows, columns = (net / film for net, film in zip(self.pixels.shape, self.shape, strict=True))
        return np.asarray([columns, rows, columns, rows], np.float32)

    def to_film(self, boxes: Floats) -> Floats:
        """Boxes (n, 4) as x0, y0, x1, y1 from net pixels to film pixels, cut at the film's edge."""
        rows, columns = self.shape
        return (boxes / self.scale).clip(0, np.asarray([columns, rows, columns, rows], np.float32)).astype(np.float32)


def checked(film: NDArray[Any]) -> Floats:
    """The film as float32, as far as it was decoded; UnreadableFilm says what was found and what was expected.

    A band of black or grey in place of the missing end would mislead the net.
    """
    if film.ndim != 2:
        raise UnreadableFilm(f"found {film.ndim} axes, expected 2 (row, column); give one grey image at a time")
    if min(film.shape) < SMALLEST:
        raise UnreadableFilm(
            f"found {film.shape[0]} x {film.shape[1]} pixels, expected at least {SMALLEST} on each side"
        )
    if max(film.shape) > NARROWEST * min(film.shape):
        raise UnreadableFilm(
            f"found {film.shape[0]} x {film.shape[1]} pixels, expected at most {NARROWEST} times as long as wide"
        )
    pixels = film.astype(np.float32)
    if not np.isfinite(pixels).all():
        raise UnreadableFilm("found pixels that are not finite, expected numbers; mask padding before reading")
    if pixels.min() == pixels.max():
        raise UnreadableFilm(f"found a constant image (every pixel {pixels.flat[0]:g}), expected an exposed film")
    rows = decoded(pixels)
    if rows < LEAST_DECODED * len(pixels) or rows < SMALLEST:
        raise UnreadableFilm(f"found {rows} decoded rows of {len(pixels)}, the rest is filled; send the film again")
    return pixels[:rows]


def normalise(film: Floats) -> Floats:
    """Grey values to [0, 1] between the DARK and BRIGHT percentiles of what is seen (of every 4th pixel)."""
    shown = film[::STRIDE, ::STRIDE][seen(film)[::STRIDE, ::STRIDE]]
    low, high = np.percentile(shown, (DARK, BRIGHT))
    if low == high:
        low, high = film.min(), film.max()
    grey: Floats = ((film - low) / (high - low)).clip(0, 1).astype(np.float32)
    return grey


def scaled(film: Floats, side: int = SIDE) -> Scaled:
    """A normalised film, its longest side near `side`."""
    rows, columns = (max(1, round(length * side / max(film.shape) / STEP)) * STEP for length in film.shape)
    return Scaled(resize(film, (rows, columns)), (film.shape[0], film.shape[1]))
