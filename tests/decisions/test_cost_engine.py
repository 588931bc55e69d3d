"""The cash-flow engine, line by line, against arithmetic done by hand with round numbers."""

from __future__ import annotations

import numpy as np
import pytest

from assess.core.estimate import Estimate
from assess.core.finding import Finding
from assess.decisions.cost.cashflow import Model, cash_flows, compare_cash_flows
from assess.decisions.cost.draws import likely, one_at_a_time, sample
from assess.decisions.cost.model import LABELS
from assess.decisions.cost.parameters import KEEP, Observed, gather
from assess.decisions.shift import Shift, apply
from assess.intake.engagement import Product, Team
from assess.intake.engagement.landscape import Yearly

POINT = Estimate.point(200_000)
FIRST = 1 + 0.8 + 0.8 ** np.log2(3)
"""Learning-weighted number of three integrations at a rate of .8."""


def lines(engagement, style="api-first", years=1, styles=None, **more):
    terms = gather(
        engagement,
        styles=styles or ([style] if isinstance(style, str) else list(dict.fromkeys(style))),
        **more,
    )
    chosen = [style] * 99 if isinstance(style, str) else style
    assignment = {item.id: name for item, name in zip(engagement.integrations, chosen, strict=False)}
    return cash_flows(terms, likely(terms), assignment)


@pytest.fixture
def simple(make, plain):
    """Three integrations of 10,000 by hand, one year, no discount, everything live after a month."""

    def made(count=3, horizon=1, assumed=None, **more):
        fields = {"volume": POINT, "growth": None, **more.pop("fields", {})}
        return make(count, assumed=plain | (assumed or {}), horizon_years=horizon, fields=fields, **more)

    return made


def test_every_line_of_building_by_hand(simple):
    """Skill .5, psi 1.5: effort 1.25; overrun 1.1; 25 % maintenance of which 60 % counts here."""
    found = lines(simple()).line_present
    built = 10_000 * FIRST
    assert found == pytest.approx(
        {
            "foundation": 30 * 1000,
            "ramp": 4 * 10 * 0.5 * 1000,
            "remediation": 0,
            "build": built * 1.25 * 1.1,
            "maintenance": built * 0.25 * 0.6,
            "changes": 3 * 2 * 0.5 * 1000 * 1.25,
            "controls": 0,
            "running": 0,
            "kept": 0,
            "failures": 0,
            "kept_failures": 0,
            "kept_losses": 0,
            "subscription": 12 * 0.6 * 1.1 * 2,
            "infrastructure": 5000,
            "people": 0.2 * 100_000 * 1.1,
            "coordination": 0,
            "losses": 0,
            "exit": 30_000 * 0.5 * 0.1,
            "benefits": 0,
        }
    )


def test_every_line_of_the_platform(simple):
    """60 % covered: configured at 25 %; the rest built at 1.2 times; half of the change work spared on it."""
    found = lines(simple(), "ipaas").line_present
    planned = 10_000 * FIRST
    custom, settings = planned * 0.4 * 1.2, planned * 0.6 * 0.25
    cores = 3 * 2 * 0.1 + 600_000 * 1.1 / 1e6
    assert found == pytest.approx(
        {
            "foundation": 10 * 1000,
            "ramp": 4 * 10 * 0.5 * 1000,
            "remediation": 0,
            "build": (custom + settings) * 1.25 * 1.1,
            "maintenance": custom * 0.25 * 0.6 + settings * 0.1,
            "changes": 3 * 2 * (1 - 0.6 * 0.5) * 0.5 * 1000 * 1.25,
            "controls": 0,
            "running": 0,
            "kept": 0,
            "failures": 0,
            "kept_failures": 0,
            "kept_losses": 0,
            "subscription": 50_000 + cores * 10_000,
            "infrastructure": 2000,
            "people": 0.1 * 100_000 * 1.2,
            "coordination": 0,
            "losses": 0,
            "exit": 30_000 * 1 * 0.2,
            "benefits": 0,
        }
    )


