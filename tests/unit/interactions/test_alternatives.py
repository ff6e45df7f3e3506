"""Alternatives: only with an alert that interrupts, for what is ordered, and only what fits here."""

import shutil
from pathlib import Path

import pytest

from cdss.rules.alert import INTERRUPTIVE
from cdss.rules.drugs.formulary import Formulary
from cdss.rules.interactions.alternatives import COLUMNS
from cdss.rules.interactions.index import FOLDER, InteractionIndex
from cdss.rules.terms.table import TableError, rows

from .conftest import Ask

OFFERED = [  # orders, for which of them, what at least is offered
    (("辛伐他汀", "克拉霉素"), "0", {"pravastatin", "rosuvastatin", "fluvastatin"}),
    (("辛伐他汀", "克拉霉素"), "1", {"azithromycin"}),
    (("氯吡格雷", "奥美拉唑"), "1", {"pantoprazole", "rabeprazole"}),
    (("华法林", "布洛芬"), "1", {"paracetamol"}),
    (("茶碱", "环丙沙星"), "1", {"levofloxacin"}),
    (("替扎尼定", "环丙沙星"), "0", {"eperisone"}),
    (("硫唑嘌呤", "非布司他"), "1", {"benzbromarone"}),
    (("碳酸锂", "缬沙坦"), "1", {"amlodipine"}),
    (("丙戊酸钠", "美罗培南"), "0", {"levetiracetam"}),
    (("异维A酸", "多西环素"), "1", {"azithromycin"}),
    (("左旋多巴", "甲氧氯普胺"), "1", {"domperidone"}),
    (("利伐沙班", "利福平"), "0", {"warfarin"}),
    (("多潘立酮", "克拉霉素"), "0", {"itopride"}),
    (("司来吉兰", "右美沙芬"), "1", {"levodropropizine"}),
]


@pytest.mark.parametrize(("orders", "replaced", "expected"), OFFERED)
def test_the_class_offers_something_better(
    ask: Ask, orders: tuple[str, ...], replaced: str, expected: set[str]
) -> None:
    (alert,), _ = ask(*orders)
    assert {one.ingredient for one in alert.alternatives if one.replaces == replaced} >= expected


def test_an_alternative_says_what_it_is_why_and_from_where(ask: Ask) -> None:
    (alert,), _ = ask("氯吡格雷", "奥美拉唑")
    first = alert.alternatives[0]
    assert (first.replaces, first.ingredient, first.atc, first.zh) == ("1", "pantoprazole", "A02BC02", "泮托拉唑")
    assert "CYP2C19" in first.why.zh
    assert first.source.title.startswith("FDA label PLAVIX")


def test_nothing_is_offered_where_nothing_interrupts(ask: Ask) -> None:
    (alert,), _ = ask("培哚普利", "布洛芬")
    assert alert.severity not in INTERRUPTIVE
    assert alert.alternatives == ()


def test_only_what_is_ordered_now_is_replaced(ask: Ask) -> None:
    (alert,), _ = ask("克拉霉素", taking=("辛伐他汀",))
    assert {one.replaces for one in alert.alternatives} == {"0"}


def test_an_alternative_that_itself_interrupts_beside_another_medicine_is_not_offered(ask: Ask) -> None:
    alone = ask("辛伐他汀", "克拉霉素")[0][0]
    assert "azithromycin" in {one.ingredient for one in alone.alternatives}
    beside = next(a for a in ask("辛伐他汀", "克拉霉素", taking=("胺碘酮",))[0] if set(a.orders) == {"0", "1"})
    assert "azithromycin" not in {one.ingredient for one in beside.alternatives}  # QT with amiodarone


def test_what_could_interrupt_under_a_condition_is_not_offered_either(ask: Ask) -> None:
    (alone,), _ = ask("利伐沙班", "利福平")
    assert {one.ingredient for one in alone.alternatives} == {"warfarin"}
    beside = next(a for a in ask("利伐沙班", "利福平", taking=("阿司匹林",))[0] if set(a.orders) == {"0", "1"})
    assert beside.alternatives == ()  # at some doses aspirin and warfarin must not be combined


def test_what_the_patient_has_already_is_not_offered(ask: Ask) -> None:
    (alert,) = (a for a in ask("华法林", "布洛芬", taking=("对乙酰氨基酚",))[0] if set(a.orders) == {"0", "1"})
    assert alert.alternatives == ()


@pytest.mark.parametrize("allergy", ["莫西沙星", "左氧氟沙星", "喹诺酮类"])
def test_an_alternative_the_patient_is_allergic_to_or_whose_class_is_not_offered(ask: Ask, allergy: str) -> None:
    (alert,), _ = ask("茶碱", "环丙沙星", allergies=(allergy,))
    assert {one.ingredient for one in alert.alternatives} & {"levofloxacin", "moxifloxacin"} == set()
    (other,), _ = ask("茶碱", "环丙沙星", allergies=("青霉素",))
    assert "levofloxacin" in {one.ingredient for one in other.alternatives}


def test_a_combination_is_not_replaced_by_one_ingredient(ask: Ask) -> None:
    (alert,), _ = ask("奈玛特韦/利托那韦", "辛伐他汀")
    assert {one.replaces for one in alert.alternatives} == {"1"}


def test_few_are_offered_with_one_alert(ask: Ask) -> None:
    alerts, _ = ask("阿托伐他汀", "克拉霉素", "卡马西平", "伊曲康唑", "米达唑仑", "利伐沙班")
    assert max(len(alert.alternatives) for alert in alerts) <= 4


def test_every_row_has_a_source_and_says_that_it_needs_review() -> None:
    table = [row for _, row in rows(FOLDER / "alternatives.csv", COLUMNS)]
    assert len(table) >= 25
    for row in table:
        assert row["grade"] in ("regulator", "guideline", "label", "textbook"), row
        assert row["source"], row
        assert row["dated"][:4].isdigit(), row
        assert row["review"] == "needs clinical review", row
        assert len(row["zh"]) <= 50, row


def test_what_is_offered_is_never_itself_what_it_replaces(index: InteractionIndex) -> None:
    for id, offers in index.alternatives.offers.items():
        for offer in offers:
            assert id not in {ingredient.id for ingredient in offer.instead}, id


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("no such drug,aspirin,,好,better,S,2020,label,r", "found 'no such drug'"),
        ("aspirin,,,好,better,S,2020,label,r", "found an empty cell"),
        ("aspirin,paracetamol,@no-class,好,better,S,2020,label,r", "found '@no-class'"),
    ],
)
def test_a_broken_line_is_named(tmp_path: Path, formulary: Formulary, line: str, says: str) -> None:
    folder = tmp_path / "interactions"
    shutil.copytree(FOLDER, folder)
    with (folder / "alternatives.csv").open("a", encoding="utf-8") as table:
        table.write(line + "\n")
    with pytest.raises(TableError, match=rf"alternatives.csv:\d+: {says}"):
        InteractionIndex.load(folder, formulary)
