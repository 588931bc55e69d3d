"""An invented run, made by hand: the page's tests need no model behind it."""

import datetime as dt
import json

import numpy as np
import pytest

from assess.core.estimate import Estimate
from assess.core.finding import Finding, Missing
from assess.core.source import Fact, Source
from assess.intake.assumptions import Assumption
from assess.intake.engagement import InputFile
from assess.report import charts
from assess.report.chapter import Chapter, Coverage, Head, ReportAction, Results, StageGate
from assess.report.figure import Figure
from assess.report.tables import DataTable, TableCell, TableColumn
from assess.report.whatif import Array, FormulaStep, Output, Slider, WhatIf

DAY = dt.date(2026, 11, 22)
VOLUME = Source(kind="measurement", place="operations/orders/volume", detail="90 days of run logs", date=DAY)
RATE = Source(kind="input", place="engagement.yaml", row=12, column="team.day_rate", detail="CFO", date=DAY)
BUILD = Source(kind="assumption", place="build.days", detail="Invented survey 2024", date=dt.date(2024, 5, 1))
PRICE = Source(kind="assumption", place="platform.price", detail="List price", date=dt.date(2026, 9, 1))
NPV = Source(
    kind="calculation",
    place="cost/npv/hybrid",
    detail="discounted sum of the cash flows of five years, 100,000 draws",
    of=(VOLUME.id, RATE.id, BUILD.id, PRICE.id),
)
CHEAPEST = Source(kind="calculation", place="cost/cheapest", detail="share of draws", of=(NPV.id,))
ANSWERS = Source(kind="input", place="readiness.csv", row=4, column="answer", detail="Head of IT", date=DAY)
SCORE = Source(
    kind="calculation", place="readiness/score", detail="bootstrap over respondents", of=(ANSWERS.id,)
)
OPTIONS = ("Hybrid", "iPaaS", "API first", "Event driven")


def estimate(low, likely, high, unit, source):
    return Estimate(low=low, likely=likely, high=high, unit=unit, source=source)


def check(table, column, kind):
    return Source(
        kind="measurement", place=f"{table}/{column}/{kind}", detail="DuckDB over the whole extract", date=DAY
    )


def findings():
    found = []
    said = [
        (
            "country",
            "vocabulary",
            "high",
            "Country: 38 % of 14,208 customers use a word that billing does not know",
        ),
        ("birth_date", "format", "high", "Birth date in three formats, 212 of 3,017 ambiguous"),
        (
            "amount",
            "scale",
            "critical",
            "Amounts in cents against euros: billing would charge 100 times too much",
        ),
        ("status", "vocabulary", "medium", "Status: 6 words against 4"),
        ("email", "missing", "medium", "E-mail missing in 9 % of customers, disguised as “n/a” in 4 %"),
        ("phone", "pattern", "low", "Phone numbers in seven patterns"),
        ("customer_id", "key", "critical", "412 customers appear twice, with different addresses"),
        ("updated_at", "stale", "info", "Half of the records have not changed for two years"),
    ]
    for column, kind, severity, title in said:
        measured = check("crm.customers", column, kind)
        found.append(
            Finding(
                id=f"data_quality/crm.customers/{column}/{kind}",
                section="data_quality",
                severity=severity,
                title=title,
                evidence="DE, FR, UK, Deutschland against Germany, France, United Kingdom"
                if kind == "vocabulary"
                else "j***@e***.com, 0049***",
                impact="The target rejects the record or stores a wrong value.",
                action="Map the values with the generated table and let the owner confirm it.",
                effort=estimate(1, 2, 5, "person-days", measured),
                owner="Sales operations",
                integrations=("crm-billing-customers",),
                systems=("crm", "billing"),
                sources=(measured,),
            )
        )
    return tuple(found)


