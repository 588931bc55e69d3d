import datetime as dt
import json
import re
import xml.etree.ElementTree as ET
from itertools import pairwise

import plotly.graph_objects as go
import pytest

from assess.report import charts
from assess.report.charts.axes import date_ticks, decade_ticks, even_ticks
from assess.report.charts.comparisons import SHADES, Scored, frontier, grid, reached
from assess.report.charts.drawing import DARK, LIGHT, Box, Dot, Polyline, Word, draw_svg
from assess.report.charts.elements import escaped, names, rounded
from assess.report.charts.still import draw_chart
from assess.report.charts.timelines import Lane, against, days, gantt, lasting
from assess.report.figure import Figure
from assess.report.tables import DataTable

HOSTILE = "<b>x</b><a href='javascript:alert(1)'>y</a> %{x} &lt;"
LABELS = ("Hybrid", HOSTILE, "iPaaS")
X = (0.0, 1.0, 2.0)
ALL = {
    "bars": charts.bars(LABELS, (3.0, 2.0, 1.0), unit="EUR", rest="iPaaS"),
    "bars with ranges": charts.bars(LABELS, (3.0, 2.0, 1.0), low=(2.0, 1.0, 0.5), high=(4.0, 3.0, 2.0), unit="d"),
    "dots": charts.dots(LABELS, (0.3, 0.2, 0.1), low=(0.2, 0.1, 0.0), high=(0.4, 0.3, 0.2), unit="share", targets=(0.5, None, 0.1), span=(0, 1)),
    "fan": charts.fan(X, {10: (1, 2, 3), 50: (2, 3, 4), 90: (3, 4, 5)}, unit="EUR"),
    "lines": charts.lines(X, dict.fromkeys(LABELS, (1.0, -2.0, 3.0)), unit="EUR", highlight="Hybrid", marks={HOSTILE: 1.0}),
    "exceedance": charts.exceedance({"before": ((0, 1e5, 1e6), (1, 0.5, 0.1)), HOSTILE: ((0, 1e5), (0.9, 0.2))}, unit="EUR", highlight="before", appetite=((0, 1e6), (0.5, 0.05))),
    "tornado": charts.tornado(LABELS, (1.0, 2.0, 3.0), (9.0, 6.0, 5.0), 4.0, unit="EUR"),
    "columns": charts.columns(LABELS, {"Build": (1, 2, 3), HOSTILE: (3, 2, 1)}, unit="EUR"),
    "bars to both sides": charts.bars(LABELS, (3.0, -2.0, 1.0), unit="EUR", x_label=HOSTILE),
    "grid": grid(LABELS, ("a", HOSTILE), [[Scored(0.2), Scored(None)], [Scored(0.6, chosen=True), Scored(0.9)], [Scored(0.0), Scored(1.0)]]),
    "frontier": frontier([(0.1, 1.0, HOSTILE), (0.2, 2.0, "b")], [(0.1, 3.0, "c")], chosen=(0.1, 1.0, "proposed"), unit="EUR", x_label=HOSTILE),
    "reached": reached((1.0, 2.0, 9.0), (0.0, 0.2, 0.3), x_label=HOSTILE, never=0.7, here=2.0),
    "gantt": gantt(LABELS, (0, 2, 4), (3, 3, 3), late=(4, 6, 8), critical=("Hybrid",), milestones={HOSTILE: 4}),
    "against": against(LABELS, (30.0, 20.0, 10.0), (3.0, 200.0, 10.0), low=(2.0, 100.0, 9.0), high=(4.0, 300.0, 11.0), unit="messages", highlight=["Hybrid"]),
    "days": days(dt.date(2026, 1, 1), [Lane(HOSTILE, (1.0, 2.0, 9.0), odd=(2,), levels=((0, 1.5), (2, 9.0))), Lane("b", (0.0, 0.0))], unit="messages"),
    "lasting": lasting({"unnoticed": ((1.0, 0.6), (4.0, 0.2)), HOSTILE: ((2.0, 0.5), (3.0, 0.0))}, x_label="hours"),
}  # fmt: skip


