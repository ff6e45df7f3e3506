"""What is meant to be given together is quiet; what is nearly the same is not. By the names a doctor writes."""

from datetime import date

import pytest

from cdss.rules.engine import evaluate
from cdss.rules.facts import Facts, Medication, Order, Patient
from cdss.rules.pack import Pack, load

DAY = date(2026, 11, 25)


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load()


def worst(pack: Pack, ordered: str, taken: str, kind: str, born: date = date(1966, 3, 10)) -> str | None:
    """The worst severity of that kind where the second is taken already and the first is ordered."""
    resolve = pack.formulary.resolve
    patient = Patient(
        birth_date=born, sex="male", allergies=(), conditions=(), medications=(Medication(resolve(taken)),)
    )
    review = evaluate(pack, Facts(patient, (Order("1", resolve(ordered)),), DAY))
    return next((alert.severity for alert in review.alerts if alert.kind == kind), None)  # worst first


INHALED = [
    ("噻托溴铵粉吸入剂", "布地格福吸入气雾剂", "precaution"),  # glycopyrronium is one too
    ("乌美溴铵维兰特罗吸入粉雾剂", "噻托溴铵粉吸入剂", "precaution"),
    ("沙美特罗替卡松吸入粉雾剂", "布地奈德福莫特罗吸入粉雾剂", "precaution"),
    ("糠酸氟替卡松维兰特罗吸入粉雾剂", "噻托溴铵奥达特罗吸入喷雾剂", "precaution"),
    ("吸入用异丙托溴铵溶液", "噻托溴铵粉吸入剂", "consider"),
    ("噻托溴铵粉吸入剂", "布地奈德福莫特罗吸入粉雾剂", None),
    ("沙丁胺醇气雾剂", "布地奈德福莫特罗吸入粉雾剂", None),
    ("吸入用异丙托溴铵溶液", "吸入用硫酸沙丁胺醇溶液", None),
]


@pytest.mark.parametrize(("ordered", "taken", "severity"), INHALED)
def test_two_inhalers_of_one_kind(pack: Pack, ordered: str, taken: str, severity: str | None) -> None:
    assert worst(pack, ordered, taken, "duplicate") == severity
    assert worst(pack, taken, ordered, "duplicate") == severity


PAIRS = [
    ("盐酸拉贝洛尔片", "硝苯地平控释片", None),
    ("酒石酸美托洛尔片", "硝苯地平控释片", "consider"),
    ("盐酸甲氧氯普胺片", "盐酸吗啡片", None),
    ("盐酸甲氧氯普胺片", "地西泮片", "consider"),
    ("复方氨酚烷胺胶囊", "苯磺酸氨氯地平片", None),
    ("口服补液盐散Ⅲ", "缬沙坦胶囊", None),
    ("口服补液盐散Ⅲ", "螺内酯片", "consider"),
    ("氯化钾缓释片", "螺内酯片", "avoid"),
    ("多潘立酮片", "消旋山莨菪碱片", "consider"),
    ("硫酸羟氯喹片", "醋酸泼尼松片", "consider"),
    ("盐酸胺碘酮片", "氢氯噻嗪片", "precaution"),
    ("异烟肼片", "吡嗪酰胺片", "consider"),
    ("异烟肼片", "利福平胶囊", "precaution"),
]


@pytest.mark.parametrize(("ordered", "taken", "severity"), PAIRS)
def test_two_medicines(pack: Pack, ordered: str, taken: str, severity: str | None) -> None:
    assert worst(pack, ordered, taken, "interaction") == severity
    assert worst(pack, taken, ordered, "interaction") == severity


def test_ibuprofen_with_paracetamol_is_said_of_young_children_only(pack: Pack) -> None:
    ages = {years: DAY.replace(year=DAY.year - years) for years in (2, 5, 6, 40)}
    found = {n: worst(pack, "布洛芬混悬液", "小儿氨酚黄那敏颗粒", "duplicate", born) for n, born in ages.items()}
    assert found == {2: "consider", 5: "consider", 6: None, 40: None}
