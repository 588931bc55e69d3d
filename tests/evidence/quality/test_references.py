"""Columns that name records of another table, and what does not."""

from __future__ import annotations

import numpy as np
import pandas as pd

from assess.evidence.quality.checks.references import find_references
from assess.evidence.quality.table import Table, open_table

NUMBERS = [f"C{k:05d}" for k in range(400)]


def customers() -> Table:
    return open_table(
        pd.DataFrame({"number": NUMBERS, "size": [str(k % 7) for k in range(400)]}), "customers"
    )


def orders(extra: list[str]) -> Table:
    named = np.random.default_rng(1).choice(NUMBERS, 1_000).tolist() + extra
    own = [f"O-{k:06d}" for k in range(len(named))]
    return open_table(pd.DataFrame({"order": own, "customer": named}), "orders")


def test_orphans_are_listed_by_row():
    (found,) = find_references([customers(), orders(["C99999", "C99998"])])
    assert (found.column, found.target, found.target_column) == ("customer", "customers", "number")
    assert found.lone == (1_000, 1_001) and found.orphans == 2


def test_lost_zeros_and_case_make_no_orphan():
    own = [f"O-{k:06d}" for k in range(500)]
    left = open_table(pd.DataFrame({"number": [f"{k:08d}" for k in range(1_000, 1_300)]}), "accounts")
    named = [str(1_000 + k % 300) if k % 9 == 0 else f"{1_000 + k % 300:08d}" for k in range(500)]
    (found,) = find_references([left, open_table(pd.DataFrame({"order": own, "account": named}), "orders")])
    assert found.orphans == 0


def test_strangers_do_not_refer():
    stranger = open_table(pd.DataFrame({"number": [f"X{k:05d}" for k in range(400)]}), "suppliers")
    assert find_references([stranger, orders([])]) == ()


def test_the_own_number_of_a_table_refers_to_nothing():
    half = open_table(pd.DataFrame({"number": NUMBERS[:390]}), "billing")
    assert find_references([customers(), half]) == ()


def test_a_reference_that_many_rows_break_is_none():
    assert find_references([customers(), orders([f"C9{k:04d}" for k in range(300)])]) == ()
