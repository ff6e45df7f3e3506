"""The level of an interaction on what is told: dose, route, age, history, kidney function; unknown is never normal."""

from datetime import date
from typing import Any

import pytest

from cdss.rules.alert import SEVERITIES
from cdss.rules.asking.context import Context
from cdss.rules.asking.found import Found
from cdss.rules.interactions.conditions import Conditions, Sides
from cdss.rules.interactions.index import InteractionIndex

from .conftest import Ask

EGFR, CLEARANCE, POTASSIUM = ("98979-8", "mL/min/{1.73_m2}"), ("35591-7", "mL/min"), ("2823-3", "mmol/L")


def result(test: tuple[str, str], value: float) -> tuple[str, float, str]:
    return test[0], value, test[1]


def born(age: int) -> date:
    return date(2026 - age, 1, 1)


NONE: dict[str, Any] = {"conditions": ()}
ULCER = {"conditions": ("K25.9",)}
FAILURE = {"conditions": ("I50.9",)}

# orders, what is known of the patient, the rule that must speak, its level
LEVELS: list[tuple[tuple[str, ...], dict[str, Any], str, str]] = [
    # aspirin with an oral anticoagulant: the thesaurus's own example
    (("阿司匹林 1000 mg 1", "华法林"), NONE, "ansm2020-0013-1", "contraindicated"),
    (("阿司匹林 750 mg 4", "华法林"), NONE, "ansm2020-0013-1", "contraindicated"),  # 3 g a day
    (("阿司匹林 999 mg 3", "华法林"), NONE, "ansm2020-0013-3", "avoid"),
    (("阿司匹林 500 mg 3", "华法林"), ULCER, "ansm2020-0013-2", "contraindicated"),
    (("阿司匹林 500 mg 3", "华法林"), NONE, "ansm2020-0013-3", "avoid"),
    (("阿司匹林 100 mg 1", "华法林"), ULCER, "ansm2020-0013-4", "avoid"),
    (("阿司匹林 375 mg 1", "华法林"), NONE, "ansm2020-0013", "consider"),
    (("华法林", "阿司匹林 0.5 g 3"), NONE, "ansm2020-0013-3", "avoid"),
    (("阿司匹林 100 mg 1", "布洛芬"), NONE, "ansm2020-0012", "consider"),
    (("阿司匹林 500 mg 3", "布洛芬"), NONE, "ansm2020-0012-1", "avoid"),
    (("阿司匹林 1 g 3", "泼尼松"), NONE, "ansm2020-0017-1", "avoid"),
    (("阿司匹林 500 mg 3", "泼尼松"), NONE, "ansm2020-0017", "consider"),
    # two antiplatelets
    (("阿司匹林 100 mg 1", "氯吡格雷"), NONE, "ansm2020-0014-1", "avoid"),
    (("阿司匹林 100 mg 1", "氯吡格雷"), {"conditions": ("I21.9",)}, "ansm2020-0014", "precaution"),
    (("阿司匹林 100 mg 1", "替格瑞洛"), {"conditions": ("I63.9",)}, "ansm2020-0025", "precaution"),
    # methotrexate: 20 mg a week
    (("布洛芬", "甲氨蝶呤 25 mg 0.142857"), NONE, "ansm2020-0190-1", "avoid"),
    (("布洛芬", "甲氨蝶呤 20 mg 0.142857"), NONE, "ansm2020-0190", "precaution"),
    (("布洛芬", "甲氨蝶呤 5 mg 1"), NONE, "ansm2020-0190-1", "avoid"),
    (("奥美拉唑", "甲氨蝶呤 25 mg 0.142857"), NONE, "ansm2020-0310-1", "avoid"),
    (("阿司匹林 500 mg 3", "甲氨蝶呤 25 mg 0.142857"), NONE, "ansm2020-0021-1", "contraindicated"),
    (("阿司匹林 100 mg 1", "甲氨蝶呤 25 mg 0.142857"), NONE, "ansm2020-0021", "precaution"),
    # heparins: full dose or the elderly
    (("布洛芬", "依诺肝素 4000 [iU] 1"), {**NONE, "birth_date": born(40)}, "ansm2020-0184", "consider"),
    (("布洛芬", "依诺肝素 6000 [iU] 2"), {**NONE, "birth_date": born(40)}, "ansm2020-0184-5", "avoid"),
    (("布洛芬", "依诺肝素 4000 [iU] 1"), {**NONE, "birth_date": born(70)}, "ansm2020-0184-5", "avoid"),
    (("布洛芬", "肝素 5000 [iU] 3"), {**NONE, "birth_date": born(40)}, "ansm2020-0184-2", "consider"),
    (("布洛芬", "肝素 5000 [iU] 4"), {**NONE, "birth_date": born(40)}, "ansm2020-0184-1", "avoid"),
    # route
    (("胺碘酮", "地尔硫䓬 10 mg 1 iv"), NONE, "ansm2020-0113-1", "avoid"),
    (("胺碘酮", "地尔硫䓬 30 mg 3 po"), NONE, "ansm2020-0113", "precaution"),
    (("胺碘酮", "维拉帕米 5 mg 1 iv"), NONE, "ansm2020-0133-1", "avoid"),
    (("葡萄糖酸钙 1 g 1 iv", "地高辛"), NONE, "ansm2020-0543-1", "contraindicated"),
    (("碳酸钙 600 mg 1 po", "地高辛"), NONE, "ansm2020-0543", "precaution"),
    (("克拉霉素", "咪达唑仑 7.5 mg 1 po"), NONE, "ansm2020-1228-1", "avoid"),
    (("克拉霉素", "咪达唑仑 2 mg 1 iv"), NONE, "ansm2020-1228", "precaution"),
    (("咪达唑仑 7.5 mg 1 po", "伊曲康唑"), NONE, "midazolam-inhibitors-1", "contraindicated"),
    (("咪达唑仑 2 mg 1 iv", "酮康唑"), NONE, "midazolam-inhibitors-2", "precaution"),
    (("咪达唑仑", "伊曲康唑"), NONE, "midazolam-inhibitors", "avoid"),
    # potassium
    (("培哚普利", "螺内酯 20 mg 1"), FAILURE, "ansm2020-0863-2", "precaution"),
    (("培哚普利", "螺内酯 20 mg 1"), {"conditions": ("I10",)}, "ansm2020-0863-2", "precaution"),
    (("培哚普利", "螺内酯 51 mg 1"), FAILURE, "ansm2020-0863-1", "avoid"),
    (("培哚普利", "螺内酯 20 mg 1"), NONE, "ansm2020-0863-1", "avoid"),
    (("缬沙坦", "螺内酯 50 mg 1"), FAILURE, "ansm2020-0169-2", "precaution"),
    (("缬沙坦", "氨苯蝶啶"), {**NONE, "results": (result(POTASSIUM, 3.4),)}, "ansm2020-0169", "precaution"),
    (("缬沙坦", "氨苯蝶啶"), {**NONE, "results": (result(POTASSIUM, 3.5),)}, "ansm2020-0169-5", "avoid"),
    # age, kidney, heart
    (("右佐匹克隆", "克拉霉素"), {"birth_date": born(70)}, "ansm2020-0959-1", "contraindicated"),
    (("右佐匹克隆", "克拉霉素"), {"birth_date": born(60)}, "ansm2020-0959", "precaution"),
    (("布洛芬", "培美曲塞"), {"results": (result(CLEARANCE, 79),)}, "ansm2020-0193-1", "avoid"),
    (("布洛芬", "培美曲塞"), {"results": (result(CLEARANCE, 80),)}, "ansm2020-0193", "precaution"),
    (("布洛芬", "培美曲塞"), {"results": (result(EGFR, 60),)}, "ansm2020-0193-1", "avoid"),
    (("艾司洛尔", "地尔硫䓬"), FAILURE, "ansm2020-0833-1", "avoid"),
    (("秋水仙碱", "环孢素"), {**NONE, "results": (result(EGFR, 45),)}, "colchicine-ciclosporin-1", "contraindicated"),
    (("阿利吉仑", "缬沙坦"), {"conditions": ("E11.9",)}, "aliskiren-raas-1", "contraindicated"),
    (("阿利吉仑", "缬沙坦"), NONE, "aliskiren-raas", "avoid"),
    # statins, phosphodiesterase inhibitors
    (("苯扎贝特", "瑞舒伐他汀 40 mg 1"), NONE, "ansm2020-0987-3", "contraindicated"),
    (("苯扎贝特", "瑞舒伐他汀 10 mg 1"), NONE, "ansm2020-0987", "avoid"),
    (("非诺贝特", "瑞舒伐他汀 40 mg 1"), NONE, "fenofibrate-statins-1", "contraindicated"),
    (("非诺贝特", "瑞舒伐他汀 10 mg 1"), NONE, "fenofibrate-statins", "precaution"),
    (("替格瑞洛", "辛伐他汀 80 mg 1"), NONE, "ticagrelor-statins-1", "avoid"),
    (("替格瑞洛", "辛伐他汀 40 mg 1"), NONE, "ticagrelor-statins", "consider"),
    (("西地那非", "伊曲康唑"), {"conditions": ("I27.0",)}, "ansm2020-1197-4", "contraindicated"),
    (("西地那非", "伊曲康唑"), NONE, "ansm2020-1197", "precaution"),
    (("西酞普兰 40 mg 1", "奥美拉唑"), NONE, "citalopram-2c19-1", "avoid"),
    (("西酞普兰 20 mg 1", "奥美拉唑"), NONE, "citalopram-2c19", "precaution"),
    # what only the caller can tell
    (("拉莫三嗪", "炔雌醇"), {"given": ("lamotrigine_titration",)}, "ansm2020-0953-1", "avoid"),
    (("拉莫三嗪", "炔雌醇"), {}, "ansm2020-0953", "precaution"),
]  # fmt: skip


