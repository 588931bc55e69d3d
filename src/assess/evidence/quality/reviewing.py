"""The linked records of an engagement as a person looks at them: which pairs are open, and what was said so far."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from assess.core.cache import cache_folder
from assess.intake.engagement import Engagement, LinkReview

from .assessment import QualityAssessment, assess
from .linkage import Linkage
from .linkage.review import RecordMasker, propose_reviews
from .table import Table
from .table_pairs import find_table_pairs, open_extract


@dataclass(frozen=True, eq=False)
class LinkedPair:
    """Two tables whose records were linked by what they say.

    Parameters
    ----------
    source, target
        Opened, with the columns that tell of persons: those are masked unless the consultant asked for values.
    linkage
        As it was found.
    reviews
        What is listed of it in the engagement, looked at or not.
    """

    source: RecordMasker
    target: RecordMasker
    linkage: Linkage
    reviews: tuple[LinkReview, ...]

    @property
    def name(self) -> str:
        """Of both tables."""
        return f"{self.source.table.name} → {self.target.table.name}"

    @property
    def open(self) -> tuple[LinkReview, ...]:
        """Pairs that are listed and that nobody has looked at."""
        drawn = self.linkage.drawn
        known = set(zip(drawn["left_row"].tolist(), drawn["right_row"].tolist(), strict=True))
        return tuple(
            said for said in self.reviews if said.same is None and (said.source_row, said.target_row) in known
        )

    def proposed(self) -> tuple[LinkReview, ...]:
        """Return the next pairs to look at beside those that are listed."""
        return propose_reviews(self.linkage.drawn, self.reviews, self.source, self.target)

    def said(self, answers: Sequence[LinkReview]) -> LinkedPair:
        """Return it with further answers, each in the place of what was said of its pair before."""
        held = {(one.source_row, one.target_row): one for one in (*self.reviews, *answers)}
        reviews = tuple(held.values())
        return replace(
            self,
            reviews=reviews,
            linkage=self.linkage.reviewed(reviews, self.source.table, self.target.table),
        )


def find_linked_pairs(
    engagement: Engagement, quality: QualityAssessment | None = None, *, clear: bool = False
) -> tuple[LinkedPair, ...]:
    """Return the pairs of tables whose records were linked by what they say.

    Parameters
    ----------
    quality
        The engagement's data as it was assessed; default assessed here.
    clear
        Whether fields of persons are shown, because the consultant asked for it.

    Raises
    ------
    UnreadableTable
        If an extract can't be read any more.
    """
    found = quality or assess(engagement, cache_folder())
    personal = {
        profile.name: frozenset(fact.name for fact in profile.facts if fact.personal)
        for profile in found.profiles
    }
    linked = {(c.source, c.target): c.linkage for c in found.comparisons if c.linkage is not None}
    made = []
    for pair in find_table_pairs(engagement):
        linkage = linked.get((pair.source.name, pair.target.name))
        if linkage is not None and not linkage.refused:
            tables = [open_extract(engagement, extract) for extract in (pair.source, pair.target)]
            hidden = _hide_alike(linkage, *(_personal(personal, table) for table in tables))
            source, target = (
                RecordMasker(table, names, clear=clear) for table, names in zip(tables, hidden, strict=True)
            )
            made.append(LinkedPair(source, target, linkage, pair.reviews(engagement)))
    return tuple(made)


def _personal(known: Mapping[str, frozenset[str]], table: Table) -> frozenset[str]:
    """Return a table's columns that tell of persons; every one where nobody looked."""
    return known.get(table.name, frozenset(column.name for column in table))


def _hide_alike(
    linkage: Linkage, left: frozenset[str], right: frozenset[str]
) -> tuple[frozenset[str], frozenset[str]]:
    """Return the columns to mask of both tables: also those by which a column of persons was compared."""
    columns = linkage.columns
    met = list(zip(columns["left_column"], columns["right_column"], strict=True))
    return left | {one for one, other in met if other in right}, right | {
        other for one, other in met if one in left
    }
