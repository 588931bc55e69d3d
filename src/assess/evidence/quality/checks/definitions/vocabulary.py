"""The same things under other words or in another form: codes against names, other codes, case, leading zeros."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from assess.core.engine import literal
from assess.core.personal import show_example
from assess.evidence.quality.column import Column
from assess.evidence.quality.matching.keys import FORMS
from assess.evidence.quality.matching.pair import ColumnPair, Conflict, Marks, Places, show_examples
from assess.evidence.quality.types import vocabularies

MOST = 300
"""Distinct values of a vocabulary at most."""
CODES = 30
"""Distinct numbers up to which they may be codes."""
NEARLY_ALL = 0.8
"""Share of the rows that a standard's words must cover on both sides, for a column to be of that standard."""
LEARNED = 0.8
"""Share of a value's joined records that must hold the same counterpart."""
FEWEST = 3
"""Joined records from which on a counterpart is believed."""
CONCERNS = 0.01
"""Share of the source's rows that must be concerned."""


def _language(text: str) -> str | None:
    code = text.strip().lower()
    return (
        code
        if code in vocabularies.language_codes()
        else vocabularies.language_names().get(vocabularies.plain(text))
    )


def _currency(text: str) -> str | None:
    code = text.strip().upper()
    return code if code in vocabularies.currency_codes() else SIGNS.get(text.strip())


def _truth(text: str) -> str | None:
    said = vocabularies.YES_NO.get(text.strip().lower())
    return None if said is None else str(said)


SIGNS = {
    "€": "EUR",
    "$": "USD",
    "£": "GBP",
    "¥": "JPY",
    "Euro": "EUR",
    "euro": "EUR",
    "Fr.": "CHF",
    "zł": "PLN",
}

STANDARDS: tuple[tuple[str, Callable[[str], str | None]], ...] = (
    ("countries", vocabularies.country),
    ("truth values", _truth),
    ("currencies", _currency),
    ("languages", _language),
)
"""Vocabularies that the world agreed on (ISO 3166, 4217, 639 with CLDR's names), each a reader of a word."""


def find_word_conflicts(meeting: ColumnPair) -> list[Conflict]:
    """Report values that mean what another word of the target means."""
    if meeting.key or not all(_few(kind.present) for kind in (meeting.source_kind, meeting.target_kind)):
        return []
    if _measures(meeting):
        return []
    translation = _standard(meeting) or _learned(meeting)
    if not translation:
        return _unknown(meeting)
    mapped = np.array([str(value) in translation for value in meeting.source.values], bool)
    if meeting.rows_of(mapped) < CONCERNS * max(1, meeting.source.rows):
        return []
    places = np.flatnonzero(mapped)
    case = all(theirs.casefold() == mine.strip().casefold() for mine, theirs in translation.items())
    kind = "case" if case else "vocabulary"
    examples = show_examples(meeting.source, places, meeting.clear)
    says = (
        f"{len(translation)} values of the source have another word in the target"
        if not case
        else f"{len(translation)} values differ from the target's in case or spaces"
    )
    return [
        meeting.conflict(
            kind, says, mapped, 0.95 if meeting.together.rows else 0.85, examples=examples,
            counterparts=tuple(show_example(translation[str(meeting.source.values[i])], meeting.target.clear_values, clear=meeting.clear) for i in places[:3]),
            translation=tuple(sorted(translation.items())), codes=meeting.are_codes(translation), fix=translate_cases(translation),
            condition="{} IN (" + ", ".join(map(literal, sorted(translation))) + ")",
        )
    ]  # fmt: skip


def translate_cases(translation: dict[str, str]) -> str:
    """Return the expression that translates values, others left as they are.

    >>> translate_cases({"Germany": "DE"})
    "CASE {} WHEN 'Germany' THEN 'DE' ELSE {} END"
    """
    whens = " ".join(
        f"WHEN {literal(mine)} THEN {literal(theirs)}" for mine, theirs in sorted(translation.items())
    )
    return f"CASE {{}} {whens} ELSE {{}} END"


def _measures(meeting: ColumnPair) -> bool:
    """Whether both sides hold numbers or dates, too many to be codes."""
    sides = (meeting.source_kind, meeting.target_kind)
    measured = all(kind.numbers is not None or kind.dates is not None for kind in sides)
    return measured and max(int(kind.present.sum()) for kind in sides) > CODES


def _few(present: Marks) -> bool:
    return 0 < int(present.sum()) <= MOST


def _standard(meeting: ColumnPair) -> dict[str, str]:
    """Values of a standard vocabulary, each to the target's way to write the same."""
    for _, reads in STANDARDS:
        mine, theirs = (
            _read(meeting.source, meeting.source_kind.present, reads),
            _read(meeting.target, meeting.target_kind.present, reads),
        )
        if mine is None or theirs is None:
            continue
        written: dict[str, str] = {}
        for place in np.argsort(meeting.target.counts, kind="stable"):
            if int(place) in theirs:
                written[theirs[int(place)]] = str(meeting.target.values[place])
        held = {str(value) for value in meeting.target.values[meeting.target_kind.present]}
        return {
            str(meeting.source.values[i]): written[meaning]
            for i, meaning in mine.items()
            if meaning in written and str(meeting.source.values[i]) not in held
        }
    return {}


def _read(column: Column, present: Marks, reads: Callable[[str], str | None]) -> dict[int, str] | None:
    """What each present value means in a standard; None if too few rows have a meaning there."""
    meant = {int(i): reads(str(column.values[i])) for i in np.flatnonzero(present)}
    known = {i: meaning for i, meaning in meant.items() if meaning is not None}
    counts = column.counts
    rows = counts[present].sum()
    telling = len(set(known.values())) > 1 or len(known) == int(present.sum())
    return known if known and telling and counts[list(known)].sum() >= NEARLY_ALL * rows else None


