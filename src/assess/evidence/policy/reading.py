"""Read rules from YAML: the built-in ones and the client's, with every mistake at once.

What a rule asks (selectors, required fields, tests) is held against the fields that its kinds have.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from assess.core.dates import read_day
from assess.core.finding import SEVERITIES
from assess.core.numbers import parse_number
from assess.core.patterns import LONGEST, NotLinear, compile_pattern
from assess.intake import text_files
from assess.intake.engagement import Engagement
from assess.intake.problem import InputLocation, Problem, Problems, closest_word, listed
from assess.intake.raw import LocatedNode

from .rule import (
    CATALOG_KINDS,
    KINDS,
    REFERENCES,
    ROOTS,
    SHORT,
    TODAY,
    PolicyRule,
    Test,
    Type,
    is_open,
    keys,
    known,
    reference,
)

ALLOWED: Mapping[str, tuple[Type, ...]] = {
    "type": ("text", "number", "boolean", "date", "list"),
    "one_of": ("text",),
    "none_of": ("text",),
    "matches": ("text",),
    "is": ("boolean",),
    "at_least": ("number",),
    "at_most": ("number",),
    "before": ("date",),
    "not_before": ("date",),
}
"""The tests that can be written, and the types of field that they fit."""

_FLAGS = {"yes": True, "true": True, "no": False, "false": False}
_FOREIGN = re.compile(
    r"\\[^dw.^$*+?()\[\]{}|/_:-]|\(\?(?!:)|\[\[|&&|--|~~|\|\||\[[^\]]*\\[DW]|[*+?}]\+|[*+}]\)(?:[*+]|\{)|\{,"
)
"""Parts of a pattern that another engine would read in another way, or not at all."""


class Asker:
    """Reads the parts of one rule.

    Parameters
    ----------
    kinds
        To which the rule applies.
    place
        The file.
    problems
        Where mistakes are noted.
    """

    def __init__(self, kinds: tuple[str, ...], place: InputLocation, problems: Problems) -> None:
        self.kinds = kinds
        self.fields = known(kinds) if kinds else {}
        self.place = place
        self.problems = problems

    def where(self, node: LocatedNode | None, key: str) -> tuple[Test, ...]:
        """Read the selectors of ``applies_to``, the kind apart."""
        if node is None or not isinstance(node.value, Mapping):
            return ()
        found = []
        for name, value in node.value.items():
            if name == "kind":
                continue
            catalog = all(kind in CATALOG_KINDS for kind in self.kinds)
            field = SHORT.get(name, name) if catalog else name
            path = self._path(field, value, f"{key}.{name}", ("text",))
            words = self.listed(value, f"{key}.{name}")
            if not words:
                self._wrong(value, f"{key}.{name}", "names no value", "a word or a list of words")
            elif path:
                if field in REFERENCES:
                    words = [reference(word) for word in words]
                found.append(Test(path=path, operation="one_of", texts=tuple(words)))
        return tuple(found)

    def required(self, node: LocatedNode | None, key: str) -> tuple[Test, ...]:
        """Read a list of fields that have to be there and filled."""
        found = []
        for name in self.listed(node, key) if node is not None else ():
            assert node is not None
            path = self._path(name, node, key, ALLOWED["type"])
            if path:
                operation = self.fields.get(name, "text")
                found.append(Test(path=path, operation=operation, presence=True))
        return tuple(found)

    def tests(self, node: LocatedNode | None, key: str) -> tuple[Test, ...]:
        """Read a mapping of fields to tests."""
        if node is None:
            return ()
        if not isinstance(node.value, Mapping) or not node.value:
            self._wrong(node, key, "holds no tests", "field: {test: value}")
            return ()
        found: list[Test] = []
        for name, asked in node.value.items():
            own = f"{key}.{name}"
            if not isinstance(asked.value, Mapping) or not asked.value:
                self._wrong(asked, own, "holds no test", "{test: value}; tests: " + listed(ALLOWED))
                continue
            for operation, value in asked.value.items():
                if operation not in ALLOWED:
                    near = closest_word(operation, ALLOWED)
                    hint = f', did you mean "{near}"?' if near else ""
                    self._wrong(value, f"{own}.{operation}", f"is no test{hint}", listed(ALLOWED))
                    continue
                path = self._path(name, asked, own, ALLOWED[operation])
                test = self._test(path, operation, value, f"{own}.{operation}", name)
                found += [test] if test and path else []
        return tuple(found)

    def listed(self, node: LocatedNode | None, key: str) -> list[str]:
        """Read a word or a list of words."""
        if node is None or node.value is None:
            return []
        if isinstance(node.value, str):
            return [node.value.strip()] if node.value.strip() else []
        if isinstance(node.value, Mapping):
            self._wrong(node, key, "holds keys", "a word or a list of words")
            return []
        words = []
        for item in node.value:
            if isinstance(item.value, str) and item.value.strip():
                words.append(item.value.strip())
            else:
                self._wrong(item, key, "holds something that is no word", "a word or a list of words")
        return words

    def _path(self, name: str, node: LocatedNode, key: str, types: Sequence[Type]) -> tuple[str, ...]:
        path = keys(name)
        if name in self.fields:
            if self.fields[name] not in types:
                fits = [test for test, fitting in ALLOWED.items() if self.fields[name] in fitting]
                self._wrong(node, key, f"is a field of type {self.fields[name]}", listed(fits), value=name)
                return ()
            return path
        if all(path) and is_open(self.kinds, path):
            return path
        near = closest_word(
            name, [*self.fields, *(SHORT.values() if set(self.kinds) <= set(CATALOG_KINDS) else ())]
        )
        hint = f', did you mean "{near}"?' if near else ""
        catalog = any(kind in CATALOG_KINDS for kind in self.kinds)
        roots = f", and fields below {ROOTS[2]} and {ROOTS[3]}" if catalog else ""
        allowed = f"{listed(self.fields, limit=40)}{roots}"
        self._wrong(node, key, f"is no field of {' and '.join(self.kinds)}{hint}", allowed, value=name)
        return ()

    def _test(
        self, path: tuple[str, ...], operation: str, node: LocatedNode, key: str, name: str
    ) -> Test | None:
        if operation in ("one_of", "none_of"):
            words = self.listed(node, key)
            if not words:
                self._wrong(node, key, "names no value", "a word or a list of words")
                return None
            if name in REFERENCES:
                words = [reference(word) for word in words]
            return Test.model_validate({"path": path, "operation": operation, "texts": words})
        text = node.value.strip() if isinstance(node.value, str) else ""
        if operation == "type":
            return self._typed(path, text, node, key)
        if operation == "matches":
            return self._pattern(path, text, node, key)
        if operation == "is":
            if text.casefold() not in _FLAGS:
                self._wrong(node, key, "is neither yes nor no", "yes, no", value=text)
                return None
            return Test(path=path, operation="is", flag=_FLAGS[text.casefold()])
        if operation in ("at_least", "at_most"):
            return self._bounded(path, operation, text, node, key)
        if text != TODAY and read_day(text) is None:
            self._wrong(node, key, "is no date", "YYYY-MM-DD, or today", value=text)
            return None
        return Test.model_validate({"path": path, "operation": operation, "texts": (text,)})

    def _typed(self, path: tuple[str, ...], text: str, node: LocatedNode, key: str) -> Test | None:
        if text not in ALLOWED["type"]:
            self._wrong(node, key, "is no type", listed(ALLOWED["type"]), value=text)
            return None
        return Test.model_validate({"path": path, "operation": text})

    def _bounded(
        self, path: tuple[str, ...], operation: str, text: str, node: LocatedNode, key: str
    ) -> Test | None:
        number = parse_number(text)
        if number is None or not math.isfinite(number):
            self._wrong(node, key, "is no number", "a number", value=text)
            return None
        return Test.model_validate({"path": path, "operation": operation, "number": number})

    def _pattern(self, path: tuple[str, ...], text: str, node: LocatedNode, key: str) -> Test | None:
        reason = ""
        if not text:
            reason = "is empty"
        elif not text.isascii() or not text.isprintable() or _FOREIGN.search(text[:LONGEST]):
            reason = "uses a part of patterns that not every engine reads the same way"
        else:
            try:
                compile_pattern(text)
            except NotLinear as error:
                reason = str(error)
        if reason:
            allowed = "groups (?:), classes [a-z], \\d, \\w, . * + ? {n,m} | and escaped signs; the whole value is matched"
            self._wrong(node, key, reason, allowed, value=text)
            return None
        return Test(path=path, operation="matches", texts=(text,))

    def _wrong(
        self, node: LocatedNode, key: str, message: str, allowed: str, value: str | None = None
    ) -> None:
        self.problems.add(self.place, message, row=node.line, column=key, value=value, allowed=allowed)


BUILT_IN = Path(__file__).with_name("rules.yaml")
KEYS = ("id", "title", "severity", "rationale", "fix", "applies_to", "when", "required", "check")
NEEDED = ("id", "severity", "rationale", "fix", "applies_to")
LARGEST = 1_000_000
"""Bytes of a file of rules."""

INPUTS = ("catalog", "contracts", "integrations", "systems", "run logs")
"""Input that a built-in rule can need."""


@cache
def built_in() -> tuple[PolicyRule, ...]:
    """Return the rules of this package.

    Raises
    ------
    ValueError
        If the package's own file is damaged.
    """
    problems = Problems()
    rules = parse(BUILT_IN.read_bytes(), BUILT_IN.name, problems, own=False)
    if len(problems):
        raise ValueError("\n".join(map(str, problems.found)))
    return rules


def client_rules(engagement: Engagement) -> tuple[tuple[PolicyRule, ...], tuple[Problem, ...]]:
    """Return the client's rules under policies/, and what is wrong with their files."""
    problems = Problems()
    rules: list[PolicyRule] = []
    seen: dict[str, PolicyRule] = {rule.id: rule for rule in built_in()}
    for file in engagement.policies:
        if not file.lower().endswith((".yaml", ".yml")):
            problems.add(file, "is no file of rules", allowed="YAML files (.yaml, .yml) under policies/")
            continue
        content = _content(Path(engagement.locate(file)), file, problems)
        for rule in parse(content, file, problems) if content is not None else ():
            if rule.id in seen:
                first = seen[rule.id]
                problems.add(
                    file, f"is given twice (first in {first.file}, line {first.line})",
                    row=rule.line, column="id", value=rule.id, allowed="another id",
                )  # fmt: skip
                continue
            seen[rule.id] = rule
            rules.append(rule)
    return tuple(rules), problems.found


