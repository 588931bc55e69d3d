"""What the decision means for the client: findings, and facts with their sources."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from assess.core.finding import Finding
from assess.core.numbers import interval, money
from assess.core.source import Driver, Fact, Source
from assess.decisions.framework.constraints import LOAD
from assess.decisions.framework.criteria import CRITERIA
from assess.decisions.framework.ranking import BYPASS
from assess.decisions.framework.result import IntegrationFit
from assess.intake.engagement import Engagement
from assess.intake.engagement.landscape import NATIVE, STYLE_NAMES, STYLE_PLAIN, Style

from .candidates import nearest_miss
from .result import Decision

PRACTISED = 0.5
"""Experience with an adopted style below which building skill is an action: rule of the method."""


def list_findings(
    engagement: Engagement, fits: Sequence[IntegrationFit], decision: Decision, cash: float
) -> tuple[Finding, ...]:
    """Return what must be known of what is decided, most severe first; ``cash`` is the part of the benefits that is cash."""
    taken = decision.assignment
    return (
        *_hours(decision, cash),
        *_last_resorts(engagement, fits, taken),
        *_crowded(engagement, decision),
        *_unskilled(engagement, taken),
        *_lonely(taken),
    )


def list_facts(decision: Decision, lost: Sequence[Driver] = ()) -> tuple[Fact, ...]:
    """Return the numbers that a reader sees first.

    Parameters
    ----------
    lost
        The inputs that move the chance of a loss most.
    """
    if decision.gain is None:
        return ()
    gain = decision.gain
    of = Source(kind="calculation", place="decision/gain", detail="docs/method/decision.md")
    counts = Counter(decision.assignment.values())
    return (
        Fact(id="decision.gain", label=f"Average gain over {decision.horizon_years} years", value=gain.mean,
             low=gain.low, high=gain.high, unit=decision.currency, sources=(of,),
             note=f"{interval(gain.low, gain.high, decision.currency)} in eight of ten futures",
             formula="Cost of leaving things as they are less that of the proposed option, both less their benefits and discounted; average of all futures"),
        Fact(id="decision.loss", label="Chance of losing money", value=gain.loss, unit="chance", note="against leaving things as they are",
             sources=(of.model_copy(update={"place": "decision/loss", "of": tuple(driver.source for driver in lost)}),),
             formula="Share of the futures in which the gain is below zero", drivers=tuple(lost)),
        Fact(id="decision.done", label="Integrations that are built or bought", value=len(decision.assignment), sources=(of,),
             formula="Integrations that the decision moves, now or later"),
        Fact(id="decision.kept", label="Integrations that stay as they are", value=len(decision.kept), sources=(of,),
             formula="Integrations for which the decision changes nothing"),
        *(Fact(id=f"decision.{style}.integrations", label=f"Integrations by {STYLE_PLAIN[style]}", value=number, sources=(of,))
          for style, number in counts.items()),
        *_rougher(decision),
    )  # fmt: skip


def _rougher(decision: Decision) -> Iterator[Fact]:
    """Yield what would change the answer in futures whose assumed ranges are wider than the options were priced with."""
    judged = decision.verdict
    of = Source(kind="calculation", place="decision/verdict", detail="docs/method/decision.md")
    top = judged.dearest
    for name, label, value, unit, formula in (
        ("rival", "Chance that another option would be clearly cheaper, were estimates rougher", None if judged.chance is None else 1 - judged.chance, "chance",
         "Share of the futures under widened ranges in which another option saves at least 5% of what is paid"),
        ("more", "Chance that connecting more at once would pay, were estimates rougher", judged.more, "chance",
         "Share of the futures under widened ranges in which further integrations at once save at least 5% of what is paid"),
        ("answer", f"Worth of the answer before signing, were estimates rougher: {top.plain.shown}" if top else "", top and top.worth, decision.currency,
         "Cost of the best programme today, less the average cost if this answer were known before choosing; under widened ranges"),
    ):  # fmt: skip
        if value is not None:
            yield Fact(
                id=f"decision.{name}", label=label, value=value, unit=unit, sources=(of,), formula=formula
            )


def _hours(decision: Decision, cash: float) -> Iterator[Finding]:
    """Say where the programme pays only if hours that become free are used."""
    gain, benefit = decision.gain, decision.recommended.benefit or 0.0
    alone = 0.0 if gain is None else gain.mean - (1 - cash) * benefit
    if gain is not None and alone < 0 < gain.mean:
        yield Finding(
            id="decision/benefits/cash",
            section="cost",
            severity="medium",
            title=f"Counting cash alone, the programme loses {money(-alone, decision.currency)} over {decision.horizon_years} years",
            evidence=f"cash is {cash:.0%} of the benefits of {money(benefit, decision.currency)}; "
            f"of the hours that become free {1 - gain.mean / ((1 - cash) * benefit):.0%} must be used for it to pay",
            impact="The other benefits are hours of people: they pay only where these do other work that is needed, or posts fall away.",
            action="Agree with the owner of each goal what the hours are used for, before signing.",
            sources=(Source(kind="calculation", place="decision/cash", detail="docs/method/decision.md"),),
        )


def _last_resorts(
    engagement: Engagement, fits: Sequence[IntegrationFit], taken: Mapping[str, Style]
) -> Iterator[Finding]:
    for fit in fits:
        if taken.get(fit.integration) == "database-access":
            row = engagement.integration(fit.integration)
            nearest = nearest_miss(fit)
            openings = _remedies(fit, ("file-exchange", "api-facade"))
            beside = [
                one for one in _remedies(fit, [nearest.style] if nearest else []) if one not in openings
            ]
            yield Finding(
                id=f"decision/{fit.integration}/database-access",
                section="framework",
                severity="high",
                title=f"{fit.label} is left to the database: nothing else meets what is stated",
                evidence="; ".join(
                    f"{STYLE_NAMES[s.style]}: {c.reason}" if c.constraint == LOAD else c.reason
                    for s in fit.styles
                    for c in s.exclusions
                ),
                impact=BYPASS,
                action="Ask the owner of the system for a file export or a thin API layer: "
                + "; ".join(openings)
                + "".join(f". Nearest of the others: {one}" for one in beside),
                owner=row.owner,
                integrations=(fit.integration,),
                sources=(row.origin,),
            )


def _crowded(engagement: Engagement, decision: Decision) -> Iterator[Finding]:
    """Ask for what is stated of more consumers than the scale of the criterion reaches: the work grows with each of them."""
    most = next(max(one.anchors) for one in CRITERIA if one.key == "consumers")
    for item in decision.integrations:
        row = engagement.integration(item.integration)
        consumers = row.consumers or 1
        if item.style is None or consumers <= most:
            continue
        each = engagement.assumptions[f"fanout.{item.style}"].mean
        yield Finding(
            id=f"decision/{item.integration}/consumers",
            section="cost",
            severity="medium",
            title=f"{item.label} is priced for {consumers:,} consumers: check the number",
            evidence=f"consumers: {consumers:,}; each after the first is taken as {each:.0%} of the work for one by {STYLE_PLAIN[item.style]}",
            impact=f"Its upkeep and changes, and its build where it is built, are priced at {1 + each * (consumers - 1):,.1f} times those for one consumer; "
            f"the scale of the method ends at {most:g}.",
            action="State the number of systems that take what moves; not users, devices, sites or records.",
            owner=row.owner,
            integrations=(item.integration,),
            sources=(row.cite("consumers"),),
        )


def _remedies(fit: IntegrationFit, styles: Sequence[Style]) -> list[str]:
    return [
        f"{STYLE_NAMES[style]}, possible if {' and '.join(c.feasible_if for c in fit.style(style).exclusions)}"
        for style in styles
        if fit.style(style).exclusions
    ]


def _unskilled(engagement: Engagement, taken: Mapping[str, Style]) -> Iterator[Finding]:
    for style in dict.fromkeys(taken.values()):
        skill = engagement.team.skills.get(style)
        if skill is not None and skill < PRACTISED:
            users = tuple(i for i, assigned in taken.items() if assigned == style)
            yield Finding(
                id=f"decision/{style}/skill",
                section="framework",
                severity="medium",
                title=f"The team's experience with {STYLE_PLAIN[style]} is {skill:.0%}, chosen for {len(users)} {'integration' if len(users) == 1 else 'integrations'}",
                evidence=f"team.skills: {style} {skill:.2f}",
                impact="Slower building and more rework until the team has run the style in production.",
                action=f"Train or hire for {STYLE_PLAIN[style]} before the first of these integrations, or pilot it on a small one.",
                integrations=users,
                sources=(engagement.team.cite("skills"),),
            )


def _lonely(taken: Mapping[str, Style]) -> Iterator[Finding]:
    users = Counter(taken.values())
    for style in dict.fromkeys(taken.values()):
        if users[style] == 1 and len(taken) > 1 and style != NATIVE:
            only = next(i for i, assigned in taken.items() if assigned == style)
            yield Finding(
                id=f"decision/{style}/single-use",
                section="framework",
                severity="low",
                title=f"One integration alone would use {STYLE_PLAIN[style]}",
                evidence=f"{only} is the only integration assigned to it",
                impact="A style of its own has to be learnt, run and monitored for a single connection.",
                action=f"Check whether {only} can use a style that is adopted anyway.",
                integrations=(only,),
                sources=(Source(kind="calculation", place=f"decision/assignment/{only}"),),
            )
