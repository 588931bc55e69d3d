"""The relations that a descriptor states: which field refers to what, under which defaults.

Fields, relations and defaults are those of the kinds of @backstage/catalog-model 1.10.1 (`relationFields`); a
reference inherits the namespace of the entity that makes it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from . import ref
from .entity import Kind, RelationType


class Field(NamedTuple):
    """A field that refers to entities.

    Parameters
    ----------
    name
        Below ``spec``.
    default
        Kind of a reference that names none; empty where it must name one.
    turned
        Whether the entity named is the one that depends.
    allowed
        Kinds that may be named; empty for any.
    """

    name: str
    relation: RelationType
    default: str
    turned: bool = False
    allowed: tuple[str, ...] = ()


_OWNER = Field("owner", "ownedBy", "Group", allowed=("group", "user"))
_SYSTEM = Field("system", "partOf", "System")
_DEPENDS = (Field("dependsOn", "dependsOn", ""), Field("dependencyOf", "dependsOn", "", turned=True))

FIELDS: Mapping[Kind, tuple[Field, ...]] = {
    "Component": (
        _OWNER,
        Field("subcomponentOf", "partOf", "Component"),
        Field("providesApis", "providesApi", "API"),
        Field("consumesApis", "consumesApi", "API"),
        *_DEPENDS,
        _SYSTEM,
    ),
    "API": (_OWNER, _SYSTEM),
    "System": (_OWNER, Field("domain", "partOf", "Domain")),
    "Domain": (_OWNER, Field("subdomainOf", "partOf", "Domain")),
    "Resource": (_OWNER, *_DEPENDS, _SYSTEM),
    "Group": (
        Field("parent", "childOf", "Group", allowed=("group",)),
        Field("children", "childOf", "Group", turned=True, allowed=("group",)),
        Field("members", "memberOf", "User", turned=True, allowed=("user",)),
    ),
    "User": (Field("memberOf", "memberOf", "Group", allowed=("group",)),),
    "Location": (),
}


class Said(NamedTuple):
    """One reference: the field and its path, and its target or what is wrong with it."""

    field: Field
    path: str
    text: str
    target: str
    problem: str = ""


def said(kind: Kind, namespace: str, spec: object) -> Iterator[Said]:
    """Yield every reference of a descriptor in the order of its fields.

    What is no text is left to the schema, which names it.
    """
    if not isinstance(spec, Mapping):
        return
    for field in FIELDS[kind]:
        for path, text in _texts(spec.get(field.name), f"spec.{field.name}"):
            yield _read(field, path, text, namespace)


def _texts(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str) and value:
        yield path, value
    elif isinstance(value, list):
        for number, item in enumerate(value):
            if isinstance(item, str) and item:
                yield f"{path}.{number}", item


def _read(field: Field, path: str, text: str, namespace: str) -> Said:
    try:
        target = ref.parse(text, field.default, namespace)
    except ref.WrongRef as error:
        return Said(field, path, text, "", str(error))
    if field.allowed and ref.parts(target)[0] not in field.allowed:
        return Said(field, path, text, "", f"is no {' or '.join(field.allowed)}")
    return Said(field, path, text, target)
