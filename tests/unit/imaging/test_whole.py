"""Whole CTs: the files read, and what was marked on them judged, by examples that can be worked out by hand."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from images import image
from pydicom.uid import CTImageStorage

from cdss.datasets import chest_ct
from cdss.datasets.chest_ct import ChestCt, Nodule, UnreadableSeries
from cdss.datasets.source import DataNotFound
from cdss.evaluation.froc import steps
from cdss.evaluation.html.page import page
from cdss.evaluation.report import Report
from cdss.evaluation.scans import numbers, worst
from cdss.evaluation.scans.plain import blobs_of
from cdss.evaluation.scans.whole import Looked, look, unfound, unfounded
from cdss.models import lung_nodule
from cdss.models.artifact import CARD_FILE
from cdss.models.card import read
from cdss.models.finding import Nodule as Mark
from cdss.models.finding import VolumeReading
from cdss.models.lung_nodule import UnreadableVolume

SPACING = (2.0, 0.5, 0.5)
HEAD = "case,n_readers,row,col,z_mm,mean_inplane_diam_mm"


def written(root: Path, heights: Sequence[float], rows: Sequence[str] = (), **attributes: Any) -> Path:
    """A folder `dicom/ct_chest_A`: slices at these heights, every pixel of each its height in HU."""
    folder = root / "dicom" / "ct_chest_A"
    for number, height in enumerate(heights):
        about = {
            "SOPClassUID": CTImageStorage, "Modality": "CT", "SeriesInstanceUID": "1.2", "PixelSpacing": [0.5, 0.5],
            "ImageOrientationPatient": [1, 0, 0, 0, 1, 0], "ImagePositionPatient": [0, 0, height],
            "RescaleSlope": 2, "RescaleIntercept": -3000, "pixels": np.full((4, 6), (height + 3000) / 2, np.uint16),
        }  # fmt: skip
        image(folder / f"{-number % len(heights)}.dcm", **about | attributes)
    (folder / "nodules.csv").write_text("\n".join([HEAD, *rows]) + "\n", encoding="utf-8")
    return root


def test_slices_come_feet_first_and_a_nodule_lies_where_the_table_says(tmp_path: Path) -> None:
    """Its middle is 4 mm above the lowest slice, row 2, column 5, at half a mm a pixel."""
    (folder,) = chest_ct.folders(written(tmp_path, [-96, -100, -98], ["A,3,2.0,5.0,-96,7.5"]))
    scan = chest_ct.read(folder)
    assert scan.name == "A"
    assert scan.volume[:, 0, 0].tolist() == [-100, -98, -96]
    assert scan.spacing == SPACING
    assert scan.nodules == (Nodule((4.0, 1.0, 2.5), 7.5, 3),)


def test_what_was_not_measured_is_air(tmp_path: Path) -> None:
    (folder,) = chest_ct.folders(written(tmp_path, [0, 2], pixels=np.zeros((4, 6), np.uint16)))
    assert set(chest_ct.read(folder).volume.ravel()) == {-1024}


def test_a_folder_that_is_no_even_axial_series_is_refused(tmp_path: Path) -> None:
    coronal = written(tmp_path / "coronal", [0, 2], ImageOrientationPatient=[1, 0, 0, 0, 0, -1])
    with pytest.raises(UnreadableSeries, match="ct_chest_A: found slices that are not axial"):
        chest_ct.read(*chest_ct.folders(coronal))
    with pytest.raises(UnreadableSeries, match="found slices 2 to 106 mm apart, expected one distance"):
        chest_ct.read(*chest_ct.folders(written(tmp_path / "uneven", [10, -100, -98, -96, 12])))
    image(tmp_path / "uneven" / "dicom" / "ct_chest_A" / "film.dcm", ImagePositionPatient=[0, 0, 14])
    with pytest.raises(UnreadableSeries, match="found 6 files of 2 series, expected one series"):
        chest_ct.read(*chest_ct.folders(tmp_path / "uneven"))


def test_a_folder_without_whole_cts_is_said_to_have_none(tmp_path: Path) -> None:
    with pytest.raises(DataNotFound, match=r"expected dicom/ct_chest_\*/\*.dcm with nodules.csv"):
        chest_ct.folders(tmp_path)


def marks(*scored: tuple[float, float]) -> tuple[Mark, ...]:
    """(score, mm along the slices), all at row and column 0."""
    return tuple(Mark(score, (mm / SPACING[0], 0.0, 0.0), 4.0) for score, mm in scored)


def looked(name: str, nodules: Sequence[Nodule], told: tuple[Mark, ...], all_marks: tuple[Mark, ...] = ()) -> Looked:
    return Looked(name, SPACING, tuple(nodules), told, all_marks or told, marks((0.5, 500)), 2.0, 3.0)


def nodule(mm: float, diameter_mm: float, readers: int) -> Nodule:
    return Nodule((mm, 0.0, 0.0), diameter_mm, readers)


@pytest.fixture
def pair() -> list[Looked]:
    """A scan with nodules of 8 mm (four readers), 4 mm (two) and a finding of one reader; a scan without.

    Marks, strongest first: .9 in the wide one, .8 on the other scan (false), .7 on the lone reader's finding,
    .6 in the small one, .5 on the other scan (false). Told are those from .65.
    """
    nodules = [nodule(0, 8, 4), nodule(50, 4, 2), nodule(100, 6, 1)]
    first = marks((0.9, 3.9), (0.7, 100), (0.6, 51.9))
    other = marks((0.8, 20), (0.5, 60))
    return [looked("A", nodules, first[:2], first), looked("B", [], other[:1], other)]


def test_metrics_by_hand(pair: list[Looked]) -> None:
    """No false mark is above .9, one of two scans' worth above .6, so that .6 is found from half a false mark on."""
    told = {name: metric.value for name, metric in numbers.metrics(pair).items()}
    assert told["sensitivity_3mm"] == 1 / 2
    assert told["sensitivity_6mm"] == 1
    assert told["false_positives_per_scan"] == 1 / 2
    assert told["false_positives_per_negative_scan"] == 1
    assert [told[f"sensitivity_3mm_at_{rate}_fp"] for rate in ("1_8", "1_4", "1_2", "1", "8")] == [0.5, 0.5, 1, 1, 1]
    assert told["sensitivity_6mm_at_1_8_fp"] == 1
    assert (told["seconds_per_ct"], told["processor_seconds_per_ct"]) == (2, 3)
    # LUNA16's straight lines: .5 at no false mark, still .5 at half of one a scan, then 1 there: read as 1 from 1/2 on
    assert told["cpm"] == pytest.approx((0.5 + 0.5 + 5 * 1) / 7)


