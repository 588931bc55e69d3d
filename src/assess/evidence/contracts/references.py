"""Where a ``$ref`` leads: within the file, to another file of the engagement, never to the network."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urldefrag, urljoin

from assess.core.grants import is_url
from assess.intake.location import escapes

from . import document as documents
from .document import MISSING, ContractDocument, NotAssessable, Pointer

MAX_HOPS = 50
"""References that may lead to references; more is a circle or as good as one."""
DATA = frozenset({"example", "default", "enum", "const", "x-example", "x-examples"})
"""Keys whose value is data of the client's, in which ``$ref`` is a name like any other."""
NAMES = frozenset(
    {"properties", "patternProperties", "definitions", "$defs", "dependentSchemas", "schemas", "responses",
     "parameters", "headers", "requestBodies", "securitySchemes", "links", "callbacks", "pathItems", "paths",
     "channels", "operations", "messages", "servers", "variables", "examples", "content", "encoding"}
)  # fmt: skip
"""Keys whose value maps names that the author chose."""
BUILT_IN = ("http://json-schema.org/", "https://json-schema.org/", "https://spec.openapis.org/")


class Unresolved(Exception):
    """A reference that leads nowhere, in words; ``elsewhere`` where it leads out of the engagement."""

    def __init__(self, message: str, *, elsewhere: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.elsewhere = elsewhere


class Library:
    """Every document of an engagement, read once.

    Parameters
    ----------
    folder
        Of the engagement: nothing outside of it is opened.
    noted
        Told of every file that is read.
    """

    def __init__(self, folder: Path, noted: Callable[[str], object] = str) -> None:
        self.folder = folder
        self._noted = noted
        self._kept: dict[str, ContractDocument | NotAssessable] = {}
        self._ids: dict[str, ContractDocument] = {}

    def read(self, path: str) -> ContractDocument:
        """Return the document in a file.

        Raises
        ------
        NotAssessable
            If it can't be judged.
        """
        if path not in self._kept:
            self._noted(path)
            try:
                self._kept[path] = document = documents.read(self.folder / path, path)
                if isinstance(document.tree, dict) and isinstance(document.tree.get("$id"), str):
                    self._ids.setdefault(urldefrag(document.tree["$id"]).url, document)
            except NotAssessable as problem:
                self._kept[path] = problem
        found = self._kept[path]
        if isinstance(found, NotAssessable):
            raise found
        return found

    def follow(self, document: ContractDocument, reference: str) -> tuple[ContractDocument, Pointer]:
        """Return where a reference leads: the document and the place in it.

        Raises
        ------
        Unresolved
            If it leads nowhere.
        """
        address, fragment = urldefrag(reference)
        target = self._document(document, address) if address else document
        pointer = _place(target, fragment)
        if pointer is None:
            where = "" if target is document else f" in {target.path}"
            raise Unresolved(f"#{fragment} does not exist{where}")
        return target, pointer

    def resolve(
        self, document: ContractDocument, node: Any, pointer: Pointer = ()
    ) -> tuple[ContractDocument, Any, Pointer]:
        """Follow the references of a node until it is none.

        Returns
        -------
        tuple
            The document that holds it, the node, and its place.

        Raises
        ------
        Unresolved
            If one leads nowhere, or in a circle.
        """
        seen: set[tuple[str, Pointer]] = set()
        while isinstance(node, dict) and isinstance(node.get("$ref"), str):
            document, pointer = self.follow(document, node["$ref"])
            if (document.path, pointer) in seen or len(seen) > MAX_HOPS:
                raise Unresolved("leads in a circle that never reaches anything")
            seen.add((document.path, pointer))
            node = document.at(pointer)
        return document, node, pointer

    def _document(self, document: ContractDocument, address: str) -> ContractDocument:
        base = document.tree.get("$id", "") if isinstance(document.tree, dict) else ""
        absolute = urljoin(base, address) if isinstance(base, str) else address
        if absolute in self._ids:
            return self._ids[absolute]
        if is_url(address):
            raise Unresolved(f"{address[:200]} is on the network, which is never read", elsewhere=True)
        path = posixpath.normpath(posixpath.join(posixpath.dirname(document.path), unquote(address)))
        if reason := escapes(self.folder, path):
            raise Unresolved(f"{address[:200]} {reason}")
        if not (self.folder / path).is_file():
            raise Unresolved(f"the file {path} does not exist")
        try:
            return self.read(path)
        except NotAssessable as problem:
            raise Unresolved(f"the file {path} {problem.reason}") from None


def _place(document: ContractDocument, fragment: str) -> Pointer | None:
    """Return the place that a fragment names: a JSON pointer, or an anchor of a schema."""
    if not fragment:
        return ()
    if fragment.startswith("/"):
        pointer = documents.steps(fragment)
        return None if document.at(pointer) is MISSING else pointer
    for place, node in walk(document.tree):
        if (
            node.get("$anchor") == fragment
            or node.get("$dynamicAnchor") == fragment
            or node.get("$id") == f"#{fragment}"
        ):
            return place
    return None


def walk(tree: Any, start: Pointer = ()) -> Iterator[tuple[Pointer, dict[str, Any]]]:
    """Yield every mapping that is part of the contract, not data, with its place; each shared one once.

    Mappings from names (``properties``, ``paths`` ...) are walked through and not yielded.
    """
    seen: set[int] = set()
    stack: list[tuple[Pointer, Any, bool]] = [(start, tree, False)]
    while stack:
        pointer, node, names = stack.pop()
        if not isinstance(node, dict | list) or id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, list):
            stack += [((*pointer, i), item, False) for i, item in reversed(list(enumerate(node)))]
            continue
        if not names:
            yield pointer, node
        for key, value in reversed(node.items()):
            if names:
                if not (key.startswith("x-") and pointer and pointer[-1] == "paths"):
                    stack.append(((*pointer, key), value, False))
            elif key not in DATA and not key.startswith("x-") and not _is_value(key, pointer, value):
                stack.append(((*pointer, key), value, key in NAMES and isinstance(value, dict)))


def _is_value(key: str, pointer: Pointer, value: Any) -> bool:
    """Say whether it is the value of an example, or the examples of a schema, which are a list of values."""
    return (key == "value" and len(pointer) > 1 and pointer[-2] == "examples") or (
        key == "examples" and isinstance(value, list)
    )


def external(address: str) -> bool:
    """Say whether a reference leads to a published schema that every reader knows.

    >>> external("https://json-schema.org/draft/2020-12/schema"), external("https://example.org/a.json")
    (True, False)
    """
    return address.startswith(BUILT_IN)
