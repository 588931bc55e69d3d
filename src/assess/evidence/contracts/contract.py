"""One contract and what was found about it: the records."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from assess.core.record import Record
from assess.core.source import Source

Kind = Literal[
    "openapi", "swagger", "asyncapi", "json-schema", "avro", "cloudevents", "graphql", "protobuf", "xsd", "wsdl", "unknown",
]  # fmt: skip
State = Literal["valid", "registered", "invalid", "not assessable"]
IssueSeverity = Literal["error", "warning", "info", "hint"]
"""Spectral's words: ``error`` breaks the format or its users, ``warning`` costs effort, the others are style."""


class Issue(Record):
    """One thing about a contract that its format or good practice does not allow.

    Parameters
    ----------
    rule
        Spectral's name where Spectral has the rule.
    pointer
        JSON pointer (RFC 6901) of the place.
    line
        Line of the place in the file; None where the file has none.
    path
        The file, which is another than the contract's where a ``$ref`` leads to it.
    conformance
        Whether the format's specification forbids it: then the contract is invalid.
    """

    rule: str
    severity: IssueSeverity
    message: str
    path: str
    pointer: str = ""
    line: int | None = None
    conformance: bool = False

    @property
    def place(self) -> str:
        """File and line, as compilers write it."""
        return f"{self.path}:{self.line}" if self.line else self.path


AGREED = ("authentication", "errors", "delivery", "ordering", "idempotency", "replay")
"""What a service level agrees in words, beside its numbers."""


class ServiceLevel(Record):
    """What a contract promises about the service, or what an integration needs of it; None where nothing is said.

    Parameters
    ----------
    scope
        JSON pointer of the operation or channel that it holds for; empty for the whole contract.
    quantile
        Of the latency, such as .95; None where only "latency" is said.
    availability, error_rate
        Shares.
    owner, errors
        Who answers for it; how errors are handled (a policy or a retry rule in words).
    authentication
        How the two sides know each other, such as OAuth 2 client credentials or mutual TLS.
    delivery
        How often a message may come: at most once, at least once, exactly once.
    ordering
        In which order messages come, such as by key.
    idempotency
        How a message or request that comes twice is known, such as by an event id or the header Idempotency-Key.
    replay
        How messages are read again, and for how long they are kept.
    """

    scope: str = ""
    latency_seconds: float | None = None
    quantile: float | None = None
    throughput_per_second: float | None = None
    availability: float | None = None
    error_rate: float | None = None
    owner: str = ""
    errors: str = ""
    authentication: str = ""
    delivery: str = ""
    ordering: str = ""
    idempotency: str = ""
    replay: str = ""
    sources: tuple[Source, ...] = ()


class Deprecation(Record):
    """A part of a contract that is to go; ``until`` is None where no date is said."""

    what: str
    pointer: str
    line: int | None = None
    until: dt.date | None = None


class Contract(Record):
    """One contract and its state.

    Parameters
    ----------
    path
        File, relative to the engagement folder.
    kind, format_version
        Format and its version, such as ``openapi`` and ``3.1.0``.
    title, version
        What it calls itself; empty where it doesn't say.
    state
        ``valid``: the format's published schema and rules allow all of it. ``registered``: it is of a format that is
        known by its name and version only. ``not assessable``: it can't be
        judged, for the ``reason``; that is never a pass.
    issues
        What was found, by severity and place.
    parts
        Other files that its references lead to, such as those of ``paths/`` and ``components/``.
    levels
        Service levels that it states.
    owner
        Who answers for it, by its contact or service level.
    operations, messages
        How many operations (HTTP), and messages or channels' messages (events) it describes.
    schemes
        Kinds of its security schemes, such as ``oauth2``.
    integrations
        Ids of the integrations that name it.
    """

    path: str
    kind: Kind
    format_version: str = ""
    title: str = ""
    version: str = ""
    state: State
    reason: str = ""
    line: int | None = None
    issues: tuple[Issue, ...] = ()
    parts: tuple[str, ...] = ()
    levels: tuple[ServiceLevel, ...] = ()
    deprecations: tuple[Deprecation, ...] = ()
    owner: str = ""
    operations: int = 0
    messages: int = 0
    schemes: tuple[str, ...] = ()
    integrations: tuple[str, ...] = ()

    def count(self, severity: IssueSeverity) -> int:
        """Return how many of the issues have a severity."""
        return sum(issue.severity == severity for issue in self.issues)

    def agreed(self, name: str) -> str:
        """Return what its service levels agree in words, such as ``delivery``; for ``authentication`` also its security schemes."""
        said = [getattr(level, name) for level in self.levels]
        return "; ".join(
            dict.fromkeys(filter(None, [*said, *(self.schemes if name == "authentication" else ())]))
        )

    def source(self, line: int | None = None) -> Source:
        """Return where it is written down."""
        return Source(kind="input", place=self.path, row=line or self.line or 1)
