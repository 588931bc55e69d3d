"""Words that the chapters share: lists and counts as people write them."""

from __future__ import annotations

from collections.abc import Sequence

from assess.core.source import Fact


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
