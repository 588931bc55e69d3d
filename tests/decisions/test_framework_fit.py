"""Framework fit of whole engagements: constraints, scores, flips, and what is said about them."""

import datetime as dt
from pathlib import Path

import numpy as np
import pytest
from drawn import drawn_engagement
from hypothesis import example, given, settings
from hypothesis import strategies as st

from assess.core.estimate import Estimate
from assess.core.source import Source
from assess.decisions import framework
from assess.decisions.framework.criteria import CRITERIA, KEYS, value_tables, weights
from assess.decisions.framework.probability import carries, chance_below, quantile
from assess.intake.assumptions import Assumption, Assumptions, defaults
from assess.intake.engagement import Constraints, Engagement, Team
from assess.intake.engagement.landscape import STYLES, Integration, System

RANK = {"excluded": 0, "open": 1, "feasible": 2}

MODERN = ("rest", "events")


def engagement(*integrations, systems=None, **fields):
    if systems is None:
        systems = (System(id="crm", interfaces=MODERN), System(id="erp", interfaces=MODERN))
    fields.setdefault("team", Team(skills=dict.fromkeys(STYLES, 0.5)))
    fields.setdefault("assumptions", Assumptions())
    return Engagement(folder=Path(), client="Example", systems=systems, integrations=integrations, **fields)


def integration(**fields):
    answers = {
        "id": "I1",
        "source": "crm",
        "target": "erp",
        "interaction": "request-reply",
        "volume": Estimate.point(100_000, "messages/month"),
        "peak_per_second": 5,
        "latency_seconds": 10,
        "consumers": 1,
        "coverage": 0.5,
        "customisation": 0.5,
        "governance": "medium",
        "changes_per_year": Estimate.point(4),
        "partner": False,
    }
    return Integration(**(answers | fields))


def only(engagement, **options):
    return framework.fit(engagement, draws=200, **options).integrations[0]


def overriding(key, value):
    old = defaults()[key]
    new = Assumption(
        key=key, label=old.label, low=value, likely=value, high=value, source="test", date=dt.date(2026, 1, 1)
    )
    return Assumptions(overrides={key: new})


def broken(fit, style):
    return {check.constraint: check for check in fit.style(style).exclusions}


# What the article says about which style is for what


def test_a_predictable_request_reply_between_two_apis_is_api_first():
    assert only(engagement(integration())).winner == "api-first"


def test_real_time_propagation_to_many_is_event_driven():
    fit = only(engagement(integration(interaction="notify-many", latency_seconds=1, consumers=8)))
    assert fit.winner == "event-driven"


def test_heterogeneous_partner_systems_with_connectors_and_little_skill_are_ipaas():
    systems = (System(id="crm", interfaces=("rest",)), System(id="erp", interfaces=("soap",)))
    fit = only(
        engagement(
            integration(interaction="bulk", latency_seconds=3600, coverage=1, customisation=0, partner=True),
            systems=systems,
            team=Team(skills={style: 0.5 if style == "ipaas" else 0.1 for style in STYLES}),
        )
    )
    assert fit.winner == "ipaas"


# Hard constraints


def test_request_reply_excludes_events_and_files():
    fit = only(engagement(integration()))
    assert "interaction pattern" in broken(fit, "event-driven")
    assert "notify-many or bulk" in broken(fit, "event-driven")["interaction pattern"].feasible_if


def test_a_polling_platform_is_too_slow_for_seconds_and_says_which_latency_it_could_do():
    systems = (System(id="crm", interfaces=("rest",)), System(id="erp", interfaces=("rest",)))
    row = integration(interaction="notify-many", latency_seconds=10)
    check = broken(only(engagement(row, systems=systems)), "ipaas")["latency and peak load"]
    assert check.slack == pytest.approx(-0.95)
    limit = quantile(Assumptions()["framework.latency_floor.ipaas"], 0.95)
    assert check.feasible_if == f"the latency need were {limit / 60:.3g} min or more"
    relaxed = row.model_copy(update={"latency_seconds": limit * 1.001})
    assert only(engagement(relaxed, systems=systems)).style("ipaas").state == "feasible"


def test_a_source_that_pushes_lifts_the_polling_floor():
    row = integration(interaction="notify-many", latency_seconds=10)
    pushing = (System(id="crm", interfaces=("rest", "webhook")), System(id="erp", interfaces=("rest",)))
    assert only(engagement(row, systems=pushing)).style("ipaas").state == "feasible"


