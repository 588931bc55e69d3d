"""Published guidance on typical clients: the style that it names is the one decided."""

from __future__ import annotations

from pathlib import Path

import pytest

from assess.core.estimate import Estimate
from assess.decisions import framework
from assess.decisions.cost.parameters import Inputs
from assess.decisions.decision import Decision, decide
from assess.intake.assumptions import Assumptions
from assess.intake.engagement import Constraints, Engagement, System, Team
from assess.intake.engagement.landscape import Integration

STYLES = ("api-first", "event-driven", "ipaas", "file-exchange", "api-facade", "database-access")
OPEN = ("rest", "webhook")
STREAMS = ("rest", "events", "webhook")


def skilled(api=0.4, event=0.1, ipaas=0.4):
    return dict(zip(STYLES, (api, event, ipaas, 0.5, 0.4, 0.5), strict=True))


def system(id, interfaces=OPEN, **more):
    return System(
        id=id, **{"interfaces": interfaces, "connectors": ("workato", "boomi"), "residency": "EU", **more}
    )


def row(number, source, target, days=(9, 16, 32), **more):
    fields = {
        "interaction": "request-reply", "volume": Estimate.point(15_000), "growth": 0.1, "latency_seconds": 90.0, "consumers": 1,
        "criticality": "high", "changes_per_year": Estimate.point(3), "customisation": 0.2, "coverage": 0.7, "governance": "medium",
        "partner": False, "build_days": Estimate(low=days[0], likely=days[1], high=days[2]), **more,
    }  # fmt: skip
    return Integration(id=f"i{number}", source=source, target=target, **fields)


def web(count, systems=8, **more):
    """Return integrations between systems, each to the next but two."""
    return [row(n, f"s{n % systems}", f"s{(n * 3 + 1 + n % 2) % systems}" if (n * 3 + 1 + n % 2) % systems != n % systems else f"s{(n + 1) % systems}", **more)
            for n in range(count)]  # fmt: skip


def engagement(rows, systems=None, skills=None, **more) -> Engagement:
    ends = sorted({end for item in rows for end in (item.source, item.target)})
    return Engagement(
        folder=Path(), client="T", assumptions=Assumptions(), integrations=tuple(rows), exchange_rates={"USD": 0.9}, discount_rate=0.06,
        systems=tuple(systems or (system(id) for id in ends)), team=Team(people=4, day_rate=800, focus=0.6, skills=skills or skilled()),
        **more,
    )  # fmt: skip


def decided(made, **more) -> Decision:
    return decide(Inputs(made, **more), framework.fit(made, draws=200), draws=400)[0]


LEGACY = [system("s0"), system("old", ("file", "database"), connectors=())]
SHUT = [system("s0"), system("old", ("database",), connectors=())]

