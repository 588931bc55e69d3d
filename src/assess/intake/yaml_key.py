"""One key of a YAML file, given without changing any other line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import yaml


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
