"""Example requests for the order page. The patients are synthetic."""

import json
from typing import Any

from cdss.rules.alert import Text

EXAMPLES: dict[str, tuple[Text, dict[str, Any]]] = {
    "bleeding": (
        Text("华法林 + 布洛芬", "warfarin + ibuprofen"),
        {
            "patient": {
                "id": "synthetic-1",
                "birth_date": "1950-03-01",
                "sex": "male",
                "weight_kg": 60,
                "allergies": [],
                "conditions": [{"system": "ICD-10", "code": "I48", "name": "心房颤动"}],
                "medications": [{"name": "华法林钠片"}],
            },
            "orders": [
                {
                    "id": "o1",
                    "drug": {"name": "布洛芬缓释胶囊"},
                    "dose": {"value": 300, "unit": "mg"},
                    "frequency": "bid",
                    "route": "po",
                    "duration_days": 5,
                }
            ],
        },
    ),
    "kidney": (
        Text("二甲双胍，eGFR 25", "metformin, eGFR 25"),
        {
            "patient": {
                "id": "synthetic-2",
                "birth_date": "1948-07-15",
                "sex": "female",
                "allergies": [],
                "conditions": [{"system": "ICD-10", "code": "E11.9", "name": "2 型糖尿病"}],
                "observations": [{"loinc": "98979-8", "value": 25, "unit": "mL/min/{1.73_m2}", "date": "2026-10-01"}],
                "medications": [],
            },
            "orders": [
                {
                    "id": "o1",
                    "drug": {"name": "盐酸二甲双胍缓释片"},
                    "dose": {"value": 500, "unit": "mg"},
                    "frequency": "每日两次",
                    "route": "口服",
                }
            ],
        },
    ),
    "allergy": (
        Text("青霉素过敏 + 阿莫西林", "penicillin allergy + amoxicillin"),
        {
            "patient": {
                "id": "synthetic-3",
                "birth_date": "1990-01-20",
                "sex": "female",
                "pregnant": True,
                "allergies": [{"name": "青霉素"}],
                "conditions": [],
                "medications": [{"name": "马来酸依那普利片"}],
            },
            "orders": [{"id": "o1", "drug": {"name": "阿莫西林胶囊"}}, {"id": "o2", "drug": {"name": "院内合剂三号"}}],
        },
    ),
}


def body(name: str) -> str:
    """An example as the text of the request; the first one if there is none of that name."""
    _, request = EXAMPLES.get(name) or next(iter(EXAMPLES.values()))
    return json.dumps(request, ensure_ascii=False, indent=2)
