"""How sharp a reconstruction kernel is, by its maker's name for it. Written from memory: needs clinical review."""

import re

SMOOTH, UNKNOWN, SHARP = 0, 1, 2

NAMES = (  # the first that matches tells
    (re.compile(r"^(LUNG|BONE|EDGE|DETAIL|ULTRA|CHST|HD\s?LUNG)", re.I), SHARP),  # GE
    (re.compile(r"^(STANDARD|STD|SOFT|SMOOTH)", re.I), SMOOTH),  # GE
    (re.compile(r"^(YA|YB|YC|L|E)$", re.I), SHARP),  # Philips
    (re.compile(r"^(A|B|C|UA|UB|UC)$", re.I), SMOOTH),  # Philips
    (re.compile(r"^FC(5\d|3\d|8\d)", re.I), SHARP),  # Canon
    (re.compile(r"^FC(0?\d|1\d)$", re.I), SMOOTH),  # Canon
)
NUMBERED = re.compile(r"^[BIHJTUQ][A-Z]?(\d\d)", re.I)  # Siemens, United Imaging: B30f, Br40d, I50f
SHARP_FROM = 50


def sharpness(kernel: str) -> int:
    """SMOOTH, SHARP, or UNKNOWN where the name tells nothing."""
    name = kernel.strip().split(" ")[0]
    if numbered := NUMBERED.match(name):
        return SHARP if int(numbered[1]) >= SHARP_FROM else SMOOTH
    return next((rank for pattern, rank in NAMES if pattern.match(name)), UNKNOWN)
