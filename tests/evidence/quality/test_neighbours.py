"""Texts one slip apart are found by fingerprints; here against the comparison of every pair."""

from __future__ import annotations

import itertools
from collections import Counter

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from assess.evidence.quality.checks.cells.spelling import slip_chance
from assess.evidence.quality.checks.cells.vocabulary import Neighbours
from assess.evidence.quality.column import encode_column
from assess.evidence.quality.matching.forms import FORMS, write_form

WORDS = st.lists(st.text("abé\U0001f600", max_size=6), max_size=12)


@given(WORDS, WORDS, st.integers(2, 6))
def test_every_pair_at_distance_one_is_found(known: list[str], asked: list[str], longest: int) -> None:
    close = [
        [n for n, text in enumerate(known) if len(text) <= longest and OSA.distance(one, text) == 1]
        if len(one) <= longest + 1
        else []
        for one in asked
    ]
    assert Neighbours(known, longest).find(asked) == close


@given(WORDS, WORDS, st.data())
def test_the_most_frequent_is_the_first_of_those_with_the_most_rows(
    known: list[str], asked: list[str], data: st.DataObject
) -> None:
    counts = np.array([data.draw(st.integers(0, 3)) for _ in known], np.int64)
    index = Neighbours(known)
    best = [
        max((n for n in near if known[n] and one and counts[n]), key=lambda n: (counts[n], -n), default=-1)
        for one, near in zip(asked, index.find(asked), strict=True)
    ]
    assert index.find_frequent(asked, counts).tolist() == best


LETTERS = "abc"


def _slips(meant):
    """Every slip of a text by its kind: a character left out, one put in, one replaced, two neighbours swapped."""
    size = len(meant)
    yield [meant[:n] + meant[n + 1 :] for n in range(size)]
    yield [meant[:n] + letter + meant[n:] for n in range(size + 1) for letter in LETTERS]
    yield [meant[:n] + letter + meant[n + 1 :] for n in range(size) for letter in LETTERS]
    yield [meant[:n] + meant[n + 1] + meant[n] + meant[n + 2 :] for n in range(size - 1)]


def test_the_chance_of_a_slip_is_its_share_among_all_slips():
    meant = ["".join(held) for size in (2, 3, 4) for held in itertools.product(LETTERS, repeat=size)]
    for text in meant:
        ways = [Counter(made) for made in _slips(text)]
        every = {seen for made in ways for seen in made} - {text}
        for seen in every:
            kind = 0 if len(seen) < len(text) else 1 if len(seen) > len(text) else 2
            if kind == 2 and sum(a != b for a, b in zip(seen, text, strict=True)) == 2:
                kind = 3
            chance = 0.25 * ways[kind][seen] / ways[kind].total()
            assert slip_chance([seen], [text], len(LETTERS)) == pytest.approx([chance])


@pytest.mark.parametrize(("form", "normal"), FORMS)
def test_a_form_of_a_whole_column_is_that_of_each_value(form, normal):
    signs = [
        "",
        " ",
        "0",
        "00",
        "7",
        "a",
        "Ä",
        "a\u0308",
        "ß",
        "\u0661",
        "_",
        "-",
        ".",
        "\t",
        "\x1f",
        "\u00a0",
        "Abc",
        "Def",
        "x",
    ]
    texts = ["".join(parts) for size in (1, 2, 3) for parts in itertools.product(signs, repeat=size)]
    column = encode_column("k", pa.chunked_array([texts], pa.large_string()))
    assert write_form(column, normal).tolist() == [normal(text) for text in column.values.tolist()]
