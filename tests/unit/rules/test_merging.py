"""One matter, one alert: what the engine merges, and what it must not."""

from datetime import date

import pytest

from cdss.rules.alert import Alert
from cdss.rules.engine import evaluate
from cdss.rules.facts import Facts, Medication, Order, Patient
from cdss.rules.pack import Pack, load

DAY = date(2026, 11, 1)


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load()


def alerts(pack: Pack, kind: str, *names: str, **patient: object) -> list[Alert]:
    orders = tuple(Order(f"o{n}", pack.formulary.resolve(name=name)) for n, name in enumerate(names, start=1))
    review = evaluate(pack, Facts(Patient(**{"medications": (), **patient}), orders, DAY))  # type: ignore[arg-type]
    return [alert for alert in review.alerts if alert.kind == kind]


def test_a_duplicate_is_told_once_by_the_worst_rule(pack: Pack) -> None:
    """Both products hold paracetamol: the paracetamol rule (avoid) speaks, not the general one (precaution)."""
    found = alerts(pack, "duplicate", "对乙酰氨基酚片", "酚麻美敏片")
    assert [(alert.rule, set(alert.orders)) for alert in found] == [("duplicate/paracetamol", {"o1", "o2"})]


def test_an_allergy_is_told_once_for_each_order(pack: Pack) -> None:
    allergies = (pack.formulary.allergy(text="青霉素"),)
    found = alerts(pack, "allergy", "注射用青霉素钠", "阿莫西林胶囊", allergies=allergies)
    assert [alert.orders for alert in found] == [("o1",), ("o2",)]
    assert {alert.severity for alert in found} == {"contraindicated"}


def test_the_same_pair_ordered_twice_is_one_alert_naming_all_orders(pack: Pack) -> None:
    found = alerts(pack, "interaction", "华法林钠片", "布洛芬片", "布洛芬缓释胶囊")
    assert [(alert.summary.en, alert.orders) for alert in found] == [
        ("warfarin + ibuprofen: avoid", ("o1", "o2", "o3"))
    ]


def test_two_pairs_under_one_rule_are_two_alerts(pack: Pack) -> None:
    found = alerts(pack, "interaction", "华法林钠片", "布洛芬片", "双氯芬酸钠肠溶片")
    assert [alert.summary.en for alert in found if "warfarin" in alert.summary.en] == [
        "warfarin + ibuprofen: avoid",
        "warfarin + diclofenac: avoid",
    ]


def test_what_is_taken_already_is_not_checked_against_itself(pack: Pack) -> None:
    taken = tuple(Medication(pack.formulary.resolve(name=name)) for name in ("华法林", "布洛芬"))
    assert alerts(pack, "interaction", "维生素C片", medications=taken) == []


def test_two_painkillers_interrupt_once(pack: Pack) -> None:
    """Told as duplicates, their interaction of the same degree is an echo: listed, but no second interruption."""
    names = ("布洛芬缓释胶囊", "双氯芬酸钠缓释片")
    assert [alert.interruptive for alert in alerts(pack, "duplicate", *names)] == [True]
    assert [(alert.echo, alert.interruptive) for alert in alerts(pack, "interaction", *names)] == [(True, False)]


def test_what_is_taken_already_echoes_too(pack: Pack) -> None:
    taken = (Medication(pack.formulary.resolve(name="华法林钠片")),)
    assert [alert.echo for alert in alerts(pack, "interaction", "利伐沙班片", medications=taken)] == [True]


def test_a_combination_keeps_its_interaction_beside_the_duplicate(pack: Pack) -> None:
    """酚麻美敏 holds more than paracetamol: what else it does with the other is still said."""
    assert alerts(pack, "duplicate", "复方氨酚烷胺胶囊", "酚麻美敏片")
    assert [alert.echo for alert in alerts(pack, "interaction", "复方氨酚烷胺胶囊", "酚麻美敏片")] == [False]


@pytest.mark.parametrize(
    ("names", "duplicate"),
    [
        (("左氧氟沙星片", "左氧氟沙星滴眼液"), False),
        (("布地奈德吸入粉雾剂", "布地奈德鼻喷雾剂"), False),
        (("左氧氟沙星滴眼液", "可乐必妥滴眼液"), True),
        (("左氧氟沙星片", "可乐必妥片"), True),
    ],
)
def test_only_what_acts_in_the_same_place_is_a_duplicate(pack: Pack, names: tuple[str, str], duplicate: bool) -> None:
    assert bool(alerts(pack, "duplicate", *names)) is duplicate
