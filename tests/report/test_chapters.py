"""Chapters say what the results hold: sentences are computed, numbers are traced, absent input is no zero."""

from pathlib import Path

import pytest

from assess import intake
from assess.core.cache import Cache
from assess.core.numbers import quantity
from assess.decisions.assessment import Assessment
from assess.report import chapters

SAMPLES = Path(__file__).parents[2] / "data" / "samples"
MAKERS = {name: getattr(chapters, name) for name in chapters.__all__ if not name.startswith("save_")}


def opened(location):
    assessment = Assessment.open(location, draws=2_000)
    assessment._cache = Cache(None)
    return assessment


@pytest.fixture(scope="module")
def minimal(sample):
    return sample("minimal")


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


@pytest.mark.parametrize("name", ["value_stream", "data_quality", "operations", "readiness_and_risk"])
def test_what_was_not_supplied_is_not_assessed_and_says_what_to_supply(minimal, name):
    chapter = MAKERS[name](minimal)
    assert chapter.state == "not_assessed"
    assert chapter.missing
    assert not [fact for fact in chapter.facts if fact.value == 0]


def test_the_verdict_on_cost_states_the_gain_of_the_decision(minimal):
    gain, chapter = minimal.decision.gain, chapters.total_cost(minimal)
    word = "gained" if gain.mean > 0 else "lost"
    assert f"{quantity(abs(gain.mean), minimal.cost.currency)} {word} on average" in chapter.verdict
    assert chapter.verdict.startswith("It pays" if gain.mean > 0 else "It does not pay")


def test_the_verdict_on_framework_counts_the_assignment(minimal):
    assignment = {id: style for id, style in minimal.decision.landscape.items() if style}
    numbers = [int(word) for word in chapters.integration_profile(minimal).verdict.split() if word.isdigit()]
    assert len(assignment) in numbers


def test_the_first_screen_counts_every_input_once(minimal):
    from assess.decisions.decision.integrations import ANSWERS

    coverage = chapters.executive_summary(minimal).coverage
    parameters = {s.place for s in minimal.cost.sources if s.kind == "assumption"}
    told = len(ANSWERS) * len(minimal.engagement.integrations) + len(parameters)
    assert coverage.measured + coverage.stated + coverage.assumed == told
    assert coverage.measured == 0
    assert coverage.assumed > len(parameters) / 2


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
    assert "1 of 3 never reach an end" in chapter.verdict
    assert chapter.lead[0].startswith("Of 3 cases in desk.csv, 2 reach an end")
    (figure,) = chapter.figures
    assert figure.sketch is not None and "67%" in figure.caption
    drawn = [mark.text for mark in figure.sketch.marks if hasattr(mark, "text")]
    assert {"1 Check", "2 Approve", "3 Closed", "3 cases (100%)", "2 cases (67%)"} <= set(drawn)


def test_the_map_shows_every_step_its_lane_and_its_signs(whole):
    chapter = chapters.value_stream(whole)
    figure = next(figure for figure in chapter.figures if figure.id == "map")
    drawn = " ".join(mark.text for mark in figure.sketch.marks if hasattr(mark, "text"))
    for n, step in enumerate(whole.value_stream.steps, 1):
        assert f"{n} {(step.name or step.step).split()[0]}" in drawn
        assert (step.role or step.system) in drawn
    assert drawn.count("typed again") == len(whole.value_stream.reentries)
    assert f"{whole.value_stream.current.days:,.1f} days" in drawn


@pytest.fixture(scope="module")
def legacy(sample):
    return sample("legacy_manufacturer")


def test_systems_without_an_api_are_shown_with_what_remains(legacy):
    chapter = chapters.integration_profile(legacy)
    table = next(table for table in chapter.tables if table.id == "without-api")
    shut = [
        fit
        for fit in legacy.framework.integrations
        if all(fit.style(style).state == "excluded" for style in ("api-first", "event-driven"))
    ]
    assert [row[0].value for row in table.rows] == [fit.label for fit in shut]
    for fit, row in zip(shut, table.rows, strict=True):
        said = {column.key: cell.value for column, cell in zip(table.columns, row, strict=True)}
        for style in ("file-exchange", "api-facade"):
            assert (said[style] in ("possible", "perhaps")) == (fit.style(style).state != "excluded")
        if fit.winner is None:
            assert said["chosen"] == "none"
            assert said["change"] == "; ".join(fit.would_have_to_change[:2])
            assert any(fit.would_have_to_change[0] in change for change in chapter.changes)


