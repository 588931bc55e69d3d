"""Every hard constraint with its reason, slack, sources and what would make it feasible, word by word."""

from __future__ import annotations

import pytest

from assess.core.estimate import Estimate
from assess.core.source import Source
from assess.decisions.framework.constraints import IntegrationNeeds, check, duration, last_resort, state
from assess.decisions.framework.probability import carries, chance_below, quantile
from assess.intake.engagement import Constraints
from assess.intake.engagement.landscape import Integration, System

CERTAIN = {
    "framework.latency_floor.api-first": 0.1, "framework.latency_floor.ipaas": 180, "framework.latency_floor.ipaas-triggered": 0.6,
    "framework.latency_floor.event-driven": 0.02, "framework.latency_floor.event-driven-polled": 30,
    "framework.capacity.api-first": 2000, "framework.capacity.ipaas": 50, "framework.capacity.event-driven": 100_000,
    "framework.peak_factor": 10, "framework.confidence": 0.95,
}  # fmt: skip
PLACE = Source(kind="input", place="integrations.csv", row=2)
WHERE = Source(kind="input", place="engagement.yaml", row=3)


def system(id, *offers, **more):
    return System(
        id=id, interfaces=offers, origin=Source(kind="input", place="systems.csv", row=int(id[1:])), **more
    )


def checks(make, style, *, a=("rest",), b=("rest",), fields=None, rules=None, of_a=None, assumed=None):
    systems = (system("s1", *a, **(of_a or {})), system("s2", *b))
    integration = Integration(id="i", source="s1", target="s2", origin=PLACE, **(fields or {}))
    constraints = Constraints(origin=WHERE, **(rules or {}))
    engagement = make(
        1,
        integrations=(integration,),
        systems=systems,
        constraints=constraints,
        assumed={**CERTAIN, **(assumed or {})},
    )
    return {item.constraint: item for item in check(IntegrationNeeds(engagement, integration), style)}


def shown(item):
    return item.passed, item.reason, item.slack, item.unit, item.feasible_if, item.of


def test_what_nothing_is_said_against_passes(make):
    found = checks(make, "api-first")
    assert list(found) == [
        "client's rule", "interaction pattern", "protocol reach", "applicability", "data residency", "certification",
        "latency and peak load",
    ]  # fmt: skip
    assert {name: shown(item) for name, item in found.items() if name != "latency and peak load"} == {
        "client's rule": (True, "not excluded by the client", None, "", "", ()),
        "interaction pattern": (
            True, "APIs can do request-reply, notify-many, bulk; the interaction is not stated", None, "", "", ()
        ),
        "protocol reach": (
            True, "s1 offers rest; s2 offers rest", 0, "ends out of reach", "", ("in:systems.csv:1:interfaces", "in:systems.csv:2:interfaces")
        ),
        "applicability": (True, "for any pair of systems", None, "", "", ()),
        "data residency": (True, "runs where the client puts it", None, "", "", ()),
        "certification": (True, "no certification of a platform demanded", None, "", "", ()),
    }  # fmt: skip


def test_the_clients_rule(make):
    found = checks(make, "ipaas", rules={"excluded_styles": ("ipaas",)})["client's rule"]
    assert shown(found) == (
        False, "the client excludes a bought platform", None, "", "the client lifted its exclusion of a bought platform", ("in:engagement.yaml:3:excluded_styles",)
    )  # fmt: skip


def test_the_interaction_pattern(make):
    stated = checks(make, "event-driven", fields={"interaction": "request-reply"})["interaction pattern"]
    of = ("in:integrations.csv:2:interaction", "as:framework.supports.request-reply.event-driven")
    assert shown(stated) == (
        False, "events cannot do request-reply", None, "", "the interaction became notify-many or bulk", of
    )  # fmt: skip
    unsaid = checks(make, "event-driven")["interaction pattern"]
    assert shown(unsaid)[:2] == (None, "events can do notify-many, bulk; the interaction is not stated")
    assert unsaid.feasible_if == "the interaction is notify-many or bulk"
    able = checks(make, "event-driven", fields={"interaction": "bulk"})["interaction pattern"]
    assert shown(able)[:2] == (True, "events can do bulk") and able.feasible_if == ""
    half = checks(make, "event-driven", assumed={"framework.supports.request-reply.event-driven": 0.5})[
        "interaction pattern"
    ]
    assert half.passed is True


