"""Incompatibility, indication, duration, route, contraindication by condition: from an order's words to its alerts."""

from datetime import date, timedelta
from itertools import combinations

import pytest

from cdss.rules.engine import Review, evaluate
from cdss.rules.facts import Coded, Facts, Medication, Order, Patient
from cdss.rules.pack import Pack, load

DAY = date(2026, 11, 25)
KINDS = {"incompatibility", "indication", "duration", "route", "contraindication"}


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load()


def order(pack: Pack, words: str, number: int) -> Order:
    """`name route days indication`, the last three as far as told, `-` for what is not."""
    name, way, days, icd10 = (*(None if part == "-" else part for part in words.split()), None, None, None)[:4]
    return Order(
        f"o{number}",
        pack.formulary.resolve(name=name, route=way),
        route=way,
        duration_days=float(days) if days else None,
        indication=Coded("ICD-10", icd10) if icd10 else None,
    )


def review(pack: Pack, *orders: str, conditions: str | None = "", taken: str | None = "", **patient: object) -> Review:
    """`conditions` are codes or names, `taken` are `name route`, separated by commas; None is not told."""
    codes = None if conditions is None else [c.strip() for c in conditions.split(",") if c.strip()]
    taking = None if taken is None else [t.split() for t in taken.split(",") if t.strip()]
    person = Patient(
        conditions=None if codes is None else tuple(_condition(code) for code in codes),
        medications=None
        if taking is None
        else tuple(Medication(pack.formulary.resolve(name=n, route=way), route=way) for n, way in taking),
        **patient,  # type: ignore[arg-type]
    )
    return evaluate(pack, Facts(person, tuple(order(pack, words, n) for n, words in enumerate(orders, 1)), DAY))


def _condition(words: str) -> Coded:
    return Coded("ICD-10", words) if words[0].isascii() else Coded(name=words)


def found(answer: Review) -> dict[str, str]:
    """Rule and severity of the alerts of our kinds."""
    return {alert.rule: alert.severity for alert in answer.alerts if alert.kind in KINDS}


def unknown(answer: Review) -> set[str]:
    return {entry.rule for entry in answer.unknown if entry.rule.split("/")[0] in KINDS}


@pytest.mark.parametrize(
    ("orders", "rule", "severity"),
    [
        (["胺碘酮注射液 iv", "0.9%氯化钠注射液 iv"], "incompatibility/amiodarone-sodium-chloride", "precaution"),
        (["胺碘酮注射液 iv", "5%葡萄糖注射液 iv"], "incompatibility/amiodarone-sodium-chloride", None),
        (["胺碘酮片 po", "0.9%氯化钠注射液 iv"], "incompatibility/amiodarone-sodium-chloride", None),
        (["胺碘酮注射液 iv", "葡萄糖氯化钠注射液 iv"], "incompatibility/amiodarone-sodium-chloride", "precaution"),
        (["注射用两性霉素B iv", "氯化钾注射液 iv"], "incompatibility/amphotericin-b-electrolytes", "precaution"),
        (["注射用氨苄西林钠 iv", "葡萄糖注射液 iv"], "incompatibility/ampicillin-glucose", "consider"),
        (["碳酸氢钠注射液 iv", "葡萄糖酸钙注射液 iv"], "incompatibility/bicarbonate-calcium", "precaution"),
        (["碳酸氢钠注射液 iv", "盐酸多巴胺注射液 iv"], "incompatibility/bicarbonate-catecholamines", "precaution"),
        (["注射用青霉素钠 iv", "维生素C注射液 iv"], "incompatibility/penicillin-vitamins", "precaution"),
        (["注射用青霉素钠 iv", "维生素C片 po"], "incompatibility/penicillin-vitamins", None),
        (["维生素K1注射液 iv", "维生素C注射液 iv"], "incompatibility/vitamin-k1-vitamin-c", "precaution"),
        (["盐酸氨溴索注射液 iv", "注射用头孢哌酮钠舒巴坦钠 iv"], "incompatibility/ambroxol-alkaline", "precaution"),
        (["庆大霉素注射液 iv", "头孢唑林钠 iv"], "incompatibility/aminoglycosides-beta-lactams", "precaution"),
        (["注射用泮托拉唑钠 iv", "维生素C注射液 iv"], "incompatibility/proton-pump-inhibitors-acidic", "precaution"),
        (["舒血宁注射液 iv", "注射用头孢呋辛钠 iv"], "incompatibility/ginkgo-injection-others", "precaution"),
        (["银杏叶片 po", "注射用头孢呋辛钠 iv"], "incompatibility/ginkgo-injection-others", None),
    ],
)
def test_injections_ordered_together(pack: Pack, orders: list[str], rule: str, severity: str | None) -> None:
    assert found(review(pack, *orders)).get(rule) == severity


