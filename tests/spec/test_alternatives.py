"""Interactions in the simple answer: the level on what is told, what was not known, what may be ordered instead."""

import json
from typing import Any

import pytest
from starlette.testclient import TestClient

WARFARIN = {"id": "w", "drug": {"name": "华法林钠片"}}


def check(client: TestClient, patient: dict[str, Any], *orders: dict[str, Any]) -> dict[str, Any]:
    body = json.dumps({"patient": {"age_years": 50, **patient}, "orders": list(orders), "lang": "zh"})
    answer = client.post("/api/v1/orders/check", content=body.encode())
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def pair(answer: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = next(alert for alert in answer["alerts"] if alert["kind"] == "interaction")
    return found


@pytest.mark.parametrize(
    ("dose", "frequency", "level"),
    [("1 g", "tid", "contraindicated"), ("0.5 g", "tid", "avoid"), ("100 mg", "qd", "consider")],
)
def test_the_dose_of_aspirin_decides(client: TestClient, dose: str, frequency: str, level: str) -> None:
    value, unit = dose.split()
    aspirin = {
        "id": "a", "drug": {"name": "阿司匹林"}, "dose": {"value": float(value), "unit": unit}, "frequency": frequency,
    }  # fmt: skip
    assert pair(check(client, {"conditions": []}, aspirin, WARFARIN))["severity"] == level


def test_a_dose_not_told_is_listed_as_needed(client: TestClient) -> None:
    answer = check(client, {"conditions": []}, {"id": "a", "drug": {"name": "阿司匹林"}}, WARFARIN)
    assert pair(answer)["severity"] == "consider"
    unknown = next(one for one in answer["unknown"] if one["rule"] == "interaction/ansm2020-0013-1")
    assert unknown == {
        "rule": "interaction/ansm2020-0013-1",
        "needs": ["dose of aspirin", "total_daily_dose of aspirin"],
        "missing": ["dose of aspirin", "total_daily_dose of aspirin"],
        "orders": ["a", "w"],
    }


def test_what_may_be_ordered_instead_stands_in_the_answer(client: TestClient) -> None:
    answer = check(client, {}, {"id": "c", "drug": {"name": "氯吡格雷"}}, {"id": "o", "drug": {"name": "奥美拉唑"}})
    first = pair(answer)["alternatives"][0]
    assert (first["instead_of"], first["ingredient"], first["atc"], first["name"]) == (
        "o", "pantoprazole", "A02BC02", "泮托拉唑",
    )  # fmt: skip
    assert "CYP2C19" in first["why"]
    assert first["source"]["grade"] == "label"
    assert (
        pair(check(client, {}, {"id": "i", "drug": {"name": "布洛芬"}}, {"id": "p", "drug": {"name": "培哚普利"}}))[
            "alternatives"
        ]
        == []
    )
