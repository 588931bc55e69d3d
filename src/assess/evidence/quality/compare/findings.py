"""Findings between two tables, in words: keys, records on one side, definition conflicts, broken cells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow.compute as pc

from assess.core.engine import quoted
from assess.core.finding import Severity
from assess.core.missing import missing_condition
from assess.core.numbers import count
from assess.core.personal import show_example
from assess.core.source import Source
from assess.evidence.quality.checks.check import Suspicion
from assess.evidence.quality.checks.contract import BY_KIND
from assess.evidence.quality.checks.registry import find_check
from assess.evidence.quality.column import Column
from assess.evidence.quality.finding import EXAMPLES, DataFinding, grade_severity, rank_findings, show_values
from assess.evidence.quality.linkage import Linkage
from assess.evidence.quality.matching import Matching
from assess.evidence.quality.matching.joins import SPARSE, Join, JoinKey, is_filled
from assess.evidence.quality.matching.keys import find_deciding, find_lone, share_alike
from assess.evidence.quality.matching.pair import DefinitionConflict
from assess.evidence.quality.pricing import DEFINITION, price_fields, rule_work, scale_cells
from assess.evidence.quality.remedies import (
    check_statement,
    file_name,
    joint_key,
    normal_key,
    open_condition,
    relation,
    repair_statement,
    replace_statement,
    rows_condition,
    unrepaired,
)
from assess.evidence.quality.table import Table
from assess.intake.assumptions import Assumptions

from .drawing import Drawn

SAME = {("blank", "nullability")}
"""A check of cells and the conflict of the whole column that say the same."""


class PairWriter:
    """Writes the findings of one comparison.

    Parameters
    ----------
    source, target
        The tables.
    assumptions
        The engagement's, for the price.
    clear
        Show examples as they are.
    both_ways
        Whether records of the target go to the source too, so that those which only the target has matter.
    drawn
        How the rows of the two tables were drawn from larger ones, if they were.
    """

    def __init__(
        self,
        source: Table,
        target: Table,
        assumptions: Assumptions | None,
        clear: bool,
        both_ways: bool = False,
        drawn: Drawn | None = None,
    ) -> None:
        self.both_ways, self.drawn = both_ways, drawn
        self.rows = (source.rows, target.rows) if drawn is None else drawn.rows
        self.counted = drawn is None or drawn.counted
        self.source, self.target, self.assumptions, self.clear = source, target, assumptions, clear
        self.name = f"{source.name}→{target.name}"

    def all(
        self,
        mapping: Matching,
        ways: Sequence[Join],
        found: Sequence[DefinitionConflict],
        suspected: Sequence[Suspicion],
        apart: pd.DataFrame,
        counted: Sequence[Join] | None = None,
        joinable: bool = True,
    ) -> tuple[DataFinding, ...]:
        """Return every finding, ranked; nothing of what joins records where the two sides were not drawn together.

        ``apart`` are the fields of joined records that disagree (``source_row``, ``source_column``), ``counted`` the ways to
        join as counted over all rows, where rows were drawn.
        """
        made = [self._conflict(conflict) for conflict in found]
        made += self._keys(ways, ways if counted is None else counted, mapping) if joinable else []
        filled = {c: self._filled(c) for c in {conflict.source_column for conflict in found}}
        agreed = {c.source_column for c in found if c.rows >= MOSTLY * max(1, filled[c.source_column])}
        said = {(conflict.source_column, conflict.kind) for conflict in found}
        made += [
            self._cells(suspicion, mapping)
            for suspicion in self._untold(suspected, found, apart)
            if (
                suspicion.column not in agreed
                or len(suspicion) < MOSTLY * filled[suspicion.column]
                or suspicion.check == "blank"
            )
            and not any((suspicion.column, kind) in said for check, kind in SAME if check == suspicion.check)
        ]
        return rank_findings(made)

    def _filled(self, name: str) -> int:
        column = self.source.column(name)
        return int(column.counts[is_filled(column)].sum())

    def _untold(
        self, suspected: Sequence[Suspicion], found: Sequence[DefinitionConflict], apart: pd.DataFrame
    ) -> Iterator[Suspicion]:
        """The suspicions without the cells that a conflict tells: values that it translates, fields that disagree."""
        known: dict[str, set[str]] = {}
        for conflict in found:
            known.setdefault(conflict.source_column, set()).update(mine for mine, _ in conflict.translation)
        for suspicion in suspected:
            told = np.zeros(len(suspicion), bool)
            if words := known.get(suspicion.column):
                column = self.source.column(suspicion.column)
                told |= [value in words for value in column.values[column.codes[suspicion.rows]]]
            if suspicion.check == "lookup":
                told |= np.isin(
                    suspicion.rows, apart["source_row"][apart["source_column"] == suspicion.column]
                )
            if not told.all():
                yield suspicion.where(~told)

    def _finding(
        self, column: str, check: str, title: str, rows: int, level: Severity, **more: object
    ) -> DataFinding:
        share = round(rows / self.rows[0], 6) if self.rows[0] else 0.0
        place = "/".join(filter(None, (self.name, column, check)))
        detail = f"{self.source.reading.sentence}; {self.target.reading.sentence}"
        return DataFinding.model_validate(
            {
                "id": f"data_quality/{place}", "section": "data_quality", "severity": level, "title": title,
                "sources": (Source(kind="measurement", place=place, detail=detail),), "table": self.source.name,
                "column": column, "check": check, "rows": rows, "share": share, **more,
            }
        )  # fmt: skip

    def _scaled(self, seen: int, proposed: int) -> tuple[int, str, str, dict[str, object]]:
        """Cells of all rows, what is said before and after their number where rows were drawn, and the price."""
        drawn, rows = self.source.rows, self.rows[0]
        told, seen_in, priced = scale_cells(seen, proposed, drawn, rows, self.assumptions)
        return told, f"of {drawn:,} rows drawn, " if seen_in else "", seen_in, dict(priced)

    def _conflict(self, conflict: DefinitionConflict) -> DataFinding:
        column, name = conflict.source_column, quoted(conflict.source_column)
        check, level = BY_KIND[conflict.kind], grade_severity(conflict.share)
        if check.grave and level != "high":
            level = "medium" if level == "low" else "high"
        ruled = conflict.rows - conflict.unclear if conflict.fix or check.ruled else 0
        told, before, seen_in, priced = self._scaled(conflict.rows, ruled)
        if check.agreed and not (check.ruled and conflict.fix):
            priced = dict(price_fields(DEFINITION, self.assumptions))
        elif check.ruled:
            priced = self._scaled(conflict.unclear, 0)[3]
        seen = f"For example {', '.join(conflict.examples)}" if conflict.examples else ""
        if seen and conflict.counterparts:
            seen += f" against {', '.join(conflict.counterparts)} in the target"
        condition = conflict.condition.replace("{}", name)
        return self._finding(
            column, conflict.kind,
            f"{self.source.name}.{column} → {self.target.name}.{conflict.target_column}: {before}{conflict.says}",
            told, level, confidence=conflict.confidence, evidence=" ".join(filter(None, (f"{seen}." if seen else "", seen_in))),
            impact=check.matters, action=_action(conflict),
            **priced, telling=bool(conflict.translation) and not conflict.codes, examples=conflict.examples,
            counterparts=conflict.counterparts,
            check_sql=check_statement(self.source.reading, [column], condition, self.source.name) if condition else self._unlike(conflict),
            fix_sql=replace_statement(self.source.reading, column, conflict.fix.replace("{}", name), self.source.name) if conflict.fix else "",
        )  # fmt: skip

    def _unlike(self, conflict: DefinitionConflict) -> str:
        """The values of the source that the target does not hold, with their rows."""
        mine, theirs = quoted(conflict.source_column), quoted(conflict.target_column)
        return (
            f"SELECT {mine} AS value, count(*) AS rows\n"  # noqa: S608
            f"FROM {relation(self.source.reading, self.source.name)}\n"
            f"WHERE {mine} NOT IN (SELECT {theirs} FROM {relation(self.target.reading, self.target.name)} "
            f"WHERE {theirs} IS NOT NULL)\nGROUP BY 1\nORDER BY 2 DESC, 1"
        )

    def _keys(self, ways: Sequence[Join], counted: Sequence[Join], mapping: Matching) -> list[DataFinding]:
        true = [way for way in counted if way.key.true]
        lacking = self._no_common_key(true, ways) if true else self._nothing_joins()
        made = [
            self._reused(way.key, alone=not lacking)
            for way in counted
            if not way.key.true
            and looks_like_key(way.key, mapping)
            and not (true and share_alike(way, true[0]) >= MOSTLY)
        ]
        made += lacking
        if not true:
            return made
        best = true[0]
        pairs = {way.key.pairs for way in true}
        made += self._one_sided(true, [way for way in ways if way.key.pairs in pairs])
        if best.key.per_source > GRAIN or best.key.per_target > GRAIN:
            made.append(self._grain(best.key))
        return made

    def _nothing_joins(self) -> list[DataFinding]:
        if not (self.source.rows and self.target.rows):
            return []
        return [self._finding(
            "", "no key", f"No column joins {self.source.name} to {self.target.name}", self.rows[0], "high",
            evidence="No pair of columns, in any form, shares enough values of records whose other fields agree.",
            **_words("no key"),
            **price_fields(DEFINITION, self.assumptions),
        )]  # fmt: skip

    def _reused(self, key: JoinKey, *, alone: bool) -> DataFinding:
        """Say that numbers name other records there; priced where it is ``alone``: the key that is lacking mends it too."""
        return self._finding(
            key.source_columns[0], "code reuse",
            f"{self.source.name}.{key.source_column} and {self.target.name}.{key.target_column} share "
            f"{key.source_joined:,} values, but they name different records",
            key.source_joined, "high", confidence=0.9,
            evidence=f"Other fields of rows with the same value agree {key.agreement or 0:.0%} above chance.",
            impact="A join on it merges strangers, without any error.",
            action="Never join on it; agree on a shared key or keep a cross-reference.",
            **(dict(price_fields(DEFINITION, self.assumptions)) if alone else {}), check_sql=self._joined(key),
        )  # fmt: skip

    def _one_sided(self, true: Sequence[Join], seen: Sequence[Join]) -> list[DataFinding]:
        """Say which records no key finds on the other side; ``seen`` are the same keys over the rows in hand."""
        alone, shown = find_lone(true), find_lone(seen)
        ends = [("source only", self.source, self.target, alone[0], shown[0], self.rows[0])]
        if self.both_ways:
            ends.append(("target only", self.target, self.source, alone[1], shown[1], self.rows[1]))
        key, made = true[0].key, []
        deciding, others = find_deciding([way.key for way in true])
        tried = "; where these hold nothing, on ".join(
            "; ".join(f"{key.source_column} and {key.target_column}, {key.form}" for key in keys)
            for keys in (deciding, others)
            if keys
        )
        for check, mine, other, rows, examples, every in ends:
            lone = (
                len(rows)
                if not true[0].counted
                else key.source_only
                if check == "source only"
                else key.target_only
            )
            if not lone:
                continue
            columns = deciding[0].source_columns if check == "source only" else deciding[0].target_columns
            told, seen_in, priced = (
                (lone, "", price_fields(rule_work(lone, lone), self.assumptions))
                if self.counted or true[0].counted
                else scale_cells(len(rows), len(rows), mine.rows, every, self.assumptions)
            )
            share = round(told / every, 6)
            made.append(
                self._finding(
                    columns[0], check, f"{'about ' if seen_in else ''}{told:,} of {every:,} records of {mine.name} ({share:.1%}) are not in {other.name}",
                    told, grade_severity(share), share=share, table=mine.name, confidence=0.9,
                    evidence=" ".join(filter(None, (f"Joined on {tried}.", seen_in))),
                    **_words(check),
                    **priced,
                    examples=show_records(mine, columns, examples, self.clear), check_sql=self._lone([way.key for way in true], check),
                )
            )  # fmt: skip
        return made

    def unlinked(self, linkage: Linkage) -> list[DataFinding]:
        """Say how many records have no partner that was found by what they say; nothing where nothing could be linked.

        Undecided pairs are looked at one by one; what to do with records on one side only is a rule. Where several records
        have one partner, nothing is said of those that are left over.
        """
        if linkage.refused:
            return []
        if linkage.many:
            return [self._finding(
                "", "grain", f"Several records of {linkage.many} stand for one record of the other side",
                linkage.common, "medium", confidence=LINKED, evidence=f"No number joins them. {linkage.sentence}",
                **_words("grain"),
                **price_fields(DEFINITION, self.assumptions),
            )]  # fmt: skip
        ends = [("source only", self.source, self.target, linkage.left_alone)]
        ends += [("target only", self.target, self.source, linkage.right_alone)] if self.both_ways else []
        counted = [(*end, end[3] + linkage.doubtful) for end in ends]
        return [
            self._finding(
                "", check, f"{told:,} of {mine.rows:,} records of {mine.name} ({told / mine.rows:.1%}) are not linked to {other.name}",
                told, grade_severity(told / mine.rows, confidence=LINKED), share=round(told / mine.rows, 6), table=mine.name, confidence=LINKED,
                evidence=f"No number joins them. {linkage.sentence}",
                **_words(check),
                **price_fields(rule_work(told, alone), self.assumptions),
            )
            for check, mine, other, alone, told in counted if told
        ]  # fmt: skip

    def _no_common_key(self, true: Sequence[Join], ways: Sequence[Join]) -> list[DataFinding]:
        """Say that the records have numbers on both sides, but only other fields join them.

        Also a key among all ``ways`` counts that could not be counted, because records were drawn by another.
        """
        own = identifiers(self.source), identifiers(self.target)
        known = [way for way in ways if way.key.true]
        if any(mine in own[0] or theirs in own[1] for way in known for mine, theirs in way.key.pairs):
            return []
        if not own[0] or not own[1]:
            return []
        rows = self.rows[0] if self.counted or true[0].counted else self.source.rows
        shares = ", ".join(
            f"{way.key.source_column} ({way.key.source_joined / max(rows, 1):.0%})" for way in true
        )
        return [
            self._finding(
                own[0][0], "no common key",
                f"{self.source.name}.{own[0][0]} is unknown to {self.target.name}: its records join only by {shares}",
                self.rows[0], "high", confidence=0.85,
                evidence=f"{self.target.name} numbers its records by {own[1][0]}; {_shared(self.source.column(own[0][0]), self.target.column(own[1][0]))}.",
                **_words("no common key"),
                **price_fields(DEFINITION, self.assumptions),
            )
        ]  # fmt: skip

    def _grain(self, key: JoinKey) -> DataFinding:
        return self._finding(
            key.source_columns[0], "grain",
            f"One {key.source_column} has {key.per_source:.3g} rows in {self.source.name} and {key.per_target:.3g} in {self.target.name}",
            key.source_joined, "medium", confidence=0.9,
            evidence=f"At most {key.source_most:,} and {key.target_most:,} rows share a value.",
            **_words("grain"),
            **price_fields(DEFINITION, self.assumptions), check_sql=self._repeated(key),
        )  # fmt: skip

    def _cells(self, suspicion: Suspicion, mapping: Matching) -> DataFinding:
        column, rows = suspicion.column, len(suspicion.rows)
        partner = next(m.target_column for m in mapping.matches if m.source_column == column)
        check = find_check(f"breaks {suspicion.check}")
        fixable = _fixable(suspicion)
        known, repairs = len(fixable), f"{file_name(f'{self.source.name}--{self.target.name}')}.repairs.csv"
        held = self.source.column(column)
        numbers = held.numbered(suspicion.rows).tolist()
        condition = rows_condition(numbers)
        if known and self.clear:
            proposed = held.numbered(np.array(sorted(fixable), np.int64)).tolist()
            condition = open_condition(numbers, frozenset(proposed), unrepaired(column, repairs))
        examples = show_values(self.source, column, suspicion.rows, self.clear)
        told, before, seen_in, priced = self._scaled(rows, known)
        share, advice = rows / max(self.source.rows, 1), _words(f"breaks {suspicion.check}")
        filled = self._filled(column)
        if (
            suspicion.check != "blank" and rows - known >= MOSTLY * filled
        ):  # no cell is wrong by itself where most are: the field is
            whole = f"These are {rows / filled:.0%} of the values of the column: the two sides define the field differently."
            seen_in, priced = f"{whole} {seen_in}".strip(), {**price_fields(DEFINITION, self.assumptions)}
            advice["action"] = AGREE
        return self._finding(
            column, f"breaks {suspicion.check}",
            f"{self.source.name}.{column}: {'about ' if before else ''}{count(told, 'cell')} ({share:.1%}) {'breaks' if told == 1 else 'break'} what {self.target.name}.{partner} holds: {check.title}",
            told, grade_severity(share), confidence=round(float(suspicion.confidence.mean()), 4),
            evidence=" ".join(filter(None, (f"For example {', '.join(examples)}." if examples else "", seen_in))),
            **advice,
            **priced, examples=examples,
            counterparts=_counterparts(self.target, partner, self.clear),
            check_sql=check_statement(self.source.reading, [column], condition, self.source.name) if numbers else "",
            fix_sql=repair_statement(self.source.reading, column, repairs, self.source.name) if known else "",
        )  # fmt: skip

    def _joined(self, key: JoinKey) -> str:
        mine, theirs = ([*map(quoted, names)] for names in (key.source_columns, key.target_columns))
        shown = ", ".join([f"s.{name}" for name in mine] + [f"t.{name}" for name in theirs])
        return (
            f"SELECT s.row AS source_row, t.row AS target_row, {shown}\n"
            f"FROM {relation(self.source.reading, self.source.name)} AS s\n"
            f"JOIN {relation(self.target.reading, self.target.name)} AS t ON {joint_key('s', mine, key.forms)} = {joint_key('t', theirs, key.forms)}\n"
            "WHERE true\nORDER BY 1, 2"
        )

    def _lone(self, keys: Sequence[JoinKey], check: str) -> str:
        """The rows of one side that no deciding key finds on the other, as `find_lone` counts them."""
        mine, other = (self.source, self.target) if check == "source only" else (self.target, self.source)
        deciding, others = find_deciding(keys)
        lone, met, shown = [], [], []
        better: list[str] = []
        for place, key in enumerate((*deciding, *others)):
            sides = (key.source_columns, key.target_columns)
            names, partners = sides if check == "source only" else sides[::-1]
            value = joint_key("s", [*map(quoted, names)], key.forms)
            filled, known = (
                " AND ".join(
                    f"NOT {missing_condition(f'{alias}.{quoted(name)}', table.column(name).own_words)} AND {normal_key(alias, quoted(name), form)} <> ''"
                    for name, form in zip(columns, key.forms, strict=True)
                )
                for alias, table, columns in (("s", mine, names), ("t", other, partners))
            )
            held = (
                f"SELECT {joint_key('t', [*map(quoted, partners)], key.forms)} FROM {relation(other.reading, other.name)} AS t "  # noqa: S608
                f"WHERE {known}"
            )
            if place >= len(deciding):
                filled = f"NOT coalesce({' OR '.join(better)}, false) AND {filled}"
            better.append(f"({filled})")
            lone.append(f"({filled} AND {value} NOT IN ({held}))")
            met.append(f"({filled} AND {value} IN ({held}))")
            shown += [f"s.{quoted(name)}" for name in names]
        return (
            f"SELECT s.row, {', '.join(dict.fromkeys(shown))}\nFROM {relation(mine.reading, mine.name)} AS s\n"
            f"WHERE ({' OR '.join(lone)})\n  AND NOT coalesce({' OR '.join(met)}, false)\nORDER BY 1"
        )

    def _repeated(self, key: JoinKey) -> str:
        table, columns = (
            (self.source, key.source_columns) if key.per_source > GRAIN else (self.target, key.target_columns)
        )
        names = [*map(quoted, columns)]
        return (
            f"SELECT {', '.join(names)}, count(*) AS rows\nFROM {relation(table.reading, table.name)}\n"
            f"WHERE {' AND '.join(f'{name} IS NOT NULL' for name in names)}\nGROUP BY {', '.join(names)}\n"
            f"HAVING count(*) > 1\nORDER BY rows DESC, {', '.join(names)}"
        )


def show_records(
    table: Table, columns: Sequence[str], rows: npt.NDArray[np.int64], clear: bool
) -> tuple[str, ...]:
    """Return what a few rows hold in the columns of a key."""
    if len(columns) == 1:
        return show_values(table, columns[0], rows, clear)
    held = [table.column(name) for name in columns]
    shown = (
        " / ".join(show_example(c.values[c.codes[row]], c.clear_values, clear=clear) for c in held)
        for row in rows[:EXAMPLES].tolist()
    )
    return tuple(dict.fromkeys(shown))


def _shared(mine: Column, theirs: Column) -> str:
    """How many values of one column the other holds."""
    held = int(pc.is_in(mine.texts, value_set=theirs.texts).to_numpy(zero_copy_only=False).sum())
    if not held:
        return "no value of the one is found in the other"
    return f"{held:,} of {mine.distinct:,} values of the one are found in the other, but name other records"


def _words(check: str) -> dict[str, str]:
    """Why a check matters and what to do, as fields of a finding."""
    found = find_check(check)
    return {"impact": found.matters, "action": found.action}


AGREE = "Ask both owners which definition holds, and convert at the interface."
LINKED = 0.75
"""Confidence of what rests on linked records that no person has checked."""
SEEN = 200
"""Values of a column by which it is told whether they number records."""
NUMBERED = 0.95
"""Share of distinct values, and of plain texts, of a column that numbers records."""
MOSTLY = 0.5
"""Share of the rows from which on cells only repeat the definition conflict of their column."""
GRAIN = 1.05
"""Mean rows a key from which on the two sides count different things."""


def identifiers(table: Table) -> list[str]:
    """Return the columns that number the records: filled, nearly unique, without spaces and signs of an address."""
    found = []
    for column in table:
        full = not column.counts[column.blank].sum() and column.rows > 1
        texts = column.values[:SEEN].tolist()
        if (
            full
            and column.distinct >= NUMBERED * column.rows
            and _plain(texts)
            and not _measures(texts, column.distinct)
        ):
            found.append(column.name)
    return found


def _plain(texts: list[str]) -> bool:
    plain = sum(text.replace("-", "").replace("/", "").replace("_", "").isalnum() for text in texts)
    return plain >= NUMBERED * len(texts)


def _measures(texts: list[str], distinct: int) -> bool:
    """Whether texts are numbers that measure: of several lengths, and far more apart than numbers that are counted up."""
    if not all(map(str.isdecimal, texts)):
        return False
    lengths, worth = Counter(map(len, texts)), [int(text) for text in texts]
    counted = (max(worth) - min(worth)) <= SPARSE * distinct
    return not counted and max(lengths.values()) < NUMBERED * len(texts)


def _fixable(suspicion: Suspicion) -> set[int]:
    """The suspected rows whose right value is proposed."""
    if suspicion.repairs is None:
        return set()
    return {
        row for row, text in zip(suspicion.rows.tolist(), suspicion.repairs, strict=True) if text is not None
    }


def looks_like_key(key: JoinKey, mapping: Matching) -> bool:
    """Whether the columns look like each other's key: matched, and unique on both sides."""
    matched = set(key.pairs) <= {(m.source_column, m.target_column) for m in mapping.matches}
    half = 0.5 * min(key.source_rows, key.target_rows)
    return matched and key.per_source <= GRAIN and key.per_target <= GRAIN and key.source_joined >= half


def _action(conflict: DefinitionConflict) -> str:
    if conflict.translation:
        return f"Agree on one vocabulary, and translate {len(conflict.translation)} values at the interface."
    if conflict.fix:
        return "Agree whose definition holds, and convert at the interface by the rule given."
    return AGREE


def _counterparts(table: Table, column: str, clear: bool) -> tuple[str, ...]:
    held = table.column(column)
    order = np.argsort(-held.counts, kind="stable")[:3]
    return tuple(dict.fromkeys(show_example(held.values[i], held.clear_values, clear=clear) for i in order))
