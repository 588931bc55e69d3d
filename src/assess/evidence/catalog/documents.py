"""YAML files to documents: plain data with the line of every value, and what is wrong with the rest.

Values are read as YAML 1.2 reads them (core schema), as Backstage does: ``yes``, ``on`` and ``2026-12-31`` are texts.
The text is split at its ``---`` lines first, so that a mistake in one document does not hide the others.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from typing import Any

import yaml

DEEPEST = 60
"""Levels of nesting that are read."""
LARGEST = 200_000
"""Values of one document, its aliases written out."""

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_START = re.compile(r"^---(?=[ \t\r\n]|\Z)", re.MULTILINE)
_NOTHING = re.compile(r"(?:[ \t]*(?:#.*|%.*|---|\.\.\.)?[ \t]*\r?\n?)*\Z")
_INT = re.compile(r"[-+]?[0-9]+\Z|0o[0-7]+\Z|0x[0-9a-fA-F]+\Z")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")
_WORDS = {"": None, "~": None, "null": None, "Null": None, "NULL": None,
          "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}  # fmt: skip


class Unreadable(Exception):
    """A document that is no YAML; ``line`` counts from the start of the document, 0 for the first."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


@dataclass(frozen=True)
class Document:
    """One document of a file.

    Parameters
    ----------
    data
        Mappings, lists, texts, numbers, truth values and None.
    lines
        Line in the file of every key or item, by its path such as ``spec.dependsOn.0``; the empty path is the document.
    text
        As it was written.
    line
        First line of its content.
    problem
        Why it could not be read, and where; empty where it could. `data` is None then.
    """

    data: Any
    lines: dict[str, int]
    text: str
    line: int
    problem: str = ""


def documents(text: str) -> Iterator[Document]:
    """Yield the documents of a file in their order; empty ones are left out."""
    starts = [match.start() for match in _START.finditer(text)]
    bounds = [*([0] if not starts or starts[0] else []), *starts, len(text)]
    before = 0
    for start, end in pairwise(bounds):
        part = text[start:end]
        if not _NOTHING.match(part):
            try:
                for data, lines in _built(part, before):
                    yield Document(data, lines, part, lines[""])
            except Unreadable as error:
                line = before + error.line + 1
                yield Document(None, {"": line}, part, line, str(error))
        before += part.count("\n")


@lru_cache(maxsize=4096)
def core(text: str) -> str | int | float | bool | None:
    """Return the value of a plain scalar under the core schema of YAML 1.2 (section 10.3.2).

    Infinity and NaN stay texts: no JSON has a word for them.

    >>> [core(text) for text in ("yes", "2026-12-31", "0x1F", "007", "1e3", "~", "True")]
    ['yes', '2026-12-31', 31, 7, 1000.0, None, True]
    """
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in "+-.0123456789":
        return text
    if _INT.match(text) and len(text) < 300:
        return int(text, 0) if text[:2] in ("0o", "0x") else int(text)
    if _FLOAT.match(text) and (value := float(text)) == value and abs(value) != float("inf"):
        return value
    return text


@dataclass
class _Frame:
    """A mapping or list that is being filled."""

    value: dict[str, Any] | list[Any]
    path: str
    anchor: str | None
    before: int
    key: str | None = None
    key_line: int = 0

    @property
    def next_path(self) -> str:
        end = self.key if isinstance(self.value, dict) else str(len(self.value))
        return f"{self.path}.{end}" if self.path else str(end)


@dataclass
class _Builder:
    """Fills mappings and lists from the events of a parser, without recursion."""

    before: int
    lines: dict[str, int] = field(default_factory=dict)
    stack: list[_Frame] = field(default_factory=list)
    anchors: dict[str, tuple[Any, int]] = field(default_factory=dict)
    size: int = 0
    root: Any = None

    def take(self, event: Any) -> None:
        """Take one event of a document."""
        line = event.start_mark.line
        match event:
            case yaml.ScalarEvent():
                self._scalar(event, line)
            case yaml.CollectionEndEvent():
                done = self.stack.pop()
                if done.anchor:
                    self.anchors[done.anchor] = (done.value, self.size - done.before)
            case yaml.CollectionStartEvent():
                value: Any = {} if isinstance(event, yaml.MappingStartEvent) else []
                if self.stack and self.stack[-1].key is None and isinstance(self.stack[-1].value, dict):
                    raise Unreadable("has a key that is no word", line)
                if len(self.stack) >= DEEPEST:
                    raise Unreadable(f"is nested more than {DEEPEST} levels deep", line)
                path = self._put(value, line)
                self.stack.append(_Frame(value, path, event.anchor, self.size))
            case yaml.AliasEvent():
                if event.anchor not in self.anchors:
                    raise Unreadable(f"refers to the anchor {event.anchor}, which is not above", line)
                value, size = self.anchors[event.anchor]
                self._count(size, line)
                self._put(value, line)

    def _scalar(self, event: Any, line: int) -> None:
        top = self.stack[-1] if self.stack else None
        if top is not None and top.key is None and isinstance(top.value, dict):
            if event.value in top.value:
                raise Unreadable(f"has the key {event.value[:60]} twice", line)
            top.key, top.key_line = event.value, line
            return
        plain = event.implicit[0] or (event.tag or "").endswith((":int", ":float", ":bool", ":null"))
        value = core(event.value) if plain else event.value
        if event.anchor:
            self.anchors[event.anchor] = (value, 1)
        self._put(value, line)

    def _put(self, value: Any, line: int) -> str:
        self._count(1, line)
        if not self.stack:
            self.root, path = value, ""
        else:
            top = self.stack[-1]
            path = top.next_path
            if isinstance(top.value, dict):
                assert top.key is not None
                top.value[top.key], top.key, line = value, None, top.key_line
            else:
                top.value.append(value)
        self.lines[path] = self.before + line + 1
        return path

    def _count(self, size: int, line: int) -> None:
        self.size += size
        if self.size > LARGEST:
            raise Unreadable(f"holds more than {LARGEST:,} values, its aliases written out", line)


def _built(text: str, before: int) -> Iterator[tuple[Any, dict[str, int]]]:
    builder = _Builder(before)
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            if isinstance(event, yaml.DocumentStartEvent):
                builder = _Builder(before)
            elif isinstance(event, yaml.DocumentEndEvent):
                yield builder.root, builder.lines
            else:
                builder.take(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise Unreadable(f"is no YAML: {error.problem or error.context}", mark.line if mark else 0) from None
    except yaml.YAMLError as error:
        line = text[: getattr(error, "position", 0)].count("\n")
        raise Unreadable("holds a character that YAML does not allow", line) from None