def test_protocol_reach(make):
    found = checks(make, "api-first", a=("file", "database"), b=("events",))["protocol reach"]
    assert shown(found) == (
        False, "APIs cannot reach s1 and s2: s1 offers file, database; s2 offers events", -2, "ends out of reach",
        "s1 offered an API or webhook and s2 offered an API", ("in:systems.csv:1:interfaces", "in:systems.csv:2:interfaces"),
    )  # fmt: skip
    unsaid = checks(make, "event-driven", a=())["protocol reach"]
    assert shown(unsaid) == (
        None, "the interfaces of source and target are not both stated", None, "",
        "the source offers an API or database or events or webhook and the target an API or events or webhook", (),
    )  # fmt: skip
    assert checks(make, "ipaas", a=("none",))["protocol reach"].passed is False
    assert (
        checks(make, "ipaas", a=("none",), of_a={"connectors": ("ipaas",)})["protocol reach"].passed is True
    )
    assert (
        checks(make, "api-first", a=("none",), of_a={"connectors": ("ipaas",)})["protocol reach"].passed
        is False
    )
    assert checks(make, "database-access", a=("database",), b=("soap",))["protocol reach"].passed is True
    assert checks(make, "file-exchange", a=("events",), b=("file",))["protocol reach"].slack == -1
    assert (
        checks(make, "file-exchange", a=("file",), b=("rest",))["protocol reach"].feasible_if
        == "s2 offered file"
    )
    assert checks(make, "ipaas", a=("rest",), b=("database",))["protocol reach"].passed is False


@pytest.mark.parametrize(
    ("style", "a", "interaction", "expected"),
    [
        ("file-exchange", ("rest",), None, (False, "both systems have an API: this way is for those without", "one of the systems lost its API or the interaction became bulk")),
        ("file-exchange", ("rest",), "bulk", (True, "bulk data may move as files", "")),
        ("file-exchange", ("file",), None, (True, "a system has no API", "")),
        ("api-facade", ("rest",), "bulk", (False, "both systems have an API: this way is for those without", "one of the systems lost its API")),
        ("api-facade", (), None, (False, "no system is known to lack an API: this way is for those without", "it were stated that one of the systems has no API")),
        ("file-exchange", (), None, (False, "no system is known to lack an API: this way is for those without", "it were stated that one of the systems has no API or the interaction became bulk")),
        ("api-facade", ("database",), None, (True, "a system has no API", "")),
    ],
)  # fmt: skip
def test_applicability(make, style, a, interaction, expected):
    found = checks(make, style, a=a, fields={"interaction": interaction})["applicability"]
    assert (found.passed, found.reason, found.feasible_if) == expected


def test_data_residency(make):
    """A platform offers US and EU by default; a region that is 0 it lacks, one that nobody lists is not known."""
    rule = "in:engagement.yaml:3:residency"
    free = checks(make, "ipaas")["data residency"]
    assert shown(free)[:2] == (True, "no residency demanded")
    fine = checks(make, "ipaas", rules={"residency": ("eu",)})["data residency"]
    assert shown(fine) == (
        True,
        "a runtime in EU can be had with a bought platform",
        0,
        "demands not met",
        "",
        (rule,),
    )
    unknown = checks(make, "ipaas", rules={"residency": ("CH",)})["data residency"]
    assert shown(unknown) == (
        None, "whether a runtime in CH can be had with a bought platform is not known", None, "demands not met",
        "the vendor offered a runtime in CH, or runs in the client's own network", (rule,),
    )  # fmt: skip
    either = checks(make, "ipaas", rules={"residency": ("CH", "EU")})["data residency"]
    assert (either.passed, either.reason) == (True, "a runtime in CH or EU can be had with a bought platform")
    lacking = checks(
        make,
        "ipaas",
        rules={"residency": ("JP",)},
        of_a={"residency": "ch"},
        assumed={"framework.region.ipaas.JP": 0},
    )["data residency"]
    assert shown(lacking) == (
        False, "a runtime in JP cannot be had with a bought platform", -1, "demands not met",
        "the vendor offered a runtime in JP and a runtime in CH, or runs in the client's own network",
        (rule, "in:systems.csv:1:residency"),
    )  # fmt: skip
    bound = checks(make, "ipaas", of_a={"residency": "EU"})["data residency"]
    assert (bound.passed, bound.of) == (True, ("in:systems.csv:1:residency",))
    own = checks(make, "event-driven", rules={"residency": ("JP",)})["data residency"]
    assert own.reason == "runs where the client puts it"


