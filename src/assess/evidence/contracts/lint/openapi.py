"""Rules for OpenAPI, by the names and severities of Spectral's rule set ``oas``."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from assess.evidence.contracts.document import MISSING, Pointer, steps

from .subject import Hit, LintRule, LintSubject, Operation, listing, mapping

ANY = ("openapi", "swagger")
THREE = ("openapi",)
_TEMPLATE = re.compile(r"\{([^{}]*)\}")
_IN_URL = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=]*")


def info_contact(subject: LintSubject) -> Iterator[Hit]:
    """Spectral wants the object; whether it says anything is its own rule."""
    if not mapping(subject.tree.get("info")).get("contact"):
        yield ("info",), "Nobody is named as contact"


def info_description(subject: LintSubject) -> Iterator[Hit]:
    """What the API is for."""
    info = mapping(subject.tree.get("info"))
    if not info.get("description"):
        yield _at(("info",), info, "description"), "The API has no description"


def info_version(subject: LintSubject) -> Iterator[Hit]:
    """Consumers can't tell one version from the next without it."""
    version = mapping(subject.tree.get("info")).get("version")
    if version is not None and not str(version).strip():
        yield ("info", "version"), "The version is empty"


def api_servers(subject: LintSubject) -> Iterator[Hit]:
    """Where the API is."""
    if not listing(subject.tree.get("servers")):
        yield _at((), subject.tree, "servers"), "No server is named"


def server_trailing_slash(subject: LintSubject) -> Iterator[Hit]:
    """Paths begin with a slash."""
    for number, server in enumerate(listing(subject.tree.get("servers"))):
        url = mapping(server).get("url")
        if isinstance(url, str) and url.endswith("/") and url != "/":
            yield ("servers", number, "url"), "The URL of the server ends in a slash"


def server_variables(subject: LintSubject) -> Iterator[Hit]:
    """Each variable of a URL is defined, and each that is defined is used."""
    for number, server in enumerate(listing(subject.tree.get("servers"))):
        url = mapping(server).get("url")
        if not isinstance(url, str):
            continue
        used, defined = set(_TEMPLATE.findall(url)), mapping(mapping(server).get("variables"))
        for name in sorted(used - defined.keys()):
            yield ("servers", number), f"The variable {name!r} of the URL is not defined"
        for name in sorted(defined.keys() - used):
            yield ("servers", number, "variables", name), f"The variable {name!r} is not in the URL"
        for name, variable in defined.items():
            allowed = mapping(variable).get("enum")
            if isinstance(allowed, list) and mapping(variable).get("default", MISSING) not in [
                *allowed,
                MISSING,
            ]:
                yield (
                    ("servers", number, "variables", name, "default"),
                    f"The default of {name!r} is not in its enum",
                )


def operation_id(subject: LintSubject) -> Iterator[Hit]:
    """Tools name functions by it."""
    for operation in subject.operations:
        if not operation.node.get("operationId"):
            yield (
                _at(operation.pointer, operation.node, "operationId"),
                f"{_said(operation)} has no operationId",
            )


def operation_id_unique(subject: LintSubject) -> Iterator[Hit]:
    """OpenAPI: "the id MUST be unique among all operations described in the API"."""
    named = [operation for operation in subject.operations if operation.node.get("operationId")]
    counts = Counter(str(operation.node["operationId"]) for operation in named)
    for operation in named:
        name = str(operation.node["operationId"])
        if counts[name] > 1:
            yield (
                (*operation.pointer, "operationId"),
                f"The operationId {name!r} is there {counts[name]} times",
            )


def operation_id_in_url(subject: LintSubject) -> Iterator[Hit]:
    """Links name operations in URLs."""
    for operation in subject.operations:
        name = operation.node.get("operationId")
        if isinstance(name, str) and not _IN_URL.fullmatch(name):
            yield (
                (*operation.pointer, "operationId"),
                f"The operationId {name!r} has signs that a URL can't hold",
            )


def operation_description(subject: LintSubject) -> Iterator[Hit]:
    """A summary names it, a description says what it does."""
    for operation in subject.operations:
        if not operation.node.get("description"):
            yield (
                _at(operation.pointer, operation.node, "description"),
                f"{_said(operation)} has no description",
            )


def operation_tags(subject: LintSubject) -> Iterator[Hit]:
    """Documentation groups operations by tags."""
    for operation in subject.operations:
        if not listing(operation.node.get("tags")):
            yield _at(operation.pointer, operation.node, "tags"), f"{_said(operation)} has no tag"


def operation_tag_defined(subject: LintSubject) -> Iterator[Hit]:
    """A tag says what it means in the list of tags."""
    known = {mapping(tag).get("name") for tag in listing(subject.tree.get("tags"))}
    for operation in subject.operations:
        for number, tag in enumerate(listing(operation.node.get("tags"))):
            if isinstance(tag, str) and tag not in known:
                yield (*operation.pointer, "tags", number), f"The tag {tag!r} is not in the list of tags"


