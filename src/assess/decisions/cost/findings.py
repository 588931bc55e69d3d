"""What has to be said beside the numbers: notes, findings about the assumptions, and what is missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from assess.core.finding import Finding, Missing, Severity
from assess.core.numbers import quantity
from assess.core.source import Source
from assess.decisions.shift import Shift
from assess.intake.assumptions import Assumption
from assess.intake.engagement import Engagement

from .model import LABELS
from .parameters import Terms
from .result import Excluded, Swing, TotalCost

TOP = 10
"""Parameters that move the answer most; their assumptions are looked at."""

NOT_ASSESSED: Mapping[str, str] = {
    "remediation": "zero, because the data of the systems was not assessed yet",
    "benefits": "zero, because the value stream was not assessed yet",
    "losses": "zero, because the risks were not assessed yet",
}

SUPPLY: Mapping[str, tuple[str, str]] = {
    "remediation": ("extracts of the systems (column data of systems.csv)", "adds the repair of the measured defects to every option"),
    "benefits": ("value_stream.csv", "adds what the integrations save a year, so that a payback can be stated"),
    "losses": ("risks.csv", "adds the expected losses, which differ between the options"),
}  # fmt: skip


def line_label(line: str) -> str:
    """Return a line of the cash flow in words."""
    return LABELS[line]


def line_note(line: str, assessed: Mapping[str, bool]) -> str:
    """Return why a line is zero, where it was not assessed."""
    return NOT_ASSESSED[line] if not assessed.get(line, True) else ""


def no_integrations() -> Missing:
    """Return what to say when there is nothing to price."""
    return Missing(
        section="cost",
        supply="integrations.csv with at least one integration",
        changes="the cost of every option can be estimated",
    )


def no_rate(message: str) -> Missing:
    """Return what to say when a price cannot be converted."""
    return Missing(section="cost", supply=message, changes="prices of other currencies can be converted")


def no_plan(excluded: Sequence[Excluded]) -> Missing:
    """Return what to say when no option can be priced."""
    reasons = "; ".join(f"{item.option}: {item.reason}" for item in excluded)
    return Missing(
        section="cost",
        supply=f"a price plan that carries the volume ({reasons})",
        changes="the options can be priced",
    )


def missing(assessed: Mapping[str, bool]) -> tuple[Missing, ...]:
    """Return what was not assessed, and what it would change; single answers are ranked by `assess.decisions.questions`."""
    return tuple(
        Missing(section="cost", supply=SUPPLY[key][0], changes=SUPPLY[key][1])
        for key, done in assessed.items()
        if not done
    )


def notes(
    engagement: Engagement, terms: Terms, assessed: Mapping[str, bool], shifts: Sequence[Shift]
) -> tuple[str, ...]:
    """Return the conventions of the calculation in words."""
    rate = terms.real_rate if terms.money == "real" else terms.nominal_rate
    money = "real money of the base date" if terms.money == "real" else "nominal money of each month"
    said = [
        f"Amounts are in {engagement.currency}, {money}, over {terms.horizon} years, discounted at {rate:.2%} a year "
        f"({terms.money}) from the end of each month; inflation {terms.inflation:.2%}.",
        "Costs are booked on the plan, benefits from when the team can really have built the integrations.",
        f"An integration costs {terms.by_name[f'overrun:{terms.styles[0]}'].estimate.mean:.2f} times its plan on average."
        if terms.styles
        else "",
        f"Of large projects one in {1 / terms.overrun['tail_share']:.1f} overruns by more than 50%, up to "
        f"{terms.overrun['cap']:g} times its plan: the case of a programme that runs away, beside the futures."
        if terms.overrun["tail_share"] > 0
        else "",
        *(f"{LABELS[line]}: {NOT_ASSESSED[line]}." for line, done in assessed.items() if not done),
        *(f"{shift.parameter} times {shift.factor:g} because {shift.because}." for shift in shifts),
    ]
    return tuple(filter(None, said))


def findings(engagement: Engagement, terms: Terms, result: TotalCost) -> tuple[Finding, ...]:
    """Return what leaders should know about the answer: budget, team, and the assumptions that carry it."""
    return tuple(
        finding
        for finding in (
            _budget(engagement, result),
            _team(terms, result),
            _unclear(result),
            *_assumptions(engagement, result),
            *(_excluded(item) for item in result.excluded),
            _correlation(result),
        )
        if finding is not None
    )


def _finding(name: str, severity: Severity, title: str, **fields: object) -> Finding:
    return Finding.model_validate(
        {"id": f"cost/{name}", "section": "cost", "severity": severity, "title": title, **fields}
    )


def _budget(engagement: Engagement, result: TotalCost) -> Finding | None:
    """Compare the budget with what the recommended option costs until all integrations run."""
    if result.budget is None or result.best is None:
        return None
    option = result.option(result.best)
    share = option.within_budget or 0.0
    if share >= 0.8:
        return None
    say = partial(quantity, unit=result.currency)
    return _finding(
        "budget",
        "high" if share < 0.5 else "medium",
        f"The budget of {say(result.budget)} lasts until all integrations run in {share:.0%} of the futures",
        evidence=f"{option.label} until all run: {say(option.spent.mean)} on average, up to {say(option.spent.p80)} "
        "in eight of ten futures",
        impact="The programme runs out of money before it is complete",
        action=f"Raise the budget to {say(option.spent.p80)}, or leave integrations out of the first phase.",
        sources=(engagement.constraints.cite("budget"),),
    )


def _team(terms: Terms, result: TotalCost) -> Finding | None:
    if result.best is None:
        return None
    people = terms.by_name["team.people"].estimate
    if people.high == 0:
        return _finding(
            "no-team",
            "critical",
            "Nobody is there to build: the team has 0 people",
            impact="The plan has no capacity; costs are those of bought days, benefits do not start in time",
            action="Name the people, or buy the capacity.",
            sources=(people.source,) if people.source else (),
        )
    option = result.option(result.best)
    if option.months_to_build[1] <= terms.months:
        return None
    return _finding(
        "capacity",
        "high",
        f"The team needs {option.months_to_build[1]:.0f} months for {option.label}, longer than the "
        f"{terms.months} months of the horizon",
        impact="Integrations come too late, or outside capacity has to be bought",
        action="Add people, raise their focus, or reduce the number of integrations.",
        sources=(people.source,) if people.source else (),
    )


def _unclear(result: TotalCost) -> Finding | None:
    """Say that cost alone does not decide."""
    if result.best is None or len(result.options) < 2:
        return None
    best = result.option(result.best)
    say = partial(quantity, unit=result.currency)
    if best.cheapest >= 0.6:
        return None
    return _finding(
        "close",
        "medium",
        f"Cost alone does not decide: “{best.label}” is the cheapest in {best.cheapest:.0%} of the cases",
        evidence="; ".join(f"{option.label} {option.cheapest:.0%}" for option in result.options),
        impact=f"Choosing it costs {say(best.regret)} more on average than the best choice each time",
        action="Answer the questions that are worth most before signing, or decide by fit and risk.",
    )


def _assumptions(engagement: Engagement, result: TotalCost) -> list[Finding]:
    """Flag stale, conflicting and elicited defaults among the parameters that move the answer most."""
    entries = [(swing, entry) for swing in result.swings[:TOP] for entry in _entries(engagement, swing)]
    found = []
    elicited = {entry.key: entry for _, entry in entries if entry.believed}
    if elicited:
        found.append(
            _finding(
                "elicited",
                "medium",
                f"{len(elicited)} of the {min(TOP, len(result.swings))} parameters that move the cost most rest on experts' "
                "beliefs",
                evidence="; ".join(f"{entry.label} ({key})" for key, entry in elicited.items()),
                impact="The ranges are wide because nobody measured them here",
                action="Replace them by the client's own figures under assumptions: in engagement.yaml.",
                sources=tuple(_source(entry) for entry in elicited.values()),
            )
        )
    if engagement.date is not None:
        today = engagement.date
        stale = {entry.key: entry for _, entry in entries if entry.stale(today) and not entry.overridden}
        if stale:
            found.append(
                _finding(
                    "stale",
                    "low",
                    f"{len(stale)} defaults that move the cost are older than 180 days",
                    evidence="; ".join(
                        f"{entry.label}: {entry.age_days(today)} days" for entry in stale.values()
                    ),
                    action="Check them against today's price lists.",
                    sources=tuple(_source(entry) for entry in stale.values()),
                )
            )
    conflicts = {entry.key: entry for _, entry in entries if entry.conflicts and not entry.overridden}
    found += [_conflict(entry) for entry in conflicts.values()]
    return found


def _conflict(entry: Assumption) -> Finding:
    other = entry.conflicts[0]
    unit = "" if entry.unit == "factor" else f" {entry.unit}"
    return _finding(
        f"conflict/{entry.key}",
        "low",
        f"Sources disagree about “{entry.label}”: {entry.likely:g} or {other.likely:g}{unit}",
        evidence=f"{entry.source}; against {other.source}",
        action="Decide which source holds for this client.",
        sources=(_source(entry),),
    )


def _entries(engagement: Engagement, swing: Swing) -> list[Assumption]:
    return [
        engagement.assumptions.entry(source.place) for source in swing.sources if source.kind == "assumption"
    ]


def _source(entry: Assumption) -> Source:
    return entry.estimate.source or Source(kind="assumption", place=entry.key)


def _excluded(item: Excluded) -> Finding:
    return _finding(
        f"excluded/{item.option}",
        "high",
        f"{item.option} could not be priced: {item.reason}",
        action="Ask the vendor for the edition behind the ceiling, or choose another plan.",
    )


def _correlation(result: TotalCost) -> Finding | None:
    if result.correlation_moved <= 0.005:
        return None
    return _finding(
        "correlation",
        "info",
        f"The stated correlations contradict each other; the nearest consistent ones differ by up to {result.correlation_moved:.2f}",
        action="Check the assumptions correlation.*.",
    )
