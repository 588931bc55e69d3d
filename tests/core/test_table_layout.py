"""Where a table lies in a file: lines before it, header rows, lines below it, ruled and fixed width lists, nested JSON."""

from __future__ import annotations

import json

import openpyxl
import pytest

from assess.core.tables.documents import TOP
from assess.core.unpacking import UnreadableTable
from assess.evidence.quality import open_table, profile

NAMES = ("Invoice", "Date", "Net", "Customer")
ROWS = [
    (
        f"INV-{n}",
        f"2024-{1 + n % 12:02}-{1 + n % 28:02}",
        f"{100 + n * 7 % 90}.50",
        ("Rossi", "Meyer", "Novak")[n % 3],
    )
    for n in range(60)
]


def written(tmp_path, text, name="t.csv", encoding="utf-8"):
    path = tmp_path / name
    path.write_bytes(text.encode(encoding))
    return open_table(path)


def joined(mark, rows=ROWS, names=NAMES):
    return "\n".join(mark.join(row) for row in (names, *rows)) + "\n"


@pytest.mark.parametrize("mark", [",", ";", "\t", "|", "^", "~", "¦", "\x1f"])
def test_every_delimiter_is_found(tmp_path, mark):
    table = written(tmp_path, joined(mark))
    assert table.columns == NAMES
    assert table.rows == len(ROWS)
    assert not table.reading.doubts


@pytest.mark.parametrize("before", [
    "Extract of 2025-01-06\n", "Report: invoices\nprinted by: Ann\n\n", "# made by a job\n# do not edit\n", "sep=;\n", '"sep=;"\n',
])  # fmt: skip
def test_what_stands_before_the_header_is_skipped_and_named(tmp_path, before):
    table = written(tmp_path, before + joined(";"))
    assert table.columns == NAMES
    assert table.rows == len(ROWS)
    assert table.frame.iloc[0].tolist() == list(ROWS[0])
    lines = [line for line in before.splitlines() if line and "sep=" not in line]
    assert list(table.reading.beside) == lines
    assert ("before the header skipped" in table.reading.sentence) is bool(lines)


def test_a_check_runs_over_the_file_below_its_preamble(tmp_path, monkeypatch):
    import duckdb

    rows = [*ROWS[:30], ("INV-30", "n/a", "5.00", "Rossi"), *ROWS[31:]]
    (tmp_path / "t.csv").write_text("Extract of May\n\n" + joined(";", rows))
    monkeypatch.chdir(tmp_path)
    found = next(f for f in profile("t.csv").findings if f.column == "Date")
    assert [row[0] for row in duckdb.sql(found.check_sql).fetchall()] == [30]


def test_a_list_drawn_with_rules_is_read(tmp_path):
    rule = "-" * 40
    lines = [rule, "|" + "|".join(NAMES) + "|", rule, *("|" + "|".join(row) + "|" for row in ROWS), rule]
    table = written(tmp_path, "\n".join(lines) + "\n")
    assert table.columns == NAMES
    assert table.frame.iloc[-1].tolist() == list(ROWS[-1])


def test_fields_of_fixed_width_are_found(tmp_path):
    text = "\n".join("".join(field.ljust(13) for field in row) for row in (NAMES, *ROWS))
    table = written(tmp_path, text + "\n", "t.txt")
    assert table.columns == NAMES
    assert table.frame.iloc[3].tolist() == list(ROWS[3])


def test_a_line_that_describes_the_columns_and_a_legend_below_are_no_rows(tmp_path):
    body = "".join(f"2024{1 + n % 12:02}{1 + n % 28:02};0,1{n % 9}58;3,9{n % 7}79;{n};\n" for n in range(40))
    text = f"data;1THB;1USD;nr;\n;bat (Tajlandia);dolar amerykański;;\n{body};;;;\nkod ISO;THB;USD;;\nnazwa;bat;dolar;;\n"
    table = written(tmp_path, text, encoding="iso8859-2")
    assert table.columns[:4] == ("data", "1THB", "1USD", "nr")
    assert table.rows == 40
    assert table.reading.footer == 3


@pytest.mark.parametrize("label", ["Total", "Gesamt", "Summe", "Total général", "合计"])
def test_a_row_of_totals_is_left_out_and_named(tmp_path, label):
    table = written(tmp_path, joined(",") + f"{label},,8000.00,\n")
    assert table.rows == len(ROWS)
    assert table.reading.beside[-1].startswith(label)


def test_a_last_row_that_was_cut_off_is_a_row(tmp_path):
    rows = [(str(n), f"name {n}", "x", "y") for n in range(50)]
    assert written(tmp_path, joined(",", [*rows, ("50", "", "", "")])).rows == 51


def test_a_header_and_values_that_are_all_words_keep_the_header(tmp_path):
    names = ("城市", "省份", "区域", "类型", "等级")
    rows = [
        ("北京", "直辖市", "华北", "大", "一"),
        ("上海", "直辖市", "华东", "大", "一"),
        ("杭州", "浙江", "华东", "中", "二"),
    ] * 10
    assert written(tmp_path, joined(",", rows, names)).columns == names


def test_rows_without_a_header_stay_rows(tmp_path):
    table = written(tmp_path, "\n".join(",".join(row) for row in ROWS) + "\n")
    assert table.rows == len(ROWS)
    assert not table.reading.header


