"""The size of the client: what grows with it, what does not, and what a shop of six is not sold."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assess.decisions.assessment import Assessment
from assess.decisions.cost.parameters import gather
from assess.decisions.framework import fit
from assess.decisions.framework.constraints import IntegrationNeeds, check, state
from assess.intake.assumptions import Assumption, Assumptions, defaults
from assess.intake.engagement.landscape import NATIVE, Integration, System

GROWS = (
    "build.cost",
    "setup.days.api-first",
    "people.fte.event-driven",
    "failure.loss.high",
    "price.ipaas-market.subscription",
)


@pytest.mark.parametrize("key", GROWS)
@pytest.mark.parametrize("employees", [3, 6, 40, 250, 900, 20_000])
def test_a_default_is_scaled_by_the_size_to_a_power(key, employees):
    """Computed here: (employees / 250) to the powers that the data file gives, the ends apart."""
    was = defaults()[key]
    power = defaults()[f"size.{was.size}"]
    factors = sorted((employees / 250) ** p for p in (power.low, power.likely, power.high))
    now = Assumptions(employees=employees).entry(key)
    for end, factor in zip(("low", "likely", "high"), factors, strict=True):
        assert math.isclose(getattr(now, end), getattr(was, end) * factor, rel_tol=1e-3)


def test_where_the_size_is_not_stated_nothing_changes():
    known = Assumptions()
    assert all(known.entry(key) == entry for key, entry in defaults().items())


def test_what_the_client_states_is_never_scaled():
    own = defaults()["build.cost"].model_copy(
        update={"low": 1.0, "likely": 2.0, "high": 3.0, "overridden": True}
    )
    assert Assumptions(overrides={"build.cost": own}, employees=6).entry("build.cost") == own


def test_the_powers_are_assumptions_that_the_client_may_replace():
    flat = defaults()["size.effort"].model_copy(
        update={"low": 0.0, "likely": 0.0, "high": 0.0, "overridden": True}
    )
    assert (
        Assumptions(overrides={"size.effort": flat}, employees=6).entry("build.cost").likely
        == defaults()["build.cost"].likely
    )


@given(
    st.integers(1, 500_000),
    st.integers(1, 500_000),
    st.sampled_from([k for k, d in defaults().items() if d.size]),
)
def test_a_larger_client_never_pays_less_and_the_ends_keep_their_order(one, other, key):
    small, large = (Assumptions(employees=people).entry(key) for people in sorted((one, other)))
    assert small.low <= small.likely <= small.high
    assert all(getattr(small, end) <= getattr(large, end) for end in ("low", "likely", "high"))


def test_prices_of_single_integrations_of_small_clients_are_within_the_published_range():
    """adriano-junior.com, API integration guide: 3,000 to 20,000 USD for what small clients have built."""
    for employees in (5, 10, 25):
        held: Assumption = Assumptions(employees=employees).entry("build.cost")
        assert 3_000 <= held.likely <= 20_000


def test_a_group_pays_for_a_platform_what_is_published_for_large_deployments():
    """redresscompliance.com: MuleSoft 300,000 to 500,000 USD a year for 20 to 50 cores and more."""
    held = Assumptions(employees=5_000).entry("price.ipaas-market.subscription")
    assert held.low < 300_000 <= held.likely <= 500_000 < held.high


def test_every_line_that_grows_reaches_the_cost_model(make):
    def likely(employees):
        terms = gather(make(2).of_size(employees))
        return {item.name: item.estimate.likely for item in terms.parameters}

    small, large = likely(6), likely(250)
    grown = {name for name, value in large.items() if value > small[name] * 1.001}
    assert {
        key for key, entry in defaults().items() if entry.size in ("foundation", "effort") and key in large
    } - {"infrastructure.native-connector"} <= grown | {key for key in large if large[key] == 0}


# ---- native connectors ------------------------------------------------------------------------------------------


def pair(make, **fields):
    ends = (System(id="shop", interfaces=("rest", "webhook")), System(id="books", interfaces=("rest",)))
    held = {"interaction": "bulk", "volume": None, "latency_seconds": 86_400, "consumers": 1, **fields}
    return make(
        1, systems=ends, integrations=(Integration(id="orders", source="shop", target="books", **held),)
    )


@pytest.mark.parametrize(
    ("fields", "able"),
    [
        ({}, False),
        ({"native_connector": False}, False),
        ({"native_connector": True}, True),
        ({"style_today": NATIVE}, True),
        ({"native_connector": True, "consumers": 2}, False),
        ({"native_connector": True, "interaction": "request-reply"}, False),
        ({"native_connector": True, "latency_seconds": 1}, False),
        ({"native_connector": True, "peak_per_second": 50.0}, False),
    ],
)
def test_a_native_connector_is_for_a_pair_of_which_one_ships_it(make, fields, able):
    engagement = pair(make, **fields)
    found = state(check(IntegrationNeeds(engagement, engagement.integrations[0]), NATIVE))
    assert (found != "excluded") == able


def test_styles_in_question_leave_out_a_connector_that_nobody_has(make):
    assert NATIVE not in fit(pair(make), draws=50).in_question
    assert NATIVE in fit(pair(make, native_connector=True), draws=50).in_question


SHOP = """client: Six
employees: 6
"""
SYSTEMS = """id,interfaces
shop,rest;webhook
books,rest
"""
ROWS = """id,source,target,style_today,interaction,volume,latency_seconds,consumers,criticality,changes_per_year,customisation,native_connector,partner,governance
orders,shop,books,{today},bulk,600,86400,1,medium,1,0.1,{native},no,low
"""


def written(folder, *, today="none", native="", head=SHOP):
    folder.mkdir(parents=True)
    (folder / "engagement.yaml").write_text(head)
    (folder / "systems.csv").write_text(SYSTEMS)
    (folder / "integrations.csv").write_text(ROWS.format(today=today, native=native))
    return Assessment.open(folder, draws=200).decision


def test_a_shop_of_six_takes_the_connector_that_its_shop_ships(tmp_path):
    (row,) = written(tmp_path / "a", native="yes").integrations
    assert (row.choice, row.style) == ("build", NATIVE)
    option = next(one for one in written(tmp_path / "b", native="yes").options if one.id == "recommended")
    assert not option.plans


def test_what_runs_over_a_native_connector_stays(tmp_path):
    (row,) = written(tmp_path / "a", today=NATIVE).integrations
    assert row.choice == "keep"


def test_a_small_client_pays_less_than_a_large_one_for_the_same(tmp_path):
    small = written(tmp_path / "a")
    large = written(tmp_path / "b", head="client: Many\nemployees: 5000\n")
    costs = [
        -next(one for one in decision.options if one.id == "recommended").gain.mean
        for decision in (small, large)
    ]
    assert 0 < costs[0] * 3 < costs[1]


def test_a_native_connector_is_said_to_be_neither_built_nor_bought(tmp_path):
    from assess.report.chapters.build_or_buy import verdict

    assert (
        verdict(written(tmp_path / "a", native="yes"))
        == "The one integration is better set up with a ready connector"
    )
