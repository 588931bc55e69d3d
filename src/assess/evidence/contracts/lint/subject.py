"""What the rules look at: a contract with its operations, and what a rule is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from assess.evidence.contracts.contract import IssueSeverity, Kind
from assess.evidence.contracts.document import ContractDocument, Pointer
from assess.evidence.contracts.references import Library, Unresolved, walk

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")
Hit = tuple[Pointer, str]


@dataclass(frozen=True)
class Operation:
    """One HTTP operation: where it is, and what its path says for all of its operations."""

    pointer: Pointer
    path: str
    method: str
    node: dict[str, Any]
    item: dict[str, Any]


@dataclass(frozen=True)
class LintSubject:
    """A contract that is to be judged."""

    document: ContractDocument
    kind: Kind
    version: str
    library: Library

    @property
    def tree(self) -> dict[str, Any]:
        """The whole contract."""
        return self.document.tree if isinstance(self.document.tree, dict) else {}

    @property
    def modern(self) -> bool:
        """Whether keywords beside a ``$ref`` count."""
        if self.kind == "openapi":
            return not self.version.startswith("3.0")
        return self.kind == "json-schema" and self.version in ("", "2019-09", "2020-12")

    @cached_property
    def operations(self) -> tuple[Operation, ...]:
        """Operations of an OpenAPI contract, in its order; webhooks are none of them."""
        found = []
        for path, given in mapping(self.tree.get("paths")).items():
            item = self.resolved(given)
            for method in METHODS:
                node = item.get(method)
                if isinstance(node, dict):
                    found.append(Operation(("paths", path, method), path, method, node, item))
        return tuple(found)

    @cached_property
    def nodes(self) -> tuple[tuple[Pointer, dict[str, Any]], ...]:
        """Every mapping of the contract that is no data, with its place."""
        return tuple(walk(self.document.tree))

    @cached_property
    def messages(self) -> int:
        """How many messages an AsyncAPI contract describes: those of its channels, and one of an operation in 2."""
        if self.kind != "asyncapi":
            return 0
        count = 0
        for given in mapping(self.tree.get("channels")).values():
            channel = self.resolved(given)
            count += len(mapping(channel.get("messages")))
            for action in ("publish", "subscribe"):
                message = mapping(mapping(channel.get(action)).get("message"))
                count += len(listing(message.get("oneOf"))) or bool(message)
        return count

    def resolved(self, node: Any) -> dict[str, Any]:
        """Return what a node or its reference is, empty where that is no mapping."""
        try:
            found = self.library.resolve(self.document, node)[1]
        except Unresolved:
            return {}
        return found if isinstance(found, dict) else {}


def mapping(value: Any) -> dict[str, Any]:
    """Return a mapping, empty where the value is none."""
    return value if isinstance(value, dict) else {}


def listing(value: Any) -> list[Any]:
    """Return a list, empty where the value is none."""
    return value if isinstance(value, list) else []


@dataclass(frozen=True)
class LintRule:
    """One rule: data and a function.

    Parameters
    ----------
    name
        Spectral's name where Spectral has the rule.
    kinds
        Kinds and version prefixes that it applies to, such as ``openapi 3.0``.
    conformance
        Whether the specification itself demands it ("MUST").
    """

    name: str
    severity: IssueSeverity
    kinds: tuple[str, ...]
    check: Callable[[LintSubject], Iterable[Hit]]
    conformance: bool = False

    def applies(self, subject: LintSubject) -> bool:
        """Say whether the rule is for contracts of this kind and version."""
        return f"{subject.kind} {subject.version}".startswith(self.kinds)