def tags_unique(subject: LintSubject) -> Iterator[Hit]:
    """OpenAPI: "each tag name in the list MUST be unique"."""
    names = [str(mapping(tag).get("name")) for tag in listing(subject.tree.get("tags"))]
    for number, name in enumerate(names):
        if name in names[:number]:
            yield ("tags", number, "name"), f"The tag {name!r} is there twice"


def success_response(subject: LintSubject) -> Iterator[Hit]:
    """What comes back when all goes well."""
    for operation in subject.operations:
        codes = mapping(operation.node.get("responses"))
        if "responses" in operation.node and not any(code[:1] in ("2", "3") for code in codes):
            yield (*operation.pointer, "responses"), f"{_said(operation)} has no response with 2xx or 3xx"


def error_response(subject: LintSubject) -> Iterator[Hit]:
    """What comes back when it does not: the consumer has to handle it."""
    for operation in subject.operations:
        codes = mapping(operation.node.get("responses"))
        if "responses" in operation.node and not any(
            code[:1] in ("4", "5") or code == "default" for code in codes
        ):
            yield (*operation.pointer, "responses"), f"{_said(operation)} has no error response"


def operation_parameters(subject: LintSubject) -> Iterator[Hit]:
    """OpenAPI: the list "MUST NOT include duplicated parameters", by name and location."""
    for operation in subject.operations:
        seen: set[tuple[str, str]] = set()
        for number, given in enumerate(listing(operation.node.get("parameters"))):
            parameter = subject.resolved(given)
            key = (str(parameter.get("name")), str(parameter.get("in")))
            if parameter and key in seen:
                yield (
                    (*operation.pointer, "parameters", number),
                    f"The parameter {key[0]!r} in {key[1]} is there twice",
                )
            seen.add(key)


def path_params(subject: LintSubject) -> Iterator[Hit]:
    """OpenAPI: each ``{name}`` of a path corresponds to a required path parameter, and the reverse."""
    shapes: dict[str, str] = {}
    for path in mapping(subject.tree.get("paths")):
        shape = _TEMPLATE.sub("{}", path)
        if path.startswith("/") and shape in shapes:
            yield ("paths", path), f"The path is the same as {shapes[shape]}"
        shapes.setdefault(shape, path)
        names = _TEMPLATE.findall(path)
        for name in sorted({name for name in names if names.count(name) > 1}):
            yield ("paths", path), f"The path uses the parameter {name!r} twice"
    for operation in subject.operations:
        yield from _path_params(subject, operation)


def _path_params(subject: LintSubject, operation: Operation) -> Iterator[Hit]:
    defined: dict[str, Pointer] = {}
    item = operation.pointer[:-1]
    given = [((*item, "parameters", i), p) for i, p in enumerate(listing(operation.item.get("parameters")))]
    given += [
        ((*operation.pointer, "parameters", i), p)
        for i, p in enumerate(listing(operation.node.get("parameters")))
    ]
    for pointer, node in given:
        parameter = subject.resolved(node)
        if parameter.get("in") == "path" and isinstance(parameter.get("name"), str):
            defined[parameter["name"]] = pointer
            if parameter.get("required") is not True:
                yield pointer, f"The path parameter {parameter['name']!r} must be required"
    used = set(_TEMPLATE.findall(operation.path))
    for name in sorted(used - defined.keys()):
        yield operation.pointer, f"{_said(operation)} does not define the path parameter {name!r}"
    for name in sorted(defined.keys() - used):
        if defined[name][: len(operation.pointer)] == operation.pointer:
            yield defined[name], f"The path parameter {name!r} is not in the path"


def path_declarations(subject: LintSubject) -> Iterator[Hit]:
    """``{}`` names nothing."""
    for path in mapping(subject.tree.get("paths")):
        if "{}" in path:
            yield ("paths", path), "The path has a parameter without a name"


def path_trailing_slash(subject: LintSubject) -> Iterator[Hit]:
    """``/orders`` and ``/orders/`` are two paths."""
    for path in mapping(subject.tree.get("paths")):
        if path.endswith("/") and path != "/":
            yield ("paths", path), "The path ends in a slash"


def path_query(subject: LintSubject) -> Iterator[Hit]:
    """Query parameters are parameters."""
    for path in mapping(subject.tree.get("paths")):
        if "?" in path:
            yield ("paths", path), "The path holds a query"


def ref_siblings(subject: LintSubject) -> Iterator[Hit]:
    """Up to OpenAPI 3.0 what stands beside a ``$ref`` is ignored, silently."""
    for pointer, node in subject.nodes:
        if (
            isinstance(node.get("$ref"), str)
            and len(node) > 1
            and not (len(pointer) == 2 and pointer[0] == "paths")
        ):
            for key in node:
                if key != "$ref":
                    yield (*pointer, key), "Nothing that stands beside a $ref counts"


