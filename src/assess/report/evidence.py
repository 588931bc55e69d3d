"""The list at the end of the page to which every number links: input row, measurement, default, calculation."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from assess.intake.assumptions import STALE_DAYS, Assumption
from assess.intake.source import PREFIX, Kind, Source

from .chapter import Results
from .numbers import interval, quantity

GROUPS: tuple[tuple[str, str, str], ...] = (
    ("measurement", "Measured", "What we measured ourselves in extracts and logs."),
    ("input", "Stated", "What people told us: a row of the engagement."),
    ("assumption", "Assumed", "Dated defaults, and what the engagement says instead of them."),
    ("calculation", "Calculated", "Computed from other evidence, which each entry names."),
    ("set", "Several together", "Numbers that rest on more than one of the entries above."),
)
"""Kind, heading and explanation of each group, in the order of the page."""


@dataclass(frozen=True)
class Entry:
    """One entry of the list.

    Parameters
    ----------
    anchor
        Its id on the page.
    title
        The place: file, row and column; or the name of a measurement, default or model term.
    says
        What stands there, sentence by sentence.
    of
        The entries it was computed from: their anchors and titles.
    uses
        Where the page uses it: anchors and labels.
    flags
        Warnings, such as the age of a default.
    """

    anchor: str
    kind: str
    title: str
    says: tuple[str, ...]
    of: tuple[tuple[str, str], ...]
    uses: tuple[tuple[str, str], ...]
    flags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Group:
    """The entries of one kind."""

    key: str
    heading: str
    explanation: str
    entries: tuple[Entry, ...]


@dataclass
class Evidence:
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
    """

    known: dict[str, Source]
    assumptions: dict[str, Assumption] = field(default_factory=dict)
    quotes: dict[str, str] = field(default_factory=dict)
    today: dt.date | None = None
    used: dict[str, dict[str, str]] = field(default_factory=dict)
    sets: dict[str, tuple[str, ...]] = field(default_factory=dict)
    untraced: int = 0

    @classmethod
    def of(cls, results: Results) -> Evidence:
        """Collect the sources of results; where an id comes twice, the one that says more counts."""
        known: dict[str, Source] = {}
        for source in (s for chapter in results.chapters for s in chapter.evidence()):
            if len(source.detail) > len(known.get(source.id, _EMPTY).detail) or source.id not in known:
                known[source.id] = source
        assumptions = {assumption.key: assumption for assumption in results.assumptions}
        return cls(known, assumptions, results.quotes, results.engagement.date)

    def link(self, ids: Iterable[str], use: str, label: str) -> str:
        """Note that the page's element ``use`` rests on these sources, and return the anchor to link to.

        An empty anchor means that nothing is named; `untraced` counts these.
        """
        distinct = tuple(dict.fromkeys(ids))
        if not distinct:
            self.untraced += 1
            return ""
        if len(distinct) == 1:
            target = distinct[0]
        else:
            target = "set:" + "|".join(distinct)
            self.sets[target] = distinct
        self.used.setdefault(target, {}).setdefault(use, label)
        return anchor("e", target)

    def groups(self) -> tuple[Group, ...]:
        """List what was linked so far, and what it rests on in turn, grouped and ordered by place."""
        reached = sorted(self._reached(), key=self._order)
        users: dict[str, list[str]] = {}
        for id in reached:
            for part in self._parts(id):
                users.setdefault(part, []).append(id)
        entries = [self._entry(id, users.get(id, [])) for id in reached]
        grouped = ((k, h, e, tuple(x for x in entries if x.kind == k)) for k, h, e in GROUPS)
        return tuple(Group(k, h, e, found) for k, h, e, found in grouped if found)

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
        return self.sets[id] if id in self.sets else self.source(id).of

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

    def _entry(self, id: str, users: Iterable[str]) -> Entry:
        of = tuple((anchor("e", part), self._title(part)) for part in self._parts(id))
        uses = (*self.used.get(id, {}).items(), *((anchor("e", user), self._title(user)) for user in users))
        if id in self.sets:
            return Entry(anchor("e", id), "set", self._title(id), (), of, uses)
        source = self.source(id)
        says, flags = self._says(id, source)
        return Entry(anchor("e", id), source.kind, self._title(id), says, of, uses, flags)

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
        flags.append("an expert's belief: replace it by your own figure")
    if today is not None and entry.age_days(today) > STALE_DAYS:
        flags.append(f"{entry.age_days(today)} days old")
    return tuple(says), tuple(flags)


_EMPTY = Source(kind="input", place="")
