"""What the ledger says was planted is there."""

from __future__ import annotations

import datetime as dt

import pytest
from stdnum import ean, iban
from stdnum.eu import vat

KINDS_BETWEEN = {
    "no-common-key", "vocabulary-conflict", "date-format-conflict", "structure-conflict", "length", "scale",
    "time-zone", "net-gross", "unit", "precision",
}  # fmt: skip


def cells(ledger, tables, kind):
    """(table, row, column, value) of every cell of a kind."""
    found = [
        (line.table, int(line.row), line.column, tables[line.table].at[int(line.row), line.column])
        for line in ledger[(ledger.kind == kind) & (ledger.row != "") & (ledger.column != "")].itertuples()
        if line.table in tables
    ]
    assert found
    return found


def test_every_line_points_into_a_table(ledger, tables):
    for line in ledger[ledger.system != "operations"].itertuples():
        table = tables[line.table]
        assert line.system == line.table.split("_")[0]
        assert not line.row or 0 <= int(line.row) < len(table)
        assert not line.column or line.column in table.columns


def test_only_conflicts_of_definition_have_no_row(ledger):
    assert set(ledger[ledger.row == ""].kind) == KINDS_BETWEEN


def test_no_cell_holds_two_defects(ledger):
    single = ledger[(ledger.row != "") & (ledger.column != "")]
    assert not single.duplicated(["table", "row", "column"]).any()


def test_defects_are_a_few_percent_of_the_rows(ledger, tables):
    for name, table in tables.items():
        touched = ledger[(ledger.table == name) & (ledger.row != "")].row.nunique()
        assert 0.01 <= touched / len(table) <= 0.20, (name, touched / len(table))


def test_missing_is_empty(ledger, tables):
    assert {value for *_, value in cells(ledger, tables, "missing")} == {""}


def test_disguised_missing_is_not_empty(ledger, tables):
    assert all(value for *_, value in cells(ledger, tables, "disguised-missing"))


@pytest.mark.parametrize(
    ("kind", "valid"),
    [("invalid-iban", iban.is_valid), ("invalid-vat", vat.is_valid), ("invalid-ean", ean.is_valid)],
)
def test_broken_check_digits_are_broken(ledger, tables, kind, valid):
    if kind == "invalid-vat":  # British numbers left the EU
        broken = [value for *_, value in cells(ledger, tables, kind) if not value.startswith("GB")]
    else:
        broken = [value for *_, value in cells(ledger, tables, kind)]
    assert broken
    assert not [value for value in broken if valid(value)]


def test_exact_duplicates_have_a_twin(ledger, tables):
    for name, table in tables.items():
        rows = ledger[(ledger.table == name) & (ledger.kind == "duplicate-exact")].row.astype(int)
        assert table.duplicated(keep="first")[rows].all()


def test_orphans_point_nowhere(ledger, tables):
    keys = {
        ("crm_opportunities.csv", "customer_no"): ("crm_customers.csv", "customer_no"),
        ("shop_orders.csv", "customer_no"): ("crm_customers.csv", "customer_no"),
        ("billing_invoices.csv", "account_no"): ("billing_customers.csv", "account_no"),
        ("billing_invoices.csv", "order_ref"): ("shop_orders.csv", "order_no"),
        ("warehouse_orders.csv", "order_ref"): ("shop_orders.csv", "order_no"),
        ("erp_invoices.csv", "invoice_no"): ("billing_invoices.csv", "invoice_no"),
        ("support_tickets.csv", "customer_no"): ("crm_customers.csv", "customer_no"),
        ("support_tickets.csv", "order_no"): ("shop_orders.csv", "order_no"),
    }
    seen = set()
    for table, _, column, value in cells(ledger, tables, "orphan"):
        home, key = keys[table, column]
        assert value not in set(tables[home][key]), (table, column, value)
        seen.add((table, column))
    assert seen == set(keys)


def test_mojibake_can_be_undone(ledger, tables):
    for *_, value in cells(ledger, tables, "mojibake"):
        assert "Ã" in value or "â" in value, value


def test_lost_zeros_were_zeros(ledger, tables):
    assert not [value for *_, value in cells(ledger, tables, "leading-zero-lost") if value.startswith("0")]


def test_orders_on_one_side_only_are_missing_in_the_warehouse(ledger, tables):
    rows = ledger[(ledger.table == "shop_orders.csv") & (ledger.kind == "one-side-only")].row.astype(int)
    orders = set(tables["shop_orders.csv"].order_no[rows])
    assert len(orders) == 45
    assert not orders & set(tables["warehouse_orders.csv"].order_ref)


def test_time_zone_conflict_is_one_or_two_hours(tables):
    shop = tables["shop_orders.csv"].drop_duplicates("order_no").set_index("order_no").ordered_at
    warehouse = tables["warehouse_orders.csv"].drop_duplicates("order_ref").set_index("order_ref").received_at
    both = shop.to_frame().join(warehouse, how="inner")
    iso = both[both.ordered_at.str.match(r"\d{4}-")]
    hours = {
        (dt.datetime.fromisoformat(a) - dt.datetime.fromisoformat(b).replace(tzinfo=None)).total_seconds()
        / 3600
        for a, b in iso.itertuples(index=False)
    }
    assert hours == {1.0, 2.0}
