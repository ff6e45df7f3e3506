"""The knowledge swapped again and again under load: no answer fails, and each names one pack and follows it.

FAULTS=100 for the long setting; 4 swaps otherwise.
"""

import os
import threading
import time
from functools import partial
from pathlib import Path
from shutil import copytree
from typing import Any

import httpx
import pytest
from processes import Service

from cdss.rules import KNOWLEDGE
from cdss.rules.pack import digest
from cdss.serving.emr.desk import today
from cdss.serving.platform.config import Settings
from cdss.serving.platform.knowledge import Shelf

pytestmark = pytest.mark.slow
SWAPS = int(os.environ.get("FAULTS", "4"))
ROLL_BACK_SECONDS = 5.0
METFORMIN = "renal/metformin.yaml"
ORDER = {
    "patient": {"medications": [], "observations": [{"loinc": "98979-8", "value": 25, "unit": "mL/min/{1.73_m2}"}]},
    "orders": [{"drug": {"atc": "A10BA02"}}],
}


class Load:
    """Asks about one order without pause; what came back, by knowledge digest."""

    def __init__(self, port: int) -> None:
        self.address = f"http://127.0.0.1:{port}/api/v1/orders/check"
        self.seen: dict[str, set[str]] = {}
        self.failed: list[str] = []
        self.asked = 0
        self.latest = ""
        self._end = threading.Event()
        self._threads = [threading.Thread(target=self._ask) for _ in range(3)]

    def __enter__(self) -> "Load":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        for thread in self._threads:
            thread.join()

    def answers_from(self, wanted: str) -> bool:
        """Whether the latest answer named this pack."""
        return self.latest == wanted

    def _ask(self) -> None:
        with httpx.Client(timeout=30) as client:
            while not self._end.is_set():
                try:
                    self._note(client.post(self.address, json=ORDER).raise_for_status().json())
                except (httpx.HTTPError, KeyError, StopIteration) as e:
                    self.failed.append(repr(e))

    def _note(self, answer: dict[str, Any]) -> None:
        self.asked += 1
        self.latest = answer["knowledge"]["digest"]
        level = next(alert["severity"] for alert in answer["alerts"] if alert["rule"] == "renal/metformin")
        self.seen.setdefault(self.latest, set()).add(level)


def milder(folder: Path) -> Path:
    """The knowledge with metformin stopped below 20 instead of 30."""
    path = Path(copytree(KNOWLEDGE, folder)) / METFORMIN
    text = path.read_text(encoding="utf-8").replace("stop: {2016-04-08: 30}", "stop: {2016-04-08: 20}")
    text = text.replace("egfr: 29, expect: contra", "egfr: 19, expect: contra").replace(
        "egfr: 30, exp", "egfr: 20, exp"
    )
    path.write_text(text, encoding="utf-8")
    return folder


def test_swaps_under_load_fail_no_answer(service: Service, tmp_path: Path) -> None:
    packs = [Path(copytree(KNOWLEDGE, tmp_path / "same")), milder(tmp_path / "milder")]
    levels = {digest(packs[0]): {"contraindicated"}, digest(packs[1]): {"precaution"}}
    shelf = Shelf(Settings(home=tmp_path))
    service.start()
    with Load(service.port) as load:
        for swap in range(SWAPS):
            wanted = shelf.activate(packs[(swap + 1) % 2], today()).digest
            service.wait_for(partial(load.answers_from, wanted), 30)
        started = time.monotonic()
        back = shelf.roll_back()
        service.wait_for(partial(load.answers_from, back), 30)
        assert time.monotonic() - started < ROLL_BACK_SECONDS
    assert load.failed == []
    assert load.asked > 50 * SWAPS
    assert load.seen == levels
