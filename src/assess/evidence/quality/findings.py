"""Findings about a table, each with its words, its runnable check and fix, and its price."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np

from assess.core.engine import literal, quoted
from assess.core.finding import SEVERITIES, Severity
from assess.core.missing import blank_condition, missing_condition
from assess.core.numbers import count
from assess.core.personal import show_example
from assess.core.record import Record
from assess.core.source import Source
from assess.core.tables.store import Reading
from assess.intake.assumptions import Assumptions

from .checks.check import Check, Suspicion, in_singular
from .checks.mixtures import Mixture
from .checks.references import FORM, Reference, find_references
from .checks.registry import find_check
from .checks.uniqueness import Duplicates, Key
from .column.facts import ColumnFacts
from .finding import EXAMPLES, HIGH, DataFinding, grade_severity, show_values
from .pricing import TRANSFORM, PricedRepair, price_fields, rule_work, scale_cells
from .remedies import (
    check_statement,
    file_name,
    normal_key,
    open_condition,
    relation,
    repair_statement,
    replace_statement,
    rows_condition,
    unrepaired,
)
from .table import Table

TELLING_ROWS = 500
"""Rows from which on a column that hardly repeats is a key that was broken, and no reference that happens to repeat rarely."""


class TableWriter:
    """Writes the findings of one table.

    Parameters
    ----------
    table
        The table's name, as in the report.
    reading
        How it was read: what the statements run over.
    rows
        Rows of the table.
    keys
        Names of its key columns.
    assumptions
        The engagement's, for the price.
    clear
        Show examples as they are instead of masked.
    own_words
        Words for missing that are values of a column, by its name, see `Column.own_words`.
    drawn
        Rows that were judged cell by cell, where a sample was drawn; default all.
    """

    def __init__(
        self,
        table: str,
        reading: Reading,
        rows: int,
        keys: Sequence[str] = (),
        assumptions: Assumptions | None = None,
        clear: bool = False,
        own_words: Mapping[str, Collection[str]] | None = None,
        drawn: int | None = None,
    ) -> None:
        self.own_words = own_words or {}
        self.drawn = rows if drawn is None else drawn
        self.table, self.reading, self.rows = table, reading, rows
        self.keys, self.assumptions, self.clear = frozenset(keys), assumptions, clear

    def _source(self, column: str, check: str) -> tuple[Source, ...]:
        place = "/".join(filter(None, (self.table, column, check)))
        return (Source(kind="measurement", place=place, detail=self.reading.sentence),)

    def _priced(self, cells: int, proposed: int) -> PricedRepair:
        return price_fields(rule_work(cells, proposed), self.assumptions)

    def _scaled(self, seen: int, proposed: int) -> tuple[int, str, PricedRepair]:
        """What cells of a sample stand for: how many there are in all, how sure that is, and what they take."""
        return scale_cells(seen, proposed, self.drawn, self.rows, self.assumptions)

    def _share(self, rows: int) -> float:
        return round(rows / self.rows, 6) if self.rows else 0.0

    def suspicion(
        self,
        column: str,
        check: str,
        parts: Sequence[Suspicion],
        examples: Sequence[str],
        ruled: Collection[int] = (),
    ) -> DataFinding:
        """Say what one check found in one column; the parts are of blocks, their rows those of the table.

        ``ruled`` are the rows whose value the rule of the check changes.
        """
        rows = np.concatenate([part.rows for part in parts])
        confidence = float(np.concatenate([part.confidence for part in parts]).mean())
        words = find_check(check)
        detail = next((part.detail for part in parts if part.detail), "")
        proposals = [
            row
            for part in parts
            if part.repairs is not None
            for row, text in zip(part.rows.tolist(), part.repairs, strict=True)
            if text is not None
        ]
        share = round(len(rows) / self.drawn, 6)
        condition, fix = self._condition_and_fix(column, words, rows.tolist(), ruled, proposals)
        proposed = len(rows) if words.fix(column) else len(proposals)
        cells, drawn, priced = self._scaled(len(rows), proposed)
        about = "about " if drawn else ""
        return DataFinding(
            id=f"data_quality/{self.table}/{column}/{check}", section="data_quality",
            severity=grade_severity(share, column in self.keys, confidence),
            title=f"{self.table}.{column}: {about}{count(cells, 'cell')} ({share:.1%}) {words.of(cells)}",
            evidence=" ".join(filter(None, (_sentence(detail), _seen(examples), drawn, f"Mean confidence {confidence:.0%}."))),
            impact=words.matters, action=words.action,
            **priced,
            sources=self._source(column, check), table=self.table, column=column, check=check,
            rows=cells, share=share, confidence=round(confidence, 4), examples=tuple(examples),
            check_sql=check_statement(self.reading, [column, *parts[0].basis], condition, self.table),
            fix_sql=fix,
        )  # fmt: skip

    def _condition_and_fix(
        self, column: str, check: Check, rows: list[int], ruled: Collection[int], proposals: Collection[int]
    ) -> tuple[str, str]:
        """The condition for the cells until they are fixed, and the fix: the check's rule, or the proposed values."""
        if ruled:
            rule = check.fix(quoted(column))
            until = f"{quoted(column)} IS DISTINCT FROM {rule}"
            return open_condition(rows, frozenset(ruled), until), replace_statement(
                self.reading, column, rule, self.table
            )
        if not proposals:
            return rows_condition(rows), ""
        repairs = f"{file_name(self.table)}.repairs.csv"
        fix = repair_statement(self.reading, column, repairs, self.table)
        if not self.clear:  # the table of repairs has no values to compare with
            return rows_condition(rows), fix
        return open_condition(rows, frozenset(proposals), unrepaired(column, repairs)), fix

    def formats(self, facts: ColumnFacts) -> DataFinding | None:
        """Say that a column mixes formats of dates, and how many of its dates do not tell day from month."""
        shown = [item for item in facts.date_formats if not item.label.startswith("##")]
        shown = shown or list(facts.date_formats)
        if len(shown) < 2 and not (
            facts.ambiguous_dates and len(shown) == 1 and shown[0].label.startswith("##")
        ):
            return None
        rows = facts.ambiguous_dates + sum(item.rows for item in shown[1:])
        share = self._share(rows)
        words = find_check("date formats")
        listed = ", ".join(f"{item.label} ({count(item.rows, 'row')})" for item in facts.date_formats)
        title = f"{self.table}.{facts.name}: {len(shown)} date formats in one column"
        if facts.ambiguous_dates:
            title += f", {facts.ambiguous_dates:,} dates whose day and month could be swapped"
        return DataFinding(
            id=f"data_quality/{self.table}/{facts.name}/date formats", section="data_quality",
            severity=grade_severity(share, facts.name in self.keys), title=title, evidence=f"{listed}.",
            impact=words.matters, action=words.action,
            **self._priced(rows, rows - facts.ambiguous_dates),
            sources=self._source(facts.name, "date formats"), table=self.table, column=facts.name,
            check="date formats", rows=rows, share=share,
            check_sql=check_statement(self.reading, [facts.name], f"NOT regexp_matches({quoted(facts.name)}, {_main_mask(facts)}) AND NOT {missing_condition(quoted(facts.name), facts.own_words)}", self.table),
            fix_sql=replace_statement(self.reading, facts.name, _dates_to_iso(facts), self.table),
        )  # fmt: skip

    def badly_read(self) -> DataFinding | None:
        """Say why the table may have been read badly, if there is a doubt."""
        if not self.reading.doubts:
            return None
        words = find_check("reading")
        return DataFinding(
            id=f"data_quality/{self.table}/reading", section="data_quality", severity="high",
            title=f"{self.table}: {words.title}", evidence=f"{_sentence('; '.join(self.reading.doubts))} Read as {self.reading.sentence}.",
            impact=words.matters, action=words.action, sources=self._source("", "reading"),
            table=self.table, check="reading", rows=self.rows, share=1.0,
        )  # fmt: skip

    def mixture(self, found: Mixture) -> DataFinding:
        """Say which forms a column mixes, or what is wrong with the headers."""
        words = find_check("headers" if found.kind == "headers" else "mixture")
        rows, drawn, priced = self._scaled(found.rows, found.rows if found.fix else 0)
        share = round(rows / self.rows, 6) if self.rows else 0.0
        place = f"{found.column}/{found.kind}" if found.column else found.kind
        undone = (
            "No rule brings back what was lost."
            if found.lossy
            else "A rule undoes it without loss."
            if found.fix
            else ""
        )
        shown = tuple(show_example(text, frozenset(), clear=self.clear) for text in found.examples)
        title = (
            f"{self.table}.{found.column}: {found.says}"
            if found.column
            else f"{self.table} {words.title}: {found.says}"
        )
        has_rows = bool(found.condition)
        made = DataFinding(
            id=f"data_quality/{self.table}/{place}", section="data_quality",
            severity="high" if found.lossy else max("medium", grade_severity(share), key=SEVERITIES[::-1].index) if rows else "medium",
            title=title, evidence=" ".join(filter(None, (_seen(shown), drawn, undone))), impact=words.matters, action=words.action,
            sources=self._source(found.column, found.kind), table=self.table, column=found.column, check=words.name,
            rows=rows, share=share, examples=shown,
            check_sql=check_statement(self.reading, [found.column], found.condition, self.table) if has_rows else "",
            fix_sql=replace_statement(self.reading, found.column, found.fix, self.table) if found.fix else "",
        )  # fmt: skip
        if found.fix and not found.lossy:
            priced = price_fields(TRANSFORM, self.assumptions)
        return made.model_copy(update=dict(priced)) if has_rows else made

    def empty(self, facts: ColumnFacts) -> DataFinding | None:
        """Say that a column holds nothing in any row."""
        if facts.present or not facts.rows:
            return None
        words = find_check("empty column")
        return DataFinding(
            id=f"data_quality/{self.table}/{facts.name}/empty", section="data_quality", severity="low",
            title=f"{self.table}.{facts.name}: {words.title}", impact=words.matters, action=words.action,
            sources=self._source(facts.name, "empty column"), table=self.table, column=facts.name, check="empty column",
            rows=facts.rows, share=1.0,
        )  # fmt: skip

    def repeated_header(self, rows: Sequence[int]) -> DataFinding | None:
        """Say that rows repeat the header."""
        if not rows:
            return None
        words = find_check("repeated header")
        listed = ", ".join(f"{row:,}" for row in rows[:EXAMPLES])
        return DataFinding(
            id=f"data_quality/{self.table}/repeated header", section="data_quality", severity="medium",
            title=f"{self.table}: {count(len(rows), 'row')} {words.of(len(rows))}", evidence=f"Rows {listed} below the header.",
            impact=words.matters, action=words.action, sources=self._source("", "repeated header"), table=self.table,
            check="repeated header", rows=len(rows), share=self._share(len(rows)),
            check_sql=f"SELECT *\nFROM {relation(self.reading, self.table)}\nWHERE {rows_condition(rows)}\nORDER BY row",
            fix_sql=f"SELECT * EXCLUDE (row)\nFROM {relation(self.reading, self.table)}\nWHERE NOT ({rows_condition(rows)})\nORDER BY row",
            **self._priced(len(rows), len(rows)),
        )  # fmt: skip

    def missing(
        self, facts: ColumnFacts, placeholders: int = 0, gaps: Sequence[Suspicion] = ()
    ) -> DataFinding | None:
        """Say how much of a column is missing, if some is and most is there.

        Parameters
        ----------
        facts
            Of the column.
        placeholders
            Cells of it that another finding tells to stand for nothing; those are not told again.
        gaps
            Its empty cells that other rows say should be filled.
        """
        disguised = 0 if placeholders else facts.disguised
        absent = facts.nulls + facts.blanks + disguised
        share = self._share(absent)
        if not absent or not facts.present:
            return None
        words = find_check("incomplete")
        parts = [(facts.nulls, "null"), (facts.blanks, "empty"), (disguised, "in disguise, such as N/A")]
        said = ", ".join(f"{count:,} {what}" for count, what in parts if count)
        known = sum(text is not None for gap in gaps if gap.repairs is not None for text in gap.repairs)
        if known:
            said += f"; rows that agree on another column say what {known:,} of them should hold"
        name = quoted(facts.name)
        condition = (
            missing_condition(name, facts.own_words)
            if disguised or not placeholders
            else blank_condition(name)
        )
        repairs = f"{file_name(self.table)}.repairs.csv"
        rule = find_check("missing").fix(name) if disguised else ""
        return DataFinding(
            id=f"data_quality/{self.table}/{facts.name}/incomplete", section="data_quality",
            severity="high" if facts.name in self.keys else "low",
            title=f"{self.table}.{facts.name}: {count(absent, 'row')} ({share:.1%}) {words.of(absent)}", evidence=f"{said}.",
            impact=words.matters, action=words.action, sources=self._source(facts.name, "incomplete"),
            table=self.table, column=facts.name, check="incomplete", rows=absent, share=share,
            check_sql=check_statement(self.reading, [facts.name], condition, self.table),
            fix_sql=repair_statement(self.reading, facts.name, repairs, self.table) if known
            else replace_statement(self.reading, facts.name, rule, self.table) if rule else "",
        )  # fmt: skip

    def key(self, key: Key, first: bool) -> DataFinding | None:
        """Say that a column that nearly is a key has repeated or empty values; the first one tells the rows apart."""
        if key.holds:
            return None
        column, words, rows = key.columns[0], find_check("broken key"), key.repeated + key.empty
        share, name = self._share(rows), quoted(key.columns[0])
        lacks = [(key.repeated, "repeat a value"), (key.empty, "have none")]
        said = " and ".join(f"{n:,} {what if n > 1 else in_singular(what)}" for n, what in lacks if n)
        level: Severity = "low" if not first else "high" if self.rows >= TELLING_ROWS else "medium"
        return DataFinding(
            id=f"data_quality/{self.table}/{column}/broken key", section="data_quality", severity=level,
            title=f"{self.table}.{column} is nearly a key, but of its {self.rows:,} rows {said}",
            evidence=f"{key.unique:.2%} of its values are unique.", impact=words.matters, action=words.action,
            **self._priced(rows, 0), sources=self._source(column, "broken key"),
            table=self.table, column=column, check="broken key", rows=rows, share=share,
            check_sql=check_statement(self.reading, [column], f"{missing_condition(name, self.own_words.get(column, ()))} OR {name} IN (SELECT {name} FROM {relation(self.reading, self.table)} GROUP BY 1 HAVING count(*) > 1)", self.table),  # noqa: S608
        )  # fmt: skip

    def orphans(self, found: Reference, target: Reading, examples: Sequence[str]) -> DataFinding:
        """Say how many rows name a record of another table that does not exist there."""
        words, share, name = find_check("orphan"), self._share(found.orphans), quoted(found.column)
        mine, theirs = normal_key("s", name, FORM), normal_key("t", quoted(found.target_column), FORM)
        return DataFinding(
            id=f"data_quality/{self.table}/{found.column}/orphan", section="data_quality",
            severity="high" if share >= HIGH else "medium",
            title=f"{self.table}.{found.column}: {count(found.orphans, 'row')} ({share:.1%}) {words.of(found.orphans)} of {found.target}.{found.target_column}",
            evidence=f"The other {found.share:.1%} of the rows do. {_seen(examples)}".strip(), impact=words.matters,
            action=words.action, **self._priced(found.orphans, 0),
            sources=self._source(found.column, "orphan"), table=self.table, column=found.column, check="orphan",
            rows=found.orphans, share=share, confidence=round(min(0.95, found.share), 4), examples=tuple(examples),
            check_sql=f"SELECT s.row, s.{name}\nFROM {relation(self.reading, self.table)} AS s\n"  # noqa: S608
            f"WHERE NOT {missing_condition(f's.{name}', self.own_words.get(found.column, ()))} AND {mine} NOT IN (\n"
            f"  SELECT {theirs} FROM {relation(target, found.target)} AS t\n  WHERE t.{quoted(found.target_column)} IS NOT NULL)\nORDER BY 1",
        )  # fmt: skip

    def near_copies(self, found: Duplicates) -> DataFinding:
        """Say how many rows nearly repeat another; which of both survives is decided by rule, so nothing is dropped."""
        words, share = find_check("near copies"), self._share(found.surplus)
        shown = list(zip(found.rows, found.of, strict=True))
        listed = ", ".join(f"{row:,} of {of:,}" for row, of in shown[:EXAMPLES])
        pairs = ", ".join(f"({row}, {of})" for row, of in shown)
        return DataFinding(
            id=f"data_quality/{self.table}/near copies", section="data_quality", severity=grade_severity(share),
            title=f"{self.table}: {found.surplus:,} {'row' if found.surplus == 1 else 'rows'} ({share:.1%}) nearly {'repeats' if found.surplus == 1 else 'repeat'} an earlier one",
            evidence=f"All else is equal; what differs is in {', '.join(found.columns)}. For example rows {listed}.",
            impact=words.matters, action=words.action, **self._priced(found.surplus, found.surplus),
            sources=self._source("", "near copies"), table=self.table, check="near copies", rows=found.surplus, share=share,
            check_sql=f"SELECT copies.of, t.*\nFROM {relation(self.reading, self.table)} AS t\n"
            f"JOIN (VALUES {pairs}) AS copies(row, of) ON copies.row = t.row\nORDER BY t.row",
        )  # fmt: skip

    def duplicates(self, found: Duplicates) -> DataFinding:
        """Say how many rows occur again."""
        if found.kind == "near":
            return self.near_copies(found)
        check = "duplicates" if found.kind == "exact" else "duplicates but for format"
        words, share = find_check(check), self._share(found.surplus)
        without = (
            ""
            if len(found.columns) == 0
            else f"Compared over {len(found.columns)} columns: {', '.join(found.columns)}."
        )
        plain = [
            _plain(quoted(column)) if found.kind == "format" else quoted(column) for column in found.columns
        ]
        exact = ", ".join(map(quoted, found.columns))
        again = f"row_number() OVER (PARTITION BY {', '.join(plain)} ORDER BY row) > 1"
        empty = " AND ".join(map(blank_condition, map(quoted, found.columns)))
        again += f" AND NOT ({empty})"
        if found.kind == "format":
            again += f" AND row_number() OVER (PARTITION BY {exact} ORDER BY row) = 1"
        return DataFinding(
            id=f"data_quality/{self.table}/{check}", section="data_quality", severity=grade_severity(share),
            title=f"{self.table}: {count(found.surplus, 'row')} ({share:.1%}) {words.of(found.surplus)}",
            evidence=f"{count(found.groups, 'group')}. {without}", impact=words.matters, action=words.action,
            **self._priced(found.surplus, found.surplus),
            sources=self._source("", check), table=self.table, check=check, rows=found.surplus, share=share,
            check_sql=f"SELECT *\nFROM {relation(self.reading, self.table)}\nQUALIFY {again}\nORDER BY row",
            fix_sql=f"SELECT * EXCLUDE (row)\nFROM {relation(self.reading, self.table)}\nQUALIFY row_number() OVER (PARTITION BY {', '.join(plain)} ORDER BY row) = 1 OR {empty}\nORDER BY row",
        )  # fmt: skip


