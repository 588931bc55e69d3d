"""One file as plain JSON data with the line of each value, or the reason why it can't be assessed."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import yaml

from . import json_lines

MAX_BYTES = 32 * 1024 * 1024
"""The largest public API descriptions have some 10 MB."""
MAX_DEPTH = 150
"""Levels of nesting; the validator stops at 255, and no contract needs as many."""
MAX_VALUES = 3_000_000
"""Values after every YAML alias is written out: a "billion laughs" file is small and has billions."""

Pointer = tuple[str | int, ...]
Lines = dict[int, dict[str | int, int]]
"""By identity of a mapping or list: the line of each of its entries."""

MISSING: Any = object()
"""What `at` returns for a place that does not exist; None is a value."""


class NotAssessable(Exception):
    """A file that can't be judged, and why, with the line where that is known."""

    def __init__(self, reason: str, line: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = line


@dataclass(frozen=True)
class Remark:
    """Something odd that was put right while reading: a key written twice, a number as a key."""

    rule: str
    pointer: Pointer
    line: int
    message: str


@dataclass(frozen=True)
class ContractDocument:
    """A contract as plain data.

    Parameters
    ----------
    path
        Relative to the engagement folder.
    tree
        Mappings with text keys, lists, texts, numbers, truth values, None; shared parts may be the same object.
    remarks
        What was put right while reading.
    origins
        By identity of a mapping that stands in another file: the document of that file.
    """

    path: str
    tree: Any
    lines: Lines = field(repr=False)
    remarks: tuple[Remark, ...] = ()
    origins: dict[int, ContractDocument] = field(default_factory=dict, repr=False)

    def line(self, pointer: Sequence[str | int]) -> int:
        """Return the line of a place, or of the nearest place above it that exists; the first line is 1."""
        return self.position(pointer)[1]

    def position(self, pointer: Sequence[str | int]) -> tuple[str, int]:
        """Return file and line of a place, or of the nearest place above it that exists."""
        path, line, node = self.path, 1, self.tree
        for step in pointer:
            known = self.lines.get(id(node), {})
            key = str(step) if isinstance(node, dict) else int(step) if str(step).isdigit() else -1
            if key not in known:
                break
            path, line, node = self.base(node).path, known[key], node[key]
        if isinstance(node, dict | list) and self.base(node).path != path:  # it begins another file
            return self.base(node).path, min(self.lines.get(id(node), {}).values(), default=1)
        return path, line

    def base(self, node: Any) -> ContractDocument:
        """Return the document from which the references of a node count."""
        return self.origins.get(id(node), self)

    def at(self, pointer: Sequence[str | int]) -> Any:
        """Return the value at a place, `MISSING` where there is none."""
        node = self.tree
        for step in pointer:
            if isinstance(node, dict) and str(step) in node:
                node = node[str(step)]
            elif isinstance(node, list) and str(step).isdigit() and int(step) < len(node):
                node = node[int(step)]
            else:
                return MISSING
        return node


def written(pointer: Sequence[str | int]) -> str:
    """Return a place as a JSON pointer (RFC 6901).

    >>> written(("paths", "/orders/{id}", "get"))
    '/paths/~1orders~1{id}/get'
    """
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in pointer)


def steps(pointer: str) -> Pointer:
    """Return the steps of a JSON pointer, percent-encoding of a URI fragment undone.

    >>> steps("/paths/~1orders~1%7Bid%7D/get")
    ('paths', '/orders/{id}', 'get')
    """
    decoded = unquote(pointer)
    return tuple(step.replace("~1", "/").replace("~0", "~") for step in decoded.split("/")[1:])


def read(file: Path, path: str) -> ContractDocument:
    """Read a file from disk.

    Raises
    ------
    NotAssessable
        If it is too large, no text in UTF-8, no YAML or JSON, or holds what JSON can't.
    """
    return parse(read_bytes(file), path)


def read_bytes(file: Path) -> bytes:
    """Return the content of a file.

    Raises
    ------
    NotAssessable
        If it is too large or can't be read.
    """
    try:
        if file.stat().st_size > MAX_BYTES:
            raise NotAssessable(f"is larger than {MAX_BYTES // 1024 // 1024} MB")
        return file.read_bytes()
    except OSError as error:
        raise NotAssessable(f"can't be read ({error.strerror or 'no file'})") from None


