"""Files that are no images, or damaged, or hostile: one typed reason, soon, without much memory."""

import io
import os
import subprocess
import sys
import time
import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from random import Random

import pydicom
import pytest
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import DeflatedExplicitVRLittleEndian

from cdss.serving.pacs.decode import bounds, header
from cdss.serving.pacs.reasons import Unreadable

Make = Callable[..., Path]


def refused(path: Path) -> Unreadable:
    with pytest.raises(Unreadable) as caught:
        header.read(path)
    return caught.value


def test_a_file_that_is_not_dicom(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("Dear colleague, " * 40, encoding="ascii")
    error = refused(path)
    assert error.reason.code == "not_dicom"
    assert error.reason.en == "Not a DICOM file: the DICM mark is missing; give DICOM files, a folder or a zip."
    assert error.reason.zh.startswith("不是 DICOM 文件")


def test_an_empty_file(tmp_path: Path) -> None:
    path = tmp_path / "empty.dcm"
    path.touch()
    assert refused(path).reason.en == "The file is empty (0 bytes); export it again."


def test_a_file_cut_short_says_how_much_is_missing(make_image: Make, tmp_path: Path) -> None:
    path = make_image(tmp_path / "cut.dcm")
    path.write_bytes(path.read_bytes()[:-1000])
    assert refused(path).reason.en == (
        f"The file is cut short: expected {80 * 96 * 2} bytes of pixel data, found {80 * 96 * 2 - 1000}; send it again."
    )


def test_a_file_cut_within_its_header(make_image: Make, tmp_path: Path) -> None:
    path = make_image(tmp_path / "cut.dcm")
    path.write_bytes(path.read_bytes()[:600])
    assert refused(path).reason.code in ("attribute_missing", "header_invalid", "truncated")


def test_an_image_without_pixels(make_image: Make, tmp_path: Path) -> None:
    dataset = pydicom.dcmread(make_image(tmp_path / "whole.dcm"))
    del dataset.PixelData
    dataset.save_as(tmp_path / "none.dcm")
    assert "found 0" in refused(tmp_path / "none.dcm").reason.en


@pytest.mark.parametrize("uid", ["../../etc/passwd", "1.2.abc", "1..2", "1." * 40])
def test_a_uid_that_is_none(uid: str, make_image: Make, tmp_path: Path) -> None:
    path = make_image(tmp_path / "bad.dcm", StudyInstanceUID=uid)
    assert refused(path).reason.en == "StudyInstanceUID is not a valid UID (digits and dots, at most 64 characters)."


def test_a_missing_uid_is_named(make_image: Make, tmp_path: Path) -> None:
    path = make_image(tmp_path / "bad.dcm", SeriesInstanceUID=None)
    assert "SeriesInstanceUID" in refused(path).reason.en


def test_more_frames_than_any_study_has(make_image: Make, tmp_path: Path) -> None:
    path = make_image(tmp_path / "frames.dcm", NumberOfFrames=4001)
    assert refused(path).reason.code == "pixels_too_large"


def test_dimensions_that_would_fill_the_memory(make_image: Make, tmp_path: Path) -> None:
    path = make_image(tmp_path / "huge.dcm", Rows=65535, Columns=65535)
    assert refused(path).reason.code == "pixels_too_large"


def test_a_small_file_that_declares_a_large_image(make_image: Make, tmp_path: Path) -> None:
    path = make_image(tmp_path / "ratio.dcm", Rows=8000, Columns=8000)
    assert refused(path).reason.code == "ratio_too_large"


def test_a_header_longer_than_any_image_has(make_image: Make, tmp_path: Path) -> None:
    path = make_image(tmp_path / "long.dcm", ImageComments="x" * 100)
    dataset = pydicom.dcmread(path)
    dataset.add_new(0x00091001, "OB", b"\0" * (bounds.HEADER + 2))
    dataset.save_as(path)
    assert refused(path).reason.en == "The header is longer than 32 MB; no ordinary image is, so it is refused."


def test_sequences_nested_without_end(make_image: Make, tmp_path: Path) -> None:
    path = make_image(tmp_path / "deep.dcm")
    path.write_bytes(path.read_bytes()[: -(80 * 96 * 2 + 12)] + nested(5000))
    assert refused(path).reason.code == "header_invalid"


def nested(depth: int) -> bytes:
    """Items in sequences in items: each level opens a sequence of undefined length."""
    sequence = b"\x09\x00\x10\x10SQ\0\0\xff\xff\xff\xff"
    opened = b"\xfe\xff\x00\xe0\xff\xff\xff\xff" + sequence
    return sequence + opened * depth


def deflated(path: Path, *pieces: bytes) -> Path:
    """A file whose data set is all the pieces, deflated."""
    dataset, buffer = Dataset(), io.BytesIO()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.2"
    dataset.file_meta.MediaStorageSOPInstanceUID = "1.2.3"
    dataset.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    pydicom.dcmwrite(buffer, dataset, enforce_file_format=True)
    prefix = buffer.getvalue()
    end = prefix.rindex(b"1.2.840.10008.1.2.1.99") + 22
    squeeze = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
    with path.open("wb") as file:
        file.write(prefix[:end])
        file.writelines(squeeze.compress(piece) for piece in pieces)
        file.write(squeeze.flush())
    return path


READ_ALONE = """
import re, sys, time
from pathlib import Path
from cdss.serving.pacs.decode import header
started = time.monotonic()
try:
    header.read(Path(sys.argv[1]))
except Exception as e:
    highest = re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]
    print(e.reason.code, round(time.monotonic() - started, 2), highest)
"""


def test_a_deflate_bomb_is_refused_before_it_unfolds(tmp_path: Path) -> None:
    """500 MB in 500 KB. In a process of its own, so that its highest memory is seen."""
    bomb = deflated(tmp_path / "bomb.dcm", b"\x08\x00\x05\x00CS\x00\x00", *[b"\0" * (1 << 20)] * 500)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(part for part in sys.path if part)}
    command = [sys.executable, "-c", READ_ALONE, str(bomb)]
    shown = subprocess.run(command, env=environment, capture_output=True, check=True, timeout=60).stdout.split()
    assert shown[0] == b"ratio_too_large"
    assert float(shown[1]) < 2  # seconds
    assert int(shown[2]) < 256 << 10  # KB


