"""The shipped models on whole inputs, from DICOM to patient coordinates: a technical check, no measure of them."""

import csv
import math
import os
from pathlib import Path
from typing import Any

import pytest
from pydicom.data import get_testdata_file

from cdss.models import fracture, lung_nodule
from cdss.serving.pacs.detect import LocalDetector
from cdss.serving.pacs.intake.given import gather
from cdss.serving.pacs.reading import read_study
from cdss.serving.platform.demo.chest_ct import make_chest_ct

pytestmark = pytest.mark.slow
Point = tuple[float, float, float]
NEAR = 5.0  # mm


def installed(package: Any) -> bool:
    return (Path(package.__file__).parent / "MODEL_CARD.yaml").is_file()


needs_nodules = pytest.mark.skipif(not installed(lung_nodule), reason="the lung_nodule model is not installed")
needs_fractures = pytest.mark.skipif(not installed(fracture), reason="the fracture model is not installed")


def read(folder: Path, scratch: Path) -> Any:
    given = gather([folder], scratch)
    ((uid, files),) = given.studies.items()
    told = read_study(uid, files, LocalDetector())
    assert told.state == "reported", told.quality
    return told


def nearest(point: Point, told: Any) -> float:
    return min((math.dist(point, finding.position_mm) for finding in told.findings), default=math.inf)


@needs_nodules
def test_the_phantoms_nodules_are_found_where_they_were_put(tmp_path: Path) -> None:
    """Axis order, direction of the slices and patient coordinates would each put them somewhere else."""
    nodules = make_chest_ct(tmp_path / "ct", slices=128, seed=1)
    told = read(tmp_path / "ct", tmp_path)
    assert [nearest(one.position_mm, told) < NEAR for one in nodules] == [True] * len(nodules)


@needs_nodules
@pytest.mark.data
def test_a_real_ct_has_findings_where_four_readers_marked_one(tmp_path: Path) -> None:
    folder = Path(os.environ.get("CDSS_DATA", "")) / "dicom" / "ct_chest_LIDC-IDRI-0063"
    if not (os.environ.get("CDSS_DATA") and folder.is_dir()):
        pytest.skip("CDSS_DATA is not set, or has no dicom/ct_chest_LIDC-IDRI-0063")
    with (folder / "nodules.csv").open(encoding="utf-8") as file:
        (marked,) = [row for row in csv.DictReader(file) if row["n_readers"] == "4"]
    told = read(folder, tmp_path)
    place = (float(marked["x_mm"]), float(marked["y_mm"]), float(marked["z_mm"]))
    assert nearest(place, told) < NEAR


@needs_fractures
def test_a_real_radiograph_is_read(tmp_path: Path) -> None:
    found = get_testdata_file("RG3_UNCR.dcm", download=False)  # a lower leg; package pydicom-data
    if found is None:
        pytest.skip("pydicom-data is not installed")
    told = read(Path(str(found)), tmp_path)
    assert told.model.name == "fracture"
    assert 0 <= told.images[0].probability <= 1
    for finding in told.findings:
        x0, y0, x1, y1 = finding.box_px
        assert 0 <= x0 < x1 <= 1760
        assert 0 <= y0 < y1 <= 1760
