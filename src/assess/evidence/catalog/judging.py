"""Reads the catalog of an engagement and says what is wrong with it."""

from __future__ import annotations

from assess.core.finding import Missing
from assess.evidence.operations import Operations
from assess.intake.engagement import Engagement

from . import declared, findings, tangle
from .binding import NOTHING, bind
from .facts import facts
from .reading import read_files
from .result import Catalog


def read(engagement: Engagement, operations: Operations | None = None) -> Catalog:
    """Read the catalog of an engagement and judge it.

    Never raises for what stands in a file: a descriptor that can't be read, breaks the schema or refers to
    nothing is told with file and line. Files outside the engagement and the network are never touched.

    Parameters
    ----------
    operations
        What the run logs show: which undeclared integrations really run, which interfaces have fallen silent.
    """
    measured = tangle.measure(engagement.integrations) if engagement.integrations else None
    if not engagement.catalog:
        empty = Catalog(tangle=measured, missing=(_NONE,))
        twice = findings.judge(engagement, empty, NOTHING, operations)
        return empty.model_copy(update={"findings": twice, "facts": tuple(facts(engagement, empty))})
    out = read_files(engagement)
    entities, stated = tuple(out.entities.values()), tuple(out.relations)
    binding = bind(engagement, entities, stated)
    catalog = Catalog(
        entities=entities,
        relations=stated,
        problems=tuple(out.problems),
        skipped=tuple(out.skipped),
        binding=binding,
        tangle=measured,
    )
    found = (
        *findings.judge(engagement, catalog, binding, operations),
        *declared.compare(engagement, catalog, binding, operations),
    )
    return catalog.model_copy(update={"findings": found, "facts": tuple(facts(engagement, catalog))})


_NONE = Missing(
    section="governance",
    supply="Backstage descriptors (catalog-info.yaml) under catalog/",
    changes="owners, dependencies, duplicates and the reach of a change are read instead of unknown",
)
