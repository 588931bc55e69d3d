"""Sentences of the report: lists and counts as people write them, numbers linked to their facts, hostile characters made visible."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from markupsafe import Markup, escape

from assess.core import reads
from assess.core.estimate import Estimate
from assess.core.numbers import GAP, is_money, quantity
from assess.core.numbers import count as count
from assess.core.numbers import first_few as first_few
from assess.core.secrets import mask_secrets
from assess.core.source import Fact, Source
from assess.intake.columns import SECTIONS, TABLES
from assess.intake.engagement import Engagement
from assess.intake.engagement.landscape import ExtractTable, Row

LONGEST = 2000
"""Characters of one text that the page shows; the rest is in ``results.json``."""

_LINK = re.compile(r"\[([^\[\]]{1,200})\]\(([\w.:/-]{1,200})\)")
_OVERRIDES = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def clean(text: str, longest: int = LONGEST, size: str = " ({:,} characters)") -> str:
    r"""Hide secrets, make control characters visible and cut what is too long to be read.

    Everything that a page, a notebook, a drawing or a workbook shows goes through here.

    NUL and its like can't stand in HTML, and an override of the writing direction would turn
    round the text that follows; both are shown as a sign instead.

    Examples
    --------
    >>> clean("a\x00b"), clean("\u202egnp.exe"), clean("two\nlines")
    ('a␀b', '⟨U+202E⟩gnp.exe', 'two\nlines')
    >>> clean("x" * 100_000, longest=5)
    'xxxxx … (100,000 characters)'
    """
    safe = mask_secrets(text[: 2 * longest], cut=len(text) > 2 * longest)
    shown = safe if len(text) <= longest else f"{safe[:longest]} …{size.format(len(text))}"
    if shown.isascii() and shown.isprintable():
        return shown
    return "".join(map(_visible, shown))


def linked(text: str, link: Callable[[str, str], Markup | None]) -> Markup:
    """Write a sentence, its references ``[2.9 M€](cost.npv)`` as links to the evidence of the fact.

    Parameters
    ----------
    link
        Given the words and the id of a fact, the link; None where there is no such fact.
    """
    out, last = Markup(), 0
    text = clean(text)
    for match in _LINK.finditer(text):
        made = link(match[1], match[2])
        if made is not None:
            out += escape(text[last : match.start()]) + made
            last = match.end()
    return out + escape(text[last:])


def unlinked(text: str) -> str:
    """Write a sentence without its references.

    >>> unlinked("It costs [2.9 M€](cost.npv).")
    'It costs 2.9 M€.'
    """
    return _LINK.sub(r"\1", text)


def _visible(character: str) -> str:
    if character in "\n\t":
        return character
    code = ord(character)
    if code < 0x20 or code == 0x7F:
        return chr(0x2400 + code) if code < 0x20 else "\u2421"
    if character in _OVERRIDES:
        return f"⟨U+{code:04X}⟩"
    return "\ufffd" if unicodedata.category(character) in ("Cc", "Cs", "Cn") else character


def cut(text: str, longest: int) -> str:
    """Return at most so many `letters` of a text; where there are more, the last is an ellipsis.

    >>> cut("Integration", 6), cut("CRM", 6), cut("受注連携", 6)
    ('Integ…', 'CRM', '受注…')
    """
    return text if letters(text) <= longest else fitting(text, longest - 1) + "…"


def letters(text: str) -> int:
    """Return how many letters wide a text is, where those of Chinese, Japanese and Korean count twice.

    >>> letters("ERP"), letters("受注")
    (3, 4)
    """
    return (
        len(text)
        if text.isascii()
        else sum(1 + (unicodedata.east_asian_width(sign) in "WF") for sign in text)
    )


def fitting(text: str, most: int) -> str:
    """Return the beginning of a text that is at most so many letters wide, at least one sign of it.

    >>> fitting("受注連携", 5), fitting("受", 1)
    ('受注', '受')
    """
    end = min(len(text), most)
    while end > 1 and letters(text[:end]) > most:
        end -= 1
    return text[:end]


def sentence_case(words: str) -> str:
    """Begin with a capital and leave the rest as it is.

    >>> sentence_case("API-first"), sentence_case("file exchange")
    ('API-first', 'File exchange')
    """
    return words[:1].upper() + words[1:]


def lower_first(words: str) -> str:
    """Begin with a small letter, as within a sentence, and leave the rest as it is."""
    return words[:1].lower() + words[1:]


def and_list(words: Sequence[str], most: int | None = None) -> str:
    """Join words as a sentence does, those beyond the first ``most`` by their number.

    >>> and_list(["a"]), and_list(["a", "b", "c"]), and_list(["a", "b", "c"], 2)
    ('a', 'a, b and c', 'a, b and 1 more')
    """
    if most is not None and len(words) > most:
        words = [*words[:most], f"{len(words) - most} more"]
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)


def cited(fact: Fact, words: str = "") -> str:
    """Write a fact's value, or other words for it, as a reference to it.

    >>> cited(Fact(id="a.rolled", label="", value=0.39, unit="share")), cited(Fact(id="a.days", label="", value=3), "three days")
    ('[39%](a.rolled)', '[three days](a.days)')
    """
    return f"[{words or spoken(fact.value, fact.unit)}]({fact.id})"


def spoken(value: float | str | bool | None, unit: str) -> str:
    r"""Write a quantity as a sentence does: units in full, money by the year as words.

    >>> spoken(205.3, "person-days").replace("\xa0", " "), spoken(1_200_000, "EUR/year").replace("\xa0", " ")
    ('205 person-days', '1.2 M€ a year')
    """
    if unit == "person-days" and isinstance(value, int | float):
        return quantity(value, "d").removesuffix("d") + unit if value < 10 else f"{value:,.0f}{GAP}{unit}"
    head, slash, per = unit.partition("/")
    return f"{quantity(value, head)} a {per}" if slash and is_money(head) else quantity(value, unit)


WORDS = 20
"""Words of a sentence that a leader reads at once: those of a heading, and of a sentence below it."""


def concise(*sentences: str) -> str:
    """Return the first sentence that has at most `WORDS` words, the last one cut where none has.

    >>> concise("It is " + "very " * 20 + "long", "It is long")
    'It is long'
    """
    for sentence in sentences:
        if len(unlinked(sentence).split()) <= WORDS:
            return sentence
    return " ".join(unlinked(sentences[-1]).split()[: WORDS - 1]) + " …"


def rows(engagement: Engagement) -> Iterator[Row]:
    """Every row of an engagement."""
    yield engagement
    for section in SECTIONS:
        yield getattr(engagement, section)
    for table in TABLES:
        yield from getattr(engagement, table.name)


def resolve(engagement: Engagement, sources: Iterable[Source]) -> tuple[Source, ...]:
    """Return the inputs and assumptions that calculations name by id and that are not among the sources.

    Parameters
    ----------
    engagement
        Whose rows and assumptions are looked up.
    sources
        What a chapter carries already.
    """
    carried = {source.id: source for source in sources}
    wanted = dict.fromkeys(id for source in carried.values() for id in source.of if id not in carried)
    with reads.silent():  # who names a row has read it
        by_row = {row.origin.id: row for row in rows(engagement)}
    found = (_find(id, engagement, by_row) for id in wanted)
    return tuple(source for source in found if source is not None)


def _find(id: str, engagement: Engagement, by_row: dict[str, Row]) -> Source | None:
    if id in by_row:
        return by_row[id].origin
    stem, _, column = id.rpartition(":")
    if stem in by_row:
        return by_row[stem].cite(column)
    if id.startswith("as:") and id[3:] in engagement.assumptions:
        return engagement.assumptions[id[3:]].source
    return None


def quotes(engagement: Engagement, sources: Iterable[Source]) -> dict[str, str]:
    """Return, by id of each input source, the value that the engagement holds there, as text.

    Sources that name no row, no column, or a column whose value is not stated are left out.
    """
    by_place = {(row.origin.place, row.origin.row): row for row in rows(engagement)}
    found = {}
    for source in sources:
        row = by_place.get((source.place, source.row)) if source.kind == "input" else None
        value = getattr(row, source.column, None) if row is not None else None
        if value not in (None, "", ()):
            found[source.id] = mask_secrets(format_value(value))
    return found


def format_value(value: Any) -> str:
    """Write a value of the engagement as a consultant would.

    >>> format_value(Estimate(low=1, likely=2, high=5)), format_value(True), format_value(("rest", "file")), format_value({"ipaas": 0.5})
    ('1 / 2 / 5', 'yes', 'rest; file', 'ipaas: 0.5')
    """
    if isinstance(value, Estimate):
        return f"{value.likely:g}" if value.certain else f"{value.low:g} / {value.likely:g} / {value.high:g}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return "; ".join(f"{key}: {format_value(item)}" for key, item in value.items())
    if isinstance(value, tuple):
        return "; ".join(format_value(item) for item in value)
    if isinstance(value, ExtractTable):
        return f"{value.name}={value.shown}"
    if isinstance(value, Row):
        return str(getattr(value, "id", value.origin.place))
    return f"{value:g}" if isinstance(value, float) else str(value)


_MARKS = re.compile(r"([\\`*_{}\[\]#|$~!])")


def escape_markdown(text: str, longest: int = 2000) -> str:
    r"""Write text so that Markdown shows it as it is: no markup, no HTML, no formula, no link.

    >>> escape_markdown("<b>*a*</b> | $x$ [y](http://z)")
    '&lt;b&gt;\\*a\\*&lt;/b&gt; \\| \\$x\\$ \\[y\\](http&#58;//z)'
    """
    safe = clean(text, longest).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _MARKS.sub(r"\\\1", safe).replace("://", "&#58;//").strip()


def markdown_line(text: str) -> str:
    r"""Write a sentence on one line, its references to facts left out.

    >>> markdown_line("a *b* | c")
    'a \\*b\\* \\| c'
    """
    return " ".join(escape_markdown(unlinked(text)).split())


def markdown_table(
    heads: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[bool] = (), longest: int = 2000
) -> str:
    r"""Write a table in the Markdown of GitHub.

    Parameters
    ----------
    right
        By column whether it is aligned to the right; none is where nothing is said.
    longest
        Characters of a cell that are shown.

    Examples
    --------
    >>> print(markdown_table(("Name", "Cost"), [("a|b", "12")], (False, True)))
    | Name | Cost |
    | --- | ---: |
    | a\|b | 12 |
    """
    marks = ["---:" if numeric else "---" for numeric in right or [False] * len(heads)]
    escaped = [
        [escape_markdown(cell, longest).replace("\n", "<br>") for cell in row] for row in (heads, *rows)
    ]
    return "\n".join(f"| {' | '.join(line)} |" for line in (escaped[0], marks, *escaped[1:]))
