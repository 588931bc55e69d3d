"""What the detectors must find, and where they must stay silent."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from assess.evidence.quality.checks.check import list_cells
from assess.evidence.quality.checks.detection import detect
from assess.evidence.quality.checks.registry import CELLS, CHECKS, DEFINITIONS, VALUES
from assess.evidence.quality.table import open_table

CITIES = ["Hamburg", "Rotterdam", "Antwerpen", "Barcelona", "Marseille", "Göteborg", "Gdansk", "Trieste"]
COUNTRIES = ["DE", "NL", "BE", "ES", "FR", "SE", "PL", "IT"]
FIRST = ["Anna", "Bernd", "Carla", "David", "Elena", "Frank", "Greta", "Hugo", "Ines", "Jonas"]
LAST = ["Albers", "Brandt", "Conrad", "Dietrich", "Ewald", "Fischer", "Gruber", "Hansen", "Iversen"]


def customers(rows: int = 240) -> pd.DataFrame:
    """A table without a wrong cell."""
    rng = np.random.default_rng(7)
    place = rng.integers(len(CITIES), size=rows)
    names = [(FIRST[rng.integers(len(FIRST))], LAST[rng.integers(len(LAST))]) for _ in range(rows)]
    net = rng.integers(100, 900, rows) / 10
    vat = np.round(net * 0.19, 2)
    start = np.datetime64("2024-03-01") + rng.integers(0, 300, rows)
    return pd.DataFrame(
        {
            "number": [f"{1000 + k:06d}" for k in range(rows)],
            "name": [f"{a} {b}" for a, b in names],
            "email": [f"{a}.{b}{k}@example.org".lower() for k, (a, b) in enumerate(names)],
            "city": [CITIES[p] for p in place],
            "country": [COUNTRIES[p] for p in place],
            "status": rng.choice(["active", "closed", "waiting"], rows, p=[0.6, 0.3, 0.1]),
            "net": [f"{v:.2f}" for v in net],
            "vat": [f"{v:.2f}" for v in vat],
            "gross": [f"{v:.2f}" for v in net + vat],
            "score": [f"{v:.2f}" for v in rng.normal(50, 9, rows)],
            "opened": start.astype(str),
            "closed": (start + rng.integers(1, 60, rows)).astype(str),
        }
    ).astype(object)


def found(frame: pd.DataFrame) -> dict[tuple[int, str], str]:
    cells = list_cells(detect(open_table(frame)))
    return {
        (int(r), str(c)): str(k)
        for r, c, k in zip(cells["row"], cells["column"], cells["check"], strict=True)
    }


def with_cell(row: int, column: str, text: str, frame: pd.DataFrame | None = None) -> pd.DataFrame:
    frame = customers() if frame is None else frame.copy()
    frame.loc[row, column] = text
    return frame


def test_a_clean_table_is_left_alone() -> None:
    told = found(customers())
    assert len(told) <= 0.005 * customers().size, told


@pytest.mark.parametrize(
    ("column", "text", "checks"),
    [
        ("city", "Hambrug", {"spelling", "dependency"}),
        ("city", "Rottterdam", {"spelling", "dependency"}),
        ("status", "actve", {"spelling"}),
        ("email", "anna.albers at example.org", {"validity", "pattern", "spelling"}),
        ("country", "Germany", {"validity", "variant", "dependency", "pattern"}),
        ("country", "de", {"variant", "dependency"}),
        ("city", " Hamburg", {"variant", "dependency", "pattern", "spelling"}),
        ("number", "1017", {"variant"}),
        ("score", "98000.00", {"outlier"}),
        ("gross", "1.07", {"arithmetic", "outlier"}),
        ("closed", "2023-01-15", {"order", "date formats"}),
        ("opened", "17.05.2024", {"date formats"}),
        ("opened", "2024-02-31", {"date formats"}),
        ("opened", "1900-01-01", {"missing"}),
        ("net", "47.10 EUR", {"unit"}),
        ("net", "1.047,10", {"variant"}),
        ("name", "BjÃ¶rn Hansen", {"encoding"}),
        ("status", "n/a", {"missing"}),
    ],
)
def test_a_wrong_cell_is_found(column: str, text: str, checks: set[str]) -> None:
    row = 17
    told = found(with_cell(row, column, text))
    assert told.get((row, column)) in checks, (column, text, told)


def test_a_row_that_contradicts_its_key_is_found_with_its_repair() -> None:
    frame = customers()
    row = int(np.flatnonzero(frame["city"] == "Marseille")[2])
    frame.loc[row, "country"] = "PL"
    told = [s for s in detect(open_table(frame)) if s.column == "country" and row in s.rows]
    assert told and told[0].check == "dependency"
    assert told[0].repairs is not None and told[0].repairs[list(told[0].rows).index(row)] == "FR"
    assert "city" in told[0].basis


def test_a_typing_error_comes_with_the_text_that_was_meant() -> None:
    told = [s for s in detect(open_table(with_cell(17, "status", "actve"))) if s.column == "status"]
    assert told[0].repairs is not None and told[0].repairs[0] == "active"


def test_units_spelt_in_several_ways_are_wrong_and_one_unit_on_all_rows_is_a_format() -> None:
    rng = np.random.default_rng(3)
    weights = rng.integers(1, 40, 120)
    one = pd.DataFrame(
        {"id": [str(k) for k in range(120)], "weight": [f"{w} kg" for w in weights]}, dtype=object
    )
    several = one.assign(weight=[f"{w} {('kg', 'kilo', 'kilograms')[k % 3]}" for k, w in enumerate(weights)])
    assert not [k for k in found(one) if k[1] == "weight"]
    told = found(several)
    assert sum(k[1] == "weight" for k in told) == 120 and told[0, "weight"] == "unit"


def test_two_fields_in_one_are_found_in_both() -> None:
    frame = customers()
    for row in (5, 50, 99, 140):
        frame.loc[row, "city"] = f"{frame.loc[row, 'city']} {frame.loc[row, 'country']}"
        frame.loc[row, "country"] = ""
    told = found(frame)
    assert all(told.get((row, c)) == "merged" for row in (5, 50, 99, 140) for c in ("city", "country"))


def test_dates_of_open_order_are_told_and_settled_ones_are_not() -> None:
    rng = np.random.default_rng(1)
    settled = pd.Series(np.datetime64("2023-01-01") + rng.integers(0, 360, 200)).dt.strftime("%m/%d/%y")
    open_order = [
        f"{one}/{two}/{year:02d}" for one, two, year in rng.integers([1, 1, 2], [13, 13, 25], (200, 3))
    ]
    key = [str(k) for k in range(200)]
    assert not [k for k in found(pd.DataFrame({"k": key, "d": settled}, dtype=object)) if k[1] == "d"]
    told = found(pd.DataFrame({"k": key, "d": open_order}, dtype=object))
    assert sum(k[1] == "d" for k in told) > 150 and set(told.values()) == {"date formats"}


def test_zeros_of_amounts_beside_a_heavy_tail_are_no_outliers() -> None:
    rng = np.random.default_rng(5)
    amounts = np.where(rng.random(400) < 0.4, 0, rng.lognormal(5, 1.2, 400).round(2))
    frame = pd.DataFrame(
        {"id": [str(k) for k in range(400)], "amount": [f"{a:.2f}" for a in amounts]}, dtype=object
    )
    assert sum(k[1] == "amount" for k in found(frame)) <= 4


def test_where_a_row_lies_plays_no_part() -> None:
    frame = with_cell(17, "city", "Hambrug")
    turned = frame.iloc[::-1].reset_index(drop=True)
    mine = {(len(frame) - 1 - r, c) for r, c in found(turned) if c == "city"}
    assert mine == {k for k in found(frame) if k[1] == "city"}


def test_the_same_table_gives_the_same_cells() -> None:
    frame = with_cell(17, "city", "Hambrug")
    one, other = (list_cells(detect(open_table(frame))) for _ in range(2))
    pd.testing.assert_frame_equal(one, other)


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame({"a": pd.Series([], dtype=object)}),
        pd.DataFrame({"a": ["x"]}, dtype=object),
        pd.DataFrame({"a": [None] * 30, "b": [""] * 30}, dtype=object),
        pd.DataFrame({"a": ["same"] * 30}, dtype=object),
        pd.DataFrame({"a": ["x" * 100_000, "y"] * 10}, dtype=object),
        pd.DataFrame({"a": ["\x00", "\x02\x03", "😀"] * 10, "b": ["1e999", "-", "∞"] * 10}, dtype=object),
    ],
)
def test_strange_tables_get_a_true_answer(frame: pd.DataFrame) -> None:
    cells = list_cells(detect(open_table(frame)))
    assert set(cells.columns) == {"row", "column", "check", "confidence"}
    assert cells["confidence"].between(0, 1).all()


def test_every_check_says_what_why_and_what_to_do() -> None:
    assert all(check.matters and (check.action or check in DEFINITIONS) for check in CHECKS)
    assert all(check.title for check in (*CELLS, *VALUES))
    for check in CELLS:
        assert check.looks_for and check.signals, check.name
        fires = {signal for rule in check.certain for signal in rule.signals} - {"gap_power", "gap_filled"}
        assert fires <= {signal for one in CELLS for signal in one.signals}, check.name


def test_a_rule_repairs_what_it_stands_for() -> None:
    import duckdb

    rules = {c.name: c for c in CELLS}
    ask = (
        "SELECT "
        + rules["missing"].fix("v")
        + ", "
        + rules["unit"].fix("u")
        + ", "
        + rules["pattern"].fix("p")
    )
    with duckdb.connect() as db:
        assert db.execute(f"{ask} FROM (SELECT ' N/A ' v, '12.5 oz.' u, '  a   b ' p)").fetchone() == (
            None, "12.5", "a b",
        )  # fmt: skip
