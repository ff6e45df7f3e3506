"""Entries of an allergy list, as people type them."""

import pytest

from cdss.rules.drugs.formulary import Formulary
from cdss.rules.facts import Allergy


@pytest.fixture(scope="module")
def formulary() -> Formulary:
    return Formulary.load()


def ids(drug) -> list[str]:  # type: ignore[no-untyped-def]
    return [ingredient.id for ingredient in drug.ingredients]


def what(allergy: Allergy) -> object:
    """The substances, else the first class, else whether it was understood."""
    if allergy.drug:
        return ids(allergy.drug)
    return allergy.atc[0] if allergy.atc else "other" if allergy.other else "unread"


@pytest.mark.parametrize(
    ("text", "substances", "classes"),
    [
        ("青霉素", ["benzylpenicillin"], ("J01C",)),
        ("青霉素过敏", ["benzylpenicillin"], ("J01C",)),
        ("对青霉素类药物过敏", ["benzylpenicillin"], ("J01C",)),
        ("青霉素皮试阳性", ["benzylpenicillin"], ("J01C",)),
        ("penicillin allergy", ["benzylpenicillin"], ("J01C",)),
        ("头孢菌素类", [], ("J01DB", "J01DC", "J01DD", "J01DE", "J01DI")),
        ("头孢", [], ("J01DB", "J01DC", "J01DD", "J01DE", "J01DI")),
        ("磺胺类药物过敏史", [], ("J01E", "D06BA", "S01AB", "A07EC01")),
        ("sulfa", [], ("J01E", "D06BA", "S01AB", "A07EC01")),
        ("非甾体抗炎药", [], ("M01A", "N02BA")),
        ("阿司匹林", ["aspirin"], ()),
        ("头孢曲松过敏", ["ceftriaxone"], ()),
        ("碘造影剂", [], ("V08A",)),
    ],
)
def test_an_allergy_is_to(formulary: Formulary, text: str, substances: list[str], classes: tuple[str, ...]) -> None:
    allergy = formulary.allergy(text)
    assert (ids(allergy.drug) if allergy.drug else [], allergy.atc) == (substances, classes)


def test_an_allergy_we_cannot_read_has_neither(formulary: Formulary) -> None:
    allergy = formulary.allergy("某种草药")
    assert (allergy.drug, allergy.atc, allergy.other) == (None, (), False)


@pytest.mark.parametrize(
    "text",
    ["花粉", "花粉过敏", "对尘螨过敏", "海鲜", "鸡蛋", "牛奶蛋白", "乳胶", "冷空气", "无", "否认药物过敏史", "NKDA",
     "House dust mite allergy", "Allergy to mould", "Allergy to animal dander (finding)", "Latex (substance)",
     "Shellfish allergy", "Allergy to bee venom"],
)  # fmt: skip
def test_an_allergy_to_no_medicine_is_understood(formulary: Formulary, text: str) -> None:
    allergy = formulary.allergy(text)
    assert (allergy.drug, allergy.atc, allergy.other) == (None, (), True)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("青霉素、头孢", [["benzylpenicillin"], "J01DB"]),
        ("青霉素，磺胺过敏", [["benzylpenicillin"], "J01E"]),
        ("阿司匹林和海鲜", [["aspirin"], "other"]),
        ("头孢曲松", [["ceftriaxone"]]),
        ("阿司匹林、某种草药", [["aspirin"], "unread"]),  # what is not understood stays visible
        ("某某、某种草药", ["unread"]),
        ("无青霉素过敏史，磺胺过敏", ["other", "J01E"]),
        ("青霉素 头孢", [["benzylpenicillin"], "J01DB"]),
    ],
)
def test_several_allergies_in_one_entry(formulary: Formulary, text: str, found: list[object]) -> None:
    assert [what(allergy) for allergy in formulary.allergies(text)] == found


def test_no_allergen_is_also_a_medicine_or_a_class(formulary: Formulary) -> None:
    both = [name for name in formulary.allergens if name in formulary.names.meanings or name in formulary.classes]
    assert both == ["gelatin"]


