"""Which pictures the fracture model refuses: strangers, which it should, and validation films, which it should not."""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cdss.datasets import chest_ct, fracatlas, lidc, strangers
from cdss.evaluation import exact
from cdss.evaluation.scope import made
from cdss.models import fracture
from cdss.models.fracture.scope import THRESHOLD
from cdss.models.resample import resize

Floats = NDArray[np.float32]

PARTS = ((0.0, 1.0), (0.0, 0.6), (0.3, 1.0), (0.1, 0.9))  # of the height of a CT that is projected
SLICES = (0.1, 0.3, 0.5, 0.7, 0.9)  # heights of single slices
WINDOWS = {"lung": (-1350, 150), "soft tissue": (-160, 240), "bone": (-200, 1200)}  # HU
WATER = 0.02  # absorbed in a millimetre; of no consequence, greys are scaled


def table(data: Path | None) -> dict[str, Any]:
    """Rows by kind of picture. Raises DataNotFound, or CardError if the model does not check its scope."""
    model = fracture.load()
    most = model.card.threshold(THRESHOLD)
    out: dict[str, list[float]] = defaultdict(list)
    ours: dict[str, list[float]] = defaultdict(list)
    for film in fracatlas.films("valid", data):
        told = _unlikeness(model, fracatlas.pixels(film).astype(np.float32))
        for kind in ("validation films", *(f"validation films: {region}" for region in film.regions)):
            ours[kind].append(told)
    for picture in _pictures(data):
        (ours if picture.ours else out)[picture.what].append(_unlikeness(model, picture.pixels))
    return {
        "model": model.card.name,
        "version": model.card.version,
        "digest": model.card.digest,
        "threshold": round(most, 3),
        "to_be_refused": [_row(what, told, most) for what, told in out.items()],
        "to_be_read": [_row(what, told, most) for what, told in ours.items()],
    }


def _unlikeness(model: fracture.Fracture, pixels: Floats) -> float:
    told = model.read(pixels).unlikeness
    assert told is not None  # a card with the threshold has a net that tells it, tests/unit/imaging/test_scope.py
    return told


def _row(what: str, told: list[float], most: float) -> dict[str, Any]:
    refused = sum(each > most for each in told)
    share = exact.share(refused, len(told))
    assert share.ci95
    return {
        "what": what,
        "n": len(told),
        "refused": refused,
        "ci95": [round(each, 3) for each in share.ci95],
        "unlikeness": [round(each, 2) for each in (min(told), float(np.median(told)), max(told))],
    }


def _pictures(data: Path | None) -> Iterator[strangers.Picture]:
    yield from strangers.pictures(data)
    for volume, spacing in _cts(data):
        yield from (strangers.Picture(what, pixels) for what, pixels in of_ct(volume, spacing))
    for what, pixels in (*made.pictures(), *made.photographs()):
        yield strangers.Picture(what, pixels)


def _cts(data: Path | None) -> Iterator[tuple[Floats, tuple[float, float, float]]]:
    """Chest CTs, head first."""
    for folder in chest_ct.folders(data):
        scan = chest_ct.read(folder)
        yield scan.volume[::-1].astype(np.float32), scan.spacing
    for name in lidc.negatives(data):
        yield lidc.negative(name, data)


def of_ct(volume: Floats, spacing: tuple[float, float, float]) -> Iterator[tuple[str, Floats]]:
    """A chest CT as films from the front and from the side, as its densest voxels, and as single slices."""
    absorbed = (volume + 1000).clip(0) / 1000 * WATER
    for low, high in PARTS:
        part = slice(int(low * len(volume)), int(high * len(volume)))
        yield "chest CT as a film from the front", _square(absorbed[part].sum(1), spacing[0] / spacing[2])
        yield "chest CT as a film from the side", _square(absorbed[part].sum(2), spacing[0] / spacing[1])
        yield "chest CT, densest voxels from the front", _square(volume[part].max(1), spacing[0] / spacing[2])
    for height in SLICES:
        for name, (low, high) in WINDOWS.items():
            yield f"chest CT, one slice, {name} window", volume[int(height * len(volume))].clip(low, high)


def _square(image: Floats, tall: float) -> Floats:
    """Square pixels where rows are `tall` times as far apart as columns."""
    return resize(image.astype(np.float32), (round(len(image) * tall), image.shape[1]))
