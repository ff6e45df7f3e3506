"""The words of a text, from templates that doctors write (texts.yaml, or the site's own file)."""

import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import msgspec
import yaml

from cdss.rules.alert import Text
from cdss.serving.platform.config import ConfigError
from cdss.serving.platform.language import Lang, pick

OURS = Path(__file__).with_name("texts.yaml")
FIELDS = {"by_date": {"date"}, "soon": set(), "to_doctor": {"resident"}}
FIELD = re.compile(r"{(\w*)}")
DIGIT = re.compile(r"\d")


class Texts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`state` says whether doctors have reviewed the words."""

    state: str
    dated: date
    texts: Mapping[str, Text]

    def resident(self, due: date, today: date, lang: Lang) -> str:
        """To a resident, who is told a date and nothing else."""
        if due <= today:
            return pick(self.texts["soon"], lang)
        return pick(self.texts["by_date"], lang).replace("{date}", _day(due, lang))

    def doctor(self, resident_id: str, lang: Lang) -> str:
        """To the doctor of a resident, an emergency."""
        return pick(self.texts["to_doctor"], lang).replace("{resident}", resident_id)


def read(path: Path | None = None) -> Texts:
    """The templates. ConfigError if the file lacks one, or if a text says more than it may."""
    path = path or OURS
    try:
        found = msgspec.convert(yaml.safe_load(path.read_text(encoding="utf-8")), Texts)
    except (OSError, yaml.YAMLError, msgspec.ValidationError, UnicodeDecodeError) as e:
        raise ConfigError(
            f"{path.name}: cannot be read as texts of reminders: {type(e).__name__}; see texts.yaml"
        ) from e
    if found.texts.keys() != FIELDS.keys():
        raise ConfigError(f"{path.name}: found {', '.join(found.texts)}; expected {', '.join(FIELDS)}")
    for name, text in found.texts.items():
        for words in (text.zh, text.en):
            _check(path.name, name, words)
    return found


def _check(file: str, name: str, words: str) -> None:
    if set(FIELD.findall(words)) != FIELDS[name]:
        wanted = " ".join(f"{{{field}}}" for field in FIELDS[name]) or "no field in braces"
        raise ConfigError(f"{file}: {name}: expected {wanted}")
    if DIGIT.search(words):
        raise ConfigError(f"{file}: {name}: found a digit; a text carries no value and no number but the date")


def _day(day: date, lang: Lang) -> str:
    return f"{day.year}年{day.month}月{day.day}日" if lang == "zh" else f"{day.day} {day:%B %Y}"
