"""A reminder: one thing to be done for one resident, from its first day until it is done or given up.

And a letter: one message about it, on its way out.
"""

from datetime import date
from typing import Literal
from uuid import UUID, uuid5

import msgspec

from cdss.rules.alert import INTERRUPTIVE
from cdss.serving.population.scoring.assessment import Advice

NAMESPACE = UUID("3c0a7a52-0f0b-5a0e-9d0e-6b1d0c8f4a11")
State = Literal["open", "resolved", "done", "declined", "lapsed", "replaced"]
Channel = Literal["text", "webhook"]
Recipient = Literal["resident", "doctor"]


class Reminder(msgspec.Struct, frozen=True, kw_only=True):
    """`advice` is what was said on the day `opened`, with its due date: later days do not move it.

    `state`: open; resolved, when a later assessment decided the rule and it no longer asks for anything; done or
    declined, when the doctor says so on the worklist; lapsed, when it was still asked for long after the due date;
    replaced, when it became an emergency. After the last two a new episode begins at once. `texts` counts the texts
    made for the resident, `text_id` is the last of them.
    """

    resident_id: str
    rule: str
    episode: int
    opened: date
    advice: Advice
    doctor: str
    urgent: bool
    state: State = "open"
    closed: date | None = None
    texts: int = 0
    text_id: str = ""

    @property
    def id(self) -> str:
        """The same for the same resident, rule and episode, whoever makes it."""
        return named(self.resident_id, self.rule, str(self.episode))


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """`key` says what it is about, so that it exists once. `due`: not before, seconds since 1970.

    `urgent` letters do not wait for the end of quiet hours.
    """

    key: str
    reminder_id: str
    resident_id: str
    channel: Channel
    recipient: Recipient
    urgent: bool
    due: float

    @property
    def id(self) -> str:
        """The same for the same key."""
        return named(self.key)


def named(*parts: str) -> str:
    """A UUID that is the same for the same parts."""
    return str(uuid5(NAMESPACE, "\x1f".join(parts)))


def is_urgent(advice: Advice, today: date) -> bool:
    """An emergency: the rules say `avoid` or worse, and it is due today."""
    return advice.severity in INTERRUPTIVE and advice.due is not None and advice.due <= today
