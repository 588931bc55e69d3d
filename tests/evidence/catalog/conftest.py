"""Catalogs written into an engagement of their own."""

import textwrap

import pytest

from assess import intake

SYSTEMS = "id,owner\ncrm,Sales\nshop,Sales\nerp,Finance\n"
INTEGRATIONS = "id,source,target\norders,shop,erp\n"


@pytest.fixture
def engagement(tmp_path):
    """Return an engagement of files by their path; systems.csv and integrations.csv have defaults."""

    def make(files, systems=SYSTEMS, integrations=INTEGRATIONS):
        said = {
            "engagement.yaml": "client: Test\ndate: 2026-10-01\n",
            "systems.csv": systems,
            "integrations.csv": integrations,
            **files,
        }
        for name, text in said.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(text, bytes):
                path.write_bytes(text)
            else:
                path.write_text(textwrap.dedent(text), "utf-8")
        return intake.load(tmp_path)

    return make
