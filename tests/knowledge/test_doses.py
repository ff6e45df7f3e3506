"""Doses and frequencies as doctors write them, the whole way from a product's name to the alert."""

from datetime import date

import pytest

from cdss.rules.alert import INTERRUPTIVE
from cdss.rules.engine import Review, evaluate
from cdss.rules.facts import Facts, Medication, Order, Patient, Quantity
from cdss.rules.pack import Pack, load

DAY = date(2026, 11, 25)
ADULT = Patient(birth_date=date(1980, 1, 1), weight_kg=70, conditions=(), allergies=(), medications=())
ELDER = Patient(birth_date=date(1946, 1, 1), weight_kg=60, conditions=(), allergies=(), medications=())
CHILD = Patient(birth_date=date(2023, 1, 1), weight_kg=15, conditions=(), allergies=(), medications=())


@pytest.fixture(scope="module")
def pack() -> Pack:
    """The knowledge as shipped."""
    return load()


def ordered(pack: Pack, text: str, number: int = 1) -> Order:
    """`name, dose unit, times a day[, days[, route]]` as an order; `?` is not told."""
    name, dose, times, days, route = (*(part.strip() for part in text.split(",")), "?", "?")[:5]
    way = None if route == "?" else route
    amount, _, unit = dose.partition(" ")
    return Order(
        id=f"o{number}",
        drug=pack.formulary.resolve(name=name, route=way),
        dose=None if dose == "?" else Quantity(float(amount), unit),
        times_a_day=None if times == "?" else float(times),
        duration_days=None if days == "?" else float(days),
        route=way,
    )


def review(pack: Pack, patient: Patient, *texts: str) -> Review:
    """The answer to these orders together."""
    orders = tuple(ordered(pack, text, number) for number, text in enumerate(texts, 1))
    return evaluate(pack, Facts(patient, orders, DAY))


def found(answer: Review) -> set[tuple[str, str]]:
    """Severity and rule of every alert about a dose or a frequency."""
    return {(alert.severity, alert.rule) for alert in answer.alerts if alert.kind in ("dose", "frequency")}


TOO_MUCH = [
    (ADULT, ["对乙酰氨基酚片, 1001 mg, 4"], "contraindicated", "dose/paracetamol"),
    (ADULT, ["盐酸二甲双胍片, 1 g, 3"], "avoid", "dose/maximum/metformin"),
    (ADULT, ["左甲状腺素钠片, 50 mg, 1"], "contraindicated", "dose/maximum/levothyroxine"),
    (ADULT, ["注射用青霉素钠, 800 万IU, 4"], "avoid", "dose/maximum/benzylpenicillin"),
    (ADULT, ["多潘立酮片, 20 mg, 3"], "avoid", "dose/maximum/domperidone"),
    (ADULT, ["辛伐他汀片, 40 mg, 1", "苯磺酸氨氯地平片, 5 mg, 1"], "avoid", "dose/with-other/simvastatin-amlodipine"),
    (ADULT, ["辛伐他汀片, 40 mg, 1", "左氨氯地平片, 2.5 mg, 1"], "avoid", "dose/with-other/simvastatin-amlodipine"),
    (ADULT, ["西酞普兰片, 40 mg, 1", "奥美拉唑肠溶胶囊, 20 mg, 1"], "avoid", "dose/with-other/citalopram-cyp2c19"),
    (ADULT, ["利伐沙班片, 15 mg, 2, 30"], "avoid", "dose/maintenance/rivaroxaban"),
    (ADULT, ["昂丹司琼注射液, 32 mg, 1, 1, iv"], "avoid", "dose/by-route/ondansetron-iv"),
    (ADULT, ["秋水仙碱片, 1 mg, 3"], "contraindicated", "dose/colchicine"),
    (ELDER, ["草酸艾司西酞普兰片, 20 mg, 1"], "avoid", "dose/elderly/escitalopram"),
    (ELDER, ["酒石酸唑吡坦片, 10 mg, 1"], "avoid", "dose/elderly/zolpidem"),
    (ELDER, ["地高辛片, 0.25 mg, 1"], "precaution", "dose/digoxin"),
    (CHILD, ["布洛芬混悬液, 200 mg, 4"], "avoid", "dose/child-weight/ibuprofen"),
    (CHILD, ["对乙酰氨基酚混悬滴剂, 250 mg, 5"], "contraindicated", "dose/child-weight/paracetamol"),
    (CHILD, ["磷酸奥司他韦颗粒, 75 mg, 2"], "avoid", "dose/child-oseltamivir/oseltamivir-15-kg"),
    (CHILD, ["孟鲁司特钠片, 10 mg, 1"], "avoid", "dose/child-age/montelukast-1"),
    (ADULT, ["甲氨蝶呤片, 2.5 mg, 1, 30, po"], "contraindicated", "frequency/methotrexate"),
    (ADULT, ["甲氨蝶呤片, 2.5 mg, 1"], "contraindicated", "frequency/methotrexate"),
    (ADULT, ["阿仑膦酸钠片, 70 mg, 1, 28"], "avoid", "frequency/not-daily/alendronic-acid"),
    (ADULT, ["芬太尼透皮贴剂, 4.2 mg, 1, 7, td"], "contraindicated", "frequency/not-daily/fentanyl-patch"),
    (ADULT, ["苯磺酸氨氯地平片, 5 mg, 2"], "consider", "frequency/too-often/amlodipine"),
]