def summary():
    facts = (
        Fact(
            id="npv",
            label="five-year cost; in eight of ten futures between these limits",
            value=2_914_000,
            unit="EUR",
            low=2_230_000,
            high=4_310_000,
            sources=(NPV,),
        ),
        Fact(
            id="cheapest",
            label="of futures in which this is the cheapest of four options",
            value=0.71,
            unit="share",
            sources=(CHEAPEST,),
        ),
        Fact(
            id="payback",
            label="until it has paid back",
            value=19,
            unit="months",
            low=14,
            high=31,
            sources=(NPV, VOLUME),
        ),
    )
    return Chapter(
        number=0, key="executive_summary", title="Summary", question="What should we do, what does it cost, what could go wrong?",
        verdict="Go to the pilot with a hybrid: events for orders and stock, APIs between services, a platform for the long tail. It costs [2.9 M€](npv) over five years. Do not scale before customer data has an owner.",
        facts=facts, headline=("npv", "cheapest", "payback"),
        gates=(
            StageGate(key="select", label="Select", state="open", reason="Every must-have is met", sources=(SCORE,)),
            StageGate(key="pilot", label="Pilot", state="closed", reason="1 of 4 must-haves missing: data owners", findings=("data_quality/crm.customers/customer_id/key",), sources=(SCORE,)),
            StageGate(key="scale", label="Scale", state="closed", reason="Alerts exist for 9 of 23 integrations", sources=(SCORE,)),
        ),
        coverage=Coverage(measured=64, stated=36, assumed=20, contradicted=("operations/orders/volume",), stale=("build.days",)),
        changes=("Message volume above 3.1 times today's.", "A platform price 38 % lower.", "Losing either of the two people who know Kafka."),
        actions=(
            ReportAction(id="a1", title="Give customer master data an owner and repair 1,412 records that billing would reject", worth=estimate(130e3, 240e3, 410e3, "EUR", NPV), effort=estimate(12, 18, 30, "person-days", BUILD), owner="Sales operations", by="increment 2"),
            ReportAction(id="a2", title="Replace the nightly order batch by an event (stock is wrong 11 h a day)", worth=estimate(90e3, 190e3, 280e3, "EUR", NPV), effort=estimate(15, 25, 45, "person-days", BUILD), owner="E-commerce", by="increment 4"),
            ReportAction(id="a3", title="Ask the vendor for the price above 10 M messages: it decides build or buy", worth=estimate(75e3, 75e3, 75e3, "EUR", NPV), effort=estimate(1, 1, 1, "person-days", RATE), owner="Procurement", by="now"),
            ReportAction(id="a4", title="Write alerts for the 14 integrations that have none", effort=estimate(7, 14, 20, "person-days", BUILD)),
        ),
        sources=(VOLUME, RATE, BUILD, PRICE, ANSWERS),
    )  # fmt: skip


def number_table(id, caption, label, keys, values, unit, source, low=None, high=None):
    share = unit == "share"
    return DataTable(
        id=id, caption=caption, sources=(source,),
        columns=(TableColumn(key="name", label=label), TableColumn(key="value", label="Value", format="share" if share else "money" if unit == "EUR" else "number", unit=unit, sources=(source.id,))),
        rows=tuple((TableCell(value=k), TableCell(value=v, low=low[i] if low else None, high=high[i] if high else None)) for i, (k, v) in enumerate(zip(keys, values, strict=True))),
    )  # fmt: skip


def data_quality():
    columns, shares = (
        ("country", "birth date", "amount", "status", "17 others"),
        (0.38, 0.21, 0.14, 0.10, 0.17),
    )
    conflicts = check("crm.customers", "all", "conflicts")
    found = findings()
    table = DataTable(
        id="repairs", caption="What billing would reject, and what repairs it",
        columns=(TableColumn(key="finding", label="Finding"), TableColumn(key="severity", label="Severity", format="state"), TableColumn(key="records", label="Records", format="number"), TableColumn(key="share", label="Share", format="share"), TableColumn(key="source", label="Source holds"), TableColumn(key="rule", label="Rule", format="code")),
        rows=(
            (TableCell(value="Country vocabulary differs"), TableCell(value="high"), TableCell(value=14208), TableCell(value=0.38, shade=0.9), TableCell(value="DE, FR, UK"), TableCell(value="country IN (SELECT word FROM billing.country)")),
            (TableCell(value="Dates in three formats"), TableCell(value="high"), TableCell(value=3017), TableCell(value=0.21, shade=0.5), TableCell(value="03/04/2025, 4.3.25"), TableCell(value="TRY_STRPTIME(birth_date, '%Y-%m-%d')")),
            (TableCell(value="E-mail missing"), TableCell(value="medium"), TableCell(value=1279), TableCell(value=0.09, shade=0.2), TableCell(value=None), TableCell(value="email IS NOT NULL")),
            (TableCell(value="Consent not asked"), TableCell(value="unknown"), TableCell(value=None), TableCell(value=None), TableCell(value="not supplied"), TableCell(value="")),
        ),
        sources=(conflicts,),
    )  # fmt: skip
    return Chapter(
        number=2, key="data_quality", title="Data quality", question="Is the data of source and target fit to be integrated?",
        subject="CRM customers (14,208) against billing accounts (11,930)",
        verdict="Not yet. One record in ten would be rejected or misread: dates in three formats, countries as codes on one side and names on the other, and amounts in cents against euros.",
        facts=(
            Fact(id="dq.rejected", label="records that billing would reject", value=1412, sources=(conflicts,)),
            Fact(id="dq.columns", label="columns compared", value=21, sources=(conflicts,)),
            Fact(id="dq.matched", label="customers found on both sides", value=0.83, unit="share", low=0.81, high=0.86, sources=(conflicts,)),
            Fact(id="dq.owner", label="owner of customer master data", value=None),
        ),
        headline=("dq.rejected", "dq.matched"),
        figures=(
            Figure(id="columns", caption="Four columns carry 83 % of the conflicts", alt="Bars: country 38 percent, birth date 21, amount 14, status 10, 17 others 17", plot=charts.bars(columns, shares, unit="share", rest="17 others"), table=number_table("columns", "Share of the conflicts by column", "Column", columns, shares, "share", conflicts)),
        ),
        tables=(table,), findings=found,
        missing=(Missing(section="data_quality", supply="Extract of the warehouse under extracts/", changes="Three more integrations could be compared."),),
        changes=("A mapping table that the owner of billing confirms.",),
    )  # fmt: skip


