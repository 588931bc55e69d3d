"""The ranked list computed by hand: a cost model that adds up, and one gap of each kind."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace as Some

import pytest

from assess.core.estimate import Estimate
from assess.core.finding import Finding
from assess.core.source import Source
from assess.decisions.actions import STEPS, _next_steps, rank
from assess.decisions.actions.gaps import (
    NEARLY_NONE,
    CostDrivers,
    list_mitigation_gaps,
    list_operation_gaps,
    list_practice_gaps,
    list_repair_gaps,
    list_waste_gaps,
    possible,
    pricer,
)
from assess.decisions.cost.cashflow import cash_flows
from assess.decisions.cost.draws import sample
from assess.decisions.cost.parameters import Inputs, gather
from assess.decisions.shift import Shift
from assess.intake.engagement import ProcessStep, Team
from assess.intake.engagement.landscape import System, Yearly

SAID = Source(kind="input", place="readiness.csv", row=2)
RULES = {
    "risk.evidence.fit_data": 0.5, "risk.evidence.unfit_data": 2.0, "risk.evidence.failing": 3.0,
    "operations.success_target": 0.95, "value_stream.remedy_days": 4, "actions.upkeep": 0, "maintenance.custom": 0,
}  # fmt: skip


def value(case):
    """A cost model that adds up: 1,000 for every 100 % of a shift, the losses of a year, less its benefits."""
    return (
        1000 * sum(shift.factor - 1 for shift in case.shifts)
        + sum(loss.per_year.mean for loss in case.losses)
        - sum(gain.per_year.mean for gain in case.benefits)
    )


def ids(sources):
    return [source.id for source in sources]


def shift(id, factor):
    return Shift(id=f"readiness/{id}", parameter="overrun.factor", factor=factor, because="x")


def practice(id, shortfall=1.0, days=2.0):
    return Some(
        id=id,
        shortfall=shortfall,
        action=f"Do {id}",
        days=Estimate.point(days, "person-days"),
        owner=f"of {id}",
        sources=(SAID,),
    )


def ready(*practices, shifts=(), low=(), high=(), assessed=True, gate=None):
    return Some(
        assessed=assessed,
        next_gate=gate,
        practices=practices,
        shifts=tuple(shifts),
        shifts_low=tuple(low),
        shifts_high=tuple(high),
    )


def loss(id, amount, low=None, high=None):
    return Yearly(
        id=f"risk/{id}", label=id, per_year=Estimate(low=low or amount, likely=amount, high=high or amount)
    )


def item(id, ale, category="testing", held="", mitigated=True, effect=0.5, cost=100.0, low=None, high=None):
    annual = Estimate(low=low or ale, likely=ale, high=high or ale)
    mitigation = (
        Some(text=f"Mitigate {id}", effect=effect, cost=cost, running=0.0, saved=ale * effect * 3)
        if mitigated
        else None
    )
    return Some(
        id=id, ale=ale, share=1.0, annual=annual, category=category, held_by=held, mitigation=mitigation, owner=f"of {id}",
        integrations=("i0",), sources=(SAID,),
    )  # fmt: skip


def threats(*items):
    return Some(
        items=items,
        losses=tuple(loss(i.id, i.ale, i.annual.low, i.annual.high) for i in items if not i.held_by),
    )


NOBODY, NOTHING = ready(assessed=False), threats()


def engaged(make, **more):
    return make(2, assumed=RULES, team=Team(day_rate=100), horizon_years=3, **more)


def ranked(
    make, *, readiness=NOBODY, risk=NOTHING, model=value, engagement=None, programme=("i0", "i1"), **more
):
    held = engagement or engaged(make)
    return rank(held, programme, model, readiness=readiness, risk=risk, **more)


def test_a_gap_of_readiness(make):
    """Shifts of .4 and .2 are worth 600; the low ends .1, the high ones 1.2: 100 and 1,200; 2 days at 100."""
    low = [shift("a", 1.1)]
    high = [shift("a", 1.8), shift("a", 1.4)]
    judged = ready(
        practice("a"), practice("b", 0.0), shifts=[shift("a", 1.4), shift("a", 1.2)], low=low, high=high
    )
    found = ranked(make, readiness=judged)
    (action,) = found.actions
    assert (action.id, action.title, action.kind, action.owner) == ("readiness/a", "Do a", "gate", "of a")
    assert (action.value.low, action.value.likely, action.value.high) == pytest.approx((100, 600, 1200))
    assert (action.cost.low, action.cost.likely, action.cost.high, action.net) == pytest.approx(
        (200, 200, 200, 400)
    )
    assert action.value.unit == action.cost.unit == "EUR"
    assert (action.basis, action.severity) == ("cost model without the shifts of this practice", "high")
    assert action.findings == ("readiness/a",)
    source = action.value.source
    assert ids(action.sources) == ["ca:actions/readiness/a", "in:readiness.csv:2"]
    assert (source.id, source.detail, source.of) == (
        "ca:actions/readiness/a",
        action.basis,
        ("in:readiness.csv:2",),
    )
    assert action.cost.source == source
    assert found.quick_wins == ("readiness/a",)
    assert (found.joint, found.overlap) == pytest.approx((600, 0))
    assert [(step.action, step.adds) for step in found.next_steps] == [("readiness/a", pytest.approx(600))]
    assert found.missing == ()
    assert list(list_practice_gaps(ready(practice("a"), assessed=False))) == []
    (plain,) = list_practice_gaps(ready(practice("a")))
    assert plain.spread == (1, 1)


def test_a_mitigation_in_the_cost_model_and_one_beside_it(make):
    """Half of 800 a year (200 to 2,000) is 400 (100 to 1,000) for 100; a held one saves 3 x 50 for 100 outside the model."""
    found = ranked(
        make,
        risk=threats(
            item("a", 800, low=200, high=2000), item("h", 100, held="build"), item("n", 5, mitigated=False)
        ),
    )
    first, second = found.actions
    assert (first.id, first.title, first.kind, first.owner) == (
        "mitigation/a",
        "Mitigate a",
        "mitigation",
        "of a",
    )
    assert (first.value.low, first.value.likely, first.value.high) == pytest.approx(
        tuple(end * 0.5 * (200 + 4 * 800 + 2000) / 6 / 800 for end in (200, 800, 2000))
    )
    assert first.net == pytest.approx(450 - 100)
    assert (first.effort.likely, first.effort.unit) == (1, "person-days")  # 100 at 100 a day
    assert first.basis == "cost model with the loss reduced"
    assert (first.findings, first.integrations, first.severity) == (("risk/a",), ("i0",), "medium")
    assert second.basis == "risk model alone: the line “build” of the cost model holds the loss"
    assert (second.value.likely, second.cost.likely, second.net) == pytest.approx((150, 100, 50))
    assert (found.joint, found.overlap) == pytest.approx((450 + 150, 0))
    assert [step.adds for step in found.next_steps] == pytest.approx([450, 150])
    (none,) = list_mitigation_gaps(threats(item("z", 0)))
    assert none.spread == (1, 1)


def verdict(table, findings=(), effort=3.0, target="", fitness="unfit", systems=("s0",)):
    return Some(
        table=table, target=target, fitness=fitness, findings=findings, systems=systems, integrations=("i1",), reason="bad",
        effort=None if effort is None else Estimate.point(effort),
    )  # fmt: skip


def data(*verdicts):
    severe = [
        Some(id="c", severity="critical"),
        Some(id="h", severity="high"),
        Some(id="m", severity="medium"),
    ]
    return Some(verdicts=verdicts, findings=severe)


def test_a_repair_lowers_the_frequency_of_bad_data_by_its_step(make):
    """Two of four are severe: the factor is .5 + 1.5 x 2/4 = 1.25; one fewer takes 1.5/4 of it, .3 of 1,000."""
    judged = data(
        verdict("crm.a", ("c",)), verdict("crm.b", ("m",), target="erp.b"), verdict("crm.c", ("h",), effort=None), verdict("crm.d"),
        verdict("crm.e", ("c",), fitness="not assessed"), verdict("crm.f", effort=0.0, fitness="not assessed"),
    )  # fmt: skip
    systems = (System(id="s0", owner="Ada"), System(id="s1", owner="Bob"))
    held = engaged(make, systems=systems)
    found = ranked(
        make, risk=threats(item("q", 1000, "data-quality", mitigated=False)), quality=judged, engagement=held
    )
    first, *rest = found.actions
    assert (first.id, first.title, first.kind, first.owner) == (
        "repair/crm.a",
        "Repair crm.a",
        "repair",
        "Ada",
    )
    assert first.value.likely == pytest.approx(300)
    assert (first.net, first.severity, first.integrations, first.findings) == (
        pytest.approx(0),
        "high",
        ("i1",),
        ("c",),
    )
    assert first.basis == "cost model with bad data striking less often"
    assert (
        ids(first.sources) == ["ca:actions/repair/crm.a", "ms:crm.a/repairs"]
        and first.sources[1].detail == "bad"
    )
    assert [(a.id, a.title, a.value, a.severity, a.cost.likely) for a in rest] == [
        ("repair/crm.b/erp.b", "Repair crm.b and erp.b", None, "low", 300), ("repair/crm.d", "Repair crm.d", None, "low", 300),
    ]  # fmt: skip
    gaps = list(list_repair_gaps(held, data(verdict("x.y", systems=("s1", "s0"))), NOTHING))
    assert gaps[0].owner == "Bob" and gaps[0].close is None
    unowned = list(list_repair_gaps(engaged(make), data(verdict("x.y", ("c",))), NOTHING))
    assert unowned[0].owner == "" and unowned[0].close is None  # no risk of bad data to lower
    assert list(list_repair_gaps(held, data(), NOTHING)) == []


def finding(id, section="operations", severity="medium", action="Mend it", integrations=("i0",), **more):
    return Finding(
        id=id, section=section, severity=severity, title=id, action=action, integrations=integrations, **more
    )


def runs(*findings, **rates):
    traffic = [
        Some(integration=id, success_rate=None if rate is None else Estimate.point(rate))
        for id, rate in rates.items()
    ]
    return Some(traffic=traffic, findings=findings)


def test_repairing_a_failing_integration(make):
    """One of two rated is below target: the factor is 1 + 2 x 1/2 = 2; repairing it takes 2/2 / 2 = half of 600."""
    bad = finding(
        "operations/i0/failing", severity="high", effort=Estimate.point(1), owner="Ops", sources=(SAID,)
    )
    well = finding("operations/i1/failing", integrations=("i1",))
    slow = finding("operations/i0/latency")
    told = finding("operations/i0/told", severity="info")
    idle = finding("operations/i0/idle", action="")
    seen = runs(bad, well, slow, told, idle, i0=0.9, i1=0.95, i2=None)
    found = ranked(make, risk=threats(item("t", 600, mitigated=False)), operations=seen)
    first, *rest = found.actions
    assert (first.id, first.kind, first.title, first.owner, first.severity) == (
        "operation/operations/i0/failing", "operation", "s0 → t: mend it", "Ops", "high",
    )  # fmt: skip
    assert (first.value.likely, first.cost.likely) == pytest.approx((300, 100))
    assert first.basis == "cost model with failures striking less often"
    assert (first.findings, first.integrations) == (("operations/i0/failing",), ("i0",))
    assert ids(first.sources)[1:] == ["in:readiness.csv:2"]
    assert [(a.id, a.kind, a.value, a.basis) for a in rest] == [
        ("operation/operations/i0/latency", "check", None, ""), ("operation/operations/i1/failing", "check", None, ""),
    ]  # fmt: skip
    assert rest[0].value is None and rest[0].sources[0].detail == "the model says no value"
    beside = threats(item("t", 600, held="failures", mitigated=False))
    (alone, *_) = ranked(
        make, risk=beside, operations=seen, engagement=engaged(make, discount_rate=0.0)
    ).actions
    assert alone.value.likely == pytest.approx(300 * 3)
    assert alone.basis == "risk model alone: the line “failures” of the cost model holds the loss"
    assert {a.kind for a in ranked(make, operations=seen).actions} == {"check"}
    assert [gap.id for gap in list_operation_gaps(engaged(make), runs(slow), NOTHING)] == [
        "operation/operations/i0/latency"
    ]


def test_waste_that_a_remedy_removes(make):
    """A remedy of 900 a year (300 to 1,200; mean 850) that does not come yet, for four days at 100."""
    remedy = Yearly(
        id="remedy/check",
        label="r",
        per_year=Estimate(low=300, likely=900, high=1200, source=SAID),
        integrations=(),
    )
    other = Yearly(id="remedy/none", label="r", per_year=Estimate.point(5))
    empty = Yearly(id="remedy/zero", label="r", per_year=Estimate.point(0))
    said = finding("value_stream/check/accuracy", "value_stream", "high", "Explain it", (), sources=(SAID,))
    zero = finding("value_stream/zero/accuracy", "value_stream")
    steps = (ProcessStep(step="check", role="Clerk"), ProcessStep(step="post", role="Boss"))
    held = engaged(make, value_stream=steps)
    gaps = list(list_waste_gaps(held, (other, empty, remedy), (said, zero)))
    assert [gap.id for gap in gaps] == ["waste/check"]
    found = ranked(make, remedies=(remedy,), others=(said,), engagement=held)
    (action,) = found.actions
    assert (action.id, action.title, action.kind, action.owner, action.severity) == (
        "waste/check",
        "Explain it",
        "waste",
        "Clerk",
        "high",
    )
    assert action.value.likely == pytest.approx(850)
    assert (action.value.low, action.value.high) == pytest.approx((300, 1200))
    assert (action.cost.likely, action.net, action.findings) == (
        400,
        pytest.approx(450),
        ("value_stream/check/accuracy",),
    )
    assert action.basis == "cost model with the rework of this step gone"
    assert ids(action.sources) == ["ca:actions/waste/check", "in:readiness.csv:2", "in:readiness.csv:2"]
    assert gaps[0].spread == pytest.approx((300 / 850, 1200 / 850))


def test_waste_of_the_programme_is_settled_by_it(make):
    """What i0 removes is no action; that of i1, which is not built, is a check; information and silence are none."""
    waste = finding("value_stream/x/reentry", "value_stream")
    loose = finding("value_stream/y/reentry", "value_stream", integrations=("i1",))
    info = finding("value_stream/z/wait", "value_stream", severity="info", integrations=())
    silent = finding("data_quality/q", "data_quality", action="")
    found = ranked(make, others=(waste, loose, info, silent), programme=("i0",))
    (check,) = found.actions
    assert (check.id, check.title, check.kind, check.value, check.net) == (
        f"check/{loose.id}",
        "Mend it: value_stream/y/reentry",
        "check",
        None,
        None,
    )
    assert (check.findings, check.integrations, check.basis) == ((loose.id,), ("i1",), "")


def test_order_and_quadrants(make):
    """Values 600, 400, 200 and 50 with 8, 1, 2 and 9 days: medians 300 and 5; what has no value comes last, by severity."""
    shifts = [shift("a", 1.6), shift("b", 1.4), shift("c", 1.2), shift("d", 1.05)]
    practices = [practice(id, days=days) for id, days in (("a", 8), ("b", 1), ("c", 2), ("d", 9))]
    others = (finding("x/low", severity="low"), finding("x/critical", severity="critical"))
    found = ranked(make, readiness=ready(*practices, shifts=shifts), others=others)
    assert [(a.id, a.net, a.quadrant) for a in found.actions] == [
        ("readiness/b", pytest.approx(300), "do now"), ("readiness/c", pytest.approx(0), "fill in"),
        ("readiness/a", pytest.approx(-200), "plan"), ("readiness/d", pytest.approx(-850), "leave"),
        ("check/x/critical", None, "unknown"), ("check/x/low", None, "unknown"),
    ]  # fmt: skip
    assert found.quick_wins[0] == "readiness/b"
    assert found.next_steps[0].action == "readiness/b"


def test_a_small_gain_of_more_than_five_days_is_no_quick_win(make):
    shifts = [shift("a", 1.8), shift("b", 1.8)]
    found = ranked(make, readiness=ready(practice("a", days=5), practice("b", days=5.5), shifts=shifts))
    assert found.quick_wins == ("readiness/a",)


def test_overlapping_actions_count_once(make):
    """Two that halve one loss of 1,000: 500 alone, 750 together, so that 250 overlap; the second adds 250."""

    def halves(case):
        factor = 1.0
        for each in case.shifts:
            factor *= each.factor
        return 1000 * factor

    judged = ready(practice("a", days=1), practice("b", days=1), shifts=[shift("a", 2.0), shift("b", 2.0)])
    found = ranked(make, readiness=judged, model=halves)
    assert [a.value.likely for a in found.actions] == [2000, 2000]
    assert (found.joint, found.overlap) == (3000, 1000)
    assert sorted(step.adds for step in found.next_steps) == [1000, 2000]
    facts = {fact.id: fact for fact in found.facts}
    assert {id: (fact.label, fact.value, fact.unit) for id, fact in facts.items() if id in (
        "actions.count", "actions.joint", "actions.overlap", "actions.quick_wins")} == {
        "actions.count": ("Actions", 2, ""), "actions.joint": ("Worth of all that pay, together", 3000, "EUR"),
        "actions.overlap": ("Overlap of their single values", 1000, "EUR"), "actions.quick_wins": ("Quick wins", 2, ""),
    }  # fmt: skip
    (source,) = facts["actions.count"].sources
    assert source.id == "ca:actions/joint"
    assert set(source.of) == {"ca:actions/readiness/a", "ca:actions/readiness/b"}
    assert source.detail == "cost model with every gap that pays open, less the same with all of them closed"


def test_what_costs_more_than_it_adds_is_no_next_step(make):
    judged = ready(practice("a", days=1), practice("b", days=9), shifts=[shift("a", 1.5), shift("b", 1.5)])
    found = ranked(make, readiness=judged)
    assert [step.action for step in found.next_steps] == ["readiness/a"]
    many = [practice(str(n), days=1) for n in range(7)]
    full = ranked(make, readiness=ready(*many, shifts=[shift(str(n), 1.2 + n / 10) for n in range(7)]))
    assert [step.action for step in full.next_steps] == [f"readiness/{n}" for n in (6, 5, 4, 3, 2)]


def test_what_opens_the_next_gate_comes_first_whatever_it_is_worth(make):
    """The gate lacks a, worth nothing, and b, worth less than it costs; c is worth the most."""
    shifts = [shift("b", 1.5), shift("c", 9.0), shift("d", 3.0)]
    gate = Some(label="pilot", lacking=("a", "b"))
    people = [practice("a", days=1), practice("b", days=9), practice("c", days=1), practice("d", days=99)]
    found = ranked(make, readiness=ready(*people, shifts=shifts, gate=gate))
    assert [(step.action, step.adds, step.opens) for step in found.next_steps] == [
        ("readiness/a", pytest.approx(0), "pilot"), ("readiness/b", pytest.approx(500), "pilot"),
        ("readiness/c", pytest.approx(8000), ""),
    ]  # fmt: skip
    without = ranked(make, readiness=ready(*people, shifts=shifts, gate=gate), model=None)
    assert [step.opens for step in without.next_steps] == ["pilot", "pilot", "", ""]
    many = [practice(str(n), days=1) for n in range(9)]
    whole = Some(label="scale", lacking=tuple(str(n) for n in range(7)))
    shifts = [shift(str(n), 1.2 + n / 10) for n in range(9)]
    full = ranked(make, readiness=ready(*many, shifts=shifts, gate=whole))
    assert [step.action for step in full.next_steps] == [f"readiness/{n}" for n in (6, 5, 4, 3, 2, 1, 0)]
    yen = make(2, currency="JPY", assumed=RULES)
    poor = ranked(make, readiness=ready(*people, shifts=shifts, gate=gate), engagement=yen)
    assert [(step.action, step.adds) for step in poor.next_steps] == [
        ("readiness/a", None),
        ("readiness/b", None),
    ]


def test_gross_and_net_of_keeping_it_up(make):
    """600 gross, 2 days at 100, kept up at a tenth of it for 3 years without interest: 60 more."""
    engagement = engaged(make, discount_rate=0.0)
    rules = {**RULES, "actions.upkeep": (0.05, 0.1, 0.15)}
    engagement = engagement.model_copy(update={"assumptions": make(1, assumed=rules).assumptions})
    judged = ready(practice("a"), shifts=[shift("a", 1.6)])
    risk = threats(item("m", 400, cost=100))
    risk.items[0].mitigation.running = 30.0
    saving = Yearly(id="saving/suite", label="x", per_year=Estimate.point(500))
    idle = finding("governance/stack/suite/unused", effort=Estimate.point(1))
    found = ranked(
        make, readiness=judged, risk=risk, engagement=engagement, savings=(saving,), others=(idle, finding("x/y", effort=Estimate.point(1)))
    )  # fmt: skip
    gate = found.action("readiness/a")
    assert (gate.value.likely, gate.cost.mean) == pytest.approx((600, 200))
    assert (gate.running.low, gate.running.likely, gate.running.high) == pytest.approx((30, 60, 90))
    assert gate.net == pytest.approx(600 - 200 - 60)
    assert gate.running.unit == "EUR" and gate.running.source.id == "ca:actions/readiness/a"
    mitigation = found.action("mitigation/m")
    assert (mitigation.value.likely, mitigation.running.likely, mitigation.net) == pytest.approx(
        (200, 30, 70)
    )
    ended, check = found.action("saving/suite"), found.action("check/x/y")
    assert ended.running is None and ended.net == pytest.approx(500 - 100)
    assert check.running is None and check.cost.likely == 100
    row = found.table.set_index("action").loc["Do a"]
    assert (row.value, row.cost, row.running, row.net) == pytest.approx((600, 200, 60, 340))


def test_without_a_cost_model(make):
    judged = ready(practice("a"), shifts=[shift("a", 2.0)])
    found = ranked(
        make,
        readiness=judged,
        risk=threats(item("h", 100, held="exit")),
        model=None,
        others=(finding("x/y"),),
    )
    assert [(a.id, a.value.likely if a.value else None) for a in found.actions] == [
        ("mitigation/h", 150), ("readiness/a", None), ("check/x/y", None),
    ]  # fmt: skip
    assert (found.joint, found.overlap) == (150, 0)
    assert [(step.action, step.adds) for step in found.next_steps] == [
        ("mitigation/h", None),
        ("readiness/a", None),
    ]
    (missing,) = found.missing
    assert (missing.section, missing.supply, missing.changes) == (
        "roadmap", "what the cost model needs", "Each action gets its value in money.",
    )  # fmt: skip
    none = ranked(make, model=None)
    assert (none.actions, none.joint, none.overlap) == ((), None, None)


def test_without_a_day_rate_nothing_has_a_cost(make):
    yen = make(2, currency="JPY", assumed=RULES)
    judged = ready(practice("a"), shifts=[shift("a", 2.0)])
    found = ranked(make, readiness=judged, risk=threats(item("a", 800)), engagement=yen)
    assert [(a.id, a.cost.likely if a.cost else None, a.effort.likely if a.effort else None) for a in found.actions] == [
        ("mitigation/a", 100, None), ("readiness/a", None, 2),
    ]  # fmt: skip


def test_a_finding_that_a_gap_closes_is_no_check_of_its_own(make):
    judged = ready(practice("a"), shifts=[shift("a", 2.0)])
    held = finding("readiness/a", "readiness")
    assert [a.id for a in ranked(make, readiness=judged, others=(held,)).actions] == ["readiness/a"]


def test_cases():
    case = CostDrivers(
        (shift("a", 2.0), shift("b", 3.0)), (loss("x", 10), loss("y", 20)), (loss("g", 5), loss("h", 7))
    )
    assert [s.factor for s in case.without_shifts("readiness/a").shifts] == [3.0]
    halved = case.with_loss("risk/x", 0.5)
    assert [item.per_year.likely for item in halved.losses] == [5, 20]
    assert (halved.shifts, halved.benefits) == (case.shifts, case.benefits)
    assert case.with_loss("risk/x", 0.0).losses[0].per_year.likely == pytest.approx(10 * NEARLY_NONE)
    coming = case.with_benefit(loss("h", 70))
    assert [item.per_year.likely for item in coming.benefits] == [5, 70]
    assert (coming.shifts, coming.losses) == (case.shifts, case.losses)
    assert case.without_shifts("readiness/a").losses == case.losses
    assert [item.per_year.likely for item in possible(case.losses)] == pytest.approx([1e-8, 2e-8])


def test_the_pricer_is_the_cost_model(make):
    """The mean present value of one of the options with the shifts applied and the losses booked."""
    held = engaged(make)
    styles = {"i0": "api-first", "i1": "ipaas"}
    inputs = Inputs(held, assignments={"mixed": styles, "files": dict.fromkeys(styles, "file-exchange")})
    priced = pricer(inputs, "mixed", draws=50, seed=3)
    case = CostDrivers((), (loss("x", 1000),), (loss("g", 400),))
    terms = gather(held, styles=["api-first", "ipaas"], losses=case.losses, benefits=case.benefits)
    assert priced(case) == float(cash_flows(terms, sample(terms, 50, 3), inputs.options["mixed"]).npv.mean())
    assert priced(CostDrivers((shift("a", 1.5),), case.losses, case.benefits)) > priced(case)
    assert priced(case.with_loss("risk/x", 2.0)) > priced(case)
    assert priced(case.with_benefit(loss("g", 4000))) < priced(case)
    other = pricer(inputs, "mixed", draws=50, seed=4)
    assert other(case) != priced(case)
    repairs = [Finding(id="f", section="data_quality", severity="low", title="x", effort=Estimate.point(5))]
    assert pricer(replace(inputs, remediation=repairs), "mixed", draws=50, seed=3)(case) > priced(case)
    with pytest.raises(KeyError):
        pricer(inputs, "none")


@pytest.mark.parametrize("count", [2, STEPS, STEPS + 2])
def test_without_a_value_the_steps_are_the_whole_gate_then_others_up_to_five(count):
    """What the next gate lacks is never cut short; checks are no steps; nothing has an amount."""
    needed = [Some(id=f"readiness/{n}", kind="practice") for n in range(count)]
    others = [Some(id="look", kind="check"), *(Some(id=f"other/{n}", kind="repair") for n in range(STEPS))]
    gate = Some(label="Pilot", lacking=[str(n) for n in range(count)])
    found = _next_steps([*others, *needed], {}, None, None, gate)
    gates, rest = [one.id for one in needed], [f"other/{n}" for n in range(max(STEPS - count, 0))]
    assert [step.action for step in found] == [*gates, *rest]
    assert {step.opens for step in found[:count]} == {"Pilot"} and not any(
        step.opens for step in found[count:]
    )
    assert all(step.adds is None for step in found)
