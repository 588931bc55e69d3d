"""The systems and integrations of Nordwind as its people describe them, and how the integrations really run."""

from __future__ import annotations

from dataclasses import dataclass

SYSTEMS: tuple[dict[str, object], ...] = (
    {"id": "crm", "name": "Customer management", "owner": "Head of sales", "kind": "CRM", "vendor": "Salesforce",
     "interfaces": "rest; events; webhook", "data": "customers=extracts/crm_customers.csv; opportunities=extracts/crm_opportunities.csv",
     "personal_data": "yes", "residency": "EU", "connectors": "workato; mulesoft; boomi", "team": "Sales systems"},
    {"id": "shop", "name": "Online shop", "owner": "Head of e-commerce", "kind": "e-commerce", "vendor": "Shopware",
     "interfaces": "rest; webhook; database", "data": "orders=extracts/shop_orders.csv; products=extracts/shop_products.csv",
     "personal_data": "yes", "residency": "EU", "connectors": "workato; boomi", "team": "E-commerce"},
    {"id": "billing", "name": "Billing", "owner": "Head of finance", "kind": "billing", "vendor": "in-house (2014)",
     "interfaces": "file; database", "data": "customers=extracts/billing_customers.csv; invoices=extracts/billing_invoices.csv",
     "personal_data": "yes", "residency": "DE", "connectors": "", "team": "Finance systems"},
    {"id": "erp", "name": "ERP", "owner": "Head of finance", "kind": "ERP", "vendor": "Microsoft Dynamics NAV",
     "interfaces": "soap; file; database", "data": "invoices=extracts/erp_invoices.csv; products=extracts/erp_products.csv",
     "personal_data": "no", "residency": "DE", "connectors": "workato; mulesoft; boomi", "team": "Finance systems"},
    {"id": "warehouse", "name": "Warehouse management", "owner": "Head of logistics", "kind": "warehouse", "vendor": "Körber",
     "interfaces": "rest; file", "data": "orders=extracts/warehouse_orders.csv; stock=extracts/warehouse_stock.csv",
     "personal_data": "no", "residency": "EU", "connectors": "mulesoft", "team": "Logistics"},
    {"id": "support", "name": "Support desk", "owner": "Head of service", "kind": "support", "vendor": "Zendesk",
     "interfaces": "rest; webhook; events", "data": "tickets=extracts/support_tickets.csv",
     "personal_data": "yes", "residency": "EU", "connectors": "workato; mulesoft; boomi", "team": "Service"},
    {"id": "marketing", "name": "Marketing automation", "owner": "Head of marketing", "kind": "marketing", "vendor": "HubSpot",
     "interfaces": "rest; webhook; file", "personal_data": "yes", "residency": "EU", "connectors": "workato; mulesoft; boomi", "team": "Marketing"},
    {"id": "dwh", "name": "Data warehouse", "owner": "", "kind": "data warehouse", "vendor": "PostgreSQL",
     "interfaces": "database; file", "personal_data": "yes", "residency": "EU", "connectors": "workato; boomi", "team": "Data"},
    {"id": "payments", "name": "Payment provider", "owner": "Head of finance", "kind": "payments", "vendor": "Adyen",
     "interfaces": "rest; webhook; file", "personal_data": "yes", "residency": "EU", "connectors": "workato", "team": ""},
    {"id": "carrier", "name": "Parcel carriers", "owner": "Head of logistics", "kind": "carrier", "vendor": "",
     "interfaces": "rest; webhook", "personal_data": "yes", "residency": "EU", "connectors": "", "team": ""},
)  # fmt: skip
SYSTEM_COLUMNS = ("id", "name", "owner", "kind", "vendor", "interfaces", "data", "personal_data", "residency", "connectors", "team")  # fmt: skip


@dataclass(frozen=True)
class Traffic:
    """How an integration really runs: what the run logs are drawn from.

    ``every`` is the minutes between runs (0: once a month), ``month`` the messages of 30.4375 days,
    ``failing`` the share of first attempts that fail, ``seconds`` the median time of a run, ``delay`` the
    median seconds from the change to its arrival (0: the time of the run).
    """

    every: int
    month: float
    failing: float
    seconds: float
    file: str = "etl"
    delay: float = 0
    weekend: float = 0.45
    month_end: float = 1.0
    silent_after: int | None = None
    shift: tuple[int, float] | None = None