def total_cost():
    years = tuple(range(6))
    rng = np.random.default_rng(7)
    cash = {
        name: np.cumsum([-start, *([gain] * 5)]).tolist()
        for name, start, gain in (
            ("Hybrid", 600e3, 350e3),
            ("iPaaS", 300e3, 210e3),
            ("API first", 700e3, 300e3),
            ("Event driven", 900e3, 380e3),
        )
    }
    npv = (2_914_000, 3_310_000, 3_520_000, 3_870_000)
    low, high = (2_230_000, 2_500_000, 2_800_000, 2_900_000), (4_310_000, 4_900_000, 4_700_000, 5_900_000)
    spread = np.cumsum(rng.normal(300e3, 120e3, (2000, 6)), axis=1)
    bands = {p: np.percentile(spread, p, axis=0).tolist() for p in (10, 25, 50, 75, 90)}
    knobs = ("Build effort", "Message volume", "Maintenance share", "Day rate", "Platform price")
    fall, rise = (2.5e6, 2.6e6, 2.7e6, 2.75e6, 2.8e6), (3.6e6, 3.4e6, 3.2e6, 3.1e6, 3.0e6)
    n = tuple(range(5, 41, 5))
    chances = {
        "Hybrid": [0.1, 0.3, 0.5, 0.62, 0.71, 0.74, 0.76, 0.78],
        "iPaaS": [0.8, 0.55, 0.35, 0.23, 0.14, 0.1, 0.08, 0.06],
        "API first": [0.08, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1],
        "Event driven": [0.02, 0.05, 0.05, 0.05, 0.05, 0.06, 0.06, 0.06],
    }
    parts = {
        "Build": (600e3, 300e3, 700e3, 900e3),
        "Run": (900e3, 500e3, 1e6, 1.1e6),
        "Maintenance": (800e3, 400e3, 1.2e6, 1.3e6),
        "Subscription": (514e3, 2e6, 520e3, 470e3),
        "Exit": (1e5, 1.1e5, 1e5, 1e5),
    }

    def drawn(id, caption, alt, plot, keys, values, unit="EUR"):
        return Figure(
            id=id,
            caption=caption,
            alt=alt,
            plot=plot,
            table=number_table(id, caption, "Name", keys, values, unit, NPV),
        )

    return Chapter(
        number=5, key="total_cost", title="Total cost", question="What does each option cost over its life?",
        verdict="The hybrid costs [2.9 M€](npv) in five years, less than any other option in 71 % of futures.",
        facts=(Fact(id="cost.hybrid.npv", label="present cost of the hybrid", value=2_914_000.4, unit="EUR", low=2.23e6, high=4.31e6, sources=(NPV,)),),
        figures=(
            drawn("options", "The hybrid is the cheapest, but its range overlaps with the platform's", "Dots with ranges for four options", charts.dots(OPTIONS, npv, low=low, high=high, unit="EUR", highlight=["Hybrid"]), OPTIONS, npv),
            drawn("parts", "Two thirds of the platform's cost is its subscription", "Stacked columns", charts.columns(OPTIONS, parts, unit="EUR"), OPTIONS, npv),
            drawn("cash", "The hybrid pays back in month 21; the platform earlier, but earns less", "Lines of cumulative cash flow", charts.lines(years, cash, unit="EUR", highlight="Hybrid", marks={"pays back": 1.7}), [str(y) for y in years], cash["Hybrid"]),
            drawn("fan", "After five years the saving is between 1.1 and 1.9 M€ in eight of ten futures", "Fan of the saving", charts.fan(years, bands, unit="EUR"), [str(y) for y in years], bands[50]),
            drawn("tornado", "Build effort moves the cost more than everything else", "Tornado of five inputs", charts.tornado(knobs, fall, rise, 2_914_000, unit="EUR"), knobs, rise),
            drawn("crossover", "From 21 integrations on, building is cheaper than buying", "Bars of the crossover", charts.bars(("earliest", "middle", "latest"), (11, 21, 35)), ("P5", "P50", "P95"), (11, 21, 35), ""),
            drawn("chances", "The platform is the cheapest below 13 integrations", "Lines of the probability to be the cheapest", charts.lines(n, chances, unit="share", highlight="Hybrid", x_label="integrations"), [str(x) for x in n], chances["Hybrid"], "share"),
        ),
        changes=("A platform price 38 % lower.",),
        whatif=whatif(),
    )  # fmt: skip


