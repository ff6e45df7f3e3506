"""The same image in every lossless encoding is the same image to the models: the same pixels, the same findings."""

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pydicom
import pytest

from cdss.models import fracture, lung_nodule
from cdss.models.lung_nodule.stack import DEPTH, resampled, windowed
from cdss.serving.pacs.decode.sandbox import Sandbox

DICOM = Path(os.environ.get("CDSS_DATA", "")) / "dicom"
pytestmark = [
    pytest.mark.data,
    pytest.mark.slow,
    pytest.mark.skipif(
        not (os.environ.get("CDSS_DATA") and (DICOM / "ct_encodings").is_dir()),
        reason="CDSS_DATA is not set, or has no dicom/ct_encodings",
    ),
]
LOSSY = {f"1.2.840.10008.1.2.4.{last}" for last in (50, 51, 53, 55, 81, 91)}  # 55, 53 and 51 are not decoded at all


@pytest.fixture(scope="module")
def box() -> Iterator[Sandbox]:
    with Sandbox() as one:
        yield one


def lossless() -> list[Path]:
    paths = sorted((DICOM / "ct_encodings").glob("*.dcm"))
    return [path for path in paths if pydicom.dcmread(path).file_meta.TransferSyntaxUID not in LOSSY]


def test_a_ct_slice_has_the_same_hounsfield_and_the_same_scores(box: Sandbox) -> None:
    """Its slice stands for the seven that the net looks at."""
    paths, model = lossless(), lung_nodule.load()
    assert len(paths) >= 9
    plain = box.decode(paths[0], "slice")
    stack = resampled(np.repeat(windowed(plain)[None], DEPTH, axis=0), (0.7, 0.7))
    scores = model.judged(stack)
    for path in paths[1:]:
        hu = box.decode(path, "slice")
        np.testing.assert_array_equal(hu, plain, err_msg=path.name)
        again = model.judged(resampled(np.repeat(windowed(hu)[None], DEPTH, axis=0), (0.7, 0.7)))
        np.testing.assert_array_equal(again, scores, err_msg=path.name)


@pytest.mark.parametrize("film", ["cr_extremity_fuji_mono1_10bit", "cr_hip_fuji_mono2_10bit"])
def test_a_film_has_the_same_findings(film: str, box: Sandbox) -> None:
    model = fracture.load()
    told = [
        model.read(box.decode(DICOM / "xray" / f"{film}_{encoding}.dcm", "film"), 0.05)
        for encoding in ("jpeg_lossless", "jpegls_lossless", "j2k_lossless")
    ]
    assert told[0].map
    assert told[0] == told[1] == told[2]