@pytest.mark.parametrize(("orders", "known", "rule", "level"), LEVELS, ids=lambda value: str(value)[:40])
def test_the_level_is_that_of_the_dose_route_or_history(
    ask: Ask, orders: tuple[str, ...], known: dict[str, Any], rule: str, level: str
) -> None:
    (alert,), _ = ask(*orders, **known)
    assert (alert.rule, alert.severity) == (f"interaction/{rule}", level)


def test_why_the_level_is_so_and_the_tests_made_are_shown(ask: Ask) -> None:
    (alert,), unknown = ask("阿司匹林 500 mg 3", "华法林", **ULCER)
    assert "阿司匹林每次≥500 mg或每日超过375 mg（解热镇痛剂量），且有消化性溃疡或消化道出血史" in alert.detail.zh
    assert "Graded so because: aspirin is given at 500 mg or more a time" in alert.detail.en
    tests = {(t.test, t.value, t.unit, t.truth) for t in alert.trace}
    assert {t.fact for t in alert.trace} == {"ordered", "dose of aspirin", "total_daily_dose of aspirin", "ulcer"}
    assert tests >= {("a_dose >= 1000", "500", "mg", "false"), ("a_dose >= 500", "500", "mg", "true")}
    assert ("ulcer", "true", "", "true") in tests
    assert unknown == []


