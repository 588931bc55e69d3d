"""What the ledger does not name is right: else a detector's true find would count as a false alarm."""

from __future__ import annotations

import phonenumbers
import pytest
from stdnum import ean, iban
from stdnum.eu import vat
from stdnum.gb import vat as british

CUSTOMER_MAILS = [
    ("crm_customers.csv", "email"), ("billing_customers.csv", "email"), ("shop_orders.csv", "email"),
    ("support_tickets.csv", "requester_email"),
]  # fmt: skip


@pytest.mark.parametrize(("table", "column"), CUSTOMER_MAILS)
def test_mail_addresses_are_valid_and_reserved(untouched, table, column):
    mails = untouched(table, column)[column].str.lower()
    assert mails.str.fullmatch(r"[a-z0-9._-]+@([a-z0-9-]+\.example|example\.(com|net|org))").all()


def test_ibans_are_valid(untouched):
    assert untouched("billing_customers.csv", "iban").iban.map(iban.is_valid).all()


@pytest.mark.parametrize(
    ("table", "column"), [("crm_customers.csv", "vat_id"), ("billing_customers.csv", "vat_no")]
)
def test_vat_numbers_are_valid(untouched, table, column):
    numbers = untouched(table, column)[column]
    for number in numbers[numbers != ""].unique():
        assert british.is_valid(number) if number.startswith("GB") else vat.is_valid(number), number


@pytest.mark.parametrize("table", ["warehouse_stock.csv", "erp_products.csv", "shop_products.csv"])
def test_eans_are_valid(untouched, table):
    assert untouched(table, "ean").ean.map(ean.is_valid).all()


def test_phone_numbers_are_valid_and_fictional(untouched):
    numbers = untouched("crm_customers.csv", "phone").phone.unique()
    fiction = ("+493023125", "+496990009", "+494066969", "+492214710", "+498999998", "+33199", "+33261", "+33353",
               "+33465", "+33536", "+442079460", "+468465004")  # fmt: skip
    for number in numbers:
        assert phonenumbers.is_valid_number(phonenumbers.parse(number)), number
        assert number.replace(" ", "").startswith(fiction), number


@pytest.mark.parametrize(
    ("table", "key"),
    [
        ("crm_customers.csv", "customer_no"), ("billing_customers.csv", "account_no"), ("shop_orders.csv", "order_no"),
        ("warehouse_orders.csv", "order_ref"), ("billing_invoices.csv", "invoice_no"), ("erp_invoices.csv", "document_no"),
        ("support_tickets.csv", "ticket_no"), ("crm_opportunities.csv", "opportunity_no"), ("erp_products.csv", "sku"),
    ],
)  # fmt: skip
def test_keys_are_unique_but_for_planted_copies(untouched, table, key):
    assert untouched(table, key, copies=False)[key].is_unique


@pytest.mark.parametrize(
    ("table", "code", "city", "country"),
    [
        ("crm_customers.csv", "postcode", "city", "country"), ("billing_customers.csv", "zip", "town", "country"),
        ("shop_orders.csv", "ship_postcode", "ship_city", "ship_country"),
    ],
)  # fmt: skip
def test_a_postcode_belongs_to_one_city_and_country(untouched, table, code, city, country):
    rows = untouched(table, code, city, country)
    assert (rows.groupby(code)[[city, country]].nunique() == 1).all(axis=None)


