"""Writes the engagement legacy_manufacturer: Harrow Castings Inc., whose systems have no APIs."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from random import Random

from . import defects
from .ledger import LEDGER_HEADER, Extract, Row, write_csv, write_records, write_text

TODAY = dt.date(2026, 9, 30)

ENGAGEMENT = """\
# Harrow Castings Inc., an invented client: everything here is made up (see ../README.md).
client: Harrow Castings Inc.
employees: 250
title: From order to shop floor
date: 2026-10-01
currency: USD
money: nominal
discount_rate: 9 %
inflation: 2.5 %
exchange_rates:
  EUR: 1.13
horizon_years: 4
start: 2027-02-01

team:
  people: 2
  teams: 1
  day_rate: 640
  days_per_week: 5
  focus: 40 %
  skills:
    api-first: 0.1
    event-driven: 0.0
    ipaas: 0.1
    file-exchange: 0.7
    api-facade: 0.1
    database-access: 0.6

constraints:
  residency: [US]
  budget: 250000

goals:
  - id: on-time
    goal: Deliver on time
    metric: share of orders delivered on the promised day
    unit: share
    today: 0.81
    target: 0.93
    owner: Plant manager
  - id: scrap
    goal: Never cast after an old drawing
    metric: castings a month scrapped because the drawing was old
    unit: castings
    today: 42
    target: 5
    owner: Head of engineering
