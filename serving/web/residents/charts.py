"""Measurements over time as drawings: what the server computes so that the page needs no script and can be printed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil, floor
from typing import Any

WIDTH, HEIGHT = 320, 150  # of the drawing, px
LEFT, RIGHT, TOP, BOTTOM = 36, 40, 20, 24  # margins, px
NEAR = 0.05  # of a step: a value this near to an edge gets another step
LEAST_SPAN = 0.15  # of the greatest value: a small change shall not look like a large one
TOGETHER = (("sbp", "dbp"), ("fpg_mmol",), ("hba1c_pct",), ("weight_kg",), ("egfr",), ("ldl_mmol",))


@dataclass(frozen=True, slots=True)
class Dot:
    """One value: its place in px, and how it reads. `met`: whether it is at the target; None: there is none."""

    x: float
    y: float
    label: str
    day: str
    met: bool | None


@dataclass(frozen=True, slots=True)
class Line:
    """One measurement: `points` for a polyline, the dots, and the height of its target, if it has one."""

    name: str
    points: str
    dots: tuple[Dot, ...]
    target: float | None
    aim: str
    said: str


@dataclass(frozen=True, slots=True)
class Chart:
    """One drawing. `ticks` are heights with their numbers, `days` the first and the last day."""

    lines: tuple[Line, ...]
    ticks: tuple[tuple[float, str], ...]
    days: tuple[str, ...]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    floor: int = HEIGHT - BOTTOM


def charts(trends: Sequence[dict[str, Any]]) -> list[Chart]:
    """A drawing for each measurement that was made at least twice; both pressures share one."""
    by_name = {trend["measurement"]: trend for trend in trends if len(trend["points"]) > 1}
    groups = [[by_name[name] for name in group if name in by_name] for group in TOGETHER]
    return [_chart(group) for group in groups if group]


def _chart(trends: Sequence[dict[str, Any]]) -> Chart:
    points = [point for trend in trends for point in trend["points"]]
    aims = [trend["target"]["number"] for trend in trends if trend["target"]]
    low, high = _span([point["value"] for point in points] + aims)
    days = sorted({point["day"] for point in points})
    first, last = date.fromisoformat(days[0]).toordinal(), date.fromisoformat(days[-1]).toordinal()

    def x(day: str) -> float:
        share = (date.fromisoformat(day).toordinal() - first) / ((last - first) or 1)
        return round(LEFT + share * (WIDTH - LEFT - RIGHT), 1)

    def y(value: float) -> float:
        return round(TOP + (high - value) / (high - low) * (HEIGHT - TOP - BOTTOM), 1)

    def line(trend: dict[str, Any]) -> Line:
        dots = tuple(
            Dot(x(point["day"]), y(point["value"]), _number(point["value"]), point["day"], point["met"])
            for point in trend["points"]
        )
        aim = trend["target"]
        return Line(
            name=trend["name"],
            points=" ".join(f"{dot.x},{dot.y}" for dot in dots),
            dots=dots,
            target=y(aim["number"]) if aim else None,
            aim=f"{'<' if aim['side'] == 'below' else '≥'}{aim['number']:g}" if aim else "",
            said="; ".join(f"{point['day']}: {point['text']}" for point in trend["points"]),
        )

    ticks = tuple((y(value), _number(value)) for value in (low, high))
    return Chart(tuple(line(trend) for trend in trends), ticks, (days[0], days[-1]))


def _span(values: Sequence[float]) -> tuple[float, float]:
    """From below the least to above the greatest, on round numbers; never less than `LEAST_SPAN`."""
    low, high = min(values), max(values)
    wider = max(LEAST_SPAN * high - (high - low), 0) / 2
    low, high = low - wider, high + wider
    step = next(step for step in (0.1, 0.5, 1, 5, 10, 20, 50, 100, 500, 5000) if (high - low) / step <= 10)
    return step * floor(low / step - NEAR), step * ceil(high / step + NEAR)


def _number(value: float) -> str:
    return f"{round(value, 1 if abs(value) < 100 else 0):g}"