def parse(content: bytes, path: str) -> ContractDocument:
    """Read the bytes of a file; see `read`."""
    text = decode(content)
    if text.lstrip()[0] in "{[" and Path(path).suffix.lower() not in (".yaml", ".yml"):
        return _json(text, path)
    return _yaml(text, path)


def decode(content: bytes) -> str:
    """Return the text of a file in UTF-8.

    Raises
    ------
    NotAssessable
        If it is none, or empty.
    """
    if b"\0" in content:
        raise NotAssessable("holds NUL bytes: it is no text in UTF-8")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start]
        raise NotAssessable("is not encoded in UTF-8", before.count(b"\n") + 1) from None
    if not text.strip():
        raise NotAssessable("is empty")
    return text


def _json(text: str, path: str) -> ContractDocument:
    _check_depth(text)
    try:
        tree, lines, twice = json_lines.load(text)
    except json.JSONDecodeError as error:
        raise NotAssessable(f"is no JSON: {error.msg}", error.lineno) from None
    except (ValueError, RecursionError) as error:
        raise NotAssessable(f"is no JSON: {error}") from None
    return ContractDocument(path, tree, lines, tuple(_twice(pointer, line) for pointer, line in twice))


def _check_depth(text: str) -> None:
    """Refuse deep nesting before anything recurses into it; brackets within texts don't count."""
    depth = 0
    for found in re.finditer(r'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\Z|\\\Z)|[\[{]|[\]}]', text, re.DOTALL):
        sign = found.group()
        if sign in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise NotAssessable(
                    f"nests deeper than {MAX_DEPTH} levels", text.count("\n", 0, found.start()) + 1
                )
        elif sign in "]}":
            depth -= 1


def _twice(pointer: Pointer, line: int) -> Remark:
    return Remark(
        "duplicate-key",
        pointer,
        line,
        f"The key {pointer[-1]!r} is written twice; readers disagree about which counts",
    )


