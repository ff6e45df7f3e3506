"""The evaluation of films from end to end, with detectors whose every answer is known."""

from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
import pytest
from PIL import Image

from cdss.datasets import fracatlas
from cdss.evaluation import fracture
from cdss.evaluation.films.curves import plots
from cdss.evaluation.films.groups import truncated
from cdss.evaluation.films.numbers import free_response
from cdss.evaluation.films.read import Read
from cdss.evaluation.films.strains import STRAINS
from cdss.evaluation.html.page import page, write_beside
from cdss.evaluation.report import Mistake, Report, to_card
from cdss.models.applicability import NotApplicable
from cdss.models.artifact import CARD_FILE, REPORT_FILE, companion
from cdss.models.card import Card, Text, read
from cdss.models.finding import Box, FilmReading
from cdss.models.fracture.film import checked, normalise

CARD = Path(fracture.fracture.__file__).parent / CARD_FILE
GAP = (36.0, 46.0, 64.0, 64.0)  # the box of the made films


def bright(film: np.ndarray) -> float:
    return float(film.mean() / film.max())


@dataclass(frozen=True)
class Known:
    """Sees the dark gap in the bright bar of the made films; `wrong` tells the opposite; films `above` are refused."""

    card: Card
    wrong: bool = False
    above: float = 1.0  # mean grey by the brightest

    def detect(self, film: np.ndarray, threshold: float | None = None) -> FilmReading:
        if bright(film) > self.above:
            raise NotApplicable("unlike_films", Text(zh="太亮", en="too bright"))
        grey = normalise(checked(film))
        middle = grey.shape[0] // 2 - 5, grey.shape[1] // 2
        gap = (
            grey[middle[0] - 3 : middle[0] + 3, middle[1] - 4 : middle[1] + 4].mean() < 0.5 < grey[30:40, 45:55].mean()
        )
        broken = bool(gap) != self.wrong
        return FilmReading(0.9 if broken else 0.01, (Box(0.8, GAP),) if broken else ())


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> Known:
    detector = Known(read(CARD))
    monkeypatch.setattr(fracture.fracture, "load", lambda folder=None: detector)
    monkeypatch.setattr("cdss.evaluation.films.numbers.REPEATS", 20)
    monkeypatch.setattr(fracture, "REPEATS", 20)
    return detector


@pytest.fixture
def report(known: Known, made_fracatlas: Path) -> Report:
    return fracture.evaluate(made_fracatlas, "valid")


@pytest.fixture
def worst_report(known: Known, made_fracatlas: Path, monkeypatch: pytest.MonkeyPatch) -> Report:
    monkeypatch.setattr(fracture.fracture, "load", lambda folder=None: Known(known.card, wrong=True))
    return fracture.evaluate(made_fracatlas, "valid")


def test_who_sees_everything_has_the_best_of_all_numbers(report: Report) -> None:
    best = ("map50", "map50_95", "map50_all", "image_auc", "sensitivity_screening", "specificity_confirming")
    for name in (*best, "box_sensitivity", "fracture_sensitivity_at_1_8_fp", "sensitivity_at_90_specificity"):
        assert report.metrics[name].value == 1, name
    assert report.metrics["false_boxes_per_film"].value == 0
    assert report.metrics["o_e"].value == pytest.approx(3 / (3 * 0.9 + 3 * 0.01))
    assert report.worst == []


