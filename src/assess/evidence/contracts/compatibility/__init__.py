"""Whether consumers of one version of a contract can go on with the next, whatever its format."""

from __future__ import annotations

import re
from pathlib import Path

from assess.evidence.contracts import formats, languages
from assess.evidence.contracts.contract import Kind
from assess.evidence.contracts.document import ContractDocument, NotAssessable
from assess.evidence.contracts.lint.subject import LintSubject, mapping
from assess.evidence.contracts.references import Library

from . import messages, openapi
from .change import Compatibility, ContractChange, VersionPair
from .messages import compare_asyncapi

__all__ = ["Compatibility", "ContractChange", "between", "compare"]

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


def between(library: Library, old: str, new: str, earlier: Library | None = None) -> Compatibility:
    """Compare two files of a library, or a file of an earlier state with one of the present; see `compare`."""
    if languages.language(old) or languages.language(new):
        return _compare_languages(earlier or library, old, library, new)
    try:
        one, other = _subject(earlier or library, old), _subject(library, new)
    except NotAssessable as problem:
        return Compatibility(old=old, new=new, reason=problem.reason)
    if one.kind != other.kind:
        return Compatibility(old=old, new=new, reason=f"one is {one.kind}, the other {other.kind}")
    try:
        changes = _changes(one, other, in_place=earlier is not None)
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError) as error:
        return Compatibility(
            old=old,
            new=new,
            kind=one.kind,
            reason=f"can't be compared: {type(error).__name__}: {str(error)[:160]}",
        )
    return Compatibility(
        old=old,
        new=new,
        kind=one.kind,
        changes=tuple(
            sorted(
                dict.fromkeys(changes),
                key=lambda c: (_ORDER[c.certainty], c.where, c.path, c.line or 0, c.rule, c.at),
            )
        ),
        announced=_major(_version(one), _version(other)),
    )


def _compare_languages(before: Library, old: str, after: Library, new: str) -> Compatibility:
    """Compare contracts that are no JSON or YAML: GraphQL schemas, by graphql-core."""
    one, other = languages.language(old), languages.language(new)
    if one != other or one != "graphql":
        reason = (
            f"one is {one}, the other {other}" if one != other else f"two versions of {one} are not compared"
        )
        return Compatibility(old=old, new=new, kind=one or "unknown", reason=reason)
    try:
        found = languages.list_changes(before.folder, old, after.folder, new)
    except NotAssessable as problem:
        return Compatibility(old=old, new=new, kind=one, reason=problem.reason)
    except (TypeError, RecursionError) as error:
        return Compatibility(old=old, new=new, kind=one, reason=f"is no schema: {str(error)[:160]}")
    changes = [
        ContractChange(
            rule=rule,
            certainty="certain" if certain else "possible",
            side="request",
            where="GraphQL schema",
            message=message,
            path=new,
            line=line,
            reason="" if certain else "clients that take every case for granted may fail",
        )
        for rule, message, certain, line in found
    ]
    return Compatibility(old=old, new=new, kind=one, changes=tuple(changes))


def _subject(library: Library, path: str) -> LintSubject:
    document: ContractDocument = library.read(path)
    kind, version = formats.kind(document)
    if kind in formats.ASSEMBLED:
        document = library.assembled(path)[0]
    return LintSubject(document, kind, version, library)


def _changes(old: LintSubject, new: LintSubject, *, in_place: bool) -> list[ContractChange]:
    sides = VersionPair(old, new, in_place=in_place)
    kind: Kind = old.kind
    if kind in ("openapi", "swagger"):
        openapi.compare(sides)
    elif kind == "asyncapi":
        compare_asyncapi(sides)
    elif kind == "json-schema":
        before, after = openapi.root(sides, "old"), openapi.root(sides, "new")
        sides.schemas("backward", "new readers of old data", before, after)
        sides.schemas("forward", "old readers of new data", before, after)
    elif kind == "avro":
        _avro(sides)
    else:
        raise ValueError("an event is no contract")
    return sides.changes


def _avro(sides: VersionPair) -> None:
    before, after = sides.old.document.tree, sides.new.document.tree
    place = openapi.root(sides, "new")
    for problem in messages.resolve(before, after):
        sides.tell(
            "avro", "backward", "new readers of old data", f"new readers of old data: {problem}", place
        )
    for problem in messages.resolve(after, before):
        sides.tell("avro", "forward", "old readers of new data", f"old readers of new data: {problem}", place)


def _version(subject: LintSubject) -> str:
    version = mapping(subject.tree.get("info")).get("version")
    return "" if version is None else str(version)


def _major(old: str, new: str) -> bool:
    """Say whether the first number of a version has grown.

    >>> _major("1.9.2", "2.0.0"), _major("1.9.2", "1.10.0"), _major("", "2")
    (True, False, False)
    """
    one, other = _MAJOR.search(old), _MAJOR.search(new)
    return bool(one and other and int(other.group()) > int(one.group()))