def _seen(examples: Sequence[str]) -> str:
    return f"For example {', '.join(examples)}." if examples else ""


def _sentence(text: str) -> str:
    return text if not text or text.endswith(".") else f"{text}."


def _plain(name: str) -> str:
    return f"regexp_replace(lower({name}), '[^\\pL\\pN]+', '', 'g')"


def _main_mask(facts: ColumnFacts) -> str:
    label = next(
        (f.label for f in facts.date_formats if not f.label.startswith("##")), facts.date_formats[0].label
    )
    pattern = "".join(_DIGITS.get(part, part) for part in _split(label))
    return literal(f"^{pattern}")


_DIGITS = {
    "YYYY": "\\d{4}", "YY": "\\d{2}", "MM": "\\d{1,2}", "DD": "\\d{1,2}", "##": "\\d{1,2}", "D": "\\d{1,2}",
    "Mon": "\\pL+", ".": "\\.", "hh": "\\d{1,2}", "mm": "\\d{2}", "ss": "\\d{2}", "am": "[AaPp]", "zone": ".*",
}  # fmt: skip


def _split(label: str) -> list[str]:
    import re

    return re.findall("YYYY|YY|MM|DD|##|Mon|D|hh|mm|ss|am|zone|.", label)


_STRPTIME = {
    "YYYY": "%Y", "YY": "%y", "MM": "%m", "DD": "%d", "D": "%d", "Mon": "%b", "hh": "%H", "mm": "%M", "ss": "%S",
    "am": "%p", "zone": "%z",
}  # fmt: skip


