"""Reviews the stack: the products of stack.csv against what the chosen styles need."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from assess.core.estimate import Estimate
from assess.core.finding import Missing
from assess.core.source import Fact, Source
from assess.intake.engagement import Engagement, Product, Style
from assess.intake.yearly import Yearly

from .findings import judge, to_be_used
from .needs import Part, needs, parts
from .result import PartState, Stack, State

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
        of=tuple(p.said("cost_per_year").id for p, _ in costs),
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
        sources=(*(need.source for need in wanted), *(product.said("status") for product in own)),
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
