"""What chapter 6 says in sentences."""

from __future__ import annotations

from assess.core.finding import SEVERITIES
from assess.evidence.policy import Policy, RuleResult
from assess.report.chapters.words import and_list, count

SIGNS = {"pass": "good", "fail": "bad", "not evaluable": "unknown", "not assessed": "unknown"}
"""Words of the state column for the state of a rule."""

STATES = {"pass": "met", "fail": "not met"}
"""How a state is called in a table; the others are called what they are."""

NAMED = 3


def verdict(policy: Policy) -> str:
    """Answer in two sentences: how many rules hold, and where most is missing."""
    judged = [rule for rule in policy.rules if rule.judged]
    met = [rule for rule in judged if rule.state == "pass"]
    text = f"[{len(met)} of {count(len(judged), 'rule')}](policy.met) {'is' if len(met) == 1 else 'are'} met everywhere"
    broken = worst(policy)
    if not broken:
        return text + "."
    failed = [f"“{rule.title}” ({rule.failed} of {rule.judged} not)" for rule in broken if rule.failed]
    unclear = [f"“{rule.title}” ({rule.unclear} of {rule.judged})" for rule in broken if not rule.failed]
    if failed:
        text += f". Most is missing at {and_list(failed[:NAMED])}"
    if unclear:
        text += f". Nobody can tell yet: {and_list(unclear[:NAMED])}"
    return text + "."


def worst(policy: Policy) -> list[RuleResult]:
    """Return the rules that are not met, the most severe and most often broken first."""
    broken = [rule for rule in policy.rules if rule.failed or rule.unclear]
    return sorted(
        broken, key=lambda rule: (SEVERITIES.index(rule.severity), -rule.failed - rule.unclear, rule.id)
    )


def turns(policy: Policy) -> tuple[str, ...]:
    """Say what would change the answer: what is closest to being met, and what can't be judged."""
    near = sorted(
        (rule for rule in policy.rules if rule.passed and rule.failed + rule.unclear),
        key=lambda rule: ((rule.failed + rule.unclear) / rule.judged, rule.id),
    )
    said = [
        f"“{rule.title}” is met after {count(rule.failed + rule.unclear, 'repair')}: {_lowered(rule.fix)}"
        for rule in near[:NAMED]
    ]
    odd = [remark for rule in policy.rules for remark in rule.remarks]
    return (*said, *(f"A rule of the client may be misspelt: {remark}." for remark in odd[:NAMED]))


def _lowered(text: str) -> str:
    return text[:1].lower() + text[1:]
