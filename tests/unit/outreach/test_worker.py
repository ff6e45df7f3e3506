"""The process that sends: starts on anything, ends when told, and outlives its plug-ins."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from outreach import House

from cdss.serving.platform import database
from cdss.serving.platform.config import Settings
from cdss.serving.population.outreach.sending import outbox
from cdss.serving.population.outreach.sending.outbox import LEASE_SECONDS

BP = ("pathway/bp-control", "precaution", 14)
EMERGENCY = ("pathway/bp-emergency", "avoid", 0)
MODULE = "from cdss.serving.population.outreach import worker; worker.TICK_SECONDS = 0.05; "
HANGS = (
    "import time; from cdss.serving.population.outreach.sending import channels; worker.HANGING_SECONDS = 1; "
    "channels.sender = lambda name: lambda message: time.sleep(600); "
)


@pytest.fixture
def home(home: House) -> House:
    """At the present time, as the process is."""
    home.now = datetime.now(UTC)
    return home


@contextmanager
def worker(home: Path, before: str = "", **settings: str) -> Iterator["subprocess.Popen[bytes]"]:
    """The process, with Python to run before it."""
    path = os.pathsep.join(part for part in sys.path if part)
    environment = {**os.environ, "PYTHONPATH": path, "CDSS_HOME": str(home), "CDSS_QUIET_HOURS": "", **settings}
    process = subprocess.Popen(
        [sys.executable, "-c", f"{MODULE}{before}worker.main()"], env=environment, stderr=subprocess.PIPE
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def wait_for(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def said_when_stopped(process: "subprocess.Popen[bytes]") -> str:
    """What the log says of a process that ends well on SIGTERM."""
    process.send_signal(signal.SIGTERM)
    _, log = process.communicate(timeout=20)
    assert process.returncode == 0, log.decode()
    return log.decode()


def test_it_sends_what_comes_and_ends_when_told(home: House) -> None:
    home.says("a", BP)  # type: ignore[arg-type]
    with worker(home.settings.home) as process:
        wait_for(lambda: home.letters("state") == ["sent"])
        log = said_when_stopped(process)
    assert '"resident": "a"' in log
    assert "stopped" in log


def test_on_an_empty_home_it_makes_its_tables_and_waits(tmp_path: Path) -> None:
    home = Settings(home=tmp_path / "new")
    with worker(home.home) as process:
        wait_for(lambda: home.state.is_dir() and "letter" in tables(home.database))
        assert "error" not in said_when_stopped(process)


def tables(url: str) -> list[str]:
    engine = database.connect(url)
    try:
        return sa.inspect(engine).get_table_names()
    finally:
        engine.dispose()


def test_without_a_usable_sender_texts_wait_and_it_is_said(home: House) -> None:
    home.says("a", BP)  # type: ignore[arg-type]
    with worker(home.settings.home, CDSS_SENDER="pigeon") as process:
        assert process.stderr is not None
        line = process.stderr.readline().decode()
        said_when_stopped(process)
    assert "no texts are sent" in line
    assert "pigeon" in line
    assert home.letters("state", "attempts") == [("queued", 0)]


def test_a_sender_that_hangs_ends_the_process_and_the_text_waits_for_a_person(home: House) -> None:
    home.says("a", BP)  # type: ignore[arg-type]
    with worker(home.settings.home, HANGS) as process:
        assert process.wait(30) == -signal.SIGALRM
    home.now = home.now.fromtimestamp(time.time() + LEASE_SECONDS, home.now.tzinfo)
    assert home.round() == {"failed": 1}
    assert home.letters("state", "error") == [("failed", "interrupted")]


def test_a_letter_that_kills_every_worker_is_given_up(make_house: Callable[..., House]) -> None:
    """So that it does not stand in the way of all others for ever."""
    home = make_house(outreach_retry_limit=3)
    home.says("a", EMERGENCY)  # type: ignore[arg-type]
    for _ in range(3):
        claim = outbox.claim(home.engine, "text", home.now, home.post().quiet)
        assert claim is not None
        assert claim.recipient == "doctor"
        home.later(seconds=LEASE_SECONDS)
    assert home.round() == {"failed": 1}
    assert [error for to, error in home.letters("recipient", "error") if to == "doctor"] == ["interrupted"]
    assert home.round() == {"sent": 1}, "the text to the resident"


def test_told_to_stop_it_begins_no_further_letter(home: House) -> None:
    for who in "abc":
        home.says(who, BP)  # type: ignore[arg-type]
    answers = iter([True, True, False, False])
    assert home.post().round(lambda: next(answers)) == {"failed": 0, "sent": 2}
    assert sorted(home.letters("state")) == ["queued", "sent", "sent"]
