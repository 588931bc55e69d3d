"""What the review of a stack finds: what is missing, what is paid for in vain, what is there twice."""

from __future__ import annotations

from collections.abc import Iterator

from assess.core.finding import Finding
from assess.core.source import Source
from assess.intake.engagement import STYLE_NAMES, Engagement, Product
from assess.intake.problem import listed

from .result import PartState, Stack


def to_be_used(stack: Stack, product: Product) -> bool:
    """Return whether a product that nobody uses is what a chosen style lacks."""
    part = stack.part(product.component)
    return product.status == "unused" and part.state == "unused" and bool(part.required_by)


def judge(engagement: Engagement, stack: Stack) -> Iterator[Finding]:
    """Yield the findings; none where nobody filled in stack.csv, for then nothing is known to be missing."""
    if not engagement.stack:
        return
    for part in stack.parts:
        yield from _lacking(engagement, part)
        yield from _twice(engagement, part)
    for product in engagement.stack:
        yield from _idle(engagement, stack, product)
    yield from _priced_again(engagement, stack)


def _lacking(engagement: Engagement, part: PartState) -> Iterator[Finding]:
    """A part that a chosen style requires and that no product in use is or brings."""
    if not part.required_by or part.state not in ("missing", "planned", "unused"):
        return
    by = listed(STYLE_NAMES[style] for style in part.required_by)
    idle = next((p for p in engagement.stack if p.component == part.component and p.status == "unused"), None)
    if idle is not None:
        action = f"Put {idle.product} to use, which is paid for, or end it and choose another"
    elif part.state == "planned":
        action = f"{part.label}: have it running before the first of these integrations goes live"
    else:
        examples = f", such as {listed(part.examples)}" if part.examples else ""
        action = f"{part.label}: choose one{examples}, before the first of these integrations goes live"
    yield Finding(
        id=f"governance/stack/{part.component}/{part.state}",
        section="governance",
        severity="low" if part.state == "planned" else "medium",
        title=f"{part.label} is {_STATES[part.state]}; {by} {'needs' if len(part.required_by) == 1 else 'need'} it for {_count(part.integrations)}",
        evidence=f"It {part.does}. {_priced(part)}",
        impact="Each integration solves it on its own, or does without",
        action=action,
        owner=idle.owner if idle else "",
        sources=part.sources,
    )


_STATES = {"missing": "missing", "planned": "planned, not there", "unused": "paid for and not in use"}


def _priced(part: PartState) -> str:
    """Say for which styles the cost model holds the part, so that nobody counts it twice."""
    held = {style: [key for key in part.priced if key.endswith(f".{style}")] for style in part.required_by}
    inside = listed(STYLE_NAMES[style] for style, keys in held.items() if keys)
    keys = listed(dict.fromkeys(key for some in held.values() for key in some))
    outside = listed(STYLE_NAMES[style] for style, some in held.items() if not some)
    said = [
        f"For {inside} the cost model holds it already ({keys}): this finding adds nothing" if inside else ""
    ]
    said += [f"No line of the cost model holds it for {outside}: ask for an offer" if outside else ""]
    return ". ".join(filter(None, said))


def _twice(engagement: Engagement, part: PartState) -> Iterator[Finding]:
    running = [p for p in engagement.stack if p.component == part.component and p.status == "in-use"]
    if len(running) < 2:
        return
    yield Finding(
        id=f"governance/stack/{part.component}/several",
        section="governance",
        severity="low",
        title=f"{len(running)} products in use do the same: {part.label.lower()}",
        evidence=listed(_named(p) for p in running),
        impact="Skills, patches and contracts are kept once for each",
        action=f"{part.label}: agree which one new integrations use, and move the others when they change anyway",
        owner=next((p.owner for p in running if p.owner), ""),
        systems=tuple(dict.fromkeys(id for p in running for id in p.systems)),
        integrations=tuple(dict.fromkeys(id for p in running for id in p.integrations)),
        sources=tuple(p.said("component") for p in running),
    )


def _priced_again(engagement: Engagement, stack: Stack) -> Iterator[Finding]:
    """The cost model prices foundations by defaults, as if nothing were there."""
    there = [part for part in stack.parts if part.required_by and part.state in ("in-use", "brought")]
    keys = dict.fromkeys(key for part in there for key in part.priced)
    own = [key for key in keys if not engagement.assumptions.entry(key).overridden]
    held = [part for part in there if any(key in own for key in part.priced)]
    if not held:
        return
    yield Finding(
        id="governance/stack/priced",
        section="governance",
        severity="info",
        title=f"{listed(part.label for part in held)}: in use already, yet priced as if nothing were there",
        evidence=f"defaults of the cost model: {listed(own)}",
        impact="The options that need them may look dearer than they are",
        action="State under assumptions in engagement.yaml what is still to be done and paid",
        sources=tuple(dict.fromkeys(source for part in held for source in part.sources)),
    )


def _idle(engagement: Engagement, stack: Stack, product: Product) -> Iterator[Finding]:
    cost = product.cost_per_year
    if product.status not in ("unused", "retired") or (product.status == "retired" and cost is None):
        return
    price = "" if cost is None else f" and costs {cost.likely:,.0f} {engagement.currency} a year"
    until = f" by its renewal on {product.renewal}" if product.renewal else ""
    what = "nobody uses it" if product.status == "unused" else "it was retired"
    sources: tuple[Source, ...] = (product.said("status"),)
    if cost is not None and cost.source is not None:
        sources = (*sources, cost.source)
    lacking = to_be_used(stack, product)
    yield Finding(
        id=f"governance/stack/{product.id}/{product.status}",
        section="governance",
        severity="low" if cost is None else "medium",
        title=f"{product.product}: {what}{price}",
        evidence=f"stack.csv: {product.component}, {product.status}",
        impact="Money for nothing, year after year"
        if cost is not None
        else "A contract that nobody looks at",
        action=f"Use {product.product} for what the chosen styles need, or end it{until}"
        if lacking
        else f"End {product.product}{until}",
        effort=engagement.assumptions["stack.days.end"],
        owner=product.owner,
        systems=product.systems,
        integrations=product.integrations,
        sources=sources,
    )


def _named(product: Product) -> str:
    cost = product.cost_per_year
    return product.product if cost is None else f"{product.product} ({cost.likely:,.0f} a year)"


def _count(number: int) -> str:
    return f"{number} integration{'' if number == 1 else 's'}"
