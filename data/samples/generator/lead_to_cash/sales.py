"""Opportunities of the CRM, orders of the shop and of the warehouse, stock: and what is wrong with each."""

from __future__ import annotations

import datetime as dt
from random import Random
from zoneinfo import ZoneInfo

from generator import defects, people
from generator.ledger import Extract, Row

from .world import MANAGERS, TODAY, Order, World, moment

BERLIN = ZoneInfo("Europe/Berlin")
STAGES = ("qualification", "needs analysis", "proposal", "negotiation", "closed won", "closed lost")
PROBABILITY = {
    "qualification": 10,
    "needs analysis": 25,
    "proposal": 50,
    "negotiation": 75,
    "closed won": 100,
    "closed lost": 0,
}
SOURCES = ("web", "referral", "trade fair", "partner", "campaign")


def opportunities(random: Random, world: World) -> Extract:
    """CRM opportunities; the probability follows from the stage."""
    companies = [c for c in world.customers if c.company]
    records = []
    for k in range(5200):
        customer = random.choice(companies)
        created = moment(random, max(customer.created, dt.datetime(2024, 1, 1)), TODAY - dt.timedelta(days=1))
        stage = random.choices(STAGES, (12, 10, 12, 9, 36, 21))[0]
        expected = created + dt.timedelta(days=random.randint(10, 160))
        closed = created + dt.timedelta(days=random.randint(3, 170)) if stage.startswith("closed") else None
        if closed and closed > TODAY:
            closed = TODAY
        records.append(
            {
                "opportunity_no": f"OP-{30_000 + k}",
                "customer_no": customer.no,
                "name": f"{customer.company} {created.year}/{1 + k % 9}",
                "stage": stage,
                "amount": f"{int(400 * random.lognormvariate(2.4, 1.0))}.00",
                "currency": "EUR",
                "probability": PROBABILITY[stage],
                "source": random.choice(SOURCES),
                "owner": random.choice(MANAGERS),
                "created_at": created.date().isoformat(),
                "expected_close": expected.date().isoformat(),
                "closed_at": closed.date().isoformat() if closed else None,
            }
        )
    table = Extract.of("crm", "opportunities", records)
    table.plant(
        random,
        45,
        "customer_no",
        "orphan",
        lambda text: f"C{800_000 + random.randint(0, 9999)}",
        "customer was deleted",
    )
    table.plant(random, 40, "stage", "typo", defects.typo(random))
    table.plant(random, 60, "stage", "case", lambda text: text.title(), "title case among lower case")
    table.plant(random, 35, "amount", "disguised-missing", defects.always("-999999"), "default number")
    table.plant(random, 40, "amount", "number-format", _german, "decimal comma among points")
    table.plant(
        random, 45, "expected_close", "date-format", defects.written("%d.%m.%Y"), "DD.MM.YYYY among ISO dates"
    )
    table.plant(
        random, 30, "expected_close", "disguised-missing", defects.always("2099-12-31"), "default date"
    )
    table.plant(random, 25, "currency", "missing", defects.always(""))
    table.plant(
        random,
        30,
        "probability",
        "dependency",
        defects.one_of(random, ("33", "66", "90")),
        "does not belong to the stage",
    )
    for row in table.pick(random, 35, "closed_at", lambda v: v["created_at"] > "2024-02-01"):
        row.plant(
            "closed_at",
            "2024-01-" + row.values["created_at"][8:10],
            "end-before-start",
            "closed before created",
        )
    table.duplicate(random, 25, "duplicate-exact")
    return table


def _german(text: str) -> str:
    whole = text.split(".")[0]
    return f"{int(whole):,}".replace(",", ".") + ",00"


