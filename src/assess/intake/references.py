"""Checks between rows and tables: ids that are unique, references that exist, values in order, loops that no decision leaves."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Any

import yaml

from .columns import ColumnDefinition
from .problem import Problems, closest_word, listed
from .raw import RawTable
from .rows import ReadRow, WrongValue, number, parse
from .typed import unique_word


def undecided(
    follows: Mapping[str, Collection[str]], decisions: Collection[str]
) -> tuple[tuple[str, ...], ...]:
    """Return loops none of whose steps is a decision, each from a step round to itself.

    >>> undecided({"a": ["b"], "b": ["a"], "c": ["c"]}, ["c"])
    (('a', 'b', 'a'),)
    """
    plain = {
        name: [to for to in ahead if to not in decisions and to in follows]
        for name, ahead in follows.items()
        if name not in decisions
    }
    found, done = [], set[str]()
    for first in plain:
        if first in done:
            continue
        trail, ahead = [first], [iter(plain[first])]
        while trail:
            to = next(ahead[-1], None)
            if to is None:
                done.add(trail.pop())
                ahead.pop()
            elif to in trail:
                found.append((*trail[trail.index(to) :], to))
            elif to not in done:
                trail.append(to)
                ahead.append(iter(plain[to]))
    return tuple(found)


def endless(follows: Mapping[str, Collection[str]]) -> tuple[str, ...]:
    """Return the steps from which no step without a next one can be reached.

    >>> endless({"a": ["b"], "b": ["a", "c"], "c": [], "d": ["d"]})
    ('d',)
    """
    ending = {name for name, ahead in follows.items() if not ahead}
    while True:
        more = {
            name for name, ahead in follows.items() if name not in ending and not ending.isdisjoint(ahead)
        }
        if not more:
            return tuple(name for name in follows if name not in ending)
        ending |= more


def circling(
    follows: Mapping[str, Collection[str]], decisions: Collection[str]
) -> tuple[tuple[str, str, str, str], ...]:
    """Return step, where it leads, what is wrong and what is allowed, for all that goes round for ever.

    Where a loop is closed its steps have no end either: then the loops alone are told.

    >>> [wrong[2] for wrong in circling({"a": ["b"], "b": ["a"]}, [])]
    ['closes the loop a → b → a, which no decision leaves']
    """
    closed = undecided(follows, decisions)
    if closed:
        return tuple(
            (
                loop[-2],
                loop[-1],
                f"closes the loop {' → '.join(loop)}, which no decision leaves",
                "a decision that leads back",
            )
            for loop in closed
        )
    return tuple(
        (step, "; ".join(follows[step]), "never leads to an end", "a way to a step without a next one")
        for step in endless(follows)
    )


_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@cache
def practices() -> Mapping[str, str]:
    """Return the practices that ship with the package (``intake/practices.yaml``): id and text.

    >>> practices()["strategic-alignment/outcomes-mapped"][:17]
    'Every integration'
    """
    text = files(__package__).joinpath("practices.yaml").read_text("utf-8")
    entries = yaml.load(text, Loader=_LOADER)["practices"]  # noqa: S506 - safe, in C where there is C
    return {entry["id"]: entry["text"] for entry in entries}


EXAMPLE = ": it is left from the template's examples, delete the row or overwrite it"


@cache
def template_ids() -> frozenset[str]:
    """Return the ids of the systems and integrations that the template invents.

    >>> sorted(template_ids())[:2]
    ['finance', 'shop']
    """
    template = files(__package__).joinpath("template")
    texts = (template.joinpath(name).read_text("utf-8") for name in ("systems.csv", "integrations.csv"))
    return frozenset(row["id"] for text in texts for row in csv.DictReader(text.splitlines()))


def every_practice(own: Iterable[tuple[str, str]] = ()) -> Mapping[str, str]:
    """Return the practices of an engagement: those of the checklist, then its own; id and text.

    >>> list(every_practice([("works-council", "The works council agreed.")]))[-1]
    'works-council'
    """
    return {**practices(), **dict(own)}


Rows = tuple[ReadRow, ...]
_SHARE = ColumnDefinition("next", "next", "share", low=0, high=1)


@dataclass(frozen=True)
class RowReference:
    """A column whose words are ids of another table."""

    table: str
    column: str
    to: str
    key: str = "id"


REFERENCES = (
    RowReference("integrations", "source", "systems"),
    RowReference("integrations", "target", "systems"),
    RowReference("integrations", "goals", "goals"),
    RowReference("stack", "systems", "systems"),
    RowReference("stack", "integrations", "integrations"),
    RowReference("value_stream", "system", "systems"),
    RowReference("value_stream", "integration", "integrations"),
    RowReference("value_stream", "next", "value_stream", "step"),
    RowReference("value_stream", "rework_to", "value_stream", "step"),
    RowReference("risks", "integrations", "integrations"),
    RowReference("change_requests", "integration", "integrations"),
    RowReference("incidents", "integration", "integrations"),
    RowReference("run_names", "integration", "integrations"),
)
"""Every reference between tables."""

ORDERED = {
    "risks": ("loss_low", "loss_high"),
    "incidents": ("started", "detected", "resolved"),
}
"""Columns whose values must not fall from left to right."""


def check(
    tables: Mapping[str, RawTable],
    rows: Mapping[str, Rows],
    unreadable: Iterable[str],
    problems: Problems,
) -> None:
    """Note duplicate ids, references to nothing, and values that are not in order.

    Parameters
    ----------
    unreadable
        Tables that were supplied but could not be read: references to them are not judged.
    """
    for name, raw in tables.items():
        _unique(raw, rows[name], problems)
        _referable(raw, rows[name], problems)
        if name in ORDERED:
            _ordered(raw, rows[name], ORDERED[name], problems)
    if "integrations" in rows:
        _required(tables["integrations"], rows["integrations"], problems)
    if "value_stream" in rows:
        _shares(tables["value_stream"], rows["value_stream"], problems)
        _circling(tables["value_stream"], rows["value_stream"], problems)
    if "practices" in rows:
        _own_practices(tables["practices"], rows["practices"], problems)
    if "readiness" in rows and "practices" not in unreadable:
        _practices(tables["readiness"], rows["readiness"], own_practices(rows), problems)
    if "link_reviews" in rows and "systems" in rows and "systems" not in unreadable:
        _reviewed(tables["link_reviews"], rows["link_reviews"], rows["systems"], problems)
    for reference in REFERENCES:
        if reference.table in tables and reference.to not in unreadable:
            _exists(reference, tables[reference.table], rows, problems)


def _reviewed(raw: RawTable, rows: Rows, systems: Rows, problems: Problems) -> None:
    """Note reviews of tables that no system has."""
    known = [
        f"{row.values.get('id')}.{entity}" if entity else str(row.values.get("id"))
        for row in systems
        for entity, _ in row.values.get("data") or ()
    ]
    for row in rows:
        for column in ("source", "target"):
            if (name := str(row.values.get(column) or "")) and name not in known:
                allowed = listed(known, 40) or "a table in the column data of systems"
                message = (
                    f"is no table of a system{EXAMPLE if name.partition('.')[0] in template_ids() else ''}"
                )
                problems.add(raw.place, message, row=row.row, column=column, value=name, allowed=allowed)


def _unique(raw: RawTable, rows: Rows, problems: Problems) -> None:
    """Ids that differ only by case or space are the same to people, so they are duplicates."""
    seen: dict[tuple[str, ...], ReadRow] = {}
    for row in rows:
        key = row.key(raw.table.key)
        same = tuple(" ".join(part.split()).casefold() for part in key)
        if not same[0]:
            continue
        if (first := seen.setdefault(same, row)) is not row:
            differs = "" if first.key(raw.table.key) == key else " (but for case or space)"
            message = f"is the same as row {first.row}{differs}"
            if raw.prefix:
                message = message.replace("row", "line")
            column = raw.prefix + ", ".join(raw.table.key)
            value, allowed = " / ".join(filter(None, key)), f"each {' and '.join(raw.table.key)} once"
            problems.add(raw.place, message, row=row.row, column=column, value=value, allowed=allowed)


def _referable(raw: RawTable, rows: Rows, problems: Problems) -> None:
    """An id that others name in a list must not hold what separates the list."""
    marks = ";:" if raw.table.name == "value_stream" else ";"
    if not any(reference.to == raw.table.name for reference in REFERENCES):
        return
    for row in rows:
        id = row.key(raw.table.key)[0]
        if any(mark in id for mark in marks):
            column, allowed = raw.prefix + raw.table.key[0], f"an id without {' and '.join(marks)}"
            problems.add(
                raw.place, "holds a separator", row=row.row, column=column, value=id, allowed=allowed
            )


def _ordered(raw: RawTable, rows: Rows, columns: tuple[str, ...], problems: Problems) -> None:
    for row in rows:
        given = [(name, row.values[name]) for name in columns if row.values.get(name) is not None]
        for (before, low), (after, high) in pairwise(given):
            comparable = not isinstance(low, dt.datetime) or (low.tzinfo is None) == (high.tzinfo is None)
            if not comparable:
                message, allowed = (
                    f"has a time zone and {before} has none, or the reverse",
                    "all with, or all without",
                )
            elif low > high:
                message, allowed = f"is less than {before}", f"{before} <= {after}"
            else:
                continue
            text = row.texts[after]
            problems.add(raw.place, message, row=row.row, column=after, value=text, allowed=allowed)


def _required(raw: RawTable, rows: Rows, problems: Problems) -> None:
    """What requires an integration that is not said to be required is a slip, or a contradiction."""
    for row in rows:
        if (by := row.values.get("required_by")) and not row.values.get("required"):
            message = f"names what requires it, but required is {'no' if row.values.get('required') is False else 'empty'}"
            allowed = "a reason where required is yes, else an empty cell"
            problems.add(
                raw.place,
                message,
                row=row.row,
                column=raw.prefix + "required_by",
                value=str(by),
                allowed=allowed,
            )


def _shares(raw: RawTable, rows: Rows, problems: Problems) -> None:
    """Write ``approve: 80 %`` as ``approve:0.8``, and note shares that are none."""
    for row in rows:
        items = []
        for item in row.values.get("next") or ():
            step, share = split(item)
            try:
                items.append(f"{step}:{number(parse(share, _SHARE))}" if share else step)
            except WrongValue as wrong:
                allowed = "step, or step:share with a share from 0 to 1"
                problems.add(
                    raw.place, wrong.message, row=row.row, column="next", value=share, allowed=allowed
                )
        if items:
            row.values["next"] = tuple(items)


def _circling(raw: RawTable, rows: Rows, problems: Problems) -> None:
    """Note loops that no decision leaves, and steps that never lead to an end."""
    held = {str(row.values["step"]): row for row in rows if row.values.get("step")}
    items = {name: row.values.get("next") or () for name, row in held.items()}
    if len(held) < len(rows) or not any(items.values()):
        return  # names that are missing or used twice are told; without any next, each is followed by the next row
    follows = {name: [to for to, _ in map(split, ahead) if to in held] for name, ahead in items.items()}
    if any(len(follows[name]) < len(ahead) for name, ahead in items.items()):
        return  # a step that is not there is told; where it leads is not known
    decisions = {
        name
        for name, row in held.items()
        if row.values.get("decision")
        or (row.values.get("decision") is None and any(":" in to for to in items[name]))
    }
    for name, to, message, allowed in circling(follows, decisions):
        problems.add(raw.place, message, row=held[name].row, column="next", value=to, allowed=allowed)


def own_practices(rows: Mapping[str, Rows]) -> tuple[str, ...]:
    """Return the ids of the practices that the engagement adds to the checklist."""
    return tuple(str(row.values["id"]) for row in rows.get("practices", ()) if row.values.get("id"))


def _own_practices(raw: RawTable, rows: Rows, problems: Problems) -> None:
    """A practice of the checklist can't be described anew: its threshold is a target."""
    for row in rows:
        id = row.values.get("id")
        if id in practices():
            allowed = "another id; an own threshold of it goes into targets in engagement.yaml"
            problems.add(
                raw.place,
                "is in the checklist already",
                row=row.row,
                column="id",
                value=str(id),
                allowed=allowed,
            )