def test_certification(make):
    rules = {"certifications": ("iso 27001", "TISAX")}
    found = checks(make, "ipaas", rules=rules)["certification"]
    assert shown(found) == (
        None, "whether TISAX can be had with a bought platform is not known", None, "demands not met",
        "the vendor offered TISAX, or runs in the client's own network", ("in:engagement.yaml:3:certifications",),
    )  # fmt: skip
    held = checks(make, "ipaas", rules={"certifications": ("ISO-27001", "SOC 2")})["certification"]
    assert (held.passed, held.reason, held.slack) == (
        True,
        "ISO-27001 and SOC 2 can be had with a bought platform",
        0,
    )
    lost = checks(make, "ipaas", rules={"certifications": ("HIPAA", "SOC2")}, assumed={"framework.certified.ipaas.HIPAA": 0, "framework.certified.ipaas.SOC2": 0.4})["certification"]  # fmt: skip
    assert (lost.passed, lost.reason, lost.slack) == (
        False,
        "HIPAA and SOC2 cannot be had with a bought platform",
        -2,
    )
    assert checks(make, "api-first", rules=rules)["certification"].reason == "covered by the client's own"


def test_latency_and_peak_load(make):
    stated = {"latency_seconds": 60.0, "peak_per_second": 49.0, "interaction": "bulk"}
    found = checks(make, "ipaas", fields=stated)["latency and peak load"]
    of = (
        "in:integrations.csv:2:latency_seconds", "as:framework.latency_floor.ipaas", "as:framework.capacity.ipaas",
        "in:integrations.csv:2:peak_per_second",
    )  # fmt: skip
    assert shown(found) == (
        False, "arrives within 60 s in 0% of cases, carries the peak in 100% of cases", pytest.approx(-0.95), "probability",
        "the latency need were 3 min or more", of,
    )  # fmt: skip
    unsaid = checks(make, "ipaas", fields={**stated, "interaction": None})["latency and peak load"]
    assert shown(unsaid)[:3] == (  # started by a request it would arrive in time
        None, "arrives within 60 s in 0% of cases, carries the peak in 100% of cases, the interaction not stated", None
    )  # fmt: skip
    both = checks(make, "ipaas", fields={"latency_seconds": 60.0, "peak_per_second": 51.0})[
        "latency and peak load"
    ]
    assert both.feasible_if == "the latency need were 3 min or more and the peak were 50 messages/s or less"
    fine = checks(make, "ipaas", fields={"latency_seconds": 180.0, "peak_per_second": 50.0})[
        "latency and peak load"
    ]
    assert (fine.passed, fine.slack, fine.feasible_if) == (True, pytest.approx(0.05), "")
    silent = checks(make, "ipaas")["latency and peak load"]
    assert shown(silent)[:4] == (
        None,
        "latency need not stated, peak or volume not stated",
        None,
        "probability",
    )
    assert silent.feasible_if == "the latency need were 3 min or more and the peak were 50 messages/s or less"
    slow = checks(make, "ipaas", fields={"latency_seconds": 1.0, "interaction": "bulk"})[
        "latency and peak load"
    ]
    assert (slow.passed, slow.reason) == (
        False,
        "arrives within 1 s in 0% of cases, peak or volume not stated",
    )
    month = 365.25 / 12 * 86400
    volume = {"volume": Estimate.point(5 * month, source=PLACE), "latency_seconds": 200.0}
    mean = checks(make, "ipaas", fields=volume)["latency and peak load"]
    assert mean.passed is True  # 5 a second times the peak factor of 10 is the capacity
    more = checks(make, "ipaas", fields={**volume, "volume": Estimate.point(5.1 * month)})[
        "latency and peak load"
    ]
    assert more.passed is False
    assert mean.of[-2:] == ("in:integrations.csv:2", "as:framework.peak_factor")