def test_a_peak_beyond_the_capacity_excludes():
    fit = only(engagement(integration(interaction="notify-many", peak_per_second=1_000)))
    check = broken(fit, "ipaas")["latency and peak load"]
    assert "carries the peak in 0% of cases" in check.reason
    assert "messages/s or less" in check.feasible_if
    assert fit.style("event-driven").state == "feasible"


def test_residency_excludes_a_platform_that_has_no_runtime_there():
    rules = Constraints(residency=("EU",))
    assert only(engagement(integration(), constraints=rules)).style("ipaas").state == "feasible"
    without = engagement(
        integration(), constraints=rules, assumptions=overriding("framework.region.ipaas.EU", 0)
    )
    assert "data residency" in broken(only(without), "ipaas")
    assert only(without).style("api-first").state == "feasible"


def test_a_region_or_certificate_nobody_knows_of_is_untested_not_passed():
    for rules in (Constraints(residency=("Atlantis",)), Constraints(certifications=("X-1",))):
        fit = only(engagement(integration(), constraints=rules)).style("ipaas")
        assert fit.state == "open"
        assert "not known" in fit.untested[0].reason


def test_one_of_the_allowed_regions_is_enough_but_a_system_that_is_bound_to_a_region_stays_there():
    lax = Constraints(residency=("Atlantis", "EU"))
    assert only(engagement(integration(), constraints=lax)).style("ipaas").state == "feasible"
    bound = (System(id="crm", interfaces=MODERN, residency="Atlantis"), System(id="erp", interfaces=MODERN))
    assert only(engagement(integration(), systems=bound)).style("ipaas").state == "open"


def test_a_certificate_is_recognised_however_it_is_written():
    rules = Constraints(certifications=("ISO 27001", "soc-2"))
    assert only(engagement(integration(), constraints=rules)).style("ipaas").state == "feasible"


def test_the_clients_exclusion_is_kept():
    fit = only(engagement(integration(), constraints=Constraints(excluded_styles=("api-first",))))
    check = broken(fit, "api-first")["client's rule"]
    assert check.reason == "the client excludes APIs"
    assert check.feasible_if == "the client lifted its exclusion of APIs"
    assert fit.winner != "api-first"


# Legacy systems


def legacy(interfaces, takes=("rest",), **fields):
    systems = (System(id="crm", interfaces=interfaces), System(id="erp", interfaces=takes))
    return engagement(integration(**fields), systems=systems)


def test_a_system_without_api_excludes_api_first_and_says_what_it_would_have_to_offer():
    check = broken(only(legacy(("file",))), "api-first")["protocol reach"]
    assert check.slack == -1
    assert check.feasible_if == "crm offered an API or webhook"


def test_files_for_a_slow_legacy_system_and_a_facade_for_a_fast_one():
    rules = Constraints(excluded_styles=("ipaas",))
    slow = legacy(("file",), ("rest", "file"), interaction="bulk", latency_seconds=86_400)
    fast = legacy(("file", "database"), interaction="request-reply", latency_seconds=10)
    assert only(slow.model_copy(update={"constraints": rules})).winner == "file-exchange"
    assert only(fast.model_copy(update={"constraints": rules})).winner == "api-facade"


def test_facades_are_not_for_systems_that_have_an_api():
    assert "applicability" in broken(only(engagement(integration())), "api-facade")


def test_neither_is_for_systems_that_are_not_known_to_lack_an_api():
    silent = tuple(System(id=id) for id in ("crm", "erp"))
    fit = only(engagement(integration(latency_seconds=86_400), systems=silent))
    for style in ("file-exchange", "api-facade"):
        assert "no system is known to lack an API" in broken(fit, style)["applicability"].reason
    assert fit.style("api-first").state == "open"


def database_only(**fields):
    systems = tuple(System(id=id, interfaces=("database",)) for id in ("crm", "erp"))
    row = integration(interaction="bulk", latency_seconds=120, peak_per_second=70, **fields)
    return engagement(row, systems=systems)


def test_database_access_is_the_last_resort_and_comes_with_a_warning():
    result = framework.fit(database_only(), draws=100)
    fit = result.integrations[0]
    assert fit.winner == "database-access"
    assert "past the application's own logic" in fit.style("database-access").warnings[0]
    assert "the peak were" in broken(fit, "api-facade")["latency and peak load"].feasible_if