def shop_orders(random: Random, world: World) -> Extract:
    """Orders of the shop: local time without zone, ISO country codes, euros, status words."""
    table = Extract.of("shop", "orders", map(_shop_record, world.orders))
    table.plant(
        random,
        60,
        "customer_no",
        "orphan",
        lambda text: f"C{700_000 + random.randint(0, 9999)}",
        "guest account that the CRM does not know",
    )
    table.plant(random, 40, "customer_no", "missing", defects.always(""))
    table.plant(random, 70, "email", "invalid-email", defects.broken_mail(random))
    table.plant(
        random,
        60,
        "ship_postcode",
        "leading-zero-lost",
        lambda text: text.lstrip("0"),
        where=lambda v: v["ship_postcode"].startswith("0"),
    )
    table.plant(random, 45, "ship_city", "typo", defects.typo(random))
    table.plant(
        random,
        40,
        "ship_city",
        "mojibake",
        defects.mojibake,
        "UTF-8 read as cp1252",
        where=lambda v: not v["ship_city"].isascii(),
    )
    table.plant(random, 50, "ship_country", "case", lambda text: text.lower(), "small letters among capitals")
    table.plant(
        random,
        50,
        "ordered_at",
        "date-format",
        lambda text: f"{text[8:10]}.{text[5:7]}.{text[:4]} {text[11:16]}",
        "DD.MM.YYYY among ISO moments",
    )
    table.plant(
        random,
        60,
        "sku",
        "leading-zero-lost",
        lambda text: text.lstrip("0"),
        where=lambda v: v["sku"].startswith("0"),
    )
    table.plant(
        random,
        40,
        "gross_amount",
        "sum-mismatch",
        lambda text: f"{float(text) + random.choice((-10, 1, 5, 100)):.2f}",
        "net and VAT do not add up to it",
    )
    table.plant(random, 10, "quantity", "outlier", lambda text: f"{text}0000", "ten thousand times too many")
    table.plant(random, 15, "quantity", "out-of-range", lambda text: "-" + text, "negative")
    table.plant(random, 40, "status", "typo", defects.typo(random))
    table.plant(random, 30, "payment", "disguised-missing", defects.one_of(random, defects.DISGUISES))
    for row in table.pick(random, 45):
        row.planted.append(("", "one-side-only", "the warehouse has no such order"))
    table.duplicate(random, 35, "duplicate-exact")
    table.define("ordered_at", "time-zone", "Europe/Berlin here, UTC in warehouse.orders.received_at")
    table.define("ship_country", "vocabulary-conflict", "two letters here, three in warehouse.orders.country")
    table.define("status", "vocabulary-conflict", "words here, 10/20/30/40/90 in warehouse.orders.status")
    return table


def _shop_record(o: Order) -> dict[str, object]:
    gross = o.net_cents + o.vat_cents
    return {
        "order_no": o.no,
        "customer_no": o.customer.no,
        "email": o.customer.email,
        "ordered_at": berlin(o.placed).strftime("%Y-%m-%d %H:%M:%S"),
        "sku": o.product.sku,
        "quantity": o.quantity,
        "unit_price": euros(o.product.price_cents),
        "net_amount": euros(o.net_cents),
        "vat_rate": o.vat_percent,
        "vat_amount": euros(o.vat_cents),
        "gross_amount": euros(gross),
        "payment": ("invoice", "card", "transfer", "invoice")[int(o.no[-1]) % 4],
        "ship_postcode": o.customer.place.postcode,
        "ship_city": o.customer.place.city,
        "ship_country": o.customer.place.country,
        "status": o.status,
    }


def berlin(utc: dt.datetime) -> dt.datetime:
    """Return a UTC moment as Berlin's clocks show it."""
    return utc.replace(tzinfo=dt.UTC).astimezone(BERLIN)


def euros(cents: int) -> str:
    """Write cents as euros with a point."""
    return f"{cents // 100}.{cents % 100:02d}"


CODES = {"paid": "10", "shipped": "30", "delivered": "40", "cancelled": "90", "returned": "50"}
CARRIERS = ("Nordpaket", "Hansa Cargo", "Kurier Weser")


def warehouse_orders(random: Random, world: World, shop: Extract) -> Extract:
    """Orders in the warehouse: UTC, three-letter countries, status codes, no customer."""
    absent = {
        row.values["order_no"] for row in shop.rows if ("", "one-side-only") in {p[:2] for p in row.planted}
    }
    table = Extract.of(
        "warehouse", "orders", (_warehouse_record(o) for o in world.orders if o.no not in absent)
    )
    table.plant(
        random,
        40,
        "country",
        "vocabulary",
        defects.one_of(random, ("GER", "D", "276")),
        "other code of the country",
        where=lambda v: v["country"] == "DEU",
    )
    table.plant(
        random,
        50,
        "weight_kg",
        "number-format",
        lambda text: text.replace(".", ","),
        "decimal comma among points",
    )
    table.plant(random, 45, "weight_kg", "unit-in-value", lambda text: text + " kg", "unit in the value")
    table.plant(random, 40, "weight_kg", "disguised-missing", defects.always("0.000"), "default number")
    table.plant(random, 60, "carrier", "typo", defects.typo(random))
    table.plant(random, 30, "carrier", "disguised-missing", defects.one_of(random, defects.DISGUISES))
    table.plant(
        random,
        60,
        "sku",
        "leading-zero-lost",
        lambda text: text.lstrip("0"),
        where=lambda v: v["sku"].startswith("0"),
    )
    table.plant(random, 25, "status", "out-of-vocabulary", defects.one_of(random, ("99", "4O", "X")))
    table.plant(random, 40, "parcel_no", "whitespace", defects.spaced(random))
    table.plant(
        random,
        60,
        "quantity",
        "disagreement",
        lambda text: str(int(text) + random.choice((1, 2, 10))),
        "the shop has another quantity",
    )
    for row in table.pick(random, 40, "delivered_at"):
        row.plant(
            "delivered_at",
            row.values["received_at"][:8] + "01T00:00:00Z",
            "end-before-start",
            "delivered before shipped",
        )
    table.plant(
        random, 30, "shipped_at", "disguised-missing", defects.always("1970-01-01T00:00:00Z"), "default date"
    )
    for k in range(35):
        values = dict(random.choice(table.rows).values)
        values.update(order_ref=f"SO-{1_900_000 + k}", parcel_no="")
        table.rows.insert(
            random.randint(0, len(table.rows)),
            Row(values, [("order_ref", "orphan", "the shop has no such order")]),
        )
    table.duplicate(random, 30, "duplicate-exact")
    table.define("received_at", "time-zone", "UTC here, Europe/Berlin in shop.orders.ordered_at")
    table.define("country", "vocabulary-conflict", "three letters here, two in shop.orders.ship_country")
    table.define("status", "vocabulary-conflict", "10/20/30/40/90 here, words in shop.orders.status")
    return table


