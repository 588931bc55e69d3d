"""What is true at Nordwind: customers, products, opportunities, orders, invoices. The systems copy it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from random import Random

from stdnum import ean

from generator import people

TODAY = dt.datetime(2026, 9, 30, 18, 0)
FIRST_DAY = dt.datetime(2021, 1, 4, 8, 0)


@dataclass(frozen=True)
class Customer:
    """A company or person that buys, or may buy."""

    no: str
    company: str
    first: str
    last: str
    email: str
    phone: str
    street: str
    place: people.Place
    vat: str
    iban: str
    segment: str
    status: str
    created: dt.datetime
    updated: dt.datetime
    credit_limit: int
    manager: str
    account: str
    """Number in the billing system; empty for prospects."""
    terms: int


@dataclass(frozen=True)
class Product:
    """Something in the catalogue."""

    sku: str
    name: str
    ean: str
    price_cents: int
    kg: float


@dataclass(frozen=True)
class Order:
    """An order of the shop, with everything that happens to it."""

    no: str
    customer: Customer
    product: Product
    quantity: int
    placed: dt.datetime
    """In UTC."""
    vat_percent: int
    status: str
    picked: dt.datetime | None
    shipped: dt.datetime | None
    delivered: dt.datetime | None

    @property
    def net_cents(self) -> int:
        """Net amount."""
        return self.quantity * self.product.price_cents

    @property
    def vat_cents(self) -> int:
        """VAT, rounded half up."""
        return (self.net_cents * self.vat_percent + 50) // 100


@dataclass(frozen=True)
class Invoice:
    """The invoice of a shipped order."""

    no: str
    order: Order
    date: dt.date
    due: dt.date
    paid: dt.date | None


@dataclass(frozen=True)
class World:
    """Everything at once."""

    customers: tuple[Customer, ...]
    products: tuple[Product, ...]
    orders: tuple[Order, ...]
    invoices: tuple[Invoice, ...]


MANAGERS = ("a.brandt", "j.petersen", "m.kaiser", "s.lorenz", "t.voigt", "k.seidel", "r.harms", "l.ebert")
VAT_PERCENT = {"DE": 19, "FR": 20, "GB": 20, "SE": 25}
ADJECTIVES = ("Compact", "Classic", "Pro", "Light", "Marine", "Studio", "Outdoor", "Silent")
THINGS = ("Lamp", "Bracket", "Cable Drum", "Clamp", "Work Table", "Storage Box", "Rack", "Hand Truck", "Sensor",
          "Fan", "Valve", "Pump", "Filter", "Ladder", "Tool Set", "Scale")  # fmt: skip


def moment(random: Random, first: dt.datetime, last: dt.datetime) -> dt.datetime:
    """Return a moment between two, more often the later, in working hours."""
    days = (last - first).days
    day = first + dt.timedelta(days=int(days * random.random() ** 0.7))
    return day.replace(hour=random.randint(6, 18), minute=random.randint(0, 59), second=random.randint(0, 59))


def build(random: Random) -> World:
    """Invent the company's data."""
    customers = _customers(random, 6000)
    products = _products(random, 640)
    orders = _orders(random, customers, products, 10_500)
    return World(customers, products, orders, _invoices(random, orders))


def _customers(random: Random, count: int) -> tuple[Customer, ...]:
    spots = {country: people.places(country) for country in people.COUNTRIES}
    weights = {country: [weight for _, weight in spots[country]] for country in spots}
    seen: set[str] = set()
    found = []
    for k in range(count):
        country = random.choices(people.COUNTRIES, people.SHARES)[0]
        found.append(_customer(random, k, random.choices(spots[country], weights[country])[0][0], seen))
    return tuple(found)


def _customer(random: Random, k: int, place: people.Place, seen: set[str]) -> Customer:
    country = place.country
    first, last = random.choice(people.FIRST[country]), random.choice(people.LAST[country])
    company = ""
    if random.random() < 0.68:
        company = _company(random, country, last)
        while company in seen:
            company = _company(random, country, random.choice(people.LAST[country]))
        seen.add(company)
    host = (
        f"{people.ascii_name(_bare(company, country))}.example"
        if company
        else random.choice(("example.com", "example.net", "example.org"))
    )
    person = f"{people.ascii_name(first)}.{people.ascii_name(last)}"
    email = f"{person}@{host}"
    while email in seen:
        email = f"{person}{random.randint(2, 999)}@{host}"
    seen.add(email)
    created = moment(random, FIRST_DAY, TODAY - dt.timedelta(days=20))
    status = random.choices(("active", "prospect", "dormant", "lost"), (74, 16, 7, 3))[0]
    return Customer(
        no=f"C{100_000 + 7 * k + random.randint(0, 6)}",
        company=company,
        first=first,
        last=last,
        email=email,
        phone=people.phone(random, country),
        street=people.street(random, country),
        place=place,
        vat=people.vat(random, country) if company else "",
        iban=people.iban(random, country),
        segment=random.choices(("SMB", "MID", "ENT"), (70, 24, 6))[0] if company else "B2C",
        status=status,
        created=created,
        updated=moment(random, max(created, TODAY - dt.timedelta(days=500)), TODAY),
        credit_limit=random.choice((1000, 2500, 5000, 10_000, 25_000, 50_000)) if company else 500,
        manager=random.choice(MANAGERS),
        account="" if status == "prospect" else f"{40_000 + 3 * k:08d}",
        terms=random.choices((14, 30, 60), (45, 45, 10))[0] if company else 14,
    )