"""

SYSTEMS: tuple[dict[str, object], ...] = (
    {"id": "erp", "name": "ERP on AS/400", "owner": "Controller", "kind": "ERP", "vendor": "in-house RPG (1994)", "interfaces": "file; database",
     "data": "items=extracts/erp_items.csv; orders=extracts/erp_orders.csv", "personal_data": "no", "residency": "US", "team": "IT"},
    {"id": "mes", "name": "Shop floor", "owner": "Plant manager", "kind": "MES", "vendor": "Wonderware", "interfaces": "database",
     "data": "orders=extracts/mes_orders.csv", "personal_data": "no", "residency": "US", "team": "Plant"},
    {"id": "plm", "name": "Drawings and parts", "owner": "Head of engineering", "kind": "PLM", "vendor": "in-house (2002)", "interfaces": "file",
     "data": "items=extracts/plm_items.csv", "personal_data": "no", "residency": "US", "team": "Engineering"},
    {"id": "edi", "name": "Supplier EDI", "owner": "Purchasing", "kind": "EDI", "vendor": "value-added network", "interfaces": "file",
     "personal_data": "no", "residency": "US", "team": ""},
    {"id": "quality", "name": "Test bench", "owner": "Plant manager", "kind": "laboratory", "vendor": "spreadsheet", "interfaces": "none",
     "personal_data": "no", "residency": "US", "team": "Plant"},
)  # fmt: skip
SYSTEM_COLUMNS = (
    "id",
    "name",
    "owner",
    "kind",
    "vendor",
    "interfaces",
    "data",
    "personal_data",
    "residency",
    "team",
)
INTEGRATION_COLUMNS = (
    "id", "source", "target", "name", "process", "entity", "style_today", "interaction", "volume", "growth", "peak_per_second",
    "message_kb", "latency_seconds", "consumers", "criticality", "changes_per_year", "customisation", "coverage", "governance",
    "partner", "owner", "goals", "build_days",
)  # fmt: skip


def _connect(*cells: object) -> dict[str, object]:
    return dict(zip(INTEGRATION_COLUMNS, cells, strict=True))


INTEGRATIONS = (
    _connect("order-erp-mes", "erp", "mes", "Orders to shop floor", "make", "orders", "database-access", "bulk", "3000 / 4200 / 6000", 0.03, 2, 1, 900, 1, "critical", "1 / 2 / 4", "80 %", "10 %", "medium", "no", "Plant manager", "on-time", "20 / 35 / 70"),
    _connect("result-mes-erp", "mes", "erp", "Finished castings to ERP", "make", "orders", "file-exchange", "bulk", "8000 / 9500 / 12000", 0.03, 5, 1, 3600, 1, "critical", "1 / 2 / 3", "80 %", "10 %", "medium", "no", "Plant manager", "on-time", "20 / 30 / 60"),
    _connect("item-plm-erp", "plm", "erp", "Parts to ERP", "engineer", "items", "manual", "bulk", "150 / 220 / 400", 0.0, 0.1, 3, 86400, 2, "high", "2 / 3 / 6", "85 %", "5 %", "high", "no", "Head of engineering", "scrap", "15 / 30 / 65"),
    _connect("drawing-plm-mes", "plm", "mes", "Drawings to shop floor", "engineer", "drawings", "file-exchange", "bulk", "150 / 200 / 350", 0.0, 0.1, 4000, 3600, 3, "high", "1 / 2 / 3", "70 %", "0 %", "medium", "no", "Head of engineering", "scrap", "12 / 25 / 55"),
    _connect("purchase-erp-edi", "erp", "edi", "Purchase orders to suppliers", "buy", "purchases", "file-exchange", "bulk", 900, 0.02, 1, 4, 14400, 6, "high", "2", "50 %", "30 %", "medium", "yes", "Purchasing", "on-time", "10 / 20 / 40"),
    _connect("advice-edi-erp", "edi", "erp", "Shipping advices to ERP", "buy", "advices", "file-exchange", "bulk", 1100, 0.02, 1, 4, 14400, 1, "medium", "2", "50 %", "30 %", "medium", "yes", "Purchasing", "", "10 / 18 / 36"),
    _connect("test-quality-mes", "quality", "mes", "Test results to shop floor", "make", "tests", "manual", "bulk", 1800, 0.0, 0.2, 1, 86400, 1, "medium", 1, "60 %", "0 %", "low", "no", "", "", "8 / 20 / 50"),
)  # fmt: skip

ALLOYS = ("GG25", "GGG40", "GGG60", "AlSi10Mg", "AlSi7", "CuSn12", "1.4408")
PARTS = (
    "GEHÄUSE",
    "FLANSCH",
    "DECKEL",
    "BÜGEL",
    "HÜLSE",
    "TRÄGER",
    "RÄDCHEN",
    "KRÜMMER",
    "LAGERBOCK",
    "STÜTZE",
)
STATES = {"10": "PLANNED", "20": "RELEASED", "30": "RUNNING", "40": "DONE", "90": "CANCELED"}
CENTERS = ("M01", "M02", "M03", "K10", "K11", "P20")

STACK: tuple[dict[str, object], ...] = (
    {
        "id": "file-server",
        "product": "File server of the plant",
        "component": "file-transfer",
        "status": "in-use",
        "owner": "Controller",
        "cost_per_year": "1200",
        "systems": "erp; mes; edi",
        "integrations": "result-mes-erp; drawing-plm-mes; purchase-erp-edi; advice-edi-erp",
        "renewal": "",
    },
    {
        "id": "platform",
        "product": "MuleSoft, starter contract of 2024",
        "component": "orchestration",
        "status": "unused",
        "owner": "Controller",
        "cost_per_year": "28000 / 31000 / 36000",
        "systems": "",
        "integrations": "",
        "renewal": "2027-04-30",
    },
    {
        "id": "van",
        "product": "Value-added network",
        "component": "file-transfer",
        "status": "in-use",
        "owner": "Purchasing",
        "cost_per_year": "5200",
        "systems": "edi",
        "integrations": "purchase-erp-edi; advice-edi-erp",
        "renewal": "",
    },
)


def write(folder: Path, seed: str) -> None:
    """Write every file of the engagement into an empty folder."""
    write_text(folder / "engagement.yaml", ENGAGEMENT)
    write_records(folder / "systems.csv", SYSTEMS, SYSTEM_COLUMNS)
    write_records(folder / "integrations.csv", INTEGRATIONS, INTEGRATION_COLUMNS)
    write_records(folder / "stack.csv", STACK, tuple(STACK[0]))
    write_records(folder / "readiness.csv", READINESS, tuple(READINESS[0]))
    erp_items, erp_orders, mes_orders, plm_items = extracts(seed)
    erp_items.write(folder / "extracts", delimiter=";", encoding="cp1252")
    erp_orders.write(folder / "extracts", delimiter=";")
    mes_orders.write(folder / "extracts")
    plm_items.write(folder / "extracts", delimiter="\t")
    lines = [line for table in (erp_items, erp_orders, mes_orders, plm_items) for line in table.ledger()]
    write_csv(folder / "_ledger.csv", LEDGER_HEADER, lines)


def extracts(seed: str) -> tuple[Extract, Extract, Extract, Extract]:
    """Make the parts of ERP and PLM and the orders of ERP and shop floor."""
    random = Random(f"{seed}/truth")
    parts = [_part(random, k) for k in range(2600)]
    orders = [_order(random, k, parts) for k in range(4200)]
    return (
        _erp_items(Random(f"{seed}/erp.items"), parts),
        _erp_orders(Random(f"{seed}/erp.orders"), orders),
        _mes_orders(Random(f"{seed}/mes.orders"), orders),
        _plm_items(Random(f"{seed}/plm.items"), parts),
    )


def _part(random: Random, k: int) -> dict[str, str]:
    alloy = random.choice(ALLOYS)
    return {
        "no": f"{1000 + 7 * k:08d}",
        "name": f"{random.choice(PARTS)} {alloy} {random.randint(20, 480)}",
        "alloy": alloy,
        "kg": f"{random.lognormvariate(0.8, 0.9):.3f}",
        "revision": random.choice("ABCDEF"),
        "changed": (TODAY - dt.timedelta(days=random.randint(3, 4000))).isoformat(),
    }


def _order(random: Random, k: int, parts: list[dict[str, str]]) -> dict[str, str]:
    due = TODAY - dt.timedelta(days=random.randint(-40, 500))
    state = "40" if due < TODAY else random.choice(("10", "20", "30"))
    quantity = random.choice((10, 20, 25, 50, 100, 250, 500))
    return {
        "no": f"{200_000 + k:010d}",
        "part": random.choice(parts)["no"],
        "quantity": str(quantity),
        "good": str(quantity - random.choice((0, 0, 0, 1, 2))) if state == "40" else "0",
        "due": due.isoformat(),
        "start": (due - dt.timedelta(days=random.randint(2, 25))).isoformat(),
        "state": state,
        "center": random.choice(CENTERS),
        "price": f"{random.lognormvariate(3, 0.8):.2f}",
    }


def _century(date: str) -> str:
    """Write a date as the AS/400 does: CYYMMDD, century 1 for 20xx."""
    return "1" + date[2:4] + date[5:7] + date[8:10]


def _erp_items(random: Random, parts: list[dict[str, str]]) -> Extract:
    """Parts of the ERP: fixed widths padded with spaces, decimal commas, CYYMMDD, cp1252, ``;``."""
    table = Extract.of("erp", "items", ({
        "ITNBR": p["no"], "ITDSC": f"{p['name'][:18]:<18}", "ITALY": f"{p['alloy']:<10}", "ITWGT": p["kg"].replace(".", ","),
        "ITREV": p["revision"], "ITUOM": "PC", "ITCHG": _century(p["changed"]),
    } for p in parts))  # fmt: skip
    table.plant(
        random,
        35,
        "ITREV",
        "disagreement",
        lambda text: chr((ord(text) - 64) % 6 + 65),
        "not the revision of the PLM",
    )
    table.plant(random, 25, "ITWGT", "disguised-missing", defects.always("9999,999"), "default number")
    table.plant(random, 20, "ITWGT", "unit-in-value", lambda text: text + "KG", "unit in the value")
    table.plant(random, 20, "ITUOM", "out-of-vocabulary", defects.one_of(random, ("EA", "ST", "??")))
    table.plant(random, 25, "ITCHG", "disguised-missing", defects.always("0000000"), "default date")
    table.plant(random, 15, "ITCHG", "impossible-date", lambda text: text[:3] + "1332")
    table.plant(random, 25, "ITALY", "typo", lambda text: f"{defects.typo(random)(text.strip()):<10}")
    table.duplicate(random, 15, "duplicate-exact")
    table.define("ITDSC", "length", "at most 18 characters here, longer in plm.items.description")
    table.define("ITCHG", "date-format-conflict", "CYYMMDD here, YYYY-MM-DD in plm.items.changed_on")
    table.define("ITWGT", "unit", "kilograms with a decimal comma here, grams in plm.items.mass")
    return table


def _plm_items(random: Random, parts: list[dict[str, str]]) -> Extract:
    """Parts of the PLM: a tab between columns, grams, leading zeros lost on the way through a spreadsheet."""
    table = Extract.of("plm", "items", ({
        "part_no": p["no"], "description": p["name"], "alloy": p["alloy"], "mass": str(round(float(p["kg"]) * 1000)),
        "revision": p["revision"], "changed_on": p["changed"], "drawing": f"D-{p['no'][2:]}-{p['revision']}",
    } for p in parts[40:]))  # fmt: skip
    table.plant(random, 60, "part_no", "leading-zero-lost", lambda text: text.lstrip("0"))
    table.plant(
        random, 30, "changed_on", "date-format", defects.written("%m/%d/%Y"), "MM/DD/YYYY among ISO dates"
    )
    table.plant(random, 25, "mass", "disguised-missing", defects.one_of(random, ("-", "tbd", "0")))
    table.plant(
        random,
        25,
        "drawing",
        "dependency",
        lambda text: text[:-1] + chr((ord(text[-1]) - 64) % 6 + 65),
        "not the part's revision",
    )
    table.plant(
        random,
        20,
        "alloy",
        "case",
        str.lower,
        where=lambda v: v["alloy"].upper() == v["alloy"] and v["alloy"][0] == "G",
    )
    table.duplicate(
        random,
        12,
        "duplicate-fuzzy",
        lambda v: {
            "part_no": f"9{v['part_no'][1:]}",
            "description": v["description"].replace("Ü", "UE").replace("Ä", "AE") + " ",
        },
        "same part under a new number",
    )
    table.define("mass", "unit", "grams here, kilograms in erp.items.ITWGT")
    table.define("changed_on", "date-format-conflict", "YYYY-MM-DD here, CYYMMDD in erp.items.ITCHG")
    return table


def _erp_orders(random: Random, orders: list[dict[str, str]]) -> Extract:
    """Orders of the ERP: codes, padded, decimal commas, CYYMMDD, ``;``."""
    table = Extract.of("erp", "orders", ({
        "ORNBR": o["no"], "ORITM": o["part"], "ORQTY": f"{int(o['quantity']):07d}", "ORPRC": o["price"].replace(".", ","),
        "ORSTR": _century(o["start"]), "ORDUE": _century(o["due"]), "ORSTS": o["state"], "ORWCT": f"{o['center']:<5}",
    } for o in orders))  # fmt: skip
    table.plant(random, 40, "ORITM", "orphan", lambda text: "9" + text[1:], "no such part")
    table.plant(
        random,
        30,
        "ORPRC",
        "number-format",
        lambda text: text.replace(",", "."),
        "decimal point among commas",
    )
    table.plant(random, 30, "ORDUE", "disguised-missing", defects.always("1999999"), "default date")
    table.plant(random, 30, "ORSTS", "out-of-vocabulary", defects.one_of(random, ("4 ", "99", "XX")))
    for row in table.pick(random, 25, "ORSTR"):
        row.plant(
            "ORSTR",
            "1" + f"{int(row.values['ORDUE'][1:3]) + 1:02d}" + row.values["ORDUE"][3:],
            "end-before-start",
            "due before the start",
        )
    table.duplicate(random, 15, "duplicate-exact")
    table.define("ORSTS", "vocabulary-conflict", "10/20/30/40 here, words in mes.orders.state")
    table.define("ORDUE", "date-format-conflict", "CYYMMDD here, MM/DD/YYYY in mes.orders.due")
    return table


def _mes_orders(random: Random, orders: list[dict[str, str]]) -> Extract:
    """Orders of the shop floor: words, American dates, numbers without zeros in front."""

    def american(date: str) -> str:
        return f"{date[5:7]}/{date[8:10]}/{date[:4]}"

    table = Extract.of("mes", "orders", ({
        "order_id": str(int(o["no"])), "part": str(int(o["part"])), "planned": o["quantity"], "good": o["good"],
        "scrap": str(int(o["quantity"]) - int(o["good"])) if o["state"] == "40" else "0", "due": american(o["due"]), "state": STATES[o["state"]], "work_center": o["center"],
    } for o in orders[:-120]))  # fmt: skip
    table.plant(
        random,
        30,
        "good",
        "sum-mismatch",
        lambda text: str(int(text) + 7),
        "good and scrap are not what was planned",
        where=lambda v: v["state"] == "DONE",
    )
    table.plant(random, 30, "work_center", "typo", lambda text: text[0] + "O" + text[2:])
    table.plant(random, 30, "state", "case", str.title)
    table.plant(
        random,
        35,
        "planned",
        "disagreement",
        lambda text: str(int(text) + 5),
        "the ERP has another quantity",
        where=lambda v: v["state"] != "DONE",
    )
    for k in range(25):
        values = dict(random.choice(table.rows).values) | {"order_id": str(700_000 + k)}
        table.rows.insert(
            random.randint(0, len(table.rows)),
            Row(values, [("order_id", "orphan", "the ERP has no such order")]),
        )
    table.duplicate(random, 15, "duplicate-exact")
    table.define("order_id", "leading-zeros", "no zeros in front here, ten digits in erp.orders.ORNBR")
    table.define("part", "leading-zeros", "no zeros in front here, eight digits in erp.orders.ORITM")
    table.define("due", "date-format-conflict", "MM/DD/YYYY here, CYYMMDD in erp.orders.ORDUE")
    table.define("state", "vocabulary-conflict", "words here, 10/20/30/40 in erp.orders.ORSTS")
    return table


READINESS: tuple[dict[str, object], ...] = tuple(
    {
        "practice": practice,
        "answer": answer,
        "respondent": "Plant manager",
        "evidence": evidence,
        "date": "2026-09-22",
    }
    for practice, answer, evidence in (
        ("strategic-alignment/outcomes-mapped", "0.75", "plant targets 2027"),
        ("strategic-alignment/metrics-baselined", "0.5", ""),
        ("stakeholder-buy-in/scope-agreed", "0.25", ""),
        ("data-governance/owners-named", "0.25", ""),
        ("data-governance/common-model", "0", ""),
        ("skills/chosen-style-experience", "0", ""),
        ("skills/second-person", "0", "one RPG programmer, retires in 2028"),
        ("maintenance-budget/reserve-set", "0.25", ""),
        ("observability/alerts-set", "0", ""),
        ("exit-strategy/documented", "unknown", ""),
    )
)