def test_database_access_is_excluded_as_soon_as_another_style_is_feasible():
    made = database_only()
    row = made.integrations[0].model_copy(update={"latency_seconds": 86_400.0})
    takes = made.systems[1].model_copy(update={"interfaces": ("database", "file")})
    fit = only(made.model_copy(update={"integrations": (row,), "systems": (made.systems[0], takes)}))
    assert fit.winner == "file-exchange"
    assert "files can do it" in broken(fit, "database-access")["last resort"].reason


def test_files_go_only_to_what_takes_files_and_platforms_write_into_no_database():
    fit = only(database_only())
    assert broken(fit, "file-exchange")["protocol reach"].feasible_if == "erp offered file"
    assert "protocol reach" in broken(fit, "ipaas")


def test_nothing_feasible_says_what_would_have_to_change():
    result = framework.fit(legacy(("none",)), draws=100)
    fit = result.integrations[0]
    assert fit.winner is fit.runner_up is fit.margin is None
    assert fit.shares_stated == {}
    assert len(fit.would_have_to_change) == len(STYLES)
    assert fit.would_have_to_change[0].startswith("APIs: if crm offered an API")
    assert result.findings[0].severity == "critical"
    assert {f.id: f.value for f in result.facts}["framework.I1.winner"] is None


# Probabilities


def test_pert_probabilities_in_closed_form():
    """Symmetric PERT(0, 5, 10) is 10 Beta(3, 3): P(X <= 2.5) = 10 x^3 - 15 x^4 + 6 x^5 at x = 1/4."""
    estimate = Estimate(low=0, likely=5, high=10)
    assert chance_below(estimate, 2.5) == pytest.approx(10 / 4**3 - 15 / 4**4 + 6 / 4**5)
    assert chance_below(estimate, -1) == 0
    assert chance_below(estimate, 11) == 1
    assert quantile(estimate, chance_below(estimate, 2.5)) == pytest.approx(2.5)
    assert chance_below(Estimate.point(3), 3) == 1
    assert chance_below(Estimate.point(3), 2.999) == 0


def test_capacity_against_an_uncertain_peak_agrees_with_sampling():
    capacity, volume, factor = Estimate(low=10, likely=50, high=300), Estimate(low=1, likely=4, high=20), Estimate(
        low=3, likely=10, high=50
    )  # fmt: skip
    rng = np.random.default_rng(4)

    def draw(e):
        a = 1 + 4 * (e.likely - e.low) / (e.high - e.low)
        return e.low + (e.high - e.low) * rng.beta(a, 6 - a, 400_000)

    sampled = float((draw(volume) * draw(factor) <= draw(capacity)).mean())
    assert carries(capacity, (volume, factor)) == pytest.approx(sampled, abs=0.005)
    assert carries(capacity, (Estimate.point(10),)) == 1
    assert carries(Estimate.point(5), (Estimate.point(5),)) == 1
    assert carries(Estimate.point(5), (Estimate.point(5.01),)) == 0


# Scores


def test_scores_are_the_weighted_values_at_the_fixed_anchors():
    """By hand from the assumptions: every answer of this integration lies on an anchor or half way."""
    row = integration(latency_seconds=60, volume=Estimate.point(1e6), consumers=3)
    result = framework.fit(engagement(row), draws=100)
    a = {key: entry.likely for key, entry in defaults().items()}
    points = {key: a[f"framework.weight.{key}"] for key in KEYS}

    def value(criterion, level):
        return a[f"framework.value.{criterion}.{level}.api-first"]

    expected = {
        "volume": value("volume", "million"),
        "latency": value("latency", "minute"),
        "interaction": value("interaction", "request-reply"),
        "consumers": value("consumers", "three"),
        "heterogeneity": value("heterogeneity", "same"),
        "coverage": (value("coverage", "none") + value("coverage", "full")) / 2,
        "customisation": (value("customisation", "standard") + value("customisation", "specific")) / 2,
        "governance": value("governance", "medium"),
        "change": value("change", "quarterly"),
        "partner": value("partner", "inside"),
        "skill": 0.5,
    }
    fit = result.integrations[0].style("api-first")
    assert {term.criterion: term.value for term in fit.terms} == pytest.approx(expected)
    assert fit.score == pytest.approx(sum(points[k] * v for k, v in expected.items()) / sum(points.values()))
    assert fit.low == pytest.approx(fit.score)
    assert fit.high == pytest.approx(fit.score)