@dataclass(frozen=True)
class Connection:
    """An integration: the row of integrations.csv and, where a machine runs it, its traffic."""

    row: dict[str, object]
    traffic: Traffic | None = None


def _connect(
    id: str, name: str, process: str, entity: str, today: str, interaction: str, volume: str, growth: float,
    peak: float, kb: float, latency: float, consumers: int, criticality: str, changes: str, customisation: str,
    coverage: str, governance: str, personal: str, contract: str, owner: str, goals: str, days: str,
    traffic: Traffic | None = None,
) -> Connection:  # fmt: skip
    source, target = id.split("-")[1:3]
    row: dict[str, object] = {
        "id": id, "source": source, "target": target, "name": name, "process": process, "entity": entity,
        "style_today": today, "interaction": interaction, "volume": volume, "growth": growth, "peak_per_second": peak,
        "message_kb": kb, "latency_seconds": latency, "consumers": consumers, "criticality": criticality,
        "changes_per_year": changes, "customisation": customisation, "coverage": coverage, "governance": governance,
        "partner": "yes" if {source, target} & {"carrier", "payments"} else "no", "personal_data": personal,
        "contract": f"contracts/{contract}" if contract else "", "owner": owner, "goals": goals, "build_days": days,
    }  # fmt: skip
    return Connection(row, traffic)


