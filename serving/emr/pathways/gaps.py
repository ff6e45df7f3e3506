"""The CDS Hooks service `pathway-gaps`: on opening a chart, what a pathway asks for next and what is overdue."""

import time
from typing import Any

import msgspec

from cdss.rules.engine import Review, evaluate
from cdss.rules.facts import Facts
from cdss.serving.emr import records
from cdss.serving.emr.asked import Asked, Notes
from cdss.serving.emr.desk import Desk, since
from cdss.serving.emr.fhir.patient import patient
from cdss.serving.emr.hooks import facts as hook_facts
from cdss.serving.emr.hooks.types import HookRequest
from cdss.serving.emr.pathways.cards import cards, grouped
from cdss.serving.emr.pathways.facts import with_chart
from cdss.serving.emr.pathways.nodules import nodules
from cdss.serving.emr.patient.derived import derived
from cdss.serving.platform.language import Lang


async def answer(desk: Desk, request: HookRequest, lang: Lang) -> dict[str, Any]:
    """The cards of patient-view: emergencies alone, everything else gathered in a few."""
    started = time.perf_counter()
    asked = chart_asked(request, desk)
    review = _with_nodules(desk, desk.review(asked), asked)
    titles = {id: compiled.rule.title for id, compiled in desk.pack.rules.items()}
    found = grouped(review, titles, request.hook_instance)
    rows = records.card_rows(((group.uuid, group.alerts[0]) for group in found), "pathway-gaps")
    desk.record(asked.facts.patient.id, review, "pathway-gaps", since(started), rows)
    return {"cards": cards(review, found, request.hook_instance, lang)}


def chart_asked(request: HookRequest, desk: Desk) -> Asked:
    """The facts of an opened chart. A list that was sent only in part does not say what it lacks."""
    notes, today = Notes(), desk.clock()
    chart, told = hook_facts.prefetched(request, notes)
    person = derived(patient(chart, desk.pack, today, told), today)
    chart.close()
    return Asked(with_chart(Facts(person, (), today), chart, told), notes)


def _with_nodules(desk: Desk, review: Review, asked: Asked) -> Review:
    """The review with what is advised for each lung nodule the diagnoses describe.

    What a rule has said aloud (no result on record) is not said again as something unknown.
    """
    found = [evaluate(desk.pack, facts) for facts in nodules(asked.facts)]
    alerts = (*review.alerts, *(alert for one in found for alert in one.alerts if alert.kind != "data"))
    said = {alert.rule for alert in alerts}
    unknown = dict.fromkeys((*review.unknown, *(unknown for one in found for unknown in one.unknown)))
    return msgspec.structs.replace(review, alerts=alerts, unknown=tuple(one for one in unknown if one.rule not in said))
