"""The demo's three flows, through the real ports of a running service."""

import csv
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from pydicom import dcmread
from pynetdicom import AE
from pynetdicom.sop_class import ComputedRadiographyImageStorage, CTImageStorage

from cdss.serving.emr.desk import today
from cdss.serving.platform.config import Settings
from cdss.serving.platform.demo import orders, samples
from cdss.serving.platform.demo.chest_ct import PhantomNodule
from cdss.serving.platform.demo.client import DemoFailed, Line, get, post
from cdss.serving.platform.demo.residents import make_residents, visit_before

RESIDENTS, SEED = 200, 20261121
EARLIER = (270, 180, 90)  # days ago the residents were seen before, so that there are trends to look at
PATIENCE = 300.0  # seconds for both pre-reads on two slow cores


def flows(settings: Settings, scratch: Path) -> Iterator[Line]:
    """Run the three flows one after the other. DemoFailed if one does not do its job."""
    yield from orders.lines(settings)
    yield from _studies(settings, scratch)
    yield _residents(settings, scratch)


def _studies(settings: Settings, scratch: Path) -> Iterator[Line]:
    nodules = samples.chest_ct(scratch / "ct")
    sent = {
        _store(settings, [samples.xray()]): "X-ray (pydicom-data RG3_UNCR)",
        _store(settings, sorted((scratch / "ct").iterdir())): f"CT phantom, {len(nodules)} nodules",
    }
    started = time.perf_counter()
    for study_uid, what in sent.items():
        study = _wait(settings, study_uid, started)
        yield Line("pre-read", what, _seen(study, nodules), time.perf_counter() - started)


def _store(settings: Settings, files: list[Path]) -> str:
    """Send files of one study by C-STORE; its UID."""
    entity = AE("DEMO")
    for storage in (CTImageStorage, ComputedRadiographyImageStorage):
        entity.add_requested_context(storage)
    association = entity.associate(settings.host, settings.dicom_port, ae_title=settings.ae_title)
    if not association.is_established:
        raise DemoFailed(f"pre-read: no association with {settings.ae_title} on port {settings.dicom_port}")
    for file in files:
        status = association.send_c_store(file)
        if not status or status.Status != 0x0000:
            raise DemoFailed(f"pre-read: {file.name} was not stored, status {getattr(status, 'Status', None)}")
    association.release()
    return str(dcmread(files[0], stop_before_pixels=True).StudyInstanceUID)


def _wait(settings: Settings, study_uid: str, started: float) -> dict[str, Any]:
    """The study once it has a result and its objects. DemoFailed if it has none in time, or failed."""
    while time.perf_counter() - started < PATIENCE:
        study: dict[str, Any] = get(settings, f"/api/v1/studies/{study_uid}")
        if study["state"] == "failed":
            raise DemoFailed(f"pre-read: {study_uid} failed: {study['quality']}")
        if study["state"] == "not-applicable" or study["deliveries"]:
            return study
        time.sleep(0.5)
    raise DemoFailed(f"pre-read: {study_uid} has no result after {PATIENCE:.0f} s")


def _seen(study: dict[str, Any], nodules: list[PhantomNodule]) -> str:
    """What was found; for the phantom, how many of its nodules are among the findings."""
    if study["state"] == "not-applicable":
        return f"not applicable: {study['series'][0]['reason']}"
    findings, model = study["findings"], study["model"]
    text = f"{study['state']}: {len(findings)} findings by {model['name']} {model['version']}"
    if model["name"] == "lung_nodule":
        hit = sum(any(_near(nodule, finding) for finding in findings) for nodule in nodules)
        text += f", {hit} of {len(nodules)} nodules among them"
    return text


def _near(nodule: PhantomNodule, finding: dict[str, Any]) -> bool:
    apart = zip(nodule.position_mm, finding["position_mm"], strict=True)
    distance: float = sum((a - b) ** 2 for a, b in apart) ** 0.5
    return distance <= max(nodule.diameter_mm / 2, 3.0)


def _residents(settings: Settings, scratch: Path) -> Line:
    table = scratch / "residents.csv"
    make_residents(table, RESIDENTS, SEED, today())
    with table.open(encoding="utf-8", newline="") as file:
        rows = [{name: value for name, value in row.items() if value} for row in csv.DictReader(file)]
    for days in EARLIER:
        before = [visit_before(row, number, days) for number, row in enumerate(rows)]
        post(settings, f"/api/v1/risk?worklist=true&day={today() - timedelta(days)}", before)
    started = time.perf_counter()
    told = post(settings, "/api/v1/risk?worklist=true", rows)["residents"]
    if len(told) != RESIDENTS:
        raise DemoFailed(f"residents: found {len(told)} answers for {RESIDENTS} residents")
    tiers = {tier: sum(one["tier"] == tier for one in told) for tier in ("high", "medium", "low", "unknown")}
    first = get(settings, "/api/v1/residents?limit=1")["residents"][0]
    advice = first["advices"][0]["summary"] if first["advices"] else ""
    found = ", ".join(f"{tier} {count}" for tier, count in tiers.items()) + f"; first: {first['id']} {advice}"
    return Line("residents", f"{RESIDENTS} synthetic residents", found, time.perf_counter() - started)
