"""A small chart as SVG: axes, lines, bands, dots and bars, labelled in both languages. Colours: Okabe and Ito."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from html import escape

from cdss.evaluation.report import Points
from cdss.models.card import Text

WIDTH, HEIGHT = 440, 340
LEFT, RIGHT, TOP, BOTTOM = 58, 22, 12, 46
BLUE, VERMILLION, GREEN, ORANGE, PURPLE, SKY, BLACK, GREY = (
    "#0072b2", "#d55e00", "#009e73", "#e69f00", "#cc79a7", "#56b4e9", "#000000", "#767676",
)  # fmt: skip
STYLES = (  # of the model's line, then of its baselines': colour and dashes, so that paper tells them apart too
    (BLUE, ""), (VERMILLION, "7 3"), (GREEN, "2 3"), (ORANGE, "9 3 2 3"), (PURPLE, "5 2"), (SKY, "1 3"),
    (BLACK, "12 4"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Axis:
    """From `low` to `high`; `percent` writes 0.05 as 5 %."""

    low: float
    high: float
    label: Text
    percent: bool = True

    def ticks(self) -> list[float]:
        """Four to eight round values within."""
        step = next(each for each in _steps() if (self.high - self.low) / each <= 7)
        first, last = math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9)
        return [number * step for number in range(first, last + 1)]

    def write(self, value: float) -> str:
        """A tick's label."""
        return (f"{100 * value:.3g}%" if self.percent else f"{value:.3g}").replace("-", "\N{MINUS SIGN}")


@dataclass(frozen=True, slots=True)
class Powers(Axis):
    """An axis of powers of `base`: places are exponents, `low` and `high` too. `percent` as in Axis."""

    base: int = 10

    def ticks(self) -> list[float]:
        """Every whole exponent."""
        return [float(each) for each in range(math.ceil(self.low), math.floor(self.high) + 1)]

    def place(self, value: float) -> float:
        """The exponent; what is below the axis, nought too, lies at its lower end."""
        return max(self.low, math.log(value, self.base)) if value > 0 else self.low

    def write(self, value: float) -> str:
        """`1/8`, `4`, `0.1%`."""
        if self.percent:
            return f"{100 * self.base**value:.3g}%"
        return f"{self.base**value:.0f}" if value >= 0 else f"1/{self.base**-value:.0f}"


