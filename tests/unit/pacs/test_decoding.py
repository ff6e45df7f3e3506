"""Pixels in every transfer syntax, decoded in a child process that no file can take the service down with."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.data import get_testdata_file
from pydicom.pixels import compress

from cdss.serving.pacs.decode import sandbox, syntaxes
from cdss.serving.pacs.decode.sandbox import Interrupted, Sandbox
from cdss.serving.pacs.reasons import Unreadable

Make = Callable[..., Path]
LOSSLESS = {  # what pydicom can write, so that the same pixels are compared
    "1.2.840.10008.1.2.5": "RLE",
    "1.2.840.10008.1.2.4.80": "JPEG-LS lossless",
    "1.2.840.10008.1.2.4.90": "JPEG 2000 lossless",
}


@pytest.fixture(scope="module")
def box() -> Iterator[Sandbox]:
    with Sandbox() as one:
        yield one


@pytest.mark.parametrize("syntax", LOSSLESS, ids=LOSSLESS.get)
def test_lossless_encodings_give_the_same_pixels(syntax: str, box: Sandbox, make_image: Make, tmp_path: Path) -> None:
    plain = make_image(tmp_path / "plain.dcm")
    dataset = pydicom.dcmread(plain)
    compress(dataset, syntax, generate_instance_uid=False)
    dataset.save_as(tmp_path / "compressed.dcm")
    np.testing.assert_array_equal(box.decode(tmp_path / "compressed.dcm", "film"), box.decode(plain, "film"))


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("CT_small.dcm", (128, 128)),
        ("JPEG-LL.dcm", (1024, 256)),  # only python-gdcm decodes it
        ("JPEGLSNearLossless_16.dcm", (50, 10)),
        ("SC_rgb_jpeg_gdcm.dcm", None),  # in colour: refused, not decoded to grey
    ],
)
def test_images_of_other_makers(name: str, shape: tuple[int, int] | None, box: Sandbox) -> None:
    path = Path(str(get_testdata_file(name, download=False)))
    if shape is None:
        with pytest.raises(Unreadable, match="not_monochrome"):
            box.decode(path, "film")
    else:
        assert box.decode(path, "film").shape == shape


def test_extended_jpeg_of_12_bit_is_said_not_to_be_decodable(box: Sandbox) -> None:
    """No library allowed here decodes it; it must not come out as noise or as a crash."""
    path = Path(str(get_testdata_file("JPEG-lossy.dcm", download=False)))
    with pytest.raises(Unreadable) as caught:
        box.decode(path, "film")
    assert caught.value.reason.code == "syntax_not_decodable"
    assert caught.value.reason.en == (
        "Cannot be decoded: transfer syntax JPEG Extended 12 bit (1.2.840.10008.1.2.4.51);"
        " let the PACS send it uncompressed or as lossless JPEG-LS."
    )


def test_an_unknown_syntax_is_named() -> None:
    with pytest.raises(Unreadable, match=r"1\.2\.840\.10008\.1\.2\.4\.55"):
        syntaxes.refuse_undecodable("1.2.840.10008.1.2.4.55", 12)


def test_damaged_pixels_are_one_typed_error_and_the_child_goes_on(
    box: Sandbox, make_image: Make, tmp_path: Path
) -> None:
    dataset = pydicom.dcmread(make_image(tmp_path / "plain.dcm"))
    compress(dataset, "1.2.840.10008.1.2.4.90", generate_instance_uid=False)
    dataset.PixelData = dataset.PixelData[:60] + b"\xff" * (len(dataset.PixelData) - 60)
    dataset.save_as(tmp_path / "damaged.dcm")
    with pytest.raises(Unreadable, match="decode_failed"):
        box.decode(tmp_path / "damaged.dcm", "film")
    assert box.decode(tmp_path / "plain.dcm", "film").shape == (80, 96)


def test_a_child_that_hangs_is_ended_in_time(tmp_path: Path) -> None:
    with Sandbox(seconds=0.5, command=[sys.executable, "-c", "import time; time.sleep(60)"]) as box:
        started = time.monotonic()
        with pytest.raises(Unreadable, match="decode_stopped"):
            box.decode(tmp_path / "any.dcm", "film")
        assert time.monotonic() - started < 5


def test_a_child_that_crashes_is_replaced(make_image: Make, tmp_path: Path) -> None:
    path = make_image(tmp_path / "film.dcm")
    with Sandbox() as box:
        box.decode(path, "film")
        assert box.child
        box.child.kill()
        with pytest.raises(Unreadable, match="decode_stopped"):
            box.decode(path, "film")
        assert box.decode(path, "film").shape == (80, 96)


def test_a_stop_of_the_service_is_no_fault_of_the_file(make_image: Make, tmp_path: Path) -> None:
    path = make_image(tmp_path / "film.dcm")
    with Sandbox() as box:
        box.decode(path, "film")
        assert box.child
        box.child.terminate()
        with pytest.raises(Interrupted):
            box.decode(path, "film")


def test_a_signal_to_our_process_group_does_not_reach_the_child(make_image: Make, tmp_path: Path) -> None:
    with Sandbox() as box:
        box.decode(make_image(tmp_path / "film.dcm"), "film")
        assert box.child
        assert os.getpgid(box.child.pid) != os.getpgid(0)


def test_a_crash_of_the_decoder_is_told_from_a_limit(tmp_path: Path) -> None:
    crash = [sys.executable, "-c", "import os; os.abort()"]
    with Sandbox(command=crash) as box, pytest.raises(Unreadable, match="decode_failed"):
        box.decode(tmp_path / "any.dcm", "film")


def test_the_child_may_not_take_more_memory_than_it_is_given(tmp_path: Path) -> None:
    """Four gigabytes are asked for in the limits the child sets itself: it is told no, and this process is not."""
    greedy = (
        "import sys; from cdss.serving.pacs.decode import child\n"
        "child._decoded = lambda path, kind: bytearray(4 << 30)\n"
        "child.main()"
    )
    with Sandbox(command=[sys.executable, "-c", greedy]) as box, pytest.raises(Unreadable, match="decode_stopped"):
        box.decode(tmp_path / "any.dcm", "film")


def test_slices_come_back_in_the_order_they_were_asked_for(make_image: Make, tmp_path: Path) -> None:
    paths = [
        make_image(tmp_path / f"{n}.dcm", Modality="CT", RescaleSlope=1, RescaleIntercept=n, PixelRepresentation=0)
        for n in range(5)
    ]
    volume = sandbox.decode_slices(paths, children=2)
    assert volume[:, 0, 0].tolist() == [0, 1, 2, 3, 4]
