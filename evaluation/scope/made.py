"""Pictures and volumes made by rule, none of which is a film or a chest CT."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

Floats = NDArray[np.float32]
Volume = NDArray[np.int16]

ROWS, COLUMNS = 600, 500


def pictures(seed: int = 0) -> Iterator[tuple[str, Floats]]:
    """What it is, and its pixels (row, column)."""
    generator = np.random.default_rng(seed)
    y, x = np.mgrid[:ROWS, :COLUMNS].astype(np.float32)
    grain = generator.normal(size=(ROWS, COLUMNS)).astype(np.float32)
    yield "noise", grain
    for power in (1.0, 1.2, 1.5, 2.0):
        yield "cloudy texture", _cloud(grain, power)
    yield "slope", x + y
    yield "slope", np.hypot(x - COLUMNS / 2, y - ROWS / 2).astype(np.float32)
    yield "line pairs", np.sin(x / (2 + y // 100 * 2)) * 100 + 5 * grain
    yield "line pairs", x // 8 % 2 * 100 + grain
    yield "spheres", (_spheres(y, x) + grain / 2).astype(np.float32)
    yield "step wedge", y // 60 * 10 + grain
    yield "step wedge", np.where((y > 200) & (y < 400), x // 50 * 10, 0) + grain
    yield "checkers", (x // 40 + y // 40) % 2 * 100 + grain
    yield "page of text", _text(0, 255)
    yield "page of text", _text(230, 20)


def photographs() -> Iterator[tuple[str, Floats]]:
    """Two photographs that scikit-learn brings, whole and in parts."""
    from sklearn.datasets import load_sample_images

    for photograph in load_sample_images().images:
        grey = photograph.mean(2).astype(np.float32)
        yield from (("photograph", part) for part in (grey, grey[:300, :300], grey[100:, 200:500]))


def volumes(seed: int = 0) -> Iterator[tuple[str, Volume, tuple[float, float, float]]]:
    """What it is, HU (slice, row, column), spacing in mm."""
    generator = np.random.default_rng(seed)
    spacing = (3.0, 1.0, 1.0)

    def noisy(volume: Volume) -> Volume:
        return np.rint(volume + generator.normal(0, 12, volume.shape)).astype(np.int16)

    yield "abdomen with gas in the bowel", noisy(_abdomen(14)), spacing
    yield "abdomen with a wide colon full of gas", noisy(_abdomen(34)), spacing
    yield "water with rods of air", noisy(_rods()), spacing
    yield "box of foam in air", noisy(_box(-850)), spacing
    yield "noise", generator.normal(-400, 400, (30, 200, 200)).astype(np.int16), spacing


def _cloud(grain: Floats, power: float) -> Floats:
    """Noise whose strength falls with frequency to the given power, as in photographs."""
    frequency = np.hypot(*np.meshgrid(*map(np.fft.fftfreq, grain.shape), indexing="ij"))
    frequency[0, 0] = 1
    cloud: Floats = np.fft.ifft2(np.fft.fft2(grain) / frequency**power).real.astype(np.float32)
    return cloud


def _spheres(y: Floats, x: Floats) -> Floats:
    thickness = np.zeros_like(x)
    for row in range(60, ROWS, 90):
        for column in range(60, COLUMNS, 90):
            depth = (10 + row / 20) ** 2 - (x - column) ** 2 - (y - row) ** 2
            thickness = np.maximum(thickness, np.sqrt(depth.clip(0)))
    return thickness


def _text(ink: int, paper: int) -> Floats:
    page = Image.new("L", (COLUMNS, ROWS), paper)
    pen = ImageDraw.Draw(page)
    for line in range(28):
        pen.text(
            (20, 20 + line * 20), f"{line:03d}  ward {line % 5}, bed {line % 7}: result pending, order checked", ink
        )
    return np.asarray(page, np.float32)


def _abdomen(radius: float) -> Volume:
    """Fat, organs, spine, and four loops of gas of this radius in mm that wind along the body."""
    volume = np.full((40, 320, 320), -1000, np.int16)
    for height, plane in enumerate(volume):
        _ellipse(plane, (160, 160), (105, 145), -90)
        _ellipse(plane, (160, 160), (92, 130), 45)
        _ellipse(plane, (220, 160), (18, 18), 300)
        for loop in range(4):
            middle = 135 + 8 * np.sin(loop + height / 9), 70 + 60 * loop
            _ellipse(plane, middle, (radius + 4 * np.sin(height / 5 + loop), radius * 0.8), -985)
    return volume


def _rods() -> Volume:
    volume = np.full((30, 256, 256), -1000, np.int16)
    for plane in volume:
        _ellipse(plane, (128, 128), (100, 100), 0)
        for turn in range(4):
            _ellipse(plane, (128 + 45 * np.sin(turn * 1.57), 128 + 45 * np.cos(turn * 1.57)), (25, 25), -1000)
    return volume


def _box(inside: int) -> Volume:
    """Thin walls of plastic around a block."""
    volume = np.full((40, 256, 256), -1000, np.int16)
    volume[2:-2, 40:216, 40:216] = 100
    volume[4:-4, 46:210, 46:210] = inside
    return volume


def _ellipse(plane: Volume, middle: tuple[float, float], half: tuple[float, float], value: int) -> None:
    y, x = np.mgrid[: plane.shape[0], : plane.shape[1]]
    plane[((y - middle[0]) / half[0]) ** 2 + ((x - middle[1]) / half[1]) ** 2 < 1] = value
