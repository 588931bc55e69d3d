"""The stack: what the chosen styles need, what is there, what is paid for in vain."""

import datetime as dt
from pathlib import Path

import pytest

from assess import intake
from assess.core.estimate import Estimate
from assess.evidence import stack
from assess.intake.assumptions import Assumptions, defaults
from assess.intake.engagement import Engagement
from assess.intake.engagement.landscape import Component, Product, Style

SAMPLES = Path(__file__).parents[2] / "data" / "samples"


def product(id, component, status="in-use", cost=None, **more):
    cost = cost if cost is None or isinstance(cost, Estimate) else Estimate.point(cost)
    return Product(id=id, product=id.title(), component=component, status=status, cost_per_year=cost, **more)


def made(*products, **more):
    return Engagement(folder=Path("x"), client="x", assumptions=Assumptions(), stack=products, **more)


def found(engagement, styles):
    return {f.id.removeprefix("governance/stack/"): f for f in stack.review(engagement, styles).findings}


class TestNeeds:
    """The data file: every line usable, every style and every component of the intake in it."""

    def test_every_component_and_every_style_of_the_intake(self):
        assert set(stack.parts()) == set(Component.__args__)
        assert {need.style for need in stack.needs()} == set(Style.__args__)

    def test_each_need_once_with_a_dated_source(self):
        pairs = [(need.style, need.component) for need in stack.needs()]
        assert len(pairs) == len(set(pairs))
        for need in stack.needs():
            assert need.source.detail
            assert need.source.date >= dt.date(2026, 1, 1)

    def test_what_is_said_to_be_priced_is_a_default_of_that_style(self):
        for need in stack.needs():
            for key in need.priced:
                assert key in defaults()
                assert key.endswith(f".{need.style}")

    def test_products_that_the_article_names(self):
        """Kong or Apigee, Kafka or EventBridge, Workato or MuleSoft."""
        examples = {id: part.products for id, part in stack.parts().items()}
        assert {"Kong", "Apigee"} <= set(examples["api-gateway"])
        assert {"Apache Kafka", "AWS EventBridge"} <= set(examples["message-broker"])
        assert {"Workato", "MuleSoft"} <= set(examples["orchestration"])


class TestStates:
    @pytest.mark.parametrize(
        ("statuses", "state"),
        [
            (["in-use"], "in-use"),
            ([None], "in-use"),
            (["unused", "in-use"], "in-use"),
            (["planned", "unused"], "planned"),
            (["unused"], "unused"),
            (["retired"], "missing"),
            ([], "missing"),
        ],
    )
    def test_of_a_broker_that_events_need(self, statuses, state):
        rows = [product(f"p{n}", "message-broker", status) for n, status in enumerate(statuses)]
        engagement = made(product("log", "observability"), *rows)
        assert stack.review(engagement, {"a": "event-driven"}).part("message-broker").state == state

    def test_what_no_chosen_style_needs_is_not_missing(self):
        reviewed = stack.review(made(product("log", "observability")), {"a": "file-exchange"})
        assert reviewed.part("message-broker").state == "not-needed"
        assert not [f for f in reviewed.findings if "message-broker" in f.id]

    def test_a_platform_brings_its_transformation(self):
        styles = {"a": "ipaas"}
        assert (
            stack.review(made(product("p", "orchestration")), styles).part("transformation").state
            == "brought"
        )
        retired = made(product("p", "orchestration", "retired"))
        assert stack.review(retired, styles).part("transformation").state == "missing"

    def test_nothing_is_known_where_nobody_said_anything(self):
        reviewed = stack.review(made(), {"a": "event-driven"})
        assert {part.state for part in reviewed.parts} == {"unknown"}
        assert reviewed.part("message-broker").required_by == ("event-driven",)
        assert reviewed.missing
        assert not reviewed.assessed
        assert reviewed.findings == reviewed.facts == ()

    def test_integrations_are_counted_by_style(self):
        styles = {"a": "event-driven", "b": "event-driven", "c": "api-first", "d": "database-access"}
        reviewed = stack.review(made(product("x", "service-mesh")), styles)
        assert reviewed.part("schema-registry").integrations == 2
        assert reviewed.part("observability").integrations == 4
        assert reviewed.part("service-mesh").helpful_for == ("api-first",)


