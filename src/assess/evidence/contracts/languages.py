"""Contracts in languages of their own: GraphQL is read and compared by graphql-core; Protocol Buffers, XML Schema and WSDL are registered."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any
from xml.parsers import expat

from .contract import Contract, Issue, Kind
from .document import NotAssessable, decode, read_bytes

if TYPE_CHECKING:
    from graphql import GraphQLSchema

LANGUAGES: dict[str, Kind] = {
    ".graphql": "graphql", ".graphqls": "graphql", ".gql": "graphql", ".proto": "protobuf", ".xsd": "xsd", ".wsdl": "wsdl",
}  # fmt: skip
"""By the ending of the file's name."""
ROOTS = {"xsd": ("schema",), "wsdl": ("definitions", "description")}
"""What the outermost element of an XML contract is called: XML Schema, WSDL 1.1 and 2.0."""
MOST_TOKENS = 500_000
"""Signs and names of a GraphQL schema that are read."""
_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
_STATED = re.compile(r'\bsyntax\s*=\s*["\'](proto[23])["\']|\bedition\s*=\s*["\'](\d+)["\']')
_PACKAGE = re.compile(r"\bpackage\s+([\w.]+)\s*;")
_RPC = re.compile(r"\brpc\s+\w+\s*\(")
_MESSAGE = re.compile(r"\bmessage\s+\w+\s*\{")
_VERSION = re.compile(r"(?:^|[:./_-])v(\d+(?:\.\d+)*(?:(?:alpha|beta)\d*)?)(?=[:./_-]|$)", re.IGNORECASE)


def language(path: str) -> Kind | None:
    """Return the kind of a contract that is no JSON or YAML, by its name; None for any other."""
    return LANGUAGES.get(PurePosixPath(path).suffix.lower())


def judge(folder: Path, path: str) -> Contract:
    """Return what can be said about a contract; see `language`.

    A GraphQL schema is valid or invalid. The others are ``registered`` with name and version: no library in Python that is
    kept judges and compares them.
    """
    kind = language(path) or "unknown"
    try:
        if kind == "graphql":
            return _graphql(folder, path)
        return _protobuf(folder, path) if kind == "protobuf" else _xml(folder, path, kind)
    except NotAssessable as problem:
        return Contract(
            path=path, kind=kind, state="not assessable", reason=problem.reason, line=problem.line
        )


def read_schema(folder: Path, path: str) -> GraphQLSchema:
    """Return a GraphQL schema.

    Raises
    ------
    NotAssessable
        If it is no text of the language.
    TypeError
        If the language's rules forbid it; the message has a line for each breach.
    """
    from graphql import GraphQLError, build_ast_schema, parse
    from graphql.validation.validate import validate_sdl

    text = decode(read_bytes(folder / path))
    try:
        tree = parse(text, max_tokens=MOST_TOKENS)
    except GraphQLError as error:
        line = error.locations[0].line if error.locations else None
        raise NotAssessable(f"is no GraphQL: {error.message}", line) from None
    except RecursionError:
        raise NotAssessable("nests too deeply") from None
    errors = [e for e in validate_sdl(tree) if not e.message.startswith("Unknown directive")]
    if errors:
        raise TypeError("\n".join(f"{e.locations[0].line if e.locations else 1} {e.message}" for e in errors))
    return build_ast_schema(tree, assume_valid_sdl=True)


def _graphql(folder: Path, path: str) -> Contract:
    issues: tuple[Issue, ...] = ()
    operations = 0
    try:
        schema = read_schema(folder, path)
        roots = (schema.query_type, schema.mutation_type, schema.subscription_type)
        operations = sum(len(root.fields) for root in roots if root)
    except TypeError as error:
        parts = [line.partition(" ") for line in str(error).splitlines() if line[:1].isdigit()]
        issues = tuple(
            Issue(
                rule="graphql-schema",
                severity="error",
                message=message,
                path=path,
                line=int(line),
                conformance=True,
            )
            for line, _, message in parts
        )
        if not issues:
            raise NotAssessable(f"can't be read as a schema: {str(error)[:160]}") from None
    return Contract(
        path=path,
        kind="graphql",
        title=PurePosixPath(path).stem,
        version=_version(path),
        state="invalid" if issues else "valid",
        issues=issues,
        operations=operations,
    )