@pytest.mark.parametrize(("patient", "texts", "severity", "rule"), TOO_MUCH)
def test_too_much_or_too_often(pack: Pack, patient: Patient, texts: list[str], severity: str, rule: str) -> None:
    assert (severity, rule) in found(review(pack, patient, *texts))


USUAL = [
    (ADULT, ["对乙酰氨基酚片, 0.5 g, 4"]),
    (ADULT, ["盐酸二甲双胍片, 0.85 g, 3", "阿卡波糖片, 100 mg, 3"]),
    (ADULT, ["辛伐他汀片, 20 mg, 1", "苯磺酸氨氯地平片, 5 mg, 1"]),
    (ADULT, ["阿司匹林肠溶片, 100 mg, 1", "瑞舒伐他汀钙片, 10 mg, 1"]),
    (ADULT, ["甲氨蝶呤片, 10 mg, 0.142857, 28, po", "叶酸片, 5 mg, 0.142857"]),
    (ADULT, ["甲氨蝶呤注射液, 1 g, 1, 1, iv"]),
    (ADULT, ["阿仑膦酸钠片, 70 mg, 0.142857, 28"]),
    (ADULT, ["阿仑膦酸钠片, 10 mg, 1, 28"]),
    (ADULT, ["利伐沙班片, 15 mg, 2, 21"]),
    (ADULT, ["沙库巴曲缬沙坦钠片, 200 mg, 2"]),
    (ADULT, ["秋水仙碱片, 0.5 mg, 3, 3"]),
    (ADULT, ["阿莫西林胶囊, 1 g, 2", "克拉霉素片, 0.5 g, 2", "枸橼酸铋钾胶囊, 0.3 g, 2", "艾司奥美拉唑片, 20 mg, 2"]),
    (ADULT, ["异烟肼片, 0.3 g, 1", "利福平胶囊, 0.6 g, 1", "吡嗪酰胺片, 1.5 g, 1", "乙胺丁醇片, 1 g, 1"]),
    (ELDER, ["地高辛片, 0.125 mg, 1", "呋塞米片, 20 mg, 1", "螺内酯片, 20 mg, 1"]),
    (CHILD, ["布洛芬混悬液, 150 mg, 3", "磷酸奥司他韦颗粒, 30 mg, 2", "孟鲁司特钠颗粒, 4 mg, 1"]),
]


@pytest.mark.parametrize(("patient", "texts"), USUAL)
def test_usual_doses_are_silent(pack: Pack, patient: Patient, texts: list[str]) -> None:
    assert found(review(pack, patient, *texts)) == set()


def test_paracetamol_of_two_products_is_added_up_and_said_once(pack: Pack) -> None:
    answer = review(pack, ADULT, "对乙酰氨基酚片, 1 g, 4", "酚麻美敏片, 1 片, 3")  # 4,000 + 3 x 325 mg
    about = [alert for alert in answer.alerts if alert.rule == "dose/paracetamol"]
    assert [(alert.severity, sorted(alert.orders)) for alert in about] == [("contraindicated", ["o1", "o2"])]
    assert "4975 mg" in about[0].summary.zh


def test_a_cold_remedy_taken_already_counts(pack: Pack) -> None:
    taken = Medication(pack.formulary.resolve(name="酚麻美敏片"), Quantity(1, "片"), 3)
    patient = Patient(birth_date=date(1980, 1, 1), conditions=(), allergies=(), medications=(taken,))
    assert ("contraindicated", "dose/paracetamol") in found(review(pack, patient, "对乙酰氨基酚片, 1 g, 4"))


UNKNOWN = [
    (ADULT, "盐酸二甲双胍片, ?, 3", "dose/maximum/metformin", "daily"),
    (ADULT, "盐酸二甲双胍片, 500 mg, ?", "dose/maximum/metformin", "daily"),
    (ADULT, "盐酸二甲双胍片, 2 片, 3", "dose/maximum/metformin", "daily"),
    (ADULT, "甲氨蝶呤片, 10 mg, ?, ?, po", "frequency/methotrexate", "times"),
    (Patient(birth_date=date(2023, 1, 1)), "布洛芬混悬液, 150 mg, 3", "dose/child-weight/ibuprofen", "daily"),
    (Patient(), "草酸艾司西酞普兰片, 20 mg, 1", "dose/elderly/escitalopram", "age"),
]


@pytest.mark.parametrize(("patient", "text", "rule", "needs"), UNKNOWN)
def test_what_was_not_told_is_said_to_be_unknown(
    pack: Pack, patient: Patient, text: str, rule: str, needs: str
) -> None:
    assert any(unknown.rule == rule and needs in unknown.needs for unknown in review(pack, patient, text).unknown)


def test_a_missing_birth_date_is_no_noise_at_a_usual_dose(pack: Pack) -> None:
    unknown = review(pack, Patient(medications=()), "草酸艾司西酞普兰片, 10 mg, 1").unknown
    assert not any(one.rule.startswith(("dose/", "frequency/")) for one in unknown)


def test_a_dose_over_every_maximum_interrupts_once(pack: Pack) -> None:
    answer = review(pack, ELDER, "氢溴酸西酞普兰片, 60 mg, 1")
    stops = [alert.rule for alert in answer.alerts if alert.kind == "dose" and alert.severity in INTERRUPTIVE]
    assert stops == ["dose/maximum/citalopram"]