def test_every_line_of_events(simple):
    found = lines(simple(), "event-driven").line_present
    built = 10_000 * FIRST * 1.5
    assert found["build"] == pytest.approx(built * 1.25 * 1.1)
    assert found["maintenance"] == pytest.approx(built * 0.25 * 0.6)
    assert found["people"] == pytest.approx(0.5 * 100_000 * 1.3)
    assert found["subscription"] == pytest.approx(12 * (20 + 0.6 * 1.1 * 3))


def test_a_portfolio_learns_per_style_and_pays_coordination(simple):
    found = lines(simple(), ["api-first", "ipaas", "api-first"]).line_present
    api = 10_000 * 1.8 * 1.25 * 1.1
    platform = 10_000 * (0.4 * 1.2 + 0.6 * 0.25) * 1.25 * 1.1
    assert found["build"] == pytest.approx(api + platform)
    assert found["coordination"] == pytest.approx(7000)
    assert found["foundation"] == pytest.approx(40_000)
    assert found["ramp"] == pytest.approx(40_000)
    assert found["subscription"] == pytest.approx(12 * 0.4 * 1.1 * 2 + 50_000 + (0.2 + 0.22) * 10_000)


def test_integrations_outside_the_assignment_cost_nothing(simple):
    engagement = simple()
    terms = gather(engagement, styles=["api-first"])
    one = cash_flows(terms, likely(terms), {"i1": "api-first"}).line_present
    assert one["build"] == pytest.approx(10_000 * 1.25 * 1.1)
    assert one["changes"] == pytest.approx(1000 * 1.25)
    assert one["subscription"] == pytest.approx(12 * 0.2 * 1.1 * 2)


def test_stated_days_are_priced_by_the_day_rate(simple):
    days = simple(fields={"build_days": Estimate.point(7)}, team=Team(day_rate=500))
    found = lines(days).line_present
    assert found["build"] == pytest.approx(7 * 500 * FIRST * 1.25 * 1.1)
    assert found["foundation"] == pytest.approx(30 * 500)
    assert found["exit"] == pytest.approx(7 * 500 * 3 * 0.5 * 0.1)


def test_stated_skills_ease_building_and_learning(simple):
    expert = simple(team=Team(skills={"api-first": 1.0}))
    novice = simple(team=Team(skills={"api-first": 0.0}))
    assert lines(expert).line_present["build"] == pytest.approx(10_000 * FIRST * 1.1)
    assert lines(expert).line_present["ramp"] == 0
    assert lines(novice).line_present["build"] == pytest.approx(10_000 * FIRST * 1.5 * 1.1)
    assert lines(novice).line_present["ramp"] == pytest.approx(4 * 10 * 1000)


@pytest.mark.parametrize(
    ("fields", "covered"),
    [({"coverage": 0.9}, 0.9), ({"customisation": 0.9}, 0.1), ({"coverage": 0.2, "customisation": 0.1}, 0.2)],
)
def test_stated_coverage_comes_before_customisation(simple, fields, covered):
    found = lines(simple(1, fields=fields), "ipaas").line_present
    assert found["build"] == pytest.approx(10_000 * ((1 - covered) * 1.2 + covered * 0.25) * 1.25 * 1.1)


def test_volume_grows_and_the_subscription_rises(simple):
    """Year 3: volume 1.5^2, uplift 1.1^2; the first-year growth is none."""
    found = lines(simple(horizon=3)).lines["subscription"]
    first = 12 * 0.6 * 1.1 * 2
    assert found[0] == 0
    assert found[1:13].sum() == pytest.approx(first)
    assert found[13:25].sum() == pytest.approx(first * 1.5 * 1.1)
    assert found[25:].sum() == pytest.approx(first * 1.5**2 * 1.1**2)
    stated = lines(simple(horizon=2, fields={"growth": 0.25})).lines["subscription"]
    assert stated[13:].sum() == pytest.approx(first * 1.25 * 1.1)


def test_large_messages_count_as_several_units(simple):
    small, large = (
        lines(simple(fields={"message_kb": kb})).line_present["subscription"] for kb in (512, 513)
    )
    assert small == pytest.approx(12 * 0.6 * 1.1 * 2)
    assert large == pytest.approx(2 * small)


