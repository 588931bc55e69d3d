"""Which columns of two tables mean the same."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from assess.evidence import quality
from assess.evidence.quality.matching import Matching
from assess.evidence.quality.matching.records import measure_agreement
from assess.evidence.quality.matching.similarity import name_similarity
from assess.evidence.quality.table import open_table

SHARED = Path(os.environ.get("ASSESS_SHARED_DATA", Path(__file__).parents[3] / ".." / "shared" / "data"))


def pairs(source: pd.DataFrame, target: pd.DataFrame) -> dict[str, str]:
    found = quality.match_columns(source, target).pairs
    return dict(zip(found["source_column"], found["target_column"], strict=True))


def test_values_decide_where_names_say_nothing() -> None:
    mails, days = [f"a{i}@example.org" for i in range(40)], [f"2024-01-{i % 28 + 1:02d}" for i in range(40)]
    source = pd.DataFrame({"c0": mails, "c1": days, "c2": [f"{i}.50" for i in range(40)]})
    target = pd.DataFrame({"x1": [f"{i}.75" for i in range(40)], "x2": mails[::-1], "x3": days[::-1]})
    assert pairs(source, target) == {"c0": "x2", "c1": "x3", "c2": "x1"}


def test_names_decide_where_values_are_alike() -> None:
    numbers = [str(i % 7) for i in range(50)]
    source = pd.DataFrame({"qty": numbers, "priority": numbers})
    target = pd.DataFrame({"Priority Level": numbers, "OrderQuantity": numbers})
    assert pairs(source, target) == {"qty": "OrderQuantity", "priority": "Priority Level"}


def test_the_same_neutral_layout_is_kept() -> None:
    random = np.random.default_rng(1)
    table = pd.DataFrame({f"c{i}": random.integers(0, 100, 80).astype(str) for i in range(6)})
    assert pairs(table.iloc[::2], table.iloc[1::2]) == {f"c{i}": f"c{i}" for i in range(6)}


def test_types_that_exclude_each_other_do_not_match() -> None:
    source = pd.DataFrame({"amount": [f"{i}.10" for i in range(30)]})
    target = pd.DataFrame({"shipped": [f"2024-02-{i % 28 + 1:02d}" for i in range(30)]})
    assert pairs(source, target) == {}


def test_a_match_is_one_to_one_and_keeps_the_next_best() -> None:
    source = pd.DataFrame({"city": ["Kiel", "Bonn"] * 20})
    target = pd.DataFrame({"city": ["Bonn", "Kiel"] * 20, "birth_city": ["Kiel", "Ulm"] * 20})
    found = quality.match_columns(source, target)
    assert [(m.source_column, m.target_column) for m in found.matches] == [("city", "city")]
    assert [a.target_column for a in found.matches[0].alternatives] == ["birth_city"]
    assert found.target_only == ("birth_city",)
    assert Matching.from_json(found.to_json()) == found


@pytest.mark.parametrize(
    ("left", "right", "least", "most"),
    [
        ("cust_no", "CustomerNumber", 0.85, 1),
        ("PLZ", "postcode", 0.8, 1),
        ("Straße", "strasse", 1, 1),
        ("birth_date", "dateOfBirth", 0.8, 1),
        ("price", "colour", 0, 0.4),
        ("order_id", "invoice_date", 0, 0.4),
    ],
)
def test_names(left: str, right: str, least: float, most: float) -> None:
    assert least <= name_similarity(left, right) <= most
    assert name_similarity(left, right) == pytest.approx(name_similarity(right, left))


def test_joined_records_know_factors_days_and_categories() -> None:
    random = np.random.default_rng(2)
    amount, state = random.integers(100, 10**6, 200), random.integers(0, 4, 200)
    days = pd.to_datetime("2023-01-01") + pd.to_timedelta(random.integers(0, 900, 200), "D")
    left = open_table(
        pd.DataFrame(
            {
                "cents": amount.astype(str),
                "day": days.strftime("%Y-%m-%d"),
                "state": np.array(["new", "paid", "late", "void"])[state],
                "noise": random.integers(0, 10**6, 200).astype(str),
            }
        )
    )
    right = open_table(
        pd.DataFrame(
            {
                "euros": [f"{a / 100:.2f}" for a in amount],
                "on": days.strftime("%d.%m.%Y"),
                "code": state.astype(str),
            }
        )
    )
    rows = np.arange(200)
    told = pd.DataFrame(measure_agreement(left, right, rows, rows), left.columns, right.columns)
    assert told.loc["cents", "euros"] > 0.9
    assert told.loc["day", "on"] > 0.9
    assert told.loc["state", "code"] > 0.9
    assert told.loc["noise"].max() < 0.25


def test_published_pairs() -> None:
    """Real pairs of fireindark707/Python-Schema-Matching; the mean F1 that is asked for is .88."""
    folder = SHARED / "schema"
    if not folder.exists():
        pytest.skip("shared data absent")
    scores = []
    for case in sorted(folder.iterdir()):
        truth = set(
            pd.read_csv(case / "truth.csv", dtype=str, keep_default_na=False).itertuples(
                index=False, name=None
            )
        )
        found = set(
            quality.match_columns(case / "source.csv", case / "target.csv")
            .pairs.iloc[:, :2]
            .itertuples(index=False, name=None)
        )
        scores.append(2 * len(found & truth) / (len(found) + len(truth)))
    assert np.mean(scores) >= 0.88
