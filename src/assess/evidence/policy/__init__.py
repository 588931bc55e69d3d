"""Rules that integrations, systems, contracts and catalog must meet, and whether they do."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Sequence

from assess.core.finding import Missing, Severity
from assess.core.source import Fact, Source
from assess.evidence.contracts import is_documentation
from assess.intake.engagement import Engagement
from assess.intake.problem import Problem, closest_word, listed

from .judging import judge, judge_tests, write_rego, write_rego_input
from .reading import built_in, client_rules
from .result import Policy, RuleOutcome, RuleResult, RuleState, rule_findings
from .rule import FREE, PolicyRule, PolicySubject, Test, is_open
from .subjects import collect, unreadable

__all__ = [
    "Policy",
    "PolicyRule",
    "PolicySubject",
    "RuleOutcome",
    "RuleResult",
    "Test",
    "built_in",
    "check",
    "client_rules",
    "collect",
    "judge",
    "reading",
    "unreadable",
    "write_rego",
    "write_rego_input",
]


SUPPLY = {
    "catalog": "catalog descriptors (Backstage catalog-info.yaml) under catalog/",
    "contracts": "contracts (OpenAPI, AsyncAPI, JSON Schema, Avro) under contracts/",
    "integrations": "integrations in integrations.csv",
    "systems": "systems in systems.csv",
    "run logs": "run logs under operations/",
}
"""How each input of `INPUTS` is supplied."""


def check(
    engagement: Engagement,
    subjects: Sequence[PolicySubject],
    *,
    unreadable: Sequence[Problem] = (),
    rules: Sequence[PolicyRule] | None = None,
    today: dt.date | None = None,
) -> Policy:
    """Judge the subjects by the built-in rules and those under policies/.

    Parameters
    ----------
    subjects
        What `subjects.collect` made of the engagement.
    unreadable
        What could not be made a subject, such as `entries.unreadable` of a catalog: not evaluable as well.
    rules
        Instead of the built-in and the client's rules.
    today
        Day that ``today`` stands for; default the day of the engagement.

    Returns
    -------
    Policy
        With an outcome for whatever does not pass. A subject that can't be judged does not pass; neither does a rule
        of the client that applies to nothing.
    """
    own, problems = client_rules(engagement) if rules is None else ((), ())
    rules = (*built_in(), *own) if rules is None else rules
    absent = _absent(engagement)
    by_kind: dict[str, list[PolicySubject]] = {}
    for subject in subjects:
        by_kind.setdefault(subject.kind, []).append(subject)
    day = today or engagement.date
    results: list[RuleResult] = []
    outcomes: list[RuleOutcome] = [
        *(_misread(problem, "policy-readable", "critical") for problem in problems),
        *(_misread(problem, "catalog-readable", "high") for problem in unreadable),
    ]
    for rule in rules:
        fitting = [subject for kind in rule.kinds for subject in by_kind.get(kind, ())]
        result, found = _apply(rule, fitting, [name for name in rule.needs if name in absent], day)
        results.append(result)
        outcomes += found
    policy = Policy(
        rules=(*_readable(outcomes), *results),
        outcomes=tuple(outcomes),
        subjects=dict(sorted(Counter(subject.kind for subject in subjects).items())),
        problems=problems,
        missing=tuple(_missing(rules, absent)),
    )
    return policy.model_copy(update={"facts": _facts(policy), "findings": rule_findings(policy, engagement)})


def _absent(engagement: Engagement) -> tuple[str, ...]:
    """Return the inputs that were not supplied."""
    supplied = {
        "catalog": engagement.catalog,
        "contracts": [path for path in engagement.contracts if not is_documentation(path)],
        "integrations": engagement.integrations,
        "systems": engagement.systems,
        "run logs": engagement.run_logs,
    }
    return tuple(name for name, given in supplied.items() if not given)


def _misread(problem: Problem, rule: str, severity: Severity) -> RuleOutcome:
    value = "" if problem.value is None else f'"{problem.value}" '
    return RuleOutcome(
        rule=rule,
        severity=severity,
        state="not evaluable",
        field=problem.column,
        reason=f"{value}{problem.message}",
        fix=f"Allowed: {problem.allowed}." if problem.allowed else "Repair the file at this place.",
        source=Source(kind="input", place=problem.file, row=problem.row),
    )


READABLE = {
    "policy-readable": ("Every file of rules can be read", "A rule that can't be read protects nobody."),
    "catalog-readable": (
        "Every entry of the catalog can be read",
        "What can't be read can't be judged, and what can't be judged does not pass.",
    ),
}
"""What has to hold before any rule, and why, by the id under which a breach is told."""


def _readable(outcomes: Sequence[RuleOutcome]) -> Iterator[RuleResult]:
    """Return a result for what could not be read, where there is any."""
    for id, (title, why) in READABLE.items():
        held = [outcome for outcome in outcomes if outcome.rule == id]
        if held:
            yield RuleResult(
                id=id, title=title, severity=held[0].severity, rationale=why, fix="Repair the file at the place that is named.",
                kinds=(), own=False, state="not evaluable", unclear=len(held),
                source=Source(kind="assumption", place="rules.yaml", column=id),
            )  # fmt: skip


def _apply(
    rule: PolicyRule, subjects: Sequence[PolicySubject], lacking: Sequence[str], today: dt.date | None
) -> tuple[RuleResult, list[RuleOutcome]]:
    place = Source(kind="input" if rule.own else "assumption", place=rule.file, row=rule.line)
    counts: Counter[str] = Counter()
    found: list[RuleOutcome] = []
    reached = 0
    for subject in () if lacking else subjects:
        verdicts = judge_tests(rule, subject, today)
        if verdicts is None:
            continue
        counts[verdicts[0].state if verdicts else "pass"] += 1
        found += [
            RuleOutcome(
                rule=rule.id, severity=rule.severity, state=verdict.state, kind=subject.kind, subject=subject.id,
                field=verdict.field, reason=verdict.reason, fix=rule.fix, source=subject.source,
                integrations=subject.integrations, systems=subject.systems,
            )
            for verdict in verdicts
        ]  # fmt: skip
    reached = sum(counts.values())
    remarks = tuple(_remarks(rule, subjects)) if rule.own else ()
    if rule.own and not reached and (not rule.when or not subjects):
        where = "".join(f", {test.field} {' or '.join(test.texts)}" for test in rule.where)
        reason = f"applies to nothing: there is no {' or '.join(rule.kinds)}{where}"
        counts["not evaluable"] += 1
        found.append(
            RuleOutcome(
                rule=rule.id, severity=rule.severity, state="not evaluable", reason=reason, source=place,
                fix="Correct applies_to, or take the rule out.",
            )
        )  # fmt: skip
    result = RuleResult(
        id=rule.id, title=rule.title or rule.id, severity=rule.severity, rationale=rule.rationale, fix=rule.fix,
        kinds=rule.kinds, own=rule.own,
        state=_state(counts, bool(lacking)), passed=counts["pass"], failed=counts["fail"],
        unclear=counts["not evaluable"], remarks=remarks, source=place,
    )  # fmt: skip
    return result, found


def _state(counts: Counter[str], lacking: bool) -> RuleState:
    if lacking:
        return "not assessed"
    if counts["fail"]:
        return "fail"
    if counts["not evaluable"]:
        return "not evaluable"
    return "pass" if counts["pass"] else "nothing to judge"


def _remarks(rule: PolicyRule, subjects: Sequence[PolicySubject]) -> Iterator[str]:
    """Say which fields of the catalog no subject has, and what was probably meant."""
    for test in (*rule.where, *rule.when, *rule.tests):
        if not subjects or not is_open(rule.kinds, test.path) or any(_has(s, test.path) for s in subjects):
            continue
        siblings = sorted({key for s in subjects for key in _siblings(s, test.path)})
        near = closest_word(test.path[-1], siblings)
        hint = f', did you mean "{near}"?' if near else ""
        whose = " or ".join(rule.kinds)
        yield f"no {whose} has the field {test.field}{hint}"


def _has(subject: PolicySubject, path: tuple[str, ...]) -> bool:
    value: object = subject.document
    for key in path:
        if not isinstance(value, dict) or key not in value:
            return False
        value = value[key]
    return True


def _siblings(subject: PolicySubject, path: tuple[str, ...]) -> Iterator[str]:
    value: object = subject.document
    for key in path[:-1]:
        value = value.get(key) if isinstance(value, dict) else None
    if isinstance(value, dict):
        yield from map(str, value)
    elif path[:2] not in FREE and len(path) > 1:
        yield from ()


def _missing(rules: Sequence[PolicyRule], absent: Sequence[str]) -> Iterator[Missing]:
    for name in absent:
        held = [rule.id for rule in rules if name in rule.needs]
        if held:
            yield Missing(
                section="governance",
                supply=SUPPLY[name],
                changes=f"{len(held)} rules can be judged: {listed(held)}.",
            )


def _facts(policy: Policy) -> tuple[Fact, ...]:
    judged = [rule for rule in policy.rules if rule.judged]
    source = Source(
        kind="calculation",
        place="policy/check",
        detail=f"{len(policy.rules)} rules on {sum(policy.subjects.values())} subjects",
        of=tuple(rule.source.id for rule in policy.rules),
    )
    rules = tuple(rule.source for rule in policy.rules)
    numbers = {
        "rules": ("Rules that had something to judge", len(judged)),
        "met": ("Rules that hold everywhere", sum(rule.state == "pass" for rule in judged)),
        "failed": ("Failures", sum(rule.failed for rule in policy.rules)),
        "unclear": ("Not evaluable", sum(rule.unclear for rule in policy.rules)),
    }
    return tuple(
        Fact(id=f"policy.{key}", label=label, value=value, sources=(source, *rules))
        for key, (label, value) in numbers.items()
        if judged
    )
