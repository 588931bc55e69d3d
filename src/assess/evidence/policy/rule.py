"""A rule: to what it applies, what it asks, why, and how to meet it; and what rules judge.

A subject is an entity of the catalog, an integration, an application or a contract as one document. The fields that rules
can ask for are closed for the engagement's own rows, open below metadata and spec of the catalog.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from assess.core.finding import Severity
from assess.core.record import Record
from assess.core.source import Source
from assess.evidence.contracts.contract import AGREED

CATALOG_KINDS = ("Component", "API", "System", "Domain", "Resource", "Group", "User", "Location", "Template")
"""Kinds of the catalog, as Backstage writes them."""

OWN_KINDS = ("Integration", "Application", "Contract")
"""Rows of integrations.csv and of systems.csv, and files under contracts/."""

KINDS = (*CATALOG_KINDS, *OWN_KINDS)

FREE = (("metadata", "annotations"), ("metadata", "labels"))
"""Where keys are free text that may hold dots."""

Document = Mapping[str, Any]


class PolicySubject(NamedTuple):
    """Something that rules judge.

    Parameters
    ----------
    kind
        One of `KINDS`, or whatever the catalog says: no rule applies to a kind that nobody knows.
    id
        Name within its kind: stable, and unique.
    document
        Its fields as plain data: texts, numbers, booleans, lists and mappings. Absent fields are left out.
    source
        File and line, or row.
    integrations, systems
        Rows of the engagement that it touches.
    """

    kind: str
    id: str
    document: Document
    source: Source
    integrations: tuple[str, ...] = ()
    systems: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Kind and id, such as ``Component crm``."""
        return f"{self.kind} {self.id}"


def reference(value: str, kinds: tuple[str, ...] = ("group", "system", "domain", "component")) -> str:
    """Return a reference of the catalog in its shortest form: references ignore case and default parts.

    >>> reference("group:default/Logistics"), reference("Finance-Systems"), reference("user:ada")
    ('logistics', 'finance-systems', 'user:ada')
    """
    text = value.strip().casefold()
    kind, colon, rest = text.partition(":")
    if colon and kind in kinds:
        text = rest
    elif colon:
        return f"{kind}:{rest.removeprefix('default/')}"
    return text.removeprefix("default/")


Operation = Literal[
    "text", "number", "boolean", "date", "list",
    "one_of", "none_of", "matches", "is", "at_least", "at_most", "before", "not_before",
]  # fmt: skip
"""What a test asks of a value; see docs/method/policy.md for each."""

TODAY = "today"
"""Stands for the day of the assessment in a comparison of dates."""


class Test(Record):
    """One thing that is asked of one field.

    Parameters
    ----------
    path
        Keys from the document's root to the field.
    operation
        What is asked; the first five ask for the type alone, and that it is not empty.
    texts
        The words of ``one_of`` and ``none_of``, the pattern of ``matches``, the date of ``before`` and ``not_before``.
    number
        The limit of ``at_least`` and ``at_most``.
    flag
        The answer that ``is`` asks for.
    presence
        Whether a missing field is a failure instead of "not evaluable": where its presence is what is asked.
    """

    path: tuple[str, ...]
    operation: Operation
    texts: tuple[str, ...] = ()
    number: float | None = None
    flag: bool | None = None
    presence: bool = False

    __test__ = False  # no test class

    @property
    def field(self) -> str:
        """The path as it is written, such as ``metadata.annotations.acme/deputy``."""
        return ".".join(self.path)


class PolicyRule(Record):
    """What must hold of every subject of some kinds.

    Parameters
    ----------
    id
        Stable name; the client's own ones have their file's prefix, such as ``nordwind/no-new-files``.
    title
        What holds where it is met, in a few words; empty where none is given.
    kinds
        Kinds of subjects to which it applies.
    where
        Which of them: fields that must have one of the given words. A subject that lacks such a field can't be
        told to be out of the rule's reach, so it is not evaluable.
    when
        In which state of a subject it applies; not evaluable where that can't be told.
    tests
        What must hold.
    file, line
        Where the rule stands; the built-in ones stand in ``rules.yaml`` of this package.
    own
        Whether it is the client's.
    needs
        Input without which none of its subjects can be judged.
    """

    id: str
    severity: Severity
    rationale: str
    fix: str
    kinds: tuple[str, ...]
    where: tuple[Test, ...] = ()
    when: tuple[Test, ...] = ()
    tests: tuple[Test, ...]
    file: str = "rules.yaml"
    line: int | None = None
    own: bool = False
    title: str = ""
    needs: tuple[str, ...] = ()


