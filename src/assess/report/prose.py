"""Sentences of the report: lists and counts as people write them, numbers linked to their facts, hostile characters made visible."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence

from markupsafe import Markup, escape

from assess.core.secrets import mask_secrets
from assess.core.source import Fact

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


def sentence_case(words: str) -> str:
    """Begin with a capital and leave the rest as it is.

    >>> sentence_case("API-first"), sentence_case("file exchange")
    ('API-first', 'File exchange')
    """
    return words[:1].upper() + words[1:]


def gain(fact: Fact) -> Fact:
    """Turn a cost below zero into what it is for a leader, a gain; any other fact stays as it is.

    >>> from assess.core.source import Source
    >>> told = Source(kind="measurement", place="x")
    >>> found = gain(Fact(id="a.npv", label="Cost less benefits, A", value=-5, low=-9, high=2, sources=(told,)))
    >>> found.id, found.label, found.value, found.low, found.high
    ('a.npv.gain', 'Benefits less cost, A', 5, -2.0, 9.0)
    """
    before, after = "Cost less benefits", "Benefits less cost"
    if (
        isinstance(fact.value, str)
        or fact.value is None
        or fact.value >= 0
        or not fact.label.startswith(before)
    ):
        return fact
    return fact.model_copy(
        update={
            "id": f"{fact.id}.gain",
            "label": after + fact.label.removeprefix(before),
            "value": -fact.value,
            "low": None if fact.high is None else -fact.high,
            "high": None if fact.low is None else -fact.low,
        }
    )


def and_list(words: Sequence[str]) -> str:
    """Join words as a sentence does.

    >>> and_list(["a"]), and_list(["a", "b", "c"])
    ('a', 'a, b and c')
    """
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)


def count(number: int, noun: str, plural: str = "") -> str:
    """Write a number with its noun.

    >>> count(1, "integration"), count(1200, "row"), count(0, "entry", "entries")
    ('1 integration', '1,200 rows', '0 entries')
    """
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"
