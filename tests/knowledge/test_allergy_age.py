"""Allergy, age, sex and duplicates by the names a doctor writes: what is said, how bad, and where nothing is said."""

from collections.abc import Iterable
from datetime import date

import pytest

from cdss.rules.engine import Review, evaluate
from cdss.rules.facts import Coded, Facts, Medication, Order, Patient, Sex
from cdss.rules.pack import Pack, load

DAY = date(2026, 11, 25)


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load()


def ask(
    pack: Pack,
    ordered: Iterable[str],
    *,
    age: int = 40,
    days: int = 0,
    sex: Sex | None = "male",
    allergies: Iterable[str] | None = (),
    taken: Iterable[str] = (),
    conditions: Iterable[str] = (),
) -> Review:
    """What the knowledge says of these names; `days` is the age of a newborn, `conditions` are names or codes."""
    resolve = pack.formulary.resolve
    born = date.fromordinal(DAY.toordinal() - days) if days else DAY.replace(year=DAY.year - age)
    patient = Patient(
        birth_date=born,
        sex=sex,
        allergies=None if allergies is None else tuple(map(pack.formulary.allergy, allergies)),
        medications=tuple(Medication(resolve(name)) for name in taken),
        conditions=tuple(Coded("ICD-10", name) if name[0].isupper() else Coded(name=name) for name in conditions),
    )
    return evaluate(pack, Facts(patient, tuple(Order(name, resolve(name)) for name in ordered), DAY))


def said(review: Review, kind: str) -> set[tuple[str, str]]:
    return {(alert.rule.partition("/")[2], alert.severity) for alert in review.alerts if alert.kind == kind}


ALLERGIES = [
    # allergic to, ordered, rule and severity; None: silence
    ("青霉素", "阿莫西林胶囊", ("penicillins", "contraindicated")),
    ("青霉素", "苄星青霉素", ("penicillins", "contraindicated")),
    ("青霉素", "阿莫西林克拉维酸钾片", ("penicillins", "contraindicated")),
    ("青霉素", "头孢氨苄胶囊", ("aminopenicillin-side-chain", "precaution")),  # which penicillin was not said
    ("阿莫西林", "头孢氨苄胶囊", ("aminopenicillin-side-chain", "avoid")),
    ("氨苄西林", "头孢克洛", ("aminopenicillin-side-chain", "avoid")),
    ("阿莫西林", "头孢丙烯片", ("aminopenicillin-side-chain", "avoid")),
    ("阿莫西林", "头孢呋辛酯片", ("penicillin-to-cephalosporin", "consider")),
    ("青霉素", "注射用头孢曲松钠", ("penicillin-to-cephalosporin", "consider")),
    ("青霉素", "注射用美罗培南", ("carbapenem-in-penicillin-allergy", "consider")),
    ("青霉素", "注射用氨曲南", None),  # monobactams do not cross-react
    ("头孢拉定", "氨苄西林胶囊", ("aminopenicillin-in-side-chain-allergy", "avoid")),
    ("头孢曲松", "阿莫西林胶囊", ("cephalosporin-to-penicillin", "precaution")),
    ("头孢曲松", "注射用头孢噻肟钠", ("ceftriaxone-group", "contraindicated")),
    ("头孢曲松", "注射用头孢唑林钠", ("cephalosporins", "avoid")),
    ("头孢类", "头孢克肟", ("cephalosporins", "avoid")),
    ("头孢他啶", "注射用氨曲南", ("aztreonam-ceftazidime", "avoid")),
    ("头孢唑林", "注射用氨曲南", None),
    ("磺胺", "复方磺胺甲噁唑片", ("sulfonamides", "contraindicated")),
    ("磺胺", "柳氮磺吡啶肠溶片", ("sulfonamides", "contraindicated")),
    ("磺胺", "呋塞米片", ("other-sulfonamides-in-sulfonamide-allergy", "consider")),
    ("磺胺", "塞来昔布胶囊", ("celecoxib-in-sulfonamide-allergy", "avoid")),
    ("阿司匹林", "布洛芬缓释胶囊", ("nsaids", "contraindicated")),
    ("布洛芬", "阿司匹林肠溶片", ("nsaids", "contraindicated")),
    ("氨基葡萄糖", "布洛芬缓释胶囊", None),
    ("阿司匹林", "双氯芬酸二乙胺乳胶剂", ("topical-nsaids-in-nsaid-allergy", "precaution")),
    ("阿司匹林", "依托考昔片", ("coxibs-in-nsaid-allergy", "precaution")),
    ("阿司匹林", "美沙拉秦肠溶片", ("mesalazine-in-salicylate-allergy", "avoid")),
    ("安乃近", "布洛芬缓释胶囊", ("nsaids-in-pyrazolone-allergy", "precaution")),
    ("吗啡", "磷酸可待因片", ("morphine-group", "avoid")),
    ("吗啡", "芬太尼注射液", None),
    ("阿片类", "芬太尼注射液", ("pethidine-group", "avoid")),
    ("普鲁卡因", "注射用普鲁卡因青霉素", ("procaine-penicillin-in-procaine-allergy", "contraindicated")),
    ("普鲁卡因", "盐酸利多卡因注射液", None),  # an amide
    ("卡马西平", "奥卡西平片", ("aromatic-anticonvulsants", "contraindicated")),
    ("卡马西平", "左乙拉西坦片", None),
    ("卡托普利", "沙库巴曲缬沙坦钠片", ("sacubitril-in-acei-allergy", "contraindicated")),
    ("卡托普利", "缬沙坦胶囊", ("arb-in-acei-allergy", "consider")),
    ("肝素", "依诺肝素钠注射液", ("heparins", "avoid")),
    ("肝素", "达那肝素钠注射液", None),  # what is given instead
    ("万古霉素", "注射用替考拉宁", ("glycopeptides", "avoid")),
    ("左氧氟沙星", "莫西沙星片", ("fluoroquinolones", "avoid")),
    ("甲硝唑", "奥硝唑胶囊", ("nitroimidazoles", "avoid")),
    ("碘海醇", "碘克沙醇注射液", ("iodinated-contrast", "avoid")),
    ("利福平", "利福喷丁胶囊", ("rifamycins", "contraindicated")),
    ("利福平", "注射用硫酸卷曲霉素", None),  # filed beside the rifamycins, another substance
    ("硫唑嘌呤", "巯嘌呤片", ("thiopurines", "contraindicated")),
    ("破伤风抗毒素", "破伤风人免疫球蛋白", None),  # human, not horse
    ("氯雷他定", "地氯雷他定片", ("loratadines", "contraindicated")),
    ("鸡蛋", "中/长链脂肪乳注射液", ("egg-soy-fat-emulsion", "avoid")),
    ("鸡蛋过敏", "流感病毒裂解疫苗", ("egg-influenza-vaccine", "info")),
    ("明胶", "琥珀酰明胶注射液", ("gelatin-plasma-expander", "contraindicated")),
]


