"""Settings: environment variables CDSS_*, else the TOML file that CDSS_CONFIG names, else the default here."""

import os
import re
import tomllib
from ipaddress import ip_address
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

PREFIX = "CDSS_"
FILE = "CDSS_CONFIG"
HOURS = re.compile(r"([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d")
SECRET_LENGTH = 16


class ConfigError(ValueError):
    """A setting has a value that cannot be used; the text names the setting, the value's fault and what to write."""


class Peer:
    """A DICOM neighbour, written AET@host:port."""

    PATTERN = re.compile(r"(?P<aet>[^@\\]{1,16})@(?P<host>[^:@\s]+):(?P<port>\d{1,5})")

    def __init__(self, text: str) -> None:
        match = self.PATTERN.fullmatch(text)
        if not match or not 0 < int(match["port"]) < 65536:
            raise ConfigError(f"found {text!r}, expected AET@host:port, for example ORTHANC@127.0.0.1:4242")
        self.aet, self.host, self.port = match["aet"], match["host"], int(match["port"])


class Settings(BaseSettings):
    """All settings. The description of each field is its documentation: `cdss config explain` prints it."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True)

    home: Path = Field(Path("~/.local/share/cdss"), description="Where state is kept: database, received studies, logs")
    data: Path | None = Field(None, description="Public data sets, for training, evaluation and data tests")
    database_url: str = Field(
        "", description="SQLAlchemy URL; empty: SQLite inside CDSS_HOME; postgresql://user@host/db"
    )
    host: str = Field("127.0.0.1", description="Address the HTTP and DICOM ports listen on")
    port: int = Field(3000, ge=1, le=65535, description="Port of the HTTP API and the pages")
    imaging_port: int = Field(3001, ge=1, le=65535, description="Loopback port of the imaging process")
    imaging_provider: Literal["cpu", "openvino"] = Field(
        "cpu", description="What runs the imaging models: cpu (onnxruntime), or openvino where its extra is installed"
    )
    dicom_port: int = Field(11112, ge=1, le=65535, description="Port the DICOM listener answers on")
    ae_title: str = Field("CDSS", description="Own application entity title, at most 16 characters")
    ae_allowed: str = Field("", description="Calling AE titles that may send, separated by commas; empty: all")
    pacs: str = Field("", description="Where results are sent: AET@host:port; empty: results are kept, not sent")
    study_quiet_seconds: float = Field(5.0, gt=0, description="A study is complete when nothing came for so long")
    ai_patience_seconds: float = Field(45.0, gt=0, description="A study says `AI unavailable` after so long a wait")
    retry_seconds: float = Field(
        5.0, gt=0, description="Wait before trying a model or the PACS again; doubles each time"
    )
    retry_limit: int = Field(10, ge=1, description="How often a model or the PACS is tried before a person must look")
    worker_id: str = Field("", description="Stable name of this worker on PostgreSQL; empty: the host's name")
    lang: Literal["zh", "en"] = Field("zh", description="Language where the caller asks for none")
    auth: Literal["off"] = Field("off", description="Who may call: off, allowed on a loopback host only")
    hospital_codes: Path | None = Field(
        None, description="CSV of the hospital's own drug codes: code,name,ingredients,atc"
    )
    site_settings: dict[str, float] = Field(
        {}, description='The site\'s own numbers of knowledge/settings.csv, as JSON: {"bp_systolic": 130}'
    )
    residents_asian: bool = Field(
        True, description="Residents are of Asian descent: asked by the model diabetes_screen"
    )
    timezone: str = Field("", description="Time zone of the residents, such as Asia/Shanghai; empty: the machine's")
    quiet_hours: str = Field("21:00-08:00", description="No reminder goes out then but emergencies; empty: never quiet")
    remind_ahead_days: int = Field(14, ge=0, description="A resident is texted at most so many days before a due date")
    remind_again_days: int = Field(14, ge=1, description="And again when overdue by so many days, and still to be done")
    remind_limit: int = Field(2, ge=0, description="Texts to a resident about one thing at most; 0: residents get none")
    remind_episode_days: int = Field(90, ge=1, description="So long after its due date an open reminder begins anew")
    webhook_url: str = Field(
        "", description="Where reminders are posted as FHIR: https, or http on loopback; empty: no"
    )
    webhook_secret: SecretStr = Field(
        SecretStr(""), description="Signs what is posted to CDSS_WEBHOOK_URL; at least 16 characters"
    )
    sender: str = Field(
        "console", description="Plug-in (entry point cdss.senders) that texts; console writes a log line"
    )
    outreach_texts: Path | None = Field(None, description="The site's own words of texts, in place of texts.yaml")
    outreach_retry_limit: int = Field(15, ge=1, description="How often a reminder is tried before a person must look")
    weekly_capacity: int = Field(50, ge=1, description="How many residents on the worklist a doctor sees in a week")
    prediction_days: int = Field(
        1461, ge=0, description="How long predictions are kept to be compared with outcomes; 0: none are kept"
    )
    cors_origins: str = Field("*", description="Origins that may call CDS Hooks from a browser, separated by commas")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least severe log line shown")

    @field_validator("ae_title")
    @classmethod
    def _title(cls, value: str) -> str:
        if not 0 < len(value.strip()) <= 16 or "\\" in value:
            raise ValueError("expected 1 to 16 characters without backslash")
        return value.strip()

    @field_validator("pacs")
    @classmethod
    def _peer(cls, value: str) -> str:
        if value:
            Peer(value)
        return value

    @field_validator("quiet_hours")
    @classmethod
    def _hours(cls, value: str) -> str:
        start, _, end = value.partition("-")
        if value and (not HOURS.fullmatch(value) or start == end):
            raise ValueError(f"found {value!r}, expected two different times HH:MM-HH:MM, or nothing")
        return value

    @field_validator("timezone")
    @classmethod
    def _zone(cls, value: str) -> str:
        try:
            return ZoneInfo(value).key if value else value
        except (ZoneInfoNotFoundError, ValueError, OSError) as e:
            raise ValueError(f"found {value!r}, expected a name such as Asia/Shanghai, or nothing") from e

    @field_validator("webhook_url")
    @classmethod
    def _webhook(cls, value: str) -> str:
        if value and not is_safe_url(value):
            raise ValueError("expected https://host/path, or http:// on loopback, without user, password or fragment")
        return value

    @model_validator(mode="after")
    def _webhook_is_signed(self) -> Self:
        if self.webhook_url and len(self.webhook_secret.get_secret_value()) < SECRET_LENGTH:
            raise ValueError(f"CDSS_WEBHOOK_URL needs CDSS_WEBHOOK_SECRET of at least {SECRET_LENGTH} characters")
        return self

    @model_validator(mode="after")
    def _open_only_at_home(self) -> Self:
        if self.auth == "off" and not is_loopback(self.host):
            raise ValueError(f"CDSS_AUTH=off serves loopback only, found CDSS_HOST={self.host}; use 127.0.0.1")
        return self

    @property
    def state(self) -> Path:
        """CDSS_HOME with ~ expanded."""
        return self.home.expanduser()

    @property
    def database(self) -> str:
        """The database's URL, with the default filled in and PostgreSQL's driver named."""
        if not self.database_url:
            return f"sqlite:///{self.state / 'cdss.sqlite'}"
        return re.sub(r"^postgres(ql)?://", "postgresql+psycopg://", self.database_url)

    @classmethod
    def settings_customise_sources(
        cls, settings_cls: type[BaseSettings], *sources: PydanticBaseSettingsSource, **named: PydanticBaseSettingsSource
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Explicit values win over the environment, the environment over the file."""
        ordered = [*sources, *(named[name] for name in ("init_settings", "env_settings") if name in named)][:2]
        return (*ordered, TomlConfigSettingsSource(settings_cls, toml_file=config_file()))


