"""The value stream map: nothing overlaps, every line ends at its boxes, hostile words stay words."""

from __future__ import annotations

import itertools
import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assess.report.charts.drawing import Box, Drawing, Polyline, Word, draw_svg
from assess.report.charts.swimlanes import ABREAST, Route, Station, depths, returning, swimlanes

LINEAR = [Station(f"s{n}", f"Step {n}", "one", ("a", "b")) for n in range(8)]


def chained(stations):
    return [Route(a.id, b.id) for a, b in itertools.pairwise(stations)]


def process_boxes(sketch):
    """Boxes with a rule inside: the widest marks with rounded corners of 4."""
    return [mark for mark in sketch.marks if isinstance(mark, Box) and mark.round == 4]


def words(sketch):
    return [mark.text for mark in sketch.marks if isinstance(mark, Word)]


def apart(one, other):
    return (
        one.x + one.width <= other.x or other.x + other.width <= one.x
        or one.y + one.height <= other.y or other.y + other.height <= one.y
    )  # fmt: skip


@st.composite
def streams(draw):
    count = draw(st.integers(1, 16))
    lanes = draw(st.lists(st.sampled_from("ABC"), min_size=count, max_size=count))
    pairs = draw(st.lists(st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)), max_size=30))
    chief = draw(st.sets(st.integers(0, count - 1)))
    stations = [Station(f"s{n}", f"Step {n}", lane, ("x",), chief=n in chief) for n, lane in enumerate(lanes)]
    ways = [Route(f"s{a}", f"s{b}", "10%") for a, b in dict.fromkeys(pairs) if a != b]
    return stations, ways


@settings(max_examples=60, deadline=None)
@given(streams())
def test_no_two_boxes_overlap_and_all_stand_on_the_drawing(stream):
    stations, ways = stream
    sketch = swimlanes(stations, ways)
    boxes = process_boxes(sketch)
    assert len(boxes) == len(stations)
    assert all(apart(a, b) for a, b in itertools.combinations(boxes, 2))
    for mark in sketch.marks:
        corners = [(mark.x, mark.y)] if not isinstance(mark, Polyline) else mark.points
        assert all(0 <= x <= sketch.width and 0 <= y <= sketch.height for x, y in corners)


@settings(max_examples=60, deadline=None)
@given(streams())
def test_every_way_is_drawn_or_told(stream):
    """A way within a band is an arrow from box to box; another names the number of its box."""
    stations, ways = stream
    sketch = swimlanes(stations, ways)
    boxes = process_boxes(sketch)
    back = returning([s.id for s in stations], ways)
    arrows = [mark for mark in sketch.marks if isinstance(mark, Polyline) and mark.arrow]
    assert len(arrows) == len([way for way in ways if (way.before, way.after) not in back])
    for arrow in arrows:
        x, y = arrow.points[-1]
        assert any(abs(box.x - x) < 1e-6 and box.y <= y <= box.y + box.height for box in boxes)
    told = " ".join(words(sketch))  # of several ways back the last may stand in a second line
    assert told.count("% to ") == len(back)


@settings(max_examples=60, deadline=None)
@given(streams())
def test_without_the_ways_that_return_nothing_goes_round(stream):
    stations, ways = stream
    ids = [s.id for s in stations]
    back = returning(ids, ways)
    forward = [way for way in ways if (way.before, way.after) not in back]
    columns = depths(ids, forward)
    assert all(columns[way.before] < columns[way.after] for way in forward)


def test_a_long_stream_goes_on_in_a_second_band():
    sketch = swimlanes(LINEAR, chained(LINEAR))
    rows = sorted({box.y for box in process_boxes(sketch)})
    assert len(rows) == 2 and sketch.width < 870
    assert max(sum(box.y == y for box in process_boxes(sketch)) for y in rows) <= ABREAST
    assert {"5", "4"} <= set(words(sketch))  # where box 4 goes on, and where box 5 comes from


def test_the_ladder_tells_waiting_above_and_work_below():
    a = Station("a", "A", "one", chief=True, wait="2 d", work="5 min")
    b = Station("b", "B", "two", wait="9 d", work="7 min")
    sketch = swimlanes([a, b], [Route("a", "b")], total="Lead time 2 days")
    at = {mark.text: mark.y for mark in sketch.marks if isinstance(mark, Word)}
    assert at["2 d"] < at["5 min"] < at["Lead time 2 days"]
    assert "9 d" not in at and "7 min" not in at


def test_signs_of_a_box():
    one = Station("a", "A", "x", ("crm", "Process 5 min"), mark="typed again", alarm="bottleneck")
    assert {"typed again", "bottleneck", "crm", "Process 5 min", "1 A"} <= set(words(swimlanes([one], [])))


def test_hostile_words_stay_words():
    evil = '</text><script>alert(1)</script>"&\x00'
    text = str(draw_svg(swimlanes([Station("a", evil, evil, (evil,), mark=evil)], []), evil))
    root = ET.fromstring(text)
    assert {node.tag.removeprefix("{http://www.w3.org/2000/svg}") for node in root.iter()} == {"svg", "style", "rect", "path", "text"}  # fmt: skip
    assert "script" in "".join(root.itertext()) and "\x00" not in text


def test_colours_are_those_of_the_page():
    drawn = swimlanes(LINEAR, chained(LINEAR))
    for alone, colour in ((False, r"var\(--[a-z-]+\)"), (True, "#[0-9a-f]{6}")):
        paints = set(re.findall(r'(?:fill|stroke)="([^"]+)"', str(draw_svg(drawn, "x", alone=alone))))
        assert paints and all(p == "none" or re.fullmatch(colour, p) for p in paints)


def test_a_sketch_survives_json_and_has_a_size():
    sketch = swimlanes(LINEAR, chained(LINEAR))
    assert Drawing.from_json(sketch.to_json()) == sketch
    with pytest.raises(ValueError, match="size above 0"):
        Drawing(width=0, height=5, marks=())


def test_a_text_is_never_stretched_over_its_room():
    """Helvetica's own widths (Adobe font metrics), in thousandths: Process 37 min is 667 333 556 500 556 500 500 278 556 556 278 833 222 556."""
    one = Drawing(width=200, height=20, marks=(Word(x=0, y=10, text="Process 37 min", size=10.5, room=94),))
    (length,) = re.findall(r'textLength="([^"]*)"', draw_svg(one, "x"))
    assert float(length) == pytest.approx(6.891 * 10.5, abs=0.06)
    long = Drawing(
        width=200,
        height=20,
        marks=(Word(x=0, y=10, text="A_PARTLYSUBMITTED", size=11.5, room=94, bold=True),),
    )
    assert 'textLength="94"' in draw_svg(long, "x")
    short = Drawing(width=200, height=20, marks=(Word(x=0, y=10, text="Wait 5 h", size=10.5, room=94),))
    assert "textLength" not in draw_svg(short, "x")
