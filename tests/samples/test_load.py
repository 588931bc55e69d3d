"""The samples are engagements that load without a problem, and hang together."""

from __future__ import annotations

import pandas as pd
import pytest

from assess import intake
from assess.evidence import operations, value_stream
from assess.evidence.reconcile import reconcile

WRONG = {"order-shop-warehouse", "stock-warehouse-shop", "tracking-carrier-shop", "ticket-support-crm"}


@pytest.fixture(scope="module")
def nordwind(samples):
    return intake.load(samples / "lead_to_cash")


@pytest.fixture(scope="module")
def measured(nordwind):
    return operations.measure(nordwind)


@pytest.mark.parametrize(
    ("name", "systems", "integrations", "tables"),
    [("lead_to_cash", 10, 25, 11), ("legacy_manufacturer", 5, 7, 4), ("minimal", 3, 3, 0)],
)
def test_every_sample_loads(samples, name, systems, integrations, tables):
    engagement = intake.load(samples / name)
    assert (len(engagement.systems), len(engagement.integrations), len(engagement.tables)) == (
        systems,
        integrations,
        tables,
    )


def test_minimal_supplies_nothing_else(samples):
    minimal = intake.load(samples / "minimal")
    assert not any(
        (minimal.readiness, minimal.risks, minimal.value_stream, minimal.run_logs, minimal.contracts)
    )


def test_legacy_systems_have_no_api(samples):
    legacy = intake.load(samples / "legacy_manufacturer")
    assert {i for system in legacy.systems for i in system.interfaces} <= {"file", "database", "none"}


def test_run_logs_belong_to_the_automated_integrations(nordwind, measured):
    automated = {i.id for i in nordwind.integrations if i.style_today != "manual"} - {"payment-shop-payments"}
    assert {traffic.integration for traffic in measured.traffic} == automated
    assert not measured.unknown


def test_logs_cover_ninety_days(measured):
    assert {traffic.days_observed for traffic in measured.traffic} == {90}


def test_stated_volumes_are_wrong_where_the_readme_says_so(nordwind, measured):
    off = {
        f.integrations[0] for f in reconcile(nordwind, measured).findings if f.id.endswith("stated-volume")
    }
    assert off == WRONG


def test_other_stated_volumes_are_within_fifteen_percent(nordwind, measured):
    for traffic in measured.traffic:
        if traffic.integration in WRONG or traffic.silent_days is not None:
            continue
        stated = nordwind.integration(traffic.integration).volume.likely
        assert traffic.volume.likely == pytest.approx(stated, rel=0.15), traffic.integration


def test_one_integration_is_silent_and_one_has_a_new_level(measured):
    assert [t.integration for t in measured.traffic if t.silent_days] == ["return-warehouse-erp"]
    assert [t.integration for t in measured.traffic if t.level] == ["price-erp-shop"]


def test_every_malformed_line_of_the_ledger_is_counted(ledger, measured):
    broken = ledger[ledger.kind == "malformed-line"].table.value_counts().to_dict()
    counted = {log.path.split("/")[1]: log.malformed for log in measured.logs if log.malformed}
    assert counted == broken


def test_respondents_contradict_each_other(nordwind):
    answers = pd.DataFrame([(a.practice, a.answer) for a in nordwind.readiness if a.answer != "unknown"])
    spread = answers.astype({1: float}).groupby(0)[1].agg(lambda x: x.max() - x.min())
    assert (spread >= 0.5).sum() >= 4
    assert len({a.respondent for a in nordwind.readiness}) == 4


def test_the_articles_four_risks_are_there(nordwind):
    assert {"scope", "data-quality", "lock-in", "testing"} <= {risk.category for risk in nordwind.risks}


def test_a_goal_is_served_by_nothing(nordwind):
    served = {goal for integration in nordwind.integrations for goal in integration.goals}
    assert {goal.id for goal in nordwind.goals} - served == {"new-market"}


def test_the_value_stream_agrees_with_the_goals(nordwind):
    """What the client states as goals and what its steps add up to differ by less than a fifth."""
    goals = {goal.id: goal for goal in nordwind.goals}
    stream = value_stream.map_value_stream(nordwind)
    typed = sum(entry.hours_per_year.likely for entry in stream.reentries) / 12
    assert typed == pytest.approx(goals["re-entry"].today, rel=0.2)
    assert stream.current.days == pytest.approx(goals["order-to-cash"].today, rel=0.2)
    assert {step.volume.likely for step in nordwind.value_stream if step.step == "mend"} == {
        goals["stock-truth"].today
    }


def test_volumes_of_typed_integrations_are_those_of_their_steps(nordwind):
    manual = {i.id: i.volume.likely for i in nordwind.integrations if i.style_today == "manual"}
    typed = {s.integration: s.volume.likely for s in nordwind.value_stream if s.integration in manual}
    assert typed == manual


def test_the_order_desk_contradicts_what_people_say(nordwind):
    """Credit checks wait longer and go back more often, typing a customer takes longer; the rest is as stated."""
    stream = value_stream.map_value_stream(nordwind)
    (log,) = stream.logs
    said = {step.step: step for step in nordwind.value_stream}
    seen = {step.step: step for step in stream.steps if step.basis == "measured"}
    assert set(seen) == {"quote", "check", "order", "debtor"}
    assert seen["check"].wait.likely > 1.5 * said["check"].wait_minutes.likely
    assert seen["debtor"].process.likely > 1.3 * said["debtor"].process_minutes.likely
    assert seen["quote"].process.likely == pytest.approx(said["quote"].process_minutes.likely, rel=0.1)
    assert seen["check"].next["quote"] > 0.2
    assert log.unresolved > 0 and log.resolved + log.unresolved == log.cases
    assert log.inside_hours > 0.99
