"""A worklist of before 0004 is there after the upgrade: the same residents, their advice open, nothing changed."""

from datetime import date
from pathlib import Path

import msgspec
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from cdss.rules.alert import Text
from cdss.serving.platform import database
from cdss.serving.population.scoring.assessment import Advice, Assessment
from cdss.serving.population.worklist import listing, store

DAY, DUE = date(2026, 11, 2), date(2026, 11, 16)
ADVICE = Advice("pathway/bp-control", "precaution", Text("高", "high"), Text("测", "measure"), DUE)
KEPT = Assessment(
    id="A1", day=DAY, age=60, sex="female", village="东村", doctor="医生甲", models=(), advices=(ADVICE,),
    last_visit=DAY, record={"sbp": 156.0, "hypertension": True},
)  # fmt: skip


def to(engine: sa.Engine, revision: str) -> None:
    """Up to a revision, or down to it where the tables of 0004 are there."""
    config = Config()
    config.set_main_option("script_location", str(database.MIGRATIONS))
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        down = revision == "0003" and sa.inspect(connection).has_table("advice")
        (command.downgrade if down else command.upgrade)(config, revision)
        connection.commit()


def test_residents_of_before_are_still_on_the_list(tmp_path: Path) -> None:
    engine = database.connect(f"sqlite:///{tmp_path / 'cdss.sqlite'}")
    to(engine, "0003")
    with engine.begin() as connection:
        told = msgspec.json.encode(KEPT).decode()
        row = {"id": "A1", "at": "", "village": "东村", "doctor": "医生甲", "tier": "high", "urgency": 32.0,
               "due": DUE.isoformat(), "told": told}  # fmt: skip
        connection.execute(sa.text(f"INSERT INTO resident VALUES ({', '.join(':' + name for name in row)})"), row)
    to(engine, "head")
    with engine.connect() as connection:
        found = listing.page(connection, listing.Query(disease="hypertension", due="overdue"), date(2026, 11, 17), 10)
        entry = store.one(connection, "A1")
    assert [one.assessment for one in found.entries] == [KEPT]
    assert entry is not None
    assert [(item.advice, item.since, item.due, item.open) for item in entry.items] == [(ADVICE, DAY, DUE, True)]
    assert (entry.tier, entry.changes, entry.changed_on) == ("high", (), None)
    engine.dispose()


def test_the_way_back_keeps_the_assessments(tmp_path: Path) -> None:
    engine = database.connect(f"sqlite:///{tmp_path / 'cdss.sqlite'}")
    to(engine, "head")
    with engine.begin() as connection:
        store.keep(connection, [KEPT])
    to(engine, "0003")
    with engine.connect() as connection:
        row = connection.execute(sa.text("SELECT * FROM resident")).mappings().one()
    assert set(row) == {"id", "at", "village", "doctor", "tier", "urgency", "due", "told"}
    assert msgspec.json.decode(row["told"], type=Assessment) == KEPT
    engine.dispose()
