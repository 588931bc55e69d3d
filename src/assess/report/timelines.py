"""Charts along time: how long a process takes, and when work is done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate

from assess.core.numbers import quantity

from .drawing import LEGEND, Plot, escaped, marked, names, plot, rounded, rows, ticks, title
from .palette import LIGHT


def ladder(steps: Sequence[str], waits: Sequence[float], works: Sequence[float], *, unit: str = "h") -> Plot:
    """Draw a process from its first to its last minute: each step waits, then works, then the next begins.

    It is the time line below a value stream map (Rother & Shook 1999), one row a step.

    Parameters
    ----------
    waits, works
        Time before each step and in it, in ``unit``.
    """
    ends = list(accumulate(wait + work for wait, work in zip(waits, works, strict=True)))
    starts = [0.0, *ends[:-1]]
    begun = [start + wait for start, wait in zip(starts, waits, strict=True)]
    traces = [
        _spans("waiting", steps, starts, waits, "grey-pale", unit),
        _spans("working", steps, begun, works, "accent", unit),
    ]
    return plot(traces, _timed(steps, unit))


def gantt(
    tasks: Sequence[str],
    starts: Sequence[float],
    lengths: Sequence[float],
    *,
    late: Sequence[float] | None = None,
    critical: Sequence[str] = (),
    milestones: Mapping[str, float] | None = None,
    unit: str = "weeks",
) -> Plot:
    """Draw when each task is worked on, the ones that move the end in the accent.

    Parameters
    ----------
    starts, lengths
        Begin and duration of each task, in ``unit`` from the start of the plan.
    late
        End that is kept in eight of ten futures, drawn as a thin line beyond the bar.
    critical
        Tasks whose delay delays the whole plan.
    milestones
        Named points in time.
    """
    ends = [start + length for start, length in zip(starts, lengths, strict=True)]
    traces = []
    for name, chosen, colour in (
        ("on the critical path", set(critical), "accent"),
        ("with slack", set(tasks) - set(critical), "accent-mid"),
    ):
        shown = [at for at, task in enumerate(tasks) if task in chosen]
        if shown:
            labels = [names(tasks)[at] for at in shown]
            traces.append(
                _bar(name, labels, [starts[at] for at in shown], [lengths[at] for at in shown], colour, unit)
            )
    if late is not None:
        traces.append(_tail(tasks, ends, late))
    layout = _timed(tasks, unit)
    layout["yaxis"] |= {"categoryorder": "array", "categoryarray": names(tasks)}
    layout["xaxis"] |= {"rangemode": "tozero"}
    return plot(traces, marked(layout, milestones or {}))


def _spans(
    name: str, steps: Sequence[str], starts: Sequence[float], lengths: Sequence[float], colour: str, unit: str
) -> Plot:
    return _bar(name, names(steps), starts, lengths, colour, unit)


def _bar(
    name: str,
    labels: Sequence[str],
    starts: Sequence[float],
    lengths: Sequence[float],
    colour: str,
    unit: str,
) -> Plot:
    return {
        "type": "bar",
        "orientation": "h",
        "name": escaped(name),
        "y": list(labels),
        "x": rounded(lengths),
        "base": rounded(starts),
        "marker": {"color": LIGHT[colour]},
        "customdata": [escaped(quantity(length, unit)) for length in lengths],
        "hovertemplate": "%{y}<br>%{fullData.name}: %{customdata}<extra></extra>",
        "width": 0.62,
    }


def _tail(tasks: Sequence[str], ends: Sequence[float], late: Sequence[float]) -> Plot:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": "eight of ten futures",
        "y": names(tasks),
        "x": rounded(ends),
        "marker": {"size": 1, "color": LIGHT["grey"]},
        "error_x": {
            "type": "data",
            "symmetric": False,
            "array": rounded(max(0.0, after - end) for after, end in zip(late, ends, strict=True)),
            "arrayminus": [0.0] * len(ends),
            "color": LIGHT["grey"],
            "thickness": 1.6,
            "width": 5,
        },
        "hoverinfo": "skip",
    }


def _timed(labels: Sequence[str], unit: str) -> Plot:
    layout = rows(labels, unit) | {"barmode": "overlay", "showlegend": True, "legend": LEGEND}
    layout["xaxis"] |= ticks("") | {"title": title(unit)}
    layout["height"] += 46
    return layout