def _yaml(text: str, path: str) -> ContractDocument:
    try:
        return _Builder(path).build(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise NotAssessable(
            f"is no YAML: {error.problem or 'it ends too early'}", mark.line + 1 if mark else None
        ) from None
    except yaml.YAMLError as error:
        raise NotAssessable(f"is no YAML: {str(error).splitlines()[0]}") from None


_NULL = re.compile(r"~|null|Null|NULL|")
_BOOL = re.compile(r"true|True|TRUE|false|False|FALSE")
_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NO_NUMBER = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_MERGE = "<<"
_TAGS = {
    f"tag:yaml.org,2002:{name}"
    for name in ("str", "int", "float", "bool", "null", "seq", "map", "timestamp")
}  # fmt: skip


def scalar(value: str) -> Any:
    """Return what a plain YAML scalar means by the core schema of YAML 1.2 (10.3.2); dates stay texts.

    >>> scalar("200"), scalar("1e3"), scalar("no"), scalar("2024-11-01"), scalar("~")
    (200, 1000.0, 'no', '2024-11-01', None)

    Raises
    ------
    ValueError
        For infinity and not-a-number, which JSON doesn't have, and numbers too long to be one.
    """
    if _NULL.fullmatch(value):
        return None
    if _BOOL.fullmatch(value):
        return value[0] in "tT"
    if _INT.fullmatch(value):
        return int(value, 0 if value[:2] in ("0o", "0x") else 10)
    if _FLOAT.fullmatch(value):
        number = float(value)
        if number in (float("inf"), float("-inf")):
            raise ValueError(f"the number {value[:20]} is too large")
        return number
    if _NO_NUMBER.fullmatch(value):
        raise ValueError(f"{value} is no JSON number")
    return value


class _Open:
    """A mapping or list that is being read."""

    __slots__ = ("anchor", "key", "key_line", "merges", "node", "pointer", "size")

    def __init__(self, node: Any, anchor: str | None, pointer: Pointer) -> None:
        self.node = node
        self.anchor = anchor
        self.pointer = pointer
        self.key: str | None = None
        self.key_line = 0
        self.size = 1
        self.merges: list[Any] = []


class _Builder:
    """Builds plain data from the events of the parser, without recursion."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.lines: Lines = {}
        self.remarks: list[Remark] = []
        self.anchors: dict[str, tuple[Any, int]] = {}
        self.stack: list[_Open] = []
        self.root: Any = MISSING

    def build(self, text: str) -> ContractDocument:
        documents = 0
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            line = event.start_mark.line + 1 if event.start_mark else 1
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise NotAssessable("holds several documents; one file is one contract", line)
            elif isinstance(event, yaml.ScalarEvent):
                self._scalar(event, line)
            elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
                self._open(event, line)
            elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
                self._close(line)
            elif isinstance(event, yaml.AliasEvent):
                self._alias(str(event.anchor), line)
        if self.root is MISSING:
            raise NotAssessable("is empty")
        return ContractDocument(self.path, self.root, self.lines, tuple(self.remarks))

    def _open(self, event: Any, line: int) -> None:
        if event.tag is not None and event.tag not in _TAGS:
            raise NotAssessable(f"uses the YAML tag {event.tag}, which JSON doesn't have", line)
        if len(self.stack) >= MAX_DEPTH:
            raise NotAssessable(f"nests deeper than {MAX_DEPTH} levels", line)
        above = self.stack[-1] if self.stack else None
        if above is not None and isinstance(above.node, dict) and above.key is None:
            raise NotAssessable("has a list or mapping as a key", line)
        step: Pointer = () if above is None else (above.key if above.key is not None else len(above.node),)
        pointer = (*above.pointer, *step) if above else ()
        node: Any = {} if isinstance(event, yaml.MappingStartEvent) else []
        self.lines[id(node)] = {}
        self.stack.append(_Open(node, event.anchor, pointer))

    def _close(self, line: int) -> None:
        done = self.stack.pop()
        for merged in done.merges:
            for source in merged if isinstance(merged, list) else [merged]:
                if not isinstance(source, dict):
                    raise NotAssessable("merges (<<) what is no mapping", line)
                for key, value in source.items():
                    if key not in done.node:
                        done.node[key] = value
                        self.lines[id(done.node)][key] = self.lines[id(source)].get(key, line)
        if done.anchor:
            self.anchors[done.anchor] = done.node, done.size
        self._put(done.node, line, done.size)

    def _alias(self, anchor: str, line: int) -> None:
        if anchor not in self.anchors:
            inside = any(item.anchor == anchor for item in self.stack)
            raise NotAssessable(
                f"has an alias *{anchor} {'to what holds it' if inside else 'to nothing'}", line
            )
        value, size = self.anchors[anchor]
        above = self.stack[-1] if self.stack else None
        if (
            above is not None
            and isinstance(above.node, dict)
            and above.key is None
            and isinstance(value, dict | list)
        ):
            raise NotAssessable("has a list or mapping as a key", line)
        self._put(value, line, size)

    def _scalar(self, event: Any, line: int) -> None:
        if event.tag is not None and event.tag not in _TAGS and event.tag != "!":
            raise NotAssessable(f"uses the YAML tag {event.tag}, which JSON doesn't have", line)
        text = event.value
        try:
            plain = event.implicit[0] or event.tag in _TAGS - {"tag:yaml.org,2002:str"}
            value = scalar(text) if plain else text
        except ValueError as error:
            raise NotAssessable(f"holds what JSON doesn't have: {error}", line) from None
        above = self.stack[-1] if self.stack else None
        if above is not None and isinstance(above.node, dict) and above.key is None:
            value = self._key(above, text, value, line)
        if event.anchor:
            self.anchors[event.anchor] = value, 1
        self._put(value, line, 1)

    def _key(self, above: _Open, text: str, value: Any, line: int) -> str:
        pointer = (*above.pointer, text)
        if not isinstance(value, str):
            what = "number" if isinstance(value, int | float) and not isinstance(value, bool) else "word"
            message = f"The key {text or 'null'} is written as a {what}; YAML needs quotes to read it as text"
            self.remarks.append(Remark("unquoted-key", pointer, line, message))
        if text in above.node:
            self.remarks.append(_twice(pointer, line))
        return text

    def _put(self, value: Any, line: int, size: int) -> None:
        if not self.stack:
            self.root = value
            return
        above = self.stack[-1]
        if isinstance(above.node, dict) and above.key is None:
            if not isinstance(value, str):
                value = str(value)
            above.key, above.key_line = value, line
            return
        above.size += size
        if above.size > MAX_VALUES:
            raise NotAssessable(
                f"holds more than {MAX_VALUES:,} values once its aliases are written out", line
            )
        if isinstance(above.node, list):
            self.lines[id(above.node)][len(above.node)] = line
            above.node.append(value)
            return
        key = above.key or ""
        above.key = None
        if key == _MERGE:
            above.merges.append(value)
            return
        self.lines[id(above.node)][key] = above.key_line
        above.node[key] = value
