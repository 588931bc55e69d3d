"""The drawing of a landscape: every connection has its turn, nothing lies outside, trunks do not touch."""

import random

import pytest

from assess.evidence import catalog
from assess.report.chapters.governance import landscape
from assess.report.charts.drawing import Box, Polyline, draw_svg
from assess.report.charts.landscape_map import MARK, NAMES, SystemNode, Wire, draw_landscape


def drawn(seed, systems, connections):
    draw = random.Random(seed)
    ids = [f"s{n}" for n in range(systems)]
    wires = {(draw.choice(ids), draw.choice(ids)) for _ in range(connections)}
    pairs = sorted((a, b) for a, b in wires if a != b)
    return draw_landscape(
        [SystemNode(id, id) for id in ids], [Wire(a, b, "full") for a, b in pairs], "key"
    ), pairs


@pytest.mark.parametrize(
    ("seed", "systems", "connections"), [(1, 2, 3), (2, 10, 25), (3, 60, 160), (4, 60, 400)]
)
def test_each_connection_has_one_sign_and_trunks_do_not_touch(seed, systems, connections):
    sketch, pairs = drawn(seed, systems, connections)
    signs = [m for m in sketch.marks if isinstance(m, Box) and m.width == m.height == 2 * MARK]
    assert len(signs) == len(pairs)
    assert len({(m.x, m.y) for m in signs}) == len(pairs)
    trunks = [m.points for m in sketch.marks if isinstance(m, Polyline) and m.points[0][0] == m.points[1][0]]
    assert len(trunks) == len({a for a, _ in pairs})
    for n, ((x, low), (_, high)) in enumerate(trunks):
        for (other, start), (_, end) in trunks[n + 1 :]:
            assert x != other or high < start or end < low


def test_nothing_lies_outside_and_sixty_systems_stay_light():
    sketch, _ = drawn(5, 60, 400)
    for mark in sketch.marks:
        if isinstance(mark, Polyline):
            assert all(NAMES <= x <= sketch.width and 0 <= y <= sketch.height for x, y in mark.points)
    assert len(draw_svg(sketch, "x")) < 90_000


def test_of_two_between_the_same_systems_the_worse_is_shown():
    nodes = [SystemNode("a", "A"), SystemNode("b", "B")]
    sketch = draw_landscape(nodes, [Wire("a", "b", "full"), Wire("a", "b", "bar"), Wire("a", "b", "hollow")])
    assert [m.fill for m in sketch.marks if isinstance(m, Box) and m.fill in ("good", "bad", "paper")] == [
        "bad"
    ]


class _Assessment:
    def __init__(self, engagement):
        from assess.evidence.operations import Operations

        self.stated, self.operations = engagement, Operations()
        self.catalog = catalog.read(engagement)


def test_a_hundred_systems_are_capped_to_the_busiest():
    from pathlib import Path

    from assess.intake.assumptions import Assumptions
    from assess.intake.engagement import Engagement
    from assess.intake.engagement.landscape import Integration, System

    systems = tuple(System(id=f"s{n}", name="<b>" * (n == 0)) for n in range(100))
    rows = tuple(Integration(id=f"i{n}", source="s0", target=f"s{n}") for n in range(1, 100))
    rows += tuple(Integration(id=f"j{n}", source=f"s{n}", target=f"s{n + 1}") for n in range(60, 99))
    made = Engagement(
        folder=Path("x"), client="x", assumptions=Assumptions(), systems=systems, integrations=rows
    )
    (figure,) = landscape(_Assessment(made))
    names = [m for m in figure.sketch.marks if isinstance(m, Box) and m.width == 6]
    assert len(names) == 60
    assert "“<b>” with 99 others" in figure.caption  # s0 with all
    assert "<b>" not in draw_svg(figure.sketch, figure.alt)
    assert len(figure.table.rows) <= 200


def test_nothing_to_draw():
    from pathlib import Path

    from assess.intake.assumptions import Assumptions
    from assess.intake.engagement import Engagement

    made = Engagement(folder=Path("x"), client="x", assumptions=Assumptions())
    assert landscape(_Assessment(made)) == ()