def _dates_to_iso(facts: ColumnFacts) -> str:
    """An expression that writes every format that tells day from month as ISO 8601, and leaves the others."""
    patterns = [
        "".join(_STRPTIME.get(part, part) for part in _split(item.label))
        for item in facts.date_formats
        if not item.label.startswith("##")
    ]
    if not patterns:
        return quoted(facts.name)
    timed = any("hh" in item.label for item in facts.date_formats)
    name, target = quoted(facts.name), "%Y-%m-%d %H:%M:%S" if timed else "%Y-%m-%d"
    listed = ", ".join(map(literal, patterns))
    return f"coalesce(strftime(try_strptime({name}, [{listed}]), {literal(target)}), {name})"


class References(Record):
    """The references between tables, and a finding for each that has orphans."""

    found: tuple[Reference, ...] = ()
    findings: tuple[DataFinding, ...] = ()


def assess_references(
    tables: Sequence[Table], assumptions: Assumptions | None = None, *, clear: bool = False
) -> References:
    """Find which columns name records of other tables, and word the orphans.

    Parameters
    ----------
    tables
        Opened tables with different names.
    assumptions
        The engagement's, for the price of repairs.
    clear
        Show examples as they are instead of masked.
    """
    opened = {table.name: table for table in tables}
    found = find_references(tables)
    worded = []
    for one in found:
        if one.orphans:
            table = opened[one.table]
            writer = TableWriter(
                table.name,
                table.reading,
                table.rows,
                assumptions=assumptions,
                clear=clear,
                own_words={one.column: table.column(one.column).own_words},
            )
            examples = show_values(table, one.column, np.array(one.lone, np.int64), clear)
            worded.append(writer.orphans(one, opened[one.target].reading, examples))
    return References(found=found, findings=tuple(worded))
