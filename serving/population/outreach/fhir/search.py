"""Finding what is told in FHIR: pages of Tasks, Flags, CommunicationRequests and RiskAssessments, and single ones.

A page goes on after the id that the page before it ended with, so that nothing is missed or told twice while rows are
added.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec
import sqlalchemy as sa

from cdss.serving.platform.language import Lang
from cdss.serving.population.outreach.core.reminder import Reminder
from cdss.serving.population.outreach.core.texts import Texts
from cdss.serving.population.outreach.fhir import resources
from cdss.serving.population.outreach.fhir.risk import risks
from cdss.serving.population.outreach.fhir.words import Resource
from cdss.serving.population.outreach.rows import read
from cdss.serving.population.outreach.tables import fhir_subject, letter, reminder
from cdss.serving.population.scoring.assessment import Assessment
from cdss.serving.population.worklist.tables import resident

TO_RESIDENTS = sa.and_(letter.c.channel == "text", letter.c.recipient == "resident")
FLAGGED = reminder.c.severity.in_(resources.FLAGGED)
SUBJECT_LENGTH = 32  # of a RiskAssessment's id, the part that names the resident
ALL_TOLD = "~"  # ends the place of a page after which no model of that resident is left


@dataclass(frozen=True, slots=True)
class Asked:
    """A search. Empty: all residents, all states, from the beginning. `count` is the most there may be on a page."""

    resident_id: str = ""
    status: tuple[str, ...] = ()
    after: str = ""
    count: int = 50


@dataclass(frozen=True, slots=True)
class Told:
    """How it is told: the site's texts, the language, the day."""

    texts: Texts
    lang: Lang
    today: date


@dataclass(frozen=True, slots=True)
class Page:
    """What was found; `after` is where the next page begins, empty on the last; `total` None if it is not counted."""

    found: list[Resource]
    after: str = ""
    total: int | None = None


Search = Callable[[sa.Connection, Asked, Told], Page]


def tasks(connection: sa.Connection, asked: Asked, told: Told) -> Page:
    """All reminders."""
    states = [state for state, status in resources.TASK_STATUS.items() if status in asked.status]
    where: list[sa.ColumnElement[bool]] = [reminder.c.state.in_(states)] if asked.status else []
    return _reminders(connection, asked, where, lambda one: resources.task(one, told.lang))


def flags(connection: sa.Connection, asked: Asked, told: Told) -> Page:
    """Reminders of at least `precaution`."""
    where: list[sa.ColumnElement[bool]] = [FLAGGED]
    if asked.status:
        wanted = {"active": reminder.c.state == "open", "inactive": reminder.c.state != "open"}
        where.append(sa.or_(sa.false(), *(wanted[status] for status in asked.status if status in wanted)))
    return _reminders(connection, asked, where, lambda one: resources.flag(one, told.lang))


def communications(connection: sa.Connection, asked: Asked, told: Told) -> Page:
    """Texts to residents."""
    states = [state for state, status in resources.REQUEST_STATUS.items() if status in asked.status]
    where = [TO_RESIDENTS, *([letter.c.state.in_(states)] if asked.status else [])]
    if asked.resident_id:
        where.append(letter.c.resident_id == asked.resident_id)
    rows, after, total = _rows(connection, letter, where, asked)
    return Page(_communications(connection, rows, told), after, total)


def risk_assessments(connection: sa.Connection, asked: Asked, told: Told) -> Page:
    """Of the residents on the worklist, as last assessed; of each one, the models in the order of their names."""
    subject, done = asked.after[:SUBJECT_LENGTH], asked.after.endswith(ALL_TOLD)
    query = sa.select(fhir_subject.c.id, resident.c.told).join(resident, resident.c.id == fhir_subject.c.resident_id)
    query = query.where(fhir_subject.c.id > subject if done else fhir_subject.c.id >= subject)
    if asked.resident_id:
        query = query.where(resident.c.id == asked.resident_id)
    rows = connection.execute(query.order_by(fhir_subject.c.id).limit(asked.count + 1)).all()
    found: list[Resource] = []
    for id, text in rows:
        assessment = msgspec.json.decode(text, type=Assessment)
        for one in sorted(risks(assessment, told.lang), key=lambda one: str(one["id"])):
            if id == subject and one["id"] <= asked.after:
                continue
            if len(found) == asked.count:
                return Page(found, str(found[-1]["id"]))
            found.append(one)
    return Page(found, rows[-1].id + ALL_TOLD if len(rows) > asked.count else "")


