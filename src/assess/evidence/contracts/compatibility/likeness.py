"""Whether two schemas are written alike, whatever their definitions are called."""

from __future__ import annotations

from typing import Any

from assess.evidence.contracts.portable import Portable

Pair = tuple[str, str]
UNORDERED = ("required", "enum", "type")


class Likeness:
    """Compares parts of two collections of schemas and remembers which definitions are alike.

    Definitions that refer to each other in a circle are alike unless a difference is found: they accept the same.
    """

    def __init__(self, a: Portable, b: Portable) -> None:
        self.a = a
        self.b = b
        self._alike: set[Pair] = set()
        self._different: set[Pair] = set()

    def same(self, x: Any, y: Any) -> bool:
        """Say whether two schemas are alike."""
        assumed: set[Pair] = set()
        found = self._same(x, y, assumed)
        if found:
            self._alike |= assumed
        return found

    def _same(self, x: Any, y: Any, assumed: set[Pair]) -> bool:
        if isinstance(x, dict) and isinstance(y, dict):
            return x.keys() == y.keys() and all(self._entry(k, v, y[k], assumed) for k, v in x.items())
        if isinstance(x, list) and isinstance(y, list):
            return len(x) == len(y) and all(self._same(i, j, assumed) for i, j in zip(x, y, strict=True))
        return type(x) is type(y) and bool(x == y)

    def _entry(self, key: str, x: Any, y: Any, assumed: set[Pair]) -> bool:
        if key == "$ref" and isinstance(x, str) and isinstance(y, str):
            return self._named((x.rpartition("/")[2], y.rpartition("/")[2]), assumed)
        if key in UNORDERED and isinstance(x, list) and isinstance(y, list):
            return sorted(map(repr, x)) == sorted(map(repr, y))
        return self._same(x, y, assumed)

    def _named(self, pair: Pair, assumed: set[Pair]) -> bool:
        if pair in assumed or pair in self._alike:
            return True
        if pair in self._different:
            return False
        assumed.add(pair)
        found = self._same(self.a.defs[pair[0]], self.b.defs[pair[1]], assumed)
        if not found:
            self._different.add(pair)
        return found
