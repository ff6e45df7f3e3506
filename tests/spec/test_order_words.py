"""How doctors write how often, by which route, and how much: Latin, Chinese, English, FHIR codes, free text."""

from fractions import Fraction

import pytest

from cdss.rules.facts import Quantity
from cdss.rules.terms.dose_text import Dosage, dosage
from cdss.rules.terms.order_words import as_needed, method, piece, route, times_a_day

# words = doses a day
OFTEN = """
qd = 1
QD = 1
q.d. = 1
b.i.d. = 2
bid ac = 2
tid pc = 3
TID（饭后） = 3
tid  饭前 = 3
ｂｉｄ = 2
qid = 4
q8h = 3
Q12H = 2
q 6 h = 4
q4-6h = 6
q48h = 1/2
q72h = 1/3
q30min = 48
q1/2h = 48
qod = 1/2
biw = 2/7
tiw = 3/7
qw = 1/7
q2w = 1/14
q3w = 1/21
q4w = 1/28
qm = 1
qn = 1
hs = 1
qd hs = 1
st = 1
st. = 1
立即 = 1
每日三次 = 3
每天三次 = 3
一日三次 = 3
一日3次 = 3
日三次 = 3
1日3次 = 3
每日3-4次 = 4
每日2~3次 = 3
每日 3 次 = 3
每日3次 饭后服 = 3
每晚 = 1
每晚一次 = 1
睡前 = 1
晨起 = 1
早餐后 = 1
隔日 = 1/2
隔日一次 = 1/2
隔日1次 = 1/2
隔天一次 = 1/2
隔周一次 = 1/14
每隔一日 = 1/2
每周一次 = 1/7
每周2次 = 2/7
一周三次 = 3/7
每周二次 = 2/7
每2周一次 = 1/14
每两周一次 = 1/14
三日一次 = 1/3
每三日一次 = 1/3
每3天1次 = 1/3
每8小时一次 = 3
每8小时1次 = 3
每12小时一次 = 2
每十二小时一次 = 2
每隔8小时 = 3
八小时一次 = 3
1次/日 = 1
2次/天 = 2
3/日 = 3
3/d = 3
3次/d = 3
1次/周 = 1/7
1次/8小时 = 3
2次/周 = 2/7
1次/12h = 2
1次/月 = 1/30
每月一次 = 1/30
早晚各一次 = 2
早晚各1次 = 2
每日早晚各一次 = 2
早中晚各一次 = 3
早晚 = 2
早晚餐后 = 2
三餐后 = 3
twice a day = 2
three times daily = 3
3 times a day = 3
2 x daily = 2
2x/day = 2
every 8 hours = 3
every 6 hrs as needed = 4
once weekly = 1/7
once a week = 1/7
twice weekly = 2/7
every other day = 1/2
q6h prn = 4
AM = 1
PM = 1
BED = 1
WK = 1/7
MO = 1/30
Q1H = 24
Q4H = 6
QAM = 1
at bedtime = 1
bid x 7d = 2
每日1次，共7天 = 1
quingid = 5
一日三次 口服 = 3
随餐 tid = 3
餐前30分钟 tid = 3
饭前半小时，每日3次 = 3
prn = None
sos = None
必要时 = None
now and then = None
每日 = 1
q0h = None
遵医嘱 = None
按时 = None
q = None
24h = None
1000次/日 = None
"""


@pytest.mark.parametrize("line", OFTEN.strip().splitlines())
def test_how_often(line: str) -> None:
    words, _, expected = line.rpartition(" = ")
    times = times_a_day(words)
    if expected == "None":
        assert times is None
    else:
        assert times == pytest.approx(float(Fraction(expected)))


@pytest.mark.parametrize("words", ["prn", "PRN", "p.r.n.", "sos", "必要时", "q6h prn", "疼痛时服", "q6h as needed"])
def test_as_needed_is_understood(words: str) -> None:
    assert as_needed(words)


@pytest.mark.parametrize("words", ["bid", "每日三次", "now and then", ""])
def test_not_as_needed(words: str) -> None:
    assert not as_needed(words)


ROUTES = """
口服 = po
PO = po
p.o. = po
鼻饲 = po
静滴 = iv
iv.gtt = iv
静脉泵入 = iv
IVPB = iv
肌注 = im
肌内注射 = im
皮下注射 = sc
ih = sc
雾化吸入 = inh
舌下含服 = sl
塞肛 = pr
外用 = top
外 用 = top
滴眼 = oph
喷鼻 = nas
26643006 = po
47625008 = iv
穿墙 = None
"""


@pytest.mark.parametrize("line", ROUTES.strip().splitlines())
def test_by_which_route(line: str) -> None:
    words, _, expected = line.partition(" = ")
    assert str(route(words)) == expected


