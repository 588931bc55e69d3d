"""What a notebook says: one chapter; and what a run says: its results."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from typing import Any, Literal, NamedTuple, Self

from pydantic import Field, field_validator, model_validator

from assess.core.estimate import Estimate
from assess.core.finding import SEVERITIES, Finding, Missing
from assess.core.record import Record
from assess.core.source import Fact, Source
from assess.intake.assumptions import Assumption
from assess.intake.engagement import InputFile

from .figure import Figure
from .tables import DataTable
from .whatif import WhatIf

SCHEMA_VERSION: Literal["1.1"] = "1.1"
"""Version of the form of ``results.json``: the first number changes when a reader would break."""

State = Literal["assessed", "not_assessed", "failed"]


class ReportAction(Record):
    """Something to do, with what it is worth and what it takes.

    Parameters
    ----------
    worth
        Gross value over the horizon, in the engagement's currency; None where the model can't say.
    net
        What is left of it after the work and its upkeep; None where nobody knows what it costs.
    effort
        Person-days.
    by
        When: an increment, a date or ``now``.
    findings
        Ids of the findings that it closes.
    """

    id: str
    title: str
    worth: Estimate | None = None
    net: Estimate | None = None
    effort: Estimate | None = None
    owner: str = ""
    by: str = ""
    findings: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()


class StageGate(Record):
    """A stage gate: whether the programme may go on.

    Parameters
    ----------
    key
        Stable name, such as ``pilot``.
    state
        ``open``: every must-have is met. ``unknown``: none was answered. ``closed``: otherwise. The same as
        readiness, roadmap and actions go by.
    reason
        Why, in a few words: what is missing, or that nothing is.
    findings
        Ids of the findings that hold it.
    opens
        The one action that opens it: of those that are missing, the one that the plan ends last, where nothing is
        planned the longest; None where it is open.
    """

    key: str
    label: str
    state: Literal["open", "closed", "unknown"]
    reason: str = ""
    findings: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()
    opens: ReportAction | None = None


class Coverage(Record):
    """How much of the engagement's inputs was measured, stated, or assumed by default.

    Parameters
    ----------
    measured, stated, assumed
        Number of inputs of each kind.
    contradicted
        Ids of the findings in which a measurement contradicts a statement.
    stale
        Keys of the defaults that are older than `assess.intake.assumptions.STALE_DAYS`.
    """

    measured: int
    stated: int
    assumed: int
    contradicted: tuple[str, ...] = ()
    stale: tuple[str, ...] = ()

    @property
    def counted(self) -> int:
        """Number of inputs of any kind; where it is zero, nothing can be said of them."""
        return self.measured + self.stated + self.assumed


class FactsFile(Record):
    """A file beside the report that a chapter links.

    Parameters
    ----------
    path
        Relative to the report's folder, parts joined by ``/``; empty if it could not be made.
    title
        What it is about.
    group
        Heading under which it is listed.
    note
        What is in it in a few words, or why it could not be made.
    """

    path: str
    title: str
    group: str
    note: str = ""


class Chapter(Record):
    """The answer to one question: what a notebook leaves.

    Parameters
    ----------
    number
        Number of the notebook; 0 is the summary, the first screen of the page.
    key
        Stable name: the notebook's, such as ``total_cost``.
    title
        Two or three words for the contents list.
    question
        The question that the chapter answers.
    state
        ``not_assessed`` if the input is missing: never a zero, never a score. ``failed`` if the
        notebook broke: ``error`` says what happened.
    verdict
        The answer in one sentence, computed from the result: the heading of the chapter.
    lead
        Two to four sentences that say why, with their numbers as references to facts.
    shown
        Ids of what stands on the page below: at most two figures and one table. The rest is in cards and the notebook.
    method
        How the answer is worked out, a sentence each.
    reading
        What the consultant reads from it, as written in the notebook: plain text, paragraphs apart by an empty line. A run
        keeps it, see `assess.report.reading`.
    subject
        What was looked at, such as "CRM customers (14,208) against billing accounts (11,930)".
    facts
        Its numbers; a fact whose value is a number has at least one source.
    headline
        Ids of up to five facts shown large below the verdict.
    gates, coverage
        What the summary says beside its verdict.
    changes
        What would change the answer, one sentence each.
    files
        Files beside the report that say more.
    sources
        Sources that its calculations name by id and no fact, finding or table carries.
    error
        What went wrong, in plain words, for a chapter that failed.

    Raises
    ------
    pydantic.ValidationError
        If an assessed chapter has no verdict, a failed one no error, a number no source,
        an id appears twice, or the headline or ``shown`` name what is not there.
    """

    number: int = Field(ge=0)
    key: str
    title: str
    question: str
    state: State = "assessed"
    verdict: str = ""
    lead: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()
    method: tuple[str, ...] = ()
    reading: str = ""
    subject: str = ""
    facts: tuple[Fact, ...] = ()
    headline: tuple[str, ...] = ()
    gates: tuple[StageGate, ...] = ()
    coverage: Coverage | None = None
    figures: tuple[Figure, ...] = ()
    tables: tuple[DataTable, ...] = ()
    findings: tuple[Finding, ...] = ()
    missing: tuple[Missing, ...] = ()
    changes: tuple[str, ...] = ()
    actions: tuple[ReportAction, ...] = ()
    whatif: WhatIf | None = None
    files: tuple[FactsFile, ...] = ()
    sources: tuple[Source, ...] = ()
    error: str = ""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.state == "assessed" and not self.verdict:
            raise ValueError(f"chapter {self.key}: assessed, but without a verdict")
        if self.state == "failed" and not self.error:
            raise ValueError(f"chapter {self.key}: failed, but without an error in plain words")
        untraced = [fact.id for fact in self.facts if _number(fact.value) and not fact.sources]
        if untraced:
            raise ValueError(f"chapter {self.key}: numbers without a source: {', '.join(untraced)}")
        unknown = set(self.headline) - {fact.id for fact in self.facts}
        if unknown:
            raise ValueError(f"chapter {self.key}: headline names no fact: {', '.join(sorted(unknown))}")
        absent = set(self.shown) - {f.id for f in self.figures} - {t.id for t in self.tables}
        if absent:
            raise ValueError(f"chapter {self.key}: shows what is not there: {', '.join(sorted(absent))}")
        for name in ("facts", "figures", "tables", "findings", "actions"):
            ids = [item.id for item in getattr(self, name)]
            twice = sorted({id for id in ids if ids.count(id) > 1})
            if twice:
                raise ValueError(f"chapter {self.key}: {name} with the same id: {', '.join(twice)}")
        return self

    def evidence(self) -> Iterator[Source]:
        """Every source that the chapter carries, in the order of the page, repeated where used again."""
        for fact in self.facts:
            yield from fact.sources
        for gate in self.gates:
            yield from gate.sources
            if gate.opens:
                yield from gate.opens.sources
                yield from _of(gate.opens.worth, gate.opens.net, gate.opens.effort)
        for action in self.actions:
            yield from action.sources
            yield from _of(action.worth, action.net, action.effort)
        for table in (*self.tables, *(figure.table for figure in self.figures)):
            yield from table.sources
        for finding in self.findings:
            yield from finding.sources
            yield from _of(finding.effort)
        if self.whatif:
            yield from self.whatif.sources
            for slider in self.whatif.sliders:
                yield from slider.sources
        yield from self.sources


class LedgerEntry(NamedTuple):
    """An entry of the ledger: a finding and the chapter that it belongs to."""

    finding: Finding
    chapter: Chapter


class Head(Record):
    """Whom the report is about."""

    client: str
    title: str = ""
    currency: str = "EUR"
    date: dt.date | None = None
    horizon_years: int | None = None


class Results(Record):
    """What a run found: the content of ``results.json``; the page is a view of it.

    Parameters
    ----------
    schema_version
        Version of this form, `SCHEMA_VERSION`.
    parameters
        Parameters of the run, the seed among them.
    versions
        Versions of what computed it: the package, its commit, Python, main libraries.
    files
        Input files with their SHA-256.
    values_shown
        Whether examples of client data are unmasked.
    allowed
        By option, what the consultant allowed beyond the default, without passwords.
    assumptions
        The defaults and overrides in force, so that the page can say their value, age and source.
    quotes
        By source id, the value that stands at that place of the input, as text.
    integrations
        By id of each integration, the label under which sentences and tables name it.
    """

    schema_version: Literal["1.1"] = SCHEMA_VERSION
    engagement: Head
    parameters: dict[str, Any] = {}
    versions: dict[str, str] = {}
    files: tuple[InputFile, ...] = ()
    values_shown: bool = False
    allowed: dict[str, str] = {}
    chapters: tuple[Chapter, ...]
    assumptions: tuple[Assumption, ...] = ()
    quotes: dict[str, str] = {}
    integrations: dict[str, str] = {}

    @field_validator("parameters", "versions", "quotes")
    @classmethod
    def _sorted(cls, value: dict[str, Any]) -> dict[str, Any]:
        return dict(sorted(value.items()))

    @field_validator("chapters")
    @classmethod
    def _in_order(cls, chapters: tuple[Chapter, ...]) -> tuple[Chapter, ...]:
        ordered = tuple(sorted(chapters, key=lambda chapter: (chapter.number, chapter.key)))
        keys = [chapter.key for chapter in ordered]
        if len(set(keys)) < len(keys):
            raise ValueError("two chapters have the same key")
        return ordered

    @property
    def summary(self) -> Chapter | None:
        """The chapter of the first screen, number 0."""
        return next((chapter for chapter in self.chapters if chapter.number == 0), None)

    @property
    def questions(self) -> tuple[Chapter, ...]:
        """The chapters after the first screen."""
        return tuple(chapter for chapter in self.chapters if chapter.number > 0)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Every finding once, in the order of the chapters."""
        return tuple({f.id: f for chapter in self.chapters for f in chapter.findings}.values())

    @property
    def ledger(self) -> tuple[LedgerEntry, ...]:
        """Every finding once with its chapter, the most severe first, then by chapter."""
        first: dict[str, LedgerEntry] = {}
        for chapter in self.questions + self.chapters:
            for finding in chapter.findings:
                first.setdefault(finding.id, LedgerEntry(finding, chapter))
        order = {severity: place for place, severity in enumerate(SEVERITIES)}
        return tuple(sorted(first.values(), key=lambda e: (order[e.finding.severity], e.chapter.number)))

    @property
    def actions(self) -> tuple[ReportAction, ...]:
        """Every action once, in the order of the chapters: the first screen's come first; worth what any chapter says."""
        first: dict[str, ReportAction] = {}
        for chapter in self.chapters:
            for action in chapter.actions:
                known = first.setdefault(action.id, action)
                if known.worth is None and action.worth is not None:
                    first[action.id] = known.model_copy(update={"worth": action.worth, "net": action.net})
        return tuple(first.values())


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _of(*estimates: Estimate | None) -> Iterator[Source]:
    for estimate in estimates:
        if estimate is not None and estimate.source is not None:
            yield estimate.source


def results_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of ``results.json``.

    >>> results_schema()["properties"]["schema_version"]["const"]
    '1.1'
    """
    described = Results.model_json_schema(mode="serialization")
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:assess:results:{SCHEMA_VERSION}",
    }
    return head | described


def write_schema() -> str:
    """Write the schema as the file ``assets/results.schema.json`` that ships with the package."""
    return json.dumps(results_schema(), indent=1, sort_keys=True, ensure_ascii=False) + "\n"
