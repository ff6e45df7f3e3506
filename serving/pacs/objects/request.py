"""All that is needed to make the result objects of one study: what was said, of which files, when."""

from datetime import datetime

import msgspec

from cdss.serving.pacs.result import Finding, StudyTold
from cdss.serving.pacs.series.file import File

NOTICE = "decision support, not a cleared medical device"
MANUFACTURER = "Wangdi CDSS"  # by which own results that come back are known: decode/header.py
CAPTURES = 8  # images at most, best findings first


class Request(msgspec.Struct, frozen=True):
    """`key` names the result (study, manifest, model): the same key gives the same UIDs. `files` are those read."""

    key: str
    told: StudyTold
    files: tuple[File, ...]
    made: datetime

    @property
    def model_name(self) -> str:
        """Name and version, for people."""
        model = self.told.model
        return f"{model.name} {model.version}" if model else ""

    def by_image(self) -> dict[str, list[Finding]]:
        """Findings of each image, images of the best findings first; without findings, the middle image alone."""
        found: dict[str, list[Finding]] = {}
        for finding in self.told.findings:
            found.setdefault(finding.sop_instance_uid, []).append(finding)
        if not found:
            middle = self.files[len(self.files) // 2]
            found[middle.about.sop_uid] = []
        for image in self.told.images:
            found.setdefault(image.sop_instance_uid, [])
        return dict(list(found.items())[:CAPTURES])
