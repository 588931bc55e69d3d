"""Chapters say what the results hold: sentences are computed, numbers are traced, absent input is no zero."""

from pathlib import Path

import pytest

from assess import intake
from assess.decisions.assessment import Assessment
from assess.intake.cache import Cache
from assess.report import chapters
from assess.report.numbers import quantity

SAMPLES = Path(__file__).parents[2] / "data" / "samples"
MAKERS = {name: getattr(chapters, name) for name in chapters.__all__ if not name.startswith("save_")}


def opened(location):
    assessment = Assessment.open(location, draws=2_000)
    assessment._cache = Cache(None)
    return assessment


@pytest.fixture(scope="module")
def minimal():
    return opened(SAMPLES / "minimal")


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return opened(intake.init(tmp_path_factory.mktemp("new") / "acme"))


@pytest.mark.parametrize("name", MAKERS)
def test_every_chapter_of_a_new_engagement_is_assessed_and_its_numbers_are_traced(whole, name):
    chapter = MAKERS[name](whole)
    if name == "readiness_and_risk":
        assert chapter.state in ("assessed", "not_assessed")
    else:
        assert chapter.state == "assessed", chapter.missing
    known = {source.id for source in chapter.evidence()}
    for fact in chapter.facts:
        assert fact.value is None or isinstance(fact.value, str | bool) or fact.sources
    for table in (*chapter.tables, *(figure.table for figure in chapter.figures)):
        for row in table.rows:
            for cell, column in zip(row, table.columns, strict=True):
                assert set(cell.sources or column.sources) <= known
                if isinstance(cell.value, int | float) and not isinstance(cell.value, bool):
                    assert cell.sources or column.sources or table.sources, (table.id, column.key)


@pytest.mark.parametrize("name", ["value_stream", "data_quality", "readiness_and_risk"])
def test_what_was_not_supplied_is_not_assessed_and_says_what_to_supply(minimal, name):
    chapter = MAKERS[name](minimal)
    assert chapter.state == "not_assessed"
    assert chapter.missing
    assert chapter.score is None
    assert not [fact for fact in chapter.facts if fact.value == 0]


def test_the_verdict_on_cost_states_the_best_option_of_the_model(minimal):
    cost, chapter = minimal.cost, chapters.total_cost(minimal)
    best = min(cost.options, key=lambda option: option.npv.mean)
    assert chapter.verdict.startswith(f"{best.label} ")
    assert f"[{quantity(round(best.npv.p50), cost.currency)}](cost.{best.id}.npv)" in chapter.verdict
    assert f"[{best.cheapest:.0%}](cost.{best.id}.cheapest)" in chapter.verdict


def test_the_verdict_on_framework_counts_the_assignment(minimal):
    assignment = minimal.framework.portfolio.assignment
    numbers = [int(word) for word in chapters.integration_profile(minimal).verdict.split() if word.isdigit()]
    assert len(assignment) in numbers


def test_the_histogram_of_crossovers_loses_no_future(minimal):
    from assess.report.chapters.build_or_buy.figures import binned

    turn = minimal.build_or_buy.crossing("integrations")
    edges, shares = binned(turn)
    assert len(edges) == len(shares) + 1
    assert edges[-1] >= turn.limit
    assert sum(shares) == pytest.approx(1 - turn.none)


def test_the_first_screen_counts_every_input_once(minimal):
    from assess.report.chapters.executive_summary import INPUTS

    coverage = chapters.executive_summary(minimal).coverage
    assert coverage.measured + coverage.stated + coverage.assumed == len(INPUTS) * len(
        minimal.engagement.integrations
    )
    assert coverage.measured == 0


def test_an_event_log_alone_answers_the_question_of_the_value_stream(tmp_path):
    """Three orders of two activities, half a day each; one never closed."""
    folder = intake.init(tmp_path / "acme")
    (folder / "value_stream.csv").unlink()
    (folder / "event_logs").mkdir(exist_ok=True)
    events = ["case,activity,time"]
    for case in "123":
        events += [f"{case},Check,2026-05-1{case}T09:00:00Z", f"{case},Approve,2026-05-1{case}T13:00:00Z"]
        events += [f"{case},Closed,2026-05-1{case}T15:00:00Z"] if case != "3" else []
    (folder / "event_logs" / "desk.csv").write_text("\n".join(events))
    chapter = chapters.value_stream(opened(folder))
    assert chapter.state == "assessed"
    assert "2 of 3 cases" in chapter.verdict and "1 never do" in chapter.verdict
    (figure,) = chapter.figures
    assert figure.sketch is not None and "67%" in figure.caption
    drawn = [mark.text for mark in figure.sketch.marks if hasattr(mark, "text")]
    assert {"1 Check", "2 Approve", "3 Closed", "3 (100%)", "2 (67%)"} <= set(drawn)


def test_the_map_shows_every_step_its_lane_and_its_signs(whole):
    chapter = chapters.value_stream(whole)
    figure = next(figure for figure in chapter.figures if figure.id == "map")
    drawn = " ".join(mark.text for mark in figure.sketch.marks if hasattr(mark, "text"))
    for n, step in enumerate(whole.value_stream.steps, 1):
        assert f"{n} {(step.name or step.step).split()[0]}" in drawn
        assert (step.role or step.system) in drawn
    assert drawn.count("typed again") == len(whole.value_stream.reentries)
    assert f"{whole.value_stream.current.days:,.1f} days" in drawn
