"""A small valid engagement that each test breaks in one place."""

import textwrap

import pytest

ENGAGEMENT = """\
client: Nordwind GmbH
date: 2026-10-01
currency: EUR
discount_rate: 8 %
team:
  people: 3
  skills: {api-first: 0.5}
constraints:
  residency: [EU, CH]
goals:
  - id: faster
    goal: Faster orders
    today: 5
"""

TABLES = {
    "systems.csv": """\
        id,name,interfaces,data,personal_data
        crm,CRM,rest; events,customers=extracts/customers.csv,yes
        erp,ERP,,,no
        """,
    "integrations.csv": """\
        id,source,target,volume,growth,criticality,contract,goals
        orders,crm,erp,1000 / 2000 / 5000,10 %,high,contracts/orders.yaml,faster
        stock,erp,crm,800,,,,
        """,
    "value_stream.csv": """\
        step,system,wait_minutes,next,integration
        take,crm,5 / 10 / 60,check:0.9; take:0.1,
        check,erp,30,,orders
        """,
    "risks.csv": """\
        id,name,loss_low,loss_high,integrations
        r1,Late,1000,5000,orders
        """,
    "change_requests.csv": """\
        id,title,integration,effort_days
        c1,Returns,orders,2 / 5 / 9
        """,
    "operations/incidents.csv": """\
        id,integration,started,detected,resolved
        i1,orders,2026-01-01T10:00,2026-01-01T11:00,2026-01-01T12:00
        """,
    "contracts/orders.yaml": "openapi: 3.1.0\n",
    "extracts/customers.csv": "id,name\n007,Ada\n",
}


@pytest.fixture
def folder(tmp_path):
    """A valid engagement folder."""
    root = tmp_path / "engagement"
    for name, text in {"engagement.yaml": ENGAGEMENT, **TABLES}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")
    return root