def test_intervals_are_exact_and_the_mean_of_one_scan_has_none(pair: list[Looked]) -> None:
    told = numbers.metrics(pair)
    assert told["sensitivity_6mm"].ci95 == pytest.approx((0.025, 1))  # one of one
    assert told["cpm"].ci95 is None


def test_a_mark_just_outside_the_radius_is_false_and_the_nodule_missed() -> None:
    scan = looked("A", [nodule(0, 8, 4)], marks((0.9, 4.1)))
    assert numbers.metrics([scan])["sensitivity_3mm"].value == 0
    assert unfound(scan, 3.0) == [nodule(0, 8, 4)]
    assert unfounded(scan) == list(marks((0.9, 4.1)))


def test_the_notes_say_what_it_is_and_tell_each_scan(pair: list[Looked]) -> None:
    said = list(numbers.notes(pair, "B"))
    assert "a technical check on 2 whole CTs, not clinical performance" in said[0]
    assert "A: 1 of 2 nodules of two or more readers found, 0 false findings at the card's threshold" in said
    assert "B, its lungs were background in training: 1 false findings at the card's threshold" in said


def test_a_scan_that_is_refused_counts_its_nodules_as_missed() -> None:
    class Refusing:
        def detect(self, volume: object, spacing: object, threshold: float | None = None) -> VolumeReading:
            raise UnreadableVolume("found no lung")

    scan = look(Refusing(), ChestCt("A", np.zeros((2, 2, 2), np.int16), SPACING, (nodule(0, 8, 4),)))  # type: ignore[arg-type]
    assert numbers.metrics([scan])["sensitivity_3mm"].value == 0
    (said,) = [note for note in numbers.notes([scan], "") if note.startswith("A")]
    assert said == "A: not read (found no lung); 1 nodules of two or more readers count as missed"


def test_the_worst_are_missed_nodules_by_their_faint_marks_and_false_ones_by_score(pair: list[Looked]) -> None:
    missed, false = worst.of_scans(pair)
    assert (missed.kind, missed.image, missed.score, missed.slice) == ("missed", "A", 0.6, 25)
    assert missed.wanted[0].box == (-4, -4, 4, 4)  # 4 mm wide, 8 pixels of .5 mm
    assert (false.kind, false.image, false.score, false.slice) == ("false_alarm", "B", 0.8, 10)


def test_scans_without_nodules_have_no_sensitivity_and_no_curve(pair: list[Looked]) -> None:
    assert "sensitivity_3mm" not in numbers.metrics(pair[1:])
    assert numbers.plot(pair[1:]) == []


def test_the_page_says_that_few_scans_are_a_technical_check(pair: list[Looked]) -> None:
    card = read(Path(lung_nodule.__file__).parent / CARD_FILE)
    report = Report(
        "lung_nodule", "1", "sha256:0", "chest_ct", "whole", 2, 2, numbers.metrics(pair), {}, [],
        plots=numbers.plot(pair), worst=worst.of_scans(pair), exact=True,
    )  # fmt: skip
    text = page(report, card)
    assert "A technical check on few scans, not clinical performance." in text
    assert "bootstrap over people" not in text
    assert "bootstrap over people" in page(msgspec.structs.replace(report, exact=False), card, further=[report])
    assert "bright blobs" in text


def test_the_drawn_curve_is_that_of_all_steps(pair: list[Looked]) -> None:
    (plot,) = numbers.plot(pair)
    assert list(plot.lines) == ["from_3mm", "from_6mm", "bright_blobs"]
    x, y = steps(np.asarray([0.9, 0.6]), np.asarray([0.8, 0.5]), 2)
    assert (plot.lines["from_3mm"].x, plot.lines["from_3mm"].y) == (x.tolist(), y.tolist())


def test_a_bright_ball_in_the_lung_is_a_blob_at_its_place() -> None:
    y, x = np.mgrid[:256, :256] / 256 - 0.5
    plane = np.full((256, 256), -1000, np.int16)
    plane[(x / 0.45) ** 2 + (y / 0.35) ** 2 < 1] = 40
    for middle in (-0.19, 0.19):
        plane[((x - middle) / 0.13) ** 2 + (y / 0.22) ** 2 < 1] = -850
    volume = np.repeat(plane[None], 12, axis=0)
    rows, columns = np.mgrid[:256, :256]
    volume[5:8, (rows - 128) ** 2 + (columns - 80) ** 2 < 36] = 30
    best = blobs_of(volume, (2.5, 0.7, 0.7))[0]
    assert best.centre == pytest.approx((6, 128, 80), abs=1.5)