def security_defined(subject: LintSubject) -> Iterator[Hit]:
    """Each scheme that an operation needs is defined, and each scope of OAuth2 is one of the scheme's."""
    section = ("securityDefinitions",) if subject.kind == "swagger" else ("components", "securitySchemes")
    known = mapping(subject.document.at(section) if subject.document.at(section) is not MISSING else None)
    places = [((), subject.tree)] + [(operation.pointer, operation.node) for operation in subject.operations]
    for pointer, node in places:
        for number, requirement in enumerate(listing(node.get("security"))):
            for name in mapping(requirement):
                if name not in known:
                    yield (*pointer, "security", number, name), f"The security scheme {name!r} is not defined"


def examples_value(subject: LintSubject) -> Iterator[Hit]:
    """An example has a value or the address of one, not both."""
    for pointer, node in subject.nodes:
        if (
            len(pointer) > 1
            and pointer[-2] == "examples"
            and ("value" in node) == ("externalValue" in node)
            and "$ref" not in node
        ):
            yield pointer, "An example has either 'value' or 'externalValue'"


def unused_component(subject: LintSubject) -> Iterator[Hit]:
    """What nothing refers to is dead, or its reference is missing."""
    root = "definitions" if subject.kind == "swagger" else "components"
    section: Pointer = (root,)
    parts = mapping(subject.tree.get(root))
    groups = {"": parts} if subject.kind == "swagger" else {k: mapping(v) for k, v in parts.items()}
    used = {
        steps(node["$ref"].partition("#")[2])
        for _, node in subject.nodes
        if isinstance(node.get("$ref"), str)
    }
    used |= {steps(ref.partition("#")[2]) for ref in _discriminated(subject)}
    reached = {reference[:depth] for reference in used for depth in (2, 3)}
    for group, items in groups.items():
        place = (*section, group) if group else section
        if group == "securitySchemes" or group.startswith("x-"):
            continue
        for name in items:
            if (*place, name) not in reached:
                yield (*place, name), f"Nothing uses {name!r}"


def _discriminated(subject: LintSubject) -> Iterator[str]:
    for _, node in subject.nodes:
        targets = mapping(mapping(node.get("discriminator")).get("mapping")).values()
        yield from (t if "#" in t else f"#/components/schemas/{t}" for t in targets if isinstance(t, str))


def api_host(subject: LintSubject) -> Iterator[Hit]:
    """Where a Swagger 2.0 API is."""
    if not subject.tree.get("host"):
        yield (), "No host is named"


def api_schemes(subject: LintSubject) -> Iterator[Hit]:
    """By which protocol a Swagger 2.0 API is reached."""
    if not listing(subject.tree.get("schemes")):
        yield (), "No scheme (https) is named"


def _at(pointer: Pointer, node: dict[str, Any], key: str) -> Pointer:
    """Return the place of an entry that is empty, or of what lacks it."""
    return (*pointer, key) if key in node else pointer


def _said(operation: Operation) -> str:
    return f"{operation.method.upper()} {operation.path}"


RULES = (
    LintRule("info-contact", "warning", ANY, info_contact),
    LintRule("info-description", "warning", ANY, info_description),
    LintRule("info-version", "warning", ANY, info_version),
    LintRule("oas3-api-servers", "warning", THREE, api_servers),
    LintRule("oas3-server-trailing-slash", "warning", THREE, server_trailing_slash),
    LintRule("oas3-server-variables", "error", THREE, server_variables, conformance=True),
    LintRule("operation-operationId", "warning", ANY, operation_id),
    LintRule("operation-operationId-unique", "error", ANY, operation_id_unique, conformance=True),
    LintRule("operation-operationId-valid-in-url", "warning", ANY, operation_id_in_url),
    LintRule("operation-description", "warning", ANY, operation_description),
    LintRule("operation-tags", "warning", ANY, operation_tags),
    LintRule("operation-tag-defined", "warning", ANY, operation_tag_defined),
    LintRule("openapi-tags-uniqueness", "error", ANY, tags_unique, conformance=True),
    LintRule("operation-success-response", "warning", ANY, success_response),
    LintRule("operation-error-response", "warning", ANY, error_response),
    LintRule("operation-parameters", "warning", ANY, operation_parameters, conformance=True),
    LintRule("path-params", "error", ANY, path_params, conformance=True),
    LintRule("path-declarations-must-exist", "warning", ANY, path_declarations),
    LintRule("path-keys-no-trailing-slash", "warning", ANY, path_trailing_slash),
    LintRule("path-not-include-query", "warning", ANY, path_query),
    LintRule("no-$ref-siblings", "error", ("openapi 3.0", "swagger"), ref_siblings),
    LintRule("oas3-operation-security-defined", "warning", THREE, security_defined),
    LintRule("oas2-operation-security-defined", "warning", ("swagger",), security_defined),
    LintRule("oas3-examples-value-or-externalValue", "warning", THREE, examples_value),
    LintRule("oas3-unused-component", "warning", THREE, unused_component),
    LintRule("oas2-unused-definition", "warning", ("swagger",), unused_component),
    LintRule("oas2-api-host", "warning", ("swagger",), api_host),
    LintRule("oas2-api-schemes", "warning", ("swagger",), api_schemes),
)
