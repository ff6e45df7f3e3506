"""`cdss evaluate NAME --scope`: what is said of images that an imaging model is not for."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
from typer import Typer
from typer.testing import CliRunner

from cdss.datasets import strangers
from cdss.datasets.source import DataNotFound
from cdss.evaluation.command import evaluate
from cdss.evaluation.scope import films, made, volumes
from cdss.models.card import CardError

CHEST = np.random.default_rng(3).normal(-850, 20, (20, 60, 80)).astype(np.float32)


@pytest.mark.parametrize(
    ("what", "code"),
    [
        ("abdomen with gas in the bowel", "no_lung"),
        ("abdomen with a wide colon full of gas", "unlike_chest_ct"),
        ("water with rods of air", "unlike_chest_ct"),
        ("box of foam in air", "unlike_chest_ct"),
        ("noise", "no_lung"),
    ],
)
def test_made_volumes_are_refused_in_both_languages(what: str, code: str) -> None:
    name, volume, spacing = next(each for each in made.volumes() if each[0] == what)
    row = volumes._row(name, volume, spacing)
    assert (row["read"], row["code"]) == (False, code)
    assert row["zh"]
    assert row["en"]


def test_a_volume_that_is_no_volume_is_a_row_too() -> None:
    row = volumes._row("two slices", np.zeros((2, 100, 100), np.int16), (1.0, 0.7, 0.7))
    assert (row["code"], row["en"]) == ("model_cannot_read", "found 2 slices, expected at least 8")


def test_a_ct_is_seen_as_films_of_square_pixels_and_as_slices() -> None:
    told = list(films.of_ct(CHEST, (3.0, 1.0, 1.5)))
    front = [pixels.shape for what, pixels in told if what == "chest CT as a film from the front"]
    side = [pixels.shape for what, pixels in told if what == "chest CT as a film from the side"]
    assert front[0] == (40, 80)  # 20 slices of 3 mm, columns of 1.5 mm
    assert side[0] == (60, 60)  # rows of 1 mm
    assert sum("one slice" in what for what, _ in told) == 15  # five heights in three windows


def test_more_is_absorbed_where_there_is_more() -> None:
    dense = CHEST.copy()
    dense[:, :, 40:] = 0
    pixels = dict(films.of_ct(dense, (3.0, 1.0, 1.5)))["chest CT as a film from the front"]
    assert pixels[:, 50:].min() > pixels[:, :30].max()


def test_refusals_are_counted_with_an_exact_interval() -> None:
    assert films._row("chest film", [4.0, 3.0, 5.0, 3.0], 3.0) == {
        "what": "chest film", "n": 4, "refused": 2, "ci95": [0.068, 0.932], "unlikeness": [3.0, 3.5, 5.0],
    }  # fmt: skip


def test_pictures_made_by_rule_are_the_same_every_time() -> None:
    one, other = list(made.pictures()), list(made.pictures())
    assert [what for what, _ in one] == [what for what, _ in other]
    assert all(np.array_equal(a, b) for (_, a), (_, b) in zip(one, other, strict=True))
    assert all(np.isfinite(pixels).all() and np.ptp(pixels) > 0 for _, pixels in one)


def test_a_folder_without_strangers_is_said(tmp_path: Path) -> None:
    with pytest.raises(DataNotFound, match=r"expected xray/\*\.dcm in"):
        list(strangers.pictures(tmp_path))


@pytest.fixture
def data() -> Path:
    """The public data sets."""
    if not os.environ.get("CDSS_DATA"):
        pytest.skip("CDSS_DATA is unset: needs dicom, lung_negative, fracatlas")
    return Path(os.environ["CDSS_DATA"])


@pytest.fixture
def run() -> CliRunner:
    return CliRunner()


def app() -> Typer:
    made_app = Typer()
    made_app.command()(evaluate)
    return made_app


def test_a_model_without_pictures_has_no_such_table(run: CliRunner) -> None:
    done = run.invoke(app(), ["ckd_alert", "--scope"])
    assert done.exit_code == 2
    assert "found --scope with ckd_alert; fracture, lung_nodule have it" in " ".join(
        done.output.replace("│", "").split()
    )


@pytest.mark.data
@pytest.mark.slow
def test_the_chest_cts_are_read_and_spoiled_ones_are_not(data: Path, run: CliRunner) -> None:
    done = run.invoke(app(), ["lung_nodule", "--scope", "--data", str(data)])
    rows = {row["what"]: row for row in json.loads(done.output)["volumes"]}
    read = {what for what, row in rows.items() if row["read"]}
    whole = {what for what in rows if what.startswith("chest CT ")}
    assert len(whole) == 3
    assert whole <= read
    assert not [what for what in whole if rows[what]["remarks"]]
    unread = ("8 bit", "intercept", "slope", "inverted", "head", "abdomen", "water", "foam", "noise")
    assert not [what for what in read - whole if any(word in what for word in unread)]
    assert rows["LIDC-IDRI-0063, lower half only"]["remarks"] == ["cut at the last slice"]


@pytest.mark.data
@pytest.mark.slow
def test_strangers_are_refused_and_nearly_all_validation_films_are_read(data: Path) -> None:
    try:
        told = films.table(data)
    except CardError:
        pytest.skip("the shipped fracture model was made before this check")
    ours = {row["what"]: row for row in told["to_be_read"]}
    assert ours["validation films"]["refused"] <= 0.01 * ours["validation films"]["n"]
    assert not [row["what"] for row in told["to_be_read"] if row["what"].endswith("another device") and row["refused"]]
    refused, n = (sum(row[key] for row in told["to_be_refused"]) for key in ("refused", "n"))
    assert refused >= 0.95 * n
    chest = next(row for row in told["to_be_refused"] if row["what"] == "chest film")
    assert chest["refused"] == chest["n"]
