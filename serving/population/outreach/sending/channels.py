"""What this site's letters go through: the sender it chose, and the webhook if it has one."""

from datetime import UTC, datetime

import msgspec
import sqlalchemy as sa

from cdss.serving.platform.audit import pseudonymiser
from cdss.serving.platform.config import Settings
from cdss.serving.population.outreach.core.reminder import Channel, Reminder
from cdss.serving.population.outreach.core.texts import Texts, read
from cdss.serving.population.outreach.fhir.bundle import collection
from cdss.serving.population.outreach.fhir.search import Told, about_resident
from cdss.serving.population.outreach.sending.outbox import Claim
from cdss.serving.population.outreach.sending.post import Clock, Post, Send
from cdss.serving.population.outreach.sending.senders import Message, Sender, sender
from cdss.serving.population.outreach.sending.webhook import Webhook
from cdss.serving.population.outreach.site import quiet_hours, zone_of


def utc_now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


def post_of(current: Settings, engine: sa.Engine, clock: Clock = utc_now) -> Post:
    """Everything a round needs. ConfigError if the chosen sender or the site's texts cannot be used."""
    texts = read(current.outreach_texts)
    channels: dict[Channel, Send] = {"text": texting(sender(current.sender), texts, current)}
    return _post(current, engine, clock, channels, texts)


def post_without_texts(current: Settings, engine: sa.Engine, clock: Clock = utc_now) -> Post:
    """What is left while the sender cannot be used: the webhook goes on."""
    return _post(current, engine, clock, {}, read())


def _post(current: Settings, engine: sa.Engine, clock: Clock, channels: dict[Channel, Send], texts: Texts) -> Post:
    if current.webhook_url:
        channels["webhook"] = _posting(current, engine, texts)
    names = pseudonymiser(current.state)
    return Post(current, engine, names, quiet_hours(current), channels, clock)


def texting(send: Sender, texts: Texts, current: Settings) -> Send:
    """Texts through a plug-in: one for all that is due to one recipient, with the earliest date."""

    def text(claim: Claim, about: list[Reminder], now: datetime) -> str:
        today = now.astimezone(zone_of(current)).date()
        due = min((one.advice.due for one in about if one.advice.due), default=today)
        to_resident = claim.recipient == "resident"
        words = (
            texts.resident(due, today, current.lang) if to_resident else texts.doctor(claim.resident_id, current.lang)
        )
        send(
            Message(
                key=claim.key,
                to=claim.recipient,
                resident_id=claim.resident_id,
                doctor=next((one.doctor for one in about if one.doctor), ""),
                text=words,
                lang=current.lang,
                urgent=claim.urgent,
            )
        )
        return current.sender

    return text


def _posting(current: Settings, engine: sa.Engine, texts: Texts) -> Send:
    webhook = Webhook(current.webhook_url, current.webhook_secret.get_secret_value().encode())

    def post(claim: Claim, about: list[Reminder], now: datetime) -> str:
        today = now.astimezone(zone_of(current)).date()
        with engine.connect() as connection:
            resources = about_resident(connection, claim.resident_id, about, Told(texts, current.lang, today))
        webhook.post(msgspec.json.encode(collection(resources, now)), claim.key, int(now.timestamp()))
        return "webhook"

    return post