@pytest.mark.parametrize(("allergic", "ordered", "expected"), ALLERGIES)
def test_an_allergy_speaks_once_and_as_bad_as_it_is(
    pack: Pack, allergic: str, ordered: str, expected: tuple[str, str] | None
) -> None:
    assert said(ask(pack, [ordered], allergies=[allergic]), "allergy") == ({expected} if expected else set())


def test_allergies_that_were_not_asked_are_unknown_not_absent(pack: Pack) -> None:
    review = ask(pack, ["头孢氨苄胶囊"], allergies=None)
    assert not said(review, "allergy")
    assert "allergy/cephalosporins" in {unknown.rule for unknown in review.unknown}


def test_a_class_leaves_open_which_of_its_substances_it_was(pack: Pack) -> None:
    review = ask(pack, ["注射用氨曲南"], allergies=["头孢类"])
    assert not said(review, "allergy")
    assert "allergy/aztreonam-ceftazidime" in {unknown.rule for unknown in review.unknown}


AGES = [
    # age, conditions, ordered, rule and severity; None: silence
    (70, [], "马来酸氯苯那敏片", ("antihistamines-elderly", "precaution")),
    (70, [], "氯雷他定片", None),
    (70, ["G30.9"], "盐酸苯海索片", ("antiparkinson-anticholinergics-elderly", "precaution")),
    (70, [], "艾司唑仑片", ("benzodiazepines-elderly", "precaution")),
    (70, [], "格列本脲片", ("sulfonylureas-elderly", "precaution")),
    (70, [], "消渴丸", ("sulfonylureas-elderly", "precaution")),
    (70, [], "格列美脲片", ("glimepiride-elderly", "consider")),
    (70, [], "格列喹酮片", None),
    (70, [], "消旋山莨菪碱片", ("antispasmodics-elderly", "consider")),
    (70, [], "匹维溴铵片", None),  # no anticholinergic
    (70, ["F03"], "富马酸喹硫平片", ("antipsychotics-dementia", "precaution")),
    (70, [], "富马酸喹硫平片", None),
    (70, ["R29.6"], "卡马西平片", ("antiepileptics-falls", "consider")),
    (70, ["便秘"], "硫酸吗啡缓释片", ("opioids-constipation", "consider")),
    (70, ["阿尔茨海默病"], "酒石酸托特罗定片", ("bladder-antimuscarinics-cognition", "precaution")),
    (70, ["阿尔茨海默病"], "米拉贝隆缓释片", None),
    (70, [], "吲哚美辛肠溶片", ("indometacin-elderly", "precaution")),
    (76, [], "布洛芬缓释胶囊", ("nsaids-elderly", "consider")),
    (70, [], "盐酸哌替啶注射液", ("pethidine-elderly", "avoid")),
    (64, [], "盐酸哌替啶注射液", None),
    (17, [], "左氧氟沙星片", ("fluoroquinolones", "avoid")),
    (7, [], "盐酸多西环素片", ("tetracyclines", "contraindicated")),
    (11, [], "尼美舒利颗粒", ("nimesulide", "contraindicated")),
    (16, [], "安乃近片", ("metamizole", "contraindicated")),
    (3, [], "小儿氨酚黄那敏颗粒", ("cough-and-cold", "precaution")),
    (1, [], "盐酸异丙嗪片", ("promethazine", "contraindicated")),
    (5, [], "复方地芬诺酯片", ("diphenoxylate-children", "contraindicated")),
    (5, [], "盐酸羟甲唑啉滴鼻液", ("nasal-decongestants-children", "consider")),
    (5, [], "布洛芬混悬液", None),
    (5, [], "阿莫西林颗粒", None),
]


