"""Example requests for the order page and the demo, one JSON file each. The patients are synthetic."""

from pathlib import Path

from cdss.rules.alert import Text

FOLDER = Path(__file__).parent
TITLES = {
    "bleeding": Text("华法林 + 布洛芬", "warfarin + ibuprofen"),
    "kidney": Text("二甲双胍，eGFR 25", "metformin, eGFR 25"),
    "allergy": Text("青霉素过敏 + 阿莫西林", "penicillin allergy + amoxicillin"),
    "fhir": Text("FHIR：辛伐他汀 + 克拉霉素", "FHIR: simvastatin + clarithromycin"),
}


def body(name: str) -> str:
    """An example as the text of the request; the first one if there is none of that name."""
    chosen = name if name in TITLES else next(iter(TITLES))
    return (FOLDER / f"{chosen}.json").read_text(encoding="utf-8")
