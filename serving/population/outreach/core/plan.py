"""From an assessment, and what is already known of the resident, to what changes: reminders and letters."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec

from cdss.serving.population.outreach.core.quiet import at
from cdss.serving.population.outreach.core.reminder import Channel, Letter, Reminder, State, is_urgent
from cdss.serving.population.scoring.assessment import Advice, Assessment

RECENT_DAYS = 7  # an older assessment makes tasks, but neither texts nor calls: what it saw is past
MORNING = time(9)  # texts that are due on a later day go out then


@dataclass(frozen=True, slots=True)
class Wishes:
    """The site's settings: days, how many texts a reminder may cause, and whether there is a webhook."""

    ahead_days: int
    again_days: int
    episode_days: int
    limit: int
    webhook: bool
    zone: ZoneInfo | None


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one resident: open reminders, the last episode, both by rule; whether texts are wanted.

    `day` is that of the latest assessment on the worklist: an earlier one changes nothing. `handled` are rules whose
    advice the doctor has handled, and the state that gives. `waiting` are the ids of reminders whose last text has not
    gone out yet.
    """

    open: dict[str, Reminder] = field(default_factory=dict)
    episodes: dict[str, int] = field(default_factory=dict)
    handled: dict[str, State] = field(default_factory=dict)
    waiting: frozenset[str] = frozenset()
    opted_out: bool = False
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Changes:
    """`opened` and `letters` are new; `closed` and `told` are open reminders as they are to be from now on."""

    opened: tuple[Reminder, ...] = ()
    closed: tuple[Reminder, ...] = ()
    told: tuple[Reminder, ...] = ()
    letters: tuple[Letter, ...] = ()


def planned(assessment: Assessment, known: Known, wishes: Wishes, now: datetime) -> Changes:
    """What an assessment changes. The same assessment a second time changes nothing."""
    if known.day and assessment.day < known.day:
        return Changes()
    asked = {advice.rule: advice for advice in reversed(assessment.advices) if advice.action.en}
    asked = {rule: advice for rule, advice in asked.items() if rule not in known.handled}
    recent = _is_recent(assessment.day, wishes, now)
    closed = tuple(_closed(assessment, asked, known, wishes, recent))
    gone = {one.rule for one in closed}
    new = [advice for rule, advice in asked.items() if rule in gone or rule not in known.open]
    kept = [one for rule, one in known.open.items() if rule in asked and rule not in gone]
    opened, letters = [], [letter for one in closed for letter in posted(one, wishes, now)]
    for reminder in (_opened(assessment, advice, known, recent) for advice in new):
        texted, text = _texted(reminder, assessment.day, known, wishes, now) if recent else (reminder, [])
        opened.append(texted)
        letters += [*text, *posted(reminder, wishes, now), *_called(reminder, now)]
    told = []
    for reminder in kept if recent else ():
        texted, text = _texted(reminder, assessment.day, known, wishes, now)
        told += [texted] if text else []
        letters += text
    return Changes(tuple(opened), closed, tuple(told), tuple(letters))


def _is_recent(day: date, wishes: Wishes, now: datetime) -> bool:
    """Whether what was found on `day` may still be acted upon."""
    return (now.astimezone(wishes.zone).date() - day).days <= RECENT_DAYS


def _closed(
    assessment: Assessment, asked: dict[str, Advice], known: Known, wishes: Wishes, recent: bool
) -> Iterator[Reminder]:
    """Open reminders that end, as they are to be kept. A rule that could not be decided ends nothing."""
    undecided = {one.rule for one in assessment.unchecked}
    for rule, reminder in known.open.items():
        state = known.handled.get(rule) or _ending(reminder, asked.get(rule), assessment.day, wishes, recent)
        if state == "resolved" and (assessment.fault or rule in undecided):
            continue
        if state != "open":
            yield msgspec.structs.replace(reminder, state=state, closed=assessment.day)


def _ending(reminder: Reminder, advice: Advice | None, today: date, wishes: Wishes, recent: bool) -> State:
    """What becomes of an open reminder, given what its rule says now."""
    if advice is None:
        return "resolved"
    if recent and is_urgent(advice, today) and not reminder.urgent:
        return "replaced"
    lasts = timedelta(days=wishes.episode_days)
    return "lapsed" if reminder.advice.due and today > reminder.advice.due + lasts else "open"


def _opened(assessment: Assessment, advice: Advice, known: Known, recent: bool) -> Reminder:
    return Reminder(
        resident_id=assessment.id,
        rule=advice.rule,
        episode=known.episodes.get(advice.rule, 0) + 1,
        opened=assessment.day,
        advice=advice,
        doctor=assessment.doctor,
        urgent=recent and is_urgent(advice, assessment.day),
    )


def _texted(
    reminder: Reminder, today: date, known: Known, wishes: Wishes, now: datetime
) -> tuple[Reminder, list[Letter]]:
    """The reminder after the text that the resident is to get about it now, and that text; without one, as it was."""
    due = reminder.advice.due
    if due is None or reminder.advice.severity == "info" or known.opted_out or reminder.id in known.waiting:
        return reminder, []
    if reminder.texts >= wishes.limit or not _is_time(reminder.texts, due, today, wishes):
        return reminder, []
    letter = Letter(
        key=f"{reminder.id}/text/{reminder.texts + 1}",
        reminder_id=reminder.id,
        resident_id=reminder.resident_id,
        channel="text",
        recipient="resident",
        urgent=False,
        due=max(now, at(due - timedelta(days=wishes.ahead_days), MORNING, wishes.zone)).timestamp(),
    )
    return msgspec.structs.replace(reminder, texts=reminder.texts + 1, text_id=letter.id), [letter]


def _is_time(texts: int, due: date, today: date, wishes: Wishes) -> bool:
    """The first text at once, each further one only when overdue by another interval."""
    return texts == 0 or today >= due + texts * timedelta(days=wishes.again_days)


def posted(reminder: Reminder, wishes: Wishes, now: datetime) -> list[Letter]:
    """The letter that tells the webhook of the reminder's new state, open or not."""
    event = f"{reminder.state} {now.isoformat(timespec='microseconds')}"
    return [_to_doctor(reminder, "webhook", event, now)] if wishes.webhook else []


def _called(reminder: Reminder, now: datetime) -> list[Letter]:
    """The text that calls the doctor to an emergency."""
    return [_to_doctor(reminder, "text", "doctor", now)] if reminder.urgent else []


def _to_doctor(reminder: Reminder, channel: Channel, event: str, now: datetime) -> Letter:
    return Letter(
        key=f"{reminder.id}/{channel}/{event}",
        reminder_id=reminder.id,
        resident_id=reminder.resident_id,
        channel=channel,
        recipient="doctor",
        urgent=reminder.urgent,
        due=now.timestamp(),
    )
