"""The contracts that Nordwind has: some good, some with the gaps that reviews find.

Planted: tickets.openapi.yaml has no error responses and no version worth the name, labels.openapi.yaml no
service level and no owner, tracking.openapi.yaml integer response keys, invoices-v2 breaks invoices-v1 (a
field becomes required, another goes, a type narrows), behaviour.asyncapi.yaml a message without a payload schema.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from generator.ledger import write_text

Schema = dict[str, Any]

MONEY: Schema = {"type": "integer", "minimum": 0, "description": "Cents"}
COUNTRY: Schema = {"type": "string", "pattern": "^[A-Z]{2}$", "description": "ISO 3166-1 alpha-2"}


def text(description: str = "", **more: Any) -> Schema:
    """Return the schema of a text."""
    return {"type": "string", **({"description": description} if description else {}), **more}


def thing(required: list[str], **properties: Schema) -> Schema:
    """Return the schema of an object."""
    return {"type": "object", "required": required, "additionalProperties": False, "properties": properties}


CUSTOMER = thing(
    ["customer_no", "name", "email", "country"],
    customer_no=text("Number of the CRM", pattern="^C[0-9]{6}$"),
    name=text(minLength=1, maxLength=120),
    email=text(format="email"),
    vat_id=text("With country prefix"),
    postcode=text(),
    city=text(),
    country=COUNTRY,
    status=text(enum=["active", "prospect", "dormant", "lost"]),
    updated_at=text(format="date-time"),
)
PRODUCT = thing(
    ["sku", "name", "net_price"],
    sku=text("Six digits, leading zeros count", pattern="^[0-9]{6}$"),
    name=text(maxLength=80),
    ean=text(pattern="^[0-9]{13}$"),
    net_price={"type": "number", "minimum": 0},
    weight_kg={"type": "number", "exclusiveMinimum": 0},
)
ORDER = thing(
    ["order_no", "customer_no", "ordered_at", "lines", "gross_cents"],
    order_no=text(pattern="^SO-[0-9]{7}$"),
    customer_no=text(),
    ordered_at=text(format="date-time"),
    currency=text(enum=["EUR"]),
    gross_cents=MONEY,
    lines={
        "type": "array",
        "minItems": 1,
        "items": thing(["sku", "quantity"], sku=text(), quantity={"type": "integer", "minimum": 1}),
    },
)
STOCK = thing(
    ["sku", "available", "at"],
    sku=text(),
    available={"type": "integer", "minimum": 0},
    bin=text(),
    at=text(format="date-time"),
)
PROBLEM = thing(["title", "status"], type=text(), title=text(), status={"type": "integer"}, detail=text())
LEVEL = {
    "latency-p95-seconds": 2,
    "throughput-per-second": 100,
    "availability": 0.995,
    "owner": "Team e-commerce",
}


def problem(description: str) -> Schema:
    """Return an error response after RFC 9457."""
    return {
        "description": description,
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }


ERRORS = {
    "400": problem("The request is wrong"),
    "401": problem("Not authenticated"),
    "404": problem("Not found"),
    "429": problem("Too many requests"),
    "503": problem("Try again later"),
}


def answer(description: str, schema: str) -> Schema:
    """Return a JSON response that refers to a schema."""
    return {
        "description": description,
        "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}},
    }


def body(schema: str) -> Schema:
    """Return a JSON request body that refers to a schema."""
    return {
        "required": True,
        "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}},
    }


def identifier(name: str) -> Schema:
    """Return a path parameter."""
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}


def openapi(
    title: str,
    version: str,
    paths: Schema,
    schemas: Schema,
    *,
    level: Schema | None = None,
    spec: str = "3.1.0",
) -> Schema:
    """Return an OpenAPI document."""
    info: Schema = {"title": title, "version": version, "description": f"{title} of Nordwind GmbH."}
    if level:
        info["contact"] = {"name": level["owner"], "email": "integration@nordwind.example"}
        info["x-service-level"] = level
    return {
        "openapi": spec,
        "info": info,
        "servers": [{"url": "https://api.nordwind.example"}],
        "security": [{"key": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-Api-Key"}},
            "schemas": {**schemas, "Problem": PROBLEM},
        },
    }


def operation(name: str, summary: str, responses: Schema, **more: Any) -> Schema:
    """Return an operation."""
    return {"operationId": name, "summary": summary, "tags": ["orders"], **more, "responses": responses}


def invoice(version: int) -> Schema:
    """Return the invoice; version 2 requires the debtor, drops the reference and narrows the status."""
    fields = {
        "invoice_no": text(pattern="^INV[0-9]{4}-[0-9]{6}$"),
        "order_ref": text(),
        "debtor": text("Account of the billing system"),
        "net_cents": MONEY,
        "gross_cents": MONEY,
        "status": text(enum=["open", "paid", "cancelled"]),
        "invoice_date": text(format="date"),
    }
    required = ["invoice_no", "net_cents", "gross_cents"]
    if version == 2:
        del fields["order_ref"]
        fields["status"] = text(enum=["open", "paid"])
        required = [*required, "debtor"]
    return thing(required, **fields)


def invoices(version: int) -> Schema:
    """Return the invoice API in one of its two versions."""
    paths = {
        f"/v{version}/invoices": {
            "post": operation(
                "createInvoice", "Create an invoice", {"201": answer("Created", "Invoice"), **ERRORS},
                requestBody=body("Invoice"), description="Answers within 2 seconds at 100 requests a second.",
            )
        },
        f"/v{version}/invoices/{{invoice_no}}": {
            "get": operation("readInvoice", "Read an invoice", {"200": answer("The invoice", "Invoice"), **ERRORS},
                             parameters=[identifier("invoice_no")]),
        },
    }  # fmt: skip
    if version == 2:
        paths[f"/v{version}/invoices/{{invoice_no}}"]["get"]["description"] = "Amounts in cents."
    return openapi("Invoices", f"{version}.0.0", paths, {"Invoice": invoice(version)}, level=LEVEL)


ORDERS_API = openapi(
    "Orders",
    "2.3.1",
    {
        "/orders": {
            "get": operation("listOrders", "List orders of a customer", {"200": answer("Orders", "Orders"), **ERRORS},
                             parameters=[{"name": "email", "in": "query", "required": True, "schema": {"type": "string"}}]),
            "post": operation("placeOrder", "Place an order", {"201": answer("Placed", "Order"), **ERRORS}, requestBody=body("Order")),
        },
        "/orders/{order_no}": {
            "get": operation("readOrder", "Read an order", {"200": answer("The order", "Order"), **ERRORS}, parameters=[identifier("order_no")]),
        },
    },
    {"Order": ORDER, "Orders": {"type": "array", "items": {"$ref": "#/components/schemas/Order"}}},
    level={**LEVEL, "latency-p95-seconds": 0.8, "throughput-per-second": 20},
)  # fmt: skip
PAYMENTS_API = openapi(
    "Payments",
    "1.4.0",
    {
        "/payments": {
            "post": operation("authorise", "Authorise a payment", {"200": answer("Authorised", "Payment"), "402": problem("Refused"), **ERRORS},
                              requestBody=body("Payment")),
        },
    },
    {"Payment": thing(["order_no", "amount_cents"], order_no=text(), amount_cents=MONEY, method=text(enum=["card", "transfer", "invoice"]))},
    level={**LEVEL, "availability": 0.999, "owner": "Payment provider"},
)  # fmt: skip
LABELS_API = openapi(
    "Labels",
    "1.0.0",
    {"/labels": {"post": operation("createLabel", "Create a parcel label", {"201": answer("Label", "Label"), "400": ERRORS["400"]}, requestBody=body("Parcel"))}},
    {"Label": thing(["parcel_no"], parcel_no=text(), pdf=text(format="byte")),
     "Parcel": thing(["postcode", "country", "weight_kg"], postcode=text(), country=COUNTRY, weight_kg={"type": "number"})},
)  # fmt: skip
TICKETS_API: Schema = {
    "openapi": "3.0.3",
    "info": {"title": "Tickets", "version": ""},
    "paths": {
        "/tickets": {"get": {"responses": {"200": {"description": "Tickets", "content": {"application/json": {"schema": {"type": "array", "items": {"type": "object"}}}}}}}},
        "/tickets/{id}": {"get": {"responses": {"200": {"description": "A ticket", "content": {"application/json": {"schema": {"type": "object"}}}}}}},
    },
}  # fmt: skip
TRACKING_API: Schema = {
    "openapi": "3.0.3",
    "info": {"title": "Tracking", "version": "2024-11"},
    "servers": [{"url": "https://tracking.hansa-cargo.example"}],
    "paths": {
        "/events": {
            "post": {
                "operationId": "pushEvent",
                "summary": "Push a tracking event",
                "requestBody": {"required": True, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Event"}}}},
                "responses": {200: {"description": "Taken"}, 400: {"description": "Wrong"}, 503: {"description": "Later"}},
            }
        }
    },
    "components": {"schemas": {"Event": thing(["parcel_no", "code", "at"], parcel_no=text(), code=text(), at=text(format="date-time"))}},
}  # fmt: skip


def asyncapi2(title: str, channels: Schema, schemas: Schema) -> Schema:
    """Return an AsyncAPI 2.6 document."""
    return {
        "asyncapi": "2.6.0",
        "info": {"title": title, "version": "1.2.0", "contact": {"name": "Team e-commerce"}},
        "servers": {"production": {"url": "broker.nordwind.example:9092", "protocol": "kafka"}},
        "channels": channels,
        "components": {"schemas": schemas},
    }


ORDER_EVENTS = asyncapi2(
    "Order events",
    {
        f"orders.{what}": {
            "subscribe": {
                "operationId": f"onOrder{what.title()}",
                "message": {"name": f"order-{what}", "contentType": "application/cloudevents+json", "payload": {"$ref": "#/components/schemas/Order"}},
            }
        }
        for what in ("placed", "cancelled")
    },
    {"Order": ORDER},
)  # fmt: skip
BEHAVIOUR_EVENTS = asyncapi2(
    "Shop behaviour",
    {"behaviour.viewed": {"subscribe": {"operationId": "onViewed", "message": {"name": "viewed", "contentType": "application/json"}}}},
    {},
)  # fmt: skip
STOCK_EVENTS: Schema = {
    "asyncapi": "3.0.0",
    "info": {"title": "Stock events", "version": "0.9.0", "x-service-level": {"latency-p95-seconds": 30, "owner": "Team logistics"}},
    "servers": {"production": {"host": "broker.nordwind.example:9092", "protocol": "kafka"}},
    "channels": {"stock": {"address": "stock.changed", "messages": {"changed": {"$ref": "#/components/messages/changed"}}}},
    "operations": {"onStock": {"action": "receive", "channel": {"$ref": "#/channels/stock"}}},
    "components": {"messages": {"changed": {"contentType": "application/json", "payload": {"$ref": "#/components/schemas/Stock"}}}, "schemas": {"Stock": STOCK}},
}  # fmt: skip
SHIPMENT_AVRO: Schema = {
    "type": "record",
    "name": "Shipment",
    "namespace": "example.nordwind.logistics",
    "fields": [
        {"name": "order_ref", "type": "string"},
        {"name": "parcel_no", "type": ["null", "string"], "default": None},
        {"name": "shipped_at", "type": {"type": "long", "logicalType": "timestamp-millis"}},
        {"name": "carrier", "type": {"type": "enum", "name": "Carrier", "symbols": ["NORDPAKET", "HANSA_CARGO", "KURIER_WESER"]}},
        {"name": "weight_kg", "type": ["null", "double"], "default": None},
    ],
}  # fmt: skip


def json_schema(name: str, schema: Schema) -> Schema:
    """Return a JSON Schema document."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"https://schemas.nordwind.example/{name}/1.0.0",
        "title": name,
        **schema,
    }


