"""Read rules from YAML: the built-in ones and the client's, with every mistake at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from assess.core.finding import SEVERITIES
from assess.intake import document
from assess.intake.engagement import Engagement
from assess.intake.problem import Place, Problem, Problems, listed, meant
from assess.intake.raw import Node

from .asking import Asker
from .rule import Rule
from .subject import KINDS

BUILT_IN = Path(__file__).with_name("rules.yaml")
KEYS = ("id", "title", "severity", "rationale", "fix", "applies_to", "when", "required", "check")
NEEDED = ("id", "severity", "rationale", "fix", "applies_to")
LARGEST = 1_000_000
"""Bytes of a file of rules."""

INPUTS = ("catalog", "contracts", "integrations", "systems", "run logs")
"""Input that a built-in rule can need."""


@cache
def built_in() -> tuple[Rule, ...]:
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


def own(engagement: Engagement) -> tuple[tuple[Rule, ...], tuple[Problem, ...]]:
    """Return the client's rules under policies/, and what is wrong with their files."""
    problems = Problems()
    rules: list[Rule] = []
    seen: dict[str, Rule] = {rule.id: rule for rule in built_in()}
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


def parse(content: bytes, file: str, problems: Problems, *, own: bool = True) -> tuple[Rule, ...]:
    """Read the rules of a file; note whatever is wrong with it.

    Parameters
    ----------
    content
        The file's bytes.
    file
        How messages call it.
    """
    place = Place(file=file)
    root = document.read(content, place, problems)
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
    nodes: Mapping[str, Node], allowed: Sequence[str], prefix: str, place: Place, problems: Problems
) -> None:
    for name, node in nodes.items():
        if name not in allowed:
            near = meant(name, allowed)
            hint = f', did you mean "{near}"?' if near else ""
            problems.add(
                place, f"is no key of {'a rule' if prefix else 'a file of rules'}{hint}",
                row=node.line, column=f"{prefix}{name}", allowed=listed(allowed),
            )  # fmt: skip


def _rule(node: Node, key: str, place: Place, problems: Problems, own: bool) -> Rule | None:
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
    return Rule.model_validate(
        {
            **words, "kinds": kinds, "where": where, "when": when, "tests": tests, "file": place.file,
            "line": node.line, "own": own, "needs": tuple(asker.listed(given.get("needs"), "needs")),
        }
    )  # fmt: skip


def _word(given: Mapping[str, Node], name: str, line: int, key: str, place: Place, problems: Problems) -> str:
    node = given.get(name)
    if node is not None and isinstance(node.value, str) and node.value.strip():
        return node.value.strip()
    message = "is missing" if node is None or not node.value else "is no text"
    problems.add(place, message, row=node.line if node else line, column=f"{key}.{name}", allowed="a text")
    return ""


def _kinds(node: Node | None, line: int, key: str, place: Place, problems: Problems) -> tuple[str, ...]:
    if node is None or not isinstance(node.value, Mapping) or "kind" not in node.value:
        problems.add(
            place, "names no kind", row=node.line if node else line, column=key,
            allowed=f"kind: one or several of {listed(KINDS)}",
        )  # fmt: skip
        return ()
    found = Asker((), place, problems).listed(node.value["kind"], f"{key}.kind")
    for kind in found:
        if kind not in KINDS:
            near = meant(kind, KINDS)
            hint = f', did you mean "{near}"?' if near else ""
            problems.add(
                place, f"is no kind{hint}", row=node.value["kind"].line, column=f"{key}.kind", value=kind,
                allowed=listed(KINDS),
            )  # fmt: skip
    return tuple(dict.fromkeys(found)) if found and all(kind in KINDS for kind in found) else ()
