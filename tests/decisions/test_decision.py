"""The one decision: the rule, directions, and that every part says the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from assess.core.estimate import Estimate
from assess.decisions import framework
from assess.decisions.cost.cashflow import cash_flows
from assess.decisions.cost.draws import expected
from assess.decisions.cost.parameters import KEEP, Assigned, Inputs, gather
from assess.decisions.cost.plans import plans_on_offer
from assess.decisions.decision import RECOMMENDED, STANDING, Decision, decide
from assess.decisions.decision.candidates import WINDOW, candidates, freshness, may_be
from assess.decisions.decision.deciding import _Deciding, find_rule
from assess.decisions.decision.options import OptionsBeside
from assess.decisions.decision.pricing import NOTHING, STAY, OptionPricer
from assess.decisions.decision.rule import DecisionRule
from assess.decisions.framework.ranking import BYPASS
from assess.intake.assumptions import Assumptions
from assess.intake.engagement import Constraints, Engagement, Product
from assess.intake.engagement.landscape import Integration, Yearly

from .test_published_guidance import (
    GUIDANCE,
    SHUT,
    STREAMS,
    STYLES,
    decided,
    engagement,
    row,
    skilled,
    system,
    web,
)


def test_what_stands_beside_is_the_best_fit_and_the_cheapest_of_what_may_be_done():
    """Of styles that fit nearly alike; none of them costs less than the cheapest, none fits better than the best."""
    made = engagement(web(6, 5, latency_seconds=900.0), [system(f"s{n}", ("rest", "file", "events", "webhook")) for n in range(5)],
                      skilled(0.5, 0.5, 0.5))  # fmt: skip
    fits = framework.fit(made, draws=200)
    known = {item.integration.id: item for item in candidates(made, fits, ())}
    found = decide(Inputs(made), fits, draws=400)[0]
    several = [item for item in found.integrations if len(known[item.integration].styles) > 1]
    assert several
    for item in several:
        scores = {
            style: known[item.integration].fit.style(style).score for style in known[item.integration].styles
        }
        assert item.best_fit.style == max(scores, key=lambda style: scores[style])
        assert item.best_fit.fit == pytest.approx(max(scores.values()))
        assert item.cheapest.difference == min(item.cheapest.difference, item.best_fit.difference, 0.0)
        assert item.cheapest.fit == pytest.approx(scores[item.cheapest.style])


def test_doing_everything_is_never_dearer_than_doing_it_in_one_style():
    """The cheapest way to do all is one of all ways, those of a single style among them, also of the first of the styles."""
    made, style = GUIDANCE["the client excludes platforms"]
    _, rule = find_rule(Inputs(made), framework.fit(made, draws=200), 7)
    everything = OptionsBeside(rule, rule.ruling())._everything()
    alone = rule.search.price(np.full((1, len(made.integrations)), rule.pricer.code(style), np.int8))[0]
    assert (everything.codes >= 0).all()
    assert everything.npv <= alone.npv + 0.01


def test_master_data_of_a_night_is_not_distributed_by_events():
    """SAP, interface patterns: do not use publish and subscribe to distribute master data."""
    rows = [row(n, "s0", f"s{n + 1}", interaction="bulk", latency_seconds=86_400.0, consumers=3, changes_per_year=Estimate.point(1)) for n in range(4)]  # fmt: skip
    made = engagement(
        rows,
        [system(f"s{n}", ("rest", "file", "events", "webhook")) for n in range(5)],
        skilled(0.5, 0.5, 0.4),
    )
    assert "event-driven" not in set(decided(made).table["style"])


def test_a_landscape_of_three_kinds_takes_three_styles():
    """Events for core business events, APIs from service to service, a platform for partners."""
    shop = [system("shop", STREAMS), *(system(f"a{n}", STREAMS) for n in range(4))]
    core = [row(n, "shop", f"a{n % 4}", interaction="notify-many", volume=Estimate.point(2e6), latency_seconds=1.0, consumers=8, coverage=0.4, customisation=0.3)
            for n in range(6)]  # fmt: skip
    tail = [row(20 + n, f"p{n}", "shop", interaction="notify-many", volume=Estimate.point(900), latency_seconds=3600.0, partner=True,
                coverage=0.9, customisation=0.1, changes_per_year=Estimate.point(6)) for n in range(16)]  # fmt: skip
    calls = [
        row(
            50 + n,
            f"a{n % 4}",
            "shop",
            volume=Estimate.point(2e5),
            latency_seconds=1.0,
            coverage=0.3,
            customisation=0.4,
        )
        for n in range(8)
    ]
    partners = [system(f"p{n}", ("rest",)) for n in range(16)]
    made = engagement([*core, *calls, *tail], [*shop, *partners], skilled(0.7, 0.7, 0.6))
    taken = decided(made).assignment
    assert {taken[item.id] for item in core} == {"event-driven"}
    assert {taken[item.id] for item in calls} == {"api-first"}
    assert {taken[item.id] for item in tail} == {"ipaas"}


def test_files_go_only_to_what_takes_files_and_a_database_comes_with_a_warning():
    bulk = row(1, "s0", "old", interaction="bulk", latency_seconds=86_400.0, coverage=0.2)
    assert decided(engagement([bulk], SHUT)).assignment["i1"] not in ("file-exchange", "ipaas")
    barred = Constraints(excluded_styles=("api-facade",))
    item = decided(engagement([bulk], SHUT, constraints=barred)).integration("i1")
    if item.choice != "open":
        assert item.style == "database-access"
        assert "monitor strictly" in item.warnings[0]


def test_regions_nest():
    """A runtime somewhere in the EU may be taken for data that must stay in Germany, none for data in China."""
    for region, state in (("DE", "feasible"), ("CN", "open")):
        made = engagement(web(1, 2), [system(f"s{n}", residency=region) for n in range(2)])
        assert framework.fit(made, draws=20).integrations[0].style("ipaas").state == state


def priced(made, **more):
    plans = {plan.id: plan for offered in plans_on_offer(made).values() for plan in offered}
    terms = gather(made, plans=plans, **more)
    return OptionPricer(made, terms)


LOSS = Yearly(id="l", label="outage", per_year=Estimate(low=1e3, likely=2e3, high=9e3), styles=("ipaas",))
GAIN = Yearly(
    id="b", label="hours", per_year=Estimate(low=2e4, likely=4e4, high=5e4), integrations=("i1", "i3")
)


def varied():
    rows = web(6, 5, interaction="notify-many")
    today = (None, "manual", "point-to-point", "file-exchange", "api-first", "none")
    return engagement(
        [item.model_copy(update={"style_today": style}) for item, style in zip(rows, today, strict=True)]
    )


# The rule


def ruled(made, **more):
    pricer = priced(made, **more)
    benefits = tuple(more.get("benefits", ()))
    return DecisionRule(pricer, candidates(made, framework.fit(made, draws=50), benefits), 7)


def test_candidates_fit_within_the_window():
    made = varied()
    for item in candidates(made, framework.fit(made, draws=50), ()):
        scores = {fit.style: fit.score for fit in item.fit.styles}
        best = max(scores[style] for style in item.fit.candidates)
        assert set(item.styles) == {s for s in item.fit.candidates if scores[s] >= best - WINDOW - 1e-9}


def test_risks_that_nothing_changes_are_no_reason_for_a_dearer_fit():
    """Losses that strike every style alike, however large, leave the answer as it is."""
    for name in ("systems that change often", "stock to many in a second"):
        made = GUIDANCE[name][0]
        loss = Yearly(id="l", label="fire", per_year=Estimate.point(1e6))
        calm, rough = ruled(made).ruling(), ruled(made, losses=[loss]).ruling()
        assert np.array_equal(calm.recommended.codes, rough.recommended.codes)
        assert rough.base == pytest.approx(calm.base, rel=1e-9)


def test_a_style_may_fit_as_far_as_the_answers_tell():
    """Where nothing is answered every feasible style may be the best; where all is, the window decides."""
    full = candidates(varied(), framework.fit(varied(), draws=50), ())
    for item in full:
        for style in item.fit.candidates:
            assert may_be(item, style) == (style in item.styles)
    bare = Engagement(
        folder=Path(), client="T", assumptions=Assumptions(), integrations=(Integration(id="i0", source="a", target="b"),),
    )  # fmt: skip
    (item,) = candidates(bare, framework.fit(bare, draws=50), ())
    assert all(may_be(item, style) for style in item.fit.candidates)


def test_the_better_fit_is_left_only_for_a_clear_saving():
    """The recommended one fits at least as well as the cheapest; where it costs 5 % more, that is too unlikely."""
    for name in ("systems that change often", "stock to many in a second", "the long tail of partners"):
        rule = ruled(GUIDANCE[name][0])
        found = rule.ruling()
        assert rule.fit_of(found.recommended) >= rule.fit_of(found.cheapest) - 1e-9
        if found.saving is not None and found.saving >= 0.05:
            assert found.chance < 2 / 3


def test_an_option_that_gains_more_says_why_it_is_not_proposed():
    """Of a programme that must be done and brings nothing, leaving it gains more: that is why, and no other option has a why."""
    found = decided(GUIDANCE["the long tail of partners"][0])
    ours = found.recommended
    assert (ours.ahead, ours.instead) == (None, "")
    for option in found.options[1:]:
        assert bool(option.instead) == (option.gain.mean > ours.gain.mean + 0.5)
        if option.instead:
            left = ours.assignment.keys() - option.assignment.keys()
            assert option.instead == f"it leaves {len(left)} undone that are taken as required"
            assert option.ahead > 0.99
    assert found.option(STANDING).instead


def test_every_part_of_the_rule_that_strikes_an_option_is_named():
    """Gains by hand: 100 for the proposed in each of ten futures, and a tenth of what is paid, or a hundredth, more."""
    rows = [
        *web(4, 5),
        *(item.model_copy(update={"id": f"t{item.id}", "style_today": "api-first"}) for item in web(2, 5)),
    ]
    rule = ruled(engagement(rows))
    ruling = rule.ruling()
    assert ruling.recommended.codes[4:].tolist() == [STAY, STAY]
    deciding = _Deciding(None, rule, ruling, {}, None, 10, 1)
    ours, base = np.full(10, 100.0), ruling.base

    def why(*codes, more, futures=10):
        """Name a landscape with other codes, which gains so much more of what is paid on average, and more in so many futures."""
        landscape = ruling.recommended._replace(
            codes=np.array([*codes, *ruling.recommended.codes[len(codes) :]], np.int8)
        )
        gained = np.where(np.arange(10) < futures, 10 / futures, 0.0) * more * base
        return deciding._instead(landscape, ours + gained, ours)

    now = ruling.recommended.codes.tolist()
    worse = next(
        code for code, style in enumerate(rule.pricer.terms.styles)
        if code not in rule.search.allowed[0] and not may_be(rule.candidates[0], style)
    )  # fmt: skip
    assert why(*now, more=0.0) == ""
    assert why(NOTHING, more=0.01) == "it leaves 1 undone that is taken as required"
    assert why(NOTHING, NOTHING, more=0.01) == "it leaves 2 undone that are taken as required"
    assert why(worse, more=0.2).startswith("it fits worse than the rule allows (")
    assert why(*now[:4], now[0], now[0], more=0.2) == "it moves 2 more, whose gain is too unsure"
    assert why(*now, more=0.01) == "it saves 1.0% of what connecting costs; 5% would outweigh a better fit"
    assert (
        why(*now, more=0.1, futures=6)
        == "it gains more in 60% of futures; two in three would outweigh a better fit"
    )


def test_writing_past_an_application_is_warned_of_in_the_decision():
    """Of a nightly load into a system of which only the database is there, and no facade is wanted: no other way, and a warning on the row."""
    rows = [row(0, "s0", "old", interaction="bulk", latency_seconds=86_400.0)]
    systems = [system("s0", ("database",), connectors=()), system("old", ("database",), connectors=())]
    rule = Constraints(excluded_styles=("api-facade",))
    item = decided(engagement(rows, systems, constraints=rule)).integrations[0]
    assert (item.style, item.warnings) == ("database-access", (BYPASS,))
    kept = decided(GUIDANCE["systems that change often"][0])
    assert {one.warnings for one in kept.integrations} == {()}


def test_what_is_bought_names_the_plan_of_the_option_and_what_is_built_none():
    found = decided(GUIDANCE["systems that change often"][0])
    assert found.recommended.plans["ipaas"]
    for item in found.integrations:
        assert item.plan == found.recommended.plans.get(item.style, "")
        assert bool(item.platform) >= bool(item.plan)
    assert {item.choice for item in found.integrations if item.plan} == {"buy"}


def test_the_gains_of_the_integrations_and_what_they_share_are_the_gain():
    found = decided(GUIDANCE["systems that change often"][0])
    assert found.shared < 0  # a platform or a foundation is in none of them
    assert found.shared + sum(item.net.mean for item in found.integrations) == pytest.approx(found.gain.mean)
    nothing = found.model_copy(update={"gain": None})
    assert nothing.shared is None


def test_what_runs_stays_where_moving_brings_nothing():
    rows = [item.model_copy(update={"style_today": "api-first"}) for item in web(6, 5)]
    found = decided(engagement(rows))
    assert set(found.table["choice"]) == {"keep"}
    assert found.gain.mean == 0
    assert found.assignment == {}


def test_what_runs_moves_where_it_misses_a_stated_need():
    late = row(1, "s0", "s1", latency_seconds=30.0, interaction="notify-many", style_today="file-exchange")
    found = decided(engagement([late]))
    item = found.integration("i1")
    assert item.choice in ("build", "buy")
    assert item.timing == ("if required" if found.gain.mean < 0 else "now")
    assert "misses a stated need" in item.reasons[0]


def test_a_benefit_decides_whether_and_none_means_required():
    new = row(1, "s0", "s1", style_today="none")
    silent = decided(engagement([new])).integration("i1")
    assert (silent.required, silent.choice) == (True, "build")
    assert "no benefit stated" in silent.reasons[0]
    for amount, choice in ((200.0, "keep"), (200_000.0, "build")):
        gain = Yearly(id="b", label="hours", per_year=Estimate.point(amount), integrations=("i1",))
        found = decided(engagement([new]), benefits=[gain])
        assert found.integration("i1").choice == choice
        assert (found.integration("i1").timing == "not") == (choice == "keep")
        assert (found.gain.mean > 0) == (choice == "build")


def test_what_loses_is_done_only_if_required_and_is_no_proposal():
    """A board is asked whether it must be; what pays beside it is done, and an option that loses is not called proposed."""
    silent, paying = row(1, "s0", "s1", style_today="none"), row(2, "s1", "s2", style_today="none")
    gain = Yearly(id="b", label="hours", per_year=Estimate.point(200_000.0), integrations=("i2",))
    alone = decided(engagement([silent]))
    assert (alone.integration("i1").timing, alone.forced) == ("if required", ("i1",))
    assert alone.loses and alone.recommended.label == "If it must be done"
    assert alone.programme.keys() == {"i1"}  # how and when stay planned, for whoever says that it must be
    both = decided(engagement([silent, paying]), benefits=[gain])
    assert {item.integration: item.timing for item in both.integrations} == {"i1": "if required", "i2": "now"}
    assert not both.loses and both.recommended.label == "Proposed"
    small = gain.model_copy(update={"per_year": Estimate.point(200.0)})
    less = decided(engagement([silent, paying]), benefits=[small])
    assert {item.integration: item.timing for item in less.integrations} == {"i1": "if required", "i2": "not"}
    assert less.loses and less.recommended.label == "If it must be done"


def test_measured_failures_of_today_move_what_stays():
    """Fifty failures in a year of an integration that is critical are worth moving it; none are not."""
    from assess.decisions.cost.parameters import Observed

    item = row(1, "s0", "s1", style_today="point-to-point", criticality="critical")
    calm = decided(engagement([item]), observed={"i1": Observed(0, 2.0)})
    rough = decided(engagement([item]), observed={"i1": Observed(50, 1.0)})
    assert calm.integration("i1").choice == "keep"
    assert rough.integration("i1").choice in ("build", "buy")


def test_what_runs_no_more_and_nobody_owns_is_retired():
    """On evidence only: it costs nothing from then on, and the gain is what keeping it cost."""
    item = row(1, "s0", "s1", style_today="api-first")
    found = decided(engagement([item]), unused=("i1",))
    assert (found.integration("i1").choice, found.retired) == ("retire", ("i1",))
    assert found.gain.mean > 0
    assert found.option(RECOMMENDED).cost == 0


def test_an_owned_platform_is_taken_at_what_is_paid():
    rows = web(6, 5)
    broker = Product(
        id="w",
        product="Workato Business",
        component="orchestration",
        status="in-use",
        cost_per_year=Estimate.point(3_000),
    )
    assert set(decided(engagement(rows)).table["style"]) == {"api-first"}
    found = decided(engagement(rows, stack=(broker,)))
    assert set(found.table["style"]) == {"ipaas"}
    assert found.styles[0].owned == "Workato Business"


def test_freshness_falls_between_two_ages():
    """In full up to 60 s, none from a day on: files of a quarter of an hour bring all but 1 percent."""
    made = engagement(
        [row(1, "s0", "s1", interaction="bulk", latency_seconds=None)],
        [system("s0", ("file",)), system("s1", ("file",))],
    )
    gain = Yearly(
        id="b",
        label="",
        per_year=Estimate.point(1e4),
        integrations=("i1",),
        needed_seconds=60.0,
        today_seconds=86_400.0,
    )
    assert freshness(made, (gain,))["i1", "file-exchange"] == pytest.approx((86_400 - 900) / (86_400 - 60))
    assert ("i1", "api-first") not in freshness(made, (gain,))


# Directions


DIRECTIONS = {
    "number": (lambda x: engagement(web(x)), 3, 40, "ipaas", "api-first"),
    "API skill": (lambda x: engagement(web(12), skills=skilled(api=x)), 0.0, 1.0, "api-first", "ipaas"),
    "platform skill": (lambda x: engagement(web(12), skills=skilled(ipaas=x)), 0.0, 1.0, "ipaas", "api-first"),
    "event skill": (lambda x: engagement(web(12, interaction="notify-many"), skills=skilled(event=x)), 0.0, 1.0, "event-driven", "api-first"),
    "consumers": (lambda x: engagement(web(12, interaction="notify-many", consumers=x)), 1, 12, "event-driven", "api-first"),
    "coverage": (lambda x: engagement(web(12, coverage=x)), 0.1, 0.9, "ipaas", "api-first"),
    "changes": (lambda x: engagement(web(12, changes_per_year=Estimate.point(x))), 1.0, 24.0, "ipaas", "api-first"),
    "volume": (lambda x: engagement(web(12, volume=Estimate.point(x))), 1e3, 1e7, "api-first", "ipaas"),
    "criticality": (lambda x: engagement(web(12, interaction="bulk", latency_seconds=86_400.0, criticality=x)), "low", "critical", "api-first", "file-exchange"),
    "governance": (lambda x: engagement(web(12, interaction="bulk", latency_seconds=86_400.0, governance=x)), "low", "high", "api-first", "file-exchange"),
}  # fmt: skip
"""What moves, from what to what, and which style gains on which by it (decision.md of the method)."""


@pytest.mark.parametrize("name", DIRECTIONS)
def test_directions_hold(name):
    make, low, high, gains, loses = DIRECTIONS[name]

    def lead(value):
        pricer = priced(make(value))
        count = len(pricer.terms.integrations)
        ours, theirs = pricer(
            np.array([[pricer.code(style)] * count for style in (gains, loses)], np.int8)
        ).npv
        return theirs - ours

    assert lead(high) > lead(low)


def test_a_tighter_latency_takes_the_platform_away():
    loose, tight = (
        {
            style
            for item in decided(engagement(web(40, latency_seconds=need))).integrations
            for style in [item.style]
        }
        for need in (600.0, 0.2)
    )
    assert "ipaas" in loose
    assert tight == {"api-first"}


# One answer, and what is said of it


def random_engagement(seed: int) -> Engagement:
    """Return an engagement of random size, facts, skills and styles of today."""
    rng = np.random.default_rng(seed)
    count, systems = int(rng.integers(1, 9)), int(rng.integers(2, 6))
    offers = [
        ("rest", "webhook"),
        ("rest",),
        ("file", "database"),
        ("rest", "events", "file"),
        ("soap", "file"),
    ]
    rows = []
    for number in range(count):
        a, b = rng.choice(systems, 2, replace=False)
        rows.append(
            row(number, f"s{a}", f"s{b}", interaction=str(rng.choice(["request-reply", "notify-many", "bulk"])),
                volume=Estimate.point(float(10 ** rng.uniform(2.5, 7))), latency_seconds=float(10 ** rng.uniform(-0.5, 5)),
                consumers=int(rng.integers(1, 9)), criticality=str(rng.choice(["low", "medium", "high", "critical"])),
                changes_per_year=Estimate.point(float(rng.integers(0, 20))), coverage=float(rng.uniform(0, 1)),
                customisation=float(rng.uniform(0, 1)), governance=str(rng.choice(["low", "medium", "high"])), partner=bool(rng.integers(2)),
                style_today=rng.choice([None, "none", "manual", "point-to-point", "file-exchange", "api-first"]))
        )  # fmt: skip
    held = [system(f"s{n}", offers[int(rng.integers(len(offers)))]) for n in range(systems)]
    return engagement(rows, held, dict(zip(STYLES, rng.uniform(0, 1, 6).tolist(), strict=True)))


@pytest.mark.parametrize("seed", range(10))
def test_the_recommended_is_never_dominated_by_an_option_of_the_same_scope(seed):
    found = decided(random_engagement(seed))
    best = found.option(RECOMMENDED)
    for other in found.options:
        if other.fit is None or best.fit is None or set(other.assignment) != set(best.assignment):
            continue
        assert not (other.cost < best.cost - 1 and other.fit > best.fit + 1e-9), other.label


@pytest.mark.parametrize("seed", range(4))
def test_the_record_agrees_with_itself(seed):
    found = decided(random_engagement(seed))
    best = found.option(RECOMMENDED)
    assert found.assignment == best.assignment
    assert found.gain == best.gain
    assert Decision.from_json(found.to_json()) == found
    assert len(found.table) == len(found.integrations)
    for item in found.integrations:
        assert (item.choice == "buy") == (item.style == "ipaas" and item.choice not in ("keep", "open"))
        assert item.measured + item.stated + item.assumed == pytest.approx(1)
    ids = [option.id for option in found.options]
    assert ids[0] == RECOMMENDED
    assert len(ids) == len(set(ids))
    if STANDING in ids:
        assert found.option(STANDING).gain.mean == 0


def test_an_engagement_that_knows_nothing_is_asked_and_not_advised():
    bare = Engagement(
        folder=Path(), client="T", assumptions=Assumptions(), integrations=(Integration(id="i0", source="a", target="b"),),
    )  # fmt: skip
    found = decided(bare)
    assert found.verdict.state == "ask"
    assert found.verdict.questions
    assert found.verdict.assumed > 0.8


def test_without_integrations_there_is_nothing_to_decide(make):
    found = decided(make(0))
    assert (found.verdict.state, found.integrations, found.options) == ("nothing", (), ())
    assert "integrations.csv" in found.missing[0].supply


def test_keep_is_an_option_of_the_cost_model(make, plain):
    """What stays costs its upkeep and changes from the first month on, builds nothing and brings nothing."""
    made = make(2, assumed=plain, horizon_years=1, fields={"style_today": "api-first"})
    terms = gather(
        made, styles=["api-first"], benefits=[Yearly(id="b", label="", per_year=Estimate.point(5e3))]
    )
    found = cash_flows(terms, expected(terms), Assigned({"i0": KEEP, "i1": KEEP})).line_present
    assert found["kept"] == pytest.approx(2 * (10_000 * 0.25 * 0.6 + 2 * 0.5 * 1000 * 1.25))
    assert found["infrastructure"] == pytest.approx(5_000)
    assert found["people"] == pytest.approx(0.2 * 100_000 * 1.1)
    assert all(found[line] == 0 for line in ("foundation", "ramp", "build", "maintenance", "benefits"))


@pytest.mark.parametrize(("consumers", "times"), [(10, None), (11, "6.0"), (300, "93.2")])
def test_more_consumers_than_the_scale_reaches_are_asked_for(consumers, times):
    """By APIs each further one is half the work, (.3 + 4 x .5 + .7) / 6; by a platform .308, (.15 + 4 x .3 + .5) / 6."""
    found = decided(engagement([row(1, "s0", "s1", style_today="none", consumers=consumers)]))
    asked = [item for item in found.findings if item.id == "decision/i1/consumers"]
    if times is None:
        assert not asked
        return
    assert found.integration("i1").style == {"6.0": "api-first", "93.2": "ipaas"}[times]
    assert asked[0].title == f"s0 → s1 is priced for {consumers} consumers: check the number"
    assert f"priced at {times} times those for one consumer" in asked[0].impact
    assert asked[0].sources[0].column == "consumers"


def test_leaving_things_as_they_are_keeps_what_runs_and_nothing_else():
    """Also what is done by hand; what does not run, or of which nobody says how, is in no option that leaves it."""
    today = ("none", None, "manual", "api-first")
    made = engagement([row(n, "s0", f"s{n + 1}", style_today=style) for n, style in enumerate(today)])
    assert decided(made).option(STANDING).kept == ("i2", "i3")