def test_a_dose_not_told_falls_to_the_certain_level_and_says_which_worse_one_would_hold(ask: Ask) -> None:
    (alert,), (unknown,) = ask("阿司匹林", "华法林", **NONE)
    assert (alert.rule, alert.severity) == ("interaction/ansm2020-0013", "consider")
    assert "若阿司匹林每次≥1 g或每日≥3 g（抗炎剂量），则为：禁忌。" in alert.detail.zh
    assert "(anti-inflammatory doses): contraindicated." in alert.detail.en
    assert "溃疡" not in alert.detail.zh  # known not to be there
    assert (unknown.rule, unknown.needs) == (
        "interaction/ansm2020-0013-1",
        ("dose of aspirin", "total_daily_dose of aspirin"),
    )
    assert unknown.orders == ("0", "1")


def test_a_history_not_told_is_not_taken_as_absent(ask: Ask) -> None:
    (alert,), (unknown,) = ask("阿司匹林 100 mg 1", "华法林")
    assert alert.severity == "consider"
    assert "若有消化性溃疡或消化道出血史，则为：避免使用。" in alert.detail.zh
    assert unknown.needs == ("ulcer",)


def test_only_levels_worse_than_the_one_given_are_asked_for(ask: Ask) -> None:
    (alert,), unknown = ask("阿司匹林 1 g 3", "华法林")
    assert alert.severity == "contraindicated"
    assert unknown == []
    assert "若" not in alert.detail.zh


