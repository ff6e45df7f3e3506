"""May a plain film be read for fractures? All reasons against it are told."""

from collections.abc import Iterator

from cdss.serving.pacs.decode.syntaxes import refuse_undecodable
from cdss.serving.pacs.reasons import Reason, Unreadable, reason
from cdss.serving.pacs.series import anatomy
from cdss.serving.pacs.series.file import File

SECONDARY_CLASS = "1.2.840.10008.5.1.4.1.1.7"


def refusals(film: File) -> Iterator[Reason]:
    """Why the film is not read; nothing if it is."""
    about = film.about
    if about.sop_class.startswith(SECONDARY_CLASS) or about.image_type[1:2] == ("SECONDARY",):
        yield reason("secondary")
    part = anatomy.named(about.places, "fracture")
    if part and part.task != "fracture":
        yield reason("body_part_out", zh=part.zh, en=part.en)
    if about.frames > 1:
        yield reason("multiframe")
    if not about.photometric.startswith("MONOCHROME"):
        yield reason("not_monochrome", found=about.photometric or "?")
    try:
        refuse_undecodable(about.syntax, about.bits)
    except Unreadable as e:
        yield e.reason


def notes(film: File) -> Iterator[Reason]:
    """What is to be said with a film that is read."""
    part = anatomy.named(film.about.places, "fracture")
    if part is None:
        yield reason("body_part_unknown", zh="四肢、髋、肩", en="limbs, hip and shoulder")
    elif part.note:
        yield reason(part.note)
    if film.about.lossy:
        yield reason("lossy")