def whatif():
    """Two options over five years with tiers: growth, discounting, a price by steps of volume."""
    years = tuple(str(year) for year in range(1, 6))
    return WhatIf(
        title="What if",
        sliders=(
            Slider(id="volume", label="Messages a month", value=2e6, low=1e5, high=2e7, step=1e5, sources=(VOLUME,)),
            Slider(id="count", label="Integrations", value=23, low=5, high=60, step=1, sources=(RATE,)),
            Slider(id="rate", label="Cost of a person-day", value=850, low=400, high=1600, step=10, unit="EUR", sources=(RATE,)),
            Slider(id="growth", label="Growth of the volume a year", value=20, low=-20, high=100, step=1, unit="%", sources=(VOLUME,)),
            Slider(id="discount", label="Discount rate", value=4, low=0, high=15, step=0.5, unit="%", sources=(RATE,)),
        ),
        axes={"option": ("Build", "Buy"), "year": years, "tier": ("to 1 M", "to 10 M", "above")},
        constants={
            "days": Array(axes=("option",), values=(20, 6)),
            "share": Array(axes=("option",), values=(0.2, 0.05)),
            "pays": Array(axes=("option",), values=(0, 1)),
            "start": Array(axes=("tier",), values=(0, 1e6, 1e7)),
            "end": Array(axes=("tier",), values=(1e6, 1e7, 1e12)),
            "price": Array(axes=("tier",), values=(0.004, 0.002, 0.001)),
        },
        formulas=(
            FormulaStep(name="build", formula=["*", "days", "count", "rate"]),
            FormulaStep(name="year", formula=["number", "year"]),
            FormulaStep(name="monthly", formula=["*", "volume", ["^", ["+", 1, ["/", "growth", 100]], ["-", "year", 1]]]),
            FormulaStep(name="units", formula=["max", 0, ["-", ["min", "monthly", "end"], "start"]]),
            FormulaStep(name="bill", formula=["*", 12, ["sum", "tier", ["*", "units", "price"]]]),
            FormulaStep(name="factor", formula=["^", ["+", 1, ["/", "discount", 100]], ["-", "year"]]),
            FormulaStep(name="running", formula=["sum", "year", ["*", ["+", ["*", "build", "share"], ["*", "bill", "pays"]], "factor"]]),
            FormulaStep(name="cost", formula=["+", "build", "running"]),
            FormulaStep(name="first", formula=["+", "build", ["at", "year", "1", ["*", "bill", "pays"]]]),
            FormulaStep(name="gap", formula=["-", ["at", "option", "Buy", "cost"], ["at", "option", "Build", "cost"]]),
        ),
        outputs=(
            Output(name="cost", label="Five-year cost", unit="EUR", best="lowest"),
            Output(name="first", label="First year", unit="EUR"),
            Output(name="gap", label="Buying costs more by", unit="EUR"),
        ),
        note="Likely values, without uncertainty.",
        sources=(NPV,),
    )  # fmt: skip