def test_the_peak_decides_throughput_units(simple):
    stated = lines(simple(1, fields={"peak_per_second": 2_500.0}), "event-driven").line_present[
        "subscription"
    ]
    assert stated == pytest.approx(12 * (3 * 20 + 0.2 * 1.1 * 3))
    grown = lines(simple(1, horizon=2, fields={"peak_per_second": 2_500.0, "growth": 1.0}), "event-driven")
    assert grown.lines["subscription"][13:].sum() == pytest.approx(12 * (5 * 20 + 0.4 * 1.1 * 3) * 1.1)
    average = 200_000 / (365 * 86_400 / 12)
    heavy = simple(1, assumed={"volume.peak_factor": 1_500 / average})
    assert lines(heavy, "event-driven").line_present["subscription"] == pytest.approx(
        12 * (2 * 20 + 0.2 * 1.1 * 3)
    )


def test_leaving_happens_at_most_once(simple):
    found = lines(simple(horizon=3)).lines["exit"]
    cost = 30_000 * 0.5
    years = [found[1 + 12 * year : 13 + 12 * year].sum() for year in range(3)]
    assert years == pytest.approx([cost * 0.1, cost * 0.1 * 0.9, cost * 0.1 * 0.81])


def test_rollout_spreads_building_and_delays_running(simple):
    """Live at the end of month m: m / 6, so 9.5 of 12 months' worth in the first year."""
    found = lines(simple(assumed={"rollout.months": 6}))
    assert found.lines["build"][1:7] == pytest.approx(np.full(6, 10_000 * FIRST * 1.25 * 1.1 / 6))
    assert found.lines["build"][7:].sum() == pytest.approx(0)
    assert found.line_present["changes"] == pytest.approx(3000 * 1.25 * 9.5 / 12)
    assert found.line_present["infrastructure"] == pytest.approx(5000)
    assert found.line_present["subscription"] == pytest.approx(12 * 0.6 * 9.5 / 12 * 1.1 * 2)


def test_a_budget_holds_what_is_paid_until_all_run(simple):
    """Live at the end of months 1 to 6: 1/6 ... 6/6, together 3.5 months; fixed lines and subscription for half a year."""
    loss = Yearly(id="l", label="outage", per_year=Estimate.point(9_000))
    gain = Yearly(id="b", label="hours", per_year=Estimate.point(12_000))
    found = lines(simple(assumed={"rollout.months": 6}), losses=[loss], benefits=[gain])
    built = 10_000 * FIRST
    once = 30_000 + 20_000 + built * 1.25 * 1.1
    running = (built * 0.25 * 0.6 + 3000 * 1.25) * 3.5 / 12
    fixed = (5000 + 0.2 * 100_000 * 1.1) / 2
    subscription = 12 * 0.6 * 9.5 / 12 * 1.1 * 2 / 2
    assert found.spent == pytest.approx([once + running + fixed + subscription])


def test_a_budget_is_not_discounted_and_ends_with_the_rollout(simple):
    """18 of 36 months: the year of the start and half of the next, whatever a year of waiting is worth; prices and volume of the second year rise."""
    plain = lines(simple(horizon=3, assumed={"rollout.months": 18}))
    dear = lines(simple(horizon=3, assumed={"rollout.months": 18, "money.discount_rate": 0.2}))
    assert dear.spent == pytest.approx(plain.spent)
    assert dear.npv[0] < plain.npv[0]
    build = 10_000 * FIRST
    live = sum(month / 18 for month in range(1, 19)) / 12
    known = 50_000 + build * 1.25 * 1.1 + (build * 0.15 + 3000 * 1.25) * live + 27_000 * 1.5
    first, second = (sum(min(1, m / 18) for m in range(12 * y + 1, 12 * y + 13)) / 12 for y in (0, 1))
    assert plain.spent == pytest.approx([known + 12 * 0.6 * 1.1 * 2 * (first + 1.5 * 1.1 * second / 2)])