@pytest.mark.parametrize(
    ("table", "column", "pattern"),
    [
        ("crm_customers.csv", "created_at", r"20\d\d-\d\d-\d\d"),
        ("crm_customers.csv", "updated_at", r"202\d-\d\d-\d\d"),
        ("crm_customers.csv", "country", "DE|FR|GB|SE"),
        ("crm_customers.csv", "status", "active|prospect|dormant|lost"),
        ("crm_customers.csv", "credit_limit", r"\d{3,5}\.00"),
        ("billing_customers.csv", "created", r"\d\d\.\d\d\.202\d"),
        ("billing_customers.csv", "country", "Germany|France|United Kingdom|Sweden"),
        ("billing_customers.csv", "account_no", r"\d{8}"),
        ("billing_customers.csv", "open_balance_cents", r"\d+"),
        ("billing_customers.csv", "payment_terms", "14|30|60"),
        ("billing_invoices.csv", "invoice_date", r"\d\d\.\d\d\.202\d"),
        ("billing_invoices.csv", "status", "O|P"),
        ("billing_invoices.csv", "currency", "EUR"),
        ("shop_orders.csv", "ordered_at", r"202\d-\d\d-\d\d \d\d:\d\d:\d\d"),
        ("shop_orders.csv", "sku", r"\d{6}"),
        ("shop_orders.csv", "status", "paid|shipped|delivered|cancelled|returned"),
        ("shop_orders.csv", "quantity", r"[1-9]\d{0,2}"),
        ("warehouse_orders.csv", "country", "DEU|FRA|GBR|SWE"),
        ("warehouse_orders.csv", "status", "10|30|40|50|90"),
        ("warehouse_orders.csv", "weight_kg", r"\d+\.\d{3}"),
        ("erp_invoices.csv", "posting_date", r"2026\d{4}"),
        ("support_tickets.csv", "priority", "low|normal|high|urgent"),
        ("warehouse_stock.csv", "bin", r"[A-H]-\d\d-\d"),
    ],
)
def test_untouched_values_have_the_columns_form(untouched, table, column, pattern):
    values = untouched(table, column)[column]
    assert values.str.fullmatch(pattern).all(), values[~values.str.fullmatch(pattern)].head()


@pytest.mark.parametrize(
    ("table", "parts", "total"),
    [
        ("shop_orders.csv", ["net_amount", "vat_amount"], "gross_amount"),
        ("billing_invoices.csv", ["net_cents", "vat_cents"], "gross_cents"),
    ],
)
def test_untouched_sums_add_up(untouched, table, parts, total):
    rows = untouched(table, *parts, total)[[*parts, total]].astype(float)
    assert (abs(rows[parts].sum(axis=1) - rows[total]) < 0.005).all()


def test_stock_adds_up(untouched):
    rows = untouched("warehouse_stock.csv", "on_hand", "available")[
        ["on_hand", "reserved", "available"]
    ].astype(int)
    assert (rows.on_hand - rows.reserved == rows.available).all()


@pytest.mark.parametrize(
    ("table", "first", "then"),
    [
        ("crm_customers.csv", "created_at", "updated_at"), ("crm_opportunities.csv", "created_at", "closed_at"),
        ("support_tickets.csv", "opened_at", "closed_at"), ("warehouse_orders.csv", "received_at", "picked_at"),
        ("warehouse_orders.csv", "picked_at", "shipped_at"), ("warehouse_orders.csv", "shipped_at", "delivered_at"),
    ],
)  # fmt: skip
def test_untouched_moments_are_in_order(untouched, table, first, then):
    rows = untouched(table, first, then)
    rows = rows[(rows[first] != "") & (rows[then] != "")]
    assert (rows[first] <= rows[then]).all()


@pytest.mark.parametrize(
    ("table", "column", "home", "key"),
    [
        ("crm_opportunities.csv", "customer_no", "crm_customers.csv", "customer_no"),
        ("shop_orders.csv", "customer_no", "crm_customers.csv", "customer_no"),
        ("billing_invoices.csv", "order_ref", "shop_orders.csv", "order_no"),
        ("warehouse_orders.csv", "order_ref", "shop_orders.csv", "order_no"),
        ("erp_invoices.csv", "debtor", "billing_customers.csv", "account_no"),
    ],
)
def test_untouched_references_exist(tables, untouched, planted, table, column, home, key):
    homes = set(tables[home][key]) | {value.zfill(8) for value in tables[home][key]}
    assert set(untouched(table, column)[column]) <= homes


def test_net_and_gross_prices_differ_by_the_vat(untouched):
    erp = untouched("erp_products.csv", "net_price", copies=False).set_index("sku").net_price.astype(float)
    shop = untouched("shop_products.csv", "price", "sku").set_index("sku").price.astype(float)
    both = erp.to_frame().join(shop, how="inner")
    assert len(both) > 500
    assert (abs(both.price / both.net_price - 1.19) < 0.003).all()
