"""Plug-ins that text: found by name under the entry-point group `cdss.senders`, chosen by CDSS_SENDER.

No telephone number is kept here: a plug-in gets the resident's id and looks up the number in the site's own system. It
raises whatever it likes if the message was not taken over, and is asked again later, with the same key.
"""

from collections.abc import Callable
from importlib.metadata import entry_points

import msgspec
import structlog

from cdss.serving.platform.config import ConfigError
from cdss.serving.platform.language import Lang
from cdss.serving.population.outreach.core.reminder import Recipient

GROUP = "cdss.senders"


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """A text for a resident, or for the doctor of a resident. `key` is the same at every attempt.

    `doctor` is the name in the resident table, empty if that is not known: then the plug-in decides who is called.
    """

    key: str
    to: Recipient
    resident_id: str
    doctor: str
    text: str
    lang: Lang
    urgent: bool


Sender = Callable[[Message], object]


def console(message: Message) -> None:
    """The default: a log line with the resident's id and no words. Nobody is told; a site replaces it."""
    log = structlog.get_logger()  # not kept: a command configures the log after this module was loaded
    log.info("reminder", to=message.to, resident=message.resident_id, urgent=message.urgent, key=message.key)


def sender(name: str) -> Sender:
    """The plug-in of that name. ConfigError names those there are."""
    found = {entry.name: entry for entry in entry_points(group=GROUP)}
    if name not in found:
        raise ConfigError(f"CDSS_SENDER: found {name!r}, expected one of {', '.join(sorted(found))}")
    try:
        loaded = found[name].load()
    except Exception as e:
        raise ConfigError(f"CDSS_SENDER: {name} cannot be loaded: {type(e).__name__}") from e
    if not callable(loaded):
        raise ConfigError(f"CDSS_SENDER: {name} is not callable")
    return loaded  # type: ignore[no-any-return]
