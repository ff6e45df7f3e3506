"""Identifiers to medicines: mapping order, disagreement, local forms, classes, allergies, search, broken tables."""

import shutil
from pathlib import Path

import pytest

from cdss.rules.drugs.formulary import FOLDER, Formulary
from cdss.rules.terms.table import TableError


@pytest.fixture(scope="module")
def formulary() -> Formulary:
    return Formulary.load()


def ids(drug) -> list[str]:  # type: ignore[no-untyped-def]
    return [ingredient.id for ingredient in drug.ingredients]


@pytest.mark.parametrize(
    ("given", "expected", "atc"),
    [
        ({"atc": "C10AA01"}, ["simvastatin"], ("C10AA01",)),
        ({"atc": "c10aa01"}, ["simvastatin"], ("C10AA01",)),
        ({"atc": "C09DB01"}, ["amlodipine", "valsartan"], ("C09DB01", "C08CA01", "C09CA03")),
        ({"atc": "N03AX16"}, ["pregabalin"], ("N02BF02",)),  # moved to N02BF02 by WHO
        ({"atc": "C10AA"}, [], ("C10AA",)),  # a class only: its rules can be asked, its substance is not known
        ({"atc": "V03AE01"}, [], ("V03AE01",)),  # two resins share the code: it does not decide
        ({"rxnorm": "11289"}, ["warfarin"], ("B01AA03",)),
        ({"rxnorm": "723"}, ["amoxicillin"], ("J01CA04",)),
        ({"rxnorm": "999999999"}, [], ()),
        ({"nhsa": "XL02BBA326A001010178401"}, [], ("L02BB",)),
        ({"nhsa": "XL02BBA326A001010178401", "name": "恩扎卢胺软胶囊"}, ["enzalutamide"], ("L02BB04",)),
        ({"nhsa": "XB01ACA055A012010100001", "name": "阿司匹林肠溶片"}, ["aspirin"], ("B01AC06",)),
        ({"nhsa": "ZA04CAE0023010100166"}, [], ()),  # Chinese medicine: no ATC class in front
        ({"name": "阿司匹林肠溶片"}, ["aspirin"], ("B01AC06", "N02BA01")),
        ({"name": "板蓝根颗粒", "atc": "C10AA05"}, ["atorvastatin"], ("C10AA05",)),
        ({}, [], ()),
    ],
)
def test_an_identifier_means(
    formulary: Formulary, given: dict[str, str], expected: list[str], atc: tuple[str, ...]
) -> None:
    drug = formulary.resolve(**given)
    assert (ids(drug), drug.atc, drug.conflicts) == (expected, atc, ())


def test_the_code_decides_and_the_name_s_disagreement_is_said_in_both_languages(formulary: Formulary) -> None:
    drug = formulary.resolve(name="阿托伐他汀钙片", atc="C10AA01")
    assert ids(drug) == ["simvastatin"]
    (conflict,) = drug.conflicts
    assert "辛伐他汀" in conflict.zh
    assert "阿托伐他汀" in conflict.zh
    assert "simvastatin" in conflict.en
    assert "atorvastatin" in conflict.en


def test_an_nhsa_code_of_another_organ_is_a_disagreement(formulary: Formulary) -> None:
    drug = formulary.resolve(name="苯磺酸氨氯地平片", nhsa="XA10BAE047A001010178401")
    assert ids(drug) == ["amlodipine"]
    assert "A10BA" in drug.conflicts[0].en


def test_a_code_that_is_none_is_said_and_not_used(formulary: Formulary) -> None:
    drug = formulary.resolve(name="华法林钠片", atc="WARF1")
    assert ids(drug) == ["warfarin"]
    assert "not valid" in drug.conflicts[0].en


@pytest.mark.parametrize(
    ("name", "route", "systemic", "atc"),
    [
        ("双氯芬酸钠缓释片", None, True, ("M01AB05",)),
        ("双氯芬酸钠滴眼液", None, False, ("S01BC03",)),
        ("双氯芬酸二乙胺乳胶剂", None, False, ("D11AX18", "M02AA15")),
        ("双氯芬酸钠", "oph", False, ("S01BC03",)),
        ("双氯芬酸钠栓", None, True, ("M01AB05",)),  # a suppository acts on the whole body
        ("马来酸噻吗洛尔滴眼液", None, False, ("S01ED01",)),
        ("氟比洛芬凝胶贴膏", None, False, ("M02AA19",)),
        ("芬太尼透皮贴剂", None, True, ("N01AH01", "N02AB03")),  # a patch that acts on the whole body
        ("利多卡因凝胶贴膏", None, False, ("D04AB01",)),
        ("硫酸沙丁胺醇吸入气雾剂", None, False, ("R03AC02",)),
        ("硫酸沙丁胺醇片", None, True, ("R03CC02",)),
        ("布地奈德", "inh", False, ("R03BA02",)),
        ("舒利迭", None, False, ("R03AK06", "R03AC12", "R03BA05")),  # a brand that is only inhaled
        ("醋酸去氨加压素鼻喷雾剂", None, True, ("H01BA02",)),  # through the nose, for the whole body
        ("甲硝唑阴道泡腾片", None, False, ("G01AF01",)),
        ("硝酸甘油喷雾剂", None, True, ("C01DA02",)),
        ("地塞米松乳膏", None, False, ("D07AB19",)),
        ("地塞米松片", None, True, ("H02AB02",)),
        ("红霉素眼膏", None, False, ("S01AA17",)),
        ("硫酸庆大霉素滴眼液", "iv", True, None),  # the route told beats the form in the name
    ],
)
def test_where_it_acts_and_the_codes_that_mean_so(
    formulary: Formulary, name: str, route: str | None, systemic: bool, atc: tuple[str, ...] | None
) -> None:
    drug = formulary.resolve(name=name, route=route)
    assert drug.systemic is systemic
    if atc is not None:
        assert tuple(code for code in drug.atc if code in atc) == atc
        assert len(drug.atc) <= len(atc) + 1, drug.atc


