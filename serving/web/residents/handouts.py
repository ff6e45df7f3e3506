"""What a resident takes home: the numbers with their aims, the next steps, what helps, when to come at once.

The words are those of `handout.yaml`: plain, and only those that concern this resident.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from cdss.models.resident import RESIDENT
from cdss.rules.alert import Text
from cdss.serving.platform.http import language
from cdss.serving.platform.language import Lang, pick
from cdss.serving.population.output.listed import Ward
from cdss.serving.population.output.targets import Target, targets
from cdss.serving.population.scoring.words import UNITS, rounded
from cdss.serving.population.worklist import routes as worklist
from cdss.serving.population.worklist import store
from cdss.serving.population.worklist.store import Entry, Visit
from cdss.serving.web.residents.shown import in_print, said
from cdss.serving.web.view import not_found, page

FILE = Path(__file__).with_name("handout.yaml")
AT_ONCE = 100  # handouts printed together


class Point(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A sentence, and whom it concerns: a measurement not at its target, or a column that is true; or everyone."""

    when: tuple[str, ...]
    zh: str
    en: str


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole of `handout.yaml`."""

    names: dict[str, Text]
    steps: dict[str, Text]
    any_step: Text
    points: tuple[Point, ...]
    at_once: tuple[Point, ...]


@lru_cache(maxsize=1)
def words() -> Words:
    """The words. msgspec.ValidationError if the file says something else."""
    return msgspec.yaml.decode(FILE.read_bytes(), type=Words)


@said
async def handout(request: Request) -> Response:
    """GET /residents/{id}/handout: one page to print."""
    state = request.app.state
    entry, visits = await run_in_threadpool(worklist.one, state.engine, request.path_params["id"])
    return not_found(request) if entry is None else _page(request, [(entry, visits)])


@said
async def handouts(request: Request) -> Response:
    """GET /residents/handouts: those of the residents that the filters of the list ask for, a page each."""
    state = request.app.state
    found, _ = await run_in_threadpool(worklist.page, state, request.query_params, AT_ONCE)
    entries = found.entries
    return _page(request, await run_in_threadpool(_with_visits, state.engine, entries))


def _with_visits(engine: Any, entries: list[Entry]) -> list[tuple[Entry, list[Visit]]]:
    with engine.connect() as connection:
        return [(entry, store.visits(connection, entry.assessment.id)) for entry in entries]


def _page(request: Request, residents: list[tuple[Entry, list[Visit]]]) -> Response:
    ward, lang = worklist.ward_of(request.app.state), language(request, request.app.state.settings.lang)
    told = [in_print(told_to(entry, visits, ward, lang)) for entry, visits in residents]
    return page(request, "residents/handout.html", residents=told, today=ward.today.isoformat())


def told_to(entry: Entry, visits: list[Visit], ward: Ward, lang: Lang) -> dict[str, Any]:
    """What is said to one resident."""
    assessment, text = entry.assessment, words()
    held = targets(assessment, ward.pack)
    latest = _latest(visits)
    concerns = {"everyone", *(name for name, value in assessment.record.items() if value is True)}
    concerns |= {name for name, (_, value) in latest.items() if name in held and not held[name].met(value)}
    return {
        "id": assessment.id,
        "village": assessment.village,
        "doctor": assessment.doctor,
        "numbers": list(_numbers(latest, held, lang)),
        "steps": list(dict.fromkeys(_steps(entry, lang))),
        "points": _sentences(text.points, concerns, lang),
        "at_once": _sentences(text.at_once, concerns, lang),
    }


def _latest(visits: list[Visit]) -> dict[str, tuple[str, float]]:
    """The last value of each measurement with its day."""
    return {name: (visit.day.isoformat(), value) for visit in visits for name, value in visit.found.items()}


def _numbers(
    latest: Mapping[str, tuple[str, float]], held: Mapping[str, Target], lang: Lang
) -> Iterator[dict[str, Any]]:
    for name, title in words().names.items():
        if name in latest:
            (day, value), target, unit = latest[name], held.get(name), RESIDENT[name].unit
            yield {
                "name": pick(title, lang),
                "value": f"{rounded(value)} {UNITS.get(unit, unit)}",
                "day": day,
                "target": target,
                "met": target.met(value) if target else None,
            }


def _steps(entry: Entry, lang: Lang) -> Iterator[str]:
    """The next steps in plain words, those with a day first; what has neither a day nor words is the doctor's alone."""
    for item in entry.open:
        other = words().any_step if item.due and item.advice.severity != "info" else None
        plain = words().steps.get(item.advice.rule, other)
        if plain and (item.due or "{day}" not in plain.en):
            yield pick(plain, lang).format(day=item.due)


def _sentences(points: tuple[Point, ...], concerns: set[str], lang: Lang) -> list[str]:
    return [point.zh if lang == "zh" else point.en for point in points if not concerns.isdisjoint(point.when)]