@pytest.mark.parametrize(("age", "conditions", "ordered", "expected"), AGES)
def test_age_speaks_once_and_soberly(
    pack: Pack, age: int, conditions: list[str], ordered: str, expected: tuple[str, str] | None
) -> None:
    assert said(ask(pack, [ordered], age=age, conditions=conditions), "age") == ({expected} if expected else set())


NEWBORN = [
    ("注射用头孢曲松钠", 28, {("ceftriaxone-newborn", "avoid")}),
    ("注射用头孢曲松钠", 29, set()),
    ("注射用头孢噻肟钠", 5, set()),
    ("复方磺胺甲噁唑片", 45, {("sulfonamides-infants", "contraindicated")}),
    ("布洛芬混悬滴剂", 80, {("ibuprofen-infants", "avoid")}),
    ("布洛芬混悬滴剂", 150, {("ibuprofen-infants", "precaution")}),
]


@pytest.mark.parametrize(("ordered", "days", "expected"), NEWBORN)
def test_the_first_months_count_in_days_and_months(
    pack: Pack, ordered: str, days: int, expected: set[tuple[str, str]]
) -> None:
    assert said(ask(pack, [ordered], days=days), "age") == expected


def test_two_anticholinergics_and_three_cns_medicines_are_too_many_in_old_age(pack: Pack) -> None:
    found = said(ask(pack, ["盐酸多塞平片"], age=80, taken=["马来酸氯苯那敏片", "艾司唑仑片", "盐酸曲马多片"]), "age")
    assert {("anticholinergics-two-elderly", "precaution"), ("cns-drugs-three-elderly", "precaution")} <= found


def test_a_medicine_new_to_an_old_patient_is_weighed_one_taken_already_is_not(pack: Pack) -> None:
    assert ("warfarin-start-elderly", "consider") in said(ask(pack, ["华法林钠片"], age=75), "age")
    assert not said(ask(pack, ["华法林钠片"], age=75, taken=["华法林钠片"]), "age")
    assert not said(ask(pack, ["华法林钠片"], age=75, conditions=["Z95.2"]), "age")


def test_aspirin_is_for_those_who_have_had_something(pack: Pack) -> None:
    rule = ("aspirin-primary-prevention-elderly", "precaution")
    assert rule in said(ask(pack, ["阿司匹林肠溶片"], age=72), "age")
    assert rule not in said(ask(pack, ["阿司匹林肠溶片"], age=72, conditions=["I25.1"]), "age")


SEXES: list[tuple[Sex, int, str, tuple[str, str] | None]] = [
    ("female", 60, "非那雄胺片", ("five-alpha-reductase-inhibitors", "avoid")),
    ("male", 60, "非那雄胺片", None),
    ("male", 30, "屈螺酮炔雌醇片", ("contraceptives", "avoid")),
    ("female", 30, "异维A酸软胶囊", ("isotretinoin-women", "precaution")),
    ("female", 60, "异维A酸软胶囊", None),
    ("female", 30, "丙戊酸钠缓释片", ("valproate-women", "precaution")),
    ("male", 30, "丙戊酸钠缓释片", ("valproate-men", "info")),
    ("male", 6, "丙戊酸钠口服溶液", None),
    ("female", 30, "沙利度胺片", ("thalidomide-women", "avoid")),
    ("female", 30, "阿莫西林胶囊", None),
]


