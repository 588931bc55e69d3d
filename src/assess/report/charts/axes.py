"""The axes of a still chart: from values to places, ticks at round numbers, dates and decades, and room for words.

The widths of words are taken as those of a wide font, so that other fonts find room, too.
"""

from __future__ import annotations

import datetime as dt
import html
import math
from collections.abc import Callable
from typing import Any, NamedTuple

from assess.core.numbers import GAP
from assess.report.prose import letters

from .drawing import EM
from .elements import Plot

STEPS = (1.0, 2.0, 5.0, 10.0)
"""Leading digits of the distance between two ticks."""


class Axis(NamedTuple):
    """From a value to a place.

    Parameters
    ----------
    low, high
        Values at the start and the end, their logarithms on a logarithmic axis.
    start, end
        Places, CSS pixels.
    ticks
        Values and words of the ticks.
    values
        Turns what a trace holds into a number.
    """

    low: float
    high: float
    start: float
    end: float
    ticks: tuple[tuple[float, str], ...]
    values: Callable[[Any], float]

    def at(self, value: Any) -> float:
        """Return the place of what a trace holds."""
        return self.to(self.values(value))

    def to(self, number: float) -> float:
        """Return the place of a number of this axis."""
        return self.start + (number - self.low) / ((self.high - self.low) or 1.0) * (self.end - self.start)


def even_ticks(low: float, high: float, count: int, axis: Plot) -> list[tuple[float, str]]:
    """Ticks at round numbers."""
    step = float(axis.get("dtick", 0)) or _step((high - low) / max(1, count))
    first = math.ceil(low / step - 1e-9)
    places = [n * step for n in range(first, math.floor(high / step + 1e-9) + 1)]
    return [(place, _tick_text(place, axis, step)) for place in places]


def _step(width: float) -> float:
    scale = 10.0 ** math.floor(math.log10(width or 1.0))
    return next(step for step in STEPS if step * scale >= width * 0.999) * scale


def decade_ticks(low: float, high: float, _: int, axis: Plot) -> list[tuple[float, str]]:
    """Ticks at powers of ten; at 2 and 5 as well where there are fewer than three."""
    powers = range(math.floor(low), math.ceil(high) + 1)
    some = [n for n in powers if low <= n <= high]
    digits = (1,) if len(some) >= 3 else (1, 2, 5)
    places = [(math.log10(digit) + n, digit * 10.0**n) for n in powers for digit in digits]
    return [(place, _tick_text(value, axis, value)) for place, value in places if low <= place <= high]


def date_ticks(low: float, high: float, count: int, _: Plot) -> list[tuple[float, str]]:
    """Ticks at whole weeks, or at the first of a month where there are many."""
    if high - low > 60:
        first, last = dt.date.fromordinal(math.ceil(low)), dt.date.fromordinal(math.floor(high))
        months = [
            dt.date(n // 12, n % 12 + 1, 1)
            for n in range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
        ]
        months = [month for month in months if first <= month <= last]
        return [
            (float(m.toordinal()), f"{m:%b %Y}") for m in months[:: max(1, math.ceil(len(months) / count))]
        ]
    step = max(
        1, math.ceil((high - low) / count / 7) * 7 if high - low > 14 else math.ceil((high - low) / count)
    )
    days = range(math.ceil(low), math.floor(high) + 1, step)
    return [(float(day), f"{dt.date.fromordinal(day).day} {dt.date.fromordinal(day):%b}") for day in days]


def _tick_text(value: float, axis: Plot, step: float) -> str:
    """Write a tick as the axis' format says (of plotly's formats those that `elements` uses)."""
    form, suffix = axis.get("tickformat", ""), unescaped(axis.get("ticksuffix", ""))
    if "%" in form:
        return f"{100 * value:.{0 if step >= 0.01 else 1}f}%".replace("-", "−")
    sign = "−" if value < -1e-12 else ""
    size, letter = abs(value), ""
    if form.endswith("s"):
        for scale, name in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
            if size >= scale * 0.9999:
                size, letter, step = size / scale, name, step / scale
                break
    digits = (
        max(0, -math.floor(math.log10(step or 1.0) + 1e-9)) if not float(round(size, 9)).is_integer() else 0
    )
    gap = GAP if suffix.strip() else ""  # as `quantity` writes it: 100 k€, 0 €
    return f"{sign}{size:,.{min(digits, 6)}f}{gap}{letter}{suffix if letter else suffix.lstrip()}"


def day_number(value: Any) -> float:
    """Return a date as the number of its day."""
    return (
        float(dt.date.fromisoformat(str(value)[:10]).toordinal()) if isinstance(value, str) else float(value)
    )


def axis_title(axis: Plot) -> str:
    """Return the words of an axis."""
    return unescaped(axis.get("title", {}).get("text", ""))


def unescaped(text: str) -> str:
    """Return the words that `elements.escaped` wrote for plotly; lines are broken by line feeds."""
    return html.unescape(text.replace("<br>", "\n")).replace("\u200b", "")


def text_width(text: str, size: float) -> float:
    """Return the width of a text's longest line, CSS pixels."""
    return max((letters(line) for line in text.split("\n")), default=0) * EM * size


def item_at(values: Any, place: int) -> Any:
    """Return the value of a place; one value stands for all."""
    return values[place] if isinstance(values, list | tuple) else values
