"""Key images as PNG files for somebody without a PACS: boxes on the left, score map on the right."""

from collections.abc import Iterator
from pathlib import Path

from cdss.serving.pacs.decode.sandbox import Sandbox
from cdss.serving.pacs.objects.drawing import Picture
from cdss.serving.pacs.objects.picture import NoScoreMap, beside, drawn, pixels, save
from cdss.serving.pacs.objects.request import Request


class Sheets:
    """Pictures written to `to`: OUT.png, OUT-2.png and on, or STUDY-1.png and on in a folder."""

    def __init__(self, to: Path) -> None:
        self.to, self.written = to, 0

    def write(self, request: Request) -> Iterator[Path]:
        """Write the pictures of one study, best findings first; gives each path when it is written."""
        for number, picture in enumerate(_pictures(request), 1):
            self.written += 1
            path = self._path(request.told.study_uid, number)
            path.parent.mkdir(parents=True, exist_ok=True)
            save(picture, path)
            yield path

    def _path(self, study_uid: str, number: int) -> Path:
        if self.to.suffix.lower() != ".png":
            return self.to / f"{study_uid}-{number}.png"
        return self.to if self.written == 1 else self.to.with_stem(f"{self.to.stem}-{self.written}")


def _pictures(request: Request) -> Iterator[Picture]:
    files = {file.about.sop_uid: file for file in request.files}
    with Sandbox() as sandbox:
        for image in request.by_image():
            shown = pixels(files[image], sandbox)
            boxed = drawn(request, image, shown)
            try:
                yield beside(boxed, drawn(request, image, shown, "scores"))
            except NoScoreMap:
                yield boxed
