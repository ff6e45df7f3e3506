"""Strengths as product names write them, and what a counted dose of the product then holds."""

import pytest

from cdss.rules.drugs.formulary import Formulary
from cdss.rules.facts import Medication, Quantity
from cdss.rules.terms import doses
from cdss.rules.terms.doses import Fault


@pytest.fixture(scope="module")
def formulary() -> Formulary:
    return Formulary.load()


#      name as typed                                      what it says: one entry an ingredient
READ = """
5%葡萄糖注射液250ml+氯化钾注射液10ml =
10%葡萄糖500ml+氨茶碱注射液 =
0.9%氯化钠注射液100ml 注射用头孢曲松钠1g = ceftriaxone 1 g a ampoule
盐酸二甲双胍片 0.5g*24片 = metformin 0.5 g a solid
盐酸二甲双胍缓释片（0.5g×30片） = metformin 0.5 g a solid
阿司匹林肠溶片 100mg*30片/盒 = aspirin 100 mg a solid
盐酸二甲双胍片０．５ｇ = metformin 0.5 g
盐酸二甲双胍片0.5g/片*24片/盒 = metformin 0.5 g a solid
左甲状腺素钠片 50μg*100片 = levothyroxine 50 ug a solid
氨茶碱注射液 2ml:0.25g*10支 = aminophylline 0.25 g a ampoule in 2 mL
盐酸胺碘酮注射液 3ml:0.15g = amiodarone 0.15 g a ampoule in 3 mL
盐酸甲氧氯普胺注射液(10mg:1ml) = metoclopramide 10 mg a ampoule in 1 mL
布洛芬混悬液 100ml:2g = ibuprofen 2 g in 100 mL
amoxicillin 125 mg/5 mL oral suspension = amoxicillin 125 mg in 5 mL only
amoxicillin 50 MG/ML Oral Suspension = amoxicillin 50 mg in 1 mL only
10%葡萄糖酸钙注射液 = calcium gluconate 10 g a ampoule in 100 mL only
10%氯化钾注射液 10ml:1g = potassium chloride 1 g a ampoule in 10 mL
精蛋白生物合成人胰岛素注射液 3ml:300IU = insulin human 300 [iU] a ampoule in 3 mL
硫酸沙丁胺醇吸入气雾剂 100μg*200揿 = salbutamol 100 ug a puff
硫酸沙丁胺醇气雾剂 14g:20mg(0.1mg/揿) = salbutamol 0.1 mg a puff
硫酸沙丁胺醇气雾剂(每揿100μg) = salbutamol 100 ug a puff
厄贝沙坦氢氯噻嗪片(150mg/12.5mg) = irbesartan 150 mg + hydrochlorothiazide 12.5 mg
厄贝沙坦氢氯噻嗪片150/12.5mg = irbesartan 150 mg + hydrochlorothiazide 12.5 mg
氨氯地平/缬沙坦 5mg/80mg = amlodipine 5 mg + valsartan 80 mg
缬沙坦氨氯地平片(Ⅰ) 80mg:5mg = valsartan 80 mg + amlodipine 5 mg
amoxicillin 250 MG / clavulanate 125 MG Oral Tablet = amoxicillin 250 mg + clavulanic acid 125 mg
阿莫西林克拉维酸钾片 0.375g(0.25g:0.125g)*12片 = amoxicillin 0.25 g + clavulanic acid 0.125 g
布地奈德福莫特罗粉吸入剂 160μg/4.5μg/吸*60吸 = budesonide 160 ug a puff + formoterol 4.5 ug a puff
消渴丸 0.25g*120丸 = glibenclamide 0.25 mg a solid
盐酸二甲双胍片 =
盐酸二甲双胍片 0.25g 0.5g =
复方氨酚烷胺片 0.5g = paracetamol 250 mg a solid + amantadine 100 mg a solid + caffeine 15 mg a solid + chlorphenamine 2 mg a solid
碳酸钙D3片 600mg =
地西泮片 2.5-5mg =
银杏叶片 40mg*24片 =
"""  # noqa: E501


def said(formulary: Formulary, name: str) -> str:
    return " + ".join(
        f"{one.ingredient} {one.amount.value:g} {one.amount.unit}"
        + (f" a {one.piece}" if one.piece else "")
        + (f" in {one.millilitres:g} mL" if one.millilitres else "")
        + ("" if one.counted else " only")
        for one in formulary.resolve(name=name).strength
    )


@pytest.mark.parametrize("line", READ.strip().splitlines())
def test_a_strength_is_read_or_none_is(formulary: Formulary, line: str) -> None:
    name, _, expected = line.partition(" =")
    assert said(formulary, name) == expected.strip()


