"""Key images drawn: the score map lies where it was read, in colours that can be told apart, and says what it is."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageFont

from cdss.models.finding import Box
from cdss.models.score_map import ScoreMap, score_map
from cdss.serving.pacs.decode import header
from cdss.serving.pacs.objects import picture, scale
from cdss.serving.pacs.objects.drawing import MARK, canvas, with_strip
from cdss.serving.pacs.objects.picture import NoScoreMap, beside, drawn
from cdss.serving.pacs.objects.request import Request
from cdss.serving.pacs.objects.sheet import Sheets
from cdss.serving.pacs.reading import read_study
from cdss.serving.pacs.series.file import File

MADE = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)
WIDE, HIGH = 400, 300
GREY = np.full((HIGH, WIDE), 128, np.uint8)


def one_hot(
    box: tuple[float, float, float, float], row: int = 1, column: int = 3, rows: int = 3, columns: int = 4
) -> ScoreMap:
    """A map with one cell of score 1."""
    scores = np.zeros((rows, columns), np.float32)
    scores[row, column] = 1
    return score_map(scores, box)


def coloured(image: Image.Image) -> np.ndarray:
    """(row, column): where the picture is not grey."""
    pixels = np.asarray(image).astype(int)
    return np.asarray(np.ptp(pixels, axis=-1) > 60)


def where(image: Image.Image) -> tuple[float, float]:
    """Middle (x, y) of what is coloured."""
    rows, columns = np.nonzero(coloured(image))
    return (columns.min() + columns.max() + 1) / 2, (rows.min() + rows.max() + 1) / 2


def request_of(path: Path, model: Any) -> Request:
    files = (File(path, header.read(path)),)
    return Request("key", read_study(files[0].about.study_uid, files, model), files, MADE)


@pytest.fixture
def film(make_image: Any, tmp_path: Path) -> Path:
    return Path(make_image(tmp_path / "film.dcm", pixels=np.arange(HIGH * WIDE, dtype=np.uint16).reshape(HIGH, WIDE)))


def test_a_map_lies_over_the_image_cell_by_cell() -> None:
    shown = scale.laid(canvas(GREY).image, one_hot((0, 0, WIDE, HIGH), row=1, column=2), 1.0)
    assert where(shown) == pytest.approx((WIDE * 2.5 / 4, HIGH * 1.5 / 3), abs=1)


def test_a_map_of_a_part_of_the_image_leaves_the_rest_and_is_framed() -> None:
    shown = scale.laid(canvas(GREY).image, one_hot((100, 60, 180, 120), row=0, column=0), 1.0)
    assert where(shown) == pytest.approx((100 + 10, 60 + 10), abs=8)
    pixels = np.asarray(shown)
    assert (pixels[:60] == 128).all()
    assert (pixels[60, 100:180] == scale.FRAME).all()


def test_a_map_that_reaches_beyond_the_image_is_cut_not_squeezed() -> None:
    shown = scale.laid(canvas(GREY).image, one_hot((0, 0, 2 * WIDE, HIGH), row=1, column=1), 1.0)
    green = np.asarray(shown)[HIGH // 2, :, 1]
    brightest = np.flatnonzero(green == green.max()).mean()
    assert brightest == pytest.approx(WIDE * 0.75, abs=2)  # cell 1 of 4 is 200 px wide and ends where the image does


def test_a_film_that_is_shown_smaller_takes_its_map_along() -> None:
    on = canvas(np.full((3000, 4000), 128, np.uint8))
    shown = scale.laid(on.image, one_hot((0, 0, 4000, 3000), row=1, column=2), on.scale)
    assert where(shown) == pytest.approx((2048 * 2.5 / 4, 1536 * 1.5 / 3), abs=2)


def luminance(colours: np.ndarray) -> np.ndarray:
    return colours @ (0.2126, 0.7152, 0.0722)


@pytest.mark.parametrize("under", [0, 128, 255])
def test_a_higher_score_is_always_lighter_than_a_lower_one_where_the_map_is_opaque(under: int) -> None:
    """Lightness is seen the same in every colour blindness, and in grey print."""
    scores = np.linspace(scale.OPAQUE, 1, 50, dtype=np.float32)[None]
    image = Image.new("RGB", (50, 1), (under, under, under))
    light = luminance(np.asarray(scale.blended(image, scores), float)[0])
    assert (np.diff(light) > 0).all()


def test_a_score_of_zero_leaves_the_image_as_it_is() -> None:
    image = Image.fromarray(np.arange(256, dtype=np.uint8).reshape(16, 16)).convert("RGB")
    assert scale.blended(image, np.zeros((16, 16), np.float32)) == image


def test_the_legend_shows_the_very_colours_of_the_map() -> None:
    bar = np.asarray(scale.legend(400, 12, ImageFont.load_default(12)))[4]
    inside = bar[np.ptp(bar.astype(int), axis=-1) > 0]
    middle = scale.blended(Image.new("RGB", (1, 1), (scale.GREY,) * 3), np.full((1, 1), 0.5, np.float32))
    np.testing.assert_allclose(inside[len(inside) // 2], np.asarray(middle)[0, 0], atol=3)


def test_a_film_with_boxes_with_its_map_and_bare(film: Path, stand_in: Any) -> None:
    model = stand_in(boxes=[Box(0.7, (10, 20, 30, 40))], maps=[one_hot((0, 0, WIDE, HIGH))])
    request = request_of(film, model)
    (image,) = request.by_image()
    made = {overlay: drawn(request, image, GREY, overlay) for overlay in picture.OVERLAYS}
    marked = {overlay: bool((one[:HIGH] == MARK).all(axis=-1).any()) for overlay, one in made.items()}
    seen = {
        overlay: bool(coloured(Image.fromarray(one[HIGH // 3 : HIGH, 200:])).any()) for overlay, one in made.items()
    }
    assert marked == {"boxes": True, "scores": False, "none": False}
    assert seen == {"boxes": False, "scores": True, "none": False}
    assert (made["none"][:HIGH] == 128).all()


def test_without_a_map_none_is_drawn(film: Path, stand_in: Any) -> None:
    request = request_of(film, stand_in(boxes=[Box(0.7, (10, 20, 30, 40))]))
    with pytest.raises(NoScoreMap):
        drawn(request, next(iter(request.by_image())), GREY, "scores")


def test_long_words_go_on_in_the_next_line() -> None:
    on = canvas(GREY)
    short, long = (len(with_strip(on.image, on, [words])) for words in ("word", "word " * 100))
    assert long > short + 5 * on.size


def test_two_pictures_stand_beside_each_other() -> None:
    both = beside(np.full((4, 3, 3), 1, np.uint8), np.full((2, 5, 3), 2, np.uint8))
    assert both[:, :, 0].tolist() == [[1] * 3 + [2] * 5] * 2 + [[1] * 3 + [0] * 5] * 2


@pytest.mark.parametrize(
    ("to", "names"),
    [("out.png", ["out.png", "out-2.png"]), ("folder", ["1.2-1.png", "1.2-2.png"])],
    ids=["one name", "a folder"],
)
def test_sheets_are_numbered_best_first(
    to: str, names: list[str], make_image: Any, tmp_path: Path, stand_in: Any
) -> None:
    paths = [make_image(tmp_path / f"{n}.dcm", StudyInstanceUID="1.2", SOPInstanceUID=f"1.2.{n}") for n in (1, 2)]
    files = tuple(File(path, header.read(path)) for path in paths)
    told = read_study("1.2", files, stand_in(boxes=[Box(0.7, (10, 20, 30, 40))], maps=[one_hot((0, 0, 96, 80))]))
    written = list(Sheets(tmp_path / to).write(Request("key", told, files, MADE)))
    assert [path.name for path in written] == names
    with Image.open(written[0]) as sheet:
        assert sheet.width == 2 * 96
