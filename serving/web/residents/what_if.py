"""What if: the resident scored again with other values, beside the values on record. A calculation; nothing is kept."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from cdss.rules.alert import Text
from cdss.serving.platform.errors import BadInput
from cdss.serving.platform.http import language
from cdss.serving.platform.language import Lang, pick
from cdss.serving.population.output.told import told
from cdss.serving.population.scoring.assessment import Assessment
from cdss.serving.population.worklist import routes as worklist
from cdss.serving.web.residents import one
from cdss.serving.web.residents.controls import read, row
from cdss.serving.web.residents.shown import in_print, said
from cdss.serving.web.view import not_found, page

NOT_AVAILABLE = Text(
    "风险模型不可用；请运行 cdss model verify。", "the risk models are not available; run `cdss model verify`"
)


@said
async def what_if(request: Request) -> Response:
    """POST /residents/{id}/what-if: the answer alone for htmx, the whole page for a browser without script."""
    state = request.app.state
    entry, visits = await run_in_threadpool(worklist.one, state.engine, request.path_params["id"])
    if entry is None:
        return not_found(request)
    form = {name: str(value) for name, value in (await request.form(max_files=0, max_fields=30)).items()}
    answer = await run_in_threadpool(_answer, state, entry.assessment, form, language(request, state.settings.lang))
    status = 422 if answer["fault"] else 200
    if request.headers.get("hx-request"):
        return page(request, "residents/what_if.html", status, answer=answer, titles=worklist.ward_of(state).titles)
    return one.shown(request, entry, visits, answer, form, status)


def _answer(state: Any, assessment: Assessment, form: Mapping[str, str], lang: Lang) -> dict[str, Any]:
    try:
        now, then = scored(state, assessment, form)
    except BadInput as e:
        return {"fault": pick(e.text, lang)}
    found: dict[str, Any] = in_print(compared(now, then, lang))
    return found | {"fault": then.fault}


def scored(state: Any, assessment: Assessment, form: Mapping[str, str]) -> tuple[Assessment, Assessment]:
    """The resident with the values on record and with those of the form, both as if measured today. BadInput."""
    if state.clinic is None:
        raise BadInput(NOT_AVAILABLE, status=503)
    changed, today = read(form), state.desk.clock()
    rows = [row(assessment, {}, "now", today.isoformat()), row(assessment, changed, "then", today.isoformat())]
    now, then = replace(state.clinic, clock=lambda: today).assess(rows, counted=False)
    return now, then


def compared(now: Assessment, then: Assessment, lang: Lang) -> dict[str, Any]:
    """Tier, numbers and advice of both; advice that would go, and that would come."""
    before, after = told(now, lang), told(then, lang)
    had, would_have = ({_matter(advice) for advice in side["advices"]} for side in (before, after))
    return {
        "tiers": (now.tier, then.tier),
        "models": [
            {"model": was["model"], "now": _number(was), "then": _number(would), "points": was["points"] is not None}
            for was, would in zip(before["models"], after["models"], strict=True)
            if was["tier"] != "unknown" or would["tier"] != "unknown"
        ],
        "gone": [advice for advice in before["advices"] if _matter(advice) not in would_have],
        "come": [advice for advice in after["advices"] if _matter(advice) not in had],
    }


def _matter(advice: dict[str, Any]) -> tuple[str, str]:
    return advice["rule"], advice["action"]


def _number(said: dict[str, Any]) -> float | None:
    """Points as they are, a probability in percent."""
    if said["points"] is not None:
        return float(said["points"])
    return None if said["probability"] is None else 100 * float(said["probability"])