def test_eye_drops_given_by_code_act_locally(formulary: Formulary) -> None:
    assert formulary.resolve(atc="S01ED01").systemic is False
    assert formulary.resolve(atc="S01ED").systemic is False
    assert formulary.resolve(atc="C07AA06").systemic is True


@pytest.mark.parametrize(
    ("text", "first"),
    [("氨氯地平", "amlodipine"), ("amlod", "amlodipine"), ("C08CA01", "amlodipine"), ("albuterol", "salbutamol")],
)
def test_search_finds_by_chinese_english_and_code(formulary: Formulary, text: str, first: str) -> None:
    assert formulary.search(text)[0].id == first


def test_search_for_nothing_finds_nothing(formulary: Formulary) -> None:
    assert formulary.search("  ") == ()


def test_the_hospital_s_own_table_decides_over_code_and_name(tmp_path: Path) -> None:
    own = tmp_path / "own.csv"
    own.write_text(
        "code,name,ingredients,atc\nH001,,metformin|sitagliptin,\n,院内止咳合剂,,R05DA04\n", encoding="utf-8"
    )
    formulary = Formulary.load(hospital_codes=own)
    assert ids(formulary.resolve(nhsa="H001", name="阿司匹林")) == ["metformin", "sitagliptin"]
    assert formulary.resolve(nhsa="H001", name="阿司匹林").conflicts
    assert ids(formulary.resolve(name="院内止咳合剂")) == ["codeine"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("code,name,ingredients,atc\nH1,,no such substance,\n", "own.csv:2: found ingredients"),
        ("code,name,ingredients,atc\n,,metformin,\n", "own.csv:2"),
        ("code,name,ingredients,atc\nH1,,,ZZZ\n", "own.csv:2: found 'ZZZ', expected ATC"),
        ("code,name\nH1,x\n", "own.csv:1: found columns"),
        ("code,name,ingredients,atc\nH1,x\n", "own.csv:2"),
        ("code,name,ingredients,atc\nH1,,metformin,\nH1,,warfarin,\n", "own.csv:3: found 'h1' for"),
    ],
)
def test_a_broken_table_says_its_file_and_line_and_nothing_loads(tmp_path: Path, text: str, says: str) -> None:
    own = tmp_path / "own.csv"
    own.write_text(text, encoding="utf-8")
    with pytest.raises(TableError, match=says.replace("(", r"\(")):
        Formulary.load(hospital_codes=own)


@pytest.mark.parametrize(
    ("table", "line", "says"),
    [
        ("forms.csv", "眼药水,eyes\n", "found 'eyes', expected one of ear, eye"),
        ("affixes.csv", "某盐,above\n", "found 'above', expected one of after, before, word"),
        ("products.csv", "某药,,metformin,,magic,\n", "found 'magic', expected one of inhaled, local, tcm, western"),
    ],
)
def test_a_word_that_says_nothing_known_is_refused(tmp_path: Path, table: str, line: str, says: str) -> None:
    folder = tmp_path / "drugs"
    shutil.copytree(FOLDER, folder)
    with (folder / table).open("a", encoding="utf-8") as file:
        file.write(line)
    with pytest.raises(TableError, match=says):
        Formulary.load(folder)


def test_one_name_for_two_substances_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "drugs"
    shutil.copytree(FOLDER, folder)
    with (folder / "ingredients.csv").open("a", encoding="utf-8") as file:
        file.write("newdrug,新药,,,,阿司匹林,,,memory,needs clinical review\n")
    with pytest.raises(TableError, match="阿司匹林"):
        Formulary.load(folder)


def test_every_ingredient_is_found_by_its_own_names(formulary: Formulary) -> None:
    lost = [
        (id, name)
        for id, entry in formulary.entries.items()
        for name in entry.names
        if len(name) > 1 and ids(formulary.resolve(name=name)) != [id]
    ]
    assert lost == []


def test_every_name_survives_a_form_and_a_strength(formulary: Formulary) -> None:
    lost = [
        entry.ingredient.zh
        for id, entry in formulary.entries.items()
        if len(entry.ingredient.zh) > 2 and ids(formulary.resolve(name=f"{entry.ingredient.zh}片(10mg*20片)")) != [id]
    ]
    assert len(lost) / len(formulary.entries) < 0.01, lost


def test_what_is_typed_may_be_anything(formulary: Formulary) -> None:
    for text in ("", " ", "(", "（（", "5mg", "片", "/", "复方", "a" * 10_000, "阿" * 10_000, "\x00", "🙂", "+ + +"):
        assert formulary.resolve(name=text).ingredients == ()
