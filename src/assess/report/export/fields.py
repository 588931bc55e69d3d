"""Columns that mean the same: the mapping of two systems, and the glossary that follows from it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import NamedTuple

from assess.decisions.assessment import Assessment
from assess.evidence.quality.column.facts import ColumnFacts
from assess.evidence.quality.compare import TableComparison
from assess.evidence.quality.matching import Match
from assess.intake.engagement.landscape import ExtractTable
from assess.intake.export import csv_text
from assess.report.prose import clean

from . import NotExported


class MappedField(NamedTuple):
    """A column of a source and the column of the target that means the same.

    Parameters
    ----------
    match
        How sure that is.
    source, target
        What is known of the two columns.
    differences
        How the two sides define it differently, a sentence each.
    rules
        For each difference the expression of DuckDB that translates it, ``{}`` standing for the column; empty where none is known.
    """

    match: Match
    source: ColumnFacts
    target: ColumnFacts
    differences: tuple[str, ...]
    rules: tuple[str, ...]


class MappedPair(NamedTuple):
    """Two tables that an integration joins, with their columns."""

    source: ExtractTable
    target: ExtractTable
    integrations: tuple[str, ...]
    fields: tuple[MappedField, ...]
    source_only: tuple[ColumnFacts, ...]
    target_only: tuple[ColumnFacts, ...]


def pairs(assessment: Assessment) -> Iterator[MappedPair]:
    """Yield the pairs of tables that were compared, in the order of the integrations."""
    quality = assessment.quality
    tables = {table.name: table for table in assessment.stated.tables}
    touched = {(verdict.table, verdict.target): verdict.integrations for verdict in quality.verdicts}
    for found in quality.comparisons:
        left, right = (
            {facts.name: facts for facts in quality.profile(name).facts}
            for name in (found.source, found.target)
        )
        yield MappedPair(
            tables[found.source],
            tables[found.target],
            touched.get((found.source, found.target), ()),
            tuple(_field(found, match, left, right) for match in found.mapping.matches),
            tuple(left[name] for name in found.mapping.source_only if name in left),
            tuple(right[name] for name in found.mapping.target_only if name in right),
        )


def _field(
    found: TableComparison, match: Match, left: dict[str, ColumnFacts], right: dict[str, ColumnFacts]
) -> MappedField:
    pair = (match.source_column, match.target_column)
    differing = [c for c in found.conflicts if (c.source_column, c.target_column) == pair]
    return MappedField(
        match,
        left[match.source_column],
        right[match.target_column],
        tuple(conflict.says for conflict in differing),
        tuple(conflict.fix for conflict in differing),
    )


MAPPING = (
    "source table", "source column", "source type", "target table", "target column", "target type", "confidence", "sure",
    "differences", "rule (DuckDB)", "empty in source", "integrations",
)  # fmt: skip

ALONE = "no column of the {} means the same"


def mapping(assessment: Assessment) -> str:
    """Write which column of a source means which of its target, with what differs, as CSV: a row a column of either side."""
    rows = []
    for pair in _compared(assessment):
        ends = (pair.source.name, pair.target.name)
        moved = "; ".join(pair.integrations)
        for field in pair.fields:
            missing = field.source.missing_share
            rows.append([
                ends[0], field.source.name, field.source.physical, ends[1], field.target.name, field.target.physical,
                f"{field.match.confidence:.2f}", "to be confirmed" if field.match.uncertain else "yes",
                "; ".join(field.differences), "; ".join(filter(None, field.rules)),
                "" if missing is None else f"{missing:.4f}", moved,
            ])  # fmt: skip
        rows += [[ends[0], facts.name, facts.physical, ends[1], "", "", "", "", ALONE.format("target"), "", "", moved]
                 for facts in pair.source_only]  # fmt: skip
        rows += [[ends[0], "", "", ends[1], facts.name, facts.physical, "", "", ALONE.format("source"), "", "", moved]
                 for facts in pair.target_only]  # fmt: skip
    return csv_text(MAPPING, ([clean(cell) for cell in row] for row in rows))


GLOSSARY = ("term", "entity", "names", "type", "what differs", "owners")


def glossary(assessment: Assessment) -> str:
    """Write the shared terms: each field that systems have in common, its names, type, what differs and who owns it, as CSV."""
    engagement = assessment.stated
    met: list[tuple[str, str, MappedPair, MappedField]] = [
        (pair.target.entity or pair.source.entity, field.target.name, pair, field)
        for pair in _compared(assessment)
        for field in pair.fields
        if not field.match.uncertain
    ]
    rows = []
    for (entity, term), group in groupby(sorted(met, key=lambda item: item[:2]), key=lambda item: item[:2]):
        members = list(group)
        names = dict.fromkeys(
            f"{table.system}: {column}"
            for *_, pair, field in members
            for table, column in ((pair.source, field.source.name), (pair.target, field.target.name))
        )
        owners = dict.fromkeys(
            engagement.system(table.system).owner
            for *_, pair, _ in members
            for table in (pair.source, pair.target)
        )
        kinds = dict.fromkeys(field.target.semantic or field.target.physical for *_, field in members)
        said = dict.fromkeys(sentence for *_, field in members for sentence in field.differences)
        rows.append([term, entity, "; ".join(names), "; ".join(kinds), "; ".join(said), "; ".join(filter(None, owners))])  # fmt: skip
    return csv_text(GLOSSARY, ([clean(cell) for cell in row] for row in rows))


def _compared(assessment: Assessment) -> tuple[MappedPair, ...]:
    """Return the pairs that were compared.

    Raises
    ------
    NotExported
        If there are none.
    """
    found = tuple(pairs(assessment))
    if not found:
        raise NotExported(
            "no two tables were compared: name extracts of source and target in the column data of systems.csv, "
            "with the entity that the integration moves"
        )
    return found
