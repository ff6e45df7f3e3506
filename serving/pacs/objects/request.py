"""All that is needed to make the result objects of one study: what was said, of which files, when."""

from datetime import datetime

import msgspec

from cdss.rules.alert import Text
from cdss.serving.pacs.result import KEY_IMAGES, Finding, StudyTold
from cdss.serving.pacs.series.file import File

NOTICE = "decision support, not a cleared medical device"
SCORE_MAP = Text(  # the Chinese words are also the picture scores_zh.png
    "评分图：网络评分高的位置；不说明原因；不是诊断",
    "score map: where the network's score is high; it does not explain why; not a diagnosis",
)
MANUFACTURER = "Wangdi CDSS"  # by which own results that come back are known: decode/header.py


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
        """Findings of each key image; results of earlier versions name none, so their findings do."""
        found: dict[str, list[Finding]] = {image.sop_instance_uid: [] for image in self.told.key_images}
        for finding in self.told.findings:
            if not self.told.key_images or finding.sop_instance_uid in found:
                found.setdefault(finding.sop_instance_uid, []).append(finding)
        return dict(list(found.items())[:KEY_IMAGES])