GUIDANCE = {
    "request-response by a strong team, fewer than ten": (
        engagement(web(5, 5, latency_seconds=3.0, coverage=0.4), skills=skilled(0.9, 0.4, 0.2)), "api-first"),
    "heterogeneous systems, limited expertise, many": (
        engagement(web(45, 15, interaction="notify-many", latency_seconds=900.0, coverage=0.9, customisation=0.1), skills=skilled(0.05, 0, 0.3)),
        "ipaas"),
    "stock to many in a second": (
        engagement([row(n, "s0", f"s{n + 1}", interaction="notify-many", volume=Estimate.point(4e6), latency_seconds=1.0, consumers=6, coverage=0.4)
                    for n in range(6)], [system(f"s{n}", STREAMS) for n in range(7)], skilled(0.5, 0.6, 0.2)), "event-driven"),
    "a nightly list to a system that takes files": (
        engagement([row(1, "s0", "old", interaction="bulk", latency_seconds=86_400.0, coverage=0.2, customisation=0.5)], LEGACY), "file-exchange"),
    "a legacy system of which only the database is there": (
        engagement([row(1, "s0", "old", latency_seconds=15.0, coverage=0.2, customisation=0.5)], SHUT), "api-facade"),
    "the long tail of partners": (
        engagement([row(n, f"p{n}", "s0", interaction="notify-many", volume=Estimate.point(700), latency_seconds=3600.0, partner=True,
                        coverage=0.85, customisation=0.1, days=(4, 8, 15)) for n in range(30)], skills=skilled(0.4, 0.1, 0.5)), "ipaas"),
    "patterns that nobody else has": (engagement(web(18, customisation=0.9, coverage=0.05), skills=skilled(0.6, 0.3, 0.4)), "api-first"),
    "patterns that everybody has": (engagement(web(18, customisation=0.05, coverage=0.95), skills=skilled(0.6, 0.3, 0.4)), "ipaas"),
    "systems that change often": (engagement(web(22, changes_per_year=Estimate.point(24)), skills=skilled(0.5, 0.2, 0.5)), "ipaas"),
    "a fifth of a second": (engagement(web(9, 6, latency_seconds=0.2), skills=skilled(0.6, 0.3, 0.6)), "api-first"),
    "the client excludes platforms": (
        engagement(web(11, 6, coverage=0.9), skills=skilled(0.3, 0, 0.8), constraints=Constraints(excluded_styles=("ipaas",))), "api-first"),
}  # fmt: skip
"""What published guidance says of typical clients: the article, and knowledgelib 2026-03-08 for the numbers."""


@pytest.mark.parametrize("name", GUIDANCE)
def test_published_guidance(name):
    made, style = GUIDANCE[name]
    table = decided(made).table
    assert set(table["style"]) == {style}
    assert set(table["choice"]) == {"buy" if style == "ipaas" else "build"}


FILES_ONLY = [system("plm", ("file",), connectors=()), system("mes", ("file",), connectors=())]
HOST = [system("s0", STREAMS), system("host", ("database",), connectors=()), system("s1", STREAMS)]
STREAMING = [system(f"s{n}", ("rest", "events")) for n in range(4)]

SIBLINGS = {
    "packaged systems that share files only": (
        engagement([row(n, "plm", "mes", interaction="bulk", latency_seconds=604_800.0, coverage=0.1, changes_per_year=Estimate.point(1))
                    for n in range(2)], FILES_ONLY), "file-exchange",
        "Hohpe and Woolf 2003, Enterprise Integration Patterns, ch. 2: File Transfer needs no knowledge of the other's internals, "
        "where data is exchanged in bulk and rarely"),
    "one event to many independent consumers": (
        engagement([row(n, "s0", f"s{n + 1}", interaction="notify-many", volume=Estimate.point(8e5), latency_seconds=2.0, consumers=7, coverage=0.3,
                        customisation=0.4) for n in range(5)], [system(f"s{n}", STREAMS) for n in range(6)], skilled(0.5, 0.5, 0.3)), "event-driven",
        "AWS, agent toolkit, serverless architecture: one event to multiple independent consumers is asynchronous fan-out"),
    "synchronous requests of a web shop": (
        engagement(web(4, 4, latency_seconds=0.5, volume=Estimate.point(3e5), coverage=0.3, customisation=0.4), skills=skilled(0.7, 0.3, 0.3)), "api-first",
        "AWS, agent toolkit, serverless architecture: a synchronous request and response is a REST or HTTP API"),
    "a host behind an anti-corruption layer": (
        engagement([row(1, "s0", "host", latency_seconds=5.0, coverage=0.0, customisation=0.6),
                    row(2, "s1", "host", latency_seconds=20.0, coverage=0.0, customisation=0.6)], HOST), "api-facade",
        "AWS Prescriptive Guidance, Cloud design patterns: an anti-corruption layer in front of what cannot be changed"),
    "business users and thirty services with ready connectors": (
        engagement(web(30, 12, interaction="notify-many", latency_seconds=1800.0, coverage=0.95, customisation=0.05, volume=Estimate.point(4e3)),
                   skills=skilled(0.1, 0, 0.6)), "ipaas",
        "Microsoft Learn, Choose the right integration and automation services: Logic Apps for prebuilt connectors without code"),
    "telemetry of a plant": (
        engagement([row(n, "s0", f"s{1 + n % 3}", interaction="notify-many", volume=Estimate.point(1.5e9), peak_per_second=2000.0, latency_seconds=5.0,
                        consumers=3, coverage=0.1, customisation=0.5, criticality="medium") for n in range(3)], STREAMING, skilled(0.4, 0.6, 0.4)),
        "event-driven", "Microsoft Learn, Choose between Azure messaging services: telemetry streams go through Event Hubs"),
    "trading partners with packaged content": (
        engagement([row(n, f"p{n}", "s0", interaction="notify-many", volume=Estimate.point(2_500), latency_seconds=7_200.0, partner=True, coverage=0.9,
                        customisation=0.05, changes_per_year=Estimate.point(5), days=(4, 7, 14)) for n in range(24)], skills=skilled(0.4, 0.1, 0.5)),
        "ipaas", "SAP, Integration Solution Advisory Methodology: B2B with predefined content on the integration suite"),
    "few subscribers that need an answer at once": (
        engagement(web(3, 4, latency_seconds=0.8, consumers=2, coverage=0.4, volume=Estimate.point(6e4)), skills=skilled(0.6, 0.4, 0.3)), "api-first",
        "Azure Architecture Center, Publisher-Subscriber: not where a few subscribers need near real-time interaction"),
}  # fmt: skip
"""Clients after further published guidance, each written before it was run, with the style that its source names."""


