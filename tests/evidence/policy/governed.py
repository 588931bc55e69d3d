"""An engagement in which every rule is met: each test takes one thing away."""

from pathlib import Path

ENGAGEMENT = "client: Acme\ndate: 2026-10-01\n"
SYSTEMS = "id,name,owner,personal_data\nshop,Shop,Ada,yes\nbooks,Books,Ben,no\n"
INTEGRATIONS = (
    "id,source,target,style_today,contract,owner,personal_data\n"
    "orders,shop,books,event-driven,contracts/orders.yaml,Ada,yes\n"
)
CONTRACT = """\
asyncapi: 3.0.0
info:
  title: Orders
  version: 1.2.0
  description: Orders of the shop.
  contact:
    name: Ada
    url: https://acme.example
    email: ada@acme.example
  license:
    name: Apache-2.0
    url: https://www.apache.org/licenses/LICENSE-2.0
  tags:
    - name: orders
  x-service-level:
    latency-p95-seconds: 2
    throughput-per-second: 100
    availability: 0.995
    owner: Ada
    authentication: OAuth 2.0, client credentials
    delivery: at least once
    ordering: by order number
    idempotency: by order number
    replay: 7 days
    error-handling: dead-letter queue
channels:
  placed:
    address: orders.placed
    messages:
      order:
        $ref: '#/components/messages/order'
operations:
  onOrder:
    action: send
    description: An order was placed.
    channel:
      $ref: '#/channels/placed'
components:
  messages:
    order:
      contentType: application/json
      payload:
        type: object
        properties:
          number:
            type: string
"""
CATALOG = """\
apiVersion: backstage.io/v1alpha1
kind: Group
metadata:
  name: team
spec:
  type: team
  children: []
---
apiVersion: backstage.io/v1alpha1
kind: System
metadata:
  name: sales
spec:
  owner: team
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: shop
  annotations:
    assess.example/health-check: https://shop.acme.example/health
    assess.example/alerts: on-call shop
    assess.example/retirement: '2027-06-30'
    acme/deputy: Cleo
spec:
  type: service
  lifecycle: deprecated
  owner: team
  system: sales
  providesApis:
    - orders
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: books
  annotations:
    acme/deputy: Cleo
spec:
  type: service
  lifecycle: production
  owner: team
  system: sales
---
apiVersion: backstage.io/v1alpha1
kind: API
metadata:
  name: orders
spec:
  type: asyncapi
  lifecycle: production
  owner: team
  system: sales
  definition:
    $text: ../contracts/orders.yaml
"""
POLICY = """\
rules:
  - id: acme/second-person
    severity: high
    rationale: Two people must be able to repair it.
    fix: Name a deputy.
    applies_to: {kind: Component, system: sales}
    required: [metadata.annotations.acme/deputy]
"""


FILES = {
    "engagement.yaml": ENGAGEMENT,
    "systems.csv": SYSTEMS,
    "integrations.csv": INTEGRATIONS,
    "contracts/orders.yaml": CONTRACT,
    "catalog/catalog-info.yaml": CATALOG,
    "policies/acme.yaml": POLICY,
}


def write(folder: Path, **changed: str) -> Path:
    """Write the engagement; ``catalog="..."`` and so on replaces the file whose folder or name begins so."""
    for name, text in FILES.items():
        key = name.partition("/")[0].partition(".")[0]
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(changed.get(key, text), "utf-8")
    return folder
