"""What Nordwind's integrations run on, and what it pays for.

Planted: an API gateway is paid for and unused beside the one in use, so is a monitoring suite although none is in use; a middleware that was
retired still costs; a schema registry is neither there nor planned.
"""

from __future__ import annotations

COLUMNS = (
    "id",
    "product",
    "component",
    "status",
    "owner",
    "cost_per_year",
    "systems",
    "integrations",
    "renewal",
)


def _product(
    id: str, product: str, component: str, status: str, owner: str, cost: str, systems: str = "", integrations: str = "", renewal: str = "",
) -> dict[str, object]:  # fmt: skip
    row = (id, product, component, status, owner, cost, systems, integrations, renewal)
    return dict(zip(COLUMNS, row, strict=True))


PRODUCTS = (
    _product("gateway", "Kong, open source", "api-gateway", "in-use", "Head of e-commerce", "3000 / 4200 / 6000", "shop",
             "tracking-carrier-shop; label-warehouse-carrier; payment-shop-payments; order-shop-support"),
    _product("gateway-suite", "Apigee, three-year contract", "api-gateway", "unused", "Head of IT", "24000", "", "", "2027-06-30"),
    _product("broker", "RabbitMQ, hosted", "message-broker", "in-use", "Head of marketing", "5400", "shop; marketing", "behaviour-shop-marketing"),
    _product("etl", "Nightly jobs on the ERP server", "transformation", "in-use", "Head of finance", "8000 / 11000 / 15000", "erp; dwh",
             "order-shop-erp; price-erp-shop; product-erp-shop; product-erp-warehouse; sales-erp-dwh"),
    _product("middleware", "Middleware of the shop, in-house", "orchestration", "in-use", "Head of e-commerce", "9000", "shop; warehouse",
             "order-shop-warehouse; shipment-warehouse-shop; customer-crm-shop"),
    _product("old-middleware", "Middleware of 2013", "orchestration", "retired", "Head of finance", "3600", "billing", "", "2027-01-31"),
    _product("file-server", "SFTP server", "file-transfer", "in-use", "Head of finance", "1500", "billing; erp",
             "order-shop-billing; settlement-payments-billing; dunning-billing-support"),
    _product("monitoring", "Datadog, 20 hosts", "observability", "unused", "Head of IT", "14000 / 16000 / 18000", "", "", "2027-03-31"),
    _product("secrets", "HashiCorp Vault", "secret-store", "planned", "Head of IT", ""),
)  # fmt: skip