def test_values_between_anchors_are_interpolated_in_the_logarithm():
    """600 s lies 0.5624 of the way from a minute to an hour in the logarithm."""
    way = np.log(600 / 60) / np.log(3600 / 60)
    a = {key: entry.likely for key, entry in defaults().items()}
    term = next(
        t
        for t in only(engagement(integration(latency_seconds=600))).style("ipaas").terms
        if t.criterion == "latency"
    )
    minute, hour = (a[f"framework.value.latency.{level}.ipaas"] for level in ("minute", "hour"))
    assert term.value == pytest.approx(minute + way * (hour - minute))


def test_values_stay_beyond_the_anchors():
    for seconds in (0, 1):
        fit = only(engagement(integration(latency_seconds=seconds)))
        assert fit.style("ipaas").terms[1].value == defaults()["framework.value.latency.second.ipaas"].likely


def test_every_gap_is_the_sum_of_its_terms():
    fit = only(engagement(integration()))
    for style in STYLES:
        for other in STYLES:
            gaps = fit.explain(style, other)
            gap = fit.style(style).score - fit.style(other).score
            assert sum(g.difference for g in gaps) == pytest.approx(gap)
            assert [abs(g.difference) for g in gaps] == sorted(
                (abs(g.difference) for g in gaps), reverse=True
            )


def test_connectors_answer_an_unstated_coverage():
    systems = (
        System(id="crm", interfaces=MODERN, connectors=("workato", "boomi")),
        System(id="erp", interfaces=MODERN, connectors=("boomi",)),
    )
    term = only(engagement(integration(coverage=None), systems=systems)).style("ipaas").terms[5]
    assert (term.criterion, term.stated) == ("coverage", True)
    assert term.value == defaults()["framework.value.coverage.full.ipaas"].likely


def test_weights_of_the_engagement_replace_the_defaults():
    fit = framework.fit(engagement(integration(), weights={**dict.fromkeys(KEYS, 0), "skill": 3}), draws=50)
    assert fit.weights["skill"] == 1
    assert fit.integrations[0].styles[0].score == 0.5


@pytest.mark.parametrize("weights", [{"colour": 1}, dict.fromkeys(KEYS, 0)])
def test_weights_that_make_no_sense_are_refused(weights):
    with pytest.raises(ValueError, match=r"weights: .*(allowed are|above 0)"):
        framework.fit(engagement(integration(), weights=weights))


# Unanswered never helps

OPTIONAL = ("interaction", "volume", "peak_per_second", "latency_seconds", "consumers", "coverage", "customisation",
            "governance", "changes_per_year", "partner")  # fmt: skip

rows = st.fixed_dictionaries(
    {
        "interaction": st.sampled_from(["request-reply", "notify-many", "bulk"]),
        "volume": st.floats(0, 9).map(lambda x: Estimate.point(10**x)),
        "peak_per_second": st.none() | st.floats(0, 1000),
        "latency_seconds": st.floats(-1, 6).map(lambda x: 10**x),
        "consumers": st.integers(0, 20),
        "coverage": st.floats(0, 1),
        "customisation": st.floats(0, 1),
        "governance": st.sampled_from(["low", "medium", "high"]),
        "changes_per_year": st.floats(0, 30).map(Estimate.point),
        "partner": st.booleans(),
    }
)
interfaces = st.lists(
    st.sampled_from(["rest", "soap", "events", "webhook", "file", "database", "ui"]),
    min_size=1,
    max_size=3,
    unique=True,
).map(tuple)


@example(
    row={**dict.fromkeys(("coverage", "customisation"), 0.0), "interaction": "request-reply", "volume": Estimate.point(1.0),
         "peak_per_second": None, "latency_seconds": 10.0, "consumers": 0, "governance": "low",
         "changes_per_year": Estimate.point(0.0), "partner": False},
    blank={"interaction"}, a=("rest",), b=("file",), hide=False,
)  # fmt: skip
@given(
    row=rows,
    blank=st.sets(st.sampled_from(OPTIONAL), min_size=1),
    a=interfaces,
    b=interfaces,
    hide=st.booleans(),
)
@settings(max_examples=100, deadline=None)
def test_removing_answers_never_raises_a_score_a_state_or_the_certainty(row, blank, a, b, hide):
    systems = (System(id="crm", interfaces=a), System(id="erp", interfaces=b))
    silent = (systems[0].model_copy(update={"interfaces": ()}), systems[1]) if hide else systems
    # the load is one answer: a missing peak is answered by the volume and a dated assumption
    blank = blank | {"peak_per_second"} if "volume" in blank else blank - {"peak_per_second"}
    full = only(engagement(integration(**row), systems=systems))
    less = only(
        engagement(
            integration(**(row | dict.fromkeys(blank))), systems=silent, team=Team(skills={"api-first": 0.5})
        )
    )
    for style in STYLES:
        before, after = full.style(style), less.style(style)
        assert after.score <= before.score + 1e-12
        assert after.low <= before.low + 1e-12
        assert after.high >= before.high - 1e-12
        # excluded -> open is a loss of knowledge, never a pass
        assert after.state != "feasible" or before.state == "feasible"
    assert not less.settled or (full.settled and full.winner == less.winner)


