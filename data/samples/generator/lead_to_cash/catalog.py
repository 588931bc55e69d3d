"""The Backstage catalog of Nordwind, and its own policy.

Planted: dwh has no owner, the system `finance` refers to a domain that is not there, payments depends on an
API that was never registered, the event API of stock has no definition file, `loyalty` is used by nobody.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from generator.ledger import write_text

NOTE = "assess.example/"


def entity(
    kind: str, name: str, spec: dict[str, Any], description: str = "", **annotations: str
) -> dict[str, Any]:
    """Return a Backstage entity."""
    metadata: dict[str, Any] = {"name": name}
    if description:
        metadata["description"] = description
    if annotations:
        metadata["annotations"] = {NOTE + key.replace("_", "-"): value for key, value in annotations.items()}
    return {"apiVersion": "backstage.io/v1alpha1", "kind": kind, "metadata": metadata, "spec": spec}


def component(
    name: str,
    owner: str,
    system: str,
    provides: list[str],
    consumes: list[str],
    depends: list[str],
    **notes: str,
) -> dict[str, Any]:
    """Return a service; an empty owner is left out."""
    spec: dict[str, Any] = {"type": "service", "lifecycle": notes.pop("lifecycle", "production")}
    if owner:
        spec["owner"] = owner
    spec |= {"system": system, "providesApis": provides, "consumesApis": consumes, "dependsOn": depends}
    return entity("Component", name, spec, notes.pop("description", ""), **notes)


def api(name: str, kind: str, owner: str, system: str, definition: str, **notes: str) -> dict[str, Any]:
    """Return an API with its definition file."""
    spec = {"type": kind, "lifecycle": "production", "owner": owner, "system": system}
    return entity("API", name, {**spec, "definition": {"$text": definition}}, **notes)


TEAMS = ("sales-systems", "e-commerce", "finance-systems", "logistics", "service", "marketing")
ORGANISATION = [
    *(entity("Group", team, {"type": "team", "children": []}) for team in TEAMS),
    entity("Domain", "commerce", {"owner": "group:e-commerce"}),
    entity("System", "sales", {"owner": "sales-systems", "domain": "commerce"}),
    entity("System", "commerce-platform", {"owner": "e-commerce", "domain": "commerce"}),
    entity("System", "finance", {"owner": "finance-systems", "domain": "back-office"}),
    entity("System", "logistics", {"owner": "group:default/logistics", "domain": "commerce"}),
]
COMPONENTS = [
    component("crm", "sales-systems", "sales", [], ["tickets"], [], health_check="https://crm.nordwind.example/health", sla="99.5"),
    component("shop", "e-commerce", "commerce-platform", ["orders", "order-events", "behaviour-events"], ["payments", "stock-events"],
              ["component:crm"], health_check="https://shop.nordwind.example/health", sla="99.9"),
    component("billing", "finance-systems", "finance", ["invoices-v1", "invoices-v2"], [], ["component:shop", "resource:settlement-files"]),
    component("erp", "Finance-Systems", "finance", [], ["invoices-v1"], ["component:billing"], sla="99.0"),
    component("warehouse", "logistics", "logistics", ["stock-events"], ["labels", "order-events"], ["component:shop"],
              health_check="https://wms.nordwind.example/alive"),
    component("support", "service", "sales", ["tickets"], ["orders"], ["component:crm"]),
    component("marketing", "marketing", "sales", [], ["behaviour-events"], ["component:shop"]),
    component("dwh", "", "finance", [], [], ["component:erp", "component:billing"]),
    component("payment-gateway", "finance-systems", "finance", ["payments"], ["fraud-check"], []),
    component("loyalty", "marketing", "sales", [], [], [], lifecycle="deprecated", description="Points for regular customers, stopped in 2024"),
]  # fmt: skip
APIS = [
    api(
        "orders",
        "openapi",
        "e-commerce",
        "commerce-platform",
        "../contracts/orders.openapi.yaml",
        sla="0.8 s at 20/s",
    ),
    api(
        "payments",
        "openapi",
        "finance-systems",
        "finance",
        "../contracts/payments.openapi.yaml",
        sla="2 s at 100/s",
    ),
    api("labels", "openapi", "logistics", "logistics", "../contracts/labels.openapi.yaml"),
    api("tickets", "openapi", "service", "sales", "../contracts/tickets.openapi.yaml"),
    api(
        "invoices-v1",
        "openapi",
        "finance-systems",
        "finance",
        "../contracts/invoices-v1.openapi.yaml",
        deprecated="2026-12-31",
    ),
    api("invoices-v2", "openapi", "finance-systems", "finance", "../contracts/invoices-v2.openapi.yaml"),
    api(
        "order-events",
        "asyncapi",
        "e-commerce",
        "commerce-platform",
        "../contracts/orders-events.asyncapi.yaml",
    ),
    api("stock-events", "asyncapi", "logistics", "logistics", "../contracts/stock.asyncapi.yaml"),
    api(
        "behaviour-events",
        "asyncapi",
        "marketing",
        "commerce-platform",
        "../contracts/behaviour.asyncapi.yaml",
    ),
    entity("Resource", "settlement-files", {"type": "sftp", "owner": "finance-systems", "system": "finance"}),
]
POLICY = """\
# Rules of Nordwind beside the built-in ones.
rules:
  - id: nordwind/finance-second-person
    title: What finance runs has a deputy
    severity: high
    rationale: Two people must be able to repair what moves money.
    fix: Name a deputy in the catalog.
    applies_to: {kind: Component, system: finance}
    required: [metadata.annotations.nordwind/deputy]
  - id: nordwind/no-new-files
    title: Every file exchange has a day on which it ends
    severity: medium
    rationale: File exchange is being retired.
    fix: Use an event or an API.
    applies_to: {kind: Resource, type: sftp}
    required: [metadata.annotations.nordwind/retires-on]
"""


def write(folder: Path) -> None:
    """Write the catalog and the policy below the engagement."""
    for name, entities in (("organisation", ORGANISATION), ("components", COMPONENTS), ("apis", APIS)):
        text = yaml.safe_dump_all(entities, sort_keys=False, allow_unicode=True, width=110)
        write_text(folder / "catalog" / f"{name}.catalog-info.yaml", text)
    write_text(folder / "policies" / "nordwind.yaml", POLICY)