def _content(path: Path, file: str, problems: Problems) -> bytes | None:
    try:
        if path.stat().st_size > LARGEST:
            problems.add(file, "is too large", allowed=f"at most {LARGEST // 1000} kB")
            return None
        content = path.read_bytes()
    except OSError as error:
        problems.add(file, f"can't be read ({error.strerror})", allowed="a file that this user may read")
        return None
    if not content.strip():
        problems.add(file, "is empty", allowed="rules: and a list of rules")
        return None
    return content


def parse(content: bytes, file: str, problems: Problems, *, own: bool = True) -> tuple[PolicyRule, ...]:
    """Read the rules of a file; note whatever is wrong with it.

    Parameters
    ----------
    content
        The file's bytes.
    file
        How messages call it.
    """
    place = InputLocation(file=file)
    root = text_files.read_yaml(content, place, problems)
    if root is None or not isinstance(root.value, Mapping):
        return ()
    _unknown(root.value, ("rules",), "", place, problems)
    listing = root.value.get("rules")
    if listing is None or isinstance(listing.value, str | Mapping) or not listing.value:
        problems.add(
            place, "lists no rules", row=(listing or root).line, column="rules", allowed="a list of rules"
        )
        return ()
    rules = [_rule(node, f"rules[{n}]", place, problems, own) for n, node in enumerate(listing.value, 1)]
    return tuple(rule for rule in rules if rule is not None)


