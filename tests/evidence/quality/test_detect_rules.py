"""Closed lists, numbers and dates out of place, and rules between columns: what is told, and what is left alone."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from assess.evidence.quality.checks.check import list_cells
from assess.evidence.quality.checks.detection import detect
from assess.evidence.quality.table import open_table

ROWS = 1_200


def told(frame: pd.DataFrame) -> dict[tuple[int, str], str]:
    cells = list_cells(detect(open_table(frame)))
    return {(int(c.row), str(c.column)): str(c.check) for c in cells.itertuples()}


def picked(words: list[str], shares: list[float], seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).choice(np.array(words, object), ROWS, p=shares)


def test_a_word_foreign_to_a_short_list_is_told():
    states = picked(["open", "paid", "closed"], [0.5, 0.3, 0.2])
    states[[7, 600]] = "zz9"
    found = told(pd.DataFrame({"state": states}))
    assert {row for row, _ in found} == {7, 600}


def test_a_rare_word_without_a_gap_before_it_is_left_alone():
    states = picked(["a1", "b1", "c1", "d1", "e1"], [0.72, 0.2, 0.06, 0.015, 0.005])
    assert not told(pd.DataFrame({"state": states}))


def test_rare_countries_of_a_list_of_countries_are_left_alone():
    assert not told(pd.DataFrame({"country": picked(["DE", "FR", "IS"], [0.6, 0.398, 0.002])}))


def test_another_name_of_a_country_is_told_with_the_usual_one():
    names = picked(["Germany", "France", "Sweden"], [0.5, 0.3, 0.2])
    names[11] = "Allemagne"
    items = detect(open_table(pd.DataFrame({"country": names})))
    assert [(i.column, i.rows.tolist(), list(i.repairs)) for i in items] == [("country", [11], ["Germany"])]


def test_a_slip_of_a_frequent_word_is_told_and_another_number_is_not():
    words = picked(["delivered 1", "delivered 2", "cancelled 1"], [0.5, 0.3, 0.2])
    words[5] = "delivred 1"
    assert set(told(pd.DataFrame({"state": words}))) == {(5, "state")}


@pytest.mark.parametrize(("blanks", "expected"), [(4, True), (200, False)])
def test_a_blank_is_told_in_a_full_column_only(blanks: int, expected: bool):
    values = np.array([f"V{k:05d}x" for k in np.random.default_rng(1).permutation(ROWS)], object)
    values[:blanks] = ""
    assert ((0, "value") in told(pd.DataFrame({"value": values}))) is expected


def test_a_negative_among_positive_numbers_is_told_and_credits_are_not():
    stock = np.random.default_rng(2).integers(1, 60, ROWS)
    stock[9] = -30
    assert (9, "stock") in told(pd.DataFrame({"stock": stock.astype(str)}))
    booked = np.random.default_rng(2).integers(1, 60, ROWS) * np.where(np.arange(ROWS) % 12, 1, -1)
    assert not told(pd.DataFrame({"booked": booked.astype(str)}))


def test_euros_among_cents_are_told_and_a_column_of_decimals_is_not():
    cents = np.random.default_rng(3).integers(5_000, 90_000, ROWS).astype(str).astype(object)
    cents[4] = "312.50"
    assert (4, "cents") in told(pd.DataFrame({"cents": cents}))
    mixed = [f"{k / 2:g}" for k in np.random.default_rng(3).integers(100, 300, ROWS)]
    assert not told(pd.DataFrame({"mixed": mixed}))


@pytest.mark.parametrize(("sign", "wrong"), [(",", "12.50"), (".", "12,500")])
def test_another_decimal_sign_is_told(sign: str, wrong: str):
    amounts = np.array(
        [f"{a / 1000:.3f}".replace(".", sign) for a in np.random.default_rng(4).integers(200, 90_000, ROWS)],
        object,
    )
    assert not told(pd.DataFrame({"amount": amounts}))
    amounts[8] = wrong
    assert told(pd.DataFrame({"amount": amounts})) == {(8, "amount"): "variant"}


def test_a_date_out_of_its_columns_time_is_told():
    days = np.datetime64("2026-01-01") + np.random.default_rng(5).integers(0, 300, ROWS)
    texts = days.astype(str).astype(object)
    assert not told(pd.DataFrame({"counted": texts}))
    texts[3] = "2014-06-01"
    assert told(pd.DataFrame({"counted": texts})) == {(3, "counted"): "outlier"}


def test_dates_of_ibm_i_are_read_and_impossible_ones_told():
    days = pd.Series(
        pd.to_datetime("2015-01-01") + pd.to_timedelta(np.random.default_rng(6).integers(0, 4000, ROWS), "D")
    )
    texts = ("1" + days.dt.strftime("%y%m%d")).to_numpy(object)
    assert not told(pd.DataFrame({"due": texts}))
    texts[6] = "1211332"
    assert told(pd.DataFrame({"due": texts})) == {(6, "due"): "date formats"}


def test_the_number_of_many_that_breaks_a_sum_is_blamed():
    rng = np.random.default_rng(7)
    planned = rng.choice([20, 50, 100, 250], ROWS)
    scrap = rng.choice([0, 1, 2, 3], ROWS)
    frame = pd.DataFrame({"planned": planned, "good": planned - scrap, "scrap": scrap})
    assert not told(frame.astype(str))
    row = int(np.flatnonzero(scrap == 2)[0])
    frame.loc[row, "good"] += 7
    assert told(frame.astype(str)) == {(row, "good"): "arithmetic"}


def test_orderings_are_judged_by_the_values_that_rows_really_hold():
    """More distinct moments than are judged one by one: the rule is none the less exact."""
    rng = np.random.default_rng(8)
    rows = 9_000
    start = pd.Series(pd.to_datetime("2026-01-01") + pd.to_timedelta(rng.permutation(rows) * 900, "s"))
    end = start + pd.to_timedelta(rng.integers(600, 90_000, rows), "s")
    end.iloc[4_321] = start.iloc[4_321] - pd.Timedelta(3, "D")
    frame = pd.DataFrame(
        {"opened": start.dt.strftime("%Y-%m-%dT%H:%M:%SZ"), "closed": end.dt.strftime("%Y-%m-%dT%H:%M:%SZ")}
    )
    from assess.evidence import quality

    cells = quality.profile(frame).cells
    assert cells[cells.check == "order"]["row"].tolist() == [4_321]


def test_a_part_that_must_hold_another_column_is_told():
    rng = np.random.default_rng(9)
    revision = rng.choice(list("ABCDEF"), ROWS)
    drawing = np.array([f"D-{k:06d}-{r}" for k, r in enumerate(revision)], object)
    frame = pd.DataFrame({"revision": revision, "drawing": drawing})
    assert not told(frame)
    other = "A" if revision[12] != "A" else "B"
    frame.loc[12, "drawing"] = f"D-000012-{other}"
    assert told(frame) == {(12, "drawing"): "relation"}
