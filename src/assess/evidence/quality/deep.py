"""The deep profile: pages of fg-data-profiling beside the report, source against target, bounded and veiled.

The library takes seconds to import and a page takes some ten, so the pages are made by a process of their
own (``python -m assess.evidence.quality.deep``), which reads what to make as JSON on standard input.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import warnings
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from assess.core.extras import MissingExtra, require_extra
from assess.core.isolation import isolated_environment, python_command
from assess.core.personal import StandIns
from assess.core.record import Record
from assess.core.secrets import mask_secrets
from assess.core.unpacking import UnreadableTable
from assess.intake.engagement import Engagement

from . import types
from .assessment import QualityAssessment
from .compare import TableComparison
from .profile import Profile
from .remedies import file_name
from .table import Table, open_table

ROWS, COLUMNS = 10_000, 40
"""Rows (evenly spread) and columns (the first) that a page shows at most; what is left out is said in its title."""
LONGEST = 200
"""Characters of a cell that are shown."""
BLOCK = 100_000
"""Rows that are read at a time."""
VEILED = "Values are shown by their look and a number: the same number is the same value, on both sides."
PATIENCE = 1800
"""Seconds after which the process is stopped."""


class PageColumn(Record):
    """A column of a page.

    Parameters
    ----------
    column
        Its name in the table.
    label
        What the page calls it: of source and target the same.
    kind
        ``number`` and ``date`` are drawn as such, ``text`` as words.
    veiled
        Whether values are replaced by their look and a number.
    personal
        Whether either side tells of persons, so that not even codes stay as they are.
    """

    column: str
    label: str
    kind: str = "text"
    veiled: bool = True
    personal: bool = True


class PageTable(Record):
    """A table of a page."""

    name: str
    location: str
    columns: tuple[PageColumn, ...]
    encoding: str = ""
    delimiter: str = ""
    header_row: int = 0


class Page(Record):
    """A page to make: one table, or a source against a target whose columns have the same labels."""

    name: str
    sides: tuple[PageTable, ...]


class Written(Record):
    """A page that was made (its file), or why it was not."""

    page: str
    file: str = ""
    reason: str = ""


def pages(result: QualityAssessment, engagement: Engagement, *, clear: bool = False) -> tuple[Page, ...]:
    """Say which pages an engagement needs: each pair by its matched columns, and each table that is in no pair.

    Parameters
    ----------
    clear
        Show values as they are. Otherwise texts are veiled, and so are the numbers and dates of columns
        that may tell of a person.
    """
    tables = {table.name: table for table in engagement.tables}
    profiles = {profile.name: profile for profile in result.profiles if profile.rows}

    def side(name: str, columns: Sequence[PageColumn]) -> PageTable:
        return PageTable(
            name=name, location=engagement.locate(tables[name].location), columns=tuple(columns[:COLUMNS]),
            **engagement.system(tables[name].system).stated_form,
        )  # fmt: skip

    made, met = [], set()
    for item in result.comparisons:
        if item.source in profiles and item.target in profiles and item.mapping.matches:
            ends = _matched(item, profiles[item.source], profiles[item.target], clear)
            sides = (side(item.source, ends[0]), side(item.target, ends[1]))
            made.append(Page(name=f"{item.source}--{item.target}", sides=sides))
            met |= {item.source, item.target}
    alone = [profile for name, profile in profiles.items() if name not in met]
    return (*made, *(Page(name=p.name, sides=(side(p.name, _own(p, clear)),)) for p in alone))


def _matched(
    item: TableComparison, source: Profile, target: Profile, clear: bool
) -> tuple[list[PageColumn], list[PageColumn]]:
    ends: tuple[list[PageColumn], list[PageColumn]] = ([], [])
    for match in item.mapping.matches:
        one, other = source.column(match.source_column), target.column(match.target_column)
        kind = _kind(one.physical) if _kind(one.physical) == _kind(other.physical) else "text"
        personal = one.personal or other.personal
        veiled = not clear and (kind == "text" or personal)
        label = one.name if one.name == other.name else f"{one.name} → {other.name}"
        for facts, end in ((one, ends[0]), (other, ends[1])):
            drawn = "text" if veiled else kind
            end.append(
                PageColumn(column=facts.name, label=label, kind=drawn, veiled=veiled, personal=personal)
            )
    return ends


def _own(profile: Profile, clear: bool) -> list[PageColumn]:
    found = []
    for facts in profile.facts:
        veiled = not clear and (_kind(facts.physical) == "text" or facts.personal)
        kind = "text" if veiled else _kind(facts.physical)
        found.append(
            PageColumn(column=facts.name, label=facts.name, kind=kind, veiled=veiled, personal=facts.personal)
        )
    return found


def _kind(physical: str) -> str:
    return {"integer": "number", "decimal": "number", "date": "date", "timestamp": "date"}.get(
        physical, "text"
    )


def write(wanted: Sequence[Page], folder: Path) -> tuple[Written, ...]:
    """Make pages in a process of their own and wait for it; a page that fails is told and the others are made.

    Parameters
    ----------
    folder
        Where the pages go, each as ``NAME.html``.
    """
    if not wanted:
        return ()
    try:
        require_extra("profiles", "a deep profile")
    except MissingExtra as problem:
        return tuple(Written(page=page.name, reason=str(problem)) for page in wanted)
    asked = json.dumps({"folder": str(folder), "pages": [page.model_dump(mode="json") for page in wanted]})
    quiet = {"YDATA_PROFILING_NO_ANALYTICS": "1", "TQDM_DISABLE": "1", "MPLBACKEND": "Agg"}
    try:
        done = subprocess.run(
            python_command(__name__), input=asked, capture_output=True, text=True, check=False,
            env={**isolated_environment(), **quiet}, timeout=PATIENCE,
        )  # fmt: skip
        said = {item["page"]: Written(**item) for item in map(json.loads, done.stdout.splitlines())}
    except subprocess.TimeoutExpired:
        said = {page.name: Written(page=page.name, file=f"{file_name(page.name)}.html") for page in wanted}
    lost = "the process that makes the pages ended before this one"
    found = (said.get(page.name, Written(page=page.name, reason=lost)) for page in wanted)
    return tuple(
        w if w.reason or (folder / w.file).exists() else Written(page=w.page, reason=lost) for w in found
    )


def make(page: Page, folder: Path) -> Path:
    """Make one page in this process.

    Raises
    ------
    UnreadableTable
        If a table can't be read.
    """
    os.environ["YDATA_PROFILING_NO_ANALYTICS"] = "1"
    os.environ["TQDM_DISABLE"] = "1"
    veils: defaultdict[str, StandIns] = defaultdict(StandIns)
    frames = [frame(side, veils) for side in page.sides]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from data_profiling import ProfileReport

        settings = {
            "minimal": True, "progress_bar": False, "samples": None, "duplicates": None, "pool_size": 1,
            "dataset": {"description": VEILED if any(c.veiled for s in page.sides for c in s.columns) else ""},
        }  # fmt: skip
        reports = [
            ProfileReport(held, title=title(side, held, total), **settings)
            for side, (held, total) in zip(page.sides, frames, strict=True)
        ]
        report = reports[0] if len(reports) == 1 else reports[0].compare(reports[1])
        html = report.to_html()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{file_name(page.name)}.html"
    path.write_text(html, encoding="utf-8")
    return path


def frame(side: PageTable, veils: defaultdict[str, StandIns]) -> tuple[pd.DataFrame, int]:
    """Return the rows that a page shows, evenly spread over the table, and how many the table has."""
    table = open_table(
        side.location, side.name, encoding=side.encoding, delimiter=side.delimiter, header_row=side.header_row
    )
    held = _spread(table, [shown.column for shown in side.columns])
    drawn = [_drawn(held[s.column], s, veils) for s in side.columns]
    return pd.concat(drawn, axis=1, keys=_labels(side)) if drawn else pd.DataFrame(), table.rows


def _labels(side: PageTable) -> list[str]:
    """The labels of a side's columns as the page may hold them, each once."""
    labels: list[str] = []
    for column in side.columns:
        label, number = write_inert(column.label) or "(no name)", 2
        while label in labels:
            label, number = f"{write_inert(column.label)} ({number})", number + 1
        labels.append(label)
    return labels


