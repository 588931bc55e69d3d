"""JSON with the line of each value: what the standard library's reader doesn't keep."""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import Any

Pointer = tuple[str | int, ...]
_SPACE = re.compile(r"[ \t\r\n]*")
_NUMBER = re.compile(r"(-?(?:0|[1-9][0-9]*))(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_WORDS = {"true": True, "false": False, "null": None}


def load(text: str) -> tuple[Any, dict[int, dict[str | int, int]], list[tuple[Pointer, int]]]:
    r"""Read JSON text (RFC 8259).

    Returns
    -------
    tuple
        The value; by identity of each object and array, the line of each entry; and the keys that are
        written twice with their line (the last one counts, as in the standard library).

    Raises
    ------
    json.JSONDecodeError
        If the text is no JSON.
    ValueError
        If a number is too large.

    Examples
    --------
    >>> value, lines, twice = load('{"a":\n [1,\n 2]}')
    >>> value, lines[id(value)], lines[id(value["a"])]
    ({'a': [1, 2]}, {'a': 1}, {0: 2, 1: 3})
    """
    reader = _Reader(text)
    value, end = reader.value(reader.skip(0), ())
    end = reader.skip(end)
    if end != len(text):
        raise json.JSONDecodeError("Extra data", text, end)
    return value, reader.lines, reader.twice


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.ends = [found.start() for found in re.finditer("\n", text)]
        self.lines: dict[int, dict[str | int, int]] = {}
        self.twice: list[tuple[Pointer, int]] = []

    def skip(self, at: int) -> int:
        found = _SPACE.match(self.text, at)
        return found.end() if found else at

    def line(self, at: int) -> int:
        return bisect_left(self.ends, at) + 1

    def value(self, at: int, pointer: Pointer) -> tuple[Any, int]:
        sign = self.text[at : at + 1]
        if sign == "{":
            return self._object(at + 1, pointer)
        if sign == "[":
            return self._array(at + 1, pointer)
        if sign == '"':
            return self._string(at)
        for word, value in _WORDS.items():
            if self.text.startswith(word, at):
                return value, at + len(word)
        found = _NUMBER.match(self.text, at)
        if not found:
            raise json.JSONDecodeError("Expecting value", self.text, at)
        whole, fraction, exponent = found.groups()
        number = float(found.group()) if fraction or exponent else int(whole)
        if number in (float("inf"), float("-inf")):
            raise ValueError(f"the number {found.group()[:20]} is too large")
        return number, found.end()

    def _string(self, at: int) -> tuple[str, int]:
        text, end = scanstring(self.text, at + 1)
        return str(text), int(end)

    def _object(self, at: int, pointer: Pointer) -> tuple[dict[str, Any], int]:
        found: dict[str, Any] = {}
        lines = self.lines[id(found)] = {}
        at = self.skip(at)
        if self.text[at : at + 1] == "}":
            return found, at + 1
        while True:
            if self.text[at : at + 1] != '"':
                raise json.JSONDecodeError("Expecting property name in double quotes", self.text, at)
            start = at
            key, at = self._string(at)
            at = self.skip(at)
            if self.text[at : at + 1] != ":":
                raise json.JSONDecodeError("Expecting ':'", self.text, at)
            if key in found:
                self.twice.append(((*pointer, key), self.line(start)))
            lines[key] = self.line(start)
            found[key], at = self.value(self.skip(at + 1), (*pointer, key))
            at = self.skip(at)
            if self.text[at : at + 1] == "}":
                return found, at + 1
            if self.text[at : at + 1] != ",":
                raise json.JSONDecodeError("Expecting ',' or '}'", self.text, at)
            at = self.skip(at + 1)

    def _array(self, at: int, pointer: Pointer) -> tuple[list[Any], int]:
        found: list[Any] = []
        lines = self.lines[id(found)] = {}
        at = self.skip(at)
        if self.text[at : at + 1] == "]":
            return found, at + 1
        while True:
            lines[len(found)] = self.line(at)
            value, at = self.value(at, (*pointer, len(found)))
            found.append(value)
            at = self.skip(at)
            if self.text[at : at + 1] == "]":
                return found, at + 1
            if self.text[at : at + 1] != ",":
                raise json.JSONDecodeError("Expecting ',' or ']'", self.text, at)
            at = self.skip(at + 1)
