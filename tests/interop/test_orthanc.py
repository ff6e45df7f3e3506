"""A real PACS: dcmtk sends a CT to Orthanc, Orthanc routes it here, the report and captures arrive back in Orthanc."""

import json
import math
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pydicom
import pytest

from cdss.serving.pacs import told
from cdss.serving.platform.demo.chest_ct import make_chest_ct

pytestmark = pytest.mark.interop
Make = Callable[..., Any]
ROUTE = """
function OnStableStudy(study, tags, metadata)
  for _, series in ipairs(ParseJson(RestApiGet('/studies/' .. study))['Series']) do
    local modality = ParseJson(RestApiGet('/series/' .. series))['MainDicomTags']['Modality']
    if modality == 'CT' or modality == 'CR' or modality == 'DX' then
      RestApiPost('/modalities/cdss/store', DumpJson({ Resources = { series }, Synchronous = false }))
    end
  end
end
"""


def need(name: str, *places: str) -> str:
    """The program's path; the test is skipped, naming it, where it is not installed."""
    found = next((place for place in places if Path(place).is_file()), None) or shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return str(found)


@dataclass
class Orthanc:
    """A running Orthanc, with automatic routing to this product."""

    http: str
    dicom_port: int

    def instances(self, modality: str) -> list[str]:
        query = {"Level": "Series", "Expand": True, "Query": {"Modality": modality}}
        series = httpx.post(f"{self.http}/tools/find", json=query).json()
        return [instance for one in series for instance in one["Instances"]]

    def fetch(self, instance: str, path: Path) -> Path:
        path.write_bytes(httpx.get(f"{self.http}/instances/{instance}/file").content)
        return path


@pytest.fixture
def orthanc(tmp_path: Path, ports: Callable[[], int]) -> Iterator[Callable[[int], Orthanc]]:
    program = need("Orthanc", "/usr/sbin/Orthanc")
    running: list[subprocess.Popen[bytes]] = []

    def start(cdss_port: int) -> Orthanc:
        http, dicom, folder = ports(), ports(), tmp_path / "orthanc"
        folder.mkdir()
        (folder / "route.lua").write_text(ROUTE, encoding="ascii")
        (folder / "orthanc.json").write_text(
            json.dumps(configuration(folder, http, dicom, cdss_port)), encoding="ascii"
        )
        log = (folder / "log").open("wb")
        environment = {**os.environ, "TCP_NODELAY": "1"}
        running.append(
            subprocess.Popen([program, str(folder / "orthanc.json")], env=environment, stdout=log, stderr=log)
        )
        log.close()
        wait_for(lambda: answers(f"http://127.0.0.1:{http}/system"), 40)
        return Orthanc(f"http://127.0.0.1:{http}", dicom)

    yield start
    for process in running:
        process.terminate()
        process.wait(20)


def configuration(folder: Path, http: int, dicom: int, cdss: int) -> dict[str, Any]:
    modality = {"AET": "CDSS", "Host": "127.0.0.1", "Port": cdss, "Manufacturer": "Generic"}
    return {
        "Name": "test", "StorageDirectory": str(folder), "IndexDirectory": str(folder), "StableAge": 1,
        "HttpPort": http, "RemoteAccessAllowed": False, "AuthenticationEnabled": False, "DicomAet": "PACS",
        "DicomPort": dicom, "DicomCheckCalledAet": False, "DicomAlwaysAllowStore": True,
        "DicomModalities": {"cdss": modality}, "LuaScripts": [str(folder / "route.lua")], "Plugins": [],
    }  # fmt: skip


def answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=1).status_code == 200
    except httpx.HTTPError:
        return False


def wait_for(true: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.1)


def storescu(port: int, folder: Path) -> None:
    """Debian's storescu, without Nagle's delay (dcmtk 3.6.7: 45 ms an instance unless TCP_NODELAY=1)."""
    program = need("storescu", "/usr/bin/storescu")
    command = [program, "-aet", "SENDER", "-aec", "PACS", "+sd", "127.0.0.1", str(port), str(folder)]
    done = subprocess.run(
        command, env={**os.environ, "TCP_NODELAY": "1"}, capture_output=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr.decode()[-500:]


def test_a_ct_comes_back_with_its_report(worker: Make, phantom: Any, orthanc: Any, ports: Any, tmp_path: Path) -> None:
    folder, _ = phantom
    running = worker()
    pacs = orthanc(running.dicom_port)
    running.environment["CDSS_PACS"] = f"PACS@127.0.0.1:{pacs.dicom_port}"
    running.start()
    storescu(pacs.dicom_port, folder)
    uid = str(pydicom.dcmread(next(folder.glob("*.dcm")), stop_before_pixels=True).StudyInstanceUID)
    running.wait_for(lambda: (told.one(running.engine(), uid, "en") or {}).get("state") == "sent", 60)
    reports, captures = pacs.instances("SR"), pacs.instances("OT")
    assert (len(reports), len(captures)) == (1, 1)
    files = [pacs.fetch(name, tmp_path / f"{name}.dcm") for name in (*reports, *captures)]
    for file in files:
        assert dciodvfy_errors(file) == []
        assert pydicom.dcmread(file, stop_before_pixels=True).StudyInstanceUID == uid
    shown = dsrdump(files[0])
    assert "PRELIMINARY" in shown
    assert "UNVERIFIED" in shown
    assert "stand-in" in shown


def test_the_whole_service_reads_a_ct_that_orthanc_routes_to_it(service: Any, orthanc: Any, tmp_path: Path) -> None:
    """Real processes and the shipped model, from the first slice sent to Orthanc to the report found there."""
    nodules = make_chest_ct(tmp_path / "ct", slices=100, seed=7)
    pacs = orthanc(service.dicom_port)
    service.environment["CDSS_PACS"] = f"PACS@127.0.0.1:{pacs.dicom_port}"
    service.start()
    storescu(pacs.dicom_port, tmp_path / "ct")
    uid = str(pydicom.dcmread(tmp_path / "ct" / "0001.dcm", stop_before_pixels=True).StudyInstanceUID)
    service.wait_for(lambda: service.study(uid)["state"] == "sent", 120)
    study = service.study(uid)
    places = [finding["position_mm"] for finding in study["findings"]]
    assert any(math.dist(nodules[0].position_mm, place) < nodules[0].diameter_mm for place in places)
    (report,) = pacs.instances("SR")
    shown = dsrdump(pacs.fetch(report, tmp_path / "sr.dcm"))
    for said in ("PRELIMINARY", "lung_nodule", study["model"]["version"], study["model"]["digest"]):
        assert said in shown


def dciodvfy_errors(file: Path) -> list[str]:
    program = need("dciodvfy", "/usr/bin/dciodvfy")
    done = subprocess.run([program, str(file)], capture_output=True, timeout=60, check=False)
    return [line for line in done.stderr.decode("utf-8", "replace").splitlines() if line.startswith("Error")]


def dsrdump(file: Path) -> str:
    program = need("dsrdump", "/usr/bin/dsrdump")
    done = subprocess.run([program, "+Pl", str(file)], capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr.decode("utf-8", "replace")
    return done.stdout.decode("utf-8", "replace")
