"""Dosage forms and routes: where a medicine acts, and which of its ATC codes mean that."""

import re
from collections.abc import Iterable

SYSTEMIC = ""
# ATC groups whose medicines act where they are put (WHO ATC index 2024), by the site a form or route names.
GROUPS = {
    "eye": ("S01", "S03"),
    "ear": ("S02", "S03"),
    "nose": ("R01A",),
    "inhaled": ("R03A", "R03B", "R01A"),
    "spray": ("R03A", "R03B", "R01A", "R02", "D"),
    "skin": ("D", "M02A", "C05", "N01BX", "G01"),
    "patch": ("D", "M02A"),
    "mouth": ("A01A", "R02A"),
    "vagina": ("G01", "G02B", "G03"),
    "rectum": ("C05", "A07E", "G01", "A06AG"),
}
ALWAYS_LOCAL = ("eye", "ear", "mouth", "vagina")  # the others only for an ingredient with a code of that site
ROUTES = {
    "top": "skin", "oph": "eye", "otic": "ear", "nas": "nose", "inh": "inhaled", "pv": "vagina", "pr": "rectum",
    "td": "patch",
}  # fmt: skip
LOCAL_KINDS = ("local", "inhaled")  # of products whose names say no form
_LOCAL = re.compile(r"S0[123]|D(?!01B|05B|10B|11AH0[58])|R01A|R02|R03[AB]|M02A|A01A|C05A|C05B|G01|A07A")


class Forms:
    """The words for forms, longest first."""

    def __init__(self, sites: dict[str, str]) -> None:
        self.sites = sites
        self.longest = max(map(len, sites), default=0)
        local = sorted((word for word, site in sites.items() if site), key=len, reverse=True)
        self._chinese = re.compile("|".join(re.escape(word) for word in local if not word.isascii()) or "(?!)")
        self._english = re.compile("|".join(rf"\b{re.escape(word)}\b" for word in local if word.isascii()) or "(?!)")

    def site(self, folded: str) -> str:
        """Where the form named in the text acts; SYSTEMIC if no local form is named."""
        found = self._chinese.search(folded) or self._english.search(folded)
        return self.sites[found[0]] if found else SYSTEMIC

    def without_suffix(self, folded: str) -> str | None:
        """The text without the longest form at its end; None if none stands there."""
        for length in range(min(self.longest, len(folded) - 1), 0, -1):
            if folded[-length:] in self.sites:
                return folded[:-length].strip()
        return None

    def without_prefix(self, folded: str) -> str | None:
        """The text without the longest form at its beginning (注射用, 吸入用, 外用); None if none stands there."""
        for length in range(min(self.longest, len(folded) - 2), 1, -1):
            if folded[:length] in self.sites:
                return folded[length:].strip()
        return None


def is_local(site: str, codes: Iterable[str]) -> bool:
    """Whether a medicine with these ATC codes acts only where it is put, in a form for this site.

    A patch of fentanyl or a nasal spray of desmopressin acts on the whole body: neither has a code of that site.
    """
    if site in ALWAYS_LOCAL:
        return True
    return site != SYSTEMIC and any(code.startswith(GROUPS[site]) for code in codes)


def fitting(site: str, local: bool, codes: tuple[str, ...]) -> tuple[str, ...]:
    """The codes that mean this form; all of them if none does."""
    if local and site:
        kept = tuple(code for code in codes if code.startswith(GROUPS[site]))
    elif local:
        kept = tuple(code for code in codes if _LOCAL.match(code))
    else:
        kept = tuple(code for code in codes if not _LOCAL.match(code))
    return kept or codes


def local_code(code: str) -> bool:
    """Whether the code itself means a local form: S01ED01 does, C07AA06 does not."""
    return bool(_LOCAL.match(code))
