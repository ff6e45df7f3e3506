"""Interactions every pharmacist learns, with the level that the literature gives them: found, and at least so bad."""

import pytest

from cdss.rules.alert import SEVERITIES
from cdss.rules.drugs.formulary import Formulary
from cdss.rules.interactions.index import FOLDER, InteractionIndex

# names as a doctor would write them, the level the source asks for, the source
TEXTBOOK = [
    ("华法林钠片", "布洛芬缓释胶囊", "avoid", "Coumadin label 7; BNF appendix 1"),
    ("华法林", "甲硝唑片", "precaution", "Coumadin label 7: CYP2C9, INR"),
    ("华法林", "复方磺胺甲噁唑片", "avoid", "Schelleman 2008, Clin Pharmacol Ther 84:581: bleeding OR 3.8"),
    ("华法林", "氟康唑胶囊", "precaution", "Diflucan label: monitor prothrombin time"),
    ("华法林", "胺碘酮片", "precaution", "Cordarone label: reduce warfarin by a third to a half"),
    ("华法林", "阿司匹林肠溶片", "consider", "CHEST 2012: more bleeding, at times intended"),
    ("华法林", "利福平胶囊", "precaution", "Rifadin label: daily INR"),
    ("华法林", "左甲状腺素钠片", "precaution", "Synthroid label 7"),
    ("辛伐他汀片", "克拉霉素片", "contraindicated", "Zocor label 4"),
    ("辛伐他汀", "伊曲康唑胶囊", "contraindicated", "Zocor label 4"),
    ("辛伐他汀", "吉非罗齐胶囊", "contraindicated", "Zocor label 4"),
    ("辛伐他汀", "环孢素软胶囊", "contraindicated", "Zocor label 4"),
    ("辛伐他汀", "胺碘酮", "precaution", "Zocor label 2: 20 mg at most"),
    ("辛伐他汀", "苯磺酸氨氯地平片", "precaution", "Zocor label 2: 20 mg at most"),
    ("洛伐他汀胶囊", "红霉素肠溶片", "contraindicated", "Mevacor label 4"),
    ("血脂康胶囊", "克拉霉素", "contraindicated", "contains lovastatin; Mevacor label 4"),
    ("阿托伐他汀钙片", "环孢素", "avoid", "Lipitor label 7"),
    ("瑞舒伐他汀钙片", "环孢素", "avoid", "Crestor label 7: 5 mg at most"),
    ("硝酸甘油片", "枸橼酸西地那非片", "contraindicated", "Viagra label 4"),
    ("单硝酸异山梨酯缓释片", "他达拉非片", "contraindicated", "Cialis label 4"),
    ("地高辛片", "胺碘酮", "precaution", "Lanoxin label 7: halve the dose"),
    ("地高辛", "维拉帕米", "precaution", "Lanoxin label 7"),
    ("地高辛", "克拉霉素", "precaution", "Lanoxin label 7"),
    ("地高辛", "呋塞米片", "precaution", "hypokalaemia: Lanoxin label 5"),
    ("美托洛尔缓释片", "维拉帕米缓释片", "avoid", "Calan label: heart block"),
    ("依那普利片", "螺内酯片", "precaution", "Aldactone label 7: potassium"),
    ("依那普利", "氯化钾缓释片", "avoid", "Vasotec label; ANSM 2020"),
    ("螺内酯", "氯化钾", "avoid", "Aldactone label 7"),
    ("沙库巴曲缬沙坦钠片", "培哚普利叔丁胺片", "contraindicated", "Entresto label 4"),
    ("贝那普利", "缬沙坦", "consider", "ONTARGET 2008; EMA 2014"),
    ("碳酸锂片", "氢氯噻嗪片", "avoid", "Eskalith label: lithium toxicity"),
    ("碳酸锂", "布洛芬", "avoid", "Eskalith label"),
    ("碳酸锂", "缬沙坦", "avoid", "Diovan label 7; ANSM 2020"),
    ("甲氨蝶呤片", "甲氧苄啶片", "avoid", "Trexall label: pancytopenia"),
    ("甲氨蝶呤", "布洛芬", "precaution", "Trexall label"),
    ("甲氨蝶呤", "丙磺舒片", "avoid", "Trexall label"),
    ("硫唑嘌呤片", "别嘌醇片", "avoid", "Imuran label: a quarter of the dose"),
    ("硫唑嘌呤", "非布司他片", "contraindicated", "Uloric label 4"),
    ("替扎尼定片", "环丙沙星片", "contraindicated", "Zanaflex label 4"),
    ("替扎尼定", "马来酸氟伏沙明片", "contraindicated", "Zanaflex label 4"),
    ("茶碱缓释片", "环丙沙星", "precaution", "Theo-24 label"),
    ("茶碱", "氟伏沙明", "avoid", "Luvox label: a third of the dose"),
    ("茶碱", "红霉素", "precaution", "Theo-24 label"),
    ("氯吡格雷片", "奥美拉唑肠溶胶囊", "avoid", "Plavix label 7.1"),
    ("丙戊酸钠缓释片", "注射用美罗培南", "avoid", "Merrem label 7"),
    ("丙戊酸钠", "拉莫三嗪片", "precaution", "Lamictal label: halve the dose"),
    ("卡马西平片", "红霉素", "avoid", "Tegretol label 7"),
    ("卡马西平", "伏立康唑片", "contraindicated", "Vfend label 4"),
    ("利福平", "伏立康唑", "contraindicated", "Vfend label 4"),
    ("利福平", "屈螺酮炔雌醇片", "avoid", "Yaz label 7: contraception fails"),
    ("利福平", "利伐沙班片", "avoid", "Xarelto label 7"),
    ("秋水仙碱片", "克拉霉素", "contraindicated", "Colcrys label 4; ANSM 2020"),
    ("盐酸哌替啶注射液", "司来吉兰片", "contraindicated", "Azilect, Eldepryl labels 4"),
    ("氟西汀胶囊", "苯乙肼片", "contraindicated", "Prozac label 4"),
    ("舍曲林片", "利奈唑胺片", "avoid", "FDA 2011-07-26"),
    ("曲马多缓释片", "帕罗西汀片", "consider", "FDA 2016-03-22"),
    ("伪麻黄碱片", "吗氯贝胺片", "avoid", "Manerix label"),
    ("复方盐酸伪麻黄碱缓释胶囊", "苯乙肼", "contraindicated", "Nardil label"),
    ("舒马普坦片", "酒石酸麦角胺咖啡因片", "contraindicated", "Imitrex label 4"),
    ("麦角胺咖啡因片", "克拉霉素", "contraindicated", "Cafergot label, boxed warning"),
    ("咪达唑仑片", "伊曲康唑", "avoid", "Sporanox label 4"),
    ("艾司唑仑片", "吗啡缓释片", "precaution", "FDA 2016-08-31, boxed warning"),
    ("匹莫齐特片", "克拉霉素", "contraindicated", "Orap label"),
    ("西沙必利片", "酮康唑片", "contraindicated", "Propulsid label"),
    ("氟哌啶醇片", "莫西沙星片", "avoid", "Avelox label 5"),
    ("胺碘酮", "左氧氟沙星片", "avoid", "Levaquin label 5"),
    ("多潘立酮片", "克拉霉素", "avoid", "EMA 2014: contraindicated with CYP3A4 inhibitors that prolong QT"),
    ("左氧氟沙星", "铝碳酸镁咀嚼片", "precaution", "Levaquin label 7: two hours apart"),
    ("多西环素片", "硫酸亚铁片", "precaution", "Vibramycin label"),
    ("左甲状腺素钠片", "碳酸钙片", "precaution", "Synthroid label 7: four hours apart"),
    ("注射用头孢曲松钠", "葡萄糖酸钙注射液", "avoid", "Rocephin label 4"),
    ("注射用头孢哌酮钠舒巴坦钠", "藿香正气水", "avoid", "Chinese label: disulfiram-like reaction"),
    ("甲硝唑", "藿香正气水", "avoid", "Flagyl label: no alcohol"),
    ("异维A酸软胶囊", "多西环素", "contraindicated", "Absorica label 5; Chinese label"),
    ("阿维A胶囊", "甲氨蝶呤", "contraindicated", "Soriatane label"),
    ("庆大霉素注射液", "呋塞米", "precaution", "Lasix label: ototoxicity"),
    ("硫酸庆大霉素", "顺铂注射液", "consider", "Platinol label"),
    ("布洛芬", "呋塞米", "precaution", "Advil, Lasix labels"),
    ("布洛芬", "贝那普利", "precaution", "Lotensin label 7"),
    ("布洛芬", "泼尼松片", "consider", "Piper 1991, Ann Intern Med 114:735"),
    ("利伐沙班", "双氯芬酸钠肠溶片", "avoid", "Xarelto label 7"),
    ("达比加群酯胶囊", "酮康唑", "contraindicated", "Pradaxa label (EU) 4.3"),
    ("非奈利酮片", "伊曲康唑", "contraindicated", "Kerendia label 4"),
    ("奈玛特韦片/利托那韦片", "辛伐他汀", "contraindicated", "Paxlovid label 4"),
    ("奈玛特韦片/利托那韦片", "胺碘酮", "contraindicated", "Paxlovid label 4"),
    ("奈玛特韦片/利托那韦片", "利伐沙班", "avoid", "Paxlovid label 7"),
    ("恩格列净片", "甘精胰岛素注射液", "precaution", "Jardiance label 7"),
    ("司美格鲁肽注射液", "格列美脲片", "precaution", "Ozempic label 7"),
    ("消渴丸", "氟康唑", "precaution", "contains glibenclamide; Diflucan label"),
    ("复方甘草片", "氢氯噻嗪", "consider", "glycyrrhizin: hypokalaemia"),
    ("舒肝解郁胶囊", "环孢素", "contraindicated", "St John's wort; Neoral label"),
    ("麻疹减毒活疫苗", "环孢素", "avoid", "Neoral label: no live vaccines"),
    ("二甲双胍片", "碘海醇注射液", "precaution", "Glucophage label 5"),
    ("别嘌醇", "卡托普利片", "consider", "Capoten label: hypersensitivity"),
    ("噻吗洛尔滴眼液", "维拉帕米片", "avoid", "Timoptic label: systemic absorption"),
]  # fmt: skip