def _unknown(
    nodes: Mapping[str, LocatedNode],
    allowed: Sequence[str],
    prefix: str,
    place: InputLocation,
    problems: Problems,
) -> None:
    for name, node in nodes.items():
        if name not in allowed:
            near = closest_word(name, allowed)
            hint = f', did you mean "{near}"?' if near else ""
            problems.add(
                place, f"is no key of {'a rule' if prefix else 'a file of rules'}{hint}",
                row=node.line, column=f"{prefix}{name}", allowed=listed(allowed),
            )  # fmt: skip


def _rule(
    node: LocatedNode, key: str, place: InputLocation, problems: Problems, own: bool
) -> PolicyRule | None:
    if not isinstance(node.value, Mapping):
        problems.add(place, "is no rule", row=node.line, column=key, allowed="keys: " + listed(NEEDED))
        return None
    before, given = len(problems), node.value
    _unknown(given, (*KEYS, *(() if own else ("needs",))), f"{key}.", place, problems)
    texts = (*NEEDED[:4], *(("title",) if "title" in given else ()))
    words = {name: _word(given, name, node.line, key, place, problems) for name in texts}
    if words["severity"] and words["severity"] not in SEVERITIES:
        problems.add(
            place, "is no severity", row=given["severity"].line, column=f"{key}.severity",
            value=words["severity"], allowed=listed(SEVERITIES),
        )  # fmt: skip
    kinds = _kinds(given.get("applies_to"), node.line, f"{key}.applies_to", place, problems)
    asker = Asker(kinds, place, problems)
    where = asker.where(given.get("applies_to"), f"{key}.applies_to") if kinds else ()
    when = asker.tests(given.get("when"), f"{key}.when") if kinds else ()
    tests = (
        (*asker.required(given.get("required"), f"{key}.required"), *asker.tests(given.get("check"), f"{key}.check"))
        if kinds
        else ()
    )  # fmt: skip
    if kinds and not tests and len(problems) == before:
        problems.add(
            place,
            "asks nothing",
            row=node.line,
            column=key,
            allowed="required: fields, or check: tests of fields",
        )
    if len(problems) > before:
        return None
    return PolicyRule.model_validate(
        {
            **words, "kinds": kinds, "where": where, "when": when, "tests": tests, "file": place.file,
            "line": node.line, "own": own, "needs": tuple(asker.listed(given.get("needs"), "needs")),
        }
    )  # fmt: skip


