"""Two versions of one contract compared."""

from __future__ import annotations

import re
from pathlib import Path

from assess.evidence.contracts import formats
from assess.evidence.contracts.contract import Kind
from assess.evidence.contracts.document import Document, NotAssessable
from assess.evidence.contracts.lint.subject import Subject, mapping
from assess.evidence.contracts.references import Library

from . import asyncapi, avro, openapi
from .change import Change, Compatibility
from .sides import Sides

_ORDER = {"proved": 0, "certain": 1, "possible": 2}
_MAJOR = re.compile(r"[0-9]+")


def compare(old: Path, new: Path) -> Compatibility:
    """Compare two files that hold versions of one contract: OpenAPI, Swagger, AsyncAPI, JSON Schema or Avro.

    Parameters
    ----------
    old, new
        Files; references between files are followed within the folder that holds both.

    Returns
    -------
    Compatibility
        Its verdict is "not assessable" with the reason where a file is no contract, or they are of two kinds.
    """
    old, new = old.resolve(), new.resolve()
    folder = next(p for p in old.parents if p in new.parents)
    library = Library(folder)
    return between(library, old.relative_to(folder).as_posix(), new.relative_to(folder).as_posix())


def between(library: Library, old: str, new: str) -> Compatibility:
    """Compare two files of a library; see `compare`."""
    try:
        one, other = _subject(library, old), _subject(library, new)
    except NotAssessable as problem:
        return Compatibility(old=old, new=new, reason=problem.reason)
    if one.kind != other.kind:
        return Compatibility(old=old, new=new, reason=f"one is {one.kind}, the other {other.kind}")
    try:
        changes = _changes(one, other)
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError) as error:
        return Compatibility(
            old=old,
            new=new,
            kind=one.kind,
            reason=f"can't be compared: {type(error).__name__}: {str(error)[:160]}",
        )
    versions = _version(one), _version(other)
    return Compatibility(
        old=old,
        new=new,
        kind=one.kind,
        old_version=versions[0],
        new_version=versions[1],
        changes=tuple(
            sorted(
                dict.fromkeys(changes),
                key=lambda c: (_ORDER[c.certainty], c.where, c.path, c.line or 0, c.rule, c.at),
            )
        ),
        announced=_major(*versions),
    )


def _subject(library: Library, path: str) -> Subject:
    document: Document = library.read(path)
    kind, version = formats.kind(document)
    return Subject(document, kind, version, library)


def _changes(old: Subject, new: Subject) -> list[Change]:
    sides = Sides(old, new)
    kind: Kind = old.kind
    if kind in ("openapi", "swagger"):
        openapi.compare(sides)
    elif kind == "asyncapi":
        asyncapi.compare(sides)
    elif kind == "json-schema":
        before, after = openapi.root(sides, "old"), openapi.root(sides, "new")
        sides.schemas("backward", "new readers of old data", before, after)
        sides.schemas("forward", "old readers of new data", before, after)
    elif kind == "avro":
        _avro(sides)
    else:
        raise ValueError("an event is no contract")
    return sides.changes


def _avro(sides: Sides) -> None:
    before, after = sides.old.document.tree, sides.new.document.tree
    place = openapi.root(sides, "new")
    for problem in avro.resolve(before, after):
        sides.tell(
            "avro", "backward", "new readers of old data", f"new readers of old data: {problem}", place
        )
    for problem in avro.resolve(after, before):
        sides.tell("avro", "forward", "old readers of new data", f"old readers of new data: {problem}", place)


def _version(subject: Subject) -> str:
    version = mapping(subject.tree.get("info")).get("version")
    return "" if version is None else str(version)


def _major(old: str, new: str) -> bool:
    """Say whether the first number of a version has grown.

    >>> _major("1.9.2", "2.0.0"), _major("1.9.2", "1.10.0"), _major("", "2")
    (True, False, False)
    """
    one, other = _MAJOR.search(old), _MAJOR.search(new)
    return bool(one and other and int(other.group()) > int(one.group()))
