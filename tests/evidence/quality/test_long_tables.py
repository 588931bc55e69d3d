"""Tables that are judged block by block say of all rows what brute force says of them, in bounded memory."""

import importlib

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from assess.core.personal import mask
from assess.core.unpacking import UnreadableTable
from assess.evidence import quality
from assess.evidence.quality.checks import uniqueness
from assess.evidence.quality.column import encode_column, texts, totals
from assess.evidence.quality.column.texts import find_repeating, fingerprint_texts, mask_all, plain_texts
from assess.evidence.quality.table import open_table

profiling = importlib.import_module("assess.evidence.quality.profile")


@pytest.fixture
def small_parts(monkeypatch):
    """Everything that makes large tables go to files and parts, at the size of a test."""
    monkeypatch.setattr(profiling, "BLOCK", 500)
    monkeypatch.setattr(totals, "FEW", 40)
    monkeypatch.setattr(texts, "IN_MEMORY", 600)
    monkeypatch.setattr(texts, "PART_ROWS", 700)
    monkeypatch.setattr(uniqueness, "AT_ONCE", 50)


def long_frame(n=3_300):
    rng = np.random.default_rng(3)
    plz = rng.integers(0, 40, n)
    frame = pd.DataFrame(
        {
            "name": [f"name {k}" for k in rng.integers(0, 900, n)],
            "zip": [f"{k:05d}" for k in plz],
            "town": [f"town {k % 13}" for k in plz],
            "mail": [f"u{k}@x.org" for k in range(n)],
            "amount": [f"{v:.1f}" for v in rng.gamma(3, 40, n)],
        }
    )
    frame.loc[n - 9 :, "town"] = "elsewhere"
    frame.loc[n - 1, "mail"] = "u5@x.org"
    frame.loc[rng.choice(n, 60, replace=False), "name"] = None
    again = frame.sample(70, random_state=1)
    other = frame.sample(30, random_state=2).assign(town=lambda f: f["town"].str.upper())
    return pd.concat([frame, again, other], ignore_index=True)


@pytest.mark.parametrize("groups", [300, 500, 10_000], ids=["across blocks", "as blocks", "one"])
def test_all_rows_count_whatever_the_blocks(tmp_path, small_parts, groups):
    frame = long_frame()
    path = tmp_path / "long.parquet"
    pq.write_table(pa.Table.from_pandas(frame), path, row_group_size=groups)
    q = quality.profile(path)
    for name in frame:
        assert q.column(name).distinct == frame[name].nunique()
        assert q.column(name).nulls == frame[name].isna().sum()
    values = np.sort(frame["amount"].astype(float))
    shares = np.array([0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99])
    assert q.column("amount").quantiles == tuple(values[np.ceil(shares * len(values)).astype(int) - 1])
    (exact, form) = q.duplicates
    assert exact.surplus == frame.duplicated().sum()
    assert list(exact.rows) == np.flatnonzero(frame.duplicated()).tolist()
    plain = frame.fillna("\0").apply(lambda c: c.str.lower().str.replace(r"[^\w\0]|_", "", regex=True))
    assert exact.surplus + form.surplus == plain.duplicated().sum()
    tied = {(d.determinant, d.dependent): d.breaking for d in q.dependencies}
    most = frame.groupby(["zip", "town"]).size().groupby("zip").max().sum()
    assert tied["zip", "town"] == len(frame) - most
    assert not [words for words in q.not_assessed if not words.startswith("near copies")]


def test_a_key_of_two_columns_holds_over_all_blocks_or_is_none(small_parts):
    n = 1_000
    order = np.arange(n) // 5
    line = np.arange(n) % 5 + 5 * (order % 4)
    first = pd.DataFrame({"order": [f"o{k}" for k in order], "line": [f"l{k}" for k in line]})
    assert [k.columns for k in quality.profile(first).keys if k.holds] == [("order", "line")]
    broken = pd.concat([first, first.head(1)], ignore_index=True)
    assert not [k for k in quality.profile(broken).keys if len(k.columns) == 2]


def test_a_dependency_of_the_first_block_only_is_not_told(small_parts):
    n = 2_000
    rng = np.random.default_rng(0)
    code = rng.integers(0, 9, n)
    label = np.where(np.arange(n) < 500, code, rng.integers(0, 9, n))
    q = quality.profile(pd.DataFrame({"code": [f"c{k}" for k in code], "label": [f"l{k}" for k in label]}))
    assert q.dependencies == ()