def one_reminder(connection: sa.Connection, id: str, only: Sequence[sa.ColumnElement[bool]] = ()) -> Reminder | None:
    """The reminder of that id."""
    row = connection.execute(sa.select(reminder).where(reminder.c.id == id, *only)).first()
    return read(row) if row else None


def task(connection: sa.Connection, id: str, told: Told) -> Resource | None:
    """The Task of that id."""
    one = one_reminder(connection, id)
    return resources.task(one, told.lang) if one else None


def flag(connection: sa.Connection, id: str, told: Told) -> Resource | None:
    """The Flag of that id."""
    one = one_reminder(connection, id, [FLAGGED])
    return resources.flag(one, told.lang) if one else None


def communication(connection: sa.Connection, id: str, told: Told) -> Resource | None:
    """The CommunicationRequest of that id."""
    rows = connection.execute(sa.select(letter).where(letter.c.id == id, TO_RESIDENTS)).all()
    return next(iter(_communications(connection, rows, told)), None)


def risk_assessment(connection: sa.Connection, id: str, told: Told) -> Resource | None:
    """The RiskAssessment of that id, as the resident was last assessed."""
    query = sa.select(resident.c.told).join(fhir_subject, fhir_subject.c.resident_id == resident.c.id)
    text = connection.scalar(query.where(fhir_subject.c.id == id[:SUBJECT_LENGTH]))
    if text is None:
        return None
    found = risks(msgspec.json.decode(text, type=Assessment), told.lang)
    return next((one for one in found if one["id"] == id), None)


def about_resident(
    connection: sa.Connection, resident_id: str, about: Sequence[Reminder], told: Told
) -> list[Resource]:
    """Everything that is told with reminders of one resident: tasks, flags, texts, risks."""
    found = [resources.task(one, told.lang) for one in about]
    found += [resources.flag(one, told.lang) for one in about if one.advice.severity in resources.FLAGGED]
    query = sa.select(letter).where(letter.c.reminder_id.in_([one.id for one in about]), TO_RESIDENTS)
    found += _communications(connection, connection.execute(query.order_by(letter.c.id)).all(), told)
    text = connection.scalar(sa.select(resident.c.told).where(resident.c.id == resident_id))
    return found + (risks(msgspec.json.decode(text, type=Assessment), told.lang) if text else [])


def _reminders(
    connection: sa.Connection,
    asked: Asked,
    where: list[sa.ColumnElement[bool]],
    resource: Callable[[Reminder], Resource],
) -> Page:
    if asked.resident_id:
        where = [*where, reminder.c.resident_id == asked.resident_id]
    rows, after, total = _rows(connection, reminder, where, asked)
    return Page([resource(read(row)) for row in rows], after, total)


def _rows(
    connection: sa.Connection, table: sa.Table, where: Sequence[sa.ColumnElement[bool]], asked: Asked
) -> tuple[Sequence["sa.Row[Any]"], str, int]:
    """A page of rows, where the next begins, and how many there are."""
    total = connection.scalar(sa.select(sa.func.count()).select_from(table).where(*where))
    query = sa.select(table).where(*where, table.c.id > asked.after).order_by(table.c.id).limit(asked.count + 1)
    rows = connection.execute(query).all()
    shown = rows[: asked.count]
    return shown, shown[-1].id if len(rows) > asked.count else "", total or 0


def _communications(connection: sa.Connection, rows: Sequence["sa.Row[Any]"], told: Told) -> list[Resource]:
    ids = [row.reminder_id for row in rows]
    query = sa.select(reminder).where(reminder.c.id.in_(ids))
    about = {row.id: read(row) for row in connection.execute(query)}
    return [resources.communication(row, about[row.reminder_id], told.texts, told.lang, told.today) for row in rows]
