"""The files of a catalog as plain data with the line of every value, held against Backstage's schemas.

Files are read within the engagement, never over the network. Values are read as YAML 1.2 reads them (core schema), as
Backstage does: ``yes``, ``on`` and ``2026-12-31`` are texts. The text is split at its ``---`` lines first, so that a
mistake in one document does not hide the others. The official JSON schemas are vendored in ``backstage/``.
"""

from __future__ import annotations

import glob
import json
import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from itertools import islice, pairwise
from pathlib import Path
from typing import Any, get_args

import jsonschema_rs
import yaml

from assess.core.grants import is_url
from assess.intake.engagement import Engagement
from assess.intake.location import escapes, forward, unopenable
from assess.intake.problem import InputLocation, Problems
from assess.intake.text_files import decode

from .entity import Kind, Text

DEEPEST = 60
"""Levels of nesting that are read."""
LARGEST = 200_000
"""Values of one document, its aliases written out."""

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_START = re.compile(r"^---(?=[ \t\r\n]|\Z)", re.MULTILINE)
_INT = re.compile(r"[-+]?[0-9]+\Z|0o[0-7]+\Z|0x[0-9a-fA-F]+\Z")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")
_TYPED = (":int", ":float", ":bool", ":null")
_WORDS = {"": None, "~": None, "null": None, "Null": None, "NULL": None,
          "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}  # fmt: skip


class UnreadableDescriptor(Exception):
    """A document that is no YAML; ``line`` counts from the start of the document, 0 for the first."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


@dataclass(frozen=True)
class DescriptorDocument:
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


def documents(text: str) -> Iterator[DescriptorDocument]:
    """Yield the documents of a file in their order; empty ones are left out."""
    starts = [match.start() for match in _START.finditer(text)]
    bounds = [*([0] if not starts or starts[0] else []), *starts, len(text)]
    before = 0
    for start, end in pairwise(bounds):
        part = text[start:end]
        if any(map(_holds, part.split("\n"))):
            try:
                for data, lines in _built(part, before):
                    yield DescriptorDocument(data, lines, part, lines[""])
            except UnreadableDescriptor as error:
                line = before + error.line + 1
                yield DescriptorDocument(None, {"": line}, part, line, str(error))
        before += part.count("\n")


def _holds(line: str) -> bool:
    """Return whether a line is more than a comment, a directive or a mark of a document's beginning or end."""
    plain = line.strip(" \t\r")
    return bool(plain) and plain[0] not in "#%" and plain not in ("---", "...")


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


class _Frame:
    """A mapping or list that is being filled; ``before`` is how many values stood before it."""

    __slots__ = ("anchor", "before", "key", "key_line", "path", "value")

    def __init__(self, value: dict[str, Any] | list[Any], path: str, anchor: str | None, before: int) -> None:
        self.value, self.path, self.anchor, self.before = value, path, anchor, before
        self.key: str | None = None
        self.key_line = 0


class _Builder:
    """Fills mappings and lists from the events of a parser, without recursion."""

    def __init__(self, before: int) -> None:
        self.before = before + 1
        self.lines: dict[str, int] = {}
        self.stack: list[_Frame] = []
        self.anchors: dict[str, tuple[Any, int]] = {}
        self.size = 0
        self.root: Any = None

    def scalar(self, event: Any) -> None:
        """Take a key or a value."""
        line, text = event.start_mark.line, event.value
        if self.stack:
            top = self.stack[-1]
            if top.key is None and type(top.value) is dict:
                if text in top.value:
                    raise UnreadableDescriptor(f"has the key {text[:60]} twice", line)
                top.key, top.key_line = text, line
                return
        value = text
        if event.implicit[0] or (event.tag or "").endswith(_TYPED):
            value = core(text)
        if event.anchor:
            self.anchors[event.anchor] = (value, 1)
        self.put(value, line)

    def start(self, event: Any, value: dict[str, Any] | list[Any]) -> None:
        """Begin a mapping or list."""
        line = event.start_mark.line
        if self.stack and self.stack[-1].key is None and type(self.stack[-1].value) is dict:
            raise UnreadableDescriptor("has a key that is no word", line)
        if len(self.stack) >= DEEPEST:
            raise UnreadableDescriptor(f"is nested more than {DEEPEST} levels deep", line)
        before = self.size
        self.stack.append(_Frame(value, self.put(value, line), event.anchor, before))

    def end(self) -> None:
        """End a mapping or list; from here on an alias may name it."""
        done = self.stack.pop()
        if done.anchor:
            self.anchors[done.anchor] = (done.value, self.size - done.before)

    def alias(self, event: Any) -> None:
        """Take a value once more; its size counts once more."""
        line = event.start_mark.line
        if self.stack and self.stack[-1].key is None and type(self.stack[-1].value) is dict:
            raise UnreadableDescriptor("has a key that is no word", line)
        if event.anchor not in self.anchors:
            raise UnreadableDescriptor(f"refers to the anchor {event.anchor}, which is not above", line)
        value, size = self.anchors[event.anchor]
        self.put(value, line, size)

    def put(self, value: Any, line: int, size: int = 1) -> str:
        """Put a value where it belongs; return its path."""
        self.size += size
        if self.size > LARGEST:
            raise UnreadableDescriptor(f"holds more than {LARGEST:,} values, its aliases written out", line)
        if not self.stack:
            self.root, path = value, ""
        else:
            top = self.stack[-1]
            if type(top.value) is dict and top.key is not None:
                path = f"{top.path}.{top.key}" if top.path else top.key
                top.value[top.key], top.key, line = value, None, top.key_line
            else:
                path = f"{top.path}.{len(top.value)}" if top.path else str(len(top.value))
                top.value.append(value)  # type: ignore[union-attr]
        self.lines[path] = self.before + line
        return path


def _built(text: str, before: int) -> Iterator[tuple[Any, dict[str, int]]]:
    builder = _Builder(before)
    parser = _LOADER(text)
    try:
        while (event := parser.get_event()) is not None:
            kind = type(event)
            if kind is yaml.ScalarEvent:
                builder.scalar(event)
            elif kind is yaml.MappingStartEvent:
                builder.start(event, {})
            elif kind is yaml.SequenceStartEvent:
                builder.start(event, [])
            elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
                builder.end()
            elif kind is yaml.AliasEvent:
                builder.alias(event)
            elif kind is yaml.DocumentStartEvent:
                builder = _Builder(before)
            elif kind is yaml.DocumentEndEvent:
                yield builder.root, builder.lines
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise UnreadableDescriptor(
            f"is no YAML: {error.problem or error.context}", mark.line if mark else 0
        ) from None
    except yaml.YAMLError as error:
        line = text[: getattr(error, "position", 0)].count("\n")
        raise UnreadableDescriptor("holds a character that YAML does not allow", line) from None
    finally:
        parser.dispose()


LARGEST_FILE = 64 * 2**20
"""Bytes of a file that is read."""
MOST = 2_000
"""Files that one pattern of a Location may match."""

TEXTS = ("$text", "$openapi", "$asyncapi")
DATA = ("$json", "$yaml")


class NotThere(Exception):
    """A file that can't be read; the message follows its name."""


def near(file: str, location: str) -> str:
    """Return where a location leads that a file names, relative to the engagement folder.

    >>> near("catalog/apis.yaml", "../contracts/orders.yaml")
    'contracts/orders.yaml'
    """
    return posixpath.normpath(posixpath.join(posixpath.dirname(file), forward(location)))


def read_text(engagement: Engagement, path: str) -> str:
    """Return the text of a file of the engagement.

    Raises
    ------
    NotThere
        If it is a URL, lies outside, is no file, too large, or no UTF-8.
    """
    if is_url(path):
        raise NotThere("is a URL, which is never fetched")
    full = Path(engagement.locate(path))
    folder = engagement.folder
    if reason := escapes(folder, path) or unopenable(full):
        raise NotThere(reason)
    problems = Problems()
    try:
        if full.stat().st_size > LARGEST_FILE:
            raise NotThere(f"is larger than {LARGEST_FILE // 2**20} MB")
        text = decode(full.read_bytes(), InputLocation(file=path), problems)
    except OSError as error:
        raise NotThere(f"can't be read ({error.strerror})") from None
    if text is None:
        raise NotThere(problems.found[0].message)
    return text


def matching(engagement: Engagement, pattern: str) -> tuple[str, ...]:
    """Return the files within the engagement folder that a pattern of a Location matches, sorted."""
    if is_url(pattern) or not glob.has_magic(pattern) or escapes(engagement.folder, pattern.split("*")[0]):
        return (pattern,)
    root = engagement.folder
    found = (path for path in root.glob(pattern) if path.is_file())
    return tuple(sorted(path.relative_to(root).as_posix() for path in islice(found, MOST)))


def filled_in(engagement: Engagement, file: str, data: Any, path: str = "") -> tuple[Any, list[Text]]:
    """Put the texts of other files in place of ``$text`` and its like.

    Returns
    -------
    tuple
        The data with what could be read put in, and one `Text` for each placeholder.
    """
    if isinstance(data, Mapping):
        if len(data) == 1 and (key := next(iter(data))) in (*TEXTS, *DATA):
            return _one(engagement, file, data, key, path)
        parts: Any = data.items()
    elif isinstance(data, list):
        parts = enumerate(data)
    else:
        return data, []
    filled, texts = {}, []
    for name, value in parts:
        filled[name], more = filled_in(engagement, file, value, f"{path}.{name}" if path else str(name))
        texts += more
    return (filled if isinstance(data, Mapping) else list(filled.values())), texts


def _one(
    engagement: Engagement, file: str, data: Mapping[str, Any], key: str, path: str
) -> tuple[Any, list[Text]]:
    location = data[key]
    if not isinstance(location, str):
        return data, [Text(field=path, location=str(location)[:200], problem="names no file")]
    if is_url(location):
        return data, [Text(field=path, location=location, remote=True)]
    target = near(file, location)
    try:
        content: Any = read_text(engagement, target)
        if key in DATA:
            document = next(documents(content), None)
            if document is None or document.problem:
                raise NotThere(document.problem if document else "is empty")
            content = document.data
    except NotThere as reason:
        return data, [Text(field=path, location=location, problem=str(reason))]
    return content, [Text(field=path, location=location, file=target)]


KINDS: tuple[Kind, ...] = get_args(Kind)
_PARTS = ("Entity", "EntityMeta", "common")
_BASE = "https://backstage.io/schema/"


def parse_kind(data: dict[str, Any]) -> Kind | None:
    """Return the kind of a descriptor in its usual spelling, None where it is none of Backstage's."""
    said = data.get("kind")
    return next((kind for kind in KINDS if isinstance(said, str) and said.lower() == kind.lower()), None)


def violations(kind: Kind, data: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what breaks the schema of a kind: the path of the value, and what is wrong with it.

    A property that is missing has the path at which it would stand.
    """
    checks = _validator(kind)
    if checks.is_valid(data):
        return
    for error in checks.iter_errors(data):
        path = [str(part) for part in error.instance_path]
        if isinstance(error.kind, jsonschema_rs.ValidationErrorKind.Required):
            yield ".".join([*path, str(error.kind.property)]), "is missing"
        else:
            yield ".".join(path), _words(error)


def _words(error: jsonschema_rs.ValidationError) -> str:
    """Say what the schema asks for, without the value: that may be anybody's."""
    kinds = jsonschema_rs.ValidationErrorKind
    match error.kind:
        case kinds.Type():
            return f"is no {error.kind.value}"
        case kinds.Enum() | kinds.Constant():
            return "is not one of the words allowed here"
        case kinds.MinLength():
            return "is empty"
        case kinds.AdditionalProperties():
            return f"has keys that Backstage does not know: {', '.join(error.kind.unexpected[:5])}"
        case _:
            return f"breaks the schema of Backstage ({error.kind.name})"


@cache
def load(name: str) -> dict[str, Any]:
    """Return one of the schemas by its name, such as ``Component.v1alpha1``."""
    text = files(__package__).joinpath("backstage", f"{name}.json").read_text("utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


@cache
def _validator(kind: Kind) -> jsonschema_rs.Draft7Validator:
    registry = jsonschema_rs.Registry([(_BASE + name, load(name) | {"$id": _BASE + name}) for name in _PARTS])
    schema = load(f"{kind}.v1alpha1")
    return jsonschema_rs.Draft7Validator(schema | {"$id": _BASE + kind}, registry=registry)