def test_a_missing_peak_is_answered_by_the_volume_and_a_dated_assumption():
    """A million messages a month are 0.38 a second on average and 19 at fifty times that."""

    def load(**fields):
        return next(
            c for c in only(engagement(integration(interaction="notify-many", **fields))).style("ipaas").checks
            if c.constraint == "latency and peak load"
        )  # fmt: skip

    few, many = (load(peak_per_second=None, volume=Estimate.point(v)) for v in (1e6, 1e8))
    assert (few.passed, many.passed) == (True, False)
    assert "as:framework.peak_factor" in few.of
    assert "as:framework.peak_factor" not in load().of
    assert load(peak_per_second=None, volume=None).passed is None


def test_answering_nothing_is_open_with_the_widest_range():
    bare = Integration(id="I1", source="crm", target="erp")
    result = framework.fit(engagement(bare, systems=(), team=Team()), draws=100)
    fit = result.integrations[0]
    assert fit.styles[0].state == "open"
    assert not fit.settled
    assert all(not term.stated for term in fit.styles[0].terms)
    assert fit.styles[0].low == fit.styles[0].score < fit.styles[0].high


def test_no_integrations_is_missing_input_not_an_error():
    result = framework.fit(engagement())
    assert result.integrations == ()
    assert result.missing[0].supply == "the integrations, in integrations.csv"
    assert result.facts == ()


# Monotone


@given(row=rows, more=st.floats(0, 1), less=st.floats(0, 1), style=st.sampled_from(STYLES))
@settings(max_examples=60, deadline=None)
def test_more_skill_in_a_style_raises_its_score_and_no_other(row, more, less, style):
    low, high = sorted((less, more))
    base = dict.fromkeys(STYLES, 0.5)
    before = only(engagement(integration(**row), team=Team(skills={**base, style: low})))
    after = only(engagement(integration(**row), team=Team(skills={**base, style: high})))
    for other in STYLES:
        change = after.style(other).score - before.style(other).score
        assert change >= -1e-12 if other == style else change == 0


@given(row=rows, a=interfaces, b=interfaces, factor=st.floats(1, 1e4))
@settings(max_examples=60, deadline=None)
def test_a_laxer_latency_need_never_excludes_and_a_larger_volume_never_admits(row, a, b, factor):
    systems = (System(id="crm", interfaces=a), System(id="erp", interfaces=b))
    before = only(engagement(integration(**row), systems=systems))
    lax = only(
        engagement(
            integration(**(row | {"latency_seconds": row["latency_seconds"] * factor})), systems=systems
        )
    )
    big = only(engagement(integration(**(row | {"volume": row["volume"].scaled(factor)})), systems=systems))
    for style in STYLES[:5]:  # database access turns on the others
        state = RANK[before.style(style).state]
        assert RANK[lax.style(style).state] >= state
        assert RANK[big.style(style).state] <= state


# What would change the winner


@given(row=rows, a=interfaces, b=interfaces)
@settings(max_examples=60, deadline=None)
def test_the_input_flip_really_flips_and_half_of_it_does_not(row, a, b):
    systems = (System(id="crm", interfaces=a), System(id="erp", interfaces=b))
    fit = only(engagement(integration(**row), systems=systems))
    flip = fit.input_flip
    if flip is None:
        return
    field = {c.key: c.column for c in CRITERIA}[flip.criterion]
    cell = {"yes": True, "no": False}.get(flip.becomes, flip.becomes)
    changed = {field: Estimate.point(cell) if field in ("volume", "changes_per_year") else cell}
    assert only(engagement(integration(**(row | changed)), systems=systems)).winner == flip.to
    assert flip.to != fit.winner
    was = flip.was
    if isinstance(was, float) and was > 0 and field != "consumers":
        log = field in ("volume", "latency_seconds")
        near = was * (flip.becomes / was) ** 0.99 if log else was + 0.99 * (flip.becomes - was)
        almost = {field: Estimate.point(near) if field in ("volume", "changes_per_year") else near}
        assert only(engagement(integration(**(row | almost)), systems=systems)).winner == fit.winner


