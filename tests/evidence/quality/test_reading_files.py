"""Tables of every form, and everything that is wrong with real files."""

import gc
import json
import os
import sqlite3
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from assess.core.secrets import mask_location
from assess.core.unpacking import UnreadableTable
from assess.evidence.quality.table import open_table


def rows(table):
    return table.frame.values.tolist()


@pytest.mark.parametrize(
    "data, encoding, delimiter",
    [
        ("id,name\n1,Müller\n".encode(), "utf-8", ","),
        ("id;name\n1;Müller\n".encode("utf-8-sig"), "utf-8-sig", ";"),
        ("id\tname\n1\tMüller\n".encode("cp1252"), "cp1252", "\t"),
        ("id|name\n1|Müller\n".encode("utf-16"), "utf-16-le", "|"),
        ("id,name\n1,Müller\n".encode("utf-16-be"), "utf-16-be", ","),
    ],
)
def test_encoding_and_delimiter_are_found_and_said(tmp_path, data, encoding, delimiter):
    path = tmp_path / "a.csv"
    path.write_bytes(data)
    table = open_table(path)
    assert table.columns == ("id", "name")
    assert rows(table) == [["1", "Müller"]]
    assert (table.reading.encoding, table.reading.delimiter) == (encoding, delimiter)
    assert encoding in table.reading.sentence


