"""Bundles of FHIR R4: the answer to a search, and what is posted to the webhook."""

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlencode

from cdss.serving.population.outreach.core.reminder import named
from cdss.serving.population.outreach.fhir.words import Resource, filled


def searchset(
    base: str, kind: str, found: Sequence[Resource], total: int | None, asked: dict[str, str], after: str
) -> Resource:
    """One page of a search. `base` ends with a slash; `asked` are the parameters that were used; `after` is where the
    next page begins, empty on the last one; `total` None where it is not counted."""
    where = f"{base}{kind}"
    links = [{"relation": "self", "url": _url(where, asked)}]
    if after:
        links.append({"relation": "next", "url": _url(where, {**asked, "_after": after})})
    entries = [{"fullUrl": f"{where}/{one['id']}", "resource": one, "search": {"mode": "match"}} for one in found]
    body = filled({"resourceType": "Bundle", "type": "searchset", "link": links, "entry": entries})
    return body if total is None else {**body, "total": total}


def collection(resources: Sequence[Resource], now: datetime) -> Resource:
    """What is told together; a receiver knows each resource by its identifier or id."""
    entries = [{"fullUrl": f"urn:uuid:{named(one['resourceType'], one['id'])}", "resource": one} for one in resources]
    body = {"resourceType": "Bundle", "type": "collection", "timestamp": now.isoformat(timespec="seconds")}
    return filled({**body, "entry": entries})


def _url(where: str, asked: dict[str, str]) -> str:
    return f"{where}?{urlencode(asked)}" if asked else where
