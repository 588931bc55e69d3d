"""The data quality of a whole engagement: every table profiled, every pair of source and target compared."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from assess.core.cache import Cache
from assess.core.finding import Missing
from assess.core.grants import is_url, split_part
from assess.core.messages import write_progress
from assess.core.personal import show_example
from assess.core.record import Record
from assess.core.secrets import mask_location, mask_secrets
from assess.core.source import Fact, Source
from assess.core.tables.file_lists import hash_files, is_many, list_files
from assess.core.unpacking import UnreadableTable
from assess.intake.engagement import Engagement
from assess.intake.engagement.landscape import ExtractTable as Extract
from assess.intake.engagement.landscape import Integration

from .checks.references import Reference
from .compare import TableComparison, compare
from .finding import DataFinding, rank_findings
from .findings import References, assess_references
from .linkage import Linkage
from .profile import Profile, Progress, profile, show_first_rows
from .table import Table
from .table_pairs import (
    TablePair,
    find_table_pairs,
    find_uncompared,
    link_unjoined,
    open_extract,
    touching_integrations,
)
from .verdicts import (
    TableVerdict,
    judge_fitness,
    list_facts,
    list_missing,
    require_extracts,
    share_automated,
    total_effort,
)

CELLS = 10_000
"""Suspect cells of a profile that a result keeps; all are counted."""


CHECKED_BYTES = 64 << 20
"""Size of an extract up to which it is opened to say how it is read."""


def describe_readings(engagement: Engagement) -> Iterator[str]:
    """Yield how each extract is read where that is not plain: what was left out, and why it may have been read badly.

    Files of at most `CHECKED_BYTES` are opened; tables in engines are not.
    """
    for extract in engagement.tables:
        path = Path(split_part(engagement.locate(extract.location))[0])
        place = f"{mask_location(extract.location)} ({extract.name})"
        if is_url(extract.location) or not (path.is_file() or is_many(path)):
            continue
        if (
            sum(file.stat().st_size for file in (list_files(path) if is_many(path) else [path]))
            > CHECKED_BYTES
        ):
            yield f"{place}: larger than {CHECKED_BYTES >> 20} MB, so how it is read is said by assess run"
            continue
        try:
            table = open_extract(engagement, extract)
        except (UnreadableTable, UnicodeError, OSError) as problem:
            yield f"{place}: can't be read and will not be assessed: {mask_secrets(str(problem), extract.location)}"
            continue
        reading = table.reading
        if reading.doubts:
            yield f"{place}: may be read badly and will not be assessed: {'; '.join(reading.doubts)}"
        if reading.doubts or reading.notes or reading.irregular or reading.skipped or reading.footer:
            yield f"  {extract.name} is read as {reading.sentence}"
            yield from (f"  left out: {show_example(line)}" for line in reading.beside)
            yield f"  columns: {', '.join(table.columns[:NAMED])}{', ...' if len(table.columns) > NAMED else ''}"
            yield from (f"  row: {', '.join(row[:NAMED])}" for row in show_first_rows(table))


NAMED = 12
"""Columns of a table that `describe_readings` shows."""


class UnassessedTable(Record):
    """A table that could not be assessed.

    Parameters
    ----------
    table, reason
        Which, and why.
    read
        Whether it could be read: then the failure is the machine's (a full disk), not the table's.
    """

    table: str
    reason: str
    read: bool = False


class QualityAssessment(Record):
    """What is known of the engagement's data.

    Parameters
    ----------
    profiles
        One for each table that could be read; suspect cells are cut to `CELLS` and counted.
    comparisons
        One for each pair of tables that meet in an integration.
    references
        Columns whose values name records of another table, with the rows that name none.
    verdicts
        For each table, then for each pair.
    findings
        All, ranked, with owner and the integrations touched.
    unreadable
        Tables that could not be read.
    missing
        Input that was not supplied.
    facts
        Numbers for the report.
    """

    profiles: tuple[Profile, ...] = ()
    comparisons: tuple[TableComparison, ...] = ()
    references: tuple[Reference, ...] = ()
    verdicts: tuple[TableVerdict, ...] = ()
    findings: tuple[DataFinding, ...] = ()
    unreadable: tuple[UnassessedTable, ...] = ()
    missing: tuple[Missing, ...] = ()
    facts: tuple[Fact, ...] = ()

    @property
    def assessed(self) -> bool:
        """Whether any table could be read."""
        return bool(self.profiles)

    @property
    def linked(self) -> tuple[Linkage, ...]:
        """The records of the pairs that no column joins, linked by what they say."""
        return tuple(item.linkage for item in self.comparisons if item.linkage is not None)

    @property
    def automated(self) -> dict[str, float]:
        """As `share_automated` says."""
        return share_automated(self.comparisons, self.verdicts)

    @property
    def table(self) -> pd.DataFrame:
        """The verdicts as a table."""
        shown = ["table", "target", "fitness", "reason", "rows", "cells", "share", "days", "integrations"]
        rows = [
            [v.table, v.target, v.fitness, v.reason, v.rows, v.cells, v.share,
             v.effort.likely if v.effort else None, ", ".join(v.integrations)]
            for v in self.verdicts
        ]  # fmt: skip
        return pd.DataFrame(rows, columns=shown)

    def profile(self, table: str) -> Profile:
        """Return the profile of a table by its name, ``system.entity``.

        Raises
        ------
        KeyError
            If there is none.
        """
        return {profile.name: profile for profile in self.profiles}[table]


def assess(
    engagement: Engagement,
    cache_folder: Path | None = None,
    *,
    clear: bool = False,
    progress: Progress | None = None,
) -> QualityAssessment:
    """Profile every table of an engagement and compare every pair that an integration joins.

    A table that can't be read is a finding and a verdict "not assessed" of that table alone.

    Parameters
    ----------
    engagement
        What the client told us.
    cache_folder
        Where results are kept by content; None keeps nothing.
    clear
        Show example values as they are instead of masked.
    progress
        Told what is being done and how far it is, from 0 to 1; default `assess.core.messages`.
    """
    if not engagement.tables:
        return QualityAssessment(missing=(require_extracts(engagement),))
    found = _Assessment(
        engagement, cache_folder, clear, progress or (lambda text, share: write_progress(text))
    ).result()
    write_progress("", last=True)
    return found


class _Assessment:
    def __init__(self, engagement: Engagement, folder: Path | None, clear: bool, progress: Progress) -> None:
        self.engagement, self.clear, self.progress = engagement, clear, progress
        known = [engagement.assumptions.entry(key).to_json() for key in engagement.assumptions.keys()  # noqa: SIM118
                 if key.startswith(("remediation.", "quality."))]  # fmt: skip
        forms = [str(sorted(system.stated_form.items())) for system in engagement.systems]
        self.settings = (str(clear), *known, *forms)
        self.cache = Cache(folder, Path(__file__).parent)
        self.opened: dict[str, Table] = {}
        self.contents: dict[str, str] = {}

    def result(self) -> QualityAssessment:
        engagement = self.engagement
        met = find_table_pairs(engagement)
        steps = len(engagement.tables) + len(met)
        profiles, unreadable = self._profiles(steps)
        read = {item.name for item in profiles}
        comparisons = [
            self._step(f"pair {place + 1} of {len(met)}, {pair.source.name} with {pair.target.name}", len(engagement.tables) + place, steps,
                       lambda told, pair=pair: self._comparison(pair))
            for place, pair in enumerate(met)
            if pair.source.name in read and pair.target.name in read
        ]  # fmt: skip
        compared = [pair for pair in met if pair.source.name in read and pair.target.name in read]
        self.progress("references between tables", 1.0)
        named = self._references([t for t in engagement.tables if t.name in read])
        self.progress("verdicts", 1.0)
        return self._together(
            profiles, unreadable, compared, comparisons, named, find_uncompared(engagement, met)
        )

    def _step(self, text: str, place: int, steps: int, work: Callable[..., Any]) -> Any:
        def told(what: str, share: float) -> None:
            self.progress(f"{text}: {what}", (place + min(share, 1.0)) / steps)

        self.progress(text, place / steps)
        return work(told)

    def _profiles(self, steps: int) -> tuple[list[Profile], list[UnassessedTable]]:
        profiles, unreadable = [], []
        for place, extract in enumerate(self.engagement.tables):
            try:
                profiles.append(
                    self._step(
                        f"table {place + 1} of {len(self.engagement.tables)}, {extract.name}",
                        place,
                        steps,
                        lambda told, e=extract: self._profile(e, told),
                    )
                )
            except (UnreadableTable, UnicodeError, OSError) as problem:
                unreadable.append(
                    UnassessedTable(
                        table=extract.name, reason=mask_secrets(str(problem), extract.location), read=extract.name in self.opened
                    )
                )  # fmt: skip
        return profiles, unreadable

    def _open(self, extract: Extract) -> Table:
        if extract.name not in self.opened:
            table = open_extract(self.engagement, extract)
            table.reading = table.reading.model_copy(update={"location": mask_location(extract.location)})
            self.opened[extract.name] = table
        return self.opened[extract.name]

    def _content(self, extract: Extract) -> str:
        """Fingerprint of an extract, empty if it is no file: what lies in an engine may have changed."""
        if extract.name not in self.contents:
            path = Path(split_part(self.engagement.locate(extract.location))[0])
            here = not is_url(extract.location) and (path.is_file() or is_many(path))
            self.contents[extract.name] = hash_files(path) if here else ""
        return self.contents[extract.name]

    def _profile(self, extract: Extract, told: Progress) -> Profile:
        def measure() -> Profile:
            return profile(
                self._open(extract), assumptions=self.engagement.assumptions, clear=self.clear, progress=told
            ).bounded(CELLS, clear=self.clear)

        found = self._content(extract)
        if not found:
            return measure()
        return self.cache.get(Profile, (*self.settings, extract.name, extract.location, found), measure)

    def _comparison(self, pair: TablePair) -> TableComparison:
        back = pair.target.system, pair.source.system
        said = pair.reviews(self.engagement)
        both = any((i.source, i.target) == back for i in self.engagement.integrations)

        def measure() -> TableComparison:
            ends, known = (self._open(pair.source), self._open(pair.target)), self.engagement.assumptions
            found = compare(*ends, assumptions=known, clear=self.clear, both_ways=both)
            linked = link_unjoined(
                found, *ends, reviews=said, both_ways=both, assumptions=known, clear=self.clear
            )
            return linked.bounded(CELLS, clear=self.clear)

        found = [self._content(pair.source), self._content(pair.target)]
        if not all(found):
            return measure()
        places = (pair.source.name, pair.source.location, pair.target.name, pair.target.location)
        return self.cache.get(
            TableComparison,
            (*self.settings, *places, f"both ways: {both}", *map(repr, said), *found),
            measure,
        )

    def _references(self, extracts: Sequence[Extract]) -> References:
        def measure() -> References:
            opened = [self._open(extract) for extract in extracts]
            return assess_references(opened, self.engagement.assumptions, clear=self.clear)

        known = [self._content(extract) for extract in extracts]
        if not all(known):
            return measure()
        places = [part for extract in extracts for part in (extract.name, extract.location)]
        return self.cache.get(References, (*self.settings, "references", *places, *known), measure)

    def _together(
        self,
        profiles: list[Profile],
        unreadable: list[UnassessedTable],
        compared: list[TablePair],
        comparisons: list[TableComparison],
        named: References,
        alone: Sequence[Integration],
    ) -> QualityAssessment:
        extracts = {extract.name: extract for extract in self.engagement.tables}
        found: list[DataFinding] = []
        judged: list[TableVerdict] = []
        doubtful = {item.name for item in profiles if item.reading.doubts}
        for item in profiles:
            orphans = [f for f in named.findings if f.table == item.name]
            owned = [self._owned(f, [extracts[item.name]]) for f in (*item.findings, *orphans)]
            found += owned
            judged.append(self._verdict_of_table(item, extracts[item.name], owned))
        for broken in unreadable:
            finding = self._unreadable(broken, extracts[broken.table])
            found.append(finding)
            judged.append(TableVerdict(
                table=broken.table, systems=finding.systems, integrations=finding.integrations,
                fitness="not assessed", reason=broken.reason, findings=(finding.id,),
            ))  # fmt: skip
        for pair, comparison in zip(compared, comparisons, strict=True):
            doubted = [n for n in (pair.source.name, pair.target.name) if n in doubtful]
            owned = [
                self._owned(f, [pair.source, pair.target], pair.integrations)
                for f in (comparison.findings if not doubted else ())
            ]
            found += owned
            verdict = self._verdict_of_pair(comparison, pair, owned)
            if comparison.not_assessed and verdict.fitness == "fit":
                reason = f"not assessed: {'; '.join(comparison.not_assessed)}"
                verdict = verdict.model_copy(update={"fitness": "not assessed", "reason": reason})
            if doubted:
                reason = f"{' and '.join(doubted)} may have been read badly"
                verdict = verdict.model_copy(update={"fitness": "not assessed", "reason": reason})
            judged.append(verdict)
        return QualityAssessment(
            profiles=tuple(profiles), comparisons=tuple(comparisons), references=named.found, verdicts=tuple(judged),
            findings=rank_findings(found), unreadable=tuple(unreadable), missing=list_missing(self.engagement, alone),
            facts=list_facts(profiles, comparisons, judged, found),
        )  # fmt: skip

    def _owned(
        self, finding: DataFinding, tables: Sequence[Extract], integrations: tuple[str, ...] | None = None
    ) -> DataFinding:
        """Say who owns a finding: the owner of the (source) system, and which integrations it touches."""
        system = self.engagement.system(tables[0].system)
        touched = touching_integrations(self.engagement, tables[0]) if integrations is None else integrations
        return finding.model_copy(
            update={
                "owner": finding.owner or system.owner, "systems": tuple(t.system for t in tables),
                "integrations": touched,
            }
        )  # fmt: skip

    def _verdict_of_table(self, item: Profile, extract: Extract, found: list[DataFinding]) -> TableVerdict:
        cells = item.rows * len(item.facts)
        share = item.suspected / cells if cells else 0.0
        fitness, reason = judge_fitness(share, found, self.engagement.assumptions)
        if not item.rows:
            fitness, reason = "not assessed", "the table has no rows"
        return TableVerdict(
            table=item.name, systems=(extract.system,), integrations=touching_integrations(self.engagement, extract),
            fitness=fitness, reason=reason, rows=item.rows, cells=item.suspected, share=round(share, 6),
            effort=total_effort(found, item.name), findings=tuple(f.id for f in found),
        )  # fmt: skip

    def _verdict_of_pair(
        self, item: TableComparison, pair: TablePair, found: list[DataFinding]
    ) -> TableVerdict:
        cells = item.source_rows * max(len(item.mapping.matches), 1)
        suspected = item.suspected
        share = suspected / cells if cells else 0.0
        fitness, reason = judge_fitness(share, found, self.engagement.assumptions)
        reason += f" (judged by {item.drawn})" if item.drawn else ""
        return TableVerdict(
            table=pair.source.name, target=pair.target.name, systems=(pair.source.system, pair.target.system),
            integrations=pair.integrations, fitness=fitness, reason=reason, rows=item.source_rows,
            cells=suspected, share=round(share, 6),
            effort=total_effort(found, f"{pair.source.name}-{pair.target.name}"),
            findings=tuple(f.id for f in found),
        )  # fmt: skip

    def _unreadable(self, broken: UnassessedTable, extract: Extract) -> DataFinding:
        system = self.engagement.system(extract.system)
        return DataFinding(
            id=f"data_quality/{broken.table}/unreadable", section="data_quality", severity="critical",
            title=f"{broken.table} could not be {'judged' if broken.read else 'read'}: {broken.reason}",
            impact="Nothing is known of this table; what is planned with it rests on belief.",
            action="Free space or memory, and run again." if broken.read else "Supply a readable extract.", owner=system.owner, systems=(system.id,),
            integrations=touching_integrations(self.engagement, extract), table=broken.table, check="unreadable",
            rows=0, share=0.0,
            sources=(Source(kind="measurement", place=f"{broken.table}/unreadable", detail=broken.reason),),
        )  # fmt: skip
