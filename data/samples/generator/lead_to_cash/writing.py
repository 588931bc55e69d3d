"""Writes the engagement lead_to_cash."""

from __future__ import annotations

from pathlib import Path
from random import Random

from generator.ledger import LEDGER_HEADER, Extract, write_csv, write_records, write_text

from . import catalog, contracts, customers, money, operations, order_desk, products, sales, stack, world
from .landscape import CONNECTIONS, INTEGRATION_COLUMNS, SYSTEM_COLUMNS, SYSTEMS
from .people_said import CHANGE_REQUESTS, ENGAGEMENT, READINESS, RISKS, VALUE_STREAM


def write(folder: Path, seed: str) -> None:
    """Write every file of the engagement into an empty folder."""
    write_text(folder / "engagement.yaml", ENGAGEMENT)
    write_records(folder / "systems.csv", SYSTEMS, SYSTEM_COLUMNS)
    write_records(folder / "integrations.csv", [c.row for c in CONNECTIONS], INTEGRATION_COLUMNS)
    write_records(folder / "stack.csv", stack.PRODUCTS, stack.COLUMNS)
    for name, rows in (
        ("value_stream", VALUE_STREAM),
        ("readiness", READINESS),
        ("risks", RISKS),
        ("change_requests", CHANGE_REQUESTS),
    ):
        write_records(folder / f"{name}.csv", rows, tuple(rows[0]))
    contracts.write(folder / "contracts")
    catalog.write(folder)
    tables = extracts(seed)
    for table in tables:
        table.write(folder / "extracts")
    broken = operations.write(Random(f"{seed}/operations"), folder / "operations")
    write_csv(
        folder / "event_logs" / "order_desk.csv",
        order_desk.COLUMNS,
        order_desk.events(Random(f"{seed}/order_desk")),
    )
    lines = [line for table in tables for line in table.ledger()]
    write_csv(folder / "_ledger.csv", LEDGER_HEADER, lines + broken)


def extracts(seed: str) -> list[Extract]:
    """Make every extract, each with a seed of its own, so that one can change without the others."""

    def dice(name: str) -> Random:
        return Random(f"{seed}/{name}")

    true = world.build(dice("world"))
    shop_orders = sales.shop_orders(dice("shop.orders"), true)
    return [
        customers.crm(dice("crm.customers"), true),
        sales.opportunities(dice("crm.opportunities"), true),
        customers.billing(dice("billing.customers"), true),
        money.billing_invoices(dice("billing.invoices"), true),
        money.erp_invoices(dice("erp.invoices"), true),
        products.erp(dice("erp.products"), true),
        shop_orders,
        products.shop(dice("shop.products"), true),
        sales.warehouse_orders(dice("warehouse.orders"), true, shop_orders),
        sales.stock(dice("warehouse.stock"), true),
        money.tickets(dice("support.tickets"), true),
    ]