def test_an_injection_already_running_counts(pack: Pack) -> None:
    answer = review(pack, "呋塞米注射液 iv", taken="盐酸多巴酚丁胺注射液 iv")
    assert found(answer)["incompatibility/loop-diuretics-acidic"] == "precaution"


def test_a_route_not_told_is_unknown_for_what_is_injected_and_silent_for_what_is_swallowed(pack: Pack) -> None:
    assert "incompatibility/penicillin-vitamins" in unknown(review(pack, "青霉素", "维生素C iv"))
    assert "incompatibility/loop-diuretics-acidic" not in unknown(review(pack, "呋塞米", "多巴酚丁胺 iv"))


@pytest.mark.parametrize(("days", "severity"), [(0, "contraindicated"), (28, "contraindicated"), (29, None)])
def test_ceftriaxone_and_calcium_in_a_newborn(pack: Pack, days: int, severity: str | None) -> None:
    answer = review(pack, "头孢曲松 iv", "葡萄糖酸钙 iv", birth_date=DAY - timedelta(days=days))
    assert found(answer).get("incompatibility/ceftriaxone-calcium-newborn") == severity


@pytest.mark.parametrize(
    ("words", "conditions", "rule", "severity"),
    [
        ("头孢克肟片 po 3 J06.9", "", "indication/antibacterials-cold", "precaution"),
        ("头孢克肟片 po 3", "J06.9", "indication/antibacterials-cold", "precaution"),
        ("头孢克肟片 po 3", "急性上呼吸道感染", "indication/antibacterials-cold", "precaution"),
        ("阿莫西林 po 5", "J06.9, J03.9", "indication/antibacterials-cold", None),  # tonsillitis beside it
        ("阿莫西林 po 5 N39.0", "J06.9", "indication/antibacterials-cold", None),  # ordered for something else
        ("阿奇霉素 po 3 J20.9", "", "indication/antibacterials-bronchitis", "precaution"),
        ("蒙脱石散 po 3 A08.0", "", "indication/antibacterials-viral-diarrhoea", None),
        ("利巴韦林 po 3 J06.9", "", "indication/ribavirin-respiratory", "avoid"),
        ("利巴韦林 po 3", "J06.9", "indication/ribavirin-respiratory", "avoid"),
        ("利巴韦林 po 3", "J06.9, B18.2", "indication/ribavirin-respiratory", None),
        ("奥司他韦 po 5 J00", "", "indication/influenza-antivirals-cold", "precaution"),
        ("奥司他韦 po 5 J11.1", "", "indication/influenza-antivirals-cold", None),
        ("地塞米松磷酸钠注射液 im 1", "J06.9", "indication/steroids-fever", "avoid"),
        ("地塞米松磷酸钠注射液 im 1", "J06.9, J45.9", "indication/steroids-fever", None),
        ("左氧氟沙星 po 3 N30.0", "", "indication/fluoroquinolones-mild", "precaution"),
        ("美罗培南 iv 3 N30.0", "", "indication/carbapenems-mild", "avoid"),
        ("头孢唑林 iv 3 J03.9", "", "indication/antibacterials-injected", "consider"),
        ("左甲状腺素钠片 po 30 E66.9", "", "indication/levothyroxine-weight", "avoid"),
        ("喹硫平 po 14 G47.0", "", "indication/antipsychotics-insomnia", "precaution"),
        ("奥美拉唑 po 60", "K29.5", "indication/proton-pump-inhibitors-long", "consider"),
        ("奥美拉唑 po 60", "K21.0", "indication/proton-pump-inhibitors-long", None),
    ],
)
def test_what_for(pack: Pack, words: str, conditions: str, rule: str, severity: str | None) -> None:
    assert found(review(pack, words, conditions=conditions)).get(rule) == severity


