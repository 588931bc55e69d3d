"""The same things under other words or in another form: codes against names, other codes, case, leading zeros."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from assess.core.engine import literal
from assess.core.personal import show_example
from assess.core.places import distinct
from assess.evidence.quality.checks.check import EXPLAINING, DefinitionCheck, Texts
from assess.evidence.quality.column import Column
from assess.evidence.quality.matching.pair import ColumnPair, DefinitionConflict, Marks, Places, show_examples
from assess.evidence.quality.types import vocabularies

MOST = 300
"""Distinct values of a vocabulary at most."""
CODES = 30
"""Distinct numbers up to which they may be codes."""
RECURS = 4
"""Rows per different number at least, for numbers to be codes."""
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


def find_word_conflicts(pair: ColumnPair) -> list[DefinitionConflict]:
    """Report values that mean what another word of the target means."""
    if pair.key or not all(_few(kind.present) for kind in (pair.source_kind, pair.target_kind)):
        return []
    if _measures(pair):
        return []
    translation = _standard(pair) or _learned(pair)
    unknown = [] if translation else _unknown(pair)
    translation = translation or _alike(pair)
    alike = {
        mine: theirs
        for mine, theirs in translation.items()
        if theirs.strip().casefold() == mine.strip().casefold()
    }
    words = {mine: theirs for mine, theirs in translation.items() if mine not in alike}
    told = (_translated(pair, "vocabulary", words), _translated(pair, "case", alike))
    return [*(conflict for conflict in told if conflict is not None), *unknown]


def _alike(pair: ColumnPair) -> dict[str, str]:
    """Values that the target writes in another case, or with other spaces at the edges, each to its most frequent way."""
    order = np.argsort(pair.target.counts, kind="stable")
    theirs = [str(value) for value in pair.target.values[order[pair.target_kind.present[order]]]]
    written, held = {text.strip().casefold(): text for text in theirs}, set(theirs)
    mine = map(str, pair.source.values[pair.source_kind.present])
    return {
        text: written[bare]
        for text in mine
        if text not in held and (bare := text.strip().casefold()) in written
    }


def _translated(pair: ColumnPair, kind: str, translation: dict[str, str]) -> DefinitionConflict | None:
    """Report the values of a translation; None where hardly a row holds one."""
    mapped = np.array([str(value) in translation for value in pair.source.values], bool)
    if not translation or pair.rows_of(mapped) < CONCERNS * max(1, pair.source.rows):
        return None
    places = np.flatnonzero(mapped)
    one = len(translation) == 1
    says = f"{len(translation)} {'value' if one else 'values'} " + (
        f"of the source {'has' if one else 'have'} another word in the target"
        if kind == "vocabulary"
        else f"{'differs' if one else 'differ'} from the target's in case or spaces"
    )
    return pair.conflict(
        kind, says, mapped, 0.95 if pair.joint.rows else 0.85, examples=show_examples(pair.source, places, pair.clear),
        counterparts=tuple(show_example(translation[str(pair.source.values[i])], pair.target.clear_values, clear=pair.clear) for i in places[:3]),
        translation=tuple(sorted(translation.items())), codes=pair.are_codes(translation), fix=translate_cases(translation),
        condition="{} IN (" + ", ".join(map(literal, sorted(translation))) + ")",
    )  # fmt: skip


def translate_cases(translation: dict[str, str]) -> str:
    """Return the expression that translates values, others left as they are.

    >>> translate_cases({"Germany": "DE"})
    "CASE {} WHEN 'Germany' THEN 'DE' ELSE {} END"
    """
    whens = " ".join(
        f"WHEN {literal(mine)} THEN {literal(theirs)}" for mine, theirs in sorted(translation.items())
    )
    return f"CASE {{}} {whens} ELSE {{}} END"


def _measures(pair: ColumnPair) -> bool:
    """Whether both sides hold numbers or dates, too many to be codes, or too many for the rows of the source."""
    sides = (pair.source_kind, pair.target_kind)
    measured = all(kind.numbers is not None or kind.dates is not None for kind in sides)
    many = max(int(kind.present.sum()) for kind in sides)
    return measured and (many > CODES or pair.rows_of(sides[0].present) < RECURS * many)


def _few(present: Marks) -> bool:
    return 0 < int(present.sum()) <= MOST


def _standard(pair: ColumnPair) -> dict[str, str]:
    """Values of a standard vocabulary, each to the target's way to write the same."""
    for _, reads in STANDARDS:
        mine, theirs = (
            _read(pair.source, pair.source_kind.present, reads),
            _read(pair.target, pair.target_kind.present, reads),
        )
        if mine is None or theirs is None:
            continue
        written: dict[str, str] = {}
        for place in np.argsort(pair.target.counts, kind="stable"):
            if int(place) in theirs:
                written[theirs[int(place)]] = str(pair.target.values[place])
        held = {str(value) for value in pair.target.values[pair.target_kind.present]}
        return {
            str(pair.source.values[i]): written[meaning]
            for i, meaning in mine.items()
            if meaning in written and str(pair.source.values[i]) not in held
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


def _learned(pair: ColumnPair) -> dict[str, str]:
    """Values whose joined records nearly always hold one other word."""
    both = pair.joint
    if both.rows < FEWEST:
        return {}
    translation: dict[str, str] = {}
    held = {str(value) for value in pair.target.values[pair.target_kind.present]}
    for place in distinct(both.source):
        mine = both.source == place
        best = both.target[mine][np.argmax(both.counts[mine])]
        rows, most = int(both.counts[mine].sum()), int(both.counts[mine].max())
        word, other = str(pair.source.values[place]), str(pair.target.values[best])
        if rows >= FEWEST and most >= LEARNED * rows and word != other and word not in held:
            translation[word] = other
    return translation


def _unknown(pair: ColumnPair) -> list[DefinitionConflict]:
    """Report closed vocabularies that share few words, where nothing tells the translation."""
    mine = pair.source_kind.present
    known = {str(value).strip().casefold() for value in pair.target.values[pair.target_kind.present]}
    foreign = mine & ~np.array([str(value).strip().casefold() in known for value in pair.source.values], bool)
    if not _repeats(pair.source.counts[mine]) or not _repeats(pair.target.counts[pair.target_kind.present]):
        return []
    if pair.source_kind.physical != "text" or pair.rows_of(foreign) < 0.5 * pair.rows_of(mine):
        return []
    places = np.flatnonzero(foreign)
    says = f"{len(places)} of {int(mine.sum())} values of the source are unknown to the target, {_best_translation(pair)}"
    theirs: Places = np.flatnonzero(pair.target_kind.present)
    return [
        pair.conflict(
            "vocabulary", says, foreign, 0.7, examples=show_examples(pair.source, places, pair.clear),
            counterparts=show_examples(pair.target, theirs, pair.clear),
        )
    ]  # fmt: skip


def _best_translation(pair: ColumnPair) -> str:
    """Say how well the most frequent partner of each value translates it in the joined records."""
    both = pair.joint
    if both.rows < FEWEST:
        return "and no joined records say what they mean"
    most = sum(int(both.counts[both.source == place].max()) for place in distinct(both.source))
    return f"and the likeliest translation holds in {most / both.rows:.0%} of the joined records"


def _repeats(counts: Places) -> bool:
    """Whether values occur often enough to be a vocabulary: ten rows each at the mean."""
    return len(counts) > 1 and len(counts) <= 50 and counts.sum() >= 10 * len(counts)


CONCERNS_CODES = 0.05
"""Share of the source's rows that must hold such codes: fewer are wrong cells, no other meaning."""


def _rows(pair: ColumnPair, word: str) -> int:
    return int(pair.source.counts[pair.source.values == word].sum())


def find_reused_codes(pair: ColumnPair) -> list[DefinitionConflict]:
    """Report codes that both sides use, but for other things: joined records hold another code."""
    both = pair.joint
    few = 1 < int(pair.source_kind.present.sum()) <= MOST
    if pair.key or not few or both.rows < FEWEST or _measures(pair):
        return []
    held = {str(v) for v in pair.target.values[pair.target_kind.present]}
    reused: dict[str, str] = {}
    for place in distinct(both.source):
        mine = both.source == place
        best = both.target[mine][np.argmax(both.counts[mine])]
        rows, most = int(both.counts[mine].sum()), int(both.counts[mine].max())
        word, other = str(pair.source.values[place]), str(pair.target.values[best])
        if rows >= FEWEST and most >= LEARNED * rows and word in held and word != other:
            reused[word] = other
    if sum(_rows(pair, word) for word in reused) < CONCERNS_CODES * pair.source.rows:
        return []
    marked = np.array([str(value) in reused for value in pair.source.values], bool)
    if not reused:
        return []
    places = np.flatnonzero(marked)
    says = f"{len(reused)} codes that both sides use mean something else in the target: joined records hold another code"
    return [
        pair.conflict(
            "code reuse", says, marked, 0.95, examples=show_examples(pair.source, places, pair.clear),
            translation=tuple(sorted(reused.items())), codes=pair.are_codes(reused), fix=translate_cases(reused),
        )
    ]  # fmt: skip


def translate_vocabulary(pair: ColumnPair, conflict: DefinitionConflict) -> Texts | None:
    """Each word in the target's, where one is known."""
    known = dict(conflict.translation)
    if not known:
        return None
    values = pair.source.values
    return np.array([value if value is None else known.get(value, value) for value in values], object)


WORDS = DefinitionCheck(
    name="vocabulary",
    subject="Definition",
    matters="The target rejects the word or files the record under nothing.",
    grave=True,
    agreed=True,
    find=find_word_conflicts,
    unless=EXPLAINING,
    translate=translate_vocabulary,
)

CASE = DefinitionCheck(
    name="case",
    subject="Format",
    matters="Exact comparisons fail: the same word counts twice.",
    ruled=True,
    translate=translate_vocabulary,
)

CODE_REUSE = DefinitionCheck(
    name="code reuse",
    subject="Key",
    matters="The code arrives and means something else: wrong without any error.",
    grave=True,
    agreed=True,
    find=find_reused_codes,
    unless=EXPLAINING,
    translate=translate_vocabulary,
)
