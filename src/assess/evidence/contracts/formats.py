"""Which format a document is in, and the published schema of each format."""

from __future__ import annotations

import gzip
import json
import re
from functools import cache
from importlib import resources
from pathlib import PurePosixPath
from typing import Any

import jsonschema_rs
from jsonschema_rs import Registry, Validator

from .contract import Kind
from .document import ContractDocument, NotAssessable

AVRO_SUFFIXES = (".avsc", ".avro")
OPENAPI = ("3.0", "3.1", "3.2")
ASYNCAPI = ("2.0", "2.1", "2.2", "2.3", "2.4", "2.5", "2.6", "3.0", "3.1")
ASSEMBLED = ("openapi", "swagger", "asyncapi")
"""Formats whose contracts are written in several files."""
DRAFTS = {
    "http://json-schema.org/draft-04/schema": "draft-04",
    "http://json-schema.org/draft-06/schema": "draft-06",
    "http://json-schema.org/draft-07/schema": "draft-07",
    "https://json-schema.org/draft/2019-09/schema": "2019-09",
    "https://json-schema.org/draft/2020-12/schema": "2020-12",
}
LATEST = "https://json-schema.org/draft/2020-12/schema"
_SCHEMA_KEYS = {
    "type",
    "properties",
    "items",
    "allOf",
    "anyOf",
    "oneOf",
    "enum",
    "$defs",
    "definitions",
    "$ref",
    "$id",
}
_EVENT_KEYS = {"specversion", "id", "source", "type"}


def kind(document: ContractDocument) -> tuple[Kind, str]:
    """Return the format of a document and its version.

    Raises
    ------
    NotAssessable
        If it is in no format, or in a version, that can be judged.
    """
    tree = document.tree
    avro = PurePosixPath(document.path).suffix.lower() in AVRO_SUFFIXES
    if avro or (isinstance(tree, dict) and _is_avro(tree)):
        return "avro", ""
    if not isinstance(tree, dict):
        raise NotAssessable("is no contract: it holds no mapping at its top")
    names: tuple[Kind, ...] = ("openapi", "swagger", "asyncapi")
    for name in names:
        if name in tree:
            return _versioned(document, name)
    if tree.keys() >= _EVENT_KEYS:
        return "cloudevents", str(tree["specversion"])
    if "$schema" in tree:
        draft = str(tree["$schema"]).removesuffix("#")
        if draft not in DRAFTS:
            raise NotAssessable(
                f"names the schema dialect {draft[:80]}, which is not known", document.line(["$schema"])
            )
        return "json-schema", DRAFTS[draft]
    if _SCHEMA_KEYS & tree.keys():
        return "json-schema", ""
    raise NotAssessable("is in no format that is known: OpenAPI, AsyncAPI, JSON Schema, Avro or CloudEvents")


def _is_avro(tree: dict[str, Any]) -> bool:
    named = tree.get("type") in ("record", "enum", "fixed", "error") and "name" in tree
    return named and "$schema" not in tree and bool({"fields", "symbols", "size"} & tree.keys())


def _versioned(document: ContractDocument, name: Kind) -> tuple[Kind, str]:
    stated = document.tree[name]
    if name == "swagger" and stated == 2.0:
        return name, "2.0"  # written without quotes; the schema says that it is no text
    version = str(stated)
    known = {"openapi": OPENAPI, "swagger": ("2.0",), "asyncapi": ASYNCAPI}[name]
    if ".".join(version.split(".")[:2]) not in known:
        allowed = ", ".join(known)
        short = f"{name} {version[:20]!r}"
        released = "which is not released; " if re.match(r"3\.[3-9]|[4-9]\.", version) else ""
        raise NotAssessable(f"is {short}, {released}assessed are {allowed}", document.line([name]))
    return name, version


@cache
def published(name: str) -> Any:
    """Return a schema of the folder ``schemas`` by its name, such as ``openapi-3.0``."""
    file = resources.files(__package__).joinpath("schemas", f"{name}.json.gz")
    return json.loads(gzip.decompress(file.read_bytes()))


@cache
def validator(kind: Kind, version: str) -> Validator:
    """Return the compiled published schema of a format; ``version`` as `kind` returns it.

    The Schema Objects of OpenAPI 3.1 and 3.2 are checked by their dialect, as the specification's
    ``schema-base`` does. Formats (``uri``, ``email``) are annotations and not checked.
    """
    short = ".".join(version.split(".")[:2])
    if kind == "json-schema":
        uri = next((uri for uri, draft in DRAFTS.items() if draft == version), LATEST)
        return jsonschema_rs.validator_for({"$schema": uri, "$ref": uri}, validate_formats=True, offline=True)
    if kind == "cloudevents":
        return jsonschema_rs.validator_for(published("cloudevents-1.0"), validate_formats=True, offline=True)
    if kind in ("openapi", "swagger") and short in ("3.1", "3.2"):
        return _with_dialect(short)
    name = f"{'openapi' if kind == 'swagger' else kind}-{short}"
    return jsonschema_rs.validator_for(published(name), validate_formats=False, offline=True)


def _with_dialect(short: str) -> Validator:
    parts = [published(f"openapi-{short}{part}") for part in ("", "-dialect", "-meta")]
    base = {
        "$id": f"https://spec.openapis.org/oas/{short}/schema-base/assess",
        "$schema": LATEST,
        "$ref": parts[0]["$id"],
        "$defs": {"schema": {"$dynamicAnchor": "meta", "$ref": parts[1]["$id"]}},
    }
    registry = Registry([(part["$id"], part) for part in parts])
    return jsonschema_rs.validator_for(base, registry=registry, validate_formats=False, offline=True)
