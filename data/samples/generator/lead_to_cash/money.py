"""Invoices of the billing system and of the ERP, tickets of the support desk: and what is wrong with each."""

from __future__ import annotations

import datetime as dt
from random import Random

from generator import defects
from generator.ledger import Extract, Row

from .sales import euros, zulu
from .world import TODAY, Invoice, Order, World


def billing_invoices(random: Random, world: World) -> Extract:
    """Invoices in cents with German dates; gross = net + VAT."""
    table = Extract.of("billing", "invoices", map(_billing_record, world.invoices))
    table.plant(
        random,
        45,
        "account_no",
        "orphan",
        lambda text: f"{95_000 + random.randint(0, 999):08d}",
        "no such debtor",
    )
    table.plant(random, 50, "account_no", "leading-zero-lost", lambda text: text.lstrip("0"))
    table.plant(
        random,
        45,
        "gross_cents",
        "sum-mismatch",
        lambda text: str(int(text) + random.choice((-100, 1, 90, 1000))),
        "net and VAT do not add up to it",
    )
    table.plant(random, 30, "net_cents", "scale", lambda text: euros(int(text)), "euros among cents")
    table.plant(
        random,
        60,
        "invoice_date",
        "date-format",
        lambda text: f"{text[6:]}-{text[3:5]}-{text[:2]}",
        "ISO among DD.MM.YYYY",
    )
    table.plant(
        random,
        35,
        "invoice_date",
        "date-format",
        lambda text: f"{text[3:5]}/{text[:2]}/{text[6:]}",
        "MM/DD/YYYY among DD.MM.YYYY",
    )
    for row in table.pick(random, 40, "due_date"):
        row.plant(
            "due_date", row.values["due_date"][:6] + "2019", "end-before-start", "due before the invoice"
        )
    table.plant(
        random, 40, "paid_on", "disguised-missing", defects.one_of(random, ("00.00.0000", "31.12.9999", "-"))
    )
    table.plant(
        random, 40, "status", "out-of-vocabulary", defects.one_of(random, ("p", "0", "PD")), "neither O nor P"
    )
    table.plant(
        random,
        35,
        "currency",
        "vocabulary",
        defects.one_of(random, ("EURO", "€", "Eur")),
        "other name of the currency",
    )
    table.plant(
        random,
        35,
        "order_ref",
        "orphan",
        lambda text: f"SO-{1_500_000 + random.randint(0, 9999)}",
        "the shop has no such order",
    )
    table.plant(random, 40, "order_ref", "missing", defects.always(""))
    table.duplicate(random, 30, "duplicate-exact")
    table.define("net_cents", "scale", "cents here, euros in erp.invoices.net_amount")
    table.define("gross_cents", "scale", "cents here, euros in erp.invoices.gross_amount")
    table.define(
        "invoice_date", "date-format-conflict", "DD.MM.YYYY here, YYYYMMDD in erp.invoices.posting_date"
    )
    table.define("status", "vocabulary-conflict", "O/P here, open/cleared in erp.invoices.state")
    return table


def _billing_record(i: Invoice) -> dict[str, object]:
    net, tax = i.order.net_cents, i.order.vat_cents
    return {
        "invoice_no": i.no,
        "account_no": i.order.customer.account,
        "order_ref": i.order.no,
        "invoice_date": i.date.strftime("%d.%m.%Y"),
        "due_date": i.due.strftime("%d.%m.%Y"),
        "net_cents": net,
        "vat_cents": tax,
        "gross_cents": net + tax,
        "currency": "EUR",
        "status": "P" if i.paid else "O",
        "paid_on": i.paid.strftime("%d.%m.%Y") if i.paid else None,
    }


def erp_invoices(random: Random, world: World) -> Extract:
    """The ERP's postings of the invoices of this year: euros, compact dates, typed in by hand."""
    posted = [i for i in world.invoices if i.date.year == 2026]
    table = Extract.of("erp", "invoices", (_erp_record(i) for i in posted))
    table.plant(
        random, 50, "invoice_no", "typo", defects.swapped_digits(random), "digits exchanged when typed in"
    )
    table.plant(
        random,
        60,
        "gross_amount",
        "disagreement",
        lambda text: f"{float(text) + random.choice((0.01, -0.01, 9, 90)):.2f}",
        "billing has another amount",
    )
    table.plant(
        random,
        45,
        "posting_date",
        "date-format",
        lambda text: f"{text[:4]}-{text[4:6]}-{text[6:]}",
        "hyphens among compact dates",
    )
    table.plant(
        random,
        30,
        "cost_center",
        "disguised-missing",
        defects.one_of(random, ("0000", "9999")),
        "default code",
    )
    table.plant(random, 30, "cost_center", "missing", defects.always(""))
    table.plant(random, 30, "tax_code", "dependency", lambda text: "V0", "does not belong to the country")
    table.plant(
        random, 30, "period", "dependency", lambda text: "2025-12", "does not belong to the posting date"
    )
    for k in range(30):
        values = dict(random.choice(table.rows).values)
        values["invoice_no"] = f"INV2026-{900_000 + k}"
        values["document_no"] = f"{5_900_000 + k:010d}"
        table.rows.insert(
            random.randint(0, len(table.rows)),
            Row(values, [("invoice_no", "orphan", "billing has no such invoice")]),
        )
    table.duplicate(
        random,
        25,
        "duplicate-fuzzy",
        lambda v: {"document_no": f"{int(v['document_no']) + 800_000:010d}"},
        "posted twice under two documents",
    )
    table.define("net_amount", "scale", "euros here, cents in billing.invoices.net_cents")
    table.define("gross_amount", "scale", "euros here, cents in billing.invoices.gross_cents")
    table.define(
        "posting_date", "date-format-conflict", "YYYYMMDD here, DD.MM.YYYY in billing.invoices.invoice_date"
    )
    table.define("state", "vocabulary-conflict", "open/cleared here, O/P in billing.invoices.status")
    return table


