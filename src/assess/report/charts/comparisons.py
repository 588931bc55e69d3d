"""Charts that compare: scores in a grid, two aims against each other, what has happened so far, and importance against effort."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from assess.core.numbers import number, quantity
from assess.report.prose import cut

from .drawing import LIGHT
from .elements import LEGEND, Plot, broken, escaped, names, plot, rounded, rows, ticks, title, upright

LINE = 25
"""Height of a row of a grid, CSS pixels."""

NAME = 30
"""Characters of the name of a row of a grid; one line."""

SHADES = ((0.5, "wash"), (0.7, "accent-pale"), (2.0, "accent"))
"""Below which score, on the fixed scale, a cell of a grid has which colour; each carries its text in any scheme."""

FILLED = 0.94
"""Width of a cell, share of its column."""


class Scored(NamedTuple):
    """A cell of a grid.

    Parameters
    ----------
    value
        From 0 to 1; None is drawn as a dash.
    chosen
        Whether it has a frame.
    """

    value: float | None
    chosen: bool = False


def grid(row_names: Sequence[str], columns: Sequence[str], cells: Sequence[Sequence[Scored]]) -> Plot:
    """Draw scores as a grid of cells: the stronger the score, the stronger its colour; a frame marks what is chosen.

    Parameters
    ----------
    cells
        One row a name, one cell a column.
    """
    labels = names([cut(name, NAME) for name in row_names])
    traces = [_column(place, labels, [row[place] for row in cells]) for place in range(len(columns))]
    layout = rows(labels, "") | {"barmode": "overlay", "bargap": 0.06}
    layout["height"] = 74 + LINE * len(labels)
    layout["margin"] |= {"t": 52, "r": 8}
    layout["xaxis"] |= {
        "side": "top",
        "showgrid": False,
        "range": [0, len(columns)],
        "tickvals": rounded(place + FILLED / 2 for place in range(len(columns))),
        "ticktext": [broken(name, 10) for name in columns],
    }
    layout["yaxis"] |= {"categoryorder": "array", "categoryarray": labels}
    return plot(traces, layout)


def _column(place: int, labels: Sequence[str], cells: Sequence[Scored]) -> Plot:
    shades = [_shade(cell.value) for cell in cells]
    inks = ["paper" if shade == "accent" else "soft" if shade is None else "ink" for shade in shades]
    return {
        "type": "bar",
        "orientation": "h",
        "y": list(labels),
        "x": [FILLED] * len(labels),
        "base": [float(place)] * len(labels),
        "marker": {
            "color": [LIGHT[shade] if shade else "rgba(0,0,0,0)" for shade in shades],
            "line": {
                "color": [LIGHT["ink"] if cell.chosen else "rgba(0,0,0,0)" for cell in cells],
                "width": [2.5 if cell.chosen else 0 for cell in cells],
            },
        },
        "text": ["–" if cell.value is None else number(cell.value, 2) for cell in cells],
        "textposition": "inside",
        "insidetextanchor": "middle",
        "textangle": 0,
        "constraintext": "none",
        "textfont": {"size": 12, "color": [LIGHT[ink] for ink in inks]},
        "hoverinfo": "skip",
    }


def _shade(value: float | None) -> str | None:
    return None if value is None else next(name for limit, name in SHADES if value < limit)


def frontier(
    points: Sequence[tuple[float, float, str]],
    others: Sequence[tuple[float, float, str]] = (),
    *,
    chosen: tuple[float, float, str] | None = None,
    x_label: str = "",
    y_label: str = "",
    unit: str = "",
) -> Plot:
    """Draw the choices that nothing beats in both aims, the ones that are beaten, and the one that is taken.

    Parameters
    ----------
    points, others
        Place on the level axis, on the upright axis in ``unit``, and the name of each.
    chosen
        Where the choice stands, and its name.
    """
    traces = []
    if others:
        traces.append(_points(others, "beaten in both", "grey", 7, unit))
    best = _points(points, "nothing is better in both", "accent", 9, unit)
    traces.append(best | {"mode": "lines+markers", "line": {"color": LIGHT["accent"], "width": 2}})
    if chosen is not None:
        ring = _points([chosen], chosen[2], "accent", 19, unit)
        ring["marker"] = {
            "symbol": "circle-open",
            "size": 19,
            "color": LIGHT["ink"],
            "line": {"width": 2.5, "color": LIGHT["ink"]},
        }
        traces.append(ring)
    layout = upright(x_label, unit, y_label) | {"showlegend": True, "legend": LEGEND}
    layout["margin"] |= {"t": 46}
    return plot(traces, layout)


def _points(points: Sequence[tuple[float, float, str]], name: str, colour: str, size: int, unit: str) -> Plot:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": escaped(name),
        "x": rounded(x for x, _, _ in points),
        "y": rounded(y for _, y, _ in points),
        "marker": {"color": LIGHT[colour], "size": size},
        "customdata": [
            f"{broken(said)}<br>{escaped(number(x, 3))}, {escaped(quantity(y, unit))}"
            for x, y, said in points
        ],
        "hovertemplate": "%{customdata}<extra></extra>",
        "cliponaxis": False,
    }


def reached(x: Sequence[float], shares: Sequence[float], *, x_label: str, never: float, here: float) -> Plot:
    """Draw the share of futures in which something has happened by each place, and the share in which it never does.

    Parameters
    ----------
    x, shares
        Rising places, and the rising share up to each.
    never
        Share of the futures in which it does not happen at all.
    here
        Where the reader stands.
    """
    trace = {
        "type": "scatter",
        "mode": "lines",
        "line": {"color": LIGHT["accent"], "width": 3, "shape": "hv"},
        "fill": "tozeroy",
        "fillcolor": LIGHT["accent-pale"],
        "x": rounded(x),
        "y": rounded(shares),
        "customdata": [escaped(f"by {number(place)}: {quantity(share, 'share')} of futures") for place, share in zip(x, shares, strict=True)],
        "hovertemplate": "%{customdata}<extra></extra>",
    }  # fmt: skip
    layout = upright(x_label, "share")
    layout["xaxis"] |= {"range": rounded((x[0], x[-1]))}
    layout["yaxis"] |= ticks("share") | {"range": [0, 1.02], "title": title("share of futures")}
    if never > 0:
        layout["annotations"] = [
            {
                "x": 1,
                "xref": "paper",
                "xanchor": "right",
                "y": round(1 - never / 2, 4),
                "text": escaped(f"never: {quantity(never, 'share')}"),
                "showarrow": False,
                "font": {"color": LIGHT["soft"]},
            }
        ]
        layout["shapes"] = [_level(1 - never)]
    layout["shapes"] = [*layout.get("shapes", []), _upright(here)]
    layout["annotations"] = [*layout.get("annotations", []), _named(here, "you")]
    return plot([trace], layout)


def _level(at: float) -> Plot:
    return {
        "type": "line",
        "x0": 0,
        "x1": 1,
        "xref": "paper",
        "y0": round(at, 4),
        "y1": round(at, 4),
        "line": {"color": LIGHT["grey"], "width": 1.2, "dash": "dot"},
    }


def _upright(at: float) -> Plot:
    return {
        "type": "line",
        "x0": at,
        "x1": at,
        "y0": 0,
        "y1": 1,
        "yref": "paper",
        "line": {"color": LIGHT["ink"], "width": 1.2, "dash": "dot"},
    }


def _named(at: float, name: str) -> Plot:
    return {
        "x": at,
        "y": 1,
        "yref": "paper",
        "yanchor": "bottom",
        "text": name,
        "showarrow": False,
        "font": {"color": LIGHT["ink"], "size": 12},
    }


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
        _effort_points(others, names, efforts, worths, unit, "grey"),
        _effort_points(chosen, names, efforts, worths, unit, "accent") | numbered,
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


def _effort_points(
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