def _warehouse_record(o: Order) -> dict[str, object]:
    place = o.customer.place
    return {
        "order_ref": o.no,
        "sku": o.product.sku,
        "quantity": o.quantity,
        "received_at": zulu(o.placed),
        "picked_at": zulu(o.picked),
        "shipped_at": zulu(o.shipped),
        "delivered_at": zulu(o.delivered),
        "carrier": CARRIERS[int(o.no[-2:]) % 3] if o.shipped else None,
        "parcel_no": f"00340{int(o.no[3:]) * 7919:012d}" if o.shipped else None,
        "weight_kg": f"{o.quantity * o.product.kg:.3f}",
        "postcode": place.postcode,
        "country": people.ISO3[place.country],
        "status": CODES[o.status],
    }


def zulu(moment: dt.datetime | None) -> str | None:
    """Write a UTC moment with its zone."""
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}" if moment else None


def stock(random: Random, world: World) -> Extract:
    """Stock a product and bin; available = on hand - reserved."""
    records = []
    for product in world.products:
        for bin_no in range(8):
            on_hand = int(random.paretovariate(0.9) * 4) % 900
            reserved = random.randint(0, on_hand // 4)
            records.append(
                {
                    "sku": product.sku,
                    "ean": product.ean,
                    "bin": f"{'ABCDEFGH'[bin_no]}-{1 + int(product.sku) % 24:02d}-{1 + int(product.sku) % 6}",
                    "on_hand": on_hand,
                    "reserved": reserved,
                    "available": on_hand - reserved,
                    "unit_cost": euros(int(product.price_cents * 0.55)),
                    "weight_kg": f"{product.kg:.1f}",
                    "last_counted": (TODAY - dt.timedelta(days=random.randint(1, 330))).date().isoformat(),
                }
            )
    table = Extract.of("warehouse", "stock", records)
    table.plant(
        random,
        40,
        "available",
        "sum-mismatch",
        lambda text: str(int(text) + random.choice((1, 5, 20))),
        "on hand less reserved is another number",
    )
    table.plant(
        random,
        30,
        "ean",
        "invalid-ean",
        lambda text: text[:-1] + str((int(text[-1]) + 3) % 10),
        "check digit fails",
    )
    table.plant(
        random,
        35,
        "ean",
        "number-format",
        lambda text: f"{int(text):.5E}".replace("E+", "E+"),
        "a spreadsheet's scientific notation",
    )
    table.plant(random, 40, "bin", "format", lambda text: text.replace("-", ""), "without hyphens")
    table.plant(
        random,
        25,
        "on_hand",
        "out-of-range",
        lambda text: f"-{text}",
        "negative stock",
        where=lambda v: v["on_hand"] != "0",
    )
    table.plant(
        random,
        60,
        "last_counted",
        "stale",
        lambda text: f"201{4 + int(text[-1]) % 4}{text[4:8]}0{1 + int(text[-1]) % 9}",
        "not counted for ten years",
    )
    table.plant(
        random,
        30,
        "sku",
        "leading-zero-lost",
        lambda text: text.lstrip("0"),
        where=lambda v: v["sku"].startswith("0"),
    )
    table.duplicate(random, 20, "duplicate-exact")
    return table
