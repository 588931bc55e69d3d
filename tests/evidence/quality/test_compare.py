"""What would break if one table's records went to another."""

from __future__ import annotations

import os
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assess.evidence import quality
from assess.evidence.quality.compare import TableComparison
from assess.evidence.quality.pricing import DEFINITION, price_work, rule_work

SHARED = Path(os.environ.get("ASSESS_SHARED_DATA", Path(__file__).parents[3] / ".." / "shared" / "data"))
CITIES = ["Hamburg", "Bremen", "Kiel", "Hannover", "Rostock"]
ZIPS = ["20095", "28195", "24103", "30159", "18055"]


def towns(rows: int, seed: int) -> pd.DataFrame:
    """A clean table in which the postcode names the city, with amounts and dates."""
    random = np.random.default_rng(seed)
    place = random.integers(0, len(CITIES), rows)
    return pd.DataFrame(
        {
            "city": np.array(CITIES)[place],
            "zip": np.array(ZIPS)[place],
            "area": np.array(["040", "0421", "0431", "0511", "0381"])[place],
            "amount": [f"{value:.2f}" for value in random.gamma(3, 40, rows)],
            "sent": pd.to_datetime("2024-01-01") + pd.to_timedelta(random.integers(0, 500, rows), "D"),
        }
    ).astype({"sent": str})


def cells(source: pd.DataFrame, target: pd.DataFrame) -> set[tuple[int, str]]:
    return set(quality.compare(source, target).cells[["row", "column"]].itertuples(index=False, name=None))


def test_a_clean_sample_of_the_same_population_is_left_alone() -> None:
    assert len(cells(towns(400, 1), towns(400, 2))) <= 2  # of 2,000


@pytest.mark.parametrize(
    ("column", "value", "check"),
    [
        ("city", "Hambrug", {"spelling", "shape", "mask"}),
        ("city", "KIEL", {"shape"}),
        ("zip", "2O095", {"shape", "mask", "part"}),
        ("city", "", {"blank"}),
        ("amount", "950000.00", {"magnitude"}),
        ("zip", "28195", {"lookup"}),
    ],
)
def test_one_wrong_cell_is_found_with_its_check(column: str, value: str, check: set[str]) -> None:
    source = towns(300, 3)
    row = int(np.flatnonzero(source["city"] == "Kiel")[4])
    source.loc[row, column] = value
    found = quality.compare(source, towns(300, 4)).cells.set_index(["row", "column"])
    assert (row, column) in found.index
    assert found.loc[(row, column), "check"] in check
    assert len(found) <= 4


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000))
def test_a_right_row_more_never_flags_itself(seed: int) -> None:
    source, target = towns(60, 5), towns(120, 6)
    right = target.iloc[[seed % len(target)]]
    assert (60, "city") not in cells(pd.concat([source, right], ignore_index=True), target)


def test_rows_are_counted_below_the_header(tmp_path: Path) -> None:
    source, target = towns(100, 7), towns(100, 8)
    source.loc[0, "city"] = "Hmaburg"
    for name, table in (("a", source), ("b", target)):
        table.to_csv(tmp_path / f"{name}.csv", index=False)
    found = quality.compare(tmp_path / "a.csv", str(tmp_path / "b.csv"))
    assert (found.source, found.target) == ("a", "b")
    assert (0, "city") in set(found.cells[["row", "column"]].itertuples(index=False, name=None))


def test_swapped_dates_are_told_from_the_others() -> None:
    """Months and days of the target never go beyond 12 and 28; a fifth of the source has them swapped."""
    random = np.random.default_rng(9)
    days = [
        f"{m}/{d}/{y}"
        for m, d, y in zip(
            random.integers(1, 13, 600),
            random.integers(13, 29, 600),
            random.integers(2010, 2020, 600),
            strict=True,
        )
    ]
    source, target = pd.DataFrame({"day": days[:300]}), pd.DataFrame({"day": days[300:]})
    wrong = list(range(0, 300, 5))
    for row in wrong:
        month, day, year = source.loc[row, "day"].split("/")
        source.loc[row, "day"] = f"{day}/{month}/{year}"
    assert {row for row, _ in cells(source, target)} == set(wrong)


def test_a_new_record_is_no_typing_error() -> None:
    """A code and its name that are both new in the same rows are a record which the target lacks."""
    target = pd.DataFrame(
        {"code": ["A-1", "A-2", "A-3", "A-4"] * 30, "name": ["Alpha", "Beta", "Gamma", "Delta"] * 30}
    )
    source = pd.concat(
        [target.iloc[:80], pd.DataFrame({"code": ["A-7"] * 3, "name": ["Epsilon"] * 3})], ignore_index=True
    )
    assert not cells(source, target)


