"""The words of an interaction's alert."""

from functools import lru_cache

from cdss.rules.alert import RANK, Severity, Text
from cdss.rules.asking.words import SEVERITY
from cdss.rules.interactions.part import Part


def summary(a: Text, b: Text, severity: Severity) -> Text:
    """The two medicines and how bad it is."""
    level = SEVERITY[severity]
    return Text(f"{a.zh} + {b.zh}：{level.zh}", f"{a.en} + {b.en}: {level.en}")


@lru_cache(maxsize=4096)
def detail(holding: tuple[Part, ...], worse: tuple[Part, ...]) -> Text:
    """What happens and why at this level; what else the pair does; which worse level would hold on what condition."""
    first, *others = holding
    lines = [first.mechanism, *_because(first), *map(_also, _further(first, others)), *map(_would_be, worse)]
    return Text("\n".join(line.zh for line in lines), "\n".join(line.en for line in lines))


def condition(part: Part) -> Text:
    """The conditions of a part, as they stand after 若 and "if"."""
    return Text("，且".join(one.words.zh for one in part.when), " and ".join(one.words.en for one in part.when))


def _because(part: Part) -> list[Text]:
    if not part.when:
        return []
    why = condition(part)
    return [Text(f"定此级别的原因：{why.zh}。", f"Graded so because: {why.en}.")]


def _further(first: Part, others: list[Part]) -> list[Part]:
    """The other interactions of the pair that say something the first does not, each mechanism once."""
    by_mechanism = {part.mechanism: part for part in reversed(others) if part.mechanism != first.mechanism}
    return sorted(by_mechanism.values(), key=lambda part: (RANK[part.severity], part.id))


def _also(part: Part) -> Text:
    level = SEVERITY[part.severity]
    return Text(f"另有（{level.zh}）：{part.mechanism.zh}", f"Also ({level.en}): {part.mechanism.en}")


def _would_be(part: Part) -> Text:
    level, when = SEVERITY[part.severity], condition(part)
    return Text(f"若{when.zh}，则为：{level.zh}。", f"If {when.en}: {level.en}.")
