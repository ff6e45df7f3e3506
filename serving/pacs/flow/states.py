"""The states of a study, which follows which, and the row that remembers each step."""

import sqlalchemy as sa

from cdss.serving.pacs import clock
from cdss.serving.pacs.result import State
from cdss.serving.pacs.tables import study, transition

# Causes that are no reason of reasons.py: they say what moved the study, not what is wrong with it.
RECEIVED, LATE, QUIET, STARTED, READ, DELIVERED = "received", "late_instances", "quiet", "started", "read", "delivered"

FOLLOWS: dict[State, frozenset[State]] = {
    "received": frozenset(("received", "complete")),
    "complete": frozenset(("received", "running")),
    "running": frozenset(("received", "running", "reported", "not-applicable", "failed")),
    "reported": frozenset(("received", "reported", "sent", "running")),
    "sent": frozenset(("received", "running")),
    "not-applicable": frozenset(("received", "running")),
    "failed": frozenset(("received", "running", "failed", "reported", "not-applicable")),
}


class WrongTransition(ValueError):
    """A study cannot go from its state to the one asked for."""


def move(connection: sa.Connection, study_uid: str, state: State, cause: str, **columns: object) -> bool:
    """Bring a study to `state` and note when and why. False if it is there already for the same cause.

    `columns` are changed with it. WrongTransition if the step is not in the table above.
    """
    row = connection.execute(
        sa.select(study.c.state, study.c.cause).where(study.c.study_uid == study_uid).with_for_update()
    ).one()
    if (row.state, row.cause) == (state, cause) and not columns:
        return False
    if state not in FOLLOWS[row.state]:
        raise WrongTransition(f"study is {row.state}, expected {sorted(FOLLOWS[row.state])} next, found {state}")
    at = clock.now()
    values = {"state": state, "cause": cause, "at": at, **columns}
    connection.execute(sa.update(study).where(study.c.study_uid == study_uid).values(values))
    note(connection, study_uid, state, cause, at)
    return True


def reopen(connection: sa.Connection, study_uid: str, touched: float) -> None:
    """Images came for a study that was complete or further: it waits again, for what is there now to be read."""
    row = connection.execute(sa.select(study.c.state).where(study.c.study_uid == study_uid).with_for_update()).one()
    columns = {"touched": touched, "manifest": "", "attempt": 0, "due": 0.0}
    if row.state == "received":  # another sender was faster
        connection.execute(sa.update(study).where(study.c.study_uid == study_uid).values(columns))
    else:
        move(connection, study_uid, "received", LATE, **columns)


def note(connection: sa.Connection, study_uid: str, state: State, cause: str, at: str) -> None:
    """Remember one transition."""
    connection.execute(sa.insert(transition).values(study_uid=study_uid, at=at, state=state, cause=cause))
