"""May a CT series be read for nodules? All reasons against it are told, not only the first."""

from collections.abc import Iterator, Sequence

import msgspec
import numpy as np

from cdss.models.lung_nodule.volume import FEWEST_SLICES, SLICE_MM
from cdss.serving.pacs.decode.syntaxes import refuse_undecodable
from cdss.serving.pacs.reasons import Reason, Unreadable, reason
from cdss.serving.pacs.series import anatomy, geometry
from cdss.serving.pacs.series.file import File

# Limits of the gate; written from memory, need clinical review.
OFF_AXIS = 20.0  # degrees
TILTED = 1.0  # degrees
UNEVEN = 0.1  # of the usual spacing
THICK = 3.0  # mm; above it small nodules may be missed

CT_IMAGE = "1.2.840.10008.5.1.4.1.1.2"
DIFFERING = {"matrix size": "矩阵大小", "spacing": "像素间距", "orientation": "方向"}
SECONDARY_CLASS = "1.2.840.10008.5.1.4.1.1.7"  # and those below it


class Volume(msgspec.Struct, frozen=True):
    """A series that may be read: its files in order of height."""

    files: tuple[File, ...]
    grid: geometry.Grid
    kernel: str


class Assessed(msgspec.Struct, frozen=True):
    """A series looked at: a volume or refusals, and notes with either."""

    volume: Volume | None
    refusals: tuple[Reason, ...]
    notes: tuple[Reason, ...]


def assess(files: Sequence[File]) -> Assessed:
    """Look at all images of one CT series."""
    slices = [file for file in files if "LOCALIZER" not in file.about.image_type]
    if not slices:
        return Assessed(None, (reason("scout"),), ())
    removed = len(files) - len(slices)
    notes = [*([reason("scout_removed", count=removed)] if removed else []), *_notes(slices)]
    refusals = [*_kind(slices), *_body_part(slices), *_syntaxes(slices)]
    planes = {file: plane for file in slices if (plane := geometry.plane(file.about))}
    if len(planes) < len(slices):
        refusals.append(reason("position_missing", count=len(slices) - len(planes)))
        return Assessed(None, tuple(refusals), tuple(notes))
    ordered = [slices[index] for index in np.argsort(geometry.heights(list(planes.values())), kind="stable")]
    stack = [planes[file] for file in ordered]
    refusals += _geometry(ordered, stack)
    volume = None if refusals else Volume(tuple(ordered), geometry.grid(stack), ordered[0].about.kernel)
    return Assessed(volume, tuple(refusals), tuple(notes))


def _kind(slices: Sequence[File]) -> Iterator[Reason]:
    """Original, primary, single-frame CT images, by SOP class and Image Type (PS3.3 section C.7.6.1.1.2)."""
    first = next((file.about for file in slices if file.about.image_type[1:2] == ("SECONDARY",)), slices[0].about)
    if first.sop_class.startswith(SECONDARY_CLASS) or first.image_type[1:2] == ("SECONDARY",):
        yield reason("secondary")
    elif first.sop_class != CT_IMAGE or first.frames > 1:
        yield reason("multiframe")
    elif first.image_type[:1] == ("DERIVED",) and not first.lossy:
        yield reason("derived", found="\\".join(first.image_type))


def _body_part(slices: Sequence[File]) -> Iterator[Reason]:
    part = anatomy.named(slices[0].about.places, "lung_nodule")
    if part and part.task != "lung_nodule":
        yield reason("body_part_out", zh=part.zh, en=part.en)


def _syntaxes(slices: Sequence[File]) -> Iterator[Reason]:
    for syntax, bits in sorted({(file.about.syntax, file.about.bits) for file in slices}):
        try:
            refuse_undecodable(syntax, bits)
        except Unreadable as e:
            yield e.reason


def _geometry(ordered: Sequence[File], planes: Sequence[geometry.Plane]) -> Iterator[Reason]:
    if differing := _differing(ordered, planes):
        yield reason("mixed_geometry", zh=DIFFERING[differing], en=differing)
        return
    if (angle := geometry.from_long_axis(planes[0])) > OFF_AXIS:
        yield reason("not_axial", angle=round(angle))
    gaps = np.diff(geometry.heights(planes))
    if stacked := int((gaps < geometry.SAME).sum()):
        yield reason("duplicate_slices", count=stacked)
    steps = gaps[gaps >= geometry.SAME]
    if len(steps) + 1 < FEWEST_SLICES:
        yield reason("too_few_slices", count=len(steps) + 1, limit=FEWEST_SLICES)
        return
    if (tilt := geometry.tilt(planes)) > TILTED:
        yield reason("gantry_tilt", angle=round(tilt, 1), limit=TILTED)
    yield from _spacing(steps)


def _differing(ordered: Sequence[File], planes: Sequence[geometry.Plane]) -> str:
    """What is not the same in all slices; empty if they form a stack."""
    sizes = {(file.about.rows, file.about.columns) for file in ordered}
    return "matrix size" if len(sizes) > 1 else geometry.alike(planes)


def _spacing(steps: geometry.Vector) -> Iterator[Reason]:
    """Holes are whole multiples of the usual step; anything else is uneven."""
    usual = float(np.median(steps))
    multiples = steps / usual
    whole = np.rint(multiples)
    if (np.abs(multiples - whole) > UNEVEN).any():
        yield reason("uneven_spacing", least=round(float(steps.min()), 2), most=round(float(steps.max()), 2))
    elif (whole > 1).any():
        yield reason("missing_slices", count=int((whole - 1).sum()), spacing=round(usual, 2))
    if usual > SLICE_MM[1]:
        yield reason("slices_too_thick", spacing=round(usual, 2), limit=SLICE_MM[1])


def _notes(ordered: Sequence[File]) -> Iterator[Reason]:
    about = ordered[0].about
    if not anatomy.named(about.places, "lung_nodule"):
        yield reason("body_part_unknown", zh="胸部", en="the chest")
    if about.thickness and about.thickness > THICK:
        yield reason("thick_slices", thickness=about.thickness)
    if any(file.about.lossy for file in ordered):
        yield reason("lossy")