YAML_DOCUMENTS = {
    "orders.openapi.yaml": ORDERS_API,
    "payments.openapi.yaml": PAYMENTS_API,
    "labels.openapi.yaml": LABELS_API,
    "tickets.openapi.yaml": TICKETS_API,
    "tracking.openapi.yaml": TRACKING_API,
    "invoices-v1.openapi.yaml": invoices(1),
    "invoices-v2.openapi.yaml": invoices(2),
    "orders-events.asyncapi.yaml": ORDER_EVENTS,
    "stock-events.asyncapi.yaml": STOCK_EVENTS,
    "behaviour.asyncapi.yaml": BEHAVIOUR_EVENTS,
}
JSON_DOCUMENTS = {
    "customer.schema.json": json_schema("customer", CUSTOMER),
    "product.schema.json": json_schema("product", PRODUCT),
    "shipment.avsc": SHIPMENT_AVRO,
}


class _Plain(yaml.SafeDumper):
    """Writes shared parts out in full instead of as anchors."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def write(folder: Path) -> None:
    """Write every contract."""
    for name, document in YAML_DOCUMENTS.items():
        dumped = yaml.dump(document, Dumper=_Plain, sort_keys=False, allow_unicode=True, width=110)
        write_text(folder / name, dumped)
    for name, document in JSON_DOCUMENTS.items():
        write_text(folder / name, json.dumps(document, indent=2, ensure_ascii=False) + "\n")