def _learned(meeting: ColumnPair) -> dict[str, str]:
    """Values whose joined records nearly always hold one other word."""
    both = meeting.together
    if both.rows < FEWEST:
        return {}
    translation: dict[str, str] = {}
    held = {str(value) for value in meeting.target.values[meeting.target_kind.present]}
    for place in np.unique(both.source):
        mine = both.source == place
        best = both.target[mine][np.argmax(both.counts[mine])]
        rows, most = int(both.counts[mine].sum()), int(both.counts[mine].max())
        word, other = str(meeting.source.values[place]), str(meeting.target.values[best])
        if rows >= FEWEST and most >= LEARNED * rows and word != other and word not in held:
            translation[word] = other
    return translation


def _unknown(meeting: ColumnPair) -> list[Conflict]:
    """Report closed vocabularies that share few words, where nothing tells the translation."""
    mine = meeting.source_kind.present
    known = set(map(str, meeting.target.values[meeting.target_kind.present]))
    foreign = mine & ~np.array([str(value) in known for value in meeting.source.values], bool)
    if not _repeats(meeting.source.counts[mine]) or not _repeats(
        meeting.target.counts[meeting.target_kind.present]
    ):
        return []
    if meeting.source_kind.physical != "text" or meeting.rows_of(foreign) < 0.5 * meeting.rows_of(mine):
        return []
    places = np.flatnonzero(foreign)
    says = f"{len(places)} of {int(mine.sum())} values of the source are unknown to the target, and nothing joins them"
    theirs: Places = np.flatnonzero(meeting.target_kind.present)
    return [
        meeting.conflict(
            "vocabulary", says, foreign, 0.7, examples=show_examples(meeting.source, places, meeting.clear),
            counterparts=show_examples(meeting.target, theirs, meeting.clear),
        )
    ]  # fmt: skip


def _repeats(counts: Places) -> bool:
    """Whether values occur often enough to be a vocabulary: ten rows each at the mean."""
    return len(counts) > 1 and len(counts) <= 50 and counts.sum() >= 10 * len(counts)


CONCERNS_CODES = 0.05
"""Share of the source's rows that must hold such codes: fewer are wrong cells, no other meaning."""


def _rows(meeting: ColumnPair, word: str) -> int:
    return int(meeting.source.counts[meeting.source.values == word].sum())


def find_reused_codes(meeting: ColumnPair) -> list[Conflict]:
    """Report codes that both sides use, but for other things: joined records hold another code."""
    both = meeting.together
    few = 1 < int(meeting.source_kind.present.sum()) <= MOST
    if meeting.key or not few or both.rows < FEWEST:
        return []
    held = {str(v) for v in meeting.target.values[meeting.target_kind.present]}
    reused: dict[str, str] = {}
    for place in np.unique(both.source):
        mine = both.source == place
        best = both.target[mine][np.argmax(both.counts[mine])]
        rows, most = int(both.counts[mine].sum()), int(both.counts[mine].max())
        word, other = str(meeting.source.values[place]), str(meeting.target.values[best])
        if rows >= FEWEST and most >= LEARNED * rows and word in held and word != other:
            reused[word] = other
    if sum(_rows(meeting, word) for word in reused) < CONCERNS_CODES * meeting.source.rows:
        return []
    marked = np.array([str(value) in reused for value in meeting.source.values], bool)
    if not reused:
        return []
    places = np.flatnonzero(marked)
    says = f"{len(reused)} codes that both sides use mean something else in the target: joined records hold another code"
    return [
        meeting.conflict(
            "code reuse", says, marked, 0.95, examples=show_examples(meeting.source, places, meeting.clear),
            translation=tuple(sorted(reused.items())), codes=meeting.are_codes(reused), fix=translate_cases(reused),
        )
    ]  # fmt: skip


SHARE_FORMS = 0.01
"""Share of joined records, or of the source's rows, that must differ in form only."""
FEWEST_FORMS = 5
FORM_NAMES = ("", "case", "punctuation", "leading zeros", "prefix")
"""What a looser form of `FORMS` ignores."""


def find_form_conflicts(meeting: ColumnPair) -> list[Conflict]:
    """Report values that the target holds in another form, by joined records or by the values alone."""
    if meeting.source_kind.dates is not None or meeting.source_kind.physical == "decimal":
        return []
    found = _forms(meeting)
    conflicts = []
    for number, marked in enumerate(found[1:], start=1):
        rows = meeting.rows_of(marked)
        if rows >= max(FEWEST_FORMS, SHARE_FORMS * meeting.source.rows):
            says = f"{rows:,} values equal the target's only if they are compared with {FORMS[number][0]}"
            conflicts.append(
                meeting.conflict(
                    FORM_NAMES[number],
                    says,
                    marked,
                    0.9,
                    examples=show_examples(meeting.source, np.flatnonzero(marked), meeting.clear),
                )
            )
    return conflicts


def _forms(meeting: ColumnPair) -> list[Marks]:
    """Values of the source by the strictest form in which the target holds them (for joined records: theirs)."""
    size = len(meeting.source.values)
    open_ = meeting.source_kind.present.copy()
    made: list[Marks] = []
    for number, (_, normal) in enumerate(FORMS):
        if number == len(FORMS) - 1 and not meeting.key:
            made.append(np.zeros(size, bool))
            continue
        places = np.flatnonzero(open_)
        if not len(places):
            made.append(np.zeros(size, bool))
            continue
        known = {normal(str(v)) for v in meeting.target.values[meeting.target_kind.present]} - {""}
        hit = np.zeros(size, bool)
        hit[places] = [normal(str(v)) in known for v in meeting.source.values[places]]
        open_ &= ~hit
        made.append(hit)
    return made