def luminance(colour):
    """Relative luminance of ``#rrggbb`` (WCAG 2.2)."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return round(0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2], 10)


def contrast(one, other):
    """Contrast ratio of two colours (WCAG 2.2, 1.4.3)."""
    dark, bright = sorted((luminance(one), luminance(other)))
    return (bright + 0.05) / (dark + 0.05)


@pytest.fixture(params=ALL, name="drawing")
def fixture_drawing(request):
    return ALL[request.param]


def strings(node):
    if isinstance(node, dict):
        yield from (text for value in node.values() for text in strings(value))
    elif isinstance(node, list | tuple):
        yield from (text for value in node for text in strings(value))
    elif isinstance(node, str):
        yield node


def test_plotly_knows_every_word_of_it(drawing):
    assert len(go.Figure(drawing).data) == len(drawing["data"])


def test_it_is_plain_data_of_few_digits(drawing):
    text = json.dumps(drawing, allow_nan=False)
    assert json.loads(text) == drawing
    assert not re.search(r"\d\.\d{9,}", text)


def test_its_colours_can_be_exchanged(drawing):
    colours = {text for text in strings(drawing) if re.fullmatch("#[0-9a-f]{6}", text)}
    assert colours
    assert colours <= set(LIGHT.values())
    assert not [
        text for text in strings(drawing) if text.startswith(("rgb(", "rgba(")) and text != "rgba(0,0,0,0)"
    ]


def test_markup_in_it_is_text(drawing):
    ours = {"%{y}<br>%{customdata}<extra></extra>", "%{x}: %{customdata}<extra>%{fullData.name}</extra>", "%{x}<br>%{fullData.name}: %{customdata}<extra></extra>", "%{y}<br>%{fullData.name}: %{customdata}<extra></extra>", "%{customdata}<br>%{y:.1%} of futures<extra></extra>", "%{customdata}<extra></extra>", "%{x}: %{customdata:,} messages<extra></extra>"}  # fmt: skip
    for text in set(strings(drawing)) - ours:
        assert not re.search("<(?!br>)", text), text


def test_one_accent(drawing):
    used = set(strings(drawing)) & set(LIGHT.values())
    assert not used & {LIGHT["good"], LIGHT["warn"]}


def test_nothing_is_sent_to_a_service():
    assert charts.CONFIG["showSendToCloud"] is False
    assert charts.CONFIG["plotlyServerURL"] == ""
    assert charts.CONFIG["displaylogo"] is False


def test_bars_keep_order_and_values():
    plot = charts.bars(("b", "a"), (2, 1 / 3), unit="share", highlight=["a"])
    trace = plot["data"][0]
    assert (trace["y"], trace["x"]) == (["b", "a"], [2.0, 0.333333])
    assert trace["marker"]["color"] == [LIGHT["grey-pale"], LIGHT["accent"]]
    assert [text.replace("\xa0", " ") for text in trace["text"]] == ["200%", "33.3%"]


def test_ranges_are_distances_from_the_value():
    error = charts.dots(("a",), (2.0,), low=(1.5,), high=(4.0,))["data"][0]["error_x"]
    assert (error["arrayminus"], error["array"]) == ([0.5], [2.0])


def test_a_tornado_is_widest_at_the_top_and_meets_at_the_base():
    plot = charts.tornado(("narrow", "wide"), (3.0, 1.0), (5.0, 9.0), 4.0, inputs=(("1", "2"), ("3", "4")))
    low, high = plot["data"]
    assert low["y"] == ["wide", "narrow"]
    assert (low["x"], high["x"], low["base"]) == ([-3.0, -1.0], [5.0, 1.0], [4.0, 4.0])
    assert low["customdata"][0].startswith("3:")


def test_a_fan_needs_pairs():
    with pytest.raises(ValueError, match="mirror"):
        charts.fan(X, {10: X, 50: X})


def test_names_of_lines_do_not_meet():
    plot = charts.lines(X, {name: (1, 2, value) for name, value in zip("abcd", (5, 5, 5, 4.99), strict=True)})
    places = sorted(
        (note["y"] / plot["layout"]["yaxis"]["range"][1]) * 250 + note["yshift"]
        for note in plot["layout"]["annotations"]
    )
    assert min(b - a for a, b in pairwise(places)) > 14


def test_two_rows_of_one_name_stay_two():
    assert len(set(names(("a", "a", "b")))) == 3


def test_what_is_not_finite_is_a_gap():
    assert rounded([float("nan"), float("inf"), None, 1.0]) == [None, None, None, 1.0]


def test_labels_are_cut():
    assert len(escaped("x" * 100_000)) < 60


def test_a_figure_refuses_what_json_cannot_say():
    table = DataTable(id="t", caption="t", columns=())
    with pytest.raises(ValueError, match="plain data"):
        Figure(id="f", caption="c", alt="a", plot={"data": [{"x": [float("nan")]}]}, table=table)


@pytest.mark.parametrize("colours", [LIGHT, DARK])
def test_text_and_marks_have_contrast(colours):
    for ground in ("paper", "wash"):
        for text in ("ink", "soft", "accent", "good", "warn", "bad"):
            assert contrast(colours[text], colours[ground]) >= 4.5, (text, ground)
    for mark in ("accent", "grey"):
        assert contrast(colours[mark], colours["paper"]) >= 3, mark


def test_a_grid_frames_what_is_chosen():
    cells = [[Scored(0.55, chosen=True), Scored(None)]]
    first, second = grid(["row"], ["x", "y"], cells)["data"]
    assert (first["text"], second["text"]) == (["0.55"], ["–"])
    assert first["marker"]["line"]["width"] == [2.5]
    assert second["marker"]["color"] == ["rgba(0,0,0,0)"]
    assert (first["base"], second["base"]) == ([0.0], [1.0])


@pytest.mark.parametrize("colours", [LIGHT, DARK])
def test_text_in_a_grid_has_contrast(colours):
    for _, shade in SHADES:
        ink = "paper" if shade == "accent" else "ink"
        assert contrast(colours[ink], colours[shade]) >= 4.5, shade


def test_bars_below_zero_leave_room_for_their_names():
    low, high = charts.bars(("a", "b"), (-4.0, 2.0))["layout"]["xaxis"]["range"]
    assert low < -5 < 3 < high
    assert "range" not in charts.bars(("a",), (4.0,))["layout"]["xaxis"]


def marks(plot, kind):
    return [mark for mark in draw_chart(plot).marks if isinstance(mark, kind)]


def test_every_chart_is_drawn_on_its_paper_whatever_the_font(drawing):
    sketch = draw_chart(drawing)
    written = ET.fromstring(draw_svg(sketch, "a chart"))
    assert len(written) == len(sketch.marks) + 2, "a style, the paper and each mark"
    for mark in sketch.marks:
        if isinstance(mark, Word) and not mark.upright:
            width = 0.6 * mark.size * len(mark.text)
            left = mark.x - {"start": 0, "middle": width / 2, "end": width}[mark.anchor]
            assert left >= 0 and left + width <= sketch.width, mark.text
            assert 0 < mark.y <= sketch.height, mark.text
        elif isinstance(mark, Box):
            assert mark.width >= 0 and mark.height >= 0
            assert mark.x >= 0 and mark.x + mark.width <= sketch.width + 0.1
            assert mark.y >= 0 and mark.y + mark.height <= sketch.height + 0.1


def test_hostile_text_is_text_in_the_picture(drawing):
    assert "<b>" not in draw_svg(draw_chart(drawing), HOSTILE)


def test_lengths_of_bars_are_in_the_ratio_of_their_values():
    first, second, third = marks(charts.bars(("a", "b", "c"), (4.0, 2.0, -1.0)), Box)
    assert first.width == pytest.approx(2 * second.width) == pytest.approx(4 * third.width)
    assert third.x + third.width == pytest.approx(first.x) == pytest.approx(second.x)


def test_parts_of_a_column_stand_on_each_other():
    lower, upper = marks(charts.columns(("week",), {"build": (3.0,), "test": (1.0,)}), Box)[:2]
    assert lower.y == pytest.approx(upper.y + upper.height)
    assert lower.height == pytest.approx(3 * upper.height)


def test_on_a_logarithmic_axis_equal_ratios_are_equal_distances():
    shown = against(("a", "b", "c"), (1.0, 1.0, 1.0), (10.0, 100.0, 1000.0), low=(10.0, 100.0, 1000.0), high=(10.0, 100.0, 1000.0))  # fmt: skip
    a, b, c = (dot.x for dot in marks(shown, Dot) if dot.fill in ("accent", "grey") and dot.y > 40)
    assert b - a == pytest.approx(c - b) and b > a


def test_a_range_reaches_from_low_to_high():
    shown = charts.dots(("a", "b"), (2.0, 4.0), low=(1.0, 4.0), high=(4.0, 4.0))
    first, second = marks(shown, Dot)
    whisker = next(
        line
        for line in marks(shown, Polyline)
        if line.weight == 1.6 and line.points[0][1] == line.points[1][1]
    )
    unit = (second.x - first.x) / 2
    assert whisker.points[0][0] == pytest.approx(first.x - unit)
    assert whisker.points[1][0] == pytest.approx(second.x)


def test_steps_go_along_before_they_go_up():
    (path,) = (line for line in marks(lasting({"a": ((1.0, 0.6), (10.0, 0.2))}, x_label="h"), Polyline) if line.stroke == "accent" and len(line.points) > 2)  # fmt: skip
    (x0, y0), (x1, y1), (x2, y2) = path.points
    assert (y0, x1) == (y1, x2) and x0 < x1 and y1 < y2


@pytest.mark.parametrize(
    ("low", "high", "axis", "texts"),
    [
        (0.0, 1.0, {"tickformat": ".0~%"}, ["0%", "20%", "40%", "60%", "80%", "100%"]),
        (-1.4e6, 1.2e6, {"tickformat": ".2~s", "ticksuffix": "€"}, ["−1\u00a0M€", "0\u00a0€", "1\u00a0M€"]),
        (0.0, 2.4e5, {"tickformat": ".2~s"}, ["0", "50k", "100k", "150k", "200k"]),
        (1.0, 5.0, {"dtick": 1, "tickformat": "d"}, ["1", "2", "3", "4", "5"]),
        (0.0, 0.06, {"tickformat": ".0%"}, ["0%", "2%", "4%", "6%"]),
    ],
)
def test_ticks_stand_at_round_numbers_and_say_them(low, high, axis, texts):
    assert [text for _, text in even_ticks(low, high, 5, axis)] == texts


def test_a_logarithmic_axis_of_one_decade_has_ticks_within_it():
    assert [text for _, text in decade_ticks(0.0, 1.0, 5, {"tickformat": "~s"})] == ["1", "2", "5", "10"]


def test_a_long_time_has_its_months_a_short_one_its_weeks():
    first = dt.date(2026, 7, 20).toordinal()
    assert [text for _, text in date_ticks(first, first + 89, 5, {})] == ["Aug 2026", "Sep 2026", "Oct 2026"]
    assert [text for _, text in date_ticks(first, first + 28, 4, {})][:2] == ["20 Jul", "27 Jul"]


def test_names_of_marks_that_are_close_stand_above_each_other():
    marks = {"P5": 2.0, "P50": 21.0, "you": 25.0, "P95": 105.0}
    notes = charts.lines((0, 50, 150), {"a": (1, 1, 1)}, marks=marks)["layout"]["annotations"]
    lifted = {note["text"]: note["yshift"] for note in notes}
    assert lifted["P5"] == lifted["P95"] == 0
    assert lifted["you"] > lifted["P50"]