def make():
    missing = Missing(
        section="governance",
        supply="API contracts under contracts/ and rules under policies/",
        changes="Breaking changes between contracts would become findings and costs.",
    )
    volume = Finding(
        id="operations/orders/volume",
        section="operations",
        severity="high",
        title="Orders: 410,000 messages a month logged, 150,000 stated",
        evidence="logged 410,000; stated 150,000",
        effort=None,
        sources=(VOLUME,),
        systems=("shop",),
    )
    others = [
        Chapter(number=1, key="value_stream", title="Value stream", question="Where does the process lose time and accuracy?", verdict="Eleven of twelve days are waiting; three hand-overs type the same order in again.", facts=(Fact(id="vs.lead", label="lead time", value=12.3, unit="days", low=9.1, high=17.0, sources=(ANSWERS,)),), headline=("vs.lead",)),
        Chapter(number=3, key="integration_profile", title="Framework", question="Which framework fits each integration?", verdict="Events for 6, APIs for 11, a platform for 6 of 23 integrations.", facts=(Fact(id="fw.count", label="integrations", value=23, sources=(RATE,)),)),
        Chapter(number=4, key="build_or_buy", title="Build or buy", question="Build or buy, and from how many integrations on?", state="failed", error="The notebook stopped: the price list names a currency without an exchange rate (USD)."),
        Chapter(number=6, key="governance", title="Governance", question="Contracts, catalog, policies, stack: what is missing?", state="not_assessed", missing=(missing,)),
        Chapter(number=7, key="operations", title="Operations", question="How do today's integrations really run?", verdict="97.1 % of runs succeed; orders carry 2.7 times the volume that was stated.", findings=(volume,), facts=(Fact(id="op.success", label="runs that succeed", value=0.971, unit="share", sources=(VOLUME,)),)),
        Chapter(number=8, key="readiness_and_risk", title="Readiness and risk", question="Are we ready, and what threatens the plan?", verdict="Ready to select, not to scale.", facts=(Fact(id="rd.score", label="readiness", value=63, unit="of 100", low=55, high=71, sources=(SCORE,)),)),
        Chapter(number=9, key="roadmap", title="Roadmap", question="In which order, by when, with whom?", verdict="Six increments; in eight of ten futures done by March 2028.", facts=(Fact(id="rm.weeks", label="duration", value=62, unit="weeks", low=55, high=74, sources=(BUILD,)),)),
    ]  # fmt: skip
    return Results(
        engagement=Head(client="Nordwind GmbH", title="Lead to cash", currency="EUR", date=DAY, horizon_years=5),
        parameters={"seed": 7, "draws": 100_000},
        versions={"assess": "0.1.0", "commit": "9ab12cd", "python": "3.11.9"},
        files=(InputFile(path="integrations.csv", sha256="4f1c" * 16, bytes=4096),),
        chapters=(summary(), data_quality(), total_cost(), *others),
        assumptions=(
            Assumption(key="build.days", label="Effort to build one integration", low=8, likely=20, high=55, unit="person-days", source="Invented survey 2024", date=dt.date(2024, 5, 1), elicited=True),
            Assumption(key="platform.price", label="Platform subscription", low=40e3, likely=60e3, high=90e3, unit="EUR", source="List price", date=dt.date(2026, 9, 1), overridden=True),
        ),
        quotes={RATE.id: "850", ANSWERS.id: "0.5"},
    )  # fmt: skip


@pytest.fixture(scope="session")
def results():
    return make()


HOSTILE = [
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "=cmd|'/c calc'!A1",
    '" onmouseover="alert(1)',
    "<img src=x onerror=alert(1)>",
    "{{ 7*7 }}{% raise %}",
    "[x](javascript:alert(1))",
    "\u202egnp.exe\u202c \u2067abc",
    "a\x00b\x07",
    "😀👩‍👩‍👧 Ünïcödé عربى",
    "%{y}<br><a href='javascript:alert(1)'>x</a>",
    "<!--",
    "]]>",
]


def with_text(results, text):
    """Put a text into every place of the results that a client or a file can fill."""

    def filled(node, key=""):
        if isinstance(node, dict):
            return {k: filled(v, k) for k, v in node.items()}
        if isinstance(node, list):
            return [filled(v, key) for v in node]
        free = ("title", "question", "verdict", "subject", "label", "caption", "alt", "client", "owner", "by", "evidence", "impact", "action", "reason", "supply", "changes", "error", "note", "detail", "path")  # fmt: skip
        return text if isinstance(node, str) and node and (key in free or key == "value") else node

    return Results.model_validate_json(json.dumps(filled(json.loads(results.to_json()))))


@pytest.fixture(params=range(len(HOSTILE)), ids=lambda place: ascii(HOSTILE[place])[1:20])
def hostile(request, results):
    """A hostile text, and the results full of it."""
    return HOSTILE[request.param], with_text(results, HOSTILE[request.param])


@pytest.fixture(scope="session")
def all_hostile(results):
    """All of them in one text, and the results full of it."""
    return " ".join(HOSTILE), with_text(results, " ".join(HOSTILE))


@pytest.fixture(scope="session")
def filled(results):
    return lambda text: with_text(results, text)
