"""Words in free text: the longest phrase counts, what is denied is denied, what is doubted is not said."""

import pytest

from cdss.serving.emr.imaging.findings import FINDINGS
from cdss.serving.emr.imaging.orders import CONTRAST, MODALITIES, REGIONS

SAID = [
    ("外踝后缘压痛", {"lateral_malleolus_tender": True}),
    ("无内外踝压痛，可行走四步", {"malleoli_tender": False, "bears_weight": True}),
    ("不能负重", {"bears_weight": True}),  # the row says false of it: see `value`
    ("否认发热", {"fever": False}),
    ("无明显诱因出现腰痛", {"low_back_pain": True}),
    ("腰痛无好转伴发热", {"low_back_pain": True, "fever": True}),
    ("肢体无力伴发热", {"neuro_deficit": True, "fever": True}),
    ("排除颅底骨折征", {}),
    ("颅骨骨折待排", {}),
    ("?skull fracture", {}),
    ("denies fever. Low back pain", {"fever": False, "low_back_pain": True}),
    ("no fever but headache", {"fever": False, "headache": True}),
    ("feverish", {}),
]


@pytest.mark.parametrize(("text", "expected"), SAID, ids=[row[0] for row in SAID])
def test_what_is_said(text: str, expected: dict[str, bool]) -> None:
    assert {row["name"].split()[0]: so for row, so in FINDINGS.said(text)} == expected


NAMED = [
    ("头颅CT平扫", "CT", "head", ("no",)),
    ("腹部CT平扫+增强", "CT", "abdomen", ("yes",)),
    ("CT head without contrast", "CT", "head", ("no",)),
    ("CT abdomen and pelvis with and without contrast", "CT", "abdomen", ("yes",)),
    ("MRI lumbar spine unenhanced", "MR", "lumbar-spine", ("no",)),
    ("冠脉CTA", "CT", "heart", ("yes",)),
    ("DR 左膝正侧位", "XR", "knee", ()),
    ("胸椎正侧位X线", "XR", "thoracic-spine", ()),
    ("甲状腺彩超", "US", "neck", ()),
]


@pytest.mark.parametrize(("words", "modality", "region", "contrast"), NAMED, ids=[row[0] for row in NAMED])
def test_names_of_studies(words: str, modality: str, region: str, contrast: tuple[str, ...]) -> None:
    assert MODALITIES.names(words)[0] == modality
    assert REGIONS.names(words)[0] == region
    assert CONTRAST.names(words) == contrast


def test_a_phrase_stands_in_one_row_only() -> None:
    """Else which row counts would depend on their order."""
    for words in (FINDINGS, MODALITIES, REGIONS, CONTRAST):
        phrases = [phrase for row in words.rows for phrase in {*row["zh"].split("|"), *row["en"].split("|")} if phrase]
        assert len(phrases) == len(set(phrases))