def test_dirt_that_begins_in_the_last_block_is_found(small_parts):
    frame = pd.DataFrame({"status": ["open", "closed"] * 1_000, "n": [str(k) for k in range(2_000)]})
    frame.loc[1_990, "status"] = "opne"
    cells = quality.profile(frame).cells
    assert ((cells["row"] == 1_990) & (cells["column"] == "status")).any()


@pytest.mark.parametrize(
    "texts",
    [
        [f"key {k}" for k in range(40_000)] + ["key 7", None, "", "key 7", None, "Ö"],
        [f"v{k % 50}" for k in range(5_000)] + [None],
        ["a", None, "b", "a", None],
    ],
    ids=["nearly unique", "few", "short"],
)
def test_every_way_to_encode_gives_the_same(texts):
    plain = pa.chunked_array([pa.array(texts, pa.large_string())])
    half = len(texts) // 2
    parts = [pa.array(part, pa.large_string()).dictionary_encode() for part in (texts[:half], texts[half:])]
    spare = pa.DictionaryArray.from_arrays(
        pa.array([1, None, 1], pa.int32()), pa.array(["unused", texts[0], texts[0]], pa.large_string())
    )
    codes, values = pd.factorize(pd.Series(texts, dtype=object), use_na_sentinel=False)
    for given, extra in (
        (plain, False),
        (pa.chunked_array(parts), False),
        (pa.chunked_array([*parts, spare]), True),
    ):
        column = encode_column("a", given)
        held = [None if v is None or v != v else v for v in values]
        if extra and None not in held:
            held = [*held, None]
        assert column.texts.to_pylist() == held
        assert (column.codes[: len(texts)] == codes).all()
        assert column.counts.sum() == len(given)
        assert (column.prints == fingerprint_texts(column.texts)).all()


def test_fingerprints_are_equal_where_texts_are():
    rng = np.random.default_rng(5)
    texts = ["".join(rng.choice(list("abÖ \0"), rng.integers(0, 20))) for _ in range(30_000)] + [None, ""]
    prints = fingerprint_texts(pa.array(texts, pa.large_string()))
    assert (
        pd.factorize(prints)[0] == pd.factorize(pd.Series(texts, dtype=object), use_na_sentinel=False)[0]
    ).all()
    among = find_repeating(prints)
    assert (among == np.flatnonzero(pd.Series(prints).duplicated(keep=False))).all()


def test_plain_texts_and_masks_are_those_of_each_alone():
    texts = ["Ann-Lee 7", "ÄÖ, 9", "日本 Ab1", "", None, "𝔸b", "²x", "naïve"] * 5
    array = pa.array(texts, pa.large_string())
    assert plain_texts(array).to_pylist()[:5] == ["annlee7", "äö9", "日本ab1", "", None]
    assert mask_all(array).to_pylist() == [None if t is None else mask(t) for t in texts]


def test_types_of_parquet_are_the_texts_that_duckdb_writes(tmp_path, small_parts):
    path = tmp_path / "typed.parquet"
    duckdb.execute(
        f"COPY (SELECT i::BIGINT AS n, (DATE '2020-01-01' + i::INT) AS day, i / 7.0 AS x, 't' || i % 9 AS t, "
        f"i % 2 = 0 AS yes FROM range(1700) r(i)) TO '{path}' (ROW_GROUP_SIZE 2048)"
    )
    expected = duckdb.execute(f"SELECT COLUMNS(*)::VARCHAR FROM '{path}'").fetchall()
    table = open_table(path)
    assert table.frame.values.tolist() == [list(row) for row in expected]
    blocks = [block.frame for block in table.blocks(500)]
    assert pd.concat(blocks).values.tolist() == [list(row) for row in expected]


def test_a_parquet_text_that_is_no_utf8_is_a_clear_message(tmp_path):
    path = tmp_path / "bad.parquet"
    bad = pa.Array.from_buffers(
        pa.string(), 2, [*pa.array(["ab", "cd"]).buffers()[:2], pa.py_buffer(b"ab\xff\xfe")]
    )
    pq.write_table(pa.table({"town": bad}), path)
    with pytest.raises(UnreadableTable, match=r"bad\.parquet: column 'town'"):
        quality.profile(path)


def test_no_temporary_file_is_left(tmp_path, small_parts):
    quality.profile(long_frame(), spill_folder=str(tmp_path))
    assert list(tmp_path.iterdir()) == []
