"""The integration stack: gateway, broker, orchestration and the rest; what is needed, there, missing, or paid for in vain."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from assess.core.estimate import Estimate
from assess.core.finding import Finding, Missing
from assess.core.source import Fact, Source
from assess.intake.engagement import Engagement
from assess.intake.engagement.landscape import STYLE_NAMES, Product, Style, Yearly
from assess.intake.problem import listed

from .result import Part, PartNeed, PartState, Stack, State, needs, parts

__all__ = ["Part", "PartNeed", "PartState", "Stack", "State", "needs", "parts", "review"]


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
        sources=tuple(p.cite("component") for p in running),
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
    sources: tuple[Source, ...] = (product.cite("status"),)
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


PAID = ("in-use", "unused", "retired", None)
"""States of a product whose cost is paid today; one that nobody stated is taken to be."""
IDLE = ("unused", "retired")


def review(engagement: Engagement, styles: Mapping[str, Style]) -> Stack:
    """Compare what the chosen styles need with what is there.

    Parameters
    ----------
    styles
        Chosen style by id of the integration; without any, only what is there and what it costs is told.

    Notes
    -----
    Costs are sums of independent estimates taken end by end (low with low, high with high): limits, not an interval.
    What a missing part costs is not estimated here: the cost model holds it in the lines that `PartState.priced` names.
    """
    served = Counter(styles.values())
    states = tuple(_state(engagement, part, served) for part in parts().values())
    paid = [product for product in engagement.stack if product.status in PAID]
    stack = Stack(
        parts=states,
        styles=dict(sorted(served.items())),
        paid_per_year=total(engagement, paid, "paid"),
        unused_per_year=total(engagement, [p for p in paid if p.status in IDLE], "unused"),
        missing=() if engagement.stack else (_NONE,),
    )
    ended = [p for p in paid if p.status in IDLE and not to_be_used(stack, p)]
    return stack.model_copy(
        update={
            "savings": tuple(_saving(p, p.cost_per_year) for p in ended if p.cost_per_year is not None),
            "findings": tuple(judge(engagement, stack)),
            "facts": tuple(_facts(engagement, stack)),
        }
    )


def _saving(product: Product, cost: Estimate) -> Yearly:
    return Yearly(id=f"saving/{product.id}", label=f"{product.product} ended", per_year=cost)


def total(engagement: Engagement, products: Iterable[Product], what: str) -> Estimate | None:
    """Return what products cost together a year, None where no cost of them is stated."""
    costs = [(p, p.cost_per_year) for p in products if p.cost_per_year is not None]
    if not costs:
        return None
    source = Source(
        kind="calculation",
        place=f"stack/{what}",
        detail=f"sum of cost_per_year of {', '.join(p.id for p, _ in costs)}",
        of=tuple(p.cite("cost_per_year").id for p, _ in costs),
    )
    ends = [sum(getattr(cost, end) for _, cost in costs) for end in ("low", "likely", "high")]
    unit = f"{engagement.currency}/year"
    return Estimate(low=ends[0], likely=ends[1], high=ends[2], unit=unit, source=source)


def _state(engagement: Engagement, part: Part, served: Mapping[Style, int]) -> PartState:
    wanted = [need for need in needs() if need.component == part.id and served.get(need.style)]
    required = tuple(need.style for need in wanted if need.need == "required")
    own = [product for product in engagement.stack if product.component == part.id]
    paid = [product for product in own if product.status in PAID and product.status != "retired"]
    return PartState(
        component=part.id,
        label=part.label,
        does=part.does,
        state=_word(engagement, part, own, bool(required)),
        required_by=required,
        helpful_for=tuple(need.style for need in wanted if need.need == "helpful"),
        integrations=sum(served[style] for style in required),
        products=tuple(product.id for product in own),
        cost_per_year=total(engagement, paid, part.id),
        priced=tuple(dict.fromkeys(key for need in wanted for key in need.priced)),
        examples=part.products,
        sources=(*(need.source for need in wanted), *(product.cite("status") for product in own)),
    )


def _word(engagement: Engagement, part: Part, own: Iterable[Product], required: bool) -> State:
    if not engagement.stack:
        return "unknown"
    said = {product.status for product in own}
    if said & {"in-use", None}:
        return "in-use"
    running = {product.component for product in engagement.stack if product.status in ("in-use", None)}
    if any(part.id in parts()[other].covers for other in running):
        return "brought"
    if "planned" in said:
        return "planned"
    if "unused" in said:
        return "unused"
    return "missing" if required else "not-needed"


def _facts(engagement: Engagement, stack: Stack) -> Iterator[Fact]:
    if not stack.assessed:
        return
    needed = [part for part in stack.parts if part.required_by]
    told = tuple(product.origin for product in engagement.stack)
    if needed:
        there = sum(part.state in ("in-use", "brought") for part in needed)
        counted = Source(
            kind="calculation",
            place="stack/needed",
            detail=f"{there} of {len(needed)} parts that the chosen styles require are in use",
            of=tuple(source.id for part in needed for source in part.sources),
        )
        yield Fact(
            id="stack.there",
            label="Parts of the stack that the chosen styles require and that are in use",
            value=there / len(needed),
            unit="share",
            sources=(counted, *told),
        )
    for name, label, cost in (
        ("paid", "Paid for the integration stack", stack.paid_per_year),
        ("unused", "of it for products that nobody uses", stack.unused_per_year),
    ):
        if cost is not None and cost.source is not None:
            yield Fact(
                id=f"stack.{name}",
                label=label,
                value=cost.likely,
                unit=cost.unit,
                low=cost.low,
                high=cost.high,
                sources=(cost.source, *told),
            )


_NONE = Missing(
    section="governance",
    supply="stack.csv: the products that integrations run on, with component, status and cost a year",
    changes="which parts are missing for the chosen styles, and what is paid for and unused, becomes known",
)
