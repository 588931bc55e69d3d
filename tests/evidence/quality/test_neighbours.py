"""Texts one slip apart are found by fingerprints; here against the comparison of every pair."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from assess.evidence.quality.checks.cells.vocabulary import Neighbours

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