def test_the_input_flip_is_where_the_scores_cross_by_hand():
    """Only coverage c and skill count: (.7 - .2 c + .6) / 2 of api-first meets (.2 + .8 c + .5) / 2 of ipaas at c = .6."""
    weights = {**dict.fromkeys(KEYS, 0), "coverage": 1, "skill": 1}
    team = Team(skills={**dict.fromkeys(STYLES, 0), "api-first": 0.6, "ipaas": 0.5})
    fit = only(engagement(integration(coverage=0.5, interaction="bulk"), weights=weights, team=team))
    flip = fit.input_flip
    assert (fit.winner, flip.criterion, flip.to, flip.was) == ("api-first", "coverage", "ipaas", 0.5)
    assert flip.becomes == pytest.approx(0.6, abs=1e-5)
    assert flip.distance == pytest.approx(0.1, abs=1e-5)
    assert fit.margin == pytest.approx(((0.7 - 0.1 + 0.6) - (0.2 + 0.4 + 0.5)) / 2)


def test_beyond_the_anchors_a_flip_still_has_its_distance():
    """Every latency below a second has the value of a second, yet styles go out one after the other."""
    fit = only(engagement(integration(latency_seconds=0.5)))
    assert fit.winner == "api-first"
    assert fit.input_flip.distance > 0


def test_the_weights_of_the_flip_bring_the_rival_level():
    row = engagement(integration())
    fit = only(row)
    flip = fit.weight_flip
    assert flip is not None
    assert sum(flip.weights.values()) == pytest.approx(1)
    level = only(row.model_copy(update={"weights": flip.weights}))
    assert level.style(flip.to).score == pytest.approx(level.style(fit.winner).score)
    stated = framework.fit(row, draws=10).weights
    moved = sum(abs(flip.weights[k] - stated[k]) for k in KEYS) / 2
    assert moved == pytest.approx(flip.moved)


def test_shares_sum_to_one_over_the_candidates():
    fit = only(engagement(integration(interaction="bulk", latency_seconds=7200)))
    assert set(fit.shares_stated) == set(fit.candidates) == set(fit.shares_simplex)
    assert sum(fit.shares_stated.values()) == pytest.approx(1)
    assert sum(fit.shares_simplex.values()) == pytest.approx(1)


def test_answers_are_repeated_in_words():
    words = {t.criterion: t.level for t in only(engagement(integration())).styles[0].terms}
    assert words == {
        "volume": "100,000 messages/month", "latency": "10 s", "interaction": "request-reply", "consumers": "1 consumers",
        "heterogeneity": "2 of 2 kinds of interface in common", "coverage": "50%", "customisation": "50%",
        "governance": "medium", "change": "4 changes/year", "partner": "no", "skill": "50% experience",
    }  # fmt: skip


# Findings, facts, records


def test_every_fact_has_a_source_that_reaches_the_inputs():
    row = integration(origin=Source(kind="input", place="integrations.csv", row=2))
    result = framework.fit(engagement(row), draws=50)
    assert all(fact.sources for fact in result.facts)
    score = next(f for f in result.facts if f.id == "framework.I1.score")
    assert "in:integrations.csv:2:latency_seconds" in score.sources[0].of
    assert "as:framework.latency_floor.api-first" in score.sources[0].of
    assert len({f.id for f in result.facts}) == len(result.facts)


def test_every_assumption_that_is_named_as_a_source_exists():
    result = framework.fit(engagement(integration(), integration(id="I2", interaction=None)), draws=50)
    named = {
        id.removeprefix("as:")
        for fit in result.integrations
        for style in fit.styles
        for part in (*style.terms, *style.checks)
        for id in part.of
        if id.startswith("as:")
    }
    assert named
    assert named <= set(defaults())