def write_inert(text: str | None) -> str | None:
    """Return a text that is nothing but text in the library's pages, which escape nothing.

    What HTML, an attribute, a script or a style sheet reads as its own is written by a sign that looks alike, so that it
    holds in each of these contexts; signs that can't be seen, and those that turn the reading direction, are left out.

    >>> write_inert("</script><img src=x onerror='alert(1)'>")
    '‹/script›‹img src=x onerror=′alert(1)′›'
    """
    if text is None:
        return None
    return "".join(sign for sign in text.translate(_ALIKE) if sign.isprintable()).replace("://", ":⁄⁄")


_ALIKE = str.maketrans({
    "<": "‹", ">": "›", '"': "″", "'": "′", "`": "ˋ", "&": "＆", "\\": "⧵", "{": "❴", "}": "❵", "$": "＄",
    "\t": " ", "\n": " ", "\r": " ",
})  # fmt: skip


def _spread(table: Table, columns: Sequence[str]) -> pd.DataFrame:
    """Every k-th row, read block by block, so that a long table needs no more memory than one block."""
    step, start, parts = max(1, -(-table.rows // ROWS)), 0, []
    for block in table.blocks(BLOCK):
        parts.append(block.frame[list(columns)].iloc[-start % step :: step])
        start += block.rows
    return pd.concat(parts, ignore_index=True)


def _drawn(values: pd.Series, shown: PageColumn, veils: defaultdict[str, StandIns]) -> pd.Series:
    values = values.where(values.str.strip() != "", None)
    column = Table(shown.label, pd.DataFrame({shown.column: values})).column(shown.column)
    if shown.veiled:
        codes = frozenset() if shown.personal else column.clear_values
        texts = [write_inert(veils[shown.label](text, codes)) for text in column.values]
        return pd.Series(np.array(texts, object)[column.codes], values.index, object)
    if shown.kind == "text":
        return values.str.slice(0, LONGEST).map(write_inert, na_action="ignore")
    read = types.infer_type(column)
    if shown.kind == "number":
        worth = np.full(column.distinct, np.nan) if read.numbers is None else read.numbers.worth
        return pd.Series(np.where(read.conforms, worth, np.nan)[column.codes])
    none = np.datetime64("NaT", "s")
    instants = np.full(column.distinct, none) if read.dates is None else read.dates.instants
    return pd.Series(np.where(read.conforms, instants.astype("M8[s]"), none)[column.codes])


def title(side: PageTable, held: pd.DataFrame, total: int) -> str:
    """Return a page's title, with the rows that were left out."""
    name = write_inert(side.name)
    return f"{name}" if len(held) == total else f"{name}, {len(held):,} of {total:,} rows"


def main() -> None:
    """Make the pages that standard input asks for; answer one line of JSON a page."""
    asked = json.load(sys.stdin)
    for item in asked["pages"]:
        page = Page.model_validate(item)
        try:
            made = Written(page=page.name, file=make(page, Path(asked["folder"])).name)
        except UnreadableTable as problem:
            reason = str(problem)
            for side in page.sides:
                reason = mask_secrets(reason, side.location)
            made = Written(page=page.name, reason=reason)
        except Exception as problem:  # the library fails in ways of its own; its words may hold values
            made = Written(page=page.name, reason=f"the library stopped ({type(problem).__name__})")
        sys.stdout.write(made.to_json() + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