def test_an_allergy_by_code(formulary: Formulary) -> None:
    assert ids(formulary.allergy(atc="J01CA04").drug) == ["amoxicillin"]
    assert formulary.allergy(atc="J01C").atc == ("J01C",)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("青霉素过敏(皮疹)", [["benzylpenicillin"]]),
        ("头孢曲松钠 皮疹", [["ceftriaxone"]]),
        ("患者注射青霉素后出现皮疹", [["benzylpenicillin"]]),
        ("服左氧氟沙星后休克", [["levofloxacin"]]),  # the longest name: not ofloxacin
        ("青霉素类抗生素", ["J01C"]),
        ("解热镇痛药过敏", ["N02B"]),
        ("青霉素及头孢类均过敏", [["benzylpenicillin"], "J01DB"]),
        ("食物：海鲜", ["other"]),
        ("rash after taking amoxicillin in 2010", [["amoxicillin"]]),
        ("PCN-rash", ["J01C"]),
        ("xaspirinx", ["unread"]),  # no word of its own
    ],
)
def test_a_sentence_is_searched_for_names(formulary: Formulary, text: str, found: list[object]) -> None:
    assert [what(allergy) for allergy in formulary.allergies(text)] == found


@pytest.mark.parametrize(
    "text",
    [
        *("否认药物及食物过敏史", "无明显药物过敏史", "无青霉素过敏史", "否认青霉素、头孢过敏史"),
        *("青霉素皮试阴性", "青霉素皮试(-)", "青霉素(－)", "头孢不过敏"),
        *("No allergies", "denies allergy to penicillin", "not allergic to sulfa"),
    ],
)
def test_a_denial_is_no_allergy(formulary: Formulary, text: str) -> None:
    assert [what(allergy) for allergy in formulary.allergies(text)] == ["other"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("青霉素过敏、头孢不过敏", [["benzylpenicillin"], "other"]),
        ("青霉素过敏 头孢不过敏", [["benzylpenicillin"], "other"]),
        ("青霉素过敏\n头孢不过敏", [["benzylpenicillin"], "other"]),
        ("否认头孢过敏 有青霉素过敏史", ["other", ["benzylpenicillin"]]),
        ("否认食物过敏、有青霉素过敏", ["other", ["benzylpenicillin"]]),
        ("无食物过敏史/青霉素过敏史", ["other", ["benzylpenicillin"]]),
        ("药物：青霉素过敏 食物：无过敏", [["benzylpenicillin"], "other"]),
        ("No food allergies and allergy to penicillin", ["other", ["benzylpenicillin"]]),
        ("denies allergies to foods but reports reactions to penicillin", ["other", ["benzylpenicillin"]]),
        ("青霉素过敏头孢皮试阴性", ["unread"]),
        ("青霉素皮试阳性头孢皮试阴性", ["unread"]),
        ("除青霉素外均不过敏", ["unread"]),
        ("无除青霉素以外的药物过敏史", ["unread"]),
    ],
)
def test_a_denial_never_swallows_an_allergy(formulary: Formulary, text: str, found: list[object]) -> None:
    """Where both stand in one entry each is read by itself; where they cannot be told apart it is shown as unread."""
    assert [what(allergy) for allergy in formulary.allergies(text)] == found


def test_no_allergies_to_anything_but_one_is_an_allergy(formulary: Formulary) -> None:
    assert (
        "other" not in [what(allergy) for allergy in formulary.allergies("No allergies to anything but penicillin")][1:]
    )


@pytest.mark.parametrize("text", ["食物过敏，氯雷他定可缓解", "头孢可耐受", "不详", "tolerated cefazolin"])
def test_what_a_doubtful_sentence_names_is_not_taken(formulary: Formulary, text: str) -> None:
    assert all(what(allergy) in ("unread", "other") for allergy in formulary.allergies(text))


def test_the_words_of_the_entry_are_kept(formulary: Formulary) -> None:
    assert [allergy.text for allergy in formulary.allergies("注射青霉素后皮疹")] == ["注射青霉素后皮疹"]