@pytest.mark.parametrize(
    ("words", "kind"),
    [("片", "solid"), ("TAB", "solid"), ("{tbl}", "solid"), ("{Capsule}", "solid"), ("粒", "solid"), ("袋", "sachet"),
     ("支", "ampoule"), ("瓶", "bottle"), ("揿", "puff"), ("贴", "patch"), ("盒", None), ("mg", None), ("", None)],
)  # fmt: skip
def test_what_is_counted(words: str, kind: str | None) -> None:
    assert piece(words) == kind


# text = dose / times a day / route / daily amount
WRITTEN = """
口服，一次2片，一日3次 = 2 片 / 3 / po / -
口服一次2片一日3次 = 2 片 / 3 / po / -
1.0g bid po = 1 g / 2 / po / -
0.25g q8h ivgtt = 0.25 g / 3 / iv / -
一次1~2片，一日3次，饭后服 = 2 片 / 3 / - / -
每次半片，每日2次 = 0.5 片 / 2 / - / -
1/2片 qd = 0.5 片 / 1 / - / -
两片 tid = 2 片 / 3 / - / -
2片/次，3次/日 = 2 片 / 3 / - / -
每次1片（0.5g），每日2次 = 1 片 / 2 / - / -
80万单位 im bid = 80 万单位 / 2 / im / -
皮下注射 10U 三餐前 = 10 u / 3 / sc / -
滴眼，一次1滴，一日4次 = 1 滴 / 4 / oph / -
外用，一日2次 = - / 2 / top / -
每晚睡前口服10mg = 10 mg / 1 / po / -
Take 1 tablet by mouth twice daily = 1 tablet / 2 / po / -
1-2 tabs PO q4-6h prn pain = 2 tabs / 6 / po / -
1 tab PO BID x 10 days = 1 tab / 2 / po / -
2 puffs inhaled every 12 hours = 2 puffs / 2 / inh / -
500 mg daily = 500 mg / 1 / - / -
100mg = 100 mg / - / - / -
一日1.5g，分3次口服 = 0.5 g / 3 / po / 1.5 g
30mg/日 = - / - / - / 30 mg
早10mg 晚5mg 口服 = 10 mg / 2 / po / 15 mg
早上10mg，晚上5mg = 10 mg / 2 / - / 15 mg
每日10mg/kg，分2次 = - / 2 / - / -
首次2片，以后1片，bid = - / - / - / -
逐渐减量 = - / - / - / -
5% GS 250ml + 头孢曲松 2g ivgtt qd = - / 1 / iv / -
必要时 0.5g 口服，最大每日4次 = 0.5 g / - / po / -
take it with food = - / - / - / -
遵医嘱 = - / - / - / -
"""


def said(found: Dosage) -> str:
    parts = [found.dose, found.times_a_day, found.route, found.daily]
    return " / ".join(_word(part) for part in parts)


def _word(part: Quantity | float | str | None) -> str:
    if part is None:
        return "-"
    if isinstance(part, Quantity):
        return f"{part.value:g} {part.unit}"
    return part if isinstance(part, str) else f"{part:g}"


@pytest.mark.parametrize("line", WRITTEN.strip().splitlines())
def test_a_dosage_in_words(line: str) -> None:
    text, _, expected = line.rpartition(" = ")
    assert said(dosage(text)) == expected


@pytest.mark.parametrize("text", ["", " ", "1" * 500, "片" * 200, "每" * 120, "1/0片 qd", "0.5", "((((", "\x00🙂"])
def test_anything_may_be_written(text: str) -> None:
    dosage(text)
    times_a_day(text)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("静推", "push"), ("静脉注射", "push"), ("iv push", "push"), ("IVP", "push"), ("iv bolus", "push"),
        ("静滴", "drip"), ("ivgtt qd", "drip"), ("IVPB", "drip"), ("微量泵泵入", "drip"), ("by infusion", "drip"),
        ("静脉注射或静脉滴注", None), ("iv", None), ("口服", None), ("", None), ("dripping", None),
    ],
)  # fmt: skip
def test_push_and_drip_are_told_apart(words: str, found: str | None) -> None:
    assert method(words) == found


@pytest.mark.parametrize(
    ("text", "times"),
    [
        ("每次1g，每日最多6次", 6), ("必要时服用，每次0.9g，每日不超过4次", 4), ("一日不超过6次", 6),
        ("1 tablet up to 4 times daily as needed", 4), ("每6小时一次，24小时不超过4次", 4),
        ("每日3次，每日最多6次", 3), ("每日3次，每日最多2g", 3), ("tid，每日最大剂量4g", 3),
    ],
)  # fmt: skip
def test_the_most_times_a_day_are_the_frequency_where_no_other_is_told(text: str, times: float) -> None:
    assert dosage(text).times_a_day == times


@pytest.mark.parametrize(
    "words", ["入壶", "推注", "iv推", "静脉推", "iv bolus", "静推(缓慢)", "静脉点滴", "静点", "输液"]
)
def test_words_for_pushing_and_dripping_are_routes_too(words: str) -> None:
    assert route(words) == "iv"
    assert method(words)