@dataclass(slots=True)
class Chart:
    """Parts are added in the order in which they are painted; what lies outside the axes is cut off."""

    title: Text
    x: Axis
    y: Axis
    height: int = HEIGHT
    tick_y: bool = True
    parts: list[str] = field(default_factory=list)

    def line(self, points: Points, colour: str, dashes: str = "", width: float = 2) -> None:
        """A polyline."""
        places = " ".join(f"{self._x(x)},{self._y(y)}" for x, y in zip(points.x, points.y, strict=True))
        dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
        self.parts.append(
            f'<polyline points="{places}" fill="none" stroke="{colour}" stroke-width="{width:g}"{dashed}/>'
        )

    def band(self, points: Points, colour: str) -> None:
        """Between `low` and `high`, where there are any."""
        there = list(zip(points.x, points.high, strict=True)) if points.high else []
        back = list(zip(points.x, points.low, strict=True))[::-1] if points.low else []
        places = " ".join(f"{self._x(x)},{self._y(y)}" for x, y in there + back)
        self.parts.append(f'<polygon points="{places}" fill="{colour}" fill-opacity="0.2"/>' if places else "")

    def dots(self, points: Points, colour: str) -> None:
        """Dots with their intervals upright."""
        for x, y, low, high in zip(points.x, points.y, points.low, points.high, strict=True):
            at = self._x(x)
            self.parts.append(
                f'<line x1="{at}" x2="{at}" y1="{self._y(low)}" y2="{self._y(high)}" stroke="{colour}"/>'
                f'<circle cx="{at}" cy="{self._y(y)}" r="3" fill="{colour}"/>'
            )

    def bars(self, edges: Sequence[float], heights: Sequence[float], colour: str) -> None:
        """From zero up or down."""
        zero = self._y(0)
        for left, right, height in zip(edges, edges[1:], heights, strict=False):
            top, low = sorted((self._y(height), zero))
            if low > top:
                self.parts.append(
                    f'<rect x="{self._x(left)}" y="{top}" width="{self._x(right) - self._x(left):.1f}" '
                    f'height="{low - top:.1f}" fill="{colour}"/>'
                )

    def svg(self) -> str:
        """The whole chart; for those who cannot see it, its title."""
        name = f"{escape(self.title.zh)} / {escape(self.title.en)}"
        inside = "".join(self.parts)
        return (
            f'<svg viewBox="0 0 {WIDTH} {self.height}" role="img" aria-label="{name}">'
            f"{self._frame()}{_window(self.height, inside)}</svg>"
        )

    def _frame(self) -> str:
        bottom = self.height - BOTTOM
        parts = [
            f'<path d="M{LEFT} {TOP}V{bottom}H{WIDTH - RIGHT}" fill="none" stroke="{GREY}"/>',
            *[self._x_tick(value, bottom) for value in self.x.ticks()],
            *[self._y_tick(value) for value in self.y.ticks() if self.tick_y],
            _label(self.x.label, (LEFT + WIDTH - RIGHT) / 2, self.height - 8, ""),
            _label(self.y.label, 14, (TOP + bottom) / 2, f' transform="rotate(-90 14 {(TOP + bottom) / 2:g})"'),
        ]
        return "".join(parts)

    def _x_tick(self, value: float, bottom: int) -> str:
        at = self._x(value)
        return (
            f'<line x1="{at}" x2="{at}" y1="{bottom}" y2="{bottom + 4}" stroke="{GREY}"/>'
            f'<text x="{at}" y="{bottom + 17}" text-anchor="middle">{self.x.write(value)}</text>'
        )

    def _y_tick(self, value: float) -> str:
        at = self._y(value)
        return (
            f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{at}" y2="{at}" stroke="{GREY}" stroke-opacity="0.2"/>'
            f'<text x="{LEFT - 5}" y="{at + 4:.1f}" text-anchor="end">{self.y.write(value)}</text>'
        )

    def _x(self, value: float) -> float:
        return round(LEFT + (value - self.x.low) / (self.x.high - self.x.low) * (WIDTH - LEFT - RIGHT), 1)

    def _y(self, value: float) -> float:
        bottom = self.height - BOTTOM
        return round(bottom - (value - self.y.low) / (self.y.high - self.y.low) * (bottom - TOP), 1)


def interval(value: float, low: float, high: float, reference: float, place: Callable[[float], float]) -> str:
    """One line of a forest plot: interval, dot, and an upright line at `reference`; `place` maps into 0 to 1."""
    left, right, dot, beside = (
        round(4 + 132 * min(max(place(each), 0), 1), 1) for each in (low, high, value, reference)
    )
    return (
        '<svg class="forest" viewBox="0 0 140 16" role="img" aria-hidden="true">'
        f'<line x1="{beside}" x2="{beside}" y1="0" y2="16" stroke="{GREY}" stroke-dasharray="2 2"/>'
        f'<line x1="{left}" x2="{right}" y1="8" y2="8" stroke="{BLUE}" stroke-width="2"/>'
        f'<circle cx="{dot}" cy="8" r="3.5" fill="{BLUE}"/></svg>'
    )


def sample(colour: str, dashes: str) -> str:
    """A piece of a line for the legend."""
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    return (
        '<svg class="sample" viewBox="0 0 34 8" aria-hidden="true">'
        f'<line x1="1" x2="33" y1="4" y2="4" stroke="{colour}" stroke-width="2.5"{dashed}/></svg>'
    )


def _window(height: int, inside: str) -> str:
    """A nested picture the size of the plot cuts off what is outside of it."""
    wide, high = WIDTH - LEFT - RIGHT, height - TOP - BOTTOM
    return (
        f'<svg x="{LEFT}" y="{TOP}" width="{wide}" height="{high}" viewBox="{LEFT} {TOP} {wide} {high}">{inside}</svg>'
    )


def _label(text: Text, x: float, y: float, more: str) -> str:
    return "".join(
        f'<text lang="{lang}" x="{x:g}" y="{y:g}" text-anchor="middle"{more}>{escape(words)}</text>'
        for lang, words in (("zh", text.zh), ("en", text.en))
    )


def _steps() -> Sequence[float]:
    return [factor * 10.0**power for power in range(-5, 6) for factor in (1, 2, 5)]
