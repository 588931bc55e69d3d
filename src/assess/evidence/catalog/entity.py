"""What stands in a catalog: entities, references to them, and the relations that a descriptor states.

A reference reads ``[kind:][namespace/]name``. Fields, relations and defaults are those of the kinds of
@backstage/catalog-model 1.10.1 (`relationFields`); a reference inherits the namespace of the entity that makes it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any, Literal, NamedTuple

from assess.core.record import Record
from assess.core.source import Source
from assess.intake.problem import Problem, quote_value

DEFAULT_NAMESPACE = "default"

LONGEST = 253
"""Characters of a reference that is read; Backstage takes 63 for each of its parts."""


class WrongRef(ValueError):
    """A text that refers to no entity; the message says why."""


def canonical(kind: str, namespace: str, name: str) -> str:
    """Return the one way to write a reference: references are compared without case.

    >>> canonical("API", "default", "Orders")
    'api:default/orders'
    """
    return f"{kind}:{namespace}/{name}".lower()


def parse(text: str, kind: str = "", namespace: str = DEFAULT_NAMESPACE) -> str:
    """Return the canonical form of a reference, its missing parts filled in.

    Parameters
    ----------
    kind
        Kind where the reference names none; empty where it must name one.
    namespace
        Namespace where the reference names none: that of the entity that refers.

    Raises
    ------
    WrongRef
        If a part is empty, there is no kind, or it is longer than `LONGEST`.

    Notes
    -----
    As `parseEntityRef` of @backstage/catalog-model: a colon behind the first slash belongs to the name.

    Examples
    --------
    >>> parse("Finance-Systems", "Group")
    'group:default/finance-systems'
    >>> parse("component:shop", "API"), parse("ops/shop", "Component")
    ('component:default/shop', 'component:ops/shop')
    """
    if len(text) > LONGEST:
        raise WrongRef("is longer than any reference")
    slash, colon = text.find("/"), text.find(":")
    if -1 < slash < colon:
        colon = -1
    said_kind = kind if colon == -1 else text[:colon]
    said_namespace = namespace if slash == -1 else text[colon + 1 : slash]
    name = text[max(colon, slash) + 1 :]
    if not said_kind:
        raise WrongRef("names no kind, such as component:name")
    if not said_namespace or not name:
        raise WrongRef("is no reference")
    return canonical(said_kind, said_namespace, name)


def parts(ref: str) -> tuple[str, str, str]:
    """Return kind, namespace and name of a canonical reference.

    >>> parts("component:default/shop")
    ('component', 'default', 'shop')
    """
    kind, _, rest = ref.partition(":")
    namespace, _, name = rest.partition("/")
    return kind, namespace, name


def short(ref: str) -> str:
    """Return a reference as people say it: without the namespace where that is the default one.

    >>> short("component:default/shop"), short("group:ops/shop")
    ('component shop', 'group ops/shop')
    """
    kind, namespace, name = parts(ref)
    kind = "API" if kind == "api" else kind
    return quote_value(f"{kind} {name}" if namespace == DEFAULT_NAMESPACE else f"{kind} {namespace}/{name}")


Kind = Literal["Component", "API", "System", "Domain", "Resource", "Group", "User", "Location"]

RelationType = Literal[
    "ownedBy", "partOf", "providesApi", "consumesApi", "dependsOn", "childOf", "memberOf",
]  # fmt: skip
"""Each from the entity that it depends on, in the direction in which Backstage names it first; a field that says the
reverse (``dependencyOf``, ``children``, ``members``) is turned round."""


class Notes(Record):
    """What Backstage has no field for, from annotations ``assess.example/...``; None or empty where not said.

    Parameters
    ----------
    sla
        ``sla``: ``99.5`` (per cent available) or ``0.8 s at 20/s``.
    health_check
        ``health-check``: where its health is asked, a URL.
    alerts
        ``alerts``: who is alerted, or where the alerts are defined.
    version
        ``version``: of what it provides.
    deprecated
        ``deprecated``: day from which it should not be used.
    retirement
        ``retirement``: day on which it is switched off.
    last_seen
        ``last-seen``: last day with traffic, as a monitor wrote it.
    events
        ``events``: names or files of the schemas of its events, separated by commas.
    system
        ``system``: id in systems.csv of the system that this entity is.
    integrations
        ``integration``: ids in integrations.csv of the integrations that this entity carries, separated by commas.
    """

    sla: str = ""
    health_check: str = ""
    alerts: str = ""
    version: str = ""
    deprecated: dt.date | None = None
    retirement: dt.date | None = None
    last_seen: dt.date | None = None
    events: tuple[str, ...] = ()
    system: str = ""
    integrations: tuple[str, ...] = ()


class Text(Record):
    """A text that a descriptor takes from a file, such as the definition of an API.

    Parameters
    ----------
    field
        Where it goes, such as ``spec.definition``.
    location
        As the descriptor writes it.
    file
        The file within the engagement folder; empty where it is none.
    remote
        Whether it lies on the network, which is never asked: it is not fetched, and nothing is wrong with it.
    problem
        Why it is not there; empty where it is.
    """

    field: str
    location: str
    file: str = ""
    remote: bool = False
    problem: str = ""


class Relation(Record):
    """One entity refers to another.

    Parameters
    ----------
    source, target
        Canonical references; the target may be in no descriptor.
    file, line, field
        Where it is said.
    """

    source: str
    type: RelationType
    target: str
    file: str
    line: int
    field: str

    @property
    def origin(self) -> Source:
        """Where it is said, as a source."""
        return Source(kind="input", place=self.file, row=self.line, column=self.field)


class Entity(Record):
    """An entity of a catalog.

    Parameters
    ----------
    ref
        Its canonical reference, such as ``component:default/shop``.
    owner, system, domain
        Canonical references; empty where none is named.
    descriptor
        Everything that was written, texts of other files put in.
    lines
        Line of every value of the descriptor, by its path such as ``spec.dependsOn.0``.
    file, line
        Where its descriptor begins.
    texts
        What came from other files.
    problems
        Why it, or a part of it, can't be assessed; empty where it is as Backstage wants it.
    """

    ref: str
    kind: Kind
    namespace: str
    name: str
    title: str = ""
    description: str = ""
    type: str = ""
    lifecycle: str = ""
    owner: str = ""
    system: str = ""
    domain: str = ""
    tags: tuple[str, ...] = ()
    notes: Notes = Notes()
    texts: tuple[Text, ...] = ()
    descriptor: dict[str, Any]
    lines: dict[str, int]
    file: str
    line: int
    problems: tuple[Problem, ...] = ()

    @property
    def label(self) -> str:
        """Its title, or its name, as a sentence may show it: short and on one line."""
        return quote_value(self.title or self.name)

    @property
    def definition(self) -> Text | None:
        """The file that an API's definition comes from; None where it stands in the descriptor, or nowhere."""
        return next((text for text in self.texts if text.field == "spec.definition"), None)

    def line_of(self, path: str) -> int:
        """Return the line of a value, or of the nearest value around it that is there."""
        while path and path not in self.lines:
            path = path.rpartition(".")[0]
        return self.lines.get(path, self.line)

    def source(self, path: str = "") -> Source:
        """Return where a value of the descriptor stands."""
        return Source(kind="input", place=self.file, row=self.line_of(path), column=path)


