"""Writes the engagement minimal: systems and integrations, nothing else."""

from __future__ import annotations

from pathlib import Path

from .ledger import LEDGER_HEADER, write_csv, write_records, write_text

ENGAGEMENT = """\
# The least that an engagement needs: a client, its systems and its integrations.
client: Kontor Klein e.K.
title: Three systems
date: 2026-10-01
"""
SYSTEMS: tuple[dict[str, object], ...] = (
    {"id": "shop", "name": "Online shop", "kind": "e-commerce"},
    {"id": "books", "name": "Bookkeeping", "kind": "ERP"},
    {"id": "mail", "name": "Newsletter", "kind": "marketing"},
)
INTEGRATIONS: tuple[dict[str, object], ...] = (
    {"id": "order-shop-books", "source": "shop", "target": "books", "entity": "orders"},
    {"id": "customer-shop-mail", "source": "shop", "target": "mail", "entity": "customers"},
    {"id": "invoice-books-shop", "source": "books", "target": "shop", "entity": "invoices"},
)


def write(folder: Path, seed: str) -> None:
    """Write every file of the engagement; nothing in it is drawn."""
    del seed
    write_text(folder / "engagement.yaml", ENGAGEMENT)
    write_records(folder / "systems.csv", SYSTEMS, ("id", "name", "kind"))
    write_records(folder / "integrations.csv", INTEGRATIONS, ("id", "source", "target", "entity"))
    write_csv(folder / "_ledger.csv", LEDGER_HEADER, [])
