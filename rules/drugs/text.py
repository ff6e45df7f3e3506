"""Names as people type them, brought to one spelling; and strengths and pack sizes taken out of them."""

import re
import unicodedata

# Characters written in several ways for the same word, and signs that say nothing.
SAME = str.maketrans(
    {"䓬": "卓", "噁": "恶", "黏": "粘", "甙": "苷", "銀": "银", "®": "", "©": "", "·": "", "—": "-", "–": "-"}
)
CJK = r"\u3400-\u9fff"
_BLANK_IN_CHINESE = re.compile(rf"(?<=[{CJK}])\s+(?=[{CJK}])")

UNIT = (
    r"(?:mg|g|kg|ug|μg|µg|mcg|ng|ml|l|dl|iu|miu|u|ku|unt|units?|万单位|万u|万iu|单位|国际单位|%|mmol|meq|mol|毫克|克|微克|毫升|升"
    r"|actuat|hr|hour|h|cm2|cm|mci|kbq)(?![a-z])"
)
PACK = r"(?:片|粒|支|袋|瓶|盒|板|丸|贴|枚|揿|喷|吸|包|只|(?:s|t|tablets?|capsules?)(?![a-z]))"
NUMBER = r"\d[\d,]*(?:\.\d+)?"
STRENGTH = re.compile(
    rf"(?<![a-z\d.α-ω-])(?:{NUMBER}\s*/\s*)*{NUMBER}\s*(?:{UNIT}|{PACK})"
    rf"(?:\s*[:/*x×+~-]\s*(?:{NUMBER}\s*)?(?:{UNIT}|{PACK})?)*"
    rf"|[*x×]\s*{NUMBER}\s*(?:{PACK})?(?:\s*/\s*{PACK})?"
)
_BRACKET = re.compile(r"[(\[{<【〔]([^()\[\]{}<>【】〔〕]*)[)\]}>】〕]")
_EDGES = " ,;:*-/.+、，。"


def fold(text: str) -> str:
    """One spelling: half width, lower case, one blank at most, none between Chinese characters."""
    folded = unicodedata.normalize("NFKC", text.replace("™", "")).casefold().translate(SAME)
    return _BLANK_IN_CHINESE.sub("", " ".join(folded.split()))


def without_strength(folded: str) -> str:
    """The name without "0.25g*24片", "10mg:2ml", "5 mg"; numbers that belong to the name ("维生素b12") stay."""
    return fold(STRENGTH.sub(" ", folded)).strip(_EDGES)


def outside_brackets(folded: str) -> str:
    """What stands outside all brackets."""
    return fold(_BRACKET.sub(" ", folded)).strip(_EDGES)


def inside_brackets(folded: str) -> list[str]:
    """What stands in each bracket."""
    return [part.strip(_EDGES) for part in _BRACKET.findall(folded)]


def is_chinese(folded: str) -> bool:
    """Whether any character is Chinese."""
    return any("\u3400" <= character <= "\u9fff" for character in folded)
