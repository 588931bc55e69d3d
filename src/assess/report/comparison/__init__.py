"""What changed between runs, and why.

`open_runs` reads the folders that runs left, `compare` says what changed from each to the next, `write_text` says it
as text, and `write_page` as a page of the report's look.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import combinations, pairwise
from typing import TypeVar

from assess.core.finding import Finding
from assess.core.source import Fact
from assess.decisions.assessment import Assessment
from assess.decisions.decision import RECOMMENDED
from assess.decisions.snapshot import Part, Snapshot
from assess.intake import InvalidEngagement
from assess.report.chapter import Results
from assess.report.notebook_display import rounded

from .changes import NotRuns, Run, changes, keep, open_runs
from .page import evidence_name, write_page
from .result import CAUSES, Cause, Change, Difference, Headline, Leg, RunComparison, Visit, write_text

__all__ = [
    "Change",
    "Difference",
    "Headline",
    "NotRuns",
    "Run",
    "RunComparison",
    "Visit",
    "compare",
    "evidence_name",
    "keep",
    "open_runs",
    "write_page",
    "write_text",
]


def compare(runs: Sequence[Run]) -> RunComparison:
    """Say what changed over runs, and why.

    Parameters
    ----------
    runs
        At least two, as `open_runs` returns them, the earliest first.

    Returns
    -------
    Comparison
        For each run and the next the differences of the headline numbers, split into answers, measurements,
        prices and model so that the parts add up exactly, what is different in the inputs, and the findings
        that came and went. Where the basis of a run was not kept, the difference is reported as not split.
    """
    head = runs[0].results.engagement
    known = headlines(head.currency)
    values = [recorded(run.results) for run in runs]
    return RunComparison(
        client=head.client,
        currency=head.currency,
        headlines=known,
        visits=tuple(
            Visit(
                name=run.name,
                date=run.results.engagement.date,
                sha256=run.sha256,
                bytes=run.bytes,
                values=value,
                findings=len(run.results.findings),
                failed=tuple(c.title for c in run.results.chapters if c.state == "failed"),
            )
            for run, value in zip(runs, values, strict=True)
        ),
        legs=tuple(
            _leg(one, two, differences(known, one, two, pair))
            for (one, two), pair in zip(pairwise(runs), pairwise(values), strict=True)
        ),
    )


def _leg(before: Run, after: Run, found: tuple[Difference, ...]) -> Leg:
    return Leg(
        differences=found,
        changes=changes(before, after),
        new=_only(after, before),
        gone=_only(before, after),
    )


def _only(run: Run, other: Run) -> tuple[Finding, ...]:
    """Findings that one run has and the other, though it asked the same chapter, has not."""
    had = {finding.id for finding in other.results.findings}
    asked = {chapter.key for chapter in other.results.chapters if chapter.state != "failed"}
    chapters = {entry.finding.id: entry.chapter.key for entry in run.results.ledger}
    return tuple(f for f in run.results.findings if f.id not in had and chapters[f.id] in asked)


FACTS: dict[str, tuple[str, ...]] = {
    "readiness": ("readiness.select.met", "readiness.pilot.met", "readiness.scale.met"),
    "defects": ("data_quality.suspect_cells",),
    "repair": ("data_quality.effort",),
    "lead_time": ("value_stream.today.days",),
    "benefits": ("value_stream.future.benefit",),
    "risk": ("risk.ale",),
}
"""Facts whose sum each headline number is; that of ``cost`` depends on which option is best."""


def headlines(currency: str) -> tuple[Headline, ...]:
    """Return the headline numbers, the first screen's first."""
    yearly = f"{currency}/year"
    return (
        Headline(
            key="cost", label="Present cost of the plan, less its benefits", unit=currency, better="lower"
        ),
        Headline(
            key="readiness", label="Must-haves met, all gates", unit="must-haves", digits=1, better="higher"
        ),
        Headline(key="defects", label="Suspect cells", unit="cells", better="lower"),
        Headline(key="repair", label="Work to repair the data", unit="person-days", digits=1, better="lower"),
        Headline(key="lead_time", label="Time that a case takes", unit="days", digits=2, better="lower"),
        Headline(key="benefits", label="Benefit of the integrations", unit=yearly, better="higher"),
        Headline(key="risk", label="Expected loss by risks", unit=yearly, better="lower"),
    )


def recorded(results: Results) -> dict[str, float | None]:
    """Return the headline numbers as a run recorded them."""
    facts = {fact.id: fact for chapter in reversed(results.chapters) for fact in chapter.facts}
    costs = {id: f.value for id, f in facts.items() if re.fullmatch(r"cost\.[\w-]+\.npv", id)}
    priced = {id: value for id, value in costs.items() if isinstance(value, int | float)}
    own = f"cost.{RECOMMENDED}.npv"
    return _values(facts, own if own in priced else min(priced, key=priced.__getitem__, default=""))


def computed(assessment: Assessment) -> dict[str, float | None]:
    """Compute the headline numbers of an assessment."""
    rooms = (
        assessment.cost,
        assessment.readiness,
        assessment.quality,
        assessment.value_stream,
        assessment.risk,
    )
    asked = assessment.readiness.assessed or bool(assessment.engagement.risks)
    shown = [room for room in rooms if asked or room not in (assessment.readiness, assessment.risk)]
    facts = {fact.id: fact for room in shown for fact in room.facts}
    best = assessment.cost.best
    return _values(facts, f"cost.{best}.npv" if best else "")


