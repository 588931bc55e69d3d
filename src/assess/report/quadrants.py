"""Importance against effort: what each action is worth, against the work that it takes."""

from __future__ import annotations

from collections.abc import Sequence

from assess.core.numbers import quantity

from .drawing import Plot, escaped, plot, rounded, title, upright
from .palette import LIGHT

CORNERS = (("do now", 0, 1), ("plan", 1, 1), ("fill in", 0, 0), ("leave", 1, 0))
"""What to do with an action in each corner: little or much work (0, 1), and low or high worth."""


def quadrants(
    names: Sequence[str],
    efforts: Sequence[float],
    worths: Sequence[float],
    *,
    split: tuple[float, float],
    unit: str,
    highlight: Sequence[str] = (),
) -> Plot:
    """Draw actions as points, both axes logarithmic, in four corners.

    Parameters
    ----------
    efforts
        Person-days of each action; above 0.
    worths
        Money in ``unit``; above 0.
    split
        Effort and worth at which the corners meet.
    highlight
        Names drawn in the accent, each with its number in this order.
    """
    chosen = [names.index(name) for name in highlight if name in names]
    others = [at for at in range(len(names)) if at not in chosen]
    numbered = {
        "mode": "markers+text",
        "text": [str(n) for n in range(1, len(chosen) + 1)],
        "textposition": "top center",
        "textfont": {"color": LIGHT["accent"]},
    }
    traces = [
        _points(others, names, efforts, worths, unit, "grey"),
        _points(chosen, names, efforts, worths, unit, "accent") | numbered,
    ]
    layout = upright("person-days", unit)
    layout["xaxis"] |= {"type": "log", "showgrid": True, "gridcolor": LIGHT["line"], "dtick": 1}
    layout["yaxis"] |= {"type": "log", "dtick": 1, "title": title("worth")}
    layout["shapes"] = [
        _border({"x0": split[0], "x1": split[0], "y0": 0, "y1": 1, "yref": "paper"}),
        _border({"y0": split[1], "y1": split[1], "x0": 0, "x1": 1, "xref": "paper"}),
    ]
    layout["annotations"] = [
        {
            "text": text,
            "x": x,
            "y": y,
            "xref": "paper",
            "yref": "paper",
            "xanchor": "right" if x else "left",
            "yanchor": "top" if y else "bottom",
            "showarrow": False,
            "font": {"color": LIGHT["grey"], "size": 12},
        }
        for text, x, y in CORNERS
    ]
    return plot([trace for trace in traces if trace["x"]], layout)


def _points(
    places: Sequence[int],
    names: Sequence[str],
    efforts: Sequence[float],
    worths: Sequence[float],
    unit: str,
    colour: str,
) -> Plot:
    return {
        "type": "scatter",
        "mode": "markers",
        "x": rounded(efforts[at] for at in places),
        "y": rounded(worths[at] for at in places),
        "marker": {"size": 11 if colour == "accent" else 9, "color": LIGHT[colour]},
        "hovertext": [escaped(names[at]) for at in places],
        "customdata": [
            escaped(f"{quantity(worths[at], unit)} for {efforts[at]:.3g} person-days") for at in places
        ],
        "hovertemplate": "%{hovertext}<br>%{customdata}<extra></extra>",
    }


def _border(place: Plot) -> Plot:
    return {
        "type": "line",
        "layer": "below",
        "line": {"color": LIGHT["line"], "width": 1.4, "dash": "dot"},
    } | place