@pytest.mark.parametrize(("sex", "age", "ordered", "expected"), SEXES)
def test_sex_and_childbearing_age(
    pack: Pack, sex: Sex, age: int, ordered: str, expected: tuple[str, str] | None
) -> None:
    assert said(ask(pack, [ordered], sex=sex, age=age), "sex") == ({expected} if expected else set())


DUPLICATES = [
    # ordered together, what a pharmacist says of it; None: meant to be combined
    (["布洛芬缓释胶囊", "双氯芬酸钠缓释片"], ("nsaids", "avoid")),
    (["对乙酰氨基酚片", "氨咖黄敏胶囊"], ("paracetamol", "avoid")),
    (["茶碱缓释片", "氨茶碱片"], ("xanthines", "avoid")),
    (["氯吡格雷片", "替格瑞洛片"], ("p2y12-inhibitors", "avoid")),
    (["利伐沙班片", "华法林钠片"], ("anticoagulants", "avoid")),
    (["美托洛尔缓释片", "普萘洛尔片"], ("beta-blockers", "precaution")),
    (["多沙唑嗪缓释片", "坦索罗辛缓释胶囊"], ("alpha-blockers", "avoid")),
    (["氢氯噻嗪片", "吲达帕胺片"], ("thiazides", "precaution")),
    (["艾司唑仑片", "酒石酸唑吡坦片"], ("sedatives", "precaution")),
    (["格列美脲片", "瑞格列奈片"], ("insulin-secretagogues", "precaution")),
    (["西格列汀片", "利拉鲁肽注射液"], ("incretins", "precaution")),
    (["甘精胰岛素注射液", "德谷胰岛素注射液"], ("basal-insulins", "precaution")),
    (["奥美拉唑肠溶胶囊", "雷贝拉唑钠肠溶片"], ("class", "precaution")),
    (["阿托伐他汀钙片", "瑞舒伐他汀钙片"], ("class", "precaution")),
    (["阿托伐他汀钙片", "氨氯地平阿托伐他汀钙片"], ("ingredient", "precaution")),
    (["缬沙坦胶囊", "厄贝沙坦氢氯噻嗪片"], ("class", "precaution")),
    (["泼尼松片", "地塞米松片"], ("class", "precaution")),
    (["盐酸氨溴索片", "乙酰半胱氨酸胶囊"], ("class-consider", "consider")),
    (["西替利嗪片", "氯雷他定片"], ("antihistamines", "consider")),
    (["阿司匹林肠溶片", "氯吡格雷片"], None),
    (["阿司匹林肠溶片", "布洛芬缓释胶囊"], None),  # an interaction, not a duplicate
    (["甘精胰岛素注射液", "门冬胰岛素注射液"], None),
    (["门冬胰岛素30注射液", "甘精胰岛素注射液"], None),
    (["单硝酸异山梨酯缓释片", "硝酸甘油片"], None),
    (["呋塞米片", "螺内酯片"], None),
    (["呋塞米片", "氢氯噻嗪片"], None),
    (["碳酸钙D3片", "骨化三醇胶丸"], None),
    (["左乙拉西坦片", "丙戊酸钠缓释片"], None),
    (["索利那新片", "米拉贝隆缓释片"], None),
    (["异烟肼片", "利福平胶囊"], None),
    (["布地奈德福莫特罗粉吸入剂", "沙丁胺醇气雾剂"], None),
    (["布洛芬缓释胶囊", "双氯芬酸二乙胺乳胶剂"], None),
    (["0.9%氯化钠注射液", "氯化钠注射液"], None),
    (["葡萄糖注射液", "5%葡萄糖注射液"], None),
    (["二甲双胍片", "格列美脲片"], None),
]


@pytest.mark.parametrize(("ordered", "expected"), DUPLICATES)
def test_a_duplicate_speaks_once_and_what_is_meant_to_be_combined_is_left_alone(
    pack: Pack, ordered: list[str], expected: tuple[str, str] | None
) -> None:
    assert said(ask(pack, ordered), "duplicate") == ({expected} if expected else set())


@pytest.mark.parametrize("name", ["华法林钠片", "塞来昔布胶囊", "对乙酰氨基酚片", "酒石酸美托洛尔片"])
def test_a_refill_is_no_second_medicine_of_its_group(pack: Pack, name: str) -> None:
    assert said(ask(pack, [name], taken=[name]), "duplicate") == {("ingredient", "consider")}