def test_a_database_is_opened_only_with_a_warning(legacy):
    from assess.decisions import framework
    from assess.report.chapters.integration_profile import without_api

    only = [system.model_copy(update={"interfaces": ("database",)}) for system in legacy.engagement.systems]
    closed = legacy.engagement.constraints.model_copy(
        update={"excluded_styles": ("api-first", "event-driven", "ipaas", "file-exchange", "api-facade")}
    )
    found = framework.fit(
        legacy.engagement.model_copy(update={"systems": tuple(only), "constraints": closed}), draws=20
    )
    chosen = {fit.integration: fit.winner for fit in found.integrations if fit.winner}
    assert "database-access" in chosen.values()
    (table,) = without_api(found, chosen)
    place = next(n for n, column in enumerate(table.columns) if column.key == "database-access")
    used = [row[place] for row in table.rows if row[-2].value == "database access"]
    assert used
    assert all(cell.value == "with a warning" and "read only" in cell.note for cell in used)


def test_the_assumptions_to_look_at_are_listed_with_the_reason(legacy):
    (table,) = [table for table in chapters.total_cost(legacy).tables if table.id == "defaults"]
    engagement = legacy.engagement
    keys = [row[0].note for row in table.rows]
    entries = [engagement.assumptions.entry(key) for key in keys]
    assert set(engagement.assumptions.overrides) <= set(keys)
    for entry, row in zip(entries, table.rows, strict=True):
        flags = row[2].value
        assert ("overridden" in flags) == entry.overridden
        if not entry.overridden:
            assert ("days old" in flags) == entry.stale(engagement.date)
            assert ("disagree" in flags) == bool(entry.conflicts)
            assert ("belief" in flags) == entry.elicited
    used = {s.place for s in legacy.cost.sources if s.kind == "assumption"}
    old = {key for key in used if engagement.assumptions.entry(key).stale(engagement.date)}
    assert old <= set(keys)


def test_the_share_of_futures_that_turn_rises_to_what_is_left_of_those_that_never_do(minimal):
    figures = {figure.id: figure for figure in chapters.build_or_buy(minimal).figures}
    turn = minimal.build_or_buy.crossing("integrations")
    rises = figures["turned"].plot["data"][0]["y"]
    assert rises == sorted(rises)
    assert rises[-1] == pytest.approx(1 - turn.none, abs=1e-4)
    assert figures["turned"].table.rows[-1][1].value == turn.none


def test_the_running_gain_ends_at_the_gain_of_the_decision(whole):
    figure = next(f for f in chapters.total_cost(whole).figures if f.id == "running-gain")
    last = figure.table.rows[-1][1]
    gain = whole.decision.gain
    assert (last.value, last.low, last.high) == pytest.approx((gain.mean, gain.low, gain.high), rel=1e-6)


def test_the_summary_traces_every_goal_and_names_what_the_lines_leave_out(sample):
    assessment = sample("lead_to_cash")
    chapter = chapters.executive_summary(assessment)
    table = next(table for table in chapter.tables if table.id == "strategy")
    assert [row[0].value for row in table.rows] == [goal.goal for goal in assessment.engagement.goals]
    titles = [finding.title for finding in chapter.findings]
    assert "No integration serves the goal “Open the Polish market in one quarter”" in titles
    done = assessment.decision.assignment
    idle = [item for item in assessment.engagement.integrations if not item.goals and item.id in done]
    assert {f.id for f in chapter.findings} == {
        "strategy/new-market/unserved", *(f"strategy/{item.id}/aimless" for item in idle),
        *(f.id for f in assessment.reconciled.findings),
    }  # fmt: skip