def _word(
    given: Mapping[str, LocatedNode], name: str, line: int, key: str, place: InputLocation, problems: Problems
) -> str:
    node = given.get(name)
    if node is not None and isinstance(node.value, str) and node.value.strip():
        return node.value.strip()
    message = "is missing" if node is None or not node.value else "is no text"
    problems.add(place, message, row=node.line if node else line, column=f"{key}.{name}", allowed="a text")
    return ""


def _kinds(
    node: LocatedNode | None, line: int, key: str, place: InputLocation, problems: Problems
) -> tuple[str, ...]:
    if node is None or not isinstance(node.value, Mapping) or "kind" not in node.value:
        problems.add(
            place, "names no kind", row=node.line if node else line, column=key,
            allowed=f"kind: one or several of {listed(KINDS)}",
        )  # fmt: skip
        return ()
    found = Asker((), place, problems).listed(node.value["kind"], f"{key}.kind")
    for kind in found:
        if kind not in KINDS:
            near = closest_word(kind, KINDS)
            hint = f', did you mean "{near}"?' if near else ""
            problems.add(
                place, f"is no kind{hint}", row=node.value["kind"].line, column=f"{key}.kind", value=kind,
                allowed=listed(KINDS),
            )  # fmt: skip
    return tuple(dict.fromkeys(found)) if found and all(kind in KINDS for kind in found) else ()
