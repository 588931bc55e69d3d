"""The scheduling engine against published projects."""

from __future__ import annotations

import os
import time
from pathlib import Path

import psplib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from psplib import earliest, latest, shortest, violations

from assess.decisions.roadmap.scheduling import (
    Activity,
    Project,
    generate,
    ordered,
    search,
    used_up_after,
    wsjf,
)

SHARED = Path(os.environ.get("ASSESS_SHARED_DATA", Path(__file__).parents[3] / "shared" / "data"))
J301 = SHARED / "scheduling" / "j301_1.sm"
FREE = 1e6


def network(entries, capacity=FREE, demand=1.0, horizon=200):
    names = list(entries)
    return Project(
        tuple(
            Activity(name, time, (demand,), tuple(names.index(b) for b in before))
            for name, (time, before) in entries.items()
        ),
        (capacity,),
        horizon=horizon,
    )


FOUNDRY = {
    "A": (2, ""), "B": (3, ""), "C": (2, "A"), "D": (4, "B"), "E": (4, "C"), "F": (3, "C"), "G": (5, "DE"), "H": (2, "FG"),
}  # fmt: skip
RELIABLE = {
    "A": (2, ""), "B": (4, "A"), "C": (10, "B"), "D": (6, "C"), "E": (4, "C"), "F": (5, "E"), "G": (7, "D"),
    "H": (9, "EG"), "I": (7, "C"), "J": (8, "FI"), "K": (4, "J"), "L": (5, "J"), "M": (2, "H"), "N": (6, "KL"),
}  # fmt: skip


def test_general_foundry():
    """Render, Stair and Hanna, Quantitative Analysis for Management, ch. Project Management: 15 weeks, A-C-E-G-H."""
    project = network(FOUNDRY)
    assert earliest(project) == (2, 3, 4, 7, 8, 7, 13, 15)
    assert latest(project) == (2, 4, 4, 8, 8, 13, 13, 15)
    critical = [
        a.name
        for a, e, late in zip(project.activities, earliest(project), latest(project), strict=True)
        if e == late
    ]
    assert critical == list("ACEGH")
    assert generate(project, list(range(8))).makespan == 15


def test_reliable_construction():
    """Hillier and Lieberman, Introduction to Operations Research, ch. 22: 44 weeks, A-B-C-E-F-J-L-N."""
    project = network(RELIABLE)
    early, late = earliest(project), latest(project)
    assert max(early) == 44
    assert [n for n, e, w in zip(RELIABLE, early, late, strict=True) if e == w] == list("ABCEFJLN")
    assert shortest(project).makespan == 44


def test_graham_longest_first_on_two_machines():
    """Graham 1969, Bounds on multiprocessing timing anomalies: 3 3 2 2 2 longest first takes 7, the best is 6."""
    project = network({str(i): (t, "") for i, t in enumerate((3, 3, 2, 2, 2))}, capacity=2, horizon=20)
    assert generate(project, [0, 1, 2, 3, 4]).makespan == 7
    assert shortest(project, restarts=50).makespan == 6


@pytest.mark.parametrize(
    ("times", "machines", "best"),
    [((3, 2, 2, 2, 4, 4, 4, 4, 9), 3, 12), ((2, 1, 1, 1, 3, 3, 3, 3, 8), 3, 10)],
)
def test_graham_anomaly(times, machines, best):
    """Graham 1969: T1 before T9, T4 before T5 to T8 on three machines: 12; with every time one less the best is 10."""
    before = {8: (0,), 4: (3,), 5: (3,), 6: (3,), 7: (3,)}
    project = Project(
        tuple(Activity(f"T{i + 1}", t, (1.0,), before.get(i, ())) for i, t in enumerate(times)),
        (float(machines),),
        horizon=50,
    )
    found = shortest(project, restarts=100)
    assert found.makespan == best
    assert not violations(project, found)


@pytest.mark.skipif(not J301.exists(), reason="shared data absent")
def test_psplib_j301_1():
    """PSPLIB j301_1: the file says MPM time 38; the optimum is 43 (Kolisch and Sprecher 1997)."""
    project = psplib.read(J301.read_text())
    assert max(earliest(project)) == 38
    start = time.process_time()
    found = shortest(project, restarts=150)
    assert time.process_time() - start < 5
    assert found.makespan is not None and 43 <= found.makespan <= 45
    assert not violations(project, found)


def test_wsjf_of_the_published_example():
    assert wsjf(100 + 50 + 20, 10) == 17
    assert wsjf(80 + 30 + 10, 5) == 24


@pytest.mark.parametrize(("maintenance", "weeks"), [(0.22, 59), (0.25, 52)])
def test_week_in_which_the_reserve_is_used_up(maintenance, weeks):
    """The formula, and the engine that builds at full capacity week after week."""
    assert used_up_after(maintenance, 0.2) == pytest.approx(weeks, abs=0.5)
    built = tuple(Activity(str(i), 1, (0.8,), (), (maintenance * 0.8 / 52,)) for i in range(80))
    project = Project(built, (1.0,), (0.2,), horizon=200)
    found = generate(project, list(range(80)))
    starts = [start for start in found.starts if start is not None]
    assert starts == list(range(len(starts)))
    assert abs(len(starts) - weeks) <= 1
    assert not violations(project, found)


def test_what_waits_for_itself_is_named():
    with pytest.raises(ValueError, match="circle: a, b"):
        Project((Activity("a", 1, (1.0,), (1,)), Activity("b", 1, (1.0,), (0,))), (1.0,))


def test_what_fits_nowhere_stays_out_with_all_that_waits_for_it():
    project = Project(
        (Activity("big", 1, (5.0,)), Activity("after", 1, (1.0,), (0,)), Activity("small", 1, (1.0,))), (2.0,)
    )
    assert generate(project, [0, 1, 2]).starts == (None, None, 0)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_never_more_than_capacity_never_before_its_turn(data):
    count = data.draw(st.integers(1, 14))
    activities = tuple(
        Activity(
            str(place),
            data.draw(st.integers(1, 5)),
            (data.draw(st.floats(0, 4)),),
            tuple(data.draw(st.sets(st.integers(0, place - 1), max_size=3))) if place else (),
            (data.draw(st.floats(0, 0.6)),),
        )
        for place in range(count)
    )
    project = Project(activities, (5.0,), (1.0,), horizon=120)
    priority = data.draw(st.permutations(range(count)))
    found = generate(project, [float(p) for p in priority])
    assert not violations(project, found)
    assert set(ordered(project)) == set(range(count))


def test_sixty_items_in_under_two_seconds():
    activities = tuple(
        Activity(str(i), 2 + i % 4, (2.0 + i % 3,), tuple({i // 2, i // 3} - {i}) if i > 3 else (), (0.02,))
        for i in range(60)
    )
    project = Project(activities, (16.0,), (3.2,), horizon=520)
    start = time.process_time()
    found = search(project, list(map(float, range(60))), lambda s: float(s.makespan or 1e9), restarts=60)
    assert time.process_time() - start < 2
    assert found.makespan is not None and not violations(project, found)


@pytest.mark.parametrize("text", ["", "PRECEDENCE RELATIONS:\n"])
def test_a_file_that_is_none(text):
    with pytest.raises(ValueError, match="is missing"):
        psplib.read(text)