def test_an_antibacterial_without_any_diagnosis_says_so_once(pack: Pack) -> None:
    silent = unknown(review(pack, "阿莫西林 po 5", conditions=None))
    assert [rule for rule in sorted(silent) if rule.startswith("indication/")] == ["indication/antibacterials-cold"]


def test_other_medicines_without_indication_are_left_alone(pack: Pack) -> None:
    answer = review(pack, "左甲状腺素钠片 po 30", "喹硫平 po 14", "奥司他韦 po 5", conditions=None)
    assert not [rule for rule in unknown(answer) | found(answer).keys() if rule.startswith("indication/")]


@pytest.mark.parametrize(
    ("words", "rule", "severity"),
    [
        ("酮咯酸 im 6", "duration/ketorolac", "avoid"),
        ("酮咯酸 im 5", "duration/ketorolac", None),
        ("甲氧氯普胺片 po 7", "duration/metoclopramide", "precaution"),
        ("甲氧氯普胺片 po 90", "duration/metoclopramide", "avoid"),
        ("艾司唑仑片 po 14", "duration/sedatives", "consider"),
        ("唑吡坦片 po 30", "duration/sedatives", "precaution"),
        ("硫酸吗啡缓释片 po 15", "duration/narcotics", "consider"),
        ("硫酸吗啡缓释片 po 30", "duration/narcotics", "avoid"),
        ("羟甲唑啉鼻喷雾剂 nas 14", "duration/nasal-decongestants", "precaution"),
        ("丙酸氯倍他索乳膏 top 21", "duration/superpotent-topical-steroids", "precaution"),
        ("克拉霉素 po 7 B98.0", "duration/short-helicobacter", "precaution"),
        ("克拉霉素 po 14 B98.0", "duration/short-helicobacter", None),
        ("克拉霉素 po 7 J18.9", "duration/short-helicobacter", None),
        ("阿莫西林 po 7 J02.0", "duration/short-streptococci", "consider"),
    ],
)
def test_how_long(pack: Pack, words: str, rule: str, severity: str | None) -> None:
    assert found(review(pack, words)).get(rule) == severity


def test_a_duration_not_told_is_said_where_a_label_or_the_law_sets_it(pack: Pack) -> None:
    assert "duration/ketorolac" in unknown(review(pack, "酮咯酸 im"))
    assert "duration/antibacterials" not in unknown(review(pack, "阿莫西林 po"))


@pytest.mark.parametrize(
    ("words", "rule", "severity"),
    [
        ("长春新碱 it", "route/vinca-alkaloids", "contraindicated"),
        ("长春新碱 iv", "route/vinca-alkaloids", None),
        ("注射用苄星青霉素 iv", "route/benzathine-penicillin-vein", "contraindicated"),
        ("注射用苄星青霉素 im", "route/benzathine-penicillin-vein", None),
        ("硝苯地平片 sl", "route/nifedipine-sublingual", "avoid"),
        ("硝苯地平控释片 po", "route/nifedipine-sublingual", None),
        ("甘精胰岛素 iv", "route/long-acting-insulin-vein", "avoid"),
        ("门冬胰岛素 iv", "route/long-acting-insulin-vein", None),
        ("异丙嗪注射液 sc", "route/promethazine-injection", "contraindicated"),
        ("异丙嗪注射液 iv", "route/promethazine-injection", "precaution"),
        ("维生素K1注射液 iv", "route/vitamin-k-vein", "precaution"),
        ("氯化钾注射液 im", "route/potassium-muscle", "contraindicated"),
        ("复方氯化钠注射液 iv", "route/potassium-muscle", None),
        ("注射用青霉素钠 im", "route/skin-test-penicillins", "info"),
        ("注射用头孢哌酮钠舒巴坦钠 iv", "route/skin-test-penicillins", None),
        ("破伤风抗毒素 im", "route/skin-test-antitoxins", "precaution"),
    ],
)
def test_which_way(pack: Pack, words: str, rule: str, severity: str | None) -> None:
    assert found(review(pack, words)).get(rule) == severity