def _erp_record(i: Invoice) -> dict[str, object]:
    net, tax = i.order.net_cents, i.order.vat_cents
    return {
        "document_no": f"{5_000_000 + int(i.no[-6:]):010d}",
        "invoice_no": i.no,
        "debtor": i.order.customer.account,
        "posting_date": i.date.strftime("%Y%m%d"),
        "period": i.date.strftime("%Y-%m"),
        "net_amount": euros(net),
        "tax_code": {"DE": "V19", "FR": "V20F", "GB": "V20G", "SE": "V25"}[i.order.customer.place.country],
        "gross_amount": euros(net + tax),
        "cost_center": f"4{int(i.order.product.sku) % 6}10",
        "state": "cleared" if i.paid else "open",
    }


CATEGORIES = ("delivery", "invoice", "return", "product", "account", "complaint")
SUBJECTS = {
    "delivery": ("Where is my parcel", "Parcel damaged", "Wrong address on the label"),
    "invoice": ("Invoice amount is wrong", "Invoice never arrived", "Reminder although paid"),
    "return": ("How do I send it back", "Refund is missing"),
    "product": ("Spare part needed", "Question about the manual"),
    "account": ("Cannot log in", "Please change my address"),
    "complaint": ("Third time that this happens", "Nobody answers"),
}  # fmt: skip


def tickets(random: Random, world: World) -> Extract:
    """Support tickets: known by e-mail, UTC, state words of their own."""
    orders = random.sample(world.orders, 5200)
    records = []
    for k, order in enumerate(sorted(orders, key=lambda o: o.placed)):
        records.append(_ticket(random, k, order))
    table = Extract.of("support", "tickets", records)
    table.plant(random, 60, "requester_email", "invalid-email", defects.broken_mail(random))
    table.plant(random, 40, "requester_email", "missing", defects.always(""))
    table.plant(
        random,
        50,
        "order_no",
        "orphan",
        lambda text: text.replace("SO-2", "SO-7"),
        "the shop has no such order",
    )
    table.plant(
        random,
        45,
        "customer_no",
        "orphan",
        lambda text: f"C{600_000 + random.randint(0, 9999)}",
        "the CRM has no such customer",
    )
    table.plant(random, 50, "priority", "case", lambda text: text.upper(), "capitals among small letters")
    table.plant(random, 40, "priority", "out-of-vocabulary", defects.one_of(random, ("P1", "2", "asap")))
    table.plant(random, 45, "category", "typo", defects.typo(random))
    table.plant(
        random,
        40,
        "satisfaction",
        "disguised-missing",
        defects.one_of(random, ("0", "99", "-1")),
        "default number",
    )
    table.plant(
        random,
        45,
        "opened_at",
        "date-format",
        lambda text: f"{text[8:10]}/{text[5:7]}/{text[:4]} {text[11:16]}",
        "DD/MM/YYYY among ISO moments",
    )
    for row in table.pick(random, 40, "closed_at"):
        row.plant(
            "closed_at",
            "2024" + row.values["closed_at"][4:].replace("-02-29", "-02-28"),
            "end-before-start",
            "closed before opened",
        )
    table.plant(
        random, 35, "subject", "mojibake", lambda text: text + " â€“ bitte prÃ¼fen", "UTF-8 read as cp1252"
    )
    table.duplicate(random, 30, "duplicate-exact")
    return table


def _ticket(random: Random, k: int, order: Order) -> dict[str, object]:
    opened = min(order.placed + dt.timedelta(hours=random.randint(5, 400)), TODAY - dt.timedelta(minutes=5))
    closed = opened + dt.timedelta(minutes=int(30 + 600 * random.lognormvariate(0.3, 1.1)))
    category = random.choices(CATEGORIES, (34, 22, 14, 15, 9, 6))[0]
    done = closed < TODAY and random.random() < 0.96
    return {
        "ticket_no": f"T{200_000 + k}",
        "opened_at": zulu(opened),
        "closed_at": zulu(closed) if done else None,
        "requester_email": order.customer.email,
        "customer_no": order.customer.no,
        "order_no": order.no,
        "category": category,
        "subject": random.choice(SUBJECTS[category]),
        "priority": random.choices(("low", "normal", "high", "urgent"), (20, 58, 17, 5))[0],
        "state": "closed" if done else random.choice(("open", "pending")),
        "satisfaction": random.choices(("5", "4", "3", "2", "1", ""), (24, 18, 9, 5, 4, 40))[0]
        if done
        else None,
    }
