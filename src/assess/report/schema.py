"""The form of ``results.json`` as a JSON Schema, for readers in any language."""

from __future__ import annotations

import json
from typing import Any

from .chapter import SCHEMA_VERSION, Results


def schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of ``results.json``.

    >>> schema()["properties"]["schema_version"]["const"]
    '1.0'
    """
    described = Results.model_json_schema(mode="serialization")
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:assess:results:{SCHEMA_VERSION}",
    }
    return head | described


def text() -> str:
    """Write the schema as the file ``assets/results.schema.json`` that ships with the package."""
    return json.dumps(schema(), indent=1, sort_keys=True, ensure_ascii=False) + "\n"
