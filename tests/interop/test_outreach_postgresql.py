"""Reminders on a real PostgreSQL: processes that score and send at the same time make and send nothing twice."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from outreach import EMERGENCY, House, house

from cdss.serving.population.outreach.core.texts import read
from cdss.serving.population.outreach.fhir import search
from cdss.serving.population.outreach.fhir.search import Asked, Told

pytestmark = pytest.mark.interop
BP = ("pathway/bp-control", "precaution", 14)
PEOPLE = [f"r{number:02}" for number in range(40)]


@pytest.fixture
def home(url: str, tmp_path: Path) -> Iterator[House]:
    one = house(tmp_path, database_url=url)
    yield one
    one.engine.dispose()


def at_once(*works: Callable[[], object]) -> None:
    """Run them in threads, each with connections of its own; a fault in any is a fault of the test."""
    faults: list[BaseException] = []

    def guarded(work: Callable[[], object]) -> None:
        try:
            work()
        except BaseException as e:
            faults.append(e)

    threads = [threading.Thread(target=guarded, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert faults == []


def test_scored_and_sent_by_several_at_once_each_resident_is_texted_once(home: House) -> None:
    def score() -> None:
        for who in PEOPLE:
            home.says(who, BP, ("pathway/bp-emergency", *EMERGENCY))  # type: ignore[arg-type]

    def send() -> None:
        while len(home.sent) < 2 * len(PEOPLE):
            home.round()

    at_once(score, score, score, send, send)
    home.round()
    texted = [(message.resident_id, message.to) for message in home.sent]
    assert sorted(set(texted)) == sorted((who, to) for who in PEOPLE for to in ("doctor", "resident"))
    assert len({message.key for message in home.sent}) == len(home.sent)
    assert len(home.reminders("id")) == 2 * len(PEOPLE)
    told = [of for of, to in home.letters("reminder_id", "recipient") if to == "resident"]
    assert len(told) == len(set(told)) == 2 * len(PEOPLE)


def test_opting_out_while_it_is_being_sent(home: House) -> None:
    home.says("z", BP)  # type: ignore[arg-type]
    at_once(lambda: home.opt("z", True), home.round)
    states = {state for who, state in home.letters("resident_id", "state") if who == "z"}
    assert states in ({"sent"}, {"cancelled"})


def test_pages_in_fhir_hold_everything_once(home: House) -> None:
    told = Told(read(), "en", home.now.date())
    seen: list[str] = []
    after = ""
    while True:
        with home.engine.connect() as connection:
            page = search.tasks(connection, Asked(count=7, after=after), told)
        seen += [one["id"] for one in page.found]
        if not page.after:
            break
        after = page.after
    assert len(seen) == len(set(seen)) == len(home.reminders("id"))
