"""What the page of an imaging model calls things, draws and links; what the command refuses before the work."""

import re
from pathlib import Path
from types import ModuleType

import msgspec
import pytest
from typer.testing import CliRunner

from cdss.evaluation import fracture as fracture_evaluation
from cdss.evaluation import lung_nodule as nodule_evaluation
from cdss.evaluation.films import numbers as films
from cdss.evaluation.films import strains as film_strains
from cdss.evaluation.html import plots
from cdss.evaluation.html.chart import Powers
from cdss.evaluation.html.page import page
from cdss.evaluation.html.words import checklist, words
from cdss.evaluation.report import Metric, Plot, Points, Report, Robustness, Strained
from cdss.evaluation.scans import numbers as scans
from cdss.evaluation.scans import strains as scan_strains
from cdss.models import fracture, lung_nodule
from cdss.models.artifact import CARD_FILE
from cdss.models.card import Text, read
from cdss.serving.platform.cli import app

NOTHING = Text(zh="", en="")


def test_every_strain_plot_and_line_has_a_name_in_both_languages() -> None:
    assert film_strains.STRAINS.keys() | scan_strains.STRAINS.keys() == words()["strains"].keys()
    assert {"froc_films", "froc_scans", "windows", "precision_recall"} <= words()["chart"].keys()
    lines = {"overlap_50", "middle_inside", "from_3mm", "from_6mm", "periphery", "negative_ct", "bright_blobs"}
    assert lines == words()["lines"].keys()


def test_every_rate_and_size_has_a_name() -> None:
    names = {f"sensitivity_{size:g}mm_at_{rate}_fp" for size in scans.SIZES for rate in scans.NAMES}
    names |= {f"sensitivity_{size:g}mm" for size in scans.SIZES}
    names |= {f"fracture_sensitivity_at_{rate}_fp" for rate in films.RATES}
    assert names <= words()["metrics"].keys()


@pytest.mark.parametrize("model", [fracture, lung_nodule])
def test_everything_in_the_shipped_cards_is_called_by_a_name(model: ModuleType) -> None:
    for evaluation in read(Path(str(model.__file__)).parent / CARD_FILE).evaluations:
        keys = {*evaluation["metrics"], *(key for group in evaluation["subgroups"] for key in group["metrics"])}
        assert keys <= words()["metrics"].keys()
        assert evaluation["baselines"].keys() <= words()["scores"].keys()
        values = {group["value"] for group in evaluation["subgroups"] if not group["value"][0].isdigit()}
        assert values | {group["group"] for group in evaluation["subgroups"]} <= words()["groups"].keys()


def test_items_answered_otherwise_are_items_of_the_list_and_say_where_or_why_not() -> None:
    plain, imaging = checklist(), checklist(imaging=True)
    assert [each.item for each in plain] == [each.item for each in imaging]
    assert sum(a != b for a, b in zip(plain, imaging, strict=True)) == 12
    assert all(each.where for each in imaging if each.state == "no")


@pytest.mark.parametrize(
    ("axis", "value", "place", "label"),
    [
        (Powers(-3, 3, NOTHING, percent=False, base=2), 0.125, -3, "1/8"),
        (Powers(-3, 3, NOTHING, percent=False, base=2), 4, 2, "4"),
        (Powers(-3, 3, NOTHING, percent=False, base=2), 0, -3, "1/8"),
        (Powers(-3, 0, NOTHING), 0.01, -2, "1%"),
        (Powers(-3, 0, NOTHING), 0.001, -3, "0.1%"),
    ],
)
def test_an_axis_of_powers(axis: Powers, value: float, place: float, label: str) -> None:
    assert axis.place(value) == pytest.approx(place)
    assert axis.write(axis.place(value)) == label
    assert axis.ticks()[0] == axis.low


def test_the_models_line_is_painted_last_and_all_lines_have_names() -> None:
    line = Points([0.0, 1.0], [0.0, 1.0])
    plot = Plot("windows", {"periphery": line, "bright_blobs": line})
    drawn = plots.marks(plot).parts
    assert len(drawn) == len(plots.marks_legend(plot)) == 2
    assert plots.BLUE in drawn[-1]


def test_a_line_begins_at_the_last_point_before_its_axis() -> None:
    """Nothing told finds nothing, at 1/32 of a false box .4 are found: at 1/16, where the axis begins, it is .4."""
    plot = Plot("froc_films", {"overlap_50": Points([0.0, 1 / 32, 1.0], [0.0, 0.4, 0.6])})
    (line,) = plots.marks(plot).parts
    (places,) = re.findall('points="([^"]+)"', line)
    assert len(places.split()) == 2


@pytest.fixture
def small() -> Report:
    """A robustness table of two rows."""
    auc = {"image_auc": Metric(0.9123, (0.9, 0.95))}
    rows = [
        Strained("none", auc, {}, 1.0),
        Strained("jpeg_30", {"image_auc": Metric(0.8)}, {"image_auc": Metric(-0.1123, (-0.2, -0.01))}, 0.875),
    ]
    robustness = Robustness(9, 1, 0.5, rows)
    return Report("fracture", "1", "sha256:0", "fracatlas", "valid", 9, 1, auc, {}, [], robustness=robustness)


def test_what_worse_images_cost_stands_on_the_page(small: Report) -> None:
    card = read(Path(str(fracture.__file__)).parent / CARD_FILE)
    text = page(small, card)
    for said in ("JPEG quality 30", "−0.112", "(−0.200, −0.0100)", "0.875", 'id="robustness"'):
        assert said in text
    without = page(msgspec.structs.replace(small, robustness=None), card)
    assert 'id="robustness"' not in without
    for each in (text, without):
        assert set(re.findall('href="#([^"]+)"', each)) <= set(re.findall('id="([^"]+)"', each))


def run(*given: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["evaluate", *given])
    return result.exit_code, " ".join(result.stderr.split())


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("diabetes_screen", "--robustness"), "has it for none of its splits"),
        (("lung_nodule", "--split", "whole", "--robustness"), "lung_nodule has it for patches, cv"),
        (("diabetes_screen", "--gallery"), "only imaging models have pictures"),
        (("fracture", "--gallery"), "say --html FILE"),
    ],
)
def test_what_cannot_be_done_is_said_before_the_work(
    given: tuple[str, ...], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object) -> Report:
        raise AssertionError("an evaluation began")

    for task in (fracture_evaluation, nodule_evaluation):
        monkeypatch.setattr(task, "evaluate", never)
    code, words_ = run(*given)
    assert code == 2
    assert said in words_.replace("│ ", "").replace(" │", "")


def test_robustness_is_in_the_json_when_it_was_asked_for_and_progress_on_stderr(
    small: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    def strained(data: Path | None, split: str, say: object) -> Robustness | None:
        say("1/2 none")  # type: ignore[operator]
        return small.robustness

    plain = msgspec.structs.replace(small, robustness=None)
    monkeypatch.setattr(fracture_evaluation, "evaluate", lambda data, split: plain)
    monkeypatch.setattr(fracture_evaluation, "robustness", strained)
    result = CliRunner().invoke(app, ["evaluate", "fracture", "--robustness"])
    assert msgspec.json.decode(result.stdout)["robustness"]["rows"][1]["strain"] == "jpeg_30"
    assert "1/2 none" in result.stderr
    assert msgspec.json.decode(CliRunner().invoke(app, ["evaluate", "fracture"]).stdout)["robustness"] is None
