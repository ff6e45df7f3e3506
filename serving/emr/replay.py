"""Past orders asked again: which of them two packs of knowledge answer differently."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from cdss.rules.alert import Alert, Severity
from cdss.rules.engine import Review
from cdss.rules.pack import Pack
from cdss.serving.emr.any_form import asked
from cdss.serving.emr.asked import answer
from cdss.serving.platform.errors import fault
from cdss.serving.platform.json_text import loads

About = tuple[str, tuple[str, ...]]  # rule, orders


@dataclass(frozen=True, slots=True)
class Difference:
    """One request that comes out differently: alerts as (rule, orders), with severities; or why it was not asked."""

    line: int
    added: tuple[tuple[str, tuple[str, ...], Severity], ...] = ()
    removed: tuple[tuple[str, tuple[str, ...], Severity], ...] = ()
    changed: tuple[tuple[str, tuple[str, ...], Severity, Severity], ...] = ()
    unknown_added: tuple[str, ...] = ()
    unknown_removed: tuple[str, ...] = ()
    fault: str = ""


def replay(lines: Iterable[bytes], before: Pack, after: Pack) -> Iterator[Difference | None]:
    """For every request (one a line, in any form the order check takes) what differs; None: nothing.

    A request is judged by the limits of its own `date`. A line that is no request is told with its fault.
    """
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            value = loads(line)
            reviews = [answer(pack, asked(value, pack)) for pack in (before, after)]
        except Exception as e:
            yield Difference(number, fault=fault(e))
            continue
        yield difference(number, *reviews)


def difference(line: int, before: Review, after: Review) -> Difference | None:
    """What differs between two reviews of one request, the words left aside; None if nothing does."""
    old, new = _levels(before.alerts), _levels(after.alerts)
    unknown = [{unknown.rule for unknown in review.unknown} for review in (before, after)]
    found = Difference(
        line,
        tuple((*about, new[about]) for about in sorted(new.keys() - old.keys())),
        tuple((*about, old[about]) for about in sorted(old.keys() - new.keys())),
        tuple((*a, old[a], new[a]) for a in sorted(old.keys() & new.keys()) if old[a] != new[a]),
        tuple(sorted(unknown[1] - unknown[0])),
        tuple(sorted(unknown[0] - unknown[1])),
    )
    return None if found == Difference(line) else found


def _levels(alerts: tuple[Alert, ...]) -> dict[About, Severity]:
    return {(alert.rule, alert.orders): alert.severity for alert in alerts}