def test_benefits_wait_for_the_team_and_costs_do_not(simple):
    """30 person-days a month of one person... the work of 33.5 days takes the team longer than the plan."""
    benefit = Yearly(id="b", label="hours", per_year=Estimate.point(12_000))
    fast = lines(simple(), benefits=[benefit]).line_present
    slow_team = Team(people=1, focus=0.1)
    slow = lines(simple(team=slow_team), benefits=[benefit])
    days = 10_000 * FIRST * 1.25 * 1.1 / 1000
    months = days / (0.1 * 5 * 52 / 12)
    live = [min(1, month / months) for month in range(1, 13)]
    assert fast["benefits"] == pytest.approx(-12_000)
    assert slow.duration == pytest.approx([months])
    assert slow.line_present["benefits"] == pytest.approx(-1000 * sum(live))
    assert slow.line_present["changes"] == pytest.approx(fast["changes"])


def test_losses_and_benefits_apply_in_proportion(simple):
    losses = [
        Yearly(id="all", label="", per_year=Estimate.point(100)),
        Yearly(id="platform", label="", per_year=Estimate.point(1000), styles=("ipaas",)),
        Yearly(
            id="two", label="", per_year=Estimate.point(10_000), integrations=("i0", "i1"), styles=("ipaas",)
        ),
    ]
    found = lines(simple(), ["ipaas", "api-first", "api-first"], losses=losses).line_present
    assert found["losses"] == pytest.approx(100 + 1000 / 3 + 10_000 / 2)


@pytest.mark.parametrize(
    ("integrations", "styles", "share"),
    [
        ((), (), 1),
        ((), ("ipaas",), 0.5),
        (("a",), ("ipaas",), 1),
        (("b",), ("ipaas",), 0),
        (("a", "x"), (), 0.5),
        (("x",), (), 0),
    ],
)
def test_applicable_share(make, integrations, styles, share):
    item = Yearly(id="l", label="l", integrations=integrations, styles=styles, per_year=Estimate.point(1))
    assert loss_part(make, item, {"a": "ipaas", "b": "api-first"}) == share


def loss_part(make, item, assignment):
    """Return the part of a loss that applies to an option of two integrations."""
    made = make(2)
    renamed = [one.model_copy(update={"id": id}) for one, id in zip(made.integrations, "ab", strict=True)]
    terms = gather(made.model_copy(update={"integrations": tuple(renamed)}), losses=[item])
    return float(Model.of(terms, likely(terms)).option(assignment)["loss_part"].data[0])


def test_nothing_applies_to_nothing(make):
    assert loss_part(make, Yearly(id="l", label="l", per_year=Estimate.point(1)), {}) == 0


def test_remediation_is_paid_at_the_start(simple):
    work = [
        Finding(id="f", section="data_quality", severity="low", title="t", effort=Estimate.point(3)),
        Finding(id="g", section="data_quality", severity="low", title="t", effort=Estimate.point(2)),
        Finding(id="h", section="data_quality", severity="low", title="t"),
    ]
    found = lines(simple(assumed={"rework.factor": 1.5}), remediation=work)
    assert found.lines["remediation"][0] == pytest.approx(5 * 1000 * 1.5)
    assert found.lines["remediation"][1:].sum() == 0


def test_zero_discount_equals_the_plain_sum(simple):
    found = lines(simple(horizon=4, assumed={"rollout.months": 9}))
    assert found.npv[0] == pytest.approx(sum(line.sum() for line in found.lines.values()))
    assert found.npv[0] == pytest.approx(sum(found.line_present.values()))


def test_present_value_discounts_the_end_of_each_month(simple):
    rate = 0.2
    found = lines(simple(horizon=2, discount_rate=rate, assumed={"rollout.months": 5}))
    factors = 1.2 ** (-np.arange(25) / 12)
    for line in LABELS:
        assert found.line_present[line] == pytest.approx(float(found.lines[line] @ factors)), line
    assert found.npv[0] == pytest.approx(float(sum(found.lines.values()) @ factors))
    first_year = sum(flow[1:13] @ factors[1:13] for flow in found.lines.values())
    assert found.present[0, 1] == pytest.approx(first_year)
    assert found.present[0, 0] == pytest.approx(30_000 + 20_000)


