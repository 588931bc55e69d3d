"""What Nordwind's people said in workshops: goals, value stream, readiness, risks, wishes."""

from __future__ import annotations

ENGAGEMENT = """\
# Nordwind GmbH, an invented client: everything here is made up (see ../README.md).
client: Nordwind GmbH
employees: 250
title: Lead to cash
date: 2026-10-01
currency: EUR
money: real
discount_rate: 5 %
exchange_rates:
  USD: 0.90
horizon_years: 5
start: 2027-01-04
time_zone: Europe/Berlin
holidays: [2026-12-25, 2027-01-01, 2027-03-26, 2027-03-29, 2027-05-06, 2027-05-17]

team:
  people: 6
  teams: 3
  day_rate: 720
  days_per_week: 5
  focus: 55 %
  maintenance_reserve: 20 %
  skills:
    api-first: 0.6
    event-driven: 0.2
    ipaas: 0.3
    file-exchange: 0.8
    api-facade: 0.4
    database-access: 0.8

constraints:
  residency: [EU]
  certifications: [ISO 27001]
  budget: 1200000

goals:
  - id: order-to-cash
    goal: Shorten order to cash by 30 %
    metric: median days from order to payment
    unit: days
    counts: days-a-case
    today: 34
    target: 24
    owner: Head of finance
  - id: re-entry
    goal: Nobody types in what another system already knows
    metric: hours of manual re-entry a month
    unit: hours
    counts: hours-a-month
    today: 1700
    target: 200
    owner: Head of finance
  - id: first-time-right
    goal: Fewer orders that come back
    metric: share of orders with a correction after shipment
    unit: share
    today: 0.062
    target: 0.02
    owner: Head of service
  - id: stock-truth
    goal: The shop sells only what is there
    metric: orders a month cancelled because stock was wrong
    unit: orders
    today: 310
    target: 30
    owner: Head of e-commerce
  - id: new-market
    goal: Open the Polish market in one quarter
    metric: weeks to connect a new country's systems
    unit: weeks
    today: 26
    target: 10
    owner: Managing director

assumptions:
  value_stream.hour_cost: {low: 38, likely: 43, high: 50, source: "controlling, hour of an employee in sales or finance, 2026", date: 2026-09-15}
  value_stream.delay_value: {low: 0.2, likely: 0.4, high: 0.6, source: "controlling, 1,900 EUR an order at 8 % a year", date: 2026-09-15}
"""


def _step(
    step: str, name: str, role: str, system: str, process: str, wait: str, ca: str, automated: str, reentry: str,
    decision: str, next: str, volume: str, integration: str, data: str, rework_to: str = "",
) -> dict[str, object]:  # fmt: skip
    return {
        "step": step, "name": name, "role": role, "system": system, "process_minutes": process, "wait_minutes": wait,
        "complete_accurate": ca, "automated": automated, "reentry": reentry, "decision": decision, "next": next,
        "volume": volume, "integration": integration, "data": data, "rework_to": rework_to,
    }  # fmt: skip


VALUE_STREAM = (
    _step("quote", "Write the quote", "Sales", "crm", "20 / 35 / 60", "240", "85 %", "no", "no", "no", "check",
          "1200 / 1500 / 1900", "", "product and price list"),
    _step("check", "Check credit", "Finance", "billing", "5 / 8 / 15", "480 / 960 / 2400", "92 %", "no", "no", "yes",
          "order: 0.85; quote: 0.15", "1200 / 1500 / 1900", "", "credit limit, open balance"),
    _step("order", "Enter the order", "Sales", "shop", "6 / 10 / 18", "120", "88 %", "no", "yes", "no",
          "debtor; pick", "1000 / 1300 / 1700", "deal-crm-erp", "won deal"),
    _step("debtor", "Type the customer into billing", "Finance", "billing", "8 / 12 / 20", "720 / 1440 / 2880", "78 %",
          "no", "yes", "no", "invoice", "1200 / 1500 / 1900", "customer-crm-billing", "customer, VAT number, IBAN", "order"),
    _step("pick", "Pick and pack", "Warehouse", "warehouse", "9 / 14 / 25", "180 / 300 / 700", "94 %", "no", "no", "yes",
          "ship: 0.985; mend: 0.015", "21500", "order-shop-warehouse", "order, stock", "pick"),
    _step("mend", "Mend an order that stock can't fill", "Service", "support", "15 / 25 / 45", "240 / 480 / 1440", "90 %", "no",
          "yes", "no", "ship", "310", "stock-warehouse-shop", "stock, order"),
    _step("ship", "Hand over to the carrier", "Warehouse", "warehouse", "2", "240", "98 %", "yes", "no", "no", "confirm",
          "21500", "label-warehouse-carrier", "address, weight"),
    _step("confirm", "Report shipments to finance", "Warehouse", "warehouse", "1", "480 / 720 / 1440", "95 %", "yes",
          "no", "no", "invoice", "20600", "shipment-warehouse-billing", "parcel number", "ship"),
    _step("invoice", "Write the invoice", "Finance", "billing", "1", "480 / 1440 / 2880", "97 %", "yes", "no", "no",
          "post; dispatch", "20600", "order-shop-billing", "order, debtor, shipment", "debtor"),
    _step("post", "Type the invoice into the ERP", "Finance", "erp", "4 / 6 / 10", "1440 / 2880 / 4320", "91 %", "no", "yes",
          "no", "collect", "1000 / 1300 / 1800", "invoice-billing-erp", "invoice"),
    _step("dispatch", "Send the invoice", "Finance", "billing", "1", "60", "97 %", "yes", "no", "no", "collect", "20600", "",
          "e-mail address", "invoice"),
    _step("collect", "Take in the payment", "Finance", "billing", "1", "20160 / 28800 / 37440", "", "yes", "no",
          "yes", "clear: 0.8; match: 0.1; dun: 0.1", "20600", "", "bank statement"),
    _step("match", "Match what the bank's file leaves open", "Finance", "billing", "8 / 14 / 22", "1440 / 2880 / 5760", "89 %",
          "no", "yes", "no", "clear", "2060", "settlement-payments-billing", "settlement file, open items"),
    _step("dun", "Remind", "Finance", "billing", "5 / 8 / 15", "10080", "95 %", "no", "no", "yes",
          "collect: 0.85; clear: 0.15", "2060", "dunning-billing-support", "open items"),
    _step("clear", "Clear the account", "Finance", "erp", "1", "1440", "99 %", "yes", "no", "no", "", "20600", "", "payment"),
)  # fmt: skip

