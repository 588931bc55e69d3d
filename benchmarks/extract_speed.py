"""Processor time of many small extracts: each table profiled, each pair that an integration joins compared.

    python benchmarks/extract_speed.py [--rows 10000] [--tables 20] [--keep FOLDER] [--statistics FILE]

Writes customers, orders, products, employees and invoices (seeded; as csv), each as two systems hold them, in as many generations as
``--tables`` asks for: other forms of keys, days, amounts and codes on the target's side, records on one side only, and some slips in each
column. As in a run, a table is opened once, which is counted with its profile. Prints seconds of CPU (user and system) of each step and what 200 tables and 100 pairs
would take. ``--keep`` leaves files and findings, so that two versions can be compared; ``--statistics`` writes those of cProfile.
"""

from __future__ import annotations

import argparse
import cProfile
import csv
import datetime as dt
import pickle
import random
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from assess.evidence import quality
from assess.evidence.quality.table import open_table

FIRST = (
    "Anna",
    "Ben",
    "Clara",
    "David",
    "Emma",
    "Felix",
    "Greta",
    "Hans",
    "Ida",
    "Jonas",
    "Karl",
    "Lena",
    "Max",
    "Nora",
    "Otto",
)
LAST = (
    "Schmidt",
    "Weber",
    "Koch",
    "Rossi",
    "Dubois",
    "Novak",
    "Silva",
    "Keller",
    "Müller",
    "Fischer",
    "Wagner",
    "Becker",
)
STREETS = ("Hauptstr.", "Gartenweg", "Schulstr.", "Ringstr.", "Lindenallee", "Bergstr.", "Kirchweg")
CITIES = ("Berlin", "Hamburg", "Köln", "Bremen", "Essen", "Paris", "Lyon", "Roma", "Milano", "Praha")
LANDS = {"DE": "Germany", "FR": "France", "IT": "Italy", "CZ": "Czechia"}
GOODS = ("pump", "valve", "filter", "sensor", "bearing", "hose", "motor", "gasket", "switch", "cable")
STATES = {"active": "A", "inactive": "I", "prospect": "P"}
UNITS = {"piece": "PCE", "box": "BX", "kg": "KGM"}
Row = dict[str, tuple[str, str, str]]
"""A record: the name of each field in the source and what it holds there, its name in the target, and what it holds there."""


def record(kind: str, n: int, rng: random.Random) -> Row:
    """Draw a record as the two systems write it: ``field -> (source's text, target's name, target's text)``."""
    day = dt.date(2012, 1, 1) + dt.timedelta(days=rng.randrange(4700))
    later = day + dt.timedelta(days=rng.randrange(1, 60))
    cents, land = round(100 * (10 + rng.lognormvariate(5, 1.2))), rng.choice(tuple(LANDS))
    name, unit = f"{rng.choice(FIRST)} {rng.choice(LAST)}", rng.choice(tuple(UNITS))
    state, city = rng.choice(tuple(STATES)), rng.choice(CITIES)
    amount, said = f"{cents / 100:.2f}", {
        "created": (f"{day:%d.%m.%Y}", "since", f"{day:%Y-%m-%d}"),
        "amount": (f"{cents / 100:.2f}", "amount_cents", str(cents)),
        "status": (state, "state", STATES[state]),
    }  # fmt: skip
    person = {
        "name": (name, "full_name", name.upper()),
        "email": (mail := f"{name.split()[0].lower()}.{n}@example.org", "mail", mail),
        "phone": (phone := f"+49 {rng.randrange(150, 179)} {rng.randrange(10**7):07d}", "telephone", phone.replace(" ", "")),
        "street": (street := f"{rng.choice(STREETS)} {rng.randrange(1, 180)}", "address", street),
        "city": (city, "town", city),
        "zip": (code := f"{rng.randrange(10_000, 99_999)}", "postcode", code),
        "country": (land, "country_name", LANDS[land]),
    }  # fmt: skip
    goods = f"{rng.choice(GOODS)} {rng.randrange(10, 99)}-{rng.randrange(100, 999)}"
    kinds: dict[str, Row] = {
        "customers": {"customer_id": (f"C{n:07d}", "cust_no", f"c{n:07d}"), **person, **said},
        "orders": {
            "order_no": (f"{4_500_000 + n}", "order_id", f"SO-{4_500_000 + n}"),
            "customer_id": (f"C{(m := rng.randrange(9000)):07d}", "cust_no", f"c{m:07d}"), "goods": (goods, "article", goods),
            "quantity": (q := str(rng.randrange(1, 40)), "qty", q), "unit": (unit, "unit_code", UNITS[unit]),
            "delivered": (f"{later:%d.%m.%Y}", "delivery_date", f"{later:%Y-%m-%d}"),
            "country": person["country"], "city": person["city"], **said,
        },
        "products": {
            "sku": (f"{rng.choice('ABC')}{n:06d}", "material", f"{n:06d}"), "description": (goods, "text", goods.title()),
            "weight_kg": (f"{cents / 7000:.3f}", "weight_g", str(round(cents / 7))), "unit": (unit, "unit_code", UNITS[unit]),
            "ean": (ean := f"40{rng.randrange(10**10):010d}0", "gtin", ean), "stock": (s := str(rng.randrange(900)), "on_hand", s),
            "supplier": (sup := f"{rng.choice(LAST)} {rng.choice(('GmbH', 'SA', 'Ltd'))}", "vendor", sup),
            "hazard": (h := rng.choice(("yes", "no")), "dangerous", "1" if h == "yes" else "0"), **said,
        },
        "employees": {
            "staff_no": (f"E{n:05d}", "person_id", f"{n:05d}"), **person,
            "born": (f"{day.replace(year=day.year - 40, day=min(day.day, 28)):%d.%m.%Y}", "birth_date", f"{day.replace(year=day.year - 40, day=min(day.day, 28)):%Y-%m-%d}"),
            "grade": (g := rng.choice(("junior", "senior", "lead")), "level", g), "weekly_hours": (w := rng.choice(("40", "35", "20")), "hours", w),
        },
        "invoices": {
            "invoice_no": (f"R-{2020 + n % 6}-{n:06d}", "document", f"{n:06d}"),
            "order_no": (o := f"{4_500_000 + rng.randrange(9000)}", "reference", o),
            "net": (amount, "net_amount", amount), "tax": (t := f"{cents * 0.0019:.2f}", "vat", t),
            "gross": (f"{cents / 100 + float(t):.2f}", "total", f"{cents / 100 + float(t):.2f}"), "currency": (c := rng.choice(("EUR", "EUR", "USD")), "curr", c),
            "due": (f"{later:%d.%m.%Y}", "due_date", f"{later:%Y-%m-%d}"), "iban": (i := f"DE{rng.randrange(10**20):020d}", "account", i),
            "country": person["country"], **said,
        },
    }  # fmt: skip
    return kinds[kind]