def test_damaged_deflate(tmp_path: Path) -> None:
    path = deflated(tmp_path / "damaged.dcm", b"\x08\x00\x05\x00CS\x00\x00" * 100)
    path.write_bytes(path.read_bytes()[:-20] + b"\xff" * 20)
    assert refused(path).reason.code in ("header_invalid", "attribute_missing")


def test_a_group_of_meta_elements_without_end(tmp_path: Path) -> None:
    path = tmp_path / "meta.dcm"
    path.write_bytes(b"\0" * 128 + b"DICM" + b"\x02\x00\x02\x01OB\0\0" + (1 << 30).to_bytes(4, "little") + b"\0" * 64)
    assert refused(path).reason.code == "header_invalid"


def test_a_data_set_without_preamble_is_read(make_image: Make, tmp_path: Path) -> None:
    whole = make_image(tmp_path / "whole.dcm").read_bytes()
    start = whole.index(b"\x08\x00\x08\x00CS")
    (tmp_path / "bare.dcm").write_bytes(whole[start:])
    assert header.read(tmp_path / "bare.dcm").modality == "CR"


def test_damage_anywhere_is_one_typed_error_or_none(tmp_path: Path) -> None:
    """Eight hundred seeded damages to real headers; nothing but Unreadable may come out, and soon."""
    random, path = Random(20261121), tmp_path / "damaged.dcm"
    seeds = [Path(str(get_testdata_file(name, download=False))).read_bytes() for name in SEEDS]
    started = time.monotonic()
    for _ in range(800):
        path.write_bytes(damaged(bytearray(random.choice(seeds)), random))
        for read in (header.read, header.identity):
            with suppress(Unreadable):
                read(path)
    assert time.monotonic() - started < 60


SEEDS = ["CT_small.dcm", "reportsi.dcm", "image_dfl.dcm", "JPEG2000.dcm", "rtplan.dcm", "MR_small_bigendian.dcm"]
LURES = [b"\xff\xff\xff\xff", b"\x00\x00\x00\x80", b"SQ\0\0", b"\xfe\xff\x00\xe0", b"UN\0\0"]


def damaged(content: bytearray, random: Random) -> bytes:
    """Bytes changed, cut out, doubled, or replaced by what lures a parser into depth and length."""
    for _ in range(random.choice((1, 2, 5, 20))):
        at = random.randrange(len(content))
        match random.randrange(4):
            case 0:
                content[at] = random.randrange(256)
            case 1:
                content[at : at + 4] = random.choice(LURES)
            case 2:
                del content[at : at + random.randrange(1, 50)]
            case _:
                content[at:at] = content[max(0, at - 40) : at]
    return bytes(content)
