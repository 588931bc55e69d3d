"""The tables of chapter 2 about columns: where defects are, how values look, and source against target."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import get_args

from assess.core.personal import mask_runs, show_example
from assess.core.source import Source
from assess.evidence.quality import Profile, QualityAssessment, TableComparison
from assess.evidence.quality.checks.check import Subject
from assess.evidence.quality.checks.registry import find_check
from assess.evidence.quality.column.facts import ColumnFacts
from assess.evidence.quality.linkage import Linkage
from assess.report.prose import count, first_few
from assess.report.tables import ColumnSpec, DataTable, TableCell

SHOWN = 30
"""Rows of a table about columns."""
WIDE = 40
"""Matched columns of a pair that are shown."""
LONGEST = 22
"""Signs of a pattern that are shown beside another one."""
SEVERAL = 4
"""Patterns beside the most frequent one that are listed."""
WRITTEN = frozenset({"code", "date", "timestamp", "vat number", "iban", "ean", "time", "currency code", "country code"})  # fmt: skip
"""Semantic types in whose values the number of letters and digits matters."""

KINDS: tuple[Subject, ...] = get_args(Subject)
"""Kinds of defect, in the order in which they are shown."""


def find_subject(check: str) -> Subject:
    """Return the kind of defect that a check finds.

    >>> find_subject("breaks spelling"), find_subject("incomplete")
    ('Typing error', 'Missing')
    """
    return find_check(check).subject


READ_COLUMNS = 8
"""Columns of a first row that the table of readings shows."""


def readings(result: QualityAssessment, sources: tuple[Source, ...]) -> DataTable:
    """Show how each table was read: its form, what was left out, and its first rows under the names of the columns."""
    return DataTable.of(
        result.profiles,
        (
            ColumnSpec("table", "Table", lambda p: p.name),
            ColumnSpec("read", "Read as", lambda p: p.reading.sentence),
            ColumnSpec("columns", "Columns", lambda p: len(p.facts), "count"),
            ColumnSpec("rows", "Rows", lambda p: p.rows, "count"),
            ColumnSpec("left", "Left out", lambda p: " / ".join(map(show_example, p.reading.beside)) or "nothing"),
            ColumnSpec("first", "First rows as read", _first_rows),
        ),
        id="readings",
        caption="How each table was read: what was left out, and the first rows under the names of the columns",
        trace=sources,
    )  # fmt: skip


def _first_rows(profile: Profile) -> str:
    names = [fact.name for fact in profile.facts[:READ_COLUMNS]]
    more = ", ..." if len(profile.facts) > READ_COLUMNS else ""
    rows = (
        ", ".join(f"{name} {text}" for name, text in zip(names, row, strict=False))
        for row in profile.first_rows
    )
    return "; ".join(f"{row}{more}" for row in rows)


def heat(result: QualityAssessment, sources: tuple[Source, ...]) -> tuple[DataTable, ...]:
    """Show the share of rows by column and kind of defect, the worst columns first."""
    shares: dict[str, dict[str, float]] = {}
    for finding in result.findings:
        if finding.column and finding.share:
            row = shares.setdefault(f"{finding.table}.{finding.column}", dict.fromkeys(KINDS, 0.0))
            kind = find_subject(finding.check)
            row[kind] = max(row[kind], finding.share)
    if not shares:
        return ()
    worst = sorted(shares.items(), key=lambda item: (-sum(item[1].values()), item[0]))
    kept = [kind for kind in KINDS if any(row[kind] for _, row in worst[:SHOWN])]

    def share(kind: str) -> ColumnSpec[tuple[str, dict[str, float]]]:
        return ColumnSpec(kind, kind, lambda row: _heated(row[1][kind]), "share", sources=sources)

    return (
        DataTable.of(
            worst[:SHOWN],
            (ColumnSpec("column", "Column", lambda row: row[0]), *map(share, kept)),
            id="heat",
            caption="Where the defects are: share of rows by column and kind of defect, of each kind its most frequent check",
            sources=sources,
            total=len(worst),
        ),
    )


def _heated(share: float) -> TableCell:
    """Fill a cell by the root of its share, so that one row in a hundred can still be seen."""
    return TableCell(value=share, shade=round(min(1.0, share) ** 0.5, 4)) if share else TableCell(value="")


def patterns(result: QualityAssessment, sources: tuple[Source, ...]) -> tuple[DataTable, ...]:
    """Show how the values of each column look, the columns first in which few values look otherwise."""
    found = [
        (profile, facts, _looks(facts))
        for profile in result.profiles
        for facts in profile.facts
        if facts.top_masks and not facts.semantic.startswith("quantity")
    ]
    mixed = [(p, facts, looks) for p, facts, looks in found if len(looks) > 1]
    mixed.sort(key=lambda item: (-item[2][0][1] / item[1].present, item[0].name, item[1].name))
    if not mixed:
        return ()
    return (
        DataTable.of(
            mixed[:SHOWN],
            (
                ColumnSpec("column", "Column", lambda item: f"{item[0].name}.{item[1].name}"),
                ColumnSpec("means", "Holds", lambda item: item[1].semantic),
                ColumnSpec("main", "Most look like", lambda item: item[2][0][0], "code"),
                ColumnSpec("share", "Share", lambda item: round(item[2][0][1] / item[1].present, 6), "share"),
                ColumnSpec("others", "Others", lambda item: _others(item[2][1:])),
            ),
            id="patterns",
            caption="How values look: A, a and 9 stand for a capital, another letter and a digit; columns with the fewest strays first",
            trace=sources,
            total=len(mixed),
        ),
    )


def _others(looks: list[tuple[str, int]]) -> str:
    return first_few([f"{label or '(empty)'} × {n:,}" for label, n in looks], SEVERAL)


def _looks(facts: ColumnFacts) -> list[tuple[str, int]]:
    """The masks of a column with their rows; of words with runs of the same class said once."""
    if facts.semantic in WRITTEN:
        return [(visible(item.label), item.rows) for item in facts.top_masks]
    counted: Counter[str] = Counter()
    for item in facts.top_masks:
        counted[visible(mask_runs(item.label))] += item.rows
    return sorted(counted.items(), key=lambda item: (-item[1], item[0]))


def mapping(comparison: TableComparison, sources: tuple[Source, ...]) -> DataTable:
    """Show which columns of a pair mean the same, how sure, and where their definitions conflict."""
    frame = comparison.columns
    return DataTable.of(frame.head(WIDE).to_dict("records"), (ColumnSpec("source_column", "Source", lambda row: row["source_column"]), ColumnSpec("target_column", "Target", lambda row: row["target_column"] or "no partner"), ColumnSpec("confidence", "Sure", lambda row: float(row["confidence"]) if row["target_column"] else None, "share", note=lambda row: "" if row["target_column"] else " "), ColumnSpec("said", "Conflict", lambda row: row["said"] if row["target_column"] else ""), ColumnSpec("cells", "Wrong cells", lambda row: int(row["cells"]), "count"), ColumnSpec("alternatives", "Or, less sure", lambda row: row["alternatives"]),), id=f"map-{comparison.source}-{comparison.target}", caption=f"{comparison.source} → {comparison.target}: which columns mean the same, and where their definitions conflict", trace=sources, total=len(frame))  # fmt: skip


def tabulate_matches(
    result: QualityAssessment, comparison: TableComparison, sources: tuple[Source, ...]
) -> DataTable:
    """Show the matched columns of a pair side by side: what they hold, how full, how many values, how they look."""
    source, target = result.profile(comparison.source), result.profile(comparison.target)
    ends = [
        (source.column(match.source_column), target.column(match.target_column))
        for match in comparison.mapping.matches
    ]
    return DataTable.of(ends[:WIDE], (ColumnSpec("field", "Columns", lambda row: row[0].name if row[0].name == row[1].name else f"{row[0].name} → {row[1].name}"), ColumnSpec("holds", "Hold", lambda row: row[0].semantic if row[0].semantic == row[1].semantic else f"{row[0].semantic or 'nothing'} → {row[1].semantic or 'nothing'}"), ColumnSpec("empty", "Empty, source", lambda row: row[0].missing_share, "share"), ColumnSpec("empty_target", "Target", lambda row: row[1].missing_share, "share"), ColumnSpec("distinct", "Distinct, source", lambda row: row[0].distinct, "count"), ColumnSpec("distinct_target", "Target", lambda row: row[1].distinct, "count"), ColumnSpec("looks", "Looks like, source", lambda row: _main(row[0]), "code"), ColumnSpec("looks_target", "Target", lambda row: _main(row[1]), "code"),), id=f"sides-{comparison.source}-{comparison.target}", caption=f"{comparison.source} against {comparison.target}: the matched columns side by side, the source's value first", trace=sources, total=len(ends))  # fmt: skip


def visible(look: str) -> str:
    r"""Show the spaces around a pattern, and those that are no plain space.

    >>> visible(" 99 A "), visible("9\u00a09")
    ('␣99 A␣', '9⍽9')
    """
    inner = look.strip(" ")
    left = len(look) - len(look.lstrip(" "))
    shown = "␣" * left + inner + "␣" * (len(look) - left - len(inner))
    return "".join("⍽" if sign.isspace() and sign != " " else sign for sign in shown)


def _main(facts: ColumnFacts) -> str:
    label = _looks(facts)[0][0] if facts.top_masks else ""
    return label if len(label) <= LONGEST else f"{label[:LONGEST]}…"


def joins(comparison: TableComparison, sources: tuple[Source, ...]) -> DataTable:
    """Show which columns join a pair, and the records on one side only."""
    frame = comparison.keys.head(SHOWN)
    return DataTable.of(frame.to_dict("records"), (ColumnSpec("columns", "Joined by", lambda row: f"{row['source_column']} → {row['target_column']}"), ColumnSpec("form", "Compared", lambda row: row["form"]), ColumnSpec("same", "Same records?", lambda row: "yes" if row["same_records"] else "no: same values by chance"), ColumnSpec("share", "Source joined", lambda row: float(row["share_joined"]), "share"), ColumnSpec("source_only", "Source only", lambda row: int(row["source_only"]), "count"), ColumnSpec("target_only", "Target only", lambda row: int(row["target_only"]), "count"), ColumnSpec("grain", "Rows per key, source", lambda row: float(row["rows_per_source_key"]), "number", digits=2), ColumnSpec("grain_target", "Target", lambda row: float(row["rows_per_target_key"]), "number", digits=2),), id=f"keys-{comparison.source}-{comparison.target}", caption=f"{comparison.source} → {comparison.target}: what joins the two, and the records on one side only", trace=sources, )  # fmt: skip


def checked(linkage: Linkage) -> str:
    """Say what a person has found of the linked pairs, with its interval."""
    if linkage.review is None or linkage.review.precision is None:
        return "by no person yet"
    share, low, high = linkage.review.precision
    return f"{share:.0%} of {linkage.review.seen} right ({low:.0%} to {high:.0%})"


def _unknown(linkage: Linkage) -> str:
    """Say why nothing is known of the records that are not linked, if nothing is."""
    return linkage.refused or (f"several records of {linkage.many} stand for one" if linkage.many else "")


def _lone(side: str, records: Callable[[Linkage], int]) -> ColumnSpec[Linkage]:
    """A column of the records of one side for which no partner was found."""
    return ColumnSpec(
        side,
        f"No partner found, {side}",
        lambda item: None if _unknown(item) else records(item),
        "number",
        unit="records",
        note=_unknown,
    )


def tabulate_linked(
    result: QualityAssessment, measured: tuple[Source, ...], place: Callable[[str, str], str]
) -> tuple[DataTable, ...]:
    """Count the records of the pairs that no number joins: linked by what they say, undecided, without a partner that was found."""
    linked = result.linked
    if not linked:
        return ()
    found = sum(item.linked for item in linked)
    apart = sum(item.left_alone for item in linked if not _unknown(item))
    return (
        DataTable.of(
            linked,
            (
                ColumnSpec("pair", "From, to", lambda item: place(item.left, item.right)),
                ColumnSpec("linked", "Linked", lambda item: item.linked, "number", unit="records"),
                ColumnSpec("undecided", "Undecided", lambda item: item.doubtful, "number", unit="records"),
                _lone("source", lambda item: item.left_alone),
                _lone("target", lambda item: item.right_alone),
                ColumnSpec("checked", "Checked", lambda item: item.refused or checked(item)),
            ),
            id="linked",
            caption=f"Where no number joins the two sides, {count(found, 'record')} {'is' if found == 1 else 'are'} linked by what "
            f"they say; for {apart:,} of the source no partner was found",
            trace=measured,
        ),
    )