def test_a_key_of_another_record_is_found() -> None:
    random = np.random.default_rng(10)
    table = pd.DataFrame(
        {
            "id": [f"K{i:05d}" for i in range(400)],
            **{c: random.integers(0, 9, 400).astype(str) for c in "abcd"},
        }
    )
    source, target = table.iloc[::2].reset_index(drop=True), table.iloc[1::2].reset_index(drop=True)
    source.loc[[3, 50, 90], "id"] = target.loc[[7, 11, 15], "id"].to_numpy()
    assert {(3, "id"), (50, "id"), (90, "id")} <= cells(source, target)


def test_records_on_one_side_only_and_the_check_that_lists_them(tmp_path: Path) -> None:
    random = np.random.default_rng(11)
    every = pd.DataFrame(
        {
            "customer": [f"C{i:04d}" for i in range(200)],
            "city": np.array(CITIES)[random.integers(0, 5, 200)],
            "credit": random.integers(1, 99, 200).astype(str),
        }
    )
    left, right = every.iloc[:180], every.iloc[15:]
    left.to_csv(tmp_path / "crm.csv", index=False)
    right.to_csv(tmp_path / "billing.csv", index=False)
    found = quality.compare(tmp_path / "crm.csv", tmp_path / "billing.csv", both_ways=True)
    sides = {f.check: f for f in found.findings if f.check.endswith(" only")}
    assert {check: f.rows for check, f in sides.items()} == {"source only": 15, "target only": 20}
    listed = duckdb.sql(sides["source only"].check_sql).fetchall()
    assert [row for row, _ in listed] == list(range(15))
    assert found.joined == pytest.approx(165 / 180, abs=1e-6)


def test_equal_numbers_of_unrelated_records_do_not_join() -> None:
    random = np.random.default_rng(12)
    left, right = (
        pd.DataFrame(
            {
                "id": map(str, range(300)),
                "name": [f"n{value}" for value in random.integers(0, 10**6, 300)],
                "size": random.integers(0, 50, 300).astype(str),
            }
        )
        for _ in range(2)
    )
    found = quality.compare(left, right)
    assert not any(key.true for key in found.ways)
    assert "code reuse" in {f.check for f in found.findings}


def test_no_common_key_is_said_where_only_addresses_join() -> None:
    random = np.random.default_rng(13)
    mails = [f"p{i}@example.com" for i in range(300)]
    crm = pd.DataFrame(
        {
            "customer_no": [f"C{i + 5000}" for i in range(300)],
            "email": mails,
            "city": np.array(CITIES)[random.integers(0, 5, 300)],
        }
    )
    billing = pd.DataFrame(
        {"account": [f"{i * 7 + 90000}" for i in range(300)], "mail": mails, "town": crm["city"]}
    )
    assert "no common key" in {f.check for f in quality.compare(crm, billing).findings}


def test_numbers_of_their_own_on_both_sides_are_told_and_priced_once() -> None:
    """Both sides number their records from 1, and only addresses join them: one cross-reference mends it."""
    random = np.random.default_rng(15)
    mails, order = [f"p{i}@example.com" for i in range(300)], random.permutation(300)
    sides = [
        pd.DataFrame({"id": [str(i + 1) for i in range(300)], "mail": [mails[i] for i in rows]})
        for rows in (range(300), order)
    ]
    found = quality.compare(*sides)
    told = {f.check: f for f in found.findings if f.column == "id"}
    assert "contents" not in told
    assert told["no common key"].effort is not None
    assert told["code reuse"].effort is None


