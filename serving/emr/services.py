"""The CDS Hooks services this server offers: what discovery says of them."""

from dataclasses import dataclass

from cdss.rules.alert import Text
from cdss.serving.platform.language import Lang, pick

SPECIFICATION = "2.0.1"

PATIENT = {"patient": "Patient/{{context.patientId}}"}
CONDITIONS = {"conditions": "Condition?patient={{context.patientId}}&clinical-status=active"}
ALLERGIES = {"allergies": "AllergyIntolerance?patient={{context.patientId}}"}
MEDICATIONS = {"medications": "MedicationRequest?patient={{context.patientId}}&status=active"}
LABORATORY = {"laboratory": "Observation?patient={{context.patientId}}&category=laboratory&_sort=-date&_count=200"}
VITALS = {"vitals": "Observation?patient={{context.patientId}}&category=vital-signs&_sort=-date&_count=100"}

HOLDS = {  # prefetch key -> the kind of resource it would hold, so that an empty answer means "none"
    "conditions": "Condition",
    "allergies": "AllergyIntolerance",
    "medications": "MedicationRequest",
}


@dataclass(frozen=True, slots=True)
class Service:
    """One service: `hook` is when it is called, `prefetch` what the client should send along."""

    id: str
    hook: str
    title: Text
    description: Text
    prefetch: dict[str, str]


ORDER_CHART = {**PATIENT, **CONDITIONS, **ALLERGIES, **MEDICATIONS, **LABORATORY, **VITALS}
ORDER_CHECK = Text(
    "核对医嘱：相互作用、重复用药、过敏、妊娠与哺乳、肾功能、年龄。",
    "Checks orders: interactions, duplicates, allergies, pregnancy and lactation, kidney function, age.",
)

PATIENT_RISK = Text(
    "打开病历时：糖尿病筛查与发病风险、血压与血糖控制，及下一步。",
    "When a chart is opened: diabetes risk, blood pressure and glucose control, next step.",
)

SERVICES = (
    Service(
        "order-check-select",
        "order-select",
        Text("选药时核对", "Order check while selecting"),
        ORDER_CHECK,
        ORDER_CHART,
    ),
    Service(
        "order-check-sign",
        "order-sign",
        Text("签署前核对", "Order check before signing"),
        ORDER_CHECK,
        ORDER_CHART,
    ),
    Service(
        "patient-risk",
        "patient-view",
        Text("慢病风险", "Chronic disease risk"),
        PATIENT_RISK,
        {**PATIENT, **CONDITIONS, **MEDICATIONS, **LABORATORY, **VITALS},
    ),
)
BY_ID = {service.id: service for service in SERVICES}


def discovery(lang: Lang) -> dict[str, list[dict[str, object]]]:
    """The body of GET /cds-services."""
    return {
        "services": [
            {
                "hook": service.hook,
                "id": service.id,
                "title": pick(service.title, lang),
                "description": pick(service.description, lang),
                "usageRequirements": "Prefetch only: the FHIR server named in a request is not called.",
                "version": SPECIFICATION,
                "prefetch": service.prefetch,
            }
            for service in SERVICES
        ]
    }
