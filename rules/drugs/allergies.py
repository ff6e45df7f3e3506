"""Entries of an allergy list as people type them: to what they are, if to anything.

Three ways, the first that understands decides: the entry names one thing (青霉素过敏史, Allergy to penicillin),
several things (青霉素、头孢), or things inside a sentence (注射青霉素后出现皮疹): there an alarm too many is better
than one too few. A denial (否认药物过敏史, 青霉素皮试阴性) is understood as no allergy. Where a sentence says "not"
otherwise, or tells of a treatment, it is left unread, and shown as such.
"""

import re

from cdss.rules.drugs.text import fold, outside_brackets

LONGEST_ENTRY = 300  # characters read of one entry
_ALLERGIC = re.compile(
    r"^(?:对|allerg(?:y|ic) to )|\s*(?:allergy|intolerance|\((?:substance|organism|disorder|finding|product)\))$"
    r"|(?:类?(?:药物|药|抗生素)?(?:过敏史?|过敏反应|不耐受|皮试阳性|皮试\(\+\)))$"
)
_SEVERAL = re.compile(
    r"[、，,；;。/+&和及与\n]|(?<=[\u3400-\u9fff)）])\s+|但|\b(?:and|but)\b|(?:药物|食物|其他|其它)?(?:过敏史?|过敏)?[:：]"
)
_DENIED = re.compile(
    r"(?:否认|无|未发现|未见|没有|不存在)[^，,；;。]*(?:过敏|不良反应)(?:史|反应|情况)?"
    r"|[^，,；;。]*(?:阴性|\(-\)|不过敏|无过敏(?:史|反应)?)"
    r"|(?:no|denies|denied|without)\b[^,;.]*\b(?:allerg(?:y|ies|ic)|reactions?)(?: to [^,;.]*)?|not allergic to [^,;.]*"
)
_ALLERGY = re.compile(r"过敏|不良反应|皮试|\ballerg|\breaction")
# denied and told in one
_MIXED = re.compile(r"阳性|\(\+\)|(?<!没)有|但|除|仅|只|\b(?:but|except|other|only|reports?|has)\b")
_DOUBTFUL = re.compile(
    r"否认|无|未|没|阴性|不过敏|(?<!不)耐受|治疗|缓解|好转|\b(?:no|not|denie[sd]|without|negative|tolera\w+|treated)\b"
)
_REACTION = re.compile(
    r"(?:出现|引起|全身|轻度|重度|严重|过敏性|血管性|喉头|恶心|呕吐|皮疹|药疹|荨麻疹|风团|瘙痒|红斑|休克|水肿|哮喘|呼吸困难|发热|头晕|胸闷|后)+"
    r"|(?:rash|hives|urticaria|itching|anaphylaxis|shock|swelling|angioedema|nausea|vomiting|dyspnoea|fever)"
)


def entries(text: str) -> list[str]:
    """What an entry lists, each by itself; what only tells of the reaction left out."""
    parts = (part.strip() for part in _SEVERAL.split(text[:LONGEST_ENTRY]))
    return [part for part in parts if part and not _REACTION.fullmatch(fold(part))]


def denied(text: str) -> bool:
    """Whether the entry says that there is no such allergy, and nothing else."""
    folded = fold(text[:LONGEST_ENTRY])
    alone = len(_ALLERGY.findall(folded)) <= 1 and not _MIXED.search(folded)
    return alone and bool(_DENIED.fullmatch(folded))


def wordings(text: str) -> tuple[str, ...]:
    """What the allergy is to: the words of the allergy taken off, then what stands in brackets too."""
    named = fold(text[:LONGEST_ENTRY])
    for _ in range(3):
        named = _ALLERGIC.sub("", named).strip()
    return tuple(dict.fromkeys((named, outside_brackets(named))))


def doubtful(text: str) -> bool:
    """Whether the text says "not" or tells of a treatment, so that what it names may be no allergy."""
    return bool(_DOUBTFUL.search(fold(text[:LONGEST_ENTRY])))
