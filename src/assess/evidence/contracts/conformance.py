"""Whether a contract is what its format allows: the published schema, its references, its keys."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import jsonschema_rs
from jsonschema_rs import ValidationError, ValidationErrorKind

from . import avro, formats
from .contract import Issue, IssueSeverity, Kind
from .document import ContractDocument, Pointer, written
from .portable import BOUNDED
from .references import Library, Unresolved, external, walk

MAX_MESSAGE = 220
REFERS = ("$ref", "$dynamicRef", "$recursiveRef", "$id", "$anchor", "$dynamicAnchor")
SCHEMA_RULE = {
    "openapi": "oas3-schema",
    "swagger": "oas2-schema",
    "asyncapi": "asyncapi-schema",
    "json-schema": "json-schema",
    "avro": "avro-schema",
    "cloudevents": "cloudevents-schema",
}
"""Spectral's names where it has one."""
_SEVERITY: dict[str, IssueSeverity] = {"unquoted-key": "warning"}


def check(document: ContractDocument, kind: Kind, version: str, library: Library) -> list[Issue]:
    """Return what a format's specification forbids, and what reading had to put right.

    Parameters
    ----------
    kind, version
        As `formats.kind` returns them.
    library
        Where references lead.
    """
    found = [
        Issue(
            rule=remark.rule,
            severity=_SEVERITY.get(remark.rule, "error"),
            message=remark.message,
            path=document.path,
            pointer=written(remark.pointer),
            line=remark.line,
            conformance=remark.rule not in _SEVERITY,
        )
        for remark in document.remarks
    ]
    if kind == "avro":
        return [*found, *_avro(document)]
    found += [
        _issue(document, SCHEMA_RULE[kind], pointer, message)
        for pointer, message in schema_errors(formats.validator(kind, version), document.tree)
    ]
    if kind != "cloudevents":
        found += references(document, library)
    if kind == "json-schema" and not any(issue.severity == "error" for issue in found):
        found += _uncompilable(document)
    return found


def _avro(document: ContractDocument) -> list[Issue]:
    found = [_issue(document, "avro-schema", p, m) for p, m in avro.check(document.tree)]
    for pointer, node in walk(document.tree):
        for place, message in avro.ignored(node):
            issue = _issue(document, "avro-logical-type", (*pointer, *place), message)
            found.append(issue.model_copy(update={"severity": "warning", "conformance": False}))
    return found


def _issue(document: ContractDocument, rule: str, pointer: Sequence[str | int], message: str) -> Issue:
    path, line = document.position(pointer)
    return Issue(
        rule=rule,
        severity="error",
        message=message[:MAX_MESSAGE],
        path=path,
        pointer=written(pointer),
        line=line,
        conformance=True,
    )


def schema_errors(validator: jsonschema_rs.Validator, tree: Any) -> list[tuple[Pointer, str]]:
    """Return what a schema rejects, each at its deepest place: a choice that fails is explained by its nearest branch."""
    found: dict[tuple[Pointer, str], None] = {}
    for error in validator.iter_errors(tree):
        for leaf in leaves(error):
            found[tuple(leaf.instance_path), say(leaf)] = None
    return list(found)


def leaves(error: ValidationError) -> Iterator[ValidationError]:
    """Yield why a value is rejected: where every branch of a choice fails, why its nearest branch does."""
    kind = error.kind
    if not isinstance(kind, ValidationErrorKind.OneOfNotValid | ValidationErrorKind.AnyOf):
        yield error
        return
    branches = [branch for branch in kind.context if branch and not _no_reference(branch)]
    if not branches or (len(branches) > 1 and len(error.instance_path) >= max(map(_depth, branches))):
        nearest = min(branches, key=len, default=None)
        if nearest is None or (len(branches) > 1 and not isinstance(error.instance, dict)):
            yield error
            return
    else:
        nearest = max(branches, key=lambda branch: (_depth(branch), -len(branch)))
    for part in nearest:
        yield from leaves(part)


def _no_reference(branch: list[ValidationError]) -> bool:
    """Say whether a branch only fails because the thing is no ``$ref``: that explains nothing."""
    return any(
        isinstance(error.kind, ValidationErrorKind.Required) and error.kind.property == "$ref"
        for error in branch
    )


def _depth(branch: list[ValidationError]) -> int:
    return max(len(error.instance_path) for error in branch)


def say(error: ValidationError) -> str:
    """Return in words what a value lacks or has too much."""
    kind = error.kind
    match kind:
        case ValidationErrorKind.Required():
            return f"{kind.property!r} is missing"
        case ValidationErrorKind.AdditionalProperties() | ValidationErrorKind.UnevaluatedProperties():
            return f"{', '.join(repr(name) for name in kind.unexpected[:5])} is not allowed here"
        case ValidationErrorKind.Type():
            return f"must be {' or '.join(map(str, kind.types))}, is {_word(error.instance)}"
        case ValidationErrorKind.Enum():
            allowed = ", ".join(map(str, kind.options[:12]))
            return f"{_short(error.instance)} is not one of {allowed}"
        case ValidationErrorKind.OneOfNotValid() | ValidationErrorKind.AnyOf():
            return f"{_short(error.instance)} is in none of the forms that are allowed here"
        case ValidationErrorKind.OneOfMultipleValid():
            return f"{_short(error.instance)} is in two forms at once, of which one is allowed"
    return error.message[:MAX_MESSAGE]


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _word(value: Any) -> str:
    names = {dict: "an object", list: "an array", str: "a text", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")


def references(document: ContractDocument, library: Library) -> list[Issue]:
    """Return the references that lead nowhere; ``invalid-ref`` is Spectral's name."""
    found = []
    for pointer, node in walk(document.tree):
        reference = node.get("$ref")
        if not isinstance(reference, str) or external(reference):
            continue
        try:
            library.resolve(document, node, pointer)
        except Unresolved as problem:
            issue = _issue(document, "invalid-ref", (*pointer, "$ref"), problem.message)
            if problem.elsewhere:
                issue = issue.model_copy(
                    update={"rule": "external-reference", "severity": "info", "conformance": False}
                )
            found.append(issue)
    return found


def _uncompilable(document: ContractDocument) -> list[Issue]:
    """Return why a schema that looks right can't be used, such as a pattern that is no regular expression."""
    try:
        jsonschema_rs.validator_for(_alone(document.tree), offline=True, pattern_options=BOUNDED)
    except jsonschema_rs.ValidationError as error:
        return [_issue(document, "json-schema", error.instance_path, say(error))]
    return []


def _alone(tree: Any) -> Any:
    """Return a schema without what it refers to: `references` judges that, and knows the other files."""
    if isinstance(tree, list):
        return [_alone(item) for item in tree]
    if not isinstance(tree, dict):
        return tree
    return {
        key: _alone(value) for key, value in tree.items() if not (key in REFERS and isinstance(value, str))
    }