def test_real_and_nominal_money_have_the_same_present_value(simple):
    """Fisher: nominal 7.1 % is real 5 % at 2 % inflation. A subscription is nominal in both."""
    real = lines(simple(horizon=5, money="real", discount_rate=0.05, inflation=0.02))
    nominal = lines(simple(horizon=5, money="nominal", discount_rate=1.05 * 1.02 - 1, inflation=0.02))
    assert nominal.npv[0] == pytest.approx(real.npv[0], rel=1e-12)
    assert nominal.lines["people"][24] == pytest.approx(real.lines["people"][24] * 1.02**2)
    assert nominal.lines["subscription"][24] == pytest.approx(real.lines["subscription"][24] * 1.02**2)
    assert real.lines["people"][24] == pytest.approx(22_000 / 12)
    factors = (1.05 * 1.02) ** (-np.arange(61) / 12)
    assert nominal.npv[0] == pytest.approx(float(sum(nominal.lines.values()) @ factors))


def test_zero_nominal_discount_equals_the_plain_nominal_sum(simple):
    found = lines(simple(horizon=3, money="nominal", discount_rate=0.0, inflation=0.05))
    assert found.npv[0] == pytest.approx(sum(line.sum() for line in found.lines.values()))


@pytest.mark.parametrize(
    ("months", "live", "built", "before", "waiting"),
    [
        (4, [0.25, 0.5, 0.75, 1, 1], [0.25, 0.25, 0.25, 0.25, 0], 4, 2.5),
        (0.5, [1] * 5, [1, 0, 0, 0, 0], 1, 1),
        (2.5, [0.4, 0.8, 1, 1, 1], [0.4, 0.4, 0.2, 0, 0], 2.5, 0.4 + 0.8 + 0.5),
    ],
)
def test_shares_that_are_live_and_built(simple, months, live, built, before, waiting):
    """Live at the end of month m: min(1, m / rollout); a rollout is at least a month long."""
    terms = gather(simple(assumed={"rollout.months": months}), styles=["api-first"])
    found = Model.of(terms, likely(terms)).shared
    assert found["live"].data[:5, 0].tolist() == pytest.approx(live)
    assert found["built"].data[:5, 0].tolist() == pytest.approx(built)
    assert 12 * found["before"].data[0, 0] == pytest.approx(before)
    assert 12 * found["waiting"].data[0] == pytest.approx(waiting)


def test_rollout_is_kept_within_the_horizon(simple):
    found = lines(simple(assumed={"rollout.months": 40}))
    assert found.lines["build"][1:] == pytest.approx(np.full(12, 10_000 * FIRST * 1.25 * 1.1 / 12))
    assert found.lines["build"].sum() == pytest.approx(10_000 * FIRST * 1.25 * 1.1)


def test_a_shift_moves_one_parameter_and_keeps_the_draws_of_the_others(simple):
    engagement = simple(assumed={"overrun.factor": 1})
    moved = apply(
        engagement, [Shift(id="s", parameter="overrun.factor", factor=1.3, because="no owner of the data")]
    )
    assert lines(moved).line_present["build"] == pytest.approx(1.3 * lines(engagement).line_present["build"])
    assert lines(moved).line_present["maintenance"] == pytest.approx(
        lines(engagement).line_present["maintenance"]
    )
    assert "no owner of the data" in moved.assumptions["overrun.factor"].source.detail
    twice = apply(moved, [Shift(id="t", parameter="overrun.factor", factor=2, because="x")])
    assert twice.assumptions["overrun.factor"].likely == pytest.approx(2.6)


def test_an_unknown_parameter_cannot_be_shifted(simple):
    with pytest.raises(KeyError, match=r"no\.such\.thing"):
        apply(simple(), [Shift(id="s", parameter="no.such.thing", factor=2, because="x")])


def test_common_random_numbers(make):
    one, other = gather(make(3)), gather(make(3, assumed={"skill.psi": 3}))
    first, second = sample(one, 50, 7), sample(other, 50, 7)
    assert np.array_equal(first["people.wage"], second["people.wage"])
    assert np.array_equal(first.family["volume"], second.family["volume"])


