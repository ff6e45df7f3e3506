"""The CDS Hooks services this server offers: what discovery says of them."""

import re
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
SOCIAL = {"social": "Observation?patient={{context.patientId}}&category=social-history&_sort=-date&_count=20"}
EXAMS = {"exams": "Observation?patient={{context.patientId}}&category=exam&_sort=-date&_count=50"}
PROCEDURES = {"procedures": "Procedure?patient={{context.patientId}}&_sort=-date&_count=100"}
IMMUNIZATIONS = {"immunizations": "Immunization?patient={{context.patientId}}&_sort=-date&_count=50"}
IMAGING = {"imaging": "ImagingStudy?patient={{context.patientId}}&_sort=-started&_count=50"}

HOLDS = {  # prefetch key -> what it would hold, so that an empty answer means "none"
    "conditions": "Condition",
    "allergies": "AllergyIntolerance",
    "medications": "MedicationRequest",
    "laboratory": "laboratory",
    "vitals": "vitals",
    "procedures": "procedures",
    "immunizations": "immunizations",
    "imaging": "imaging",
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

PATHWAY_GAPS = Text(
    "打开病历时：高血压与 2 型糖尿病路径、到期的检查与随访、用药缺口、转诊与危急情况。",
    "When a chart is opened: hypertension and type 2 diabetes pathways, overdue tests, missing medicines, referral.",
)
IMAGING_ORDER = Text(
    "影像申请的适宜性（渥太华规则等）与安全：造影剂、妊娠、肾功能、重复检查。",
    "Whether an imaging order is appropriate (Ottawa and other rules) and safe: contrast, pregnancy, kidney, repeats.",
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
    Service(
        "pathway-gaps",
        "patient-view",
        Text("诊疗路径与缺口", "Pathways and gaps in care"),
        PATHWAY_GAPS,
        {**ORDER_CHART, **SOCIAL, **EXAMS, **PROCEDURES, **IMMUNIZATIONS},
    ),
    Service(
        "imaging-order",
        "order-sign",
        Text("影像申请适宜性", "Imaging order appropriateness"),
        IMAGING_ORDER,
        {**ORDER_CHART, **EXAMS, **IMAGING},
    ),
    Service(
        "medication-verify",
        "medication-verify",
        Text("前置审方", "Pharmacist review"),
        ORDER_CHECK,
        ORDER_CHART,
    ),
)
BY_ID = {service.id: service for service in SERVICES}
PAGES = {  # prefetch key -> how many of the newest it asks for: a page so long came as it was asked for
    key: int(asked[1])
    for service in SERVICES
    for key, query in service.prefetch.items()
    if (asked := re.search(r"_count=(\d+)", query))
}


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
