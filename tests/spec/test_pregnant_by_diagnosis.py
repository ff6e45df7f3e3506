"""Many systems send `pregnant: false` unless someone asked: a diagnosis of pregnancy is believed, and that is said."""

from typing import Any

import pytest
from starlette.testclient import TestClient


def check(client: TestClient, lang: str, drug: str, code: str, **told: Any) -> dict[str, dict[str, Any]]:
    """The alerts for a woman with one diagnosis, by rule."""
    person = {"birth_date": "1995-01-01", "sex": "female", "conditions": [{"code": code}], **told}
    body = {"patient": person, "orders": [{"drug": {"name": drug}}]}
    alerts = client.post(f"/api/v1/orders/check?lang={lang}", json=body).json()["alerts"]
    return {alert["rule"]: alert for alert in alerts}


def kinds(alerts: dict[str, dict[str, Any]]) -> set[str]:
    return {alert["kind"] for alert in alerts.values()}


#             code     is a pregnancy
PREGNANCIES = [("Z33", True), ("Z34.0", True), ("O10", True), ("O24.4", True), ("O48", True), ("O24.400x001", True),
               ("O03", False), ("O80", False), ("Z32", False), ("I10", False)]  # fmt: skip


@pytest.mark.parametrize(("code", "pregnant"), PREGNANCIES)
def test_not_pregnant_with_a_diagnosis_of_pregnancy_is_pregnant(client: TestClient, code: str, pregnant: bool) -> None:
    alerts = check(client, "en", "warfarin", code, pregnant=False)
    assert ("pregnancy" in kinds(alerts), "data/pregnant-by-diagnosis" in alerts) == (pregnant, pregnant)


def test_which_of_the_two_was_taken_is_said_in_both_languages(client: TestClient) -> None:
    said = [check(client, lang, "warfarin", "O24.4", pregnant=False) for lang in ("en", "zh")]
    assert [alerts["data/pregnant-by-diagnosis"]["summary"] for alerts in said] == [
        "told not to be pregnant, but diagnosis O24.4 says pregnant: checked as pregnant; check which is true",
        "发来的是“未妊娠”，但诊断 O24.4 为妊娠：按妊娠核对；请核对妊娠状态。",
    ]


@pytest.mark.parametrize("told", [{"pregnant": True}, {"pregnant": None}, {}])
def test_where_nothing_contradicts_nothing_is_said(client: TestClient, told: dict[str, Any]) -> None:
    alerts = check(client, "en", "warfarin", "O24.4", **told)
    assert "pregnancy" in kinds(alerts)
    assert "data/pregnant-by-diagnosis" not in alerts


def test_not_breastfeeding_with_care_of_the_lactating_mother_is_breastfeeding(client: TestClient) -> None:
    alerts = check(client, "en", "lithium", "Z39.1", breastfeeding=False, pregnant=False)
    assert "lactation" in kinds(alerts)
    assert "diagnosis Z39.1 says so" in alerts["data/breastfeeding-by-diagnosis"]["summary"]
    assert "pregnancy" not in kinds(alerts)
