"""Whether a descriptor is one: the official JSON schemas of Backstage, vendored in ``backstage/``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any, get_args

import jsonschema_rs

from .entity import Kind

KINDS: tuple[Kind, ...] = get_args(Kind)
_PARTS = ("Entity", "EntityMeta", "common")
_BASE = "https://backstage.io/schema/"


def kind_of(data: dict[str, Any]) -> Kind | None:
    """Return the kind of a descriptor in its usual spelling, None where it is none of Backstage's."""
    said = data.get("kind")
    return next((kind for kind in KINDS if isinstance(said, str) and said.lower() == kind.lower()), None)


def violations(kind: Kind, data: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what breaks the schema of a kind: the path of the value, and what is wrong with it.

    A property that is missing has the path at which it would stand.
    """
    checks = _validator(kind)
    if checks.is_valid(data):
        return
    for error in checks.iter_errors(data):
        path = [str(part) for part in error.instance_path]
        if isinstance(error.kind, jsonschema_rs.ValidationErrorKind.Required):
            yield ".".join([*path, str(error.kind.property)]), "is missing"
        else:
            yield ".".join(path), _words(error)


def _words(error: jsonschema_rs.ValidationError) -> str:
    """Say what the schema asks for, without the value: that may be anybody's."""
    kinds = jsonschema_rs.ValidationErrorKind
    match error.kind:
        case kinds.Type():
            return f"is no {error.kind.value}"
        case kinds.Enum() | kinds.Constant():
            return "is not one of the words allowed here"
        case kinds.MinLength():
            return "is empty"
        case kinds.AdditionalProperties():
            return f"has keys that Backstage does not know: {', '.join(error.kind.unexpected[:5])}"
        case _:
            return f"breaks the schema of Backstage ({error.kind.name})"


@cache
def load(name: str) -> dict[str, Any]:
    """Return one of the schemas by its name, such as ``Component.v1alpha1``."""
    text = files(__package__).joinpath("backstage", f"{name}.json").read_text("utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


@cache
def _validator(kind: Kind) -> jsonschema_rs.Draft7Validator:
    registry = jsonschema_rs.Registry([(_BASE + name, load(name) | {"$id": _BASE + name}) for name in _PARTS])
    schema = load(f"{kind}.v1alpha1")
    return jsonschema_rs.Draft7Validator(schema | {"$id": _BASE + kind}, registry=registry)
