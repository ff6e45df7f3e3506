"""Requests and tables to measure with; synthetic."""

import json
from datetime import date
from pathlib import Path
from typing import Any

from cdss.serving.platform.demo.residents import make_residents

DRUGS = (
    "华法林钠片", "布洛芬缓释胶囊", "盐酸二甲双胍片", "苯磺酸氨氯地平片", "阿托伐他汀钙片", "阿司匹林肠溶片",
    "呋塞米片", "地高辛片",
    "盐酸胺碘酮片", "奥美拉唑肠溶胶囊", "硫酸氢氯吡格雷片", "螺内酯片", "别嘌醇片", "左甲状腺素钠片", "醋酸泼尼松片",
    "盐酸舍曲林片", "盐酸曲马多片", "头孢呋辛酯片", "琥珀酸美托洛尔缓释片", "格列美脲片",
)  # fmt: skip


def order_sign(count: int) -> bytes:
    """A CDS Hooks order-sign with `count` draft orders, as an EMR sends it (about 1 KB an order)."""
    entries = [{"fullUrl": f"urn:uuid:{number:032}", "resource": _request(number)} for number in range(count)]
    patient = {"resourceType": "Patient", "id": "p1", "gender": "female", "birthDate": "1956-03-02"}
    empty = {"resourceType": "Bundle", "type": "searchset", "total": 0}
    request = {
        "hook": "order-sign",
        "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
        "context": {"userId": "Practitioner/1", "patientId": "p1", "draftOrders": _bundle(entries)},
        "prefetch": {"patient": patient, "conditions": empty, "allergies": empty, "medications": empty},
    }
    return json.dumps(request, ensure_ascii=False).encode()


def _bundle(entries: list[dict[str, Any]]) -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}


def _request(number: int) -> dict[str, Any]:
    unit = {"system": "http://unitsofmeasure.org", "code": "mg", "unit": "mg"}
    return {
        "resourceType": "MedicationRequest",
        "id": f"m{number}",
        "status": "draft",
        "intent": "order",
        "subject": {"reference": "Patient/p1"},
        "authoredOn": "2026-11-21T08:00:00+08:00",
        "requester": {"reference": "Practitioner/1"},
        "medicationCodeableConcept": {"text": DRUGS[number % len(DRUGS)]},
        "dosageInstruction": [
            {
                "text": "1 片，每日两次，口服",
                "timing": {"repeat": {"frequency": 2, "period": 1, "periodUnit": "d"}},
                "route": {"coding": [{"system": "http://snomed.info/sct", "code": "26643006"}]},
                "doseAndRate": [{"doseQuantity": {"value": 5, **unit}}],
            }
        ],
        "dispenseRequest": {"expectedSupplyDuration": {"value": 30, **unit, "code": "d"}},
    }


def resident_table(folder: Path, count: int) -> Path:
    """A CSV of synthetic residents."""
    path = folder / "residents.csv"
    make_residents(path, count, 1, date(2026, 11, 21))
    return path