def test_the_doses_of_two_orders_of_aspirin_are_added(ask: Ask) -> None:
    alerts, _ = ask("阿司匹林 300 mg 1", "华法林", taking=("阿司匹林 100 mg 1",), **NONE)
    assert {a.severity for a in alerts if "warfarin" in a.summary.en} == {"avoid"}  # 400 > 375


def test_what_is_taken_already_is_asked_like_an_order(ask: Ask) -> None:
    (alert,), _ = ask("华法林", taking=("阿司匹林 1 g 3",), **NONE)
    assert alert.severity == "contraindicated"


def test_the_strength_of_a_tablet_is_the_dose(ask: Ask) -> None:
    (alert,), _ = ask("阿司匹林片0.5g 2 片 3", "华法林", **NONE)
    assert alert.severity == "contraindicated"


@pytest.mark.parametrize(
    "pair",
    [
        ("阿司匹林", "华法林"),
        ("阿司匹林", "布洛芬"),
        ("阿司匹林", "泼尼松"),
        ("螺内酯", "培哚普利"),
        ("西酞普兰", "奥美拉唑"),
    ],
)
def test_a_higher_dose_is_never_less_severe(ask: Ask, pair: tuple[str, str]) -> None:
    for known in (NONE, ULCER, FAILURE, {}):
        ranks = [
            SEVERITIES.index(ask(f"{pair[0]} {dose} mg {times}", pair[1], **known)[0][0].severity)
            for times in (1, 3)
            for dose in (5, 50, 100, 375, 376, 499, 500, 999, 1000, 1001, 3000)
        ]
        for once_or_thrice in (ranks[:11], ranks[11:]):
            assert once_or_thrice == sorted(once_or_thrice, reverse=True)


def test_telling_more_never_makes_an_unknown_worse_silently(ask: Ask) -> None:
    """A level that was certain on less stays or gets worse by what is told; it is not taken back."""
    (untold,), _ = ask("阿司匹林", "华法林")
    for known in (NONE, ULCER):
        (told,), _ = ask("阿司匹林 50 mg 1", "华法林", **known)
        assert SEVERITIES.index(told.severity) <= SEVERITIES.index(untold.severity)


def test_a_condition_that_cannot_be_asked_leaves_the_certain_level_and_is_reported(ask: Ask) -> None:
    def broken(_: Context, __: Sides) -> Found:
        raise ZeroDivisionError

    whole = ask.index
    as_written = whole.conditions
    conditions = Conditions(as_written.by_name, as_written.facts, dict.fromkeys(as_written.finders, broken))
    hurt = Ask(ask.formulary, InteractionIndex(whole._pairs, conditions, whole.alternatives))
    (alert,), unknown = hurt("阿司匹林", "华法林")
    assert (alert.severity, unknown) == ("consider", [])
    assert hurt.failed == ["interaction/ansm2020-0013"]


@pytest.mark.parametrize(("orders", "known", "rule", "level"), LEVELS[::3], ids=lambda value: str(value)[:40])
def test_which_of_the_two_is_ordered_first_or_taken_already_does_not_matter(
    ask: Ask, orders: tuple[str, ...], known: dict[str, Any], rule: str, level: str
) -> None:
    first, second = orders
    for (alert,), _ in (ask(second, first, **known), ask(first, taking=(second,), **known)):
        assert (alert.rule, alert.severity) == (f"interaction/{rule}", level)
