"""Two tables whose records no number joins: linked by what they say."""

from __future__ import annotations

from collections.abc import Sequence

from assess.evidence.quality.checks.definitions.fields import NO_COMMON_KEY
from assess.evidence.quality.findings import rank_findings
from assess.evidence.quality.linkage import link
from assess.evidence.quality.table import Table
from assess.evidence.quality.types.column_type import infer_type
from assess.intake.assumptions import Assumptions
from assess.intake.engagement import LinkReview

from . import TableComparison
from .findings import PairWriter

OWN = frozenset({"uuid", "e-mail", "iban", "lei", "isin", "vat number", "isbn", "issn", "ean"})
"""Semantic types of what one party or thing alone has."""


def link_unjoined(
    found: TableComparison,
    source: Table,
    target: Table,
    *,
    reviews: Sequence[LinkReview] = (),
    both_ways: bool = False,
    assumptions: Assumptions | None = None,
    clear: bool = False,
) -> TableComparison:
    """Return a comparison with its records linked by what they say, and the price of those that are not, where no number joins them.

    What other columns join, such as names or towns, says little of who has no partner: where records could be linked, its
    findings give way. An address or number that one party alone has, such as an e-mail address, says it.
    """
    guessed = any(finding.check == NO_COMMON_KEY.name for finding in found.findings) and not any(
        way.true and infer_type(source.column(name)).semantic in OWN
        for way in found.ways
        for name in way.source_columns
    )
    if found.not_assessed or found.drawn or (found.joined is not None and not guessed):
        return found
    linkage = link(source, target).reviewed(reviews, source, target)
    if linkage.refused and found.joined is not None:
        return found
    kept = [finding for finding in found.findings if not finding.check.endswith(" only")]
    made = PairWriter(source, target, assumptions, clear, both_ways=both_ways).unlinked(linkage)
    return found.model_copy(update={"linkage": linkage, "findings": rank_findings([*kept, *made])})
