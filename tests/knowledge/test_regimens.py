"""Plausible regimens of primary care, each with exactly the alerts a pharmacist would want: no more and no fewer.

One file a regimen in `regimens/`; all patients are synthetic. `about` names the medicines (and allergies) concerned, as
the request names them. What cannot be checked for want of data is under `unknown`, by rule.
"""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from cdss.rules.alert import INTERRUPTIVE
from cdss.rules.language.yaml_text import read
from cdss.rules.pack import Pack, load
from cdss.serving.emr.any_form import asked
from cdss.serving.emr.asked import answer
from cdss.serving.emr.simple.answer import response

FOLDER = Path(__file__).with_name("regimens")
FILES = sorted(FOLDER.glob("*.yaml"))
DAY = "2026-11-25"
INTERRUPTIVE_PER_100_ORDERS = 5

Said = tuple[str, str, tuple[str, ...]]  # kind, severity, the medicines and allergies it is about


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load()


def regimen(path: Path) -> dict[str, Any]:
    value: dict[str, Any] = read(path.read_text(encoding="utf-8"))
    assert value.keys() == {"title", "why", "request", "alerts", "unknown"}, path.name
    return value


def check(pack: Pack, request: dict[str, Any]) -> dict[str, Any]:
    return response(answer(pack, asked({"date": DAY, **request}, pack)), "zh", 0.0)


def named(request: dict[str, Any], alert: dict[str, Any]) -> tuple[str, ...]:
    """The medicines and allergies of the request that an alert is about, in alphabetical order."""
    patient = request["patient"]
    ordered = {order["id"]: order["drug"]["name"] for order in request["orders"]}
    known = {one["name"] for list_ in ("medications", "allergies") for one in patient.get(list_) or ()}
    others = {*known, *ordered.values()}.intersection(alert["with"])
    return tuple(sorted({*(ordered[id] for id in alert["orders"]), *others}))


def said(request: dict[str, Any], answered: dict[str, Any]) -> Counter[Said]:
    alerts = (alert for alert in answered["alerts"] if alert["kind"] != "data" and not alert["echo"])
    return Counter((alert["kind"], alert["severity"], named(request, alert)) for alert in alerts)


def wanted(value: dict[str, Any]) -> Counter[Said]:
    return Counter((a["kind"], a["severity"], tuple(sorted(a["about"]))) for a in value["alerts"])


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_alerts_are_exactly_those_wanted(path: Path, pack: Pack) -> None:
    value = regimen(path)
    answered = check(pack, value["request"])
    found, expected = said(value["request"], answered), wanted(value)
    assert found == expected, f"not wanted: {sorted(found - expected)}; missing: {sorted(expected - found)}"
    assert sorted({one["rule"] for one in answered["unknown"]}) == sorted(value["unknown"])
    assert answered["unmapped"] == []


def test_the_regimens_are_many_and_seldom_interrupted(pack: Pack) -> None:
    """At most 5 interruptive alerts in 100 orders: the rest of the time the doctor is left in peace."""
    values = [regimen(path) for path in FILES]
    orders = sum(len(value["request"]["orders"]) for value in values)
    stopping = sum(n for v in values for (_, severity, _), n in wanted(v).items() if severity in INTERRUPTIVE)
    assert len(values) >= 40
    assert 100 * stopping <= INTERRUPTIVE_PER_100_ORDERS * orders, f"{stopping} in {orders} orders"