def _company(random: Random, country: str, last: str) -> str:
    form = random.choice(people.FORMS[country])
    if random.random() < 0.3:
        return f"{last} {random.choice(people.TRADES)} {form}"
    return f"{random.choice(people.WORDS)}{random.choice(people.TRADES).lower()} {last} {form}"


def _bare(company: str, country: str) -> str:
    """Return a company's name without its legal form."""
    form = max((f for f in people.FORMS[country] if company.endswith(f" {f}")), key=len)
    return company.removesuffix(f" {form}")


def _products(random: Random, count: int) -> tuple[Product, ...]:
    names = [
        f"{thing} {adjective} {size}"
        for thing in THINGS
        for adjective in ADJECTIVES
        for size in range(10, 60, 10)
    ]
    made = []
    for k, name in zip(range(count), names, strict=False):
        stem = f"20{k:04d}{random.randint(0, 999_999):06d}"
        made.append(
            Product(
                sku=f"{k * 13 + 1007:06d}",
                name=name,
                ean=stem + ean.calc_check_digit(stem),
                price_cents=int(100 * round(4.9 * 1.9 ** random.uniform(0, 8), 1)) - 5,
                kg=round(random.uniform(0.2, 28), 1),
            )
        )
    return tuple(made)


def _orders(
    random: Random, customers: tuple[Customer, ...], products: tuple[Product, ...], count: int
) -> tuple[Order, ...]:
    buyers = [c for c in customers if c.account]
    weights = [random.paretovariate(1.3) for _ in buyers]
    liked = [random.paretovariate(1.1) for _ in products]
    drawn = [
        (buyer, product, moment(random, max(buyer.created, dt.datetime(2025, 1, 1)), TODAY))
        for buyer, product in zip(
            random.choices(buyers, weights, k=count), random.choices(products, liked, k=count), strict=True
        )
    ]
    drawn.sort(key=lambda x: (x[2], x[0].no, x[1].sku))
    return tuple(_order(random, k, *what) for k, what in enumerate(drawn))


def _order(random: Random, k: int, buyer: Customer, product: Product, placed: dt.datetime) -> Order:
    status = random.choices(("fulfilled", "cancelled", "returned"), (93, 4, 3))[0]
    picked = placed + dt.timedelta(minutes=random.randint(35, 2800))
    shipped = picked + dt.timedelta(minutes=random.randint(20, 900))
    delivered = shipped + dt.timedelta(minutes=random.randint(900, 6500))
    if status == "cancelled":
        stages = None, None, None
    else:
        stages = tuple(t if t < TODAY else None for t in (picked, shipped, delivered))  # type: ignore[assignment]
        if status == "returned" and stages[2] is None:
            status = "fulfilled"
        if status == "fulfilled":
            status = "delivered" if stages[2] else "shipped" if stages[1] else "paid"
    return Order(
        no=f"SO-{2_400_000 + k}",
        customer=buyer,
        product=product,
        quantity=min(200, 1 + int(random.paretovariate(1.2) - 0.6)),
        placed=placed,
        vat_percent=VAT_PERCENT[buyer.place.country],
        status=status,
        picked=stages[0],
        shipped=stages[1],
        delivered=stages[2],
    )


def _invoices(random: Random, orders: tuple[Order, ...]) -> tuple[Invoice, ...]:
    made = []
    for order in orders:
        if order.shipped is None:
            continue
        date = order.shipped.date() + dt.timedelta(days=random.choice((0, 0, 1)))
        due = date + dt.timedelta(days=order.customer.terms)
        paid = due + dt.timedelta(days=random.choices((-5, -2, 0, 3, 12, 35), (20, 25, 25, 15, 10, 5))[0])
        paid = max(paid, date)
        if date > TODAY.date():
            continue
        made.append(
            Invoice(
                no=f"INV{order.shipped.year}-{len(made) + 10_001:06d}",
                order=order,
                date=date,
                due=due,
                paid=paid if paid <= TODAY.date() and random.random() < 0.97 else None,
            )
        )
    return tuple(made)
