"""Text files of an engagement: their encoding; tables whose rows, and trees whose nodes, keep their line; one key of a tree changed."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import yaml

from assess.core.messages import restore_text
from assess.core.tables.encoding import TITLES, Encoding, decode_text, recognise_encoding

from .columns import TableDefinition
from .problem import InputLocation, Problems, quote_value
from .raw import LocatedNode, RawRow, RawTable, headed
from .ticket_exports import find_export, translate

DELIMITERS = ",;\t|"


def decode(content: bytes, place: InputLocation, problems: Problems) -> str | None:
    r"""Return content as text, in whatever encoding it is; else note where two encodings fit, or several are mixed.

    Examples
    --------
    >>> problems = Problems()
    >>> decode("name\nMüller".encode("cp1252"), InputLocation(file="systems.csv"), problems)
    'name\nMüller'
    >>> decode("name\nPlzeň".encode("cp1250"), InputLocation(file="systems.csv"), problems)
    >>> print(problems.found[0])
    systems.csv, row 2: "Plzeò" is not UTF-8 and can be Windows-1252, or "Plzeň" in Windows-1250; allowed: UTF-8 (CSV UTF-8 in Excel)
    """
    coded = recognise_encoding(lambda: [content])
    if coded.rival or coded.name == "mixed":
        _ask(content, coded, place, problems)
        return None
    text = decode_text(content, coded)
    for sign, name in (("\0", "a NUL byte"), ("\ufffd", "a byte that is no text")):
        if sign in text and not (sign == "\ufffd" and coded.plain):
            problems.add(
                place, f"holds {name}", row=text.count("\n", 0, text.index(sign)) + 1, allowed="text"
            )
            return None
    return text


def _ask(content: bytes, coded: Encoding, place: InputLocation, problems: Problems) -> None:
    """Note the first line that is no UTF-8, and what it can be."""
    lines = content.split(b"\n")
    row = next(n for n, line in enumerate(lines, 1) if not _is_utf8(line))
    line = lines[row - 1].rstrip(b"\r")
    allowed = "UTF-8 (CSV UTF-8 in Excel)"
    if not coded.rival:
        problems.add(
            place,
            "is not UTF-8, as other lines of the file are",
            row=row,
            value=line.decode("cp1252", "replace"),
            allowed=allowed,
        )
        return
    first, other = (line.decode(name, "replace") for name in (coded.name, coded.rival))
    message = (
        f'is not UTF-8 and can be {TITLES[coded.name]}, or "{quote_value(other)}" in {TITLES[coded.rival]}'
    )
    problems.add(place, message, row=row, value=first, allowed=allowed)


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def delimiter(text: str, known: set[str]) -> str:
    r"""Return the delimiter under which the header names most known columns; a comma where none does.

    >>> delimiter("id;name, of it\n", {"id"})
    ';'
    """
    first = next((line for line in text.splitlines() if line.strip()), "")

    def named(mark: str) -> tuple[int, int]:
        cells = [cell.strip().strip('"').strip() for cell in first.split(mark)]
        return sum(cell in known for cell in cells), len(cells)

    return max(DELIMITERS, key=named)


def records(text: str, mark: str) -> Iterator[tuple[int, list[str]]]:
    r"""Yield row number and fields, blank rows included, as a spreadsheet counts them.

    The apostrophe that `assess.core.messages` puts before what looks like a formula is taken off.

    Raises
    ------
    csv.Error
        If a quote is not closed, or followed by text, or a field is longer than 131,072 characters.

    Examples
    --------
    >>> list(records('a,b\n"1\n2",3\n', ","))
    [(1, ['a', 'b']), (2, ['1\n2', '3'])]
    """
    found = csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True)
    return enumerate((list(map(restore_text, cells)) for cells in found), start=1)


def read_table(
    content: bytes, table: TableDefinition, place: InputLocation, problems: Problems
) -> RawTable | None:
    """Read a table from the content of a CSV file; what is wrong is noted, and None returned where nothing is left."""
    text = decode(content, place, problems)
    if text is None:
        return None
    mark = delimiter(text, {column.name for column in table.columns})
    found = _read_records(list(_noted(records(text, mark), place, problems)), table, place, problems)
    torn = any(problem.file == place.file and problem.message in _TORN for problem in problems.found)
    return replace(found, complete=False) if found and torn else found


def _read_records(
    rows: list[tuple[int, list[str]]], table: TableDefinition, place: InputLocation, problems: Problems
) -> RawTable | None:
    """Return records as the table, or as the export of a product that stands in its place."""
    number, header = next(((n, cells) for n, cells in rows if any(cells)), (0, []))
    header = [name.strip().lstrip("\ufeff") for name in header]
    export = find_export(table.name, header)
    if export is None:
        return headed(table, place, rows, problems)
    filled = [(n, cells) for n, cells in rows if n > number and any(map(str.strip, cells))]
    found = (  # of columns with one name, as Jira writes several components, the first counts
        RawRow(n, {name: cell for name, cell in reversed(list(zip(header, cells, strict=False))) if cell})
        for n, cells in filled
    )
    return translate(RawTable(table, place, (), tuple(found)), header, export, problems)


_TORN = (
    "holds a cell that is too long",
    "opens a quote that is never closed",
    "is no valid CSV: text follows a closing quote",
)
"""What ends the reading of a table before its end."""


def _noted(
    rows: Iterator[tuple[int, list[str]]], place: InputLocation, problems: Problems
) -> Iterator[tuple[int, list[str]]]:
    """Yield rows up to the one that is no CSV, and note that one."""
    number = 0
    while True:
        try:
            number, cells = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            reason = str(error)
            if "field limit" in reason:
                message, allowed = _TORN[0], "at most 131072 characters"
            elif "unexpected end" in reason:
                message, allowed = _TORN[1], 'quotes in pairs, "" for a quote in a cell'
            else:
                message, allowed = _TORN[2], '"" for a quote within a cell'
            problems.add(place, message, row=number + 1, allowed=allowed)
            return
        yield number, cells


DEEPEST = 8
"""Levels of nesting that are read; an engagement needs four."""

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TAGS = {f"tag:yaml.org,2002:{name}" for name in (
    "str", "int", "float", "bool", "timestamp", "map", "seq", "value", "merge",
)}  # fmt: skip
_NULL = "tag:yaml.org,2002:null"


def read_yaml(content: bytes, place: InputLocation, problems: Problems) -> LocatedNode | None:
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


def with_key(text: str, path: Sequence[str], value: str) -> str | None:
    r"""Return a YAML text with a key given, every other line kept; None where that can't be done surely.

    Parameters
    ----------
    path
        Keys from the outermost on.
    value
        Its value as YAML, on one line.

    Examples
    --------
    >>> print(with_key("a: 1 # one\nteam:\n  people: 4\n# end\n", ("team", "focus"), "0.5"))
    a: 1 # one
    team:
      people: 4
      focus: 0.5
    # end
    <BLANKLINE>
    >>> with_key("a: 1 # one\n", ("a",), "2")
    'a: 2 # one\n'
    """
    try:
        before, root = yaml.safe_load(text) or {}, yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError:
        return None
    if root is not None and not isinstance(root, yaml.MappingNode):
        return None
    lines = text.splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    node, rest, indent, depth = root, list(path), "", 0
    while isinstance(node, yaml.MappingNode) and rest:
        found = next((pair for pair in node.value if pair[0].value == rest[0]), None)
        if found is None:
            break
        key, inner = found
        rest, depth = rest[1:], depth + 1
        if not rest or not isinstance(inner, yaml.MappingNode):
            whole = isinstance(inner, yaml.ScalarNode) or inner.flow_style
            if not rest and whole and inner.start_mark.line == inner.end_mark.line:
                row, start, end = inner.start_mark.line, inner.start_mark.column, inner.end_mark.column
                gap = "" if lines[row][:start].endswith(" ") else " "
                lines[row] = lines[row][:start] + gap + value + lines[row][end:]
                return _checked("".join(lines), before, path)
            if rest and isinstance(inner, yaml.ScalarNode) and not inner.value:
                return _inserted(lines, key.end_mark.line + 1, indent + "  ", rest, value, before, path)
            return None
        node, indent = inner, " " * (inner.value[0][0].start_mark.column if inner.value else 2)
    if isinstance(node, yaml.MappingNode) and node.flow_style and depth:
        row, end = node.end_mark.line, node.end_mark.column - 1
        comma = ", " if node.value else ""
        nested = "".join(f"{part}: {{" for part in rest[:-1])
        lines[row] = (
            lines[row][:end] + f"{comma}{nested}{rest[-1]}: {value}{'}' * (len(rest) - 1)}" + lines[row][end:]
        )
        return _checked("".join(lines), before, path)
    last = len(lines)
    if isinstance(node, yaml.MappingNode) and depth and node.value:
        last = _last_line(node) + 1
    return _inserted(lines, last, indent if depth else "", rest, value, before, path)


def _last_line(node: yaml.Node) -> int:
    """Return the line on which the last value of a node ends; what follows it may be comments."""
    if isinstance(node, yaml.MappingNode) and node.value and not node.flow_style:
        return _last_line(node.value[-1][1])
    if isinstance(node, yaml.SequenceNode) and node.value and not node.flow_style:
        return _last_line(node.value[-1])
    return int(node.end_mark.line if node.end_mark.column else node.end_mark.line - 1)


def _inserted(
    lines: list[str], at: int, indent: str, rest: Sequence[str], value: str, before: Any, path: Sequence[str]
) -> str | None:
    added = [f"{indent}{'  ' * deep}{part}:\n" for deep, part in enumerate(rest[:-1])]
    added.append(f"{indent}{'  ' * (len(rest) - 1)}{rest[-1]}: {value}\n")
    return _checked("".join([*lines[:at], *added, *lines[at:]]), before, path)


def _checked(text: str, before: Any, path: Sequence[str]) -> str | None:
    """Return a text if it says what was said before, and the key beside."""
    try:
        after = yaml.safe_load(text)
    except yaml.YAMLError:
        return None
    return text if _without(after, path) == _without(before, path) and _has(after, path) else None


def _without(tree: Any, path: Sequence[str]) -> Any:
    if not isinstance(tree, dict):
        return None if tree is None else tree
    inner = {key: value for key, value in tree.items() if key != path[0]}
    if len(path) > 1:
        below = _without(tree.get(path[0]) or {}, path[1:])
        return {**inner, **({path[0]: below} if below else {})}
    return inner


def _has(tree: Any, path: Sequence[str]) -> bool:
    for part in path:
        if not isinstance(tree, dict) or part not in tree:
            return False
        tree = tree[part]
    return True
