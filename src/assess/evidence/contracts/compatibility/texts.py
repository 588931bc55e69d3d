"""Texts that match a regular expression: the shortest, and a few longer ones, always the same."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from re import _constants, _parser  # type: ignore[attr-defined]
from typing import Any

PREFERRED = "a0A_- .,:/@#"
"""Signs that stand for a class, in the order of preference; then all of ASCII."""
ALPHABET = [*PREFERRED, *(chr(n) for n in range(33, 127) if chr(n) not in PREFERRED), "é", "\n"]
EXTRA = (0, 1, 2, 3, 5, 8, 13, 21)
LONGEST = 10_000
"""Signs of a pattern for which texts are written."""
MAX_REPEAT = 5_000
MAX_STEPS = 50_000
"""Parts of a pattern that are written for one text: a repetition within a repetition multiplies."""


def matching(pattern: str) -> Iterator[str]:
    r"""Yield texts in which a regular expression is found, the shortest first.

    Look-around is not followed: the caller checks each text. Nothing is yielded where the expression is none
    in Python, whose dialect differs from ECMA-262 in rare parts.

    Examples
    --------
    >>> next(matching("^SO-[0-9]{3}$")), list(matching("^a|bc$"))[:2]
    ('SO-000', ['a', 'bc'])
    """
    if len(pattern) > LONGEST:
        return
    try:
        parsed = _parser.parse(_in_python(pattern))
    except (re.error, OverflowError, RecursionError):
        return
    seen = set()
    for extra in EXTRA:
        for choice in (0, 1, 2):
            try:
                text = _Writer(extra, choice).write(parsed)
            except (_Impossible, RecursionError):
                continue
            if text not in seen:
                seen.add(text)
                yield text


_PROPERTY = re.compile(r"\\([pP])(?:\{\^?([^{}]*)\}|([A-Z]))")
_SIGNS = {
    "L": "a-zA-Z",
    "Lu": "A-Z",
    "Ll": "a-z",
    "N": "0-9",
    "Nd": "0-9",
    "P": ".,:;!?_-",
    "Z": " ",
    "Zs": " ",
    "S": "+=$",
}
"""Signs of ASCII that have a property of Unicode (general categories)."""


def _in_python(pattern: str) -> str:
    r"""Write properties of Unicode, which Python's dialect lacks, as signs of ASCII that have them.

    >>> _in_python(r"^\p{L}[\p{Lu}\d]$")
    '^[a-zA-Z][A-Z\\d]$'
    """
    found, inside, at = [], False, 0
    while at < len(pattern):
        hit = _PROPERTY.match(pattern, at)
        if hit:
            name = (hit.group(2) or hit.group(3) or "").rpartition("=")[2]
            signs = " _-" if hit.group(1) == "P" else _SIGNS.get(name, "a-zA-Z0-9")
            found.append(signs if inside else f"[{signs}]")
            at = hit.end()
            continue
        sign = pattern[at]
        step = 2 if sign == "\\" else 1
        inside = sign == "[" or (inside and sign != "]") if step == 1 else inside
        found.append(pattern[at : at + step])
        at += step
    return "".join(found)


class _Impossible(Exception):
    """No text can be written for a part."""


class _Writer:
    """Writes one text: ``extra`` repetitions beyond the least, the ``choice``-th branch and sign."""

    def __init__(self, extra: int, choice: int) -> None:
        self.extra = extra
        self.choice = choice
        self.steps = 0
        self.groups: dict[int, str] = {}

    def write(self, parsed: Any) -> str:
        return "".join(self._part(code, value) for code, value in parsed)

    def _part(self, code: Any, value: Any) -> str:
        self.steps += 1
        if self.steps > MAX_STEPS:
            raise _Impossible
        if code is _constants.LITERAL:
            return chr(value)
        if code in (_constants.AT, _constants.ASSERT, _constants.ASSERT_NOT):
            return ""
        if code is _constants.ANY:
            return "a"
        if code is _constants.NOT_LITERAL:
            return self._sign(lambda sign: ord(sign) != value)
        if code is _constants.IN:
            return self._sign(lambda sign: _within(value, sign))
        if code is _constants.BRANCH:
            branches = value[1]
            return self.write(branches[self.choice % len(branches)])
        if code is _constants.SUBPATTERN:
            text = self.write(value[-1])
            if value[0] is not None:
                self.groups[value[0]] = text
            return text
        if code in (_constants.MAX_REPEAT, _constants.MIN_REPEAT, _constants.POSSESSIVE_REPEAT):
            least, most, part = value
            times = min(least + self.extra, most)
            if times > MAX_REPEAT:
                raise _Impossible
            self.steps += times
            return "".join(self.write(part) for _ in range(times))
        if code is _constants.ATOMIC_GROUP:
            return self.write(value)
        if code is _constants.GROUPREF:
            return self.groups.get(value, "")
        raise _Impossible

    def _sign(self, allowed: Callable[[str], bool]) -> str:
        found: list[str] = [sign for sign in ALPHABET if allowed(sign)]
        if not found:
            raise _Impossible
        return found[self.choice % len(found)]


_CATEGORY = {
    _constants.CATEGORY_DIGIT: r"\d", _constants.CATEGORY_NOT_DIGIT: r"\D", _constants.CATEGORY_SPACE: r"\s",
    _constants.CATEGORY_NOT_SPACE: r"\S", _constants.CATEGORY_WORD: r"\w", _constants.CATEGORY_NOT_WORD: r"\W",
}  # fmt: skip


def _within(items: Any, sign: str) -> bool:
    negated = bool(items) and items[0][0] is _constants.NEGATE
    hit = False
    for code, value in items:
        if code is _constants.LITERAL:
            hit = hit or ord(sign) == value
        elif code is _constants.RANGE:
            hit = hit or value[0] <= ord(sign) <= value[1]
        elif code is _constants.CATEGORY:
            hit = hit or re.fullmatch(_CATEGORY[value], sign) is not None
    return hit != negated


def readings(value: Any) -> Iterator[Any]:
    """Yield what the text of a value can be read as: a number, yes or no, a text, a list of one.

    >>> list(readings(5)), list(readings("true")), list(readings(None))
    (['5', [5], ['5']], [True, ['true'], [True]], ['', 'null'])
    """
    if isinstance(value, list) and len(value) == 1 and not isinstance(value[0], list | dict):
        yield from (value[0], *(v for v in readings(value[0]) if not isinstance(v, list)))
    if value is None:
        yield from ("", "null")
    if isinstance(value, list | dict) or value is None:
        return
    others: list[Any] = []
    if isinstance(value, str):
        try:
            read = json.loads(value)
        except ValueError:
            read = None
        others = [read] if isinstance(read, bool | int | float) else []
    else:
        others = [json.dumps(value)]
    yield from (*others, [value], *([other] for other in others))