def test_parts_that_hold_alone_but_not_together(make):
    """Each with .96 is .9216 together: less than .95, though neither is named."""
    wide = {
        "framework.latency_floor.api-first": (0.0, 5.0, 10.0),
        "framework.capacity.api-first": (0.0, 5.0, 10.0),
    }
    need = quantile(Estimate(low=0, likely=5, high=10), 0.96)
    fields = {"latency_seconds": need, "peak_per_second": 10 - need}
    found = checks(make, "api-first", fields=fields, assumed=wide)["latency and peak load"]
    assert found.slack == pytest.approx(0.96**2 - 0.95)
    assert (
        found.reason == f"arrives within {duration(need)} in 96% of cases, carries the peak in 96% of cases"
    )
    near = quantile(Estimate(low=0, likely=5, high=10), 0.9499)
    slow = checks(make, "api-first", fields={"latency_seconds": near}, assumed=wide)["latency and peak load"]
    assert (slow.passed, "in 94% of cases" in slow.reason) == (False, True)
    assert found.feasible_if == "latency need and capacity each had more reserve"


@pytest.mark.parametrize(
    ("style", "a", "interaction", "floor"),
    [
        ("ipaas", ("rest",), None, "ipaas"), ("ipaas", ("webhook",), None, "ipaas-triggered"), ("ipaas", ("rest",), "request-reply", "ipaas-triggered"),
        ("event-driven", ("rest",), None, "event-driven-polled"), ("event-driven", ("events",), None, "event-driven"),
        ("event-driven", ("database",), None, "event-driven"), ("event-driven", (), None, "event-driven-polled"), ("ipaas", ("database",), None, "ipaas"),
    ],
)  # fmt: skip
def test_the_floor_follows_how_the_source_gives(make, style, a, interaction, floor):
    found = checks(make, style, a=a, fields={"interaction": interaction, "latency_seconds": 1.0})[
        "latency and peak load"
    ]
    assert f"as:framework.latency_floor.{floor}" in found.of


def test_the_last_resort_and_states():
    other = last_resort(("ipaas", "api-facade"))
    assert (other.constraint, other.passed, other.feasible_if) == (
        "last resort",
        False,
        "no other style were feasible",
    )
    assert (
        other.reason
        == "a bought platform, an API in front of the old system can do it through the system's own logic"
    )
    none = last_resort(())
    assert (none.passed, none.reason, none.feasible_if) == (True, "no other style is feasible", "")
    unknown = none.model_copy(update={"passed": None})
    assert [state(found) for found in ((none,), (none, unknown), (unknown, other), ())] == [
        "feasible",
        "open",
        "excluded",
        "feasible",
    ]


def test_words_of_time():
    assert [duration(s) for s in (119, 120, 7199, 7200, 90_000)] == [
        "119 s",
        "2 min",
        "120 min",
        "2 h",
        "25 h",
    ]


def test_probabilities_by_hand():
    """A symmetric PERT has its median in the middle; of a certain value all mass is there."""
    even = Estimate(low=0, likely=5, high=10)
    assert (chance_below(even, -1), chance_below(even, 5), chance_below(even, 11)) == (
        0,
        pytest.approx(0.5),
        1,
    )
    assert quantile(even, 0.5) == pytest.approx(5)
    point = Estimate.point(3)
    assert (chance_below(point, 3), chance_below(point, 2.9), quantile(point, 0.2)) == (1, 0, 3)
    assert carries(point, (point,)) == 1
    assert carries(Estimate.point(2.9), (point,)) == 0
    assert carries(Estimate.point(9), (point, point)) == 1
    assert carries(even, (Estimate.point(5),)) == pytest.approx(0.5)
    assert carries(Estimate.point(5), (even,)) == pytest.approx(0.5)
    skew = Estimate(low=1, likely=2, high=7)  # beta(1 + 4/6, 1 + 20/6): mean (1 + 8 + 7) / 6
    grid = sum(quantile(skew, (n + 0.5) / 2000) for n in range(2000)) / 2000
    assert grid == pytest.approx(16 / 6, rel=1e-3)
    assert chance_below(skew, quantile(skew, 0.3)) == pytest.approx(0.3)
