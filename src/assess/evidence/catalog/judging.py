"""Reads the catalog of an engagement and says what is wrong with it."""

from __future__ import annotations

from assess.intake.engagement import Engagement
from assess.intake.finding import Missing

from .reading import read_files
from .result import Catalog


def read(engagement: Engagement) -> Catalog:
    """Read the catalog of an engagement.

    Never raises for what stands in a file: a descriptor that can't be read, breaks the schema or refers to
    nothing is told with file and line. Files outside the engagement and the network are never touched.
    """
    if not engagement.catalog:
        return Catalog(missing=(_NONE,))
    out = read_files(engagement)
    return Catalog.model_construct(
        entities=tuple(out.entities.values()),
        relations=tuple(out.relations),
        problems=tuple(out.problems),
        skipped=tuple(out.skipped),
    )


_NONE = Missing(
    section="governance",
    supply="Backstage descriptors (catalog-info.yaml) under catalog/",
    changes="owners, dependencies, duplicates and the reach of a change are read instead of unknown",
)