def test_blocks_do_not_change_the_result(make, monkeypatch):
    terms = gather(make(4))
    draws = sample(terms, 500, 3)
    assignment = {
        f"i{place}": style for place, style in enumerate(["api-first", "ipaas", "event-driven", "ipaas"])
    }
    whole = cash_flows(terms, draws, assignment)
    monkeypatch.setattr("assess.decisions.cost.cashflow.BLOCK", 64)
    parts = cash_flows(terms, draws, assignment)
    assert parts.npv == pytest.approx(whole.npv, rel=1e-12)
    assert parts.lines["people"] == pytest.approx(whole.lines["people"])
    assert parts.line_present == pytest.approx(whole.line_present)


def test_blocks_are_let_go_of_and_shared_by_all_options(make, monkeypatch):
    terms = gather(make(3))
    draws = sample(terms, 500, 3)
    options = [dict.fromkeys(("i0", "i1", "i2"), style) for style in ("api-first", "event-driven")]
    apart = [cash_flows(terms, draws, option).npv for option in options]
    draws.kept.clear()
    monkeypatch.setattr("assess.decisions.cost.cashflow.BLOCK", 256)
    made, of = [], Model.with_inputs
    monkeypatch.setattr(Model, "with_inputs", lambda *given: made.append(given) or of(*given))
    together = compare_cash_flows(terms, draws, options)
    assert [one.npv for one in together] == [pytest.approx(npv, rel=1e-12) for npv in apart]
    assert len(made) == 2  # one a block, for both options
    assert not draws.kept


def test_one_at_a_time_starts_from_the_likely_case_and_moves_one(make):
    terms = gather(make(2), styles=["api-first"])
    draws, ends = one_at_a_time(terms)
    names = [end.name for end in ends]
    place = names.index("people.wage")
    low, high = draws["people.wage"][1 + 2 * place], draws["people.wage"][2 + 2 * place]
    assert draws["people.wage"][0] == terms.by_name["people.wage"].estimate.likely
    assert (low, high) == (ends[place].low, ends[place].high)
    assert low < draws["people.wage"][0] < high
    assert np.count_nonzero(draws["people.wage"] != draws["people.wage"][0]) == 2
    assert "family:volume" in names
    assert "team.reserve" not in names
    volume = draws.family["volume"]
    row = 1 + 2 * names.index("family:volume")
    assert (volume[row] < volume[0]).all()
    assert (volume[row + 1] > volume[0]).all()


# What grows with the number, fails, is controlled, is owned, stays


def test_each_further_consumer_adds_its_part_to_build_and_changes(simple):
    """Four consumers at .2 for each further: 1.6 times the work and the changes, and the upkeep with it."""
    found = lines(simple(1, fields={"consumers": 4}, assumed={"fanout.api-first": 0.2})).line_present
    assert found["build"] == pytest.approx(1.6 * 10_000 * 1.25 * 1.1)
    assert found["maintenance"] == pytest.approx(1.6 * 10_000 * 0.25 * 0.6)
    assert found["changes"] == pytest.approx(1.6 * 2 * 0.5 * 1000 * 1.25)


def test_running_grows_with_the_number(simple):
    assumed = {"people.each.api-first": 0.02, "infrastructure.each.api-first": 300}
    for count in (1, 3):
        found = lines(simple(count, assumed=assumed)).line_present
        assert found["running"] == pytest.approx(count * (300 + 0.02 * 1.1 * 100_000))
        assert found["infrastructure"] == pytest.approx(5000)


def test_failures_by_experience_and_criticality(simple):
    """Two a year of an expert, half as many again of the half experienced: 1 + (1.5 - 1)(1 - .5)."""
    losses = {"failure.rate.api-first": 2, "failure.loss.medium": 100, "failure.loss.critical": 5000}
    for criticality, loss in ((None, 100), ("critical", 5000)):
        found = lines(simple(2, fields={"criticality": criticality}, assumed=losses)).line_present
        assert found["failures"] == pytest.approx(2 * 2 * 1.25 * loss)


@pytest.mark.parametrize(("governance", "part"), [("low", 0), (None, 0.35), ("medium", 0.35), ("high", 1)])
def test_controls_by_governance(simple, governance, part):
    found = lines(simple(2, fields={"governance": governance}, assumed={"control.days.api-first": 3}))
    assert found.line_present["controls"] == pytest.approx(2 * 3 * part * 1000)