METFORMIN, AMIODARONE = "盐酸二甲双胍片 0.5g*24片", "盐酸胺碘酮注射液 3ml:0.15g"
COUNTED = [
    (METFORMIN, (2, "片"), "metformin", "1 g"),
    (METFORMIN, (1, "TAB"), "metformin", "0.5 g"),
    (METFORMIN, (1, "{tbl}"), "metformin", "0.5 g"),
    (METFORMIN, (0.5, "tablet"), "metformin", "0.25 g"),
    (METFORMIN, (2, "粒"), "metformin", "1 g"),
    (METFORMIN, (2, "1"), "metformin", "1 g"),
    (METFORMIN, (500, "mg"), "metformin", "500 mg"),  # a mass is the ingredient's own
    (METFORMIN, (1, "袋"), "metformin", "unknown"),  # nobody sells these tablets by the sachet
    (METFORMIN, (1, "盒"), "metformin", "unknown"),
    (METFORMIN, (5, "mL"), "metformin", "unknown"),
    (METFORMIN, (5, "furlong"), "metformin", "unknown"),
    ("盐酸二甲双胍片", (1, "片"), "metformin", "unknown"),
    (AMIODARONE, (1, "支"), "amiodarone", "0.15 g"),
    (AMIODARONE, (1, "vial"), "amiodarone", "0.15 g"),
    (AMIODARONE, (6, "mL"), "amiodarone", "0.3 g"),
    ("布洛芬混悬液 100ml:2g", (5, "ml"), "ibuprofen", "0.1 g"),
    ("布洛芬混悬液 100ml:2g", (1, "瓶"), "ibuprofen", "unknown"),  # dispensed, not swallowed at once
    ("amoxicillin 125 mg/5 mL oral suspension", (1, "bottle"), "amoxicillin", "unknown"),
    ("硫酸沙丁胺醇吸入气雾剂 100μg*200揿", (2, "喷"), "salbutamol", "200 ug"),
    ("硫酸沙丁胺醇吸入气雾剂 100μg*200揿", (1, "支"), "salbutamol", "unknown"),
    ("厄贝沙坦氢氯噻嗪片(150mg/12.5mg)", (2, "片"), "hydrochlorothiazide", "25 mg"),
    ("阿莫西林克拉维酸钾片 0.625g(0.5g:0.125g)", (1.25, "g"), "amoxicillin", "1 g"),  # twice the sum of the parts
    ("阿莫西林克拉维酸钾片 0.375g(0.25g:0.125g)", (0.75, "g"), "amoxicillin", "unknown"),  # 2 x 0.375 or 3 x 0.25
    ("氨氯地平/缬沙坦 5mg/80mg", (85, "mg"), "amlodipine", "5 mg"),
    ("氨氯地平/缬沙坦 5mg/80mg", (33, "mg"), "amlodipine", "unknown"),
    ("阿莫西林克拉维酸钾片", (0.625, "g"), "amoxicillin", "unknown"),  # a mass of the whole
    ("消渴丸", (5, "丸"), "glibenclamide", "1.25 mg"),
    ("消渴丸", (2.5, "g"), "glibenclamide", "unknown"),  # 2.5 g of pills is not 2.5 g of glibenclamide
    ("维C银翘片", (2, "片"), "paracetamol", "210 mg"),
    ("三九感冒灵颗粒", (1, "袋"), "paracetamol", "200 mg"),
    ("氨溴特罗口服溶液", (10, "mL"), "ambroxol", "15 mg"),
    ("精蛋白生物合成人胰岛素注射液 3ml:300IU", (10, "U"), "insulin human", "10 U"),
]


@pytest.mark.parametrize(("name", "dose", "ingredient", "expected"), COUNTED)
def test_a_dose_holds(formulary: Formulary, name: str, dose: tuple[float, str], ingredient: str, expected: str) -> None:
    found = doses.single(Medication(formulary.resolve(name=name), Quantity(*dose)), ingredient)
    assert found is not None
    assert (expected if isinstance(found, Fault) else f"{found.value:g} {found.unit}") == expected
    assert isinstance(found, Fault) == (expected == "unknown")


def test_no_dose_and_another_ingredient_are_nothing(formulary: Formulary) -> None:
    metformin = formulary.resolve(name=METFORMIN)
    assert doses.single(Medication(metformin), "metformin") is None
    assert doses.single(Medication(metformin, Quantity(1, "片")), "warfarin") is None


def test_a_day_is_dose_times_frequency_or_the_day_s_own_amount(formulary: Formulary) -> None:
    metformin = formulary.resolve(name=METFORMIN)
    assert doses.daily(Medication(metformin, Quantity(2, "片"), 3), "metformin") == Quantity(3, "g")
    assert doses.daily(Medication(metformin, Quantity(2, "片")), "metformin") is None
    told = Medication(metformin, Quantity(2, "片"), 3, daily=Quantity(4, "片"))
    assert doses.daily(told, "metformin") == Quantity(2, "g")


def test_a_fault_says_why_in_both_languages(formulary: Formulary) -> None:
    fault = doses.single(Medication(formulary.resolve(name="metformin"), Quantity(2, "片")), "metformin")
    assert isinstance(fault, Fault)
    assert fault.text == "metformin: 2 片 (strength not known, cannot be turned into a mass)"
    assert fault.says.zh == "metformin: 2 片（规格未知，无法换算为质量）"


def test_every_product_in_the_table_is_known_and_holds_only_what_it_is_made_of(formulary: Formulary) -> None:
    for name, held in formulary.contents.items():
        drug = formulary.resolve(name=name)
        assert {one.ingredient for one in held} <= {ingredient.id for ingredient in drug.ingredients}, name
        assert drug.strength == held, name


@pytest.mark.parametrize(
    ("unit", "reason"),
    [("furlong", "unit not known"), ("盒", "unit not known"), ("袋", "not what the strength is told of")],
)
def test_a_dose_that_cannot_be_used_says_why(formulary: Formulary, unit: str, reason: str) -> None:
    found = doses.single(Medication(formulary.resolve(name=METFORMIN), Quantity(1, unit)), "metformin")
    assert isinstance(found, Fault)
    assert reason in found.text