def test_same_seed_same_bytes_and_a_round_trip_loses_nothing():
    rows = [integration(), integration(id="I2", interaction="bulk", governance=None)]
    first, again = (framework.fit(engagement(*rows), seed=3, draws=500) for _ in range(2))
    assert first.to_json() == again.to_json()
    assert framework.Framework.from_json(first.to_json()) == first
    assert "NaN" not in first.to_json()
    other = framework.fit(engagement(*rows), seed=4, draws=500)
    assert other.integrations[0].shares_simplex != first.integrations[0].shares_simplex


def test_tables_have_a_row_for_each_thing():
    result = framework.fit(engagement(integration(), integration(id="I2")), draws=50)
    assert result.table["integration"].tolist() == ["I1", "I2"]
    assert framework.fit(engagement(), draws=50).table.empty


@pytest.mark.parametrize("volume", [0.0, 1e12])
def test_extreme_volumes_have_true_answers(volume):
    fit = only(engagement(integration(volume=Estimate.point(volume), peak_per_second=None)))
    assert all(0 <= style.score <= 1 for style in fit.styles)
    assert (fit.winner is None) == (
        volume == 1e12
    )  # 3.8 million a second at the peak: no request-reply style


def test_500_integrations():
    rows = [
        integration(id=f"I{n}", coverage=n / 500, interaction="bulk", latency_seconds=600) for n in range(500)
    ]
    result = framework.fit(engagement(*rows), draws=100)
    assert sum(fit.winner is not None for fit in result.integrations) == 500


@pytest.mark.parametrize("key", [one.key for one in CRITERIA if one.scale == "words"])
def test_words_are_read_as_their_place_among_the_levels(key):
    """A level is read as the number of those before it, in the client's own word; an answer that is missing as none."""
    (criterion,) = (one for one in CRITERIA if one.key == key)
    levels = {
        "interaction": ("request-reply", "notify-many", "bulk"), "governance": ("low", "medium", "high"), "partner": (False, True)
    }[criterion.column]  # fmt: skip
    made = engagement(integration())
    for place, level in enumerate(levels):
        item = made.integrations[0].model_copy(update={criterion.column: level})
        read = criterion.read(made, item)
        assert (read.low, read.likely, read.high) == (place, place, place)
        assert read.words == {False: "no", True: "yes"}.get(level, level)
        assert [one.id for one in read.sources] == [item.cite(criterion.column).id]
    assert len(criterion.anchors) == len(levels)
    assert criterion.read(made, made.integrations[0].model_copy(update={criterion.column: None})) is None


def test_the_table_of_fits_says_what_its_records_say():
    made = engagement(integration())
    result = framework.fit(made, draws=50)
    rows = result.table.to_dict("records")
    for row, one in zip(rows, result.integrations, strict=True):
        assert one.winner and row["winner"] == one.winner
        assert (row["first_around_stated"], row["first_anywhere"]) == (
            one.shares_stated[one.winner],
            one.shares_simplex[one.winner],
        )
        assert (row["score"], row["low"], row["high"]) == (
            one.style(one.winner).score,
            one.style(one.winner).low,
            one.style(one.winner).high,
        )
    lost = result.model_copy(
        update={"integrations": tuple(one.model_copy(update={"winner": None}) for one in result.integrations)}
    )
    assert lost.table[["winner", "score", "first_around_stated", "first_anywhere"]].isna().all(axis=None)


def test_values_are_those_that_numpy_interpolates():
    for criterion in CRITERIA:
        table = np.random.default_rng(len(criterion.anchors)).random((len(criterion.anchors), 3))
        low, high = criterion.anchors[0], criterion.anchors[-1]
        x = np.concatenate([np.linspace(low, high * 1.1, 50), criterion.anchors])
        at, anchors = criterion.position(x), criterion.position(np.array(criterion.anchors))
        expected = np.column_stack([np.interp(at, anchors, column) for column in table.T])
        np.testing.assert_allclose(criterion.values(table, x), expected, rtol=1e-12, atol=1e-15)


def test_of_another_team_only_what_it_can_is_judged_anew():
    told = drawn_engagement(3)
    team = told.team.model_copy(update={"skills": {"api-first": 0.9, "event-driven": 0.2}})
    other = told.model_copy(update={"team": team})
    scale = weights(told), value_tables(told)
    for item, held in zip(told.integrations, framework.fit(told).integrations, strict=True):
        fresh = framework.constrained_fit(other, item, *scale)
        assert framework.constrained_fit(other, item, *scale, held) == fresh