def _practices(raw: RawTable, rows: Rows, own: tuple[str, ...], problems: Problems) -> None:
    known = every_practice((id, "") for id in own)
    for row in rows:
        id = row.values.get("practice")
        if id and id not in known:
            near = closest_word(id, known)
            hint = f', did you mean "{near}"?' if near else ""
            allowed = listed(known, 40)
            problems.add(
                raw.place, f"is no practice{hint}", row=row.row, column="practice", value=id, allowed=allowed
            )


def split(item: str) -> tuple[str, str]:
    """Return step and share of an item of ``next``; the share is empty where none is given.

    >>> split("approve: 0.8"), split("check")
    (('approve', '0.8'), ('check', ''))
    """
    step, colon, share = item.rpartition(":")
    return (step.strip(), share.strip()) if colon else (item.strip(), "")


def _exists(reference: RowReference, raw: RawTable, rows: Mapping[str, Rows], problems: Problems) -> None:
    """Note words that are no ids; names of rows, and ids that commas part, are read where one row is meant."""
    others = rows.get(reference.to, ())
    ids = {str(row.values[reference.key]) for row in others if row.values.get(reference.key)}
    names = [(str(r.values["name"]), str(r.values[reference.key])) for r in others if r.values.get("name")]
    for row in rows[reference.table]:
        value = row.values.get(reference.column)
        read: list[str] = []
        for word in (value,) if isinstance(value, str) else value or ():
            id, share = split(word) if reference.column == "next" else (word, "")
            if id in ids:
                read.append(word)
                continue
            column = raw.prefix + reference.column
            meant = _meant(id, ids, names, several=not isinstance(value, str))
            if meant:
                text = "; ".join(meant)
                problems.note(raw.place, f"is read as {text}", row=row.row, column=column, value=id)
                read += [f"{one}:{share}" if share else one for one in meant]
                continue
            near = closest_word(id, ids)
            hint = f', did you mean "{near}"?' if near else ""
            if id in template_ids():
                hint = EXAMPLE
            message = f"is not in {reference.to}{hint}"
            allowed = listed(sorted(ids)) if ids else f"ids of {reference.to}, which has no rows"
            problems.add(raw.place, message, row=row.row, column=column, value=id, allowed=allowed)
        if read:
            row.values[reference.column] = read[0] if isinstance(value, str) else tuple(dict.fromkeys(read))


def _meant(word: str, ids: Iterable[str], names: Sequence[tuple[str, str]], *, several: bool) -> list[str]:
    """Return the ids that a word means: one by its id or name, or several that commas part; empty where that is not sure."""
    parts = [part.strip() for part in word.split(",")] if several else [word]
    own = [(id, id) for id in ids]
    found = [unique_word(part, own, plural=False) or unique_word(part, names) for part in parts]
    return found if all(found) else []