def test_measured_failures_of_what_stays_are_a_gamma_poisson_posterior(simple):
    """Two a year expected, seven seen in a year and a half: (2 x .5 + 7) / (.5 + 1.5) = 4 a year."""
    engagement = simple(
        1,
        fields={"style_today": "api-first"},
        assumed={"failure.rate.api-first": 2 / 1.25, "failure.loss.medium": 100},
    )
    found = lines(engagement, [KEEP], observed={"i0": Observed(7, 1.5)}, styles=["api-first"])
    assert found.line_present["kept_failures"] == pytest.approx(400)


def test_what_is_owned_needs_no_foundation_and_costs_what_is_paid(simple):
    paid = Product(
        id="g", product="Gateway", component="api-gateway", status="in-use", cost_per_year=Estimate.point(700)
    )
    free = paid.model_copy(update={"cost_per_year": None})
    found = lines(simple(stack=(paid,))).line_present
    assert (found["foundation"], found["ramp"], found["people"], found["subscription"]) == (0, 0, 0, 0)
    assert found["infrastructure"] == pytest.approx(700)
    found = lines(simple(stack=(free,))).line_present
    assert (found["foundation"], found["ramp"]) == (0, 0)
    assert found["infrastructure"] == pytest.approx(5000)
    assert found["subscription"] > 0
    unused = paid.model_copy(update={"status": "unused"})
    assert lines(simple(stack=(unused,))).line_present["foundation"] == pytest.approx(30_000)


def test_what_was_built_in_place_of_a_platform_is_none(simple):
    own = Product(
        id="m",
        product="Middleware, in-house",
        component="orchestration",
        status="in-use",
        cost_per_year=Estimate.point(9e3),
    )
    assert lines(simple(stack=(own,)), "ipaas").line_present["foundation"] == pytest.approx(10_000)


def test_what_stays_carries_its_risks_and_pays_no_repair(simple):
    """A risk of two of four integrations: half of it on what stays, all of it from the first month on."""
    loss = Yearly(id="l", label="outage", per_year=Estimate.point(1000), integrations=("i0", "i1"))
    repair = Finding(
        id="f",
        section="data_quality",
        severity="high",
        title="t",
        effort=Estimate.point(5),
        integrations=("i0",),
    )
    engagement = simple(4, fields={"style_today": "api-first"}, assumed={"rollout.months": 12})
    found = lines(
        engagement, [KEEP, "api-first", KEEP, KEEP], losses=[loss], remediation=[repair], styles=["api-first"]
    ).line_present
    assert found["kept_losses"] == pytest.approx(500)
    assert found["losses"] == pytest.approx(500 * sum(range(1, 13)) / 144)
    assert found["remediation"] == 0
    moved = lines(engagement, ["api-first", KEEP, KEEP, KEEP], remediation=[repair], styles=["api-first"])
    assert moved.line_present["remediation"] == pytest.approx(5000)


def test_what_arrives_late_brings_its_share(simple):
    gain = Yearly(id="b", label="hours", per_year=Estimate.point(12_000), integrations=("i0",))
    found = lines(simple(), benefits=[gain], fresh={("i0", "api-first"): 0.25})
    assert found.line_present["benefits"] == pytest.approx(-3000)


def test_what_does_not_link_brings_nothing(simple):
    """12,000 a year, served by two integrations: 6,000 of i0 in full, and of i1 .25 in time times .8 of the records: 1,200."""
    gain = Yearly(id="b", label="hours", per_year=Estimate.point(12_000), integrations=("i0", "i1"))
    found = lines(simple(), benefits=[gain], fresh={("i1", "api-first"): 0.25}, automated={"i1": 0.8})
    assert found.line_present["benefits"] == pytest.approx(-7200)
    loss = Yearly(id="l", label="fines", per_year=Estimate.point(12_000), integrations=("i1",))
    assert lines(simple(), losses=[loss], automated={"i1": 0.8}).line_present["losses"] == pytest.approx(
        lines(simple(), losses=[loss]).line_present["losses"]
    )
