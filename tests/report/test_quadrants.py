"""Importance against effort: points where they belong, the next steps numbered in their order."""

from assess.report.charts.comparisons import quadrants
from assess.report.charts.drawing import LIGHT


def test_points_stand_at_effort_and_worth_and_the_chosen_are_numbered_in_their_order():
    drawn = quadrants(
        ["a", "<b>", "c"], [1, 20, 5], [300.0, 20.0, 1e6], split=(5, 300), unit="EUR", highlight=["c", "a"]
    )
    others, chosen = drawn["data"]
    assert (others["x"], others["y"], others["hovertext"]) == ([20], [20], ["&lt;b&gt;"])
    assert (chosen["x"], chosen["y"], chosen["text"]) == ([5, 1], [1e6, 300], ["1", "2"])
    assert chosen["marker"]["color"] == LIGHT["accent"]


def test_the_corners_meet_at_the_split():
    layout = quadrants(["a"], [2], [9.0], split=(3.5, 7.0), unit="EUR")["layout"]
    upright, level = layout["shapes"]
    assert upright["x0"] == upright["x1"] == 3.5 and level["y0"] == level["y1"] == 7
    places = {note["text"]: (note["x"], note["y"]) for note in layout["annotations"]}
    assert places == {"do now": (0, 1), "plan": (1, 1), "fill in": (0, 0), "leave": (1, 0)}
