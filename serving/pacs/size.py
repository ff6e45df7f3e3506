"""A finding's size in words: axes and attenuation where they were measured, and that it is an estimate where not."""

from cdss.rules.alert import Text
from cdss.serving.pacs.result import Finding
from cdss.serving.platform.language import Lang

ATTENUATION = {
    "solid": Text("实性", "solid"),
    "part-solid": Text("部分实性", "part-solid"),
    "ground-glass": Text("磨玻璃", "ground-glass"),
}
ESTIMATE = Text("网络估计，未能测量", "the network's estimate, not measured")
SEPARATOR = Text("，", ", ")


def words(finding: Finding, lang: Lang) -> str:
    """`7.4 mm (8.5 × 6.2), solid, 210 mm³`; empty for a finding without a size."""
    if finding.diameter_mm is None:
        return ""
    if finding.long_mm is None or finding.short_mm is None:
        return f"{finding.diameter_mm:g} mm ({getattr(ESTIMATE, lang)})"
    parts = [f"{finding.diameter_mm:g} mm ({finding.long_mm:g} × {finding.short_mm:g})"]
    if finding.attenuation:
        parts.append(getattr(ATTENUATION[finding.attenuation], lang))
    if finding.volume_mm3:
        parts.append(f"{finding.volume_mm3:g} mm³")
    return str(getattr(SEPARATOR, lang)).join(parts)