def keys(path: str) -> tuple[str, ...]:
    """Split a dotted path; what follows annotations and labels is one key, dots and all.

    >>> keys("metadata.annotations.backstage.io/source-location")
    ('metadata', 'annotations', 'backstage.io/source-location')
    >>> keys("spec.owner")
    ('spec', 'owner')
    """
    for prefix in FREE:
        start = ".".join(prefix) + "."
        if path.startswith(start) and len(path) > len(start):
            return (*prefix, path[len(start) :])
    return tuple(path.split("."))


Type = Literal["text", "number", "boolean", "date", "list"]

_CONTRACT: Mapping[str, Type] = {
    "contract.file": "text",
    "contract.kind": "text",
    "contract.state": "text",
    "contract.version": "text",
    "contract.messages_without_schema": "number",
    "contract.deprecations_without_date": "number",
    **dict.fromkeys((f"contract.{name}" for name in AGREED), "text"),
}
_RUNNING: Mapping[str, Type] = {
    "health_check": "text",
    "alerts": "text",
    "service_level": "text",
    "observed.runs": "number",
    "observed.last": "date",
    "observed.since_retirement": "boolean",
}
_RETIREMENT: Mapping[str, Type] = {"retirement.state": "text", "retirement.date": "date"}

OWN: Mapping[str, Mapping[str, Type]] = {
    "Integration": {
        **dict.fromkeys(("id", "name", "source", "target", "process", "entity", "style_today"), "text"),
        **dict.fromkeys(("interaction", "criticality", "governance", "owner"), "text"),
        **dict.fromkeys(("partner", "personal_data"), "boolean"),
        **_CONTRACT,
        **_RUNNING,
    },
    "Application": {
        **dict.fromkeys(("id", "name", "owner", "kind", "vendor", "residency", "team"), "text"),
        "personal_data": "boolean",
        "interfaces": "list",
    },
    "Contract": {
        "file": "text",
        "title": "text",
        "integrations": "list",
        **{name.removeprefix("contract."): type for name, type in _CONTRACT.items()},
        "service_level": "text",
    },
}
"""Fields of rows of integrations.csv (Integration) and systems.csv (Application), and of files under contracts/."""

DERIVED: Mapping[str, Type] = {**_CONTRACT, **_RUNNING, **_RETIREMENT}
"""What is added to an entity of the catalog: from its definition file, its annotations and the run logs."""

ROOTS = ("apiVersion", "kind", "metadata", "spec")
"""Keys of a descriptor."""

SHORT: Mapping[str, str] = {
    "type": "spec.type",
    "lifecycle": "spec.lifecycle",
    "system": "spec.system",
    "owner": "spec.owner",
    "domain": "spec.domain",
    "name": "metadata.name",
    "namespace": "metadata.namespace",
}
"""Short names of fields of the catalog in ``applies_to``."""

REFERENCES = ("spec.system", "spec.owner", "spec.domain")
"""Fields that name another entity: they are compared in their shortest form."""


def known(kinds: tuple[str, ...]) -> Mapping[str, Type]:
    """Return the fields with a known type that every one of the kinds has.

    >>> known(("Integration",))["personal_data"], "spec.owner" in known(("API",))
    ('boolean', False)
    """
    fields = [OWN[kind] if kind in OWN_KINDS else DERIVED for kind in kinds]
    return {name: type for name, type in fields[0].items() if all(name in other for other in fields)}


def is_open(kinds: tuple[str, ...], path: tuple[str, ...]) -> bool:
    """Return whether a path may be anything: below metadata and spec of the catalog."""
    inside = path[0] in ROOTS and (len(path) > 1 or path[0] in ("apiVersion", "kind"))
    return inside and all(kind in CATALOG_KINDS for kind in kinds) and path not in FREE
