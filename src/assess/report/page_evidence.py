"""How templates are filled in, everything escaped, and the list at the page's end to which every number links."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from assess.core.numbers import interval, quantity
from assess.core.source import PREFIX, Kind, Source
from assess.intake.assumptions import STALE_DAYS, Assumption

from .chapter import Results
from .charts.drawing import draw_svg
from .prose import clean, unlinked

GROUPS: tuple[tuple[str, str, str], ...] = (
    ("measurement", "Measured", "What we measured ourselves in extracts and logs."),
    ("input", "Stated", "What people told us: a row of the engagement."),
    (
        "assumption",
        "Assumed",
        "Dated defaults, and what the engagement says instead; an expert's belief waits for your own figure.",
    ),
    ("calculation", "Calculated", "Computed from other evidence, which each entry names."),
    ("set", "Several together", "Numbers that rest on more than one of the entries above."),
)
"""Kind, heading and explanation of each group, in the order of the page."""

FEW = 8
"""As many sources are named where they are used; more become an entry of their own, which lists their numbers."""

USES, INNER = 2, 1
"""Places on the page, and other entries, that an entry links back to; it counts the others."""

_MARK = re.compile(r'(?<=["#])e-[0-9a-f]{16}(?=")')


@dataclass(frozen=True)
class EvidenceEntry:
    """One entry of the list.

    Parameters
    ----------
    number
        Its number in the list; ``e`` and the number are its id on the page.
    title
        The place: file, row and column; or the name of a measurement, default or model term.
    says
        What stands there, sentence by sentence.
    of
        The entries it was computed from: their anchors and titles.
    listed
        Where these are many, their numbers instead, such as ``3–40, 52``; the page's script makes them links.
    uses
        Where the page uses it: anchors and labels, at most `USES` of the page and `INNER` of the list.
    more
        How many further uses there are.
    flags
        Warnings, such as the age of a default.
    """

    number: int
    kind: str
    title: str
    says: tuple[str, ...]
    of: tuple[tuple[str, str], ...]
    uses: tuple[tuple[str, str], ...]
    more: int = 0
    listed: str = ""
    flags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Group:
    """The entries of one kind."""

    key: str
    heading: str
    explanation: str
    entries: tuple[EvidenceEntry, ...]


@dataclass
class EvidenceIndex:
    """Collects what the page links to while the page is written, and lists it at the end.

    Parameters
    ----------
    known
        Every source that the results carry, by id.
    assumptions
        Defaults and overrides, by key.
    quotes
        Value at a place of the input, by source id.
    today
        Day from which the age of a default is counted.
    findings
        By id of a finding, the ids of its sources: what rests on a finding rests on what shows it.
    """

    known: dict[str, Source]
    assumptions: dict[str, Assumption] = field(default_factory=dict)
    quotes: dict[str, str] = field(default_factory=dict)
    today: dt.date | None = None
    findings: dict[str, tuple[str, ...]] = field(default_factory=dict)
    used: dict[str, dict[str, str]] = field(default_factory=dict)
    sets: dict[str, tuple[str, ...]] = field(default_factory=dict)
    untraced: int = 0
    numbers: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, results: Results) -> EvidenceIndex:
        """Collect the sources of results; where an id comes twice, the one that says more counts."""
        known: dict[str, Source] = {}
        for source in (s for chapter in results.chapters for s in chapter.evidence()):
            if len(source.detail) > len(known.get(source.id, _EMPTY).detail) or source.id not in known:
                known[source.id] = source
        for place in (a.origin for a in results.assumptions if a.origin is not None):
            known.setdefault(place.id, place)
        findings = {}
        for finding in results.findings:
            told = Source(kind="calculation", place=finding.id, detail=finding.title)
            findings[finding.id] = tuple(source.id for source in finding.sources)
            known.setdefault(told.id, told.model_copy(update={"of": findings[finding.id]}))
        assumptions = {assumption.key: assumption for assumption in results.assumptions}
        return cls(known, assumptions, results.quotes, results.engagement.date, findings)

    def link(self, ids: Iterable[str], use: str, label: str) -> str:
        """Note that the page's element ``use`` rests on these sources, and return the anchor to link to.

        An empty anchor means that nothing is named; `untraced` counts these.
        """
        distinct = self._shown(ids)
        if not distinct:
            self.untraced += 1
            return ""
        target = distinct[0] if len(distinct) == 1 else self._together(distinct)
        self.used.setdefault(target, {}).setdefault(use, label)
        return _mark(target)

    def _shown(self, ids: Iterable[str]) -> tuple[str, ...]:
        """Each id once; in the place of a finding, what shows it."""
        return tuple(dict.fromkeys(part for id in ids for part in self.findings.get(id) or (id,)))

    def _together(self, ids: tuple[str, ...]) -> str:
        target = "set:" + "|".join(ids)
        self.sets[target] = ids
        return target

    def groups(self) -> tuple[Group, ...]:
        """List what was linked so far, and what it rests on in turn, grouped and ordered by place."""
        order = {kind: place for place, (kind, _, _) in enumerate(GROUPS)}
        reached = sorted(self._reached(), key=lambda id: (order[self._kind(id)], self._order(id)))
        self.numbers = {id: number for number, id in enumerate(reached, 1)}
        users: dict[str, list[str]] = {}
        for id in reached:
            for part in self._parts(id):
                users.setdefault(part, []).append(id)
        entries = [self._entry(id, users.get(id, [])) for id in reached]
        grouped = ((k, h, e, tuple(x for x in entries if x.kind == k)) for k, h, e in GROUPS)
        return tuple(Group(k, h, e, found) for k, h, e, found in grouped if found)

    def numbered(self, page: str) -> str:
        """Replace the marks that `link` returned by the numbers that `groups` gave."""
        anchors = {_mark(id): f"e{number}" for id, number in self.numbers.items()}
        return _MARK.sub(lambda match: anchors.get(match[0], match[0]), page)

    def _kind(self, id: str) -> str:
        return "set" if id in self.sets else self.source(id).kind

    def _reached(self) -> set[str]:
        reached: set[str] = set()
        waiting = list(self.used)
        while waiting:
            id = waiting.pop()
            if id not in reached:
                reached.add(id)
                waiting.extend(self._parts(id))
        return reached

    def _parts(self, id: str) -> tuple[str, ...]:
        if id in self.sets:
            return self.sets[id]
        of = self._shown(self.source(id).of)
        return of if len(of) <= FEW else (self._together(of),)

    def source(self, id: str) -> Source:
        """Return the source of an id; for one that nobody recorded, what the id itself says."""
        if id in self.known:
            return self.known[id]
        prefix, _, place = id.partition(":")
        kind: Kind = next((k for k, p in PREFIX.items() if p == prefix), "calculation")
        return Source(kind=kind, place=place or id)

    def _order(self, id: str) -> tuple[str, int, str, str]:
        if id in self.sets:
            return ("", 0, "", id)
        source = self.source(id)
        return (source.place, source.row or 0, source.column, id)

    def _entry(self, id: str, users: Iterable[str]) -> EvidenceEntry:
        parts = self._parts(id)
        many = runs(self.numbers[part] for part in parts) if len(parts) > FEW else ""
        of = () if many else tuple((f"e{self.numbers[part]}", self._title(part)) for part in parts)
        places = tuple(self.used.get(id, {}).items())
        inner = tuple((f"e{self.numbers[user]}", self._title(user)) for user in users)
        shown = places[:USES] + inner[:INNER]
        more = len(places) + len(inner) - len(shown)
        if id in self.sets:
            return EvidenceEntry(self.numbers[id], "set", self._title(id), (), of, shown, more, many)
        source = self.source(id)
        says, flags = self._says(id, source)
        return EvidenceEntry(
            self.numbers[id], source.kind, self._title(id), says, of, shown, more, many, flags
        )

    def _title(self, id: str) -> str:
        if id in self.sets:
            return f"{len(self.sets[id])} sources together"
        source = self.source(id)
        if source.kind == "assumption" and source.place in self.assumptions:
            return self.assumptions[source.place].label
        row = f", row {source.row}" if source.row is not None else ""
        return source.place + row + (f", {source.column}" if source.column else "")

    def _says(self, id: str, source: Source) -> tuple[tuple[str, ...], tuple[str, ...]]:
        assumption = self.assumptions.get(source.place) if source.kind == "assumption" else None
        if assumption is not None:
            return _assumption(assumption, self.today)
        says = [f"“{self.quotes[id]}”"] if id in self.quotes else []
        if source.detail:
            says.append(source.detail)
        if source.date is not None:
            says.append(source.date.isoformat())
        flags = () if id in self.known else ("named by a calculation, not described further",)
        return tuple(says), flags


def anchor(prefix: str, *names: str) -> str:
    """Make an id for the page that is the same in every run and holds only plain characters.

    >>> anchor("f", "cost", "cost.ipaas.npv")
    'f-cost-cost.ipaas.npv'
    >>> anchor("e", "in:systems.csv:2:<b>") == anchor("e", "in:systems.csv:2:<b>")
    True
    """
    name = "-".join(names)
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", name)
    if plain != name or len(plain) > 60:
        plain = f"{plain[:40].strip('-')}-{hashlib.sha256(name.encode('utf-8', 'replace')).hexdigest()[:10]}"
    return f"{prefix}-{plain}"


def runs(numbers: Iterable[int]) -> str:
    """Write numbers in order, those that follow each other as a range.

    >>> runs([7, 3, 4, 5, 9, 10])
    '3–5, 7, 9, 10'
    """
    ordered = sorted(numbers)
    starts = [n for place, n in enumerate(ordered) if place == 0 or ordered[place - 1] != n - 1]
    ends = [n for place, n in enumerate(ordered) if place + 1 == len(ordered) or ordered[place + 1] != n + 1]
    return ", ".join(
        str(start) if start == end else f"{start}{'–' if end - start > 1 else ', '}{end}"
        for start, end in zip(starts, ends, strict=True)
    )


def _mark(id: str) -> str:
    """Stand in for the number of an entry, which is known only when the page is complete."""
    return "e-" + hashlib.sha256(id.encode("utf-8", "replace")).hexdigest()[:16]


def _assumption(entry: Assumption, today: dt.date | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    value = quantity(entry.likely, entry.unit)
    if entry.low != entry.high:
        value += f" ({interval(entry.low, entry.high, entry.unit)})"
    says = [value, entry.source, entry.date.isoformat(), f"key {entry.key}"]
    says += [
        f"another source says {interval(c.low, c.high, entry.unit)}: {c.source}" for c in entry.conflicts
    ]
    flags = []
    if entry.overridden:
        flags.append("set by the engagement")
    if entry.elicited:
        flags.append("an expert's belief")
    if today is not None and entry.age_days(today) > STALE_DAYS:
        flags.append(f"{entry.age_days(today)} days old")
    return tuple(says), tuple(flags)


_EMPTY = Source(kind="input", place="")


SIGNS = {"assessed": "●", "partial": "◐", "not_assessed": "○", "failed": "✕"}
GATE_SIGNS = {"open": "✓", "closed": "✕", "unknown": "○"}
STATE_WORDS = {
    "assessed": "assessed",
    "partial": "assessed with gaps",
    "not_assessed": "not assessed",
    "failed": "could not be computed",
}
MARKS = {
    "good": "✓", "partial": "◐", "bad": "✕", "unknown": "○",
    "critical": "◆", "high": "▲", "medium": "■", "low": "▽", "info": "·",
}  # fmt: skip
"""Signs of the words of a ``state`` column: shapes that differ without colour."""


@cache
def environment() -> Environment:
    """Return the environment of all templates."""
    made = Environment(
        loader=PackageLoader("assess.report", "template"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )
    made.globals |= {
        "anchor": anchor,
        "signs": SIGNS,
        "gate_signs": GATE_SIGNS,
        "state_words": STATE_WORDS,
        "marks": MARKS,
    }
    made.filters |= {"clip": clean, "unlinked": unlinked, "plain": plain, "svg": draw_svg}
    return made


def plain(value: float) -> str:
    """Write a number as an input of a page takes it, without loss.

    >>> plain(2e6), plain(0.5), plain(1e22)
    ('2000000', '0.5', '1e+22')
    """
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


def _shown(value: Any) -> Any:
    return clean(value) if isinstance(value, str) and not isinstance(value, Markup) else value