@pytest.mark.parametrize("text", [
    "a,b,c\n" + "".join(f"{n},x,{n}\n" if n % 20 else f"{n},x,y,{n}\n" for n in range(200)),
    "a:b:c\n" + "".join(f"{n}:x:{n}\n" for n in range(200)),
])  # fmt: skip
def test_what_may_be_badly_read_is_the_only_finding(tmp_path, text):
    (tmp_path / "t.csv").write_text(text)
    found = profile(tmp_path / "t.csv").findings
    assert [(f.check, f.severity) for f in found] == [("reading", "high")]


def test_headers_of_several_rows_and_labels_merged_down_in_a_sheet(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    top = [
        ["Tracking 2022"],
        [],
        ["Country", "Area", "Current", None, "Projection"],
        [None, None, "#", "%", "#"],
    ]
    for row in (
        *top,
        *(
            [f"Country {n // 5}" if n % 5 == 0 else None, f"Area {n}", 100 + n, n / 100, 200 + n]
            for n in range(40)
        ),
        ["Total", None, 4780, None, 8780],
    ):
        sheet.append(row)
    for start in range(5, 45, 5):
        sheet.merge_cells(start_row=start, end_row=start + 4, start_column=1, end_column=1)
    sheet.merge_cells("C3:D3")
    book.save(tmp_path / "t.xlsx")
    table = open_table(tmp_path / "t.xlsx")
    assert table.columns == ("Country", "Area", "Current #", "Current %", "Projection #")
    assert table.rows == 40
    assert table.frame["Country"].tolist() == [f"Country {n // 5}" for n in range(40)]
    assert table.reading.beside == ("Tracking 2022", "Total | 4780 | 8780")


def _json(tmp_path, document, part=""):
    (tmp_path / "t.json").write_text(json.dumps(document))
    return open_table(f"{tmp_path / 't.json'}{part}")


PEOPLE = [
    {
        "id": n,
        "address": {"city": "Bonn", "geo": {"lat": n / 7}},
        "items": [{"sku": "a", "qty": n}, {"sku": "b", "qty": 1}],
    }
    for n in range(5)
]


def test_nested_objects_are_columns_and_a_list_of_objects_is_a_table(tmp_path):
    table = _json(tmp_path, PEOPLE)
    assert table.columns == ("id", "address.city", "address.geo.lat", "items")
    items = _json(tmp_path, PEOPLE, "#items")
    assert items.columns == ("id of the record", "sku", "qty")
    assert items.rows == 10


@pytest.mark.parametrize("document", [
    {f"k{n}": {"a": n, "b": "x"} for n in range(300)}, [["a", "b"], *([n, "x"] for n in range(300))],
    {"a": list(range(300)), "b": ["x"] * 300}, {"status": "ok", "rows": [{"a": n, "b": "x"} for n in range(300)]},
])  # fmt: skip
def test_every_way_to_write_a_table_as_json(tmp_path, document):
    table = _json(tmp_path, document)
    assert table.columns[-2:] == ("a", "b")
    assert table.rows == 300


def test_of_several_tables_in_an_object_one_must_be_named(tmp_path):
    document = {"orders": [{"no": 1}], "customers": [{"name": "x"}]}
    assert _json(tmp_path, document, "#customers").columns == ("name",)
    with pytest.raises(UnreadableTable, match="orders, customers"):
        _json(tmp_path, document)


def test_days_name_the_columns_of_counts(tmp_path):
    path = tmp_path / "cases.csv"
    days = [f"1/{n}/2020" for n in range(22, 32)]
    rows = [
        ["Region", "Lat", *days],
        *([f"R{n}", str(n % 60), *map(str, range(n, n + 10))] for n in range(40)),
    ]
    path.write_text("\n".join(map(",".join, rows)) + "\n")
    table = open_table(path)
    assert table.columns == ("Region", "Lat", *days)
    assert table.rows == 40


def test_days_above_days_are_a_row(tmp_path):
    path = tmp_path / "days.csv"
    path.write_text("\n".join(f"{n % 12 + 1}/{n % 28 + 1}/2020,{n},{n * 3}" for n in range(40)) + "\n")
    assert open_table(path).rows == 40


def test_a_title_above_does_not_hide_the_remarks_below(tmp_path):
    path = tmp_path / "grants.csv"
    lines = [
        ",,,",
        "Students by state,,,",
        "State,Code,Men,Women",
        *(f"State {n},S{n},{n},{n + 3}" for n in range(45)),
    ]
    path.write_text(
        "\n".join([*lines, '"Note: one student may study in two states, so",,,', "the total is no sum.,,,"])
        + "\n"
    )
    table = open_table(path)
    assert table.rows == 45
    assert table.columns == ("State", "Code", "Men", "Women")


@pytest.mark.parametrize("row", [TOP - 1, TOP])
def test_a_header_stated_in_the_last_row_that_is_looked_at(tmp_path, row):
    book = openpyxl.Workbook()
    for n in range(1, row):
        book.active.append([f"remark {n}", "x"])
    book.active.append(["city", "price"])
    for n in range(20):
        book.active.append([f"C{n}", n])
    book.save(tmp_path / "deep.xlsx")
    table = open_table(tmp_path / "deep.xlsx", header_row=row)
    assert table.columns == ("city", "price")
    assert table.rows == 20