@pytest.fixture(scope="module")
def formulary() -> Formulary:
    return Formulary.load()


@pytest.fixture(scope="module")
def index(formulary: Formulary) -> InteractionIndex:
    return InteractionIndex.load(FOLDER, formulary)


@pytest.mark.parametrize(("one", "other", "level", "source"), TEXTBOOK, ids=lambda value: str(value)[:24])
def test_the_textbook_pair_is_found_at_its_level(
    formulary: Formulary, index: InteractionIndex, one: str, other: str, level: str, source: str
) -> None:
    a, b = formulary.resolve(name=one), formulary.resolve(name=other)
    found = [
        interaction
        for x in a.ingredients
        for y in b.ingredients
        for interaction in index.between(x.id, y.id)
        if interaction.applies_to(a.systemic and b.systemic)
    ]
    assert found, f"{one} + {other} is not found; {source}"
    worst = min(SEVERITIES.index(interaction.severity) for interaction in found)
    assert worst <= SEVERITIES.index(level), f"{SEVERITIES[worst]}, expected {level}: {source}"  # type: ignore[arg-type]


HARMLESS = [
    ("对乙酰氨基酚片", "阿莫西林胶囊"), ("氨氯地平片", "二甲双胍片"), ("缬沙坦胶囊", "瑞舒伐他汀钙片"),
    ("沙丁胺醇吸入气雾剂", "阿莫西林胶囊"), ("氯雷他定片", "对乙酰氨基酚"), ("碳酸钙D3片", "苯磺酸氨氯地平片"),
    ("注射用头孢曲松钠", "碳酸钙片"), ("双氯芬酸二乙胺乳胶剂", "华法林钠片"),
    ("妥布霉素滴眼液", "呋塞米片"),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), HARMLESS)
def test_a_common_harmless_pair_does_not_interrupt(
    formulary: Formulary, index: InteractionIndex, one: str, other: str
) -> None:
    a, b = formulary.resolve(name=one), formulary.resolve(name=other)
    assert a.ingredients
    assert b.ingredients
    stopping = [
        interaction.rule
        for x in a.ingredients
        for y in b.ingredients
        for interaction in index.between(x.id, y.id)
        if interaction.severity in ("contraindicated", "avoid") and interaction.applies_to(a.systemic and b.systemic)
    ]
    assert stopping == []