CONNECTIONS: tuple[Connection, ...] = (
    _connect("customer-crm-billing", "Customers to billing", "lead-to-cash", "customers", "manual", "request-reply",
             "1200 / 1500 / 1900", 0.08, 0.05, 3, 3600, 1, "critical", "3 / 5 / 8", "55 %", "40 %", "high", "yes",
             "customer.schema.json", "Head of finance", "order-to-cash; re-entry", "25 / 40 / 80"),
    _connect("customer-crm-shop", "Customers to shop", "lead-to-cash", "customers", "point-to-point", "notify-many",
             "9000", 0.10, 1.1, 3, 300, 3, "high", "4", "25 %", "75 %", "medium", "yes", "customer.schema.json",
             "Head of sales", "first-time-right", "12 / 20 / 40", Traffic(60, 9600, 0.02, 240, "middleware", 55)),
    _connect("customer-crm-support", "Customers to support desk", "service", "customers", "point-to-point", "notify-many",
             "8000", 0.08, 0.6, 2, 300, 3, "medium", "3", "10 %", "90 %", "medium", "yes", "customer.schema.json",
             "Head of service", "first-time-right", "8 / 14 / 30", Traffic(60, 8300, 0.015, 360, "middleware", 70)),
    _connect("order-shop-warehouse", "Orders to warehouse", "lead-to-cash", "orders", "point-to-point", "notify-many",
             "6000 / 7000 / 9000", 0.18, 2, 6, 60, 4, "critical", "5 / 8 / 12", "45 %", "50 %", "high", "yes",
             "orders-events.asyncapi.yaml", "Head of e-commerce", "order-to-cash; stock-truth", "25 / 45 / 90",
             Traffic(60, 21_500, 0.03, 1500, "middleware", 95, weekend=1.2, month_end=1.8)),
    _connect("order-shop-billing", "Orders to billing", "lead-to-cash", "orders", "file-exchange", "bulk",
             "20000", 0.18, 1.6, 5, 3600, 1, "critical", "4 / 6 / 9", "60 %", "30 %", "high", "yes", "",
             "Head of finance", "order-to-cash; first-time-right", "25 / 40 / 75",
             Traffic(1440, 21_400, 0.06, 900, "etl", weekend=1.2, month_end=1.8)),
    _connect("order-shop-erp", "Orders to ERP", "finance", "orders", "database-access", "bulk",
             "21000", 0.18, 2.6, 4, 14_400, 1, "high", "3", "50 %", "60 %", "medium", "yes", "", "",
             "order-to-cash", "15 / 30 / 60", Traffic(240, 21_300, 0.05, 120, "etl", weekend=1.2, month_end=1.8)),
    _connect("stock-warehouse-shop", "Stock to shop", "lead-to-cash", "stock", "file-exchange", "notify-many",
             "50000", 0.20, 0.5, 1, 30, 4, "critical", "4 / 6 / 10", "30 %", "50 %", "medium", "no",
             "stock-events.asyncapi.yaml", "Head of logistics", "stock-truth", "15 / 28 / 55",
             Traffic(15, 905_000, 0.02, 200, "middleware", 480, weekend=0.7)),
    _connect("shipment-warehouse-shop", "Shipments to shop", "lead-to-cash", "shipments", "point-to-point", "notify-many",
             "40000", 0.18, 1.5, 2, 120, 3, "high", "4", "20 %", "55 %", "medium", "yes", "shipment.avsc",
             "Head of logistics", "order-to-cash", "10 / 18 / 35", Traffic(60, 43_000, 0.02, 1600, "middleware", 85, weekend=0.3)),
    _connect("shipment-warehouse-billing", "Shipments to billing", "lead-to-cash", "shipments", "file-exchange", "bulk",
             "20000", 0.18, 2.4, 2, 3600, 1, "critical", "3", "55 %", "30 %", "high", "no", "shipment.avsc",
             "Head of finance", "order-to-cash", "15 / 25 / 50", Traffic(1440, 20_600, 0.08, 500, "etl", weekend=0.3)),
    _connect("tracking-carrier-shop", "Tracking to shop", "lead-to-cash", "tracking", "api-first", "notify-many",
             "30000", 0.20, 0.1, 1, 300, 2, "medium", "5 / 9 / 14", "15 %", "70 %", "medium", "yes",
             "tracking.openapi.yaml", "Head of logistics", "first-time-right", "8 / 15 / 30",
             Traffic(60, 186_000, 0.03, 2400, "gateway", 12, weekend=0.5)),
    _connect("label-warehouse-carrier", "Labels from carriers", "lead-to-cash", "labels", "api-first", "request-reply",
             "20000", 0.18, 3, 4, 2, 1, "high", "4", "20 %", "60 %", "medium", "yes", "labels.openapi.yaml",
             "Head of logistics", "", "10 / 16 / 32", Traffic(60, 20_900, 0.01, 1800, "gateway", 0.7, weekend=0.1)),
    _connect("payment-shop-payments", "Payments of the shop", "lead-to-cash", "payments", "api-first", "request-reply",
             "24000", 0.18, 40, 2, 2, 1, "critical", "3", "20 %", "85 %", "high", "yes", "payments.openapi.yaml",
             "Head of e-commerce", "order-to-cash", "12 / 20 / 40"),
    _connect("settlement-payments-billing", "Settlements to billing", "finance", "payments", "file-exchange", "bulk",
             "23000", 0.18, 2.5, 1, 86_400, 1, "high", "2", "40 %", "40 %", "high", "yes", "", "Head of finance",
             "order-to-cash", "12 / 22 / 45", Traffic(1440, 22_400, 0.04, 420, "etl", weekend=0.9)),
    _connect("invoice-billing-erp", "Invoices to ERP", "finance", "invoices", "manual", "request-reply",
             "1000 / 1300 / 1800", 0.10, 0.05, 4, 86_400, 1, "high", "2", "40 %", "60 %", "high", "no",
             "invoices-v1.openapi.yaml", "Head of finance", "order-to-cash; re-entry", "15 / 28 / 55"),
    _connect("deal-crm-erp", "Won deals to ERP", "lead-to-cash", "opportunities", "manual", "request-reply",
             "1000 / 1300 / 1700", 0.08, 0.02, 5, 3600, 1, "high", "4", "55 %", "65 %", "high", "yes", "",
             "Head of sales", "order-to-cash; re-entry", "15 / 25 / 50"),
    _connect("ticket-support-crm", "Tickets to CRM", "service", "tickets", "point-to-point", "notify-many",
             "12000", 0.06, 0.3, 4, 300, 2, "medium", "4", "15 %", "95 %", "low", "yes", "tickets.openapi.yaml",
             "Head of service", "", "6 / 12 / 25", Traffic(60, 5000, 0.02, 200, "middleware", 60, weekend=0.3)),
    _connect("order-shop-support", "Order look-up of support", "service", "orders", "api-first", "request-reply",
             "34000", 0.08, 0.6, 8, 2, 1, "medium", "3", "15 %", "75 %", "low", "yes", "orders.openapi.yaml",
             "Head of e-commerce", "", "6 / 10 / 20", Traffic(60, 35_500, 0.01, 3000, "gateway", 0.42, weekend=0.3)),
    _connect("product-erp-shop", "Products to shop", "product", "products", "file-exchange", "bulk",
             "19500", 0.02, 3, 8, 86_400, 2, "high", "4", "30 %", "65 %", "medium", "no", "product.schema.json",
             "Head of e-commerce", "stock-truth", "10 / 18 / 36", Traffic(1440, 19_400, 0.02, 300, "etl", weekend=1.0)),
    _connect("product-erp-warehouse", "Products to warehouse", "product", "products", "file-exchange", "bulk",
             "19500", 0.02, 3, 6, 86_400, 2, "high", "2", "30 %", "45 %", "medium", "no", "product.schema.json",
             "Head of logistics", "stock-truth", "10 / 16 / 32", Traffic(1440, 19_400, 0.02, 320, "etl", weekend=1.0)),
    _connect("price-erp-shop", "Prices to shop", "product", "prices", "database-access", "bulk",
             "80000 / 84000 / 95000", 0.05, 11, 1, 3600, 2, "high", "6", "40 %", "60 %", "medium", "no", "", "",
             "", "8 / 15 / 30", Traffic(360, 64_000, 0.05, 150, "etl", weekend=0.6, shift=(52, 1.9))),
    _connect("audience-crm-marketing", "Audiences to marketing", "marketing", "customers", "file-exchange", "bulk",
             "26000", 0.05, 20, 1, 86_400, 1, "low", "6", "20 %", "95 %", "medium", "yes", "", "Head of marketing",
             "", "4 / 8 / 18", Traffic(10_080, 26_500, 0.08, 400, "etl")),
    _connect("behaviour-shop-marketing", "Shop behaviour to marketing", "marketing", "events", "event-driven", "notify-many",
             "1200000 / 1400000 / 1800000", 0.30, 4, 1, 10, 5, "low", "8", "10 %", "80 %", "low", "yes",
             "behaviour.asyncapi.yaml", "Head of marketing", "", "8 / 14 / 30",
             Traffic(60, 1_420_000, 0.005, 3500, "broker", 1.6, weekend=1.3)),
    _connect("sales-erp-dwh", "Sales to data warehouse", "reporting", "sales", "database-access", "bulk",
             "88000", 0.10, 5, 1, 86_400, 3, "medium", "4", "35 %", "70 %", "medium", "no", "", "",
             "", "10 / 18 / 40", Traffic(1440, 84_000, 0.06, 1100, "etl", weekend=0.5, month_end=1.6)),
    _connect("dunning-billing-support", "Dunning list to support", "finance", "dunning", "file-exchange", "bulk",
             "2400", 0.05, 16, 1, 86_400, 1, "low", "1", "30 %", "30 %", "medium", "yes", "", "Head of finance",
             "", "4 / 8 / 16", Traffic(0, 2500, 0.0, 200, "etl")),
    _connect("return-warehouse-erp", "Returns to ERP", "finance", "returns", "file-exchange", "bulk",
             "900", 0.10, 1, 3, 86_400, 1, "medium", "2", "45 %", "45 %", "medium", "no", "", "Head of logistics",
             "first-time-right", "8 / 15 / 30", Traffic(1440, 950, 0.03, 60, "etl", weekend=0.0, silent_after=49)),
)  # fmt: skip
INTEGRATION_COLUMNS = tuple(CONNECTIONS[0].row)
