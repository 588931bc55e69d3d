"""The charter of the centre of excellence: what it is for, how large it is, who does what, what is reused and what that saves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from assess.core.numbers import interval, quantity
from assess.decisions.assessment import Assessment
from assess.intake.engagement.landscape import STYLE_NAMES
from assess.report.prose import count, markdown_line, markdown_table, sentence_case

from . import NotExported
from .plan import KINDS

CENTRE = "Centre of excellence"

ACCOUNTABLE: Mapping[str, tuple[str, str, str]] = {
    "gate": ("Sponsor", "Departments, " + CENTRE.lower(), "All teams"),
    "foundation": ("Head of IT", "Domain teams", "All teams"),
    "contract": (CENTRE, "Teams that give and take", "All teams"),
    "repair": ("Data owner", "Team that gives", CENTRE),
    "integration": ("Owner of the integration", CENTRE, "Teams that give and take"),
    "retire": ("Owner of the integration", "Teams that still use it", CENTRE),
}
"""By kind of work who is accountable, consulted and informed (RACI): standards are the centre's, delivery is the owners'."""


def charter(assessment: Assessment) -> str:
    """Write the charter as Markdown; who is responsible, the size and what reuse saves follow from the plan.

    Raises
    ------
    NotExported
        If nothing is planned, or one team does all of it.
    """
    plan = assessment.roadmap
    model = plan.operating_model
    if model is None or not model.shares:
        raise NotExported(
            "no centre of excellence is needed: " + (model.text if model else "nothing is planned")
        )
    return "\n\n".join(("# Charter of the integration centre of excellence", *_parts(assessment))) + "\n"


def _parts(assessment: Assessment) -> Iterator[str]:
    plan = assessment.roadmap
    model = plan.operating_model
    if model is None:
        return
    yield f"**Purpose.** {markdown_line(model.text)}"
    yield (
        "**It does:** set and publish standards, keep contracts, catalog, templates and policies, lay the foundations, review what "
        "differs, and teach the domain teams. **It does not:** build every integration, or decide for a domain what its data mean."
    )
    days = sum(share.days for share in model.shares if share.standards)
    size = f": {quantity(model.people, 'people')} while the plan runs" if model.people is not None else ""
    yield f"**Size.** {quantity(days, 'person-days')} for foundations and contracts{size}. After it, the reserve for maintenance holds."
    yield "## Who does what"
    yield markdown_table(
        ("Work", "Items", "Responsible", "Accountable", "Consulted", "Informed"),
        [
            (KINDS[kind], str(len(items)), "; ".join(dict.fromkeys(item.owner or "nobody yet" for item in items)), *ACCOUNTABLE[kind])
            for kind in KINDS
            if (items := [item for item in plan.items if item.kind == kind])
        ],
    )  # fmt: skip
    yield "## What is reused"
    yield markdown_table(("Asset", "For"), list(_assets(assessment)))
    if model.reuse is not None:
        saved = model.reuse
        yield (
            f"Reuse saves {quantity(saved.likely, 'person-days')} ({interval(saved.low, saved.high, 'person-days')}) in the integrations of the "
            "plan, against building each of a style as if it were the first (learning curve, Wright 1936). The cost of the report holds it already."
        )
    yield "## How it is measured"
    yield (
        "Time to onboard a system, share of integrations with a contract, share of manual work replaced, success rate, time to detect "
        "and to repair: chapters 6 and 7 of the report state each as it is today. Its charter ends when a quarter shows no progress in them."
    )


def _assets(assessment: Assessment) -> Iterator[tuple[str, str]]:
    """Yield each asset that more than one integration of the plan uses, with how many those are."""
    styles = list(assessment.roadmap.programme.values())
    for style, name in STYLE_NAMES.items():
        if used := styles.count(style):
            yield f"Foundation and template of {name}", count(used, "integration")
    entities: dict[str, int] = {}
    for id in assessment.roadmap.programme:
        entity = assessment.engagement.integration(id).entity
        entities[entity] = entities.get(entity, 0) + 1
    for entity, used in entities.items():
        if entity and used > 1:
            yield f"Common schema of {sentence_case(entity)}", count(used, "integration")
    yield "Patterns for errors, retries, paging and idempotency", count(len(styles), "integration")
