"""Whether a promised latency is kept at the load for which it was promised."""

from __future__ import annotations

from typing import Literal

from scipy import special

from assess.core.estimate import Estimate
from assess.core.record import Record
from assess.core.source import Source

from .traffic import Traffic

ERROR = 0.05
"""The interval of the share holds in at least 95% of cases."""
SHARE = 0.95
"""Share of the runs that has to be in time where a promise names none: its 95th percentile."""

Verdict = Literal["shown", "broken", "not shown"]


class PromiseEvidence(Record):
    """What the run logs say of a promised latency.

    Parameters
    ----------
    verdict
        ``shown``: at the promised load or above it, enough runs were in time. ``broken``: at the promised
        load or below it, too few were. ``not shown``: the load was never seen, or too few runs were.
    share
        Share of the runs that were in time, with its exact 95% interval; None where no run counts.
    runs
        How many runs it was counted over.
    load_seen
        Highest load at which a run began, messages a second; None where the log does not say.
    reason
        Why, in one sentence with its numbers.
    """

    verdict: Verdict
    share: Estimate | None = None
    runs: int = 0
    load_seen: float | None = None
    reason: str


def exact(successes: int, trials: int, error: float = ERROR) -> tuple[float, float]:
    """Return the exact limits of a share (Clopper and Pearson 1934).

    Raises
    ------
    ValueError
        Without a trial, or with more successes than trials.

    Examples
    --------
    Newcombe 1998, table I, method 5: 81 of 263 is .2527 to .3676.

    >>> [round(limit, 4) for limit in exact(81, 263)]
    [0.2527, 0.3676]
    """
    if trials < 1 or not 0 <= successes <= trials:
        raise ValueError(f"{successes} of {trials} is no share")
    low = special.betaincinv(successes, trials - successes + 1, error / 2) if successes else 0.0
    high = special.betaincinv(successes + 1, trials - successes, 1 - error / 2) if successes < trials else 1.0
    return float(low), float(high)


def judge_promise(
    latency_target: float, load: float | None, traffic: Traffic | None, *, share: float = SHARE
) -> PromiseEvidence:
    """Say whether runs keep a latency, given the load that was promised with it.

    A promise such as "95% within 2 s at up to 100 messages a second" is about the loads up to 100: a slow
    run at 30 counts against it, a slow run at 300 does not; and fast runs at 30 prove nothing about 100. So

    - ``broken``: the upper limit of the share in time, over runs that began at the load or below it, is
      less than ``share``;
    - ``shown``: otherwise, the lower limit over runs that began at the load or above it is at least ``share``;
    - ``not shown``: otherwise.

    The limits are exact (Clopper and Pearson 1934, 95%). The load of a run is a lower bound, because a log
    does not say what happens within a run; so a load that was reached may go unnoticed, never the reverse.

    Parameters
    ----------
    latency_target
        Seconds.
    load
        Messages a second; None where the promise names no load: then every run counts.
    traffic
        What was measured of the integration, `Operations.of`; None where nothing was.
    share
        Share of the runs that has to be in time: 0.95 for a 95th percentile, 0.99 for a 99th.

    Raises
    ------
    ValueError
        If the latency is not above zero, or the share not between zero and one.
    """
    if latency_target <= 0 or not 0 < share < 1:
        raise ValueError(f"{latency_target} s for {share} of the runs is no promise")
    if traffic is None or traffic.loaded is None:
        return PromiseEvidence(verdict="not shown", reason="No run log shows its latency")
    loaded = traffic.loaded
    seen = max((at for at, _ in loaded.busiest if at is not None), default=None)
    within = [late for at, late in loaded.sample if load is None or (at is not None and at <= load)]
    above = [late for at, late in loaded.busiest if load is None or (at is not None and at >= load)]
    if load is None:
        above = within
    below = _counted(within, latency_target, traffic, load, "up to")
    reached = _counted(above, latency_target, traffic, load, "at or above")
    if below is not None and below.high < share:
        return PromiseEvidence(
            verdict="broken",
            share=below,
            runs=len(within),
            load_seen=seen,
            reason=_said(below, within, share),
        )
    if reached is not None:
        verdict: Verdict = "shown" if reached.low >= share else "not shown"
        return PromiseEvidence(
            verdict=verdict,
            share=reached,
            runs=len(above),
            load_seen=seen,
            reason=_said(reached, above, share),
        )
    known = "the log counts no records" if seen is None else f"the highest seen is {seen:.3g} a second"
    return PromiseEvidence(
        verdict="not shown",
        share=below,
        runs=len(within),
        load_seen=seen,
        reason=f"No run began at {load:g} messages a second or more: {known}",
    )


def _counted(
    latencies: list[float], target: float, traffic: Traffic, load: float | None, side: str
) -> Estimate | None:
    if not latencies:
        return None
    kept = sum(late <= target for late in latencies)
    low, high = exact(kept, len(latencies))
    under = "" if load is None else f" {side} {load:g} messages/s"
    source = Source(
        kind="measurement",
        place=f"operations/{traffic.integration}/promise",
        detail=f"{kept} of {len(latencies)} delivered runs{under} within {target:g} s; Clopper-Pearson 95%",
        date=traffic.last_day,
    )
    return Estimate(low=low, likely=kept / len(latencies), high=high, unit="share", source=source)


def _said(counted: Estimate, runs: list[float], share: float) -> str:
    return (
        f"{counted.likely:.1%} of {len(runs):,} runs in time, 95% limits {counted.low:.1%} to {counted.high:.1%}; "
        f"{share:.0%} promised"
    )
