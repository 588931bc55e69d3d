"""Products as the ERP and the shop hold them: net against gross, kilograms against grams."""

from __future__ import annotations

import datetime as dt
from random import Random

from generator import defects
from generator.ledger import Extract

from .sales import euros
from .world import TODAY, Product, World


def erp(random: Random, world: World) -> Extract:
    """Products of the ERP: net prices, kilograms."""
    table = Extract.of("erp", "products", (_erp_record(k, p) for k, p in enumerate(world.products)))
    table.plant(
        random,
        6,
        "ean",
        "invalid-ean",
        lambda text: text[:-1] + str((int(text[-1]) + 3) % 10),
        "check digit fails",
    )
    table.plant(random, 6, "group", "typo", defects.typo(random))
    table.plant(random, 5, "weight_kg", "disguised-missing", defects.always("999.9"), "default number")
    table.plant(random, 5, "net_price", "missing", defects.always(""))
    table.duplicate(random, 4, "duplicate-exact")
    table.define("net_price", "net-gross", "net here, with 19 % VAT in shop.products.price")
    table.define("net_price", "precision", "four decimals here, two in shop.products.price")
    table.define("weight_kg", "unit", "kilograms here, grams in shop.products.weight")
    return table


def _erp_record(k: int, p: Product) -> dict[str, object]:
    return {
        "sku": p.sku,
        "name": f"{p.name} {p.sku} for indoor and outdoor use",
        "ean": p.ean,
        "group": p.name.rsplit(" ", 2)[0],
        "net_price": f"{euros(p.price_cents)}{int(p.sku) % 50:02d}",
        "weight_kg": f"{p.kg:.1f}",
        "status": "blocked" if k % 23 == 0 else "released",
        "changed_on": (TODAY - dt.timedelta(days=37 * k % 700)).date().isoformat(),
    }


def shop(random: Random, world: World) -> Extract:
    """Products of the shop: prices with VAT, grams, titles of at most 32 characters."""
    listed = [p for k, p in enumerate(world.products) if k % 23]
    table = Extract.of("shop", "products", (_shop_record(k, p) for k, p in enumerate(listed)))
    table.plant(
        random,
        8,
        "sku",
        "leading-zero-lost",
        lambda text: text.lstrip("0"),
        where=lambda v: v["sku"].startswith("0"),
    )
    table.plant(random, 8, "price", "disagreement", lambda text: f"{float(text) * 0.9:.2f}", "an old price")
    table.plant(random, 5, "category", "typo", defects.typo(random))
    table.plant(random, 5, "weight", "scale", lambda text: f"{int(text) / 1000:.1f}", "kilograms among grams")
    table.define("price", "net-gross", "with 19 % VAT here, net in erp.products.net_price")
    table.define("weight", "unit", "grams here, kilograms in erp.products.weight_kg")
    table.define("title", "length", "at most 32 characters here, longer in erp.products.name")
    return table


def _shop_record(k: int, p: Product) -> dict[str, object]:
    return {
        "sku": p.sku,
        "title": f"{p.name} {p.sku} for indoor and outdoor use"[:32].strip(),
        "ean": p.ean,
        "category": p.name.rsplit(" ", 2)[0],
        "price": euros((p.price_cents * 119 + 50) // 100),
        "weight": round(p.kg * 1000),
        "active": "true",
        "updated_at": (TODAY - dt.timedelta(days=31 * k % 500)).strftime("%Y-%m-%d %H:%M:%S"),
    }
