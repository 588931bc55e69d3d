"""What stands in a catalog: entities, their relations, and what their annotations promise."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

from assess.core.record import Record
from assess.core.source import Source
from assess.intake.problem import Problem, shown

Kind = Literal["Component", "API", "System", "Domain", "Resource", "Group", "User", "Location"]

RelationType = Literal[
    "ownedBy", "partOf", "providesApi", "consumesApi", "dependsOn", "childOf", "memberOf",
]  # fmt: skip
"""Each from the entity that it depends on, in the direction in which Backstage names it first; a field that says the
reverse (``dependencyOf``, ``children``, ``members``) is turned round."""

INVERSE: dict[RelationType, str] = {
    "ownedBy": "ownerOf",
    "partOf": "hasPart",
    "providesApi": "apiProvidedBy",
    "consumesApi": "apiConsumedBy",
    "dependsOn": "dependencyOf",
    "childOf": "parentOf",
    "memberOf": "hasMember",
}
"""What Backstage calls a relation seen from its target."""


class Sla(Record):
    """A service level that an annotation promises; None where it says nothing.

    Parameters
    ----------
    availability
        Share of the time, 0 to 1.
    latency_seconds
        Latest answer.
    per_second
        Load up to which the latency holds, requests a second.
    """

    text: str
    availability: float | None = None
    latency_seconds: float | None = None
    per_second: float | None = None


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

    sla: Sla | None = None
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
    problem
        Why it is not there; empty where it is.
    """

    field: str
    location: str
    file: str = ""
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
        return shown(self.title or self.name)

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