@pytest.mark.parametrize(
    ("words", "condition", "rule", "severity"),
    [
        ("西洛他唑片 po", "I50.9", "cilostazol-heart-failure", "contraindicated"),
        ("西洛他唑片 po", "心力衰竭", "cilostazol-heart-failure", "contraindicated"),
        ("地高辛片 po", "I45.6", "nodal-blockers-pre-excitation", "avoid"),
        ("达比加群酯胶囊 po", "Z95.2", "doac-mechanical-valve", "contraindicated"),
        ("利伐沙班片 po", "D68.6", "doac-antiphospholipid", "avoid"),
        ("华法林钠片 po", "I61.9", "anticoagulants-intracranial-bleeding", "contraindicated"),
        ("左氧氟沙星片 po", "I71.4", "quinolones-aorta", "avoid"),
        ("呋喃妥因肠溶片 po", "D55.0", "g6pd-lower-risk", "precaution"),
        ("氨苯砜片 po", "蚕豆病", "g6pd-high-risk", "contraindicated"),
        ("吡格列酮片 po", "C67.9", "pioglitazone-bladder-cancer", "contraindicated"),
        ("复方利血平氨苯蝶啶片 po", "F32.9", "reserpine-depression-ulcer", "avoid"),
        ("阿仑膦酸钠片 po", "K22.0", "oral-bisphosphonates-oesophagus", "contraindicated"),
        ("乙胺丁醇片 po", "H46", "ethambutol-optic-neuritis", "contraindicated"),
        ("地西泮片 po", "G47.3", "sedatives-breathing", "avoid"),
        ("甲巯咪唑片 po", "D70", "agranulocytosis-drugs", "contraindicated"),
        ("泼尼松片 po", "E11.9", "steroids-diabetes", "consider"),
    ],
)
def test_contraindicated_by_a_condition(pack: Pack, words: str, condition: str, rule: str, severity: str) -> None:
    assert found(review(pack, words, conditions=condition)).get(f"contraindication/{rule}") == severity
    assert f"contraindication/{rule}" not in found(review(pack, words, conditions="Z00.0"))
    assert f"contraindication/{rule}" in unknown(review(pack, words, conditions=None))


def test_no_condition_is_contraindicated_twice_for_one_medicine(pack: Pack) -> None:
    """Two rules about one class and one diagnosis would be two alerts for one thing."""
    rules = [entry.rule for entry in pack.rules.values() if entry.rule.id.startswith("contraindication/")]
    medicines = {rule.id: rule.when.ordering if isinstance(rule.when.ordering, list) else [] for rule in rules}
    diagnoses = {rule.id: [code for fact in rule.facts.values() for code in fact.icd10 or ()] for rule in rules}
    twice = [
        (one, other)
        for one, other in combinations(medicines, 2)
        if overlap(medicines[one], medicines[other]) and overlap(diagnoses[one], diagnoses[other])
    ]
    assert twice == []


def overlap(some: list[str], others: list[str]) -> bool:
    """Whether a code of one list lies under a code of the other."""
    return any(a.startswith(b) or b.startswith(a) for a in some for b in others)


@pytest.mark.parametrize(
    ("ordered", "taken"),
    [
        (("胺碘酮注射液 iv",), "0.9%氯化钠注射液 iv"),
        (("0.9%氯化钠注射液 iv",), "胺碘酮注射液 iv"),
        (("胺碘酮注射液 iv", "0.9%氯化钠注射液 iv"), ""),
    ],
)
def test_whichever_of_the_two_is_ordered_the_pair_is_said_once(
    pack: Pack, ordered: tuple[str, ...], taken: str
) -> None:
    found = [alert.rule for alert in review(pack, *ordered, taken=taken).alerts if alert.kind == "incompatibility"]
    assert [rule.removesuffix("-mirrored") for rule in found] == ["incompatibility/amiodarone-sodium-chloride"]