def _protobuf(folder: Path, path: str) -> Contract:
    text = _COMMENT.sub("", decode(read_bytes(folder / path)))
    if not re.search(r"\b(message|enum|service|extend|import)\b", text):
        raise NotAssessable("is no Protocol Buffers: it defines no message, enum or service")
    stated, package = _STATED.search(text), _PACKAGE.search(text)
    title = package.group(1) if package else PurePosixPath(path).stem
    return Contract(
        path=path,
        kind="protobuf",
        format_version=next(filter(None, stated.groups()), "") if stated else "proto2",
        title=title,
        version=_version(title) or _version(path),
        state="registered",
        operations=len(_RPC.findall(text)),
        messages=len(_MESSAGE.findall(text)),
    )


def _xml(folder: Path, path: str, kind: Kind) -> Contract:
    reader = _Elements()
    try:
        reader.read(read_bytes(folder / path))
    except expat.ExpatError as error:
        raise NotAssessable(f"is no XML: {expat.errors.messages[error.code]}", error.lineno) from None
    if reader.root not in ROOTS[kind]:
        raise NotAssessable(f"is no {kind.upper()}: its outermost element is {reader.root[:60]!r}")
    space = reader.attributes.get("targetNamespace", "")
    return Contract(
        path=path,
        kind=kind,
        title=reader.attributes.get("name", "") or space or PurePosixPath(path).stem,
        version=reader.attributes.get("version", "") or _version(space) or _version(path),
        state="registered",
        operations=reader.operations if kind == "wsdl" else 0,
    )


class _Elements:
    """Reads the outermost element of an XML document and counts its operations."""

    def __init__(self) -> None:
        self.root = ""
        self.attributes: dict[str, str] = {}
        self.operations = 0

    def read(self, content: bytes) -> None:
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartElementHandler = self._start
        parser.StartDoctypeDeclHandler = self._refuse
        parser.Parse(content, True)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        plain = name.rpartition(" ")[2]
        if not self.root:
            self.root, self.attributes = plain, attributes
        self.operations += plain == "operation"

    def _refuse(self, *_: object) -> None:
        raise NotAssessable("has a document type, which may define entities; it is not read")


def _version(name: str) -> str:
    """Return the version in a package, namespace or file name, the last where there are several.

    >>> _version("acme.orders.v2beta1"), _version("https://acme.example/ns/v1.2/orders"), _version("orders")
    ('2beta1', '1.2', '')
    """
    found = _VERSION.findall(
        PurePosixPath(name).with_suffix("").as_posix() if name.endswith(tuple(LANGUAGES)) else name
    )
    return str(found[-1]) if found else ""


def list_changes(before: Path, old: str, after: Path, new: str) -> list[tuple[str, str, bool, int | None]]:
    """Return what breaks between two GraphQL schemas: rule, message, whether it is certain, and the line in the new one.

    Raises
    ------
    NotAssessable, TypeError
        If one of them is no schema, see `read_schema`.
    """
    from graphql import find_breaking_changes, find_dangerous_changes

    one, other = read_schema(before, old), read_schema(after, new)
    found = []
    for certain, changes in (
        (True, find_breaking_changes(one, other)),
        (False, find_dangerous_changes(one, other)),
    ):
        for change in changes:
            if change.description.startswith("Standard scalar"):
                continue  # a scalar of the language that is no longer used
            rule = change.type.name.lower().replace("_", "-")
            found.append((rule, change.description.rstrip("."), certain, _line(other, change.description)))
    return found


def _line(schema: Any, message: str) -> int | None:
    """Return the line of the type that a message of graphql-core names."""
    for name in re.findall(r"\w+", message):
        node = getattr(schema.type_map.get(name), "ast_node", None)
        if node is not None and node.loc is not None:
            return int(node.loc.start_token.line)
    return None