STRANDED = [system("ledger", ("file", "database"), connectors=()), system("host", ("file",), connectors=())]

COUSINS = {
    "a user waits for a credit check": (
        engagement([row(n, "s0", f"s{n + 1}", latency_seconds=2.0, coverage=0.4, customisation=0.4, volume=Estimate.point(4e4)) for n in range(3)],
                   skills=skilled(0.7, 0.3, 0.3)), "api-first",
        "Salesforce, Integration Patterns and Practices: Request and Reply where the user needs the answer before going on"),
    "five services hear of an order": (
        engagement([row(n, "s0", f"s{n + 1}", interaction="notify-many", volume=Estimate.point(5e5), latency_seconds=5.0, consumers=5, coverage=0.3,
                        customisation=0.4) for n in range(4)], [system(f"s{n}", STREAMS) for n in range(6)], skilled(0.5, 0.6, 0.3)), "event-driven",
        "alicinaroglu.dev, Event-driven architecture: one event with four or five different consumers"),
    "one consumer and nobody who runs a broker": (
        engagement(web(3, 4, latency_seconds=10.0, coverage=0.4, customisation=0.4), [system(f"s{n}", STREAMS) for n in range(4)],
                   skilled(0.7, 0.0, 0.2)), "api-first",
        "floppai.com, Event-driven architecture with Kafka, 2026-04-22: not for request and response, nor for a team that cannot operate it"),
    "a core feature of the product": (
        engagement(web(4, 4, latency_seconds=0.3, coverage=0.2, customisation=0.8, volume=Estimate.point(8e5)), skills=skilled(0.8, 0.4, 0.3)), "api-first",
        "arcintegrate.org, iPaaS vs. custom code: core features that users face are code"),
    "marketing and sales automation": (
        engagement(web(8, 6, interaction="notify-many", latency_seconds=1800.0, coverage=0.95, customisation=0.0, volume=Estimate.point(3e3),
                       criticality="low", days=(3, 6, 12)), skills=skilled(0.1, 0.0, 0.5)), "ipaas",
        "arcintegrate.org, iPaaS vs. custom code: a CRM to a mailing tool, where speed counts more than own logic"),
    "standard objects of CRM and ERP": (
        engagement(web(16, 9, latency_seconds=300.0, coverage=0.9, customisation=0.1), skills=skilled(0.2, 0.0, 0.5)), "ipaas",
        "tugrulyildirim.com, iPaaS vs custom integration layer: standard objects, many connectors, platform engineering is the bottleneck"),
    "control, latency and scale": (
        engagement(web(9, 6, latency_seconds=0.15, coverage=0.3, customisation=0.6, volume=Estimate.point(6e6), governance="high"),
                   skills=skilled(0.8, 0.4, 0.3)), "api-first",
        "tugrulyildirim.com, iPaaS vs custom integration layer: custom wins on control, compliance, latency and cost at scale"),
    "more than a hundred thousand events an hour": (
        engagement([row(n, "s0", f"s{n + 1}", interaction="notify-many", volume=Estimate.point(1.2e8), latency_seconds=3.0, consumers=4, coverage=0.3,
                        customisation=0.5) for n in range(4)], [system(f"s{n}", STREAMS) for n in range(5)], skilled(0.6, 0.6, 0.4)), "event-driven",
        "knowledgelib, Build vs buy for the integration layer, 2026-03-08: above 100,000 events an hour own code; its pattern is that of many consumers"),
    "twenty standard services and citizen integrators": (
        engagement(web(20, 12, interaction="notify-many", latency_seconds=900.0, coverage=0.9, customisation=0.1, volume=Estimate.point(2e4)),
                   skills=skilled(0.1, 0.0, 0.5)), "ipaas",
        "knowledgelib, Build vs buy for the integration layer, 2026-03-08: 5 to 50 standard services, below 10,000 events an hour, low code"),
    "six interfaces and engineers of integration": (
        engagement(web(6, 5, latency_seconds=5.0, coverage=0.3, customisation=0.6), skills=skilled(0.95, 0.5, 0.2)), "api-first",
        "knowledgelib, Build vs buy for the integration layer, 2026-03-08: with engineers of its own, own code brings most"),
    "nightly imports of systems without an interface of today": (
        engagement([row(1, "ledger", "host", interaction="bulk", latency_seconds=86_400.0, coverage=0.1, changes_per_year=Estimate.point(1)),
                    row(2, "host", "ledger", interaction="bulk", latency_seconds=86_400.0, coverage=0.1, changes_per_year=Estimate.point(1))], STRANDED),
        "file-exchange", "Striped Giraffe, Methods and technologies of IT system integration, 2025-10-20: files for nightly batch imports"),
}  # fmt: skip
"""Clients after guidance looked up later, each written before it was run; all eleven agreed in the first run."""


