"""Bad rows of a value stream: every problem at once, each with its place."""

import pytest
from stream import mapped, step

from assess.core.estimate import Estimate
from assess.intake.problem import InvalidEngagement


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([step("a", follows="bb"), step("b")], 'value_stream.csv, row 2, column next: "bb" is no step, did you mean "b"?'),
        ([step("a", rework_to="z"), step("b")], 'row 2, column rework_to: "z" is no step'),
        ([step("a", follows="b"), step("b", follows="a"), step("c")], "closes the loop a → b → a, which no decision leaves"),
        ([step("a", follows="a"), step("c")], "closes the loop a → a"),
        ([step("a", follows=("a: 1",), decision=True), step("c")], "never leads to an end"),
        ([step("a", follows=("b: 0.5", "c: 0.4")), step("b"), step("c")], "has shares that sum to 0.9; allowed: a sum of 1"),
        ([step("a", follows=("b: 1.5", "c")), step("b"), step("c")], '"b: 1.5" has no share from 0 to 1'),
        ([step("a", follows=("b: x", "c")), step("b"), step("c")], '"b: x" has no share'),
        ([step("a", follows=("b: 0.5", "c: 0.5"), decision=False), step("b"), step("c")], "gives shares at a step that is no decision"),
        ([step("a", follows=("b", "b")), step("b")], "is named twice"),
        ([step("a"), step("a")], '"a" is used by several rows'),
        ([step("a", process=-1)], 'row 2, column process_minutes: "-1" is negative'),
        ([step("a", wait=-5)], 'column wait_minutes: "-5" is negative'),
        ([step("a", volume=Estimate.point(-5))], "column volume"),
        ([step("a", accurate=0)], "means that no case ever goes on"),
        ([step("a", follows="b", rework_to="b"), step("b")], '"b" lies ahead of this step'),
        ([step("■")], "can't be a step's name"),
    ],
)  # fmt: skip
def test_bad_rows_are_named_with_their_place(rows, expected):
    with pytest.raises(InvalidEngagement) as caught:
        mapped(*rows)
    assert expected in str(caught.value)


def test_all_problems_are_reported_at_once():
    with pytest.raises(InvalidEngagement) as caught:
        mapped(step("a", process=-1, follows="x"), step("b", wait=-2, follows="y"), step("b"))
    assert len(caught.value.problems) == 6
    assert {p.row for p in caught.value.problems} == {2, 3, 4}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"holidays": ("25.12.2026",)}, 'holidays: "25.12.2026" is no date'),
        ({"time_zone": "Mars/Olympus"}, 'time_zone: "Mars/Olympus" is no time zone; allowed: an IANA name'),
        ({"assume": {"hours_per_day": 20}}, "must start and end within one local day"),
    ],
)
def test_a_calendar_that_makes_no_sense_is_named(fields, expected):
    with pytest.raises(InvalidEngagement) as caught:
        mapped(step("a", 1), **fields)
    assert expected in str(caught.value)


def test_a_loop_that_almost_never_ends_is_refused():
    rows = [
        step("a", 1, follows="b"),
        step("b", 1, follows=("a: 0.99999999999", "c"), decision=True),
        step("c"),
    ]
    with pytest.raises(InvalidEngagement, match="never leads to an end"):
        mapped(*rows)


def test_ways_back_that_never_end_are_told_with_their_row():
    """Two paths of three meet in a decision that sends half of the cases back: each case sets out two, one of which returns."""
    rows = [
        step("0", 5, 5, None, ("1", "2", "3"), decision=False),
        step("1", 5, 5, None, ()),
        step("2", 5, 5, None, ("3",), decision=False),
        step("3", 5, 5, None, ("4", "0"), decision=True),
        step("4", 5, 5, None, ()),
    ]
    with pytest.raises(InvalidEngagement) as told:
        mapped(*rows)
    assert [(p.column, p.value) for p in told.value.problems] == [("next", "0")]
    assert "never leads to an end" in told.value.problems[0].message
