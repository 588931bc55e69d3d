"""The settings from engagement.yaml: nodes with lines, read safely."""

from __future__ import annotations

from typing import Any

import yaml

from .grid import decode
from .problem import InputLocation, Problems
from .raw import LocatedNode

DEEPEST = 8
"""Levels of nesting that are read; an engagement needs four."""

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TAGS = {f"tag:yaml.org,2002:{name}" for name in (
    "str", "int", "float", "bool", "timestamp", "map", "seq", "value", "merge",
)}  # fmt: skip
_NULL = "tag:yaml.org,2002:null"


def read(content: bytes, place: InputLocation, problems: Problems) -> LocatedNode | None:
    """Read the content of a YAML file into nodes; note syntax errors, anchors, tags and repeated keys."""
    text = decode(content, place, problems)
    if text is None:
        return None
    try:
        if not _harmless(text, place, problems):
            return None
        root = yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        message = f"YAML syntax error: {error.problem or error.context}"
        allowed = "key: value, with spaces before it and quotes around signs"
        problems.add(place, message, row=mark.line + 1 if mark else None, allowed=allowed)
        return None
    except yaml.YAMLError as error:
        row = text[: getattr(error, "position", 0)].count("\n") + 1
        problems.add(place, "holds a character that YAML does not allow", row=row, allowed="printable text")
        return None
    if root is None or (isinstance(root, yaml.ScalarNode) and root.tag == _NULL):
        problems.add(place, "is empty", allowed="keys and values; client is required")
        return None
    node = _node(root, "", place, problems)
    if not isinstance(node.value, dict):
        problems.add(place, "holds no keys", row=node.line, allowed="key: value")
        return None
    return node


def _harmless(text: str, place: InputLocation, problems: Problems) -> bool:
    """Look at the events first: no anchors, one document, no depth that exhausts the stack."""
    depth = documents = 0
    for event in yaml.parse(text, Loader=_LOADER):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            problems.add(
                place,
                "anchors and aliases (& and *) are not read",
                row=line,
                allowed="the value itself, or quotes around it",
            )
            return False
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                problems.add(place, "a second document starts", row=line, allowed="one document")
                return False
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > DEEPEST:
                problems.add(place, "is nested too deeply", row=line, allowed=f"{DEEPEST} levels")
                return False
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
    return True


def _node(node: yaml.Node, key: str, place: InputLocation, problems: Problems) -> LocatedNode:
    line = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        return LocatedNode(line, _mapping(node, key, place, problems))
    if isinstance(node, yaml.SequenceNode):
        return LocatedNode(
            line, [_node(item, f"{key}[{n}]", place, problems) for n, item in enumerate(node.value, 1)]
        )
    if node.tag == _NULL:
        return LocatedNode(line, None)
    if node.tag not in _TAGS:
        allowed = "the value alone, in quotes where it begins with !"
        problems.add(
            place, "is a YAML tag that is not read", row=line, column=key, value=node.tag, allowed=allowed
        )
    return LocatedNode(line, str(node.value))


def _mapping(
    node: yaml.MappingNode, key: str, place: InputLocation, problems: Problems
) -> dict[str, LocatedNode]:
    nodes: dict[str, LocatedNode] = {}
    for name_node, value in node.value:
        line = name_node.start_mark.line + 1
        if not isinstance(name_node, yaml.ScalarNode):
            problems.add(place, "is no key", row=line, column=key, allowed="a word")
            continue
        name = str(name_node.value)
        dotted = f"{key}.{name}" if key else name
        if name in nodes:
            first = nodes[name].line
            message = f"is given twice (first in line {first})"
            problems.add(place, message, row=line, column=dotted, allowed="each key once")
            continue
        child = _node(value, dotted, place, problems)
        nodes[name] = LocatedNode(line, child.value)
    return nodes
