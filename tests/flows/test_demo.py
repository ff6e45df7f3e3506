"""What a stranger runs first: `cdss demo --once` does all three jobs on sample input and says what it found."""

import subprocess
import sys
from pathlib import Path

import pytest
from processes import environment

pytestmark = pytest.mark.slow


def test_the_demo_runs_all_three_flows() -> None:
    command = [Path(sys.executable).with_name("cdss"), "demo", "--once"]
    done = subprocess.run(command, env=environment(lang="en") | {"COLUMNS": "200"}, capture_output=True, timeout=300)
    shown, log = done.stdout.decode(), done.stderr.decode()
    assert done.returncode == 0, log[-3000:]
    for said in (
        "ibuprofen + warfarin: avoid",
        "eGFR 25",
        "clarithromycin + simvastatin: contraindicated",
        "findings by fracture",
        "findings by lung_nodule",
        "200 synthetic residents",
    ):
        assert said in shown
    assert "Traceback" not in log