def _values(facts: Mapping[str, Fact], best: str) -> dict[str, float | None]:
    wanted = {"cost": (best,), **FACTS}
    return {key: _sum(facts[id] for id in ids if id in facts) for key, ids in wanted.items()}


def _sum(facts: Iterable[Fact]) -> float | None:
    values = [rounded(float(fact.value)) for fact in facts if isinstance(fact.value, int | float)]
    return sum(values) if values else None


K = TypeVar("K", bound=str)
Values = Mapping[str, float | None]


def differences(
    headlines: Sequence[Headline], before: Run, after: Run, values: tuple[Values, Values]
) -> tuple[Difference, ...]:
    """Attribute the differences of two runs.

    Parameters
    ----------
    values
        The recorded headline numbers of both runs.
    """
    ends = [(h, values[0].get(h.key), values[1].get(h.key)) for h in headlines]
    lack = _lack(before, after)
    if lack or before.snapshot is None or after.snapshot is None:
        return tuple(_unsplit(h, one, two, lack) for h, one, two in ends)
    try:
        found = _computed(before.snapshot, after.snapshot)
    except (ValueError, KeyError, InvalidEngagement) as error:
        why = f"the parts of the two runs can't be mixed: {error}"
        return tuple(_unsplit(h, one, two, why) for h, one, two in ends)
    return tuple(_difference(h, one, two, found) for h, one, two in ends)


def _lack(before: Run, after: Run) -> str:
    said = [f"{run.name}: {run.lack}" for run in (before, after) if run.snapshot is None]
    return "; ".join(said)


def _unsplit(headline: Headline, before: float | None, after: float | None, why: str) -> Difference:
    if before is None or after is None:
        return Difference(headline=headline, before=before, after=after, why=_absent(before, after))
    total = round(round(after, headline.digits) - round(before, headline.digits), headline.digits)
    return Difference(
        headline=headline,
        before=round(before, headline.digits),
        after=round(after, headline.digits),
        unsplit=total,
        why=why if total else "",
    )


def _absent(before: float | None, after: float | None) -> str:
    if before is None and after is None:
        return "neither run assessed it"
    return "the earlier run did not assess it" if before is None else "the later run does not assess it"


Mixes = Mapping[frozenset[Part], Values]


def _computed(before: Snapshot, after: Snapshot) -> Mixes:
    """Compute the headline numbers with every set of differing parts taken from the later run."""
    parts = before.differing(after)
    base = before.model_copy(update={"seed": after.seed, "draws": after.draws})
    return {
        taken: computed(base.exchanged(after, taken).assessment())
        for size in range(len(parts) + 1)
        for taken in map(frozenset, combinations(parts, size))
    }


def _difference(headline: Headline, before: float | None, after: float | None, found: Mixes) -> Difference:
    """Split one difference; in whole steps of the headline's last digit, so that it adds up exactly."""
    values = {taken: mix.get(headline.key) for taken, mix in found.items()}
    if before is None or after is None:
        return _unsplit(headline, before, after, "")
    if any(value is None for value in values.values()):
        return _unsplit(headline, before, after, "with some of the parts exchanged it can't be assessed")
    scale = 10**headline.digits
    steps = {taken: round((value or 0.0) * scale) for taken, value in values.items()}
    first, last = round(before * scale), round(after * scale)
    whole = max(steps, key=len)
    shares = shapley(sorted(whole), lambda taken: steps[taken])
    exact = apportioned(shares, steps[whole] - steps[frozenset()])
    model = (last - first) - (steps[whole] - steps[frozenset()])
    parts: dict[Cause, float] = dict.fromkeys(CAUSES, 0.0)
    for part, share in exact.items():
        parts[part] = share / scale
    parts["model"] = model / scale
    return Difference(headline=headline, before=first / scale, after=last / scale, parts=parts)


def shapley(players: Sequence[K], worth: Callable[[frozenset[K]], int]) -> dict[K, Fraction]:
    """Return the Shapley value of each player, exactly.

    Examples
    --------
    The glove game (one left glove, two right ones; a pair is worth 1) gives 2/3, 1/6, 1/6:

    >>> pair = lambda held: int("left" in held and len(held) > 1)
    >>> {k: str(v) for k, v in shapley(["left", "right", "other"], pair).items()}
    {'left': '2/3', 'right': '1/6', 'other': '1/6'}
    """
    n = len(players)
    shares = {}
    for player in players:
        others = [other for other in players if other != player]
        shares[player] = sum(
            (
                Fraction(math.factorial(size) * math.factorial(n - size - 1), math.factorial(n))
                * (worth(frozenset(held) | {player}) - worth(frozenset(held)))
                for size in range(n)
                for held in combinations(others, size)
            ),
            Fraction(0),
        )
    return shares


def apportioned(shares: Mapping[K, Fraction], total: int) -> dict[K, int]:
    """Round shares to whole steps that add up to the total (largest remainder).

    >>> apportioned({"a": Fraction(1, 3), "b": Fraction(2, 3), "c": Fraction(0)}, 1)
    {'a': 0, 'b': 1, 'c': 0}
    >>> apportioned({"a": Fraction(-1, 2), "b": Fraction(1, 2)}, 0)
    {'a': 0, 'b': 0}
    """
    floors = {key: math.floor(share) for key, share in shares.items()}
    rest = total - sum(floors.values())
    by_rest: Iterable[K] = sorted(shares, key=lambda key: (floors[key] - shares[key], key))
    for key in list(by_rest)[:rest]:
        floors[key] += 1
    return floors
