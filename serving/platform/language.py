"""Which language to answer in, and picking the right words."""

from typing import Literal

from cdss.rules.alert import Text

Lang = Literal["zh", "en"]


def pick(text: Text, lang: Lang) -> str:
    """The words in that language."""
    return text.zh if lang == "zh" else text.en


def chosen(asked: str | None, accept_language: str | None, default: Lang) -> Lang:
    """What the request asks for, else the first of zh and en in Accept-Language, else the site's default."""
    for tag in (asked or "", *(part.split(";")[0].strip() for part in (accept_language or "").split(","))):
        match tag.casefold().split("-")[0]:
            case "zh":
                return "zh"
            case "en":
                return "en"
    return default
