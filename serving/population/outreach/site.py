"""What outreach needs of the settings."""

from zoneinfo import ZoneInfo

from cdss.serving.platform.config import Settings
from cdss.serving.population.outreach.core.plan import Wishes
from cdss.serving.population.outreach.core.quiet import Quiet, quiet_of


def zone_of(current: Settings) -> ZoneInfo | None:
    """The time zone of the residents; None: the machine's."""
    return ZoneInfo(current.timezone) if current.timezone else None


def quiet_hours(current: Settings) -> Quiet:
    """When nobody is to be disturbed."""
    return quiet_of(current.quiet_hours, zone_of(current))


def wishes_of(current: Settings) -> Wishes:
    """Days, limits and channels."""
    return Wishes(
        ahead_days=current.remind_ahead_days,
        again_days=current.remind_again_days,
        episode_days=current.remind_episode_days,
        limit=current.remind_limit,
        webhook=bool(current.webhook_url),
        zone=zone_of(current),
    )