def test_text_stays_text(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text('code,answer,number,empty\n00123,NA,1e5,\n"0,5"," x ",-0,""\n')
    assert rows(open_table(path)) == [["00123", "NA", "1e5", ""], ["0,5", " x ", "-0", ""]]


def test_mixed_encodings_are_read_line_by_line(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes("n,town\n1,Köln\n".encode() + "2,Münster\n".encode("cp1252"))
    table = open_table(path)
    assert rows(table) == [["1", "Köln"], ["2", "Münster"]]
    assert "mixed" in table.reading.sentence


def test_ragged_rows_are_kept_and_reported(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("a,b,c\n1,2,3\n4,5\n6,7,8,9\n")
    table = open_table(path)
    assert rows(table) == [["1", "2", "3"], ["4", "5", None], ["6", "7", "8,9"]]
    assert table.reading.short_rows == (1,)
    assert table.reading.long_rows == (2,)
    assert table.reading.irregular == 2


def test_nul_bytes_are_kept_and_said(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"a,b\n1,x\0y\n")
    table = open_table(path)
    assert rows(table) == [["1", "x\0y"]]
    assert "NUL" in table.reading.sentence


def test_empty_and_repeated_names_are_made_unique_and_said(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("id,id,,id_2\n1,2,3,4\n")
    table = open_table(path)
    assert len(set(table.columns)) == 4 and all(table.columns)
    assert len(table.reading.renamed) == 2
    assert rows(table) == [["1", "2", "3", "4"]]


def test_a_file_without_header_loses_no_row(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("1,2.5,2024-01-01\n2,3.5,2024-01-02\n3,1.5,2024-01-03\n")
    table = open_table(path)
    assert table.rows == 3 and not table.reading.header


def test_a_line_break_within_quotes_is_one_row(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text('a,b\n1,"x\ny"\n2,z\n')
    assert rows(open_table(path)) == [["1", "x\ny"], ["2", "z"]]


def test_cells_of_ten_megabytes(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("a,b\n" + "".join(f"{n},{'x' * 10_000_000}\n" for n in range(3)))
    table = open_table(path)
    assert table.rows == 3
    assert len(table.column("b").values[0]) == 10_000_000


def test_json_keeps_digits_and_lines(tmp_path):
    path = tmp_path / "a.json"
    path.write_text('[{"n": 1.50, "x": {"y": true}}, {"n": 12345678901234567890, "z": null}]')
    table = open_table(path)
    assert table.column("n").values.tolist() == ["1.50", "12345678901234567890"]
    lines = tmp_path / "b.jsonl"
    lines.write_text('{"a": "1"}\n\n{"a": null, "b": "2"}\n')
    assert rows(open_table(lines)) == [["1", None], [None, "2"]]
    wrapped = tmp_path / "c.json"
    wrapped.write_text(json.dumps({"total": 1, "items": [{"a": "x"}]}))
    assert rows(open_table(wrapped)) == [["x"]]


def test_workbook_parquet_and_databases_hold_the_same(tmp_path):
    frame = pd.DataFrame({"code": ["001", "002"], "name": ["a", None]})
    frame.to_excel(tmp_path / "a.xlsx", index=False)
    frame.to_parquet(tmp_path / "a.parquet")
    lite = sqlite3.connect(tmp_path / "a.sqlite")
    lite.execute("CREATE TABLE t (code TEXT, name TEXT)")
    lite.executemany("INSERT INTO t VALUES (?, ?)", [("001", "a"), ("002", None)])
    lite.commit()
    lite.close()
    duck = duckdb.connect(str(tmp_path / "a.duckdb"))
    duck.execute("CREATE TABLE t AS SELECT * FROM (VALUES ('001', 'a'), ('002', NULL)) v(code, name)")
    duck.close()
    for name in ("a.xlsx", "a.parquet", "a.sqlite", "a.duckdb"):
        assert rows(open_table(tmp_path / name)) == [["001", "a"], ["002", None]], name


def test_frame_values_become_text():
    frame = pd.DataFrame({"n": [1, 2], "x": [0.5, None], "t": ["a", None]})
    assert rows(open_table(frame)) == [["1", "0.5", "a"], ["2", None, None]]


@pytest.mark.parametrize(
    "name, data, says",
    [
        ("a.csv", b"", "empty"),
        ("a.csv", b"\n\n", "empty"),
        ("a.parquet", b"", "empty"),
        ("a.parquet", b"PAR1 this is none", "no parquet"),
        ("a.xlsx", b"no workbook", "no Excel"),
        ("a.json", b"{ nothing", "no JSON"),
        ("a.duckdb", b"no database at all, really none", "no DuckDB"),
        ("a.pdf", b"%PDF", "no reader"),
    ],
)
def test_a_file_that_is_not_what_it_says(tmp_path, name, data, says):
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(UnreadableTable, match=says):
        open_table(path)


def test_no_file_and_a_folder(tmp_path):
    with pytest.raises(UnreadableTable, match="does not exist"):
        open_table(tmp_path / "none.csv")
    (tmp_path / "dir.csv").mkdir()
    with pytest.raises(UnreadableTable, match="folder"):
        open_table(tmp_path / "dir.csv")


def test_several_tables_must_be_named(tmp_path):
    path = tmp_path / "a.duckdb"
    duck = duckdb.connect(str(path))
    duck.execute("CREATE TABLE one AS SELECT 1 AS a; CREATE TABLE two AS SELECT 2 AS b")
    duck.close()
    with pytest.raises(UnreadableTable, match="one, two"):
        open_table(path)
    assert open_table(f"{path}#two").columns == ("b",)


@pytest.mark.parametrize(
    "location",
    [
        "postgresql://ann:s3cret@host/db#t",
        "postgresql://host/db?user=ann&password=s3cret#t",
        "postgresql://ann:s3c%40ret@[::1/db",
    ],
)
def test_no_password_is_left(location):
    assert "s3c" not in mask_location(location)


def test_a_large_file_lies_beside_and_goes_again(tmp_path, monkeypatch):
    from assess.core.tables import store

    monkeypatch.setattr(store, "IN_MEMORY", 1000)
    path, spill = tmp_path / "a.csv", tmp_path / "spill"
    path.write_text("a,b\n" + "".join(f"{n},x{n % 7}\n" for n in range(5000)))
    table = open_table(path, spill_folder=str(spill))
    assert table.rows == 5000
    assert table.column("a").values[-1] == "4999"
    blocks = list(table.blocks(2000))
    assert [block.rows for block in blocks] == [2000, 2000, 1000]
    assert blocks[2].column("a").values[0] == "4000"
    assert any(spill.rglob("*.parquet"))
    del table, blocks
    import gc

    gc.collect()
    assert not list(spill.iterdir())


def bytes_of(setting):
    """Read a size as DuckDB writes it, such as ``488.2 MiB``."""
    number, unit = setting.split()
    return float(number) * 1024 ** ["bytes", "KiB", "MiB", "GiB", "TiB"].index(unit)


@pytest.mark.parametrize(("limit", "expected"), [("512MiB", 512 << 20), ("", None)])
def test_the_engine_keeps_to_the_memory_and_the_folder_of_the_engagement(tmp_path, limit, expected):
    frame = pd.DataFrame({"a": ["1", "2"]})
    frame.to_parquet(tmp_path / "t.parquet", index=False)
    spill = tmp_path / "spill"
    table = open_table(tmp_path / "t.parquet", memory_limit=limit, spill_folder=str(spill))
    engine, _ = table.store.relation()
    memory, folder = engine.execute(
        "SELECT current_setting('memory_limit'), current_setting('temp_directory')"
    ).fetchone()
    if expected is None:
        expected = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 4
    assert bytes_of(memory) == pytest.approx(expected, rel=0.02)
    assert Path(folder).is_relative_to(spill)
    del table, engine
    gc.collect()
    assert list(spill.iterdir()) == []
