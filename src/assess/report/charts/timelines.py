"""Charts along time: how long a process takes, when work is done, and how integrations run day by day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from assess.core.numbers import quantity

from .drawing import LIGHT
from .elements import (
    LEGEND,
    Plot,
    bar,
    escaped,
    marked,
    names,
    plot,
    rounded,
    row_trace,
    rows,
    target_marks,
    ticks,
    title,
    upright,
    whiskers,
)


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
                bar(name, labels, [starts[at] for at in shown], [lengths[at] for at in shown], colour, unit)
            )
    if late is not None:
        traces.append(_tail(tasks, ends, late))
    layout = _timed(tasks, unit)
    layout["yaxis"] |= {"categoryorder": "array", "categoryarray": names(tasks)}
    layout["xaxis"] |= {"rangemode": "tozero"}
    return plot(traces, marked(layout, milestones or {}))


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


LANE = 58
"""Height of a lane of `days`, CSS pixels."""
DAY = 86_400_000
"""Milliseconds, in which plotly counts a step along an axis of dates."""


class Lane(NamedTuple):
    """One integration's days.

    Parameters
    ----------
    values
        Amount of each day.
    odd
        Places of the days that stand out.
    levels
        Begin (a place) and usual amount of each level, in their order.
    """

    label: str
    values: Sequence[float]
    odd: Sequence[int] = ()
    levels: Sequence[tuple[int, float]] = ()


def against(
    labels: Sequence[str],
    stated: Sequence[float],
    measured: Sequence[float],
    *,
    low: Sequence[float],
    high: Sequence[float],
    unit: str = "",
    highlight: Sequence[str] = (),
) -> Plot:
    """Draw what was measured as a dot with its range, what was stated as a stroke, on a logarithmic axis.

    Parameters
    ----------
    stated, measured, low, high
        In ``unit``, above 0.
    highlight
        Labels in the accent: where the two are far apart.
    """
    chosen = set(highlight)
    trace = row_trace(labels, measured, unit, low, high) | {
        "type": "scatter",
        "mode": "markers",
        "name": "measured, with its range",
        "marker": {"color": [LIGHT["accent" if label in chosen else "grey"] for label in labels], "size": 11},
        "error_x": whiskers(measured, low, high),
    }
    said = target_marks(labels, stated, unit) | {
        "name": "stated",
        "customdata": [escaped(f"stated {quantity(value, unit)}") for value in stated],
    }
    layout = rows(labels, "") | {"showlegend": True, "legend": LEGEND}
    layout["xaxis"] |= {
        "type": "log",
        "dtick": 1,
        "tickformat": "~s",
        "rangemode": "normal",
        "title": title(unit),
    }
    layout["height"] += 56
    layout["margin"] |= {"r": 24, "t": 34}
    return plot([trace, said], layout)


def days(first: dt.date, lanes: Sequence[Lane], *, unit: str = "") -> Plot:
    """Draw the days of each integration as a line in a lane of its own, as high as its greatest day.

    Days that stand out are dots; the usual amount of each level is a dashed line.
    """
    labels = names([lane.label for lane in lanes])
    traces: list[Plot] = []
    for place, lane in enumerate(lanes):
        greatest = max([*lane.values, *(usual for _, usual in lane.levels)]) or 1.0
        base = float(len(lanes) - 1 - place)
        heights = [round(base + 0.8 * value / greatest, 3) for value in lane.values]
        traces.append(
            {"type": "scatter", "mode": "lines", "x0": first.isoformat(), "dx": DAY, "y": heights}
            | {"line": {"color": LIGHT["accent"], "width": 1.6}, "customdata": rounded(lane.values)}
            | {"hovertemplate": f"%{{x}}: %{{customdata:,}} {escaped(unit)}<extra></extra>"}
        )
        traces += _levels(lane, first, base, greatest)
        if lane.odd:
            traces.append(
                {"type": "scatter", "mode": "markers", "hoverinfo": "skip"}
                | {"x": [_date(first, at) for at in lane.odd], "y": [heights[at] for at in lane.odd]}
                | {"marker": {"color": LIGHT["bad"], "size": 8}}
            )
    layout = upright("", "")
    layout["height"] = 60 + LANE * len(lanes)
    layout["xaxis"] |= {"type": "date", "nticks": 5}
    layout["yaxis"] |= {
        "tickvals": [float(len(lanes) - 1 - place) + 0.3 for place in range(len(lanes))],
        "ticktext": labels,
        "range": [-0.1, len(lanes)],
        "showgrid": False,
    }
    return plot(traces, layout)


def _date(first: dt.date, place: int) -> str:
    return (first + dt.timedelta(days=place)).isoformat()


def _levels(lane: Lane, first: dt.date, base: float, greatest: float) -> list[Plot]:
    """Draw the usual amount of each level from its first day to the last before the next."""
    ends = [*(at for at, _ in lane.levels[1:]), len(lane.values)][: len(lane.levels)]
    return [
        {
            "type": "scatter",
            "mode": "lines",
            "hoverinfo": "skip",
            "x": [_date(first, begin), _date(first, end - 1)],
            "y": rounded([base + 0.8 * usual / greatest] * 2),
            "line": {"color": LIGHT["ink"], "width": 1.6, "dash": "dash"},
        }
        for (begin, usual), end in zip(lane.levels, ends, strict=True)
    ]


def lasting(curves: Mapping[str, Sequence[tuple[float, float]]], *, x_label: str) -> Plot:
    """Draw which share of cases lasts longer than a time, a falling staircase per kind of case.

    Parameters
    ----------
    curves
        By name, times above 0 at which cases ended and the share that lasted longer.
    """
    traces = []
    for (name, steps), (colour, dash) in zip(
        curves.items(), (("accent", "solid"), ("grey", "dash")), strict=False
    ):
        times, shares = [time for time, _ in steps], [share for _, share in steps]
        traces.append(
            {
                "type": "scatter",
                "mode": "lines",
                "name": escaped(name),
                "x": rounded(times),
                "y": rounded(shares),
                "line": {"color": LIGHT[colour], "dash": dash, "width": 2.4, "shape": "hv"},
                "customdata": [escaped(quantity(share, "share")) for share in shares],
                "hovertemplate": "%{x}: %{customdata}<extra>%{fullData.name}</extra>",
            }
        )
    layout = upright(x_label, "share") | {"showlegend": True, "legend": LEGEND}
    layout["xaxis"] |= {"type": "log", "dtick": 1}
    layout["yaxis"] |= ticks("share") | {"range": [0, 1.03]}
    return plot(traces, layout)
