"""The CDS Hooks service `patient-risk`: on opening a chart, the risk of chronic disease and the next step."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid5

from starlette.concurrency import run_in_threadpool

from cdss.rules.alert import Severity, Text
from cdss.rules.asking.words import level
from cdss.serving.emr.desk import Desk
from cdss.serving.emr.hooks import facts as hook_facts
from cdss.serving.emr.hooks.cards import INDICATOR, NAMESPACE, escaped, source
from cdss.serving.emr.hooks.types import HookRequest
from cdss.serving.emr.simple.answer import NEEDS_REVIEW, NOTICE
from cdss.serving.platform.audit import entry
from cdss.serving.platform.language import Lang, pick
from cdss.serving.population.intake.chart_row import row
from cdss.serving.population.output.rows import reasons
from cdss.serving.population.scoring.assessment import Advice, Assessment, ModelSaid
from cdss.serving.population.scoring.clinic import Clinic

LABEL = Text("网底慢病风险", "Wangdi chronic disease risk")
TIERS = {"high": Text("高", "high"), "medium": Text("中", "medium"), "low": Text("低", "low")}
FOR_INFORMATION = Text("供参考", "For information")
NOT_AVAILABLE = Text("风险模型不可用，慢病风险未评估", "Risk models not available; risk was not assessed")
NOT_ASSESSED = Text("慢病风险未能评估", "Chronic disease risk could not be assessed")


def service(clinic: Clinic | None) -> Any:
    """The handler, for the app's table of hook services. Without a clinic it says that the models are missing."""

    async def answer(desk: Desk, request: HookRequest, lang: Lang) -> dict[str, Any]:
        if clinic is None:
            unavailable = pick(NOT_AVAILABLE, lang)
            return {"cards": [_card(request.hook_instance, unavailable, "info", [unavailable], lang)]}
        asked = hook_facts.asked(request, desk.pack, desk.clock())
        (assessment,) = await run_in_threadpool(clinic.assess, [row(asked.facts)])
        subject = desk.pseudonyms.of(asked.facts.patient.id)
        desk.behind.put({"audit": entry("check patient-view", "emr", subject, "answered", {"tier": assessment.tier})})
        return {"cards": cards(assessment, clinic.risks.titles, request.hook_instance, lang)}

    return answer


def cards(assessment: Assessment, titles: Mapping[str, Text], instance: str, lang: Lang) -> list[dict[str, Any]]:
    """A card for each thing to do, one for what is only for information, then one for the scores, or for why not."""
    found = [_advice_card(advice, instance, lang) for advice in assessment.asking]
    found += _known_card([advice for advice in assessment.advices if advice not in assessment.asking], instance, lang)
    scores = [said for said in assessment.models if said.tier != "unknown"]
    if scores:
        found.append(_scores_card(scores, titles, instance, lang))
    elif assessment.fault or not found:
        found.append(_not_assessed(assessment, instance, lang))
    return found


def _advice_card(advice: Advice, instance: str, lang: Lang) -> dict[str, Any]:
    due = f" ({advice.due.isoformat()})" if advice.due else ""
    named, summary = pick(level("pathway", advice.severity), lang), pick(advice.summary, lang)
    action = escaped(pick(advice.action, lang)) + due
    reviewed = pick(NEEDS_REVIEW, lang) if advice.review else ""
    lines = [f"**{named}** {escaped(summary)}", action, f"`{advice.rule}`{reviewed}"]
    return _card(instance + advice.rule, summary, advice.severity, lines, lang)


def _known_card(advices: list[Advice], instance: str, lang: Lang) -> list[dict[str, Any]]:
    """All that asks for nothing, on one card."""
    if not advices:
        return []
    lines = [f"{escaped(pick(a.summary, lang))} {escaped(pick(a.action, lang))} `{a.rule}`" for a in advices]
    reviewed = [pick(NEEDS_REVIEW, lang)] if any(advice.review for advice in advices) else []
    summary = f"{pick(FOR_INFORMATION, lang)}: {pick(advices[0].summary, lang)}"
    return [_card(instance + "known", summary, "info", [*lines, *reviewed], lang)]


def _scores_card(scores: list[ModelSaid], titles: Mapping[str, Text], instance: str, lang: Lang) -> dict[str, Any]:
    """Every number with its reasons; the summary names the first that is flagged."""

    def titled(said: ModelSaid) -> str:
        return pick(titles[said.model], lang)

    lines = [
        f"**{titled(said)}** (`{said.model}` {said.version}): {_number(said, lang)}"
        + (f". {escaped(reasons(said, lang))}" if said.probability is not None else "")
        for said in scores
    ]
    first = next((said for said in scores if said.flagged), scores[0])
    summary = f"{titled(first)}: {pick(TIERS[first.tier], lang)} ({_number(first, lang)})"
    return _card(instance + "scores", summary, "info", lines, lang)


def _number(said: ModelSaid, lang: Lang) -> str:
    if said.probability is not None:
        return f"{100 * said.probability:.0f} %"
    return reasons(said, lang)


def _not_assessed(assessment: Assessment, instance: str, lang: Lang) -> dict[str, Any]:
    lines = [f"{said.model}: {escaped(pick(said.why_not, lang))}" for said in assessment.models]
    faults = [escaped(assessment.fault)] if assessment.fault else []
    return _card(instance + "none", pick(NOT_ASSESSED, lang), "info", [*faults, *lines], lang)


def _card(key: str, summary: str, severity: Severity, lines: list[str], lang: Lang) -> dict[str, Any]:
    return {
        "uuid": str(uuid5(NAMESPACE, key)),
        "summary": summary[:139],
        "indicator": INDICATOR[severity],
        "detail": "\n\n".join((*lines, f"_{pick(NOTICE, lang)}_")),
        "source": source(pick(LABEL, lang), "", "pathway"),
    }
