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
from .document import MAX_DEPTH, MISSING, ContractDocument, NotAssessable, Pointer

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
        self._ids: dict[str, tuple[ContractDocument, Pointer]] = {}
        self._roots: dict[str, dict[Pointer, str]] = {}
        self._whole: dict[str, tuple[ContractDocument, tuple[str, ...]]] = {}

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
                self._roots[path] = dict(_resources(document))
                for pointer, address in self._roots[path].items():
                    self._ids.setdefault(address, (document, pointer))
            except NotAssessable as problem:
                self._kept[path] = problem
        found = self._kept[path]
        if isinstance(found, NotAssessable):
            raise found
        return found

    def assembled(self, path: str) -> tuple[ContractDocument, tuple[str, ...]]:
        """Return the document in a file with what it refers to in other files, and those files; see `assemble`.

        Raises
        ------
        NotAssessable
            If it can't be judged.
        """
        if path not in self._whole:
            self._whole[path] = assemble(self, self.read(path))
        return self._whole[path]

    def follow(
        self, document: ContractDocument, reference: str, node: Any = None, at: Pointer = ()
    ) -> tuple[ContractDocument, Pointer]:
        """Return where a reference leads: the document and the place in it.

        Parameters
        ----------
        node, at
            What holds the reference, and its place: a reference counts from the file in which it stands, and from
            the nearest ``$id`` above it (JSON Schema 2020-12, core 8.2.1).

        Raises
        ------
        Unresolved
            If it leads nowhere.
        """
        document = document.base(node)
        address, fragment = urldefrag(reference)
        base, root = self._base(document, at)
        target = document
        if address:
            target, root = self._document(document, address, base)
        pointer = _place(target, fragment, root)
        if pointer is None and root:  # many count from the file in spite of an $id
            pointer = _place(target, fragment)
        if pointer is None:
            where = "" if target is document else f" in {target.path}"
            raise Unresolved(f"#{fragment} does not exist{where}")
        return target, pointer

    def _base(self, document: ContractDocument, at: Pointer) -> tuple[str, Pointer]:
        """Return the ``$id`` from which a place counts, and where it stands."""
        roots = self._roots.get(document.path, {})
        root = max((root for root in roots if at[: len(root)] == root), key=len, default=())
        return roots.get(root, ""), root

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
            document, pointer = self.follow(document, node["$ref"], node, pointer)
            if (document.path, pointer) in seen or len(seen) > MAX_HOPS:
                raise Unresolved("leads in a circle that never reaches anything")
            seen.add((document.path, pointer))
            node = document.at(pointer)
        return document, node, pointer

    def _document(
        self, document: ContractDocument, address: str, base: str
    ) -> tuple[ContractDocument, Pointer]:
        absolute = urljoin(base, address)
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
            return self.read(path), ()
        except NotAssessable as problem:
            raise Unresolved(f"the file {path} {problem.reason}") from None


def _resources(document: ContractDocument) -> Iterator[tuple[Pointer, str]]:
    """Yield the schemas of a document that have an address of their own (``$id``), with it."""
    known: dict[Pointer, str] = {}
    if not isinstance(document.tree, dict):
        return
    for pointer, node in walk(document.tree):
        own = node.get("$id")
        if isinstance(own, str) and not own.startswith("#"):
            above = max((p for p in known if pointer[: len(p)] == p), key=len, default=None)
            known[pointer] = address = urldefrag(urljoin(known[above] if above is not None else "", own)).url
            yield pointer, address


def _place(document: ContractDocument, fragment: str, root: Pointer = ()) -> Pointer | None:
    """Return the place that a fragment names: a JSON pointer, or an anchor of a schema, below a root."""
    if not fragment:
        return root
    if fragment.startswith("/"):
        pointer = (*root, *documents.steps(fragment))
        return None if document.at(pointer) is MISSING else pointer
    for place, node in walk(document.at(root), root):
        if (
            node.get("$anchor") == fragment
            or node.get("$dynamicAnchor") == fragment
            or node.get("$id") == f"#{fragment}"
        ):
            return place
    return None


def assemble(library: Library, document: ContractDocument) -> tuple[ContractDocument, tuple[str, ...]]:
    """Put what stands in other files in the place of the references to it.

    Returns
    -------
    tuple
        One document of all files, in which every mapping knows its file and lines; and the other files. What is
        referred to a second time stays a reference, so that circles end.

    Raises
    ------
    NotAssessable
        If it nests too deeply.
    """
    if not any(_leads_out(node) for _, node in walk(document.tree)):
        return document, ()
    assembly = _Assembly(library, document)
    tree = assembly.copied(document.tree, document, (), 0)
    whole = ContractDocument(document.path, tree, assembly.lines, document.remarks, assembly.origins)
    return whole, tuple(sorted(assembly.parts))


def _leads_out(node: dict[str, Any]) -> bool:
    reference = node.get("$ref")
    return isinstance(reference, str) and not reference.startswith("#") and not is_url(reference)


class _Assembly:
    """Copies a document and what its references lead to in other files."""

    def __init__(self, library: Library, root: ContractDocument) -> None:
        self.library = library
        self.root = root
        self.lines = dict(root.lines)
        self.origins: dict[int, ContractDocument] = {}
        self.parts: set[str] = set()
        self.placed: set[tuple[str, Pointer]] = set()

    def copied(self, node: Any, document: ContractDocument, at: Pointer, depth: int) -> Any:
        if not isinstance(node, dict | list):
            return node
        if depth > MAX_DEPTH:
            raise NotAssessable(f"nests deeper than {MAX_DEPTH} levels once its files are put together")
        if isinstance(node, dict) and _leads_out(node) and len(node) == 1:
            return self._placed(node, document, at, depth)
        new: Any
        if isinstance(node, list):
            new = [self.copied(item, document, (*at, n), depth + 1) for n, item in enumerate(node)]
        else:
            new = {
                key: value
                if key in DATA or _is_value(key, at, value)
                else self.copied(value, document, (*at, key), depth + 1)
                for key, value in node.items()
            }
        self._note(new, node, document)
        return new

    def _placed(self, node: dict[str, Any], document: ContractDocument, at: Pointer, depth: int) -> Any:
        new: Any = dict(node)
        self._note(new, node, document)
        try:
            target, pointer = self.library.follow(document, node["$ref"], node, at)
        except Unresolved:
            return new
        if target.path == self.root.path:
            new["$ref"] = f"#{documents.written(pointer)}"
            self.origins.pop(id(new), None)
            return new
        self._part(target)
        if (target.path, pointer) in self.placed:
            return new
        self.placed.add((target.path, pointer))
        return self.copied(target.at(pointer), target, pointer, depth + 1)

    def _part(self, document: ContractDocument) -> None:
        """Let the references within another file count from there, also where that file is not copied."""
        if document.path not in self.parts:
            self.parts.add(document.path)
            self.lines |= document.lines
            for _, node in walk(document.tree):
                self.origins[id(node)] = document

    def _note(self, new: Any, node: Any, document: ContractDocument) -> None:
        self.lines[id(new)] = document.lines.get(id(node), {})
        if document is not self.root:
            self.origins[id(new)] = document


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