PRACTICES = (
    "strategic-alignment/outcomes-mapped", "strategic-alignment/metrics-baselined", "strategic-alignment/sponsor-named",
    "stakeholder-buy-in/scope-agreed", "stakeholder-buy-in/priorities-agreed", "stakeholder-buy-in/time-committed",
    "data-governance/owners-named", "data-governance/common-model", "data-governance/quality-measured",
    "data-governance/retention-known",
    "skills/chosen-style-experience", "skills/second-person", "skills/training-planned",
    "maintenance-budget/reserve-set", "maintenance-budget/contract-tests", "maintenance-budget/deprecation-policy",
    "observability/metrics-defined", "observability/alerts-set", "observability/tracing", "observability/dashboards",
    "exit-strategy/documented", "exit-strategy/open-standards", "exit-strategy/data-export-tested",
    "maintenance-budget/staging-environment", "maintenance-budget/canary-releases", "observability/on-call",
)  # fmt: skip

_SAID = {
    # Managing director, Head of finance, Head of IT, Head of e-commerce
    "strategic-alignment/outcomes-mapped": ("1", "1", "0.75", "1"),
    "strategic-alignment/metrics-baselined": ("0.75", "0.5", "0.25", "0.5"),
    "strategic-alignment/sponsor-named": ("1", "1", "1", "1"),
    "stakeholder-buy-in/scope-agreed": ("1", "0.5", "0.5", "0.75"),
    "stakeholder-buy-in/priorities-agreed": ("0.75", "0.25", "0.5", "0.25"),
    "stakeholder-buy-in/time-committed": ("1", "0.25", "0.5", "unknown"),
    "data-governance/owners-named": ("0.75", "0.75", "0.25", "0.5"),
    "data-governance/common-model": ("unknown", "0.25", "0", "0.25"),
    "data-governance/quality-measured": ("unknown", "0.5", "0.25", "0.25"),
    "data-governance/retention-known": ("0.5", "0.75", "0.75", "unknown"),
    "skills/chosen-style-experience": ("0.5", "unknown", "0.5", "0.5"),
    "skills/second-person": ("unknown", "unknown", "0.25", "0.25"),
    "skills/training-planned": ("0.75", "unknown", "0.5", "0.25"),
    "maintenance-budget/reserve-set": ("1", "0.75", "0.5", "unknown"),
    "maintenance-budget/contract-tests": ("unknown", "unknown", "0.25", "0"),
    "maintenance-budget/deprecation-policy": ("unknown", "unknown", "0", "0"),
    "observability/metrics-defined": ("0.75", "unknown", "0.5", "0.5"),
    "observability/alerts-set": ("1", "unknown", "0.75", "0.25"),
    "observability/tracing": ("unknown", "unknown", "0", "0"),
    "observability/dashboards": ("0.75", "0.5", "0.5", "0.5"),
    "exit-strategy/documented": ("unknown", "0.25", "0", "unknown"),
    "exit-strategy/open-standards": ("unknown", "unknown", "0.75", "0.5"),
    "exit-strategy/data-export-tested": ("unknown", "0", "0", "unknown"),
    "maintenance-budget/staging-environment": ("unknown", "unknown", "0.5", "0.25"),
    "maintenance-budget/canary-releases": ("unknown", "unknown", "0", "0"),
    "observability/on-call": ("unknown", "0.5", "0.25", "unknown"),
}
_RESPONDENTS = ("Managing director", "Head of finance", "Head of IT", "Head of e-commerce")
_EVIDENCE = {
    ("strategic-alignment/outcomes-mapped", "Managing director"): "board paper of June",
    ("strategic-alignment/sponsor-named", "Head of IT"): "project charter",
    ("observability/alerts-set", "Managing director"): "IT says that everything is monitored",
    ("observability/alerts-set", "Head of IT"): "mail on failure of the middleware",
    ("data-governance/owners-named", "Head of finance"): "data protection register",
    ("maintenance-budget/reserve-set", "Managing director"): "budget 2027",
}