def test_a_film_that_is_not_read_counts_nowhere_and_is_told_by_name(
    known: Known, made_fracatlas: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bar is unbroken on normal films, which are a little brighter; the brightest of six is refused."""
    means = {film.image_id: bright(fracatlas.pixels(film)) for film in fracatlas.films("valid", made_fracatlas)}
    first, second = sorted(means, key=lambda name: -means[name])[:2]
    picky = Known(known.card, above=(means[first] + means[second]) / 2)
    monkeypatch.setattr(fracture.fracture, "load", lambda folder=None: picky)
    report = fracture.evaluate(made_fracatlas, "valid")
    assert (report.n, report.events) == (5, 3)
    (said,) = [note for note in report.notes if "not read" in note]
    assert said == (
        "1 films were not read, 0 of them fractured, and are left out of all numbers: "
        f"{first}: unlike_films: too bright"
    )


def test_groups_are_by_region_view_hardware_and_size_of_the_fracture(report: Report) -> None:
    """Films 10 to 15 of the made folder: views alternate by two, no hardware, one published size of the films."""
    counts = {(each.group, each.value): (each.n, each.events) for each in report.subgroups}
    assert counts["view", "frontal"] == (2, 1)
    assert counts["view", "lateral"] == (4, 2)
    assert counts["hardware", "no"] == (6, 3)
    assert counts["fractures", "large"] == (3, 3)
    assert not [each for each in report.subgroups if each.group == "side_px"], "all films are of one size"


def test_a_film_whose_file_ended_early_is_known_by_what_the_decoder_filled_in(tmp_path: Path) -> None:
    def film(grey: int, rows: int) -> fracatlas.Film:
        pixels = np.random.default_rng(1).integers(0, 120, (100, 80)).astype(np.uint8)
        pixels[100 - rows :] = grey
        path = tmp_path / f"{grey}_{rows}.png"
        Image.fromarray(pixels).save(path)
        return fracatlas.Film("", path, "valid", False, np.empty((0, 4), np.float32), (), False)

    assert truncated(film(128, 10))
    assert truncated(film(128, 100)), "nothing of it is left"
    assert not truncated(film(128, 2))
    assert not truncated(film(0, 10)), "black is background"


def test_curves_of_who_sees_everything(report: Report) -> None:
    precision_recall, free = report.plots
    assert set(precision_recall.lines["overlap_50"].y) == {1.0}
    assert free.lines["middle_inside"].x == free.lines["overlap_50"].x == [0, 0]
    assert free.lines["overlap_50"].y == [0, 1]
    assert [each.name for each in report.curves[0].scores] == ["fracture", "hardware_flag"]


def told(fractured: list[bool], scores: list[list[float]], boxes: list[list[list[float]]]) -> Read:
    films = [
        fracatlas.Film(f"IMG{i}.jpg", Path(), "valid", each, np.empty((0, 4), np.float32), (), False)
        for i, each in enumerate(fractured)
    ]
    return Read(
        films,
        np.arange(len(films)),
        [np.asarray([[0.0, 0, 10, 10]] if each else np.empty((0, 4))) for each in fractured],
        np.full(len(films), 0.5),
        [np.asarray(each) for each in scores],
        [np.asarray(each, float).reshape(-1, 4) for each in boxes],
        [""] * len(films),
    )


def test_free_response_by_hand() -> None:
    """Two fractures, two normal films; scores from the top: .9 false, .8 hit, .7 middle inside but too large, .6 false.

    A fourth of a false box a normal film allows none of two films' two, so nothing above .9 is found; half a box
    allows one: .8 is found, of .5. The box of .7 is 16 wide: overlap 100 / 256, below a half.
    """
    films = told(
        [True, True, False, False],
        [[0.8], [0.7], [0.9], [0.6]],
        [[[0, 0, 10, 10]], [[-3, -3, 13, 13]], [[0, 0, 5, 5]], [[0, 0, 5, 5]]],
    )
    found = {name: metric.value for name, metric in free_response(films).items()}
    assert [found[f"fracture_sensitivity_at_{rate}_fp"] for rate in ("1_8", "1_4", "1_2", "1")] == [0, 0, 0.5, 0.5]
    free = plots(films)[1].lines
    assert list(zip(free["overlap_50"].x, free["overlap_50"].y, strict=True)) == [
        (0, 0),
        (0.5, 0),
        (0.5, 0.5),
        (1, 0.5),
    ]
    assert free["middle_inside"].y[-1] == 1


def test_without_normal_films_there_is_no_curve_of_false_boxes() -> None:
    films = told([True], [[0.8]], [[[0, 0, 10, 10]]])
    assert [plot.kind for plot in plots(films)] == ["precision_recall"]
    assert plots(told([False], [[]], [[]])) == []
    assert free_response(films) == {}


def test_the_worst_come_with_what_was_told_and_what_is_there(worst_report: Report) -> None:
    missed = [each for each in worst_report.worst if each.kind == "missed"]
    false = [each for each in worst_report.worst if each.kind == "false_alarm"]
    assert [each.image for each in missed] == ["IMG0000011.jpg", "IMG0000013.jpg", "IMG0000015.jpg"]
    assert [each.image for each in false] == ["IMG0000010.jpg", "IMG0000012.jpg", "IMG0000014.jpg"]
    assert missed[0].score == 0.01
    assert missed[0].wanted[0].box == GAP
    assert false[0].found[0].score == pytest.approx(0.8)


def test_a_page_shows_pixels_of_the_data_only_where_pictures_were_asked_for(
    worst_report: Report, known: Known, made_fracatlas: Path
) -> None:
    plain = page(worst_report, known.card)
    assert "IMG0000011.jpg" in plain
    assert "<img" not in plain
    assert "data:" not in plain
    pictures = fracture.pictures(worst_report, made_fracatlas)
    shown = page(worst_report, known.card, pictures=pictures)
    assert shown.count('<img src="data:image/jpeg;base64,') == len(worst_report.worst) == 6
    assert "do not publish it" in shown


def test_what_worse_films_cost_is_measured_on_a_fixed_part(
    known: Known, made_fracatlas: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fracture, "STRAINED", 2)
    monkeypatch.setattr("cdss.evaluation.robustness.REPEATS", 20)
    heard: list[str] = []
    found = fracture.robustness(made_fracatlas, "valid", heard.append)
    rows = {row.strain: row for row in found.rows}
    assert list(rows) == list(STRAINS)
    assert (found.n, found.events) == (4, 2)
    assert rows["none"].metrics["image_auc"].value == rows["none"].metrics["map50"].value == 1
    assert rows["monochrome1_inverted"].changes["image_auc"].value == 0
    assert rows["monochrome1_inverted"].agreement == 1
    assert rows["monochrome1_as_stored"].metrics["image_auc"].value < 1
    assert {row.refused for row in found.rows} == {0}
    picky = Known(known.card, above=0.5)
    monkeypatch.setattr(fracture.fracture, "load", lambda folder=None: picky)
    refused = {row.strain: row.refused for row in fracture.robustness(made_fracatlas, "valid", heard.append).rows}
    assert refused["monochrome1_as_stored"] == 4, "negatives are bright"
    assert refused["none"] == 0
    assert heard[0] == "1/18 none: 4 films"
    assert len(heard) == 2 * len(STRAINS)


def test_the_card_leaves_curves_and_lists_to_the_page(report: Report) -> None:
    assert not {"curves", "plots", "worst", "robustness"} & to_card(report).keys()


def test_the_page_beside_the_card_is_named_in_it_and_has_the_other_evaluations(
    report: Report, worst_report: Report, known: Known, tmp_path: Path
) -> None:
    (tmp_path / REPORT_FILE).unlink(missing_ok=True)
    assert write_beside(tmp_path, known.card, []) == known.card
    assert not (tmp_path / REPORT_FILE).exists()
    card = write_beside(tmp_path, known.card, [report, worst_report])
    text = companion(tmp_path, card, REPORT_FILE).read_text(encoding="utf-8")
    assert "Also evaluated on" in text
    assert "IMG0000011.jpg" in text
    assert "<img" not in text


def test_a_name_from_outside_is_escaped(report: Report, known: Known) -> None:
    odd = msgspec.structs.replace(report, worst=[Mistake("missed", "<b>", 0.1, [], [])])
    assert "&lt;b&gt;" in page(odd, known.card)
