"""What is said of a request that cannot be used, or not wholly: one entry a fault, in both languages."""

from cdss.rules.alert import Text
from cdss.serving.platform.errors import BadInput

# Notes: the request is answered, and this is said beside the answer as an alert `data/<name>`.
NOTES = {
    "birth-date-missing": Text(
        "无出生日期：与年龄有关的规则未能核对。",
        "no birth date: rules about age were not checked",
    ),
    "birth-date-impossible": Text(
        "出生日期 {found} 不可能，未使用；与年龄有关的规则未能核对。",
        "birth date {found} is impossible and was not used; rules about age were not checked",
    ),
    "birth-date-imprecise": Text(
        "出生日期只到年或月，按该时段首日计算年龄，年龄可能偏大至多一年。",
        "the birth date has no day: age was counted from the first day of it and may be up to a year too high",
    ),
    "sex-unknown": Text(
        "性别未知：与性别有关的规则未能核对。",
        "sex unknown: rules about sex were not checked",
    ),
    "pregnant-by-diagnosis": Text(
        "发来的是“未妊娠”，但诊断 {found} 为妊娠：按妊娠核对；请核对妊娠状态。",
        "told not to be pregnant, but diagnosis {found} says pregnant: checked as pregnant; check which is true",
    ),
    "breastfeeding-by-diagnosis": Text(
        "发来的是“未哺乳”，但诊断 {found} 为哺乳：按哺乳核对；请核对哺乳状态。",
        "told not to be breastfeeding, but diagnosis {found} says so: checked as breastfeeding; check which is true",
    ),
    "weight-impossible": Text(
        "体重 {found} kg 不可能，未使用；请核对数值与单位。",
        "weight {found} kg is impossible and was not used; check the value and its unit",
    ),
    "condition-uncoded": Text(
        "{found} 个诊断没有 ICD-10 编码，只按名称核对：与诊断有关的规则可能漏报；请发送 ICD-10 编码。",
        "conditions without an ICD-10 code: {found}, compared by name only; rules about conditions may miss them: "
        "send ICD-10 codes",
    ),
    "frequency-unknown": Text(
        "给药频次无法识别：与日剂量有关的规则未能核对；请用 qd、bid、q8h 或“每日三次”等写法。",
        "frequency not understood: rules about the daily dose were not checked; write qd, bid, q8h or the like",
    ),
    "route-unknown": Text(
        "给药途径无法识别：与途径有关的规则未能核对；请用 po、iv 或“口服”“静滴”等写法。",
        "route not understood: rules about the route were not checked; write po, iv or the like",
    ),
    "dosage-text": Text(
        "用法用量文字无法识别，与剂量有关的规则未能核对；请发送结构化剂量，或写作“一次2片，一日3次”。",
        "dosage text not understood: rules about the dose were not checked; send a structured dosage, or write it like "
        "2 tablets tid",
    ),
    "dose-impossible": Text(
        "剂量 {found} 不可能，未使用；请核对。",
        "dose {found} is impossible and was not used; please check",
    ),
    "member-unknown": Text(
        "字段 {found} 未识别，未使用。",
        "member {found} is not known and was not used",
    ),
    "other-patient": Text(
        "{found} 条资料属于另一位患者，未使用；请核对患者身份。",
        "{found} resources belong to another patient and were not used; check the patient's identity",
    ),
    "prefetch-failed": Text(
        "预取 {found} 失败：有关规则未能核对。",
        "prefetch {found} failed: the rules that need it were not checked",
    ),
    "prefetch-incomplete": Text(
        "{found} 只收到一部分：其中没有的不当作“无”。",
        "{found} came only in part: what it lacks is not taken for absent",
    ),
    "date-unreadable": Text(
        "{found} 的日期无法识别，该结果未使用；请用 YYYY-MM-DD。",
        "the date of {found} was not understood and the result was not used; write YYYY-MM-DD",
    ),
    "medicine-unreadable": Text(
        "有在用药品无法读取（{found}），未核对；用药清单不完整。",
        "a medicine of the chart could not be read ({found}) and was not checked; the list of medicines is incomplete",
    ),
    "ingredient-unknown": Text(
        "复方中的成分 {found} 未识别，未核对。",
        "the ingredient {found} of a combination was not recognised and was not checked",
    ),
    "order-unreadable": Text(
        "医嘱的药品无法读取（{found}），未核对。",
        "the medicine of the order could not be read ({found}) and was not checked",
    ),
    "resource-unreadable": Text(
        "{found} 无法读取，未使用。",
        "{found} could not be read and was not used",
    ),
    "order-without-medication": Text(
        "医嘱尚无药品，未核对。",
        "the order names no medication yet and was not checked",
    ),
}

# Refusals: the request cannot be answered at all.
REFUSALS = {
    "no-orders": Text("没有医嘱可核对：orders 为空。", "found no orders; send at least one"),
    "order-id-twice": Text("医嘱 id 重复，请各不相同。", "found an order id twice; give each order its own"),
    "no-such-service": Text("没有此服务；可用服务见 /cds-services。", "found no such service; see /cds-services"),
    "wrong-hook": Text("此服务用于 {expected}。", "found another hook, this service answers {expected}"),
    "no-draft-orders": Text("context 缺少 draftOrders。", "found no context.draftOrders, this hook needs it"),
    "entry-not-a-list": Text("entry 应为列表。", "found entry that is no list; expected a list of entries"),
    "outcome-unknown": Text("outcome 应为 accepted 或 overridden。", "outcome must be accepted or overridden"),
    "accepted-without-suggestions": Text(
        "accepted 需要 acceptedSuggestions。",
        "accepted needs acceptedSuggestions (CDS Hooks 2.0.1, cds-fb-2)",
    ),
    "no-known-form": Text(
        "不是 CDS Hooks 请求、FHIR Bundle 或简单医嘱；应有 hook、resourceType: Bundle 或 orders。",
        "found no order: expected a CDS Hooks request (hook), a FHIR Bundle, or a simple order (patient, orders)",
    ),
    "no-drug": Text("药品需要 name、atc、nhsa、rxnorm 之一。", "a drug needs one of name, atc, nhsa, rxnorm"),
    "dose-negative": Text("剂量为 {found}，应大于 0。", "found dose {found}, expected above 0"),
    "duration-negative": Text("疗程为 {found} 天，应大于 0。", "found duration {found} days, expected above 0"),
    "too-many-entries": Text("一个 Bundle 有 {found} 条，最多 {limit} 条。", "found {found} entries, at most {limit}"),
    "too-many-orders": Text("一次 {found} 条医嘱，最多 {limit} 条。", "found {found} orders, at most {limit} at once"),
}


def note(name: str, **values: object) -> Text:
    """A note with its values filled in."""
    return _filled(NOTES[name], values)


def refusal(name: str, pointer: str, status: int = 422, **values: object) -> BadInput:
    """A refusal of the field at `pointer`."""
    return BadInput(_filled(REFUSALS[name], values), status=status, code=name, pointer=pointer)


def _filled(text: Text, values: dict[str, object]) -> Text:
    return Text(text.zh.format(**values), text.en.format(**values))