KINDS = ("customers", "orders", "products", "employees", "invoices")
SLIPS = (lambda t: "", lambda t: "n/a", lambda t: t.upper(), lambda t: t[:-1], lambda t: t + "x", lambda t: t[1:2] + t[:1] + t[2:])  # fmt: skip


def written(folder: Path, kind: str, rows: int, seed: int) -> tuple[Path, Path]:
    """Write a pair of tables: 3 % of the records on one side only, 1 % of the source's repeated, a slip in each 300th cell."""
    rng = random.Random(f"{kind} {seed}")
    records = [record(kind, n + 1, rng) for n in range(rows)]
    source = [[text for text, *_ in row.values()] for row in records if rng.random() > 0.03]
    target = [[text for *_, text in row.values()] for row in records if rng.random() > 0.03]
    source += [list(rng.choice(source)) for _ in range(rows // 100)]
    for table, slips in ((source, 1 / 300), (target, 1 / 3000)):
        for row in table:
            for k, text in enumerate(row):
                if k and text and rng.random() < slips:
                    row[k] = rng.choice(SLIPS)(text)
    paths = []
    for side, names, table in (("a", list(records[0]), source), ("b", [name for _, name, _ in records[0].values()], target)):  # fmt: skip
        paths.append(folder / f"{kind}_{seed}_{side}.csv")
        with paths[-1].open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([names, *table])
    return paths[0], paths[1]


def pairs(folder: Path, tables: int, rows: int) -> Iterator[tuple[str, tuple[Path, Path]]]:
    """Write the pairs, one kind after the other."""
    for n in range(tables // 2):
        kind, seed = KINDS[n % len(KINDS)], n // len(KINDS)
        yield f"{kind} {seed}", written(folder, kind, rows, seed)


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--rows", type=int, default=10_000)
    ask.add_argument("--tables", type=int, default=20)
    ask.add_argument("--keep", type=Path)
    ask.add_argument("--statistics", type=Path)
    asked = ask.parse_args()
    folder = asked.keep or Path(tempfile.mkdtemp())
    folder.mkdir(parents=True, exist_ok=True)
    given = list(pairs(folder, asked.tables, asked.rows))
    # what is loaded once a process (models, dictionaries) is no cost of a table
    small = written(Path(tempfile.mkdtemp()), "customers", 300, 99)
    quality.compare(*small)
    quality.profile(small[0])
    watch, spent, found = cProfile.Profile(time.process_time), {"profile": 0.0, "compare": 0.0}, {}
    for name, paths in given:
        took = []
        if asked.statistics:
            watch.enable()
        opened = []
        for path in paths:
            started = time.process_time()
            opened.append(open_table(path))
            found[path.name] = quality.profile(opened[-1])
            took.append(time.process_time() - started)
            spent["profile"] += took[-1]
        started = time.process_time()
        found[name] = quality.compare(*opened)
        took.append(time.process_time() - started)
        spent["compare"] += took[-1]
        watch.disable()
        said = (
            len(found[paths[0].name].findings),
            len(found[paths[1].name].findings),
            len(found[name].findings),
        )
        print(f"{name:12s} {took[0]:.2f} {took[1]:.2f} s a table, {took[2]:.2f} s the pair; findings {said}", flush=True)  # fmt: skip
    if asked.statistics:
        watch.dump_stats(asked.statistics)
    if asked.keep:
        (folder / "found.pickle").write_bytes(pickle.dumps(found))
    table, pair = spent["profile"] / (2 * len(given)), spent["compare"] / len(given)
    print(f"{table:.2f} s of CPU a table, {pair:.2f} s a pair; 200 tables and 100 pairs {200 * table + 100 * pair:.0f} s")  # fmt: skip


if __name__ == "__main__":
    main()
