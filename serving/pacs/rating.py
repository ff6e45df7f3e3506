"""How readers would rate a nodule: which finding has a rating, and what is said where it is missing."""

from collections.abc import Iterator

from cdss.rules.alert import Text
from cdss.serving.pacs.detect import VolumeAnswer
from cdss.serving.pacs.reasons import Reason, reason
from cdss.serving.pacs.result import Finding, Malignancy
from cdss.serving.platform.language import Lang

MEANING = Text(
    "按医师阅片会给出的评价，不是病理结果；随访由指南的大小规则决定。",
    "As readers would rate it, not pathology; the guideline's size rule decides.",
)
RATED = Text("，恶性程度（医师评分的预测）", ", malignancy as readers would rate it")


def ratings(answer: VolumeAnswer) -> tuple[Malignancy | None, ...]:
    """The rating of each nodule of the answer, in its order; None where there is none."""
    rating = answer.rating
    if rating is None:
        return (None,) * len(answer.reading.findings)
    return tuple(
        None if each is None else Malignancy(round(each, 3), rating.model, MEANING.zh, MEANING.en)
        for each in rating.probabilities
    )


def remarks(answer: VolumeAnswer) -> Iterator[Reason]:
    """What the ratings mean, or that they could not be had; nothing where no nodule was found."""
    if not answer.reading.findings:
        return
    if answer.rating is None:
        yield reason("rating_unavailable")
        return
    lacking = sum(each is None for each in answer.rating.probabilities)
    if lacking < len(answer.rating.probabilities):
        yield reason("rating_meaning", zh=MEANING.zh, en=MEANING.en)
    if lacking:
        yield reason("rating_left_out", count=lacking)


def words(finding: Finding, lang: Lang) -> str:
    """`, malignancy as readers would rate it 12 %`; empty for a finding without a rating."""
    if finding.malignancy is None:
        return ""
    return f"{getattr(RATED, lang)} {finding.malignancy.probability:.0%}"
