"""One key image drawn: with its boxes, with the score map, with neither; always with what it is and is not."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from cdss.models.score_map import ScoreMap
from cdss.serving.pacs.decode.sandbox import Sandbox
from cdss.serving.pacs.objects.drawing import NOTICE_ZH, SCORES_ZH, Picture, Row, boxes, canvas, gray, with_strip
from cdss.serving.pacs.objects.request import NOTICE, SCORE_MAP, Request
from cdss.serving.pacs.objects.scale import laid, legend
from cdss.serving.pacs.series.file import File

Overlay = Literal["boxes", "scores", "none"]
OVERLAYS: tuple[Overlay, ...] = ("boxes", "scores", "none")


class NoScoreMap(LookupError):
    """No score map of this image was kept with the result."""


def pixels(file: File, sandbox: Sandbox) -> NDArray[np.uint8]:
    """The image in grey values as it is shown. Raises Unreadable or Interrupted."""
    scan = file.about.modality == "CT"
    return gray(sandbox.decode(file.path, "slice" if scan else "film"), scan)


def drawn(request: Request, image: str, shown: NDArray[np.uint8], overlay: Overlay = "boxes") -> Picture:
    """The key image with SOP Instance UID `image`. Raises NoScoreMap if that is to be shown and was not kept."""
    on = canvas(shown)
    picture, more = on.image, list[Row]()
    if overlay == "boxes":
        boxes(on, request.by_image()[image])
    elif overlay == "scores":
        picture = laid(on.image, score_map(request, image), on.scale)
        more = [legend(picture.width - on.size, on.size, on.font), SCORES_ZH, SCORE_MAP.en]
    else:
        more = ["image alone, without marks"]
    return with_strip(picture, on, [NOTICE_ZH, NOTICE, request.model_name, *more, *_lines(request, image)])


def score_map(request: Request, image: str) -> ScoreMap:
    """What the network saw on a key image. Raises NoScoreMap if it was not kept."""
    for one in request.told.key_images:
        if one.sop_instance_uid == image and one.score_map:
            return one.score_map
    raise NoScoreMap(image)


def beside(left: Picture, right: Picture) -> Picture:
    """Two pictures in one, on black paper where one is lower."""
    paper = np.zeros((max(len(left), len(right)), left.shape[1] + right.shape[1], 3), np.uint8)
    paper[: len(left), : left.shape[1]] = left
    paper[: len(right), left.shape[1] :] = right
    return paper


def save(picture: Picture, path: Path) -> None:
    """Write a PNG."""
    Image.fromarray(picture).save(path, "PNG")


def _lines(request: Request, image: str) -> Iterator[str]:
    """What the strip says last; Chinese is in the notice and in the report."""
    if not request.by_image()[image]:
        yield "nothing marked: this is not a normal report"
    for told in request.told.images:
        if told.sop_instance_uid == image:
            yield f"probability on this film {told.probability:.2f}"
    yield request.made.strftime("%Y-%m-%d %H:%M UTC")
