"""Names that must be known: the seed list, and traditional medicines that contain western drugs or matter to them."""

import csv
import os
from pathlib import Path

import pytest

from cdss.rules.drugs.formulary import Formulary

DATA = Path(os.environ.get("CDSS_DATA", "")) / "drugs"
needs_data = pytest.mark.skipif(not DATA.is_dir() or not os.environ.get("CDSS_DATA"), reason="needs $CDSS_DATA/drugs")


@pytest.fixture(scope="module")
def formulary() -> Formulary:
    return Formulary.load()


@pytest.mark.data
@needs_data
def test_every_name_of_the_seed_is_known_in_both_languages(formulary: Formulary) -> None:
    with (DATA / "zh" / "inn_zh_seed.csv").open(encoding="utf-8") as file:
        seed = [(row["name_zh"], row["name_en"]) for row in csv.DictReader(file)]
    ids = {name: {i.id for i in formulary.resolve(name=name).ingredients} for pair in seed for name in pair}
    lost = [(zh, en) for zh, en in seed if not ids[zh] or not ids[en] <= ids[zh]]
    assert (len(seed), lost) == (561, [])


CONTAIN = """
消渴丸 = glibenclamide
消糖灵胶囊 = glibenclamide
珍菊降压片 = clonidine hydrochlorothiazide rutin
脉君安片 = hydrochlorothiazide
降压避风片 = hydrochlorothiazide
复方罗布麻片 = hydrochlorothiazide dihydralazine promethazine chlordiazepoxide
复方利血平片 = reserpine hydrochlorothiazide dihydralazine promethazine chlordiazepoxide
复方利血平氨苯蝶啶片 = reserpine hydrochlorothiazide triamterene dihydralazine
维C银翘片 = paracetamol chlorphenamine ascorbic acid
感冒灵颗粒 = paracetamol chlorphenamine caffeine
感冒清片 = paracetamol chlorphenamine moroxydine
感冒通片 = diclofenac chlorphenamine bezoar
感特灵胶囊 = paracetamol chlorphenamine caffeine
速克感冒胶囊 = aspirin chlorphenamine ascorbic acid
强力感冒片 = paracetamol
银菊清解片 = paracetamol
菊蓝抗流感片 = aspirin
腰息痛胶囊 = paracetamol
重感灵片 = metamizole chlorphenamine
小儿氨酚黄那敏颗粒 = paracetamol chlorphenamine bezoar
复方氨酚烷胺片 = paracetamol amantadine caffeine chlorphenamine bezoar
鼻炎康片 = chlorphenamine
咳特灵胶囊 = chlorphenamine
喘息灵胶囊 = clenbuterol chlorphenamine
镇咳宁糖浆 = ephedrine
急支糖浆 = ephedrine
防风通圣丸 = ephedrine
复方甘草片 = glycyrrhizin opium camphor
强力枇杷露 = opium
新癀片 = indometacin
血脂康胶囊 = lovastatin
脂必妥片 = lovastatin
银杏叶片 = ginkgo
丹参片 = danshen
复方丹参滴丸 = danshen panax notoginseng saponins borneol
圣约翰草提取物片 = st john's wort
贯叶连翘 = st john's wort
舒肝解郁胶囊 = st john's wort
雷公藤多苷片 = tripterygium glycosides
五酯胶囊 = schisandra extract
藿香正气水 = alcohol
正清风痛宁缓释片 = sinomenine
复方田七胃痛胶囊 = magnesium oxide sodium bicarbonate belladonna
健脾生血颗粒 = ferrous sulfate
"""


@pytest.mark.parametrize("line", CONTAIN.strip().splitlines())
def test_a_traditional_medicine_contains(formulary: Formulary, line: str) -> None:
    name, _, expected = line.partition(" = ")
    assert " ".join(ingredient.id for ingredient in formulary.resolve(name=name).ingredients) == expected


@pytest.mark.parametrize(
    "name", ["板蓝根颗粒", "三金片", "藿香正气口服液", "双黄连口服液", "六味地黄丸", "感冒退热颗粒", "银翘解毒片"]
)
def test_one_without_is_not_guessed(formulary: Formulary, name: str) -> None:
    assert formulary.resolve(name=name).ingredients == ()
