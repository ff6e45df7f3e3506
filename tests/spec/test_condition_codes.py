"""Conditions of a simple order: what is no ICD-10 code is never taken for one, however it was sent."""

import pytest
from starlette.testclient import TestClient

from cdss.serving.emr.simple.codes import coded
from cdss.serving.emr.simple.types import Code

READ = [
    ("ICD-10", "J45.9", "J45.9"),
    ("ICD-10", " j45.9 ", "J45.9"),
    ("ICD-10", "Ｊ４５．９", "J45.9"),  # full width
    ("ＩＣＤ－１０", "J45", "J45"),
    ("", "I10", "I10"),
    ("icd10", "E11.900x001", "E11.900X001"),  # the national extension
    ("ICD-10", "J459", "J45.9"),  # without its dot
    ("ICD-10-CM", "S72.001A", "S72.001A"),
    ("ICD-10-CM", "T36.0X5A", "T36.0X5A"),
    ("http://hl7.org/fhir/sid/icd-10-cm", "O24.410", "O24.410"),
    ("http://hl7.org/fhir/sid/icd-10-cn", "I10.x00", "I10.X00"),
    ("ICD-10", "E10.3†", "E10.3"),
]


@pytest.mark.parametrize(("system", "code", "icd10"), READ)
def test_an_icd_10_code_is_read(system: str, code: str, icd10: str) -> None:
    read = coded(Code(system=system, code=code))
    assert (read.system, read.code) == ("ICD-10", icd10)


def rules(client: TestClient, condition: dict[str, str]) -> set[str]:
    """What is said of propranolol with this condition."""
    body = {"patient": {"conditions": [condition]}, "orders": [{"drug": {"name": "propranolol"}}]}
    return {alert["rule"] for alert in client.post("/api/v1/orders/check", json=body).json()["alerts"]}


@pytest.mark.parametrize(
    "condition",
    [
        {"system": "ICD-10", "code": "J45.9"},
        {"system": "ICD-10", "code": "Ｊ45.9"},
        {"system": "ICD-10-CM", "code": "J45.909"},
        {"system": "ICD-10", "code": "支气管哮喘"},
        {"system": "ICD-10", "code": "XXX", "name": "支气管哮喘"},
        {"system": "ICD-10", "code": "支气管哮喘", "name": "内部名称"},
    ],
)
def test_asthma_is_asthma_as_code_or_as_name_in_the_place_of_a_code(
    client: TestClient, condition: dict[str, str]
) -> None:
    said = rules(client, condition)
    assert "contraindication/beta-blockers-asthma" in said
    assert "data/condition-uncoded" not in said


@pytest.mark.parametrize("code", ["XXX", "I10,J45.9", "1234", "I10-I15", "B12缺乏"])
def test_what_is_neither_code_nor_known_name_is_said(client: TestClient, code: str) -> None:
    assert "data/condition-uncoded" in rules(client, {"system": "ICD-10", "code": code})
