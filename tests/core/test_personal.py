"""Codes are shown, people are masked: which column is which, and what of it may stand in clear."""

import numpy as np
import pandas as pd
import pytest

from assess.core.personal import LEAST, MOST, find_codes, is_personal, mask, show_example
from assess.evidence.quality import profile
from assess.evidence.quality.column.texts import mask_all

PERSONS = [
    "name", "Vorname", "NACHNAME", "lastName", "customer_name", "nom", "prénom", "nombre", "apellidos", "cognome", "imię", "soyad",
    "Фамилия", "姓名", "e-mail", "E-Mail-Adresse", "phone_number", "Telefon", "mobile", "street", "Straße", "Hausnummer", "PLZ",
    "postal_code", "zip", "zip_code", "city", "Wohnort", "address_line_1", "birth_date", "dateOfBirth", "DOB", "Geburtsdatum", "date de naissance",
    "age", "Alter", "gender", "Geschlecht", "salary", "Gehalt", "IBAN", "Kontonummer", "ip_address", "passport_no", "SSN",
    "tax id", "Steuer-ID", "religion", "Ansprechpartner", "assignee", "owner", "user", "comment", "Bemerkung", "password", "api_key", "apiToken",
]  # fmt: skip
OTHERS = [
    "country", "Land", "status", "customer_type", "Kundengruppe", "contact_status", "address_type", "address_country", "user_role", "owner_type",
    "product_name", "country_name", "status_name", "file name", "currency", "unit", "quantity", "net_amount", "page", "message_type", "priority",
    "category", "warehouse_name", "stage", "language", "tipo de usuario", "weight", "order_date", "",
]  # fmt: skip


@pytest.mark.parametrize("name", PERSONS)
def test_a_header_tells_of_persons(name):
    assert is_personal(name) and not find_codes(name, ["aa", "bb"], [500, 500])


@pytest.mark.parametrize("name", OTHERS)
def test_a_header_tells_of_nobody(name):
    assert not is_personal(name) and find_codes(name, ["aa", "bb"], [500, 500]) == {"aa", "bb"}


@pytest.mark.parametrize("values", [
    ["Anna Schmidt", "Schmidt, Peter", "Petra Weber"], ["erika@web.example", "max@web.example"], ["+49 30 123456", "+1 212 5551234"],
    ["Hauptstraße 5", "Am Weg 12"], ["12 Baker Street", "7 Rue Cler"], ["DE89370400440532013000", "FR1420041010050500013M02606"],
    ["Mr Wolke", "Frau Stein", "Dr. Berg"], ["anna", "peter", "x17"],
])  # fmt: skip
def test_what_a_column_holds_tells_of_persons_where_its_header_says_nothing(values):
    assert is_personal("col_7", values=values)
    assert not find_codes("col_7", values, [100] * len(values))


@pytest.mark.parametrize("values", [
    ["DE", "AT", "CH"], ["Germany", "France", "Jordan", "Chad", "Georgia"], ["shipped", "On Hold", "Closed Won", "In Progress"],
    ["EUR", "USD"], ["kg", "Stk.", "m²"], ["rot", "schwarz", "blau", "braun"], ["S", "M", "XL"], ["10", "20", "30"], ["MIA", "ANA", "LHR"],
    ["Jan", "Feb", "May", "June"], ["North America", "South America"], ["net 30", "prepaid"], ["Mark", "Pfund"],
])  # fmt: skip
def test_codes_are_shown(values):
    assert find_codes("col_7", values, [100] * len(values)) == set(values)


def test_a_code_stands_in_five_records():
    """The threshold below which statistical offices suppress a cell: four records are too few, five are enough."""
    assert LEAST == 5
    assert find_codes("country", ["DE", "AT", "CH"], [500, 5, 4]) == {"DE", "AT"}


def test_a_rare_value_stays_masked_beside_the_code_it_is_repaired_to():
    codes = find_codes("country", ["Germany", "Gernany", "Peter Wolke"], [500, 1, 1])
    assert [show_example(v, codes) for v in ("Gernany", "Germany", "Peter Wolke")] == [
        "«Aaaaaaa»",
        "«Germany»",
        "«Aaaaa Aaaaa»",
    ]


def test_a_register_is_no_category():
    many = [f"w{i}" for i in range(MOST + 1)]
    assert not find_codes("product", many, [10] * len(many))
    assert not find_codes("product", ["a", "b"], [10, 10], rare=6)  # 20 of 26 records: fewer than 80 %
    assert find_codes("product", ["a", "b"], [10, 10], rare=5) == {"a", "b"}


def test_a_secret_and_prose_and_a_name_among_codes_stay_masked():
    values = [
        "open",
        "closed",
        "ghp_abcdefghijklmnopqrstuvwxyz012345",
        "x" * 41,
        "Erika Mustermann",
        "a\u202eb",
        "on\nhold",
    ]
    assert find_codes("stage", [*values, *"cdefgh"], [50] * 13) == {"open", "closed", *"cdefgh"}


def test_a_mask_of_one_text_is_the_mask_of_many():
    texts = np.array(["Köln 50667, DE-NW", "日本 ٣", "ǅ ß Ⅷ", "", "a\u0301B_9"], object)
    assert mask_all(texts).to_pylist() == [mask(text) for text in texts]


def test_no_summary_of_a_person_is_in_a_profile_and_that_of_a_thing_is():
    n = 400
    table = pd.DataFrame({
        "birth_date": [f"{1940 + i % 60}-03-{1 + i % 28:02d}" for i in range(n)], "d1": [f"{1940 + i % 60}-04-{1 + i % 28:02d}" for i in range(n)],
        "salary": [str(30_000 + 37 * i) for i in range(n)], "no": [str(10_000 + i) for i in range(n)],
        "order_date": [f"2024-{1 + i % 12:02d}-{1 + i % 28:02d}" for i in range(n)], "amount": [f"{(i * 7) % 50}.5" for i in range(n)],
        "password": [f"Geheim{i}" for i in range(n)],
    })  # fmt: skip
    facts = {f.name: f for f in profile(table).facts}
    for name in ("birth_date", "d1", "salary", "no"):
        assert (facts[name].minimum, facts[name].maximum, facts[name].quantiles) == (None, None, ()), name
        assert facts[name].personal
    assert (facts["order_date"].minimum, facts["order_date"].maximum) == ("2024-01-01", "2024-12-28")
    assert (facts["amount"].minimum, facts["amount"].maximum) == ("0.5", "49.5") and len(
        facts["amount"].quantiles
    ) == 7
    assert facts["password"].longest is None and facts["password"].top_masks == ()
    clear = {f.name: f for f in profile(table, clear=True).facts}
    assert (clear["birth_date"].minimum, clear["salary"].maximum) == ("1940-03-01", "44763")