def is_loopback(host: str) -> bool:
    """True for localhost and loopback addresses."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def is_safe_url(url: str) -> bool:
    """True for https, and for http to this machine; what is posted there holds patient data."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    if not host or not url.isascii() or re.search(r"[\s\\]", url) or parts.username is not None or parts.fragment:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host))


def config_file() -> Path | None:
    """The file CDSS_CONFIG names, if it names one; ConfigError if that file is not there."""
    name = os.environ.get(FILE)
    if not name:
        return None
    path = Path(name).expanduser()
    if not path.is_file():
        raise ConfigError(f"{FILE}: found no file {path}; create it or unset {FILE}")
    return path


def settings(**explicit: object) -> Settings:
    """The settings in force. ConfigError names every setting that cannot be used."""
    _no_unknown_variables()
    try:
        return Settings(**explicit)  # type: ignore[arg-type]
    except ValidationError as e:
        raise ConfigError("\n".join(_fault(error["loc"], error["msg"]) for error in e.errors())) from e
    except tomllib.TOMLDecodeError as e:
        raise ConfigError(f"{config_file()}: not TOML: {e}") from e


def origin(name: str) -> str:
    """Where the value of one setting came from: environment, file or default."""
    if PREFIX + name.upper() in os.environ:
        return "environment"
    path = config_file()
    if path and name in tomllib.loads(path.read_text(encoding="utf-8")):
        return str(path)
    return "default"


def _fault(location: tuple[int | str, ...], message: str) -> str:
    where = PREFIX + str(location[0]).upper() if location else "settings"
    return f"{where}: {message}; see `cdss config explain`"


def _no_unknown_variables() -> None:
    known = {PREFIX + name.upper() for name in Settings.model_fields} | {FILE}
    unknown = sorted(name for name in os.environ if name.startswith(PREFIX) and name not in known)
    if unknown:
        raise ConfigError(f"found unknown {', '.join(unknown)}; known settings are in `cdss config explain`")