WAREHOUSE = [
    system("shop", ("file", "database"), connectors=()),
    system("warehouse", ("file", "database"), connectors=()),
]
PARTNERS = [system("s0", ("rest", "file")), *(system(f"p{n}", ("file",), connectors=()) for n in range(4))]
SHARED = [system(f"s{n}", ("rest", "database")) for n in range(4)]
CAPTURED = [system("core", ("database",), connectors=()), *(system(f"s{n}", STREAMS) for n in range(4))]

NEIGHBOURS = {
    "many hear of a changed customer": (
        engagement([row(n, "s0", f"s{n + 1}", interaction="notify-many", volume=Estimate.point(3e5), latency_seconds=5.0, consumers=6, coverage=0.4,
                        customisation=0.4) for n in range(4)], [system(f"s{n}", STREAMS) for n in range(5)], skilled(0.5, 0.5, 0.3)), "event-driven",
        "Salesforce, Integration Patterns and Practices: Remote Process Invocation, Fire and Forget, by platform events"),
    "developers outside call the product": (
        engagement([row(n, f"p{n}", "s0", latency_seconds=0.5, partner=True, coverage=0.1, customisation=0.8, volume=Estimate.point(5e5)) for n in range(3)],
                   skills=skilled(0.7, 0.3, 0.3)), "api-first",
        "Google Cloud, Apigee documentation: an API proxy in front of services, for developers of apps outside"),
    "the backend of an app": (
        engagement(web(3, 4, latency_seconds=0.3, coverage=0.2, customisation=0.7, volume=Estimate.point(1e6)), skills=skilled(0.6, 0.3, 0.3)), "api-first",
        "Azure Architecture Center, Backends for Frontends: a service of its own that the client calls"),
    "a warehouse is loaded at night": (
        engagement([row(n, "shop", "warehouse", interaction="bulk", latency_seconds=86_400.0, volume=Estimate.point(3e6), coverage=0.2,
                        customisation=0.5, criticality="medium") for n in range(3)], WAREHOUSE), "file-exchange",
        "Snowflake documentation, Overview of data loading: bulk loading copies staged files"),
    "partners who exchange nothing but files": (
        engagement([row(n, f"p{n}", "s0", interaction="bulk", latency_seconds=86_400.0, volume=Estimate.point(9e3), partner=True, coverage=0.1,
                        criticality="medium") for n in range(4)], PARTNERS), "file-exchange",
        "AWS Transfer Family user guide: files with business partners by SFTP, FTPS and AS2"),
    "packaged content between applications of a vendor": (
        engagement(web(14, 8, latency_seconds=600.0, coverage=0.95, customisation=0.05), skills=skilled(0.2, 0.0, 0.5)), "ipaas",
        "SAP, Integration Solution Advisory Methodology: application to application with predefined content on the integration suite"),
    "what is shared is what a system does": (
        engagement(web(3, 4, latency_seconds=2.0, coverage=0.2, customisation=0.6), skills=skilled(0.6, 0.2, 0.3)), "api-first",
        "Hohpe and Woolf 2003, Enterprise Integration Patterns, ch. 2: Remote Procedure Invocation where functions are shared, not only data"),
    "a query where a broker is at hand": (
        engagement(web(4, 4, latency_seconds=0.6, coverage=0.3, customisation=0.5), [system(f"s{n}", STREAMS) for n in range(4)], skilled(0.6, 0.9, 0.3)),
        "api-first", "Stopford 2018, Designing Event-Driven Systems (Confluent), ch. 5: a query is a request that returns, an event is none"),
    "an order that many services react to": (
        engagement([row(n, "s0", f"s{n + 1}", interaction="notify-many", volume=Estimate.point(6e5), latency_seconds=3.0, consumers=5, coverage=0.2,
                        customisation=0.5) for n in range(5)], [system(f"s{n}", STREAMS) for n in range(6)], skilled(0.6, 0.4, 0.3)), "event-driven",
        "Amazon EventBridge user guide: a bus routes an event to many targets that know nothing of its source"),
    "workflows over standard services": (
        engagement(web(10, 8, latency_seconds=120.0, coverage=0.95, customisation=0.05, volume=Estimate.point(6e3), criticality="medium"),
                   skills=skilled(0.1, 0.0, 0.4)), "ipaas",
        "Microsoft Learn, What is Azure Logic Apps: workflows over services by prebuilt connectors, with little or no code"),
    "a database that others could read": (
        engagement(web(4, 4, latency_seconds=30.0, coverage=0.2, customisation=0.6), SHARED, dict(skilled(0.5, 0.1, 0.3), **{"database-access": 0.9})), "api-first",
        "Fowler, IntegrationDatabase (bliki): a database shared by applications is to be avoided, they integrate through services"),
    "changes of a system of which only the database is there": (
        engagement([row(n, "core", f"s{n}", interaction="notify-many", volume=Estimate.point(9e5), latency_seconds=5.0, consumers=6, coverage=0.1,
                        customisation=0.5) for n in range(4)], CAPTURED, skilled(0.5, 0.7, 0.3)), "event-driven",
        "Confluent documentation, change data capture: changes of a database become events for many consumers"),
}  # fmt: skip
"""Clients after guidance of vendors and of the literature, each written with its answer before it was run."""


@pytest.mark.parametrize("name", {**SIBLINGS, **COUSINS, **NEIGHBOURS})
def test_further_published_guidance(name):
    made, style, _ = {**SIBLINGS, **COUSINS, **NEIGHBOURS}[name]
    assert set(decided(made).table["style"]) == {style}