def test_what_most_values_break_is_a_definition_and_priced_as_one() -> None:
    """300 texts of three parts beside short ones: no cell is wrong, and nobody corrects 300 by hand."""
    random = np.random.default_rng(16)
    words = [
        "speaker",
        "turntable",
        "camera",
        "printer",
        "cube",
        "belt",
        "laser",
        "colour",
        "optical",
        "zoom",
        "memory",
        "black",
    ]

    def text(most: int) -> str:
        return " ".join(random.choice(words, int(random.integers(1, most + 1))))

    mine = [f"{text(2)}/ {text(2)}/ {text(3)}" for _ in range(300)]
    found = quality.compare(
        pd.DataFrame({"says": mine}), pd.DataFrame({"says": [text(3) for _ in range(300)]})
    )
    (broken,) = [finding for finding in found.findings if finding.check == "breaks shape"]
    assert broken.rows == 300
    assert broken.effort == price_work(DEFINITION)
    assert "100% of the values of the column" in broken.evidence
    few = [*mine[:20], *(text(3) for _ in range(280))]
    found = quality.compare(
        pd.DataFrame({"says": few}), pd.DataFrame({"says": [text(3) for _ in range(300)]})
    )
    (broken,) = [finding for finding in found.findings if finding.check == "breaks shape"]
    assert broken.effort == price_work(rule_work(broken.rows, 0))


def test_joined_records_correct_the_column_map() -> None:
    """Names say nothing here, types are equal: only the joined records tell which amount is which."""
    random = np.random.default_rng(14)
    net, gross = random.integers(100, 99999, 300), random.integers(100, 99999, 300)
    left = pd.DataFrame(
        {"no": [f"R{i:04d}" for i in range(300)], "v1": net.astype(str), "v2": gross.astype(str)}
    )
    right = pd.DataFrame({"no": left["no"], "w1": gross.astype(str), "w2": net.astype(str)})
    pairs = quality.compare(left, right).mapping.pairs
    assert dict(zip(pairs["source_column"], pairs["target_column"], strict=True)) == {
        "no": "no",
        "v1": "w2",
        "v2": "w1",
    }


def test_examples_are_masked_unless_asked_for() -> None:
    source, target = towns(200, 15), towns(200, 16)
    source.loc[:9, "city"] = "Geheimstadt"
    said = " ".join(
        f.title + f.evidence + " ".join(f.examples) for f in quality.compare(source, target).findings
    )
    assert "Geheimstadt" not in said
    said = " ".join(f.evidence for f in quality.compare(source, target, clear=True).findings)
    assert "Geheimstadt" in said


def test_a_comparison_survives_json_and_is_the_same_twice() -> None:
    source, target = towns(150, 17), towns(150, 18)
    source.loc[4, "city"] = "Bremne"
    once, twice = quality.compare(source, target), quality.compare(source, target)
    assert once.to_json() == twice.to_json()
    assert TableComparison.from_json(once.to_json()) == once
    assert not once.columns.isna().any(axis=None)
    assert not once.keys.isna().any(axis=None)


@pytest.mark.parametrize(
    ("source", "target"),
    [
        (pd.DataFrame({"a": []}), pd.DataFrame({"a": ["1", "2"]})),
        (pd.DataFrame({"a": ["1", "2"]}), pd.DataFrame({"a": []})),
        (pd.DataFrame({"a": ["1"]}), pd.DataFrame({"a": ["1"]})),
        (pd.DataFrame({"a": [None, None]}), pd.DataFrame({"a": [None]})),
        (pd.DataFrame({"a": ["x"] * 30}), pd.DataFrame({"z": ["2024-01-01"] * 30})),
        (pd.DataFrame({"a": ["", None, " "] * 9}), pd.DataFrame({"a": ["b"] * 30})),
    ],
)
def test_odd_tables_give_a_true_result(source: pd.DataFrame, target: pd.DataFrame) -> None:
    found = quality.compare(source.astype(object), target.astype(object))
    assert found.source_rows == len(source)
    assert TableComparison.from_json(found.to_json()) == found


@pytest.mark.parametrize(("name", "least"), [("flights", 0.9), ("hospital", 0.9)])
def test_published_tables_with_known_errors(name: str, least: float) -> None:
    """Matelda's and Raha's labelled tables: even rows, dirty, against odd rows, clean; names hidden."""
    folder = SHARED / "errors" / name
    if not folder.exists():
        pytest.skip("shared data absent")
    dirty, clean = (
        pd.read_csv(folder / f"{kind}.csv", dtype=str, keep_default_na=False) for kind in ("dirty", "clean")
    )
    clean.columns = dirty.columns = [f"c{i}" for i in range(dirty.shape[1])]
    source, right = dirty.iloc[::2].reset_index(drop=True), clean.iloc[::2].reset_index(drop=True)
    wrong = {(int(i), f"c{j}") for i, j in zip(*(source != right).to_numpy().nonzero(), strict=True)}
    found = cells(source, clean.iloc[1::2].reset_index(drop=True))
    hit = len(found & wrong)
    assert 2 * hit / (len(found) + len(wrong)) >= least