class TestMoney:
    ROWS = (
        product("a", "api-gateway", "in-use", Estimate(low=1, likely=2, high=4)),
        product("b", "api-gateway", "unused", Estimate(low=10, likely=20, high=40), renewal=dt.date(2027, 1, 31)),
        product("c", "orchestration", "retired", 100.0),
        product("d", "message-broker", "planned", 1000.0),
        product("e", "observability", "unused"),
    )  # fmt: skip

    def test_sums_by_hand(self):
        reviewed = stack.review(made(*self.ROWS), {"x": "api-first"})
        paid, unused = reviewed.paid_per_year, reviewed.unused_per_year
        assert (paid.low, paid.likely, paid.high) == (111, 122, 144)  # planned costs nothing today
        assert (unused.low, unused.likely, unused.high) == (110, 120, 140)
        assert unused.unit == "EUR/year"
        assert [fact.value for fact in reviewed.facts if fact.id == "stack.unused"] == [120]

    def test_one_finding_for_each_that_is_paid_in_vain(self):
        findings = found(made(*self.ROWS), {"x": "api-first"})
        assert {"b/unused", "c/retired", "e/unused"} <= set(findings)
        assert "2027-01-31" in findings["b/unused"].action
        assert "20 EUR" in findings["b/unused"].title
        assert findings["e/unused"].severity == "low"  # nobody said what it costs

    def test_what_is_paid_for_and_needed_is_to_be_used(self):
        findings = found(made(*self.ROWS), {"x": "api-first"})
        assert "Put E to use" in findings["observability/unused"].action

    def test_what_ending_saves_leaves_out_what_is_to_be_used(self):
        """The orchestration that was retired and the second gateway; not the monitoring that api-first lacks."""
        rows = (*self.ROWS[:4], product("e", "observability", "unused", 7.0))
        reviewed = stack.review(made(*rows), {"x": "api-first"})
        assert {saving.id: saving.per_year.likely for saving in reviewed.savings} == {
            "saving/b": 20,
            "saving/c": 100,
        }
        assert {saving.id for saving in stack.review(made(*rows), {}).savings} == {
            "saving/b",
            "saving/c",
            "saving/e",
        }

    def test_no_cost_is_not_zero(self):
        reviewed = stack.review(made(product("e", "observability")), {"x": "api-first"})
        assert reviewed.paid_per_year is None
        assert reviewed.unused_per_year is None


class TestPriced:
    def test_what_is_missing_says_where_the_cost_model_holds_it(self):
        findings = found(made(product("x", "file-transfer")), {"a": "event-driven", "b": "api-first"})
        assert "infrastructure.event-driven" in findings["message-broker/missing"].evidence
        assert "No line" not in findings["message-broker/missing"].evidence
        assert "No line" in findings["secret-store/missing"].evidence

    def test_what_is_there_and_priced_again_until_the_engagement_says_what_is_left(self):
        row, styles = product("kong", "api-gateway"), {"a": "api-first"}
        assert "priced" in found(made(row), styles)
        own = {
            key: defaults()[key].model_copy(update={"overridden": True})
            for key in ("setup.days.api-first", "infrastructure.api-first")
        }
        engagement = made(row).model_copy(update={"assumptions": Assumptions(overrides=own)})
        assert "priced" not in found(engagement, styles)


class TestSamples:
    @pytest.mark.parametrize(
        ("sample", "styles", "expected"),
        [
            (
                "lead_to_cash",
                {"order-shop-support": "api-first", "behaviour-shop-marketing": "event-driven"},
                # planted: an unused gateway and monitoring suite, a middleware that still costs, no schema registry
                {"gateway-suite/unused", "monitoring/unused", "old-middleware/retired", "schema-registry/missing",
                 "observability/unused", "secret-store/planned", "priced"},
            ),
            (
                "legacy_manufacturer",
                {"result-mes-erp": "file-exchange"},
                {"platform/unused", "file-transfer/several", "observability/missing", "transformation/missing", "priced"},
            ),
        ],
    )  # fmt: skip
    def test_what_was_planted(self, sample, styles, expected):
        assert set(found(intake.load(SAMPLES / sample), styles)) == expected

    def test_round_trip_and_table(self):
        reviewed = stack.review(intake.load(SAMPLES / "lead_to_cash"), {"a": "api-first"})
        assert stack.Stack.from_json(reviewed.to_json()) == reviewed
        assert list(reviewed.table.component) == list(stack.parts())
        assert all(finding.sources for finding in reviewed.findings)
