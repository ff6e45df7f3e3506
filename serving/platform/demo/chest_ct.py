"""A synthetic chest CT with spheres as nodules: a phantom to show and test the flow with, no measure of any model."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import UID, CTImageStorage, ExplicitVRLittleEndian

Image = NDArray[np.floating[Any]]
Mask = NDArray[np.bool_]

SIZE, PIXEL_MM, SLICE_MM = 512, 0.7, 1.25
AIR, LUNG, WATER, BLOOD, BONE = -1000.0, -860.0, 0.0, 40.0, 500.0  # HU
NAMES = UUID("6a1f7c1e-5d0b-4f4e-9a52-0c7b5f3e2d11")
DIAMETERS = (12.0, 8.0, 16.0)  # mm
VESSELS = 60  # in each lung


SHARED: dict[str, object] = {
    "SpecificCharacterSet": "ISO_IR 192", "ImageType": ["ORIGINAL", "PRIMARY", "AXIAL"], "Modality": "CT",
    "StudyDate": "20260105", "SeriesDate": "20260105", "AcquisitionDate": "20260105", "ContentDate": "20260105",
    "StudyTime": "090000", "SeriesTime": "090000", "AcquisitionTime": "090000", "ContentTime": "090000",
    "AccessionNumber": "", "Manufacturer": "PHANTOM", "ManufacturerModelName": "chest_ct", "ReferringPhysicianName": "",
    "StudyDescription": "CHEST CT", "SeriesDescription": "LUNG 1.25 mm", "PatientName": "DEMO^CHEST CT",
    "PatientID": "DEMO-CT", "PatientBirthDate": "19600101", "PatientSex": "O", "PatientPosition": "HFS",
    "BodyPartExamined": "CHEST", "SliceThickness": SLICE_MM, "KVP": 120, "ConvolutionKernel": "STANDARD",
    "StudyID": "1", "SeriesNumber": 2, "AcquisitionNumber": 1, "PositionReferenceIndicator": "",
    "ImageOrientationPatient": [1, 0, 0, 0, 1, 0], "PixelSpacing": [PIXEL_MM, PIXEL_MM],
    "SamplesPerPixel": 1, "PhotometricInterpretation": "MONOCHROME2", "BitsAllocated": 16, "BitsStored": 16,
    "HighBit": 15, "PixelRepresentation": 1, "WindowCenter": -600, "WindowWidth": 1500,
    "RescaleIntercept": 0, "RescaleSlope": 1, "RescaleType": "HU",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class PhantomNodule:
    """A sphere in the phantom: centre in patient coordinates (x, y, z; LPS, mm) and diameter in mm."""

    position_mm: tuple[float, float, float]
    diameter_mm: float


@dataclass(frozen=True, slots=True)
class Tube:
    """A straight vessel in one lung, from `start` to `end` (x, y, z in mm from the phantom's centre)."""

    start: Image
    end: Image
    radius: float


def make_chest_ct(folder: Path, slices: int = 160, seed: int = 1) -> list[PhantomNodule]:
    """Write `slices` files (1.25 mm apart, head first) into `folder`; the same seed gives the same bytes and UIDs."""
    folder.mkdir(parents=True, exist_ok=True)
    generator = np.random.default_rng(seed)
    extent = slices * SLICE_MM
    nodules = _nodules(extent, generator)
    tubes = [tube for side in (-1, 1) for tube in _vessels(side, extent, generator)]
    for number in range(slices):
        z = extent / 2 - number * SLICE_MM
        image = _noisy(_slice(z, extent, nodules, tubes), generator)
        _save(folder / f"{number + 1:04d}.dcm", image, z, number + 1, f"{seed}/{slices}")
    return nodules


def _nodules(extent: float, generator: np.random.Generator) -> list[PhantomNodule]:
    found = []
    for number, diameter in enumerate(DIAMETERS):
        side = (-1, 1)[number % 2]
        x, y, z = side * 74, (number - 1) * 28, extent * (0.22 - 0.2 * number)
        dx, dy, dz = (float(shift) for shift in generator.uniform(-6, 6, 3))
        found.append(PhantomNodule((x + dx, y + dy, z + dz / 2), diameter))
    return found


def _vessels(side: int, extent: float, generator: np.random.Generator) -> Iterator[Tube]:
    """Tubes from the hilum outward, thinner the farther they reach."""
    hilum = np.asarray((side * 38.0, 0.0, 0.0), np.float32)
    for _ in range(VESSELS):
        direction = generator.normal(size=3) * (1, 1, extent / 200) + (side * 1.2, 0, 0)
        length = generator.uniform(30, 75)
        end = hilum + direction / np.linalg.norm(direction) * length
        yield Tube(hilum, end.astype(np.float32), float(generator.uniform(0.6, 2.2)))


def _plane() -> tuple[Image, Image]:
    """x (to the patient's left) and y (to the back) of every pixel's centre, mm from the middle."""
    axis = ((np.arange(SIZE) - (SIZE - 1) / 2) * PIXEL_MM).astype(np.float32)
    x, y = np.meshgrid(axis, axis)
    return x, y


def _slice(z: float, extent: float, nodules: list[PhantomNodule], tubes: list[Tube]) -> Image:
    x, y = _plane()
    image = np.full((SIZE, SIZE), AIR, np.float32)
    _ellipse(image, x / 165, y / 115, BLOOD - 60)  # fat and muscle
    _ellipse(image, x / 150, y / 100, BLOOD)
    _ellipse(image, x / 22, (y - 78) / 20, BONE)  # spine
    height = max(0.25, 1 - (2 * z / (extent * 1.25)) ** 2) ** 0.5
    lungs = np.zeros_like(image, bool)
    for side in (-1, 1):
        inside = ((x - side * 74) / (50 * height)) ** 2 + (y / (82 * height)) ** 2 < 1
        lungs |= inside
    image[lungs] = LUNG
    for tube in tubes:
        _paint_tube(image, lungs, x, y, z, tube)
    _ellipse(image, x / 8, (y + 5) / 8, AIR)  # trachea
    for nodule in nodules:
        _paint_sphere(image, x, y, z, nodule)
    return image


def _ellipse(image: Image, x: Image, y: Image, value: float) -> None:
    image[x**2 + y**2 < 1] = value


def _paint_tube(image: Image, lungs: Mask, x: Image, y: Image, z: float, tube: Tube) -> None:
    """Where the slice cuts the tube, which is thinner the farther it reaches; a slant cut is long, not round."""
    reach = tube.radius + 2
    shares = _near_slice(tube, z, reach)
    if shares is None:
        return
    ends = tube.start + np.asarray(shares, np.float32)[:, None] * (tube.end - tube.start)
    near = _between(ends, reach)
    points = np.stack([x[near], y[near], np.full(x[near].shape, z, np.float32)], axis=-1)
    along = tube.end - tube.start
    share = ((points - tube.start) @ along / (along @ along)).clip(0, 1)
    distance = np.linalg.norm(points - tube.start - share[..., None] * along, axis=-1)
    _blend(image[near], distance - tube.radius * (1.2 - share), lungs[near])


def _near_slice(tube: Tube, z: float, reach: float) -> tuple[float, float] | None:
    """From which to which share of its length the tube is within `reach` mm of the slice; None if nowhere."""
    start, rise = float(tube.start[2]), float(tube.end[2] - tube.start[2])
    if abs(rise) < 1e-3:
        return (0.0, 1.0) if abs(z - start) <= reach else None
    low, high = sorted(((z - reach - start) / rise, (z + reach - start) / rise))
    return (max(low, 0.0), min(high, 1.0)) if low <= 1 and high >= 0 else None


def _between(ends: Image, reach: float) -> tuple[slice, slice]:
    """The rows and columns within `reach` mm of the line between two points (2, 3)."""
    rows, columns = (
        slice(max(0, int((low - reach) / PIXEL_MM + (SIZE - 1) / 2)), int((high + reach) / PIXEL_MM + SIZE / 2) + 1)
        for low, high in ((ends[:, axis].min(), ends[:, axis].max()) for axis in (1, 0))
    )
    return rows, columns


def _paint_sphere(image: Image, x: Image, y: Image, z: float, nodule: PhantomNodule) -> None:
    (cx, cy, cz), radius = nodule.position_mm, nodule.diameter_mm / 2
    if abs(z - cz) > radius + 2:
        return
    near = _around(cx, cy, radius + 2)
    distance = np.sqrt((x[near] - cx) ** 2 + (y[near] - cy) ** 2 + (z - cz) ** 2) - radius
    _blend(image[near], distance, np.ones(distance.shape, bool))


def _around(x: float, y: float, reach: float) -> tuple[slice, slice]:
    """The rows and columns within `reach` mm of a point."""
    column, row = (round(value / PIXEL_MM + (SIZE - 1) / 2) for value in (x, y))
    pixels = int(reach / PIXEL_MM) + 1
    return slice(max(0, row - pixels), row + pixels + 1), slice(max(0, column - pixels), column + pixels + 1)


def _blend(image: Image, distance: Image, where: Mask) -> None:
    """Mix tissue in by the distance in mm from its surface (negative: inside), over about one pixel."""
    share = where / (1 + np.exp((distance / 0.25).clip(-50, 50)))
    image += ((BLOOD - image) * share).astype(np.float32)


def _noisy(image: Image, generator: np.random.Generator) -> NDArray[np.int16]:
    """Noise of about 20 HU, coarser than a pixel as after reconstruction."""
    noise: Image = generator.normal(0, 45, image.shape)
    for axis in (0, 1):
        noise = (noise + np.roll(noise, 1, axis)) / 2
    values: NDArray[np.int16] = np.rint(image + noise).clip(-1024, 3071).astype(np.int16)
    return values


def uid(name: str) -> UID:
    """A UID that is always the same for a name (PS3.5 section B.2)."""
    return UID(f"2.25.{uuid5(NAMES, name).int}")


def _save(path: Path, image: NDArray[np.int16], z: float, number: int, study: str) -> None:
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = CTImageStorage
    meta.MediaStorageSOPInstanceUID = uid(f"ct/{study}/{number}")
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset = FileDataset(None, {}, file_meta=meta, preamble=b"\0" * 128)
    dataset.update(_identity(study))
    dataset.SOPClassUID, dataset.SOPInstanceUID = CTImageStorage, meta.MediaStorageSOPInstanceUID
    dataset.InstanceNumber = number
    corner = -(SIZE - 1) / 2 * PIXEL_MM
    dataset.ImagePositionPatient = [corner, corner, round(z, 4)]
    dataset.SliceLocation = round(z, 4)
    dataset.Rows, dataset.Columns = image.shape
    dataset.PixelData = image.tobytes()
    dataset.save_as(path, enforce_file_format=True)


def _identity(study: str) -> Dataset:
    """What all slices of the phantom share."""
    dataset = Dataset()
    for keyword, value in SHARED.items():
        setattr(dataset, keyword, value)
    for keyword in ("StudyInstanceUID", "SeriesInstanceUID", "FrameOfReferenceUID"):
        setattr(dataset, keyword, uid(f"{keyword}/{study}"))
    return dataset