READINESS = tuple(
    {
        "practice": practice,
        "answer": answer,
        "respondent": respondent,
        "evidence": _EVIDENCE.get((practice, respondent), ""),
        "date": f"2026-09-{14 + k:02d}",
    }
    for practice in PRACTICES
    for k, (respondent, answer) in enumerate(zip(_RESPONDENTS, _SAID[practice], strict=True))
)


def _risk(
    id: str, name: str, category: str, frequency: str, low: int, high: int, styles: str, integrations: str,
    mitigation: str, cost: int, effect: str, owner: str,
) -> dict[str, object]:  # fmt: skip
    return {
        "id": id, "name": name, "category": category, "frequency": frequency, "loss_low": low, "loss_high": high,
        "styles": styles, "integrations": integrations, "mitigation": mitigation, "mitigation_cost": cost,
        "mitigation_effect": effect, "owner": owner,
    }  # fmt: skip


RISKS = (
    _risk("scope-creep", "Wishes grow the project beyond its capacity", "scope", "0.8 / 1.5 / 3", 15000, 120000, "", "",
          "Change requests with effort, risk and benefit; a backlog", 12000, "50 %", "Managing director"),
    _risk("dirty-data", "Customer data of CRM and billing do not fit", "data-quality", "1 / 2 / 4", 8000, 90000, "",
          "customer-crm-billing; order-shop-billing", "Profile, cleanse and name data owners first", 45000, "60 %", "Head of finance"),
    _risk("lock-in", "The platform's price rises or it is discontinued", "lock-in", "0.05 / 0.1 / 0.25", 60000, 400000,
          "ipaas", "", "Open standards, adapter layer, tested export", 30000, "40 %", "Head of IT"),
    _risk("blind", "A failure stays unnoticed until customers call", "testing", "4 / 8 / 15", 2000, 40000, "",
          "order-shop-warehouse; order-shop-billing; stock-warehouse-shop", "Contract tests, staging, alerts, tracing", 55000, "65 %", "Head of IT"),
    _risk("key-person", "The one who knows the billing system leaves", "people", "0.1 / 0.2 / 0.35", 40000, 180000, "",
          "order-shop-billing; shipment-warehouse-billing; invoice-billing-erp", "Second person, documentation", 25000, "70 %", "Head of finance"),
    _risk("peak-season", "Christmas peak overloads the stock interface", "capacity", "0.3 / 0.5 / 1", 20000, 150000,
          "file-exchange; database-access", "stock-warehouse-shop; order-shop-warehouse", "Load test in October", 15000, "55 %", "Head of e-commerce"),
    _risk("privacy", "Personal data reaches a region where it may not be", "privacy", "0.02 / 0.05 / 0.12", 50000, 900000,
          "ipaas; event-driven", "audience-crm-marketing; behaviour-shop-marketing", "Residency as a contract clause, policy check", 10000, "60 %", "Data protection officer"),
)  # fmt: skip


def _change(
    id: str, title: str, integration: str, days: str, risk: str, benefit: str, by: str, date: str
) -> dict[str, object]:
    return {"id": id, "title": title, "integration": integration, "effort_days": days, "risk": risk,
            "benefit_per_year": benefit, "requested_by": by, "date": date}  # fmt: skip


CHANGE_REQUESTS = (
    _change("CR-1", "Credit limit in the shop at checkout", "customer-crm-shop", "8 / 12 / 20", "medium", "18000 / 30000 / 45000", "Head of finance", "2026-07-20"),
    _change("CR-2", "Stock by bin instead of by product", "stock-warehouse-shop", "15 / 25 / 50", "high", "2000 / 6000 / 12000", "Head of logistics", "2026-08-03"),
    _change("CR-3", "Tracking number in the invoice mail", "shipment-warehouse-billing", "3 / 5 / 8", "low", "9000 / 14000 / 20000", "Head of service", "2026-08-11"),
    _change("CR-4", "Invoices to customers by Peppol", "invoice-billing-erp", "20 / 35 / 60", "medium", "15000 / 28000 / 60000", "Head of finance", "2026-08-19"),
    _change("CR-5", "Tickets with the customer's lifetime value", "ticket-support-crm", "4 / 7 / 12", "low", "1000 / 3000 / 8000", "Head of service", "2026-09-01"),
    _change("CR-6", "Second carrier with own labels", "label-warehouse-carrier", "10 / 15 / 28", "medium", "20000 / 40000 / 70000", "Head of logistics", "2026-09-08"),
    _change("CR-7", "Clickstream of the mobile app", "behaviour-shop-marketing", "12 / 20 / 35", "low", "", "Head of marketing", "2026-09-15"),
    _change("CR-8", "Daily margin in the data warehouse", "sales-erp-dwh", "6 / 10 / 18", "low", "8000 / 15000 / 30000", "Managing director", "2026-09-22"),
)  # fmt: skip