class RelationField(NamedTuple):
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


_OWNER = RelationField("owner", "ownedBy", "Group", allowed=("group", "user"))
_SYSTEM = RelationField("system", "partOf", "System")
_DEPENDS = (
    RelationField("dependsOn", "dependsOn", ""),
    RelationField("dependencyOf", "dependsOn", "", turned=True),
)

FIELDS: Mapping[Kind, tuple[RelationField, ...]] = {
    "Component": (
        _OWNER,
        RelationField("subcomponentOf", "partOf", "Component"),
        RelationField("providesApis", "providesApi", "API"),
        RelationField("consumesApis", "consumesApi", "API"),
        *_DEPENDS,
        _SYSTEM,
    ),
    "API": (_OWNER, _SYSTEM),
    "System": (_OWNER, RelationField("domain", "partOf", "Domain")),
    "Domain": (_OWNER, RelationField("subdomainOf", "partOf", "Domain")),
    "Resource": (_OWNER, *_DEPENDS, _SYSTEM),
    "Group": (
        RelationField("parent", "childOf", "Group", allowed=("group",)),
        RelationField("children", "childOf", "Group", turned=True, allowed=("group",)),
        RelationField("members", "memberOf", "User", turned=True, allowed=("user",)),
    ),
    "User": (RelationField("memberOf", "memberOf", "Group", allowed=("group",)),),
    "Location": (),
}


class StatedReference(NamedTuple):
    """One reference: the field and its path, and its target or what is wrong with it."""

    field: RelationField
    path: str
    text: str
    target: str
    problem: str = ""


def stated_relations(kind: Kind, namespace: str, spec: object) -> Iterator[StatedReference]:
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


def _read(field: RelationField, path: str, text: str, namespace: str) -> StatedReference:
    try:
        target = parse(text, field.default, namespace)
    except WrongRef as error:
        return StatedReference(field, path, text, "", str(error))
    if field.allowed and parts(target)[0] not in field.allowed:
        return StatedReference(field, path, text, "", f"is no {' or '.join(field.allowed)}")
    return StatedReference(field, path, text, target)
