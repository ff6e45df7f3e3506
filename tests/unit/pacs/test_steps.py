"""What happens to a study when a step goes wrong: it is seen, and tried again."""

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from cdss.serving.pacs import tables, told
from cdss.serving.pacs.decode import header
from cdss.serving.pacs.flow import books, steps
from cdss.serving.pacs.intake.record import keep
from cdss.serving.pacs.intake.store import Store
from cdss.serving.platform.config import Settings

SETTINGS = Settings(retry_seconds=0.001)


@pytest.fixture
def film_study(make_image: Any, tmp_path: Path, engine: sa.Engine, store: Store) -> tuple[str, str]:
    """A complete study of one film: its UID and manifest."""
    path = make_image(store.prepare("test") / "film.dcm")
    about = header.identity(path)
    keep(path, about, "SENDER", engine, store)
    books.complete_quiet(engine, quiet_seconds=-1)
    with engine.connect() as connection:
        return about.study_uid, str(connection.scalar(sa.select(tables.study.c.manifest)))


class Broken:
    """A detector with a fault nobody foresaw."""

    def film(self, _: Path) -> Any:
        raise ZeroDivisionError

    volume = film


def test_an_unforeseen_fault_is_seen_on_the_study_and_tried_again(
    film_study: tuple[str, str], engine: sa.Engine, store: Store, stand_in: Any
) -> None:
    uid, inputs = film_study
    assert steps.read(steps.Site(SETTINGS, engine, store, Broken()), uid, inputs, 0) == ""
    study = told.one(engine, uid, "en")
    assert study
    assert (study["state"], study["quality"][0]["code"]) == ("failed", "internal_error")
    assert steps.read(steps.Site(SETTINGS, engine, store, stand_in()), uid, inputs, 1)
    assert told.one(engine, uid, "en")["state"] == "reported"  # type: ignore[index]


def test_a_fault_in_making_the_objects_leaves_the_findings_and_is_tried_again(
    film_study: tuple[str, str], engine: sa.Engine, store: Store, stand_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    uid, inputs = film_study
    site = steps.Site(SETTINGS, engine, store, stand_in())
    result = steps.read(site, uid, inputs, 0)

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as during:
        during.setattr(steps, "make", broken)
        steps.make_objects(site, result, 0)
    study = told.one(engine, uid, "en")
    assert study
    assert (study["state"], study["cause"], study["deliveries"]) == ("reported", "objects_failed", [])
    assert steps.read(site, uid, inputs, 1) == result  # what was read is not read again
    steps.make_objects(site, result, 1)
    study = told.one(engine, uid, "en")
    assert study
    assert (study["cause"], len(study["deliveries"])) == ("read", 2)


def test_a_database_that_is_away_is_not_taken_for_a_fault_of_the_study(
    film_study: tuple[str, str], engine: sa.Engine, store: Store
) -> None:
    class Away:
        def film(self, _: Path) -> Any:
            raise sa.exc.OperationalError("select", {}, OSError("away"))

        volume = film

    with pytest.raises(sa.exc.OperationalError):
        steps.read(steps.Site(SETTINGS, engine, store, Away()), *film_study, 0)


def test_an_object_whose_bytes_are_gone_is_a_dead_letter_not_a_crash(
    film_study: tuple[str, str], engine: sa.Engine, store: Store, stand_in: Any
) -> None:
    uid, inputs = film_study
    settings = Settings(pacs="PACS@127.0.0.1:1", retry_limit=1)
    site = steps.Site(settings, engine, store, stand_in())
    steps.make_objects(site, steps.read(site, uid, inputs, 0), 0)
    study = told.one(engine, uid, "en")
    assert study
    first = study["deliveries"][0]["sop_uid"]
    with engine.connect() as connection:
        query = sa.select(tables.delivery.c.sha256).where(tables.delivery.c.sop_uid == first)
        store.path(str(connection.scalar(query))).unlink()
    steps.deliver(site, first)
    study = told.one(engine, uid, "en")
    assert study
    assert (study["deliveries"][0]["state"], study["deliveries"][0]["status"]) == ("dead", "FileNotFoundError")
