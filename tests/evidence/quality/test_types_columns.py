"""Types of columns, against published numbers, codes and calendars."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import stdnum.ean
import stdnum.iban
import stdnum.isbn
import stdnum.isin
import stdnum.issn
import stdnum.lei
import stdnum.luhn
from hypothesis import given
from hypothesis import strategies as st

from assess.core.personal import mask, mask_runs
from assess.evidence.quality import types
from assess.evidence.quality.column.masks import mask_all, shape_all
from assess.evidence.quality.table import open_table
from assess.evidence.quality.types import checksums, dates, missing, numbers, vocabularies


def kind(values):
    return types.of(open_table(pd.DataFrame({"c": values})).column("c"))


@pytest.mark.parametrize(
    "rule, theirs, texts",
    [
        (checksums.luhn, stdnum.luhn, st.from_regex(r"\A[0-9]{12,19}\Z")),
        (checksums.ean, stdnum.ean, st.from_regex(r"\A(?:[0-9]{8}|[0-9]{13})\Z")),
        (checksums.issn, stdnum.issn, st.from_regex(r"\A[0-9]{7}[0-9X]\Z")),
        (checksums.isbn10, stdnum.isbn, st.from_regex(r"\A[0-9]{9}[0-9X]\Z")),
    ],
)
def test_check_digits_agree_with_stdnum(rule, theirs, texts):
    @given(st.lists(texts, min_size=1, max_size=20))
    def agree(values):
        ascii_only = [v for v in values if v.isascii()]
        if ascii_only:
            ours = rule(pa.array(ascii_only, pa.large_string())).tolist()
            assert ours == [theirs.is_valid(v) for v in ascii_only]

    agree()


def test_ibans_of_the_registry():
    # examples of the SWIFT IBAN registry
    good = [
        "GB29NWBK60161331926819",
        "DE89370400440532013000",
        "FR1420041010050500013M02606",
        "NO9386011117947",
    ]
    bad = [text[:-1] + ("0" if text[-1] != "0" else "1") for text in good]
    assert checksums.iban(pa.array(good + bad)).tolist() == [True] * 4 + [False] * 4
    assert all(map(stdnum.iban.is_valid, good))


@pytest.mark.parametrize(
    "values, semantic",
    [
        (["a@b.org", "x.y@z.com", "q@r"], "e-mail"),
        (["https://a.org/x", "http://b.com", "www.c.net/?q"], "url"),
        (["DE", "AT", "FR", "CH", "XX"], "country code"),
        (["Germany", "Österreich", "France"], "country"),
        (["EUR", "USD", "CHF"], "currency code"),
        (["Y", "N", "Y"], "yes or no"),
        (["+49 30 123456", "0049 89 123456", "+43 1 58858"], "phone"),
        (["2024-01-31", "31.12.2023", "n/a"], "date"),
        (["2024-01-31T10:00:00Z", "2024-02-01T11:30:00Z"], "timestamp"),
        (["10:15", "9:05 p.m.", "23:59"], "time"),
        (["00123", "04711", "99999"], "code"),
        (["1", "2.5", "-3"], "quantity"),
        (["12 oz", "16 oz", "8.5 oz"], "quantity with unit"),
        (["4006381333931", "5901234123457"], "ean"),
        (["978-3-16-148410-0", "0-306-40615-2"], "isbn"),
        (["", None, "-"], ""),
    ],
)
def test_meaning_of_a_column(values, semantic):
    assert kind(values).semantic == semantic


def test_conformity_counts_rows():
    found = kind(["a@b.org"] * 8 + ["c@d.org", "a.b@"])
    assert found.semantic == "e-mail"
    assert found.conformity == pytest.approx(0.9)


@pytest.mark.parametrize(
    "text, day",
    [("2024-02-29", True), ("2023-02-29", False), ("1900-02-29", False), ("2000-02-29", True), ("2024-13-01", False),
     ("31.04.2024", False), ("30 April 2024", True), ("Feb 30, 2024", False), ("20240229", True)],
)  # fmt: skip
def test_the_day_exists(text, day):
    read = dates.read(np.array([text], object))
    assert read.found[0] or text == "20240230"
    assert bool(read.valid[0]) is day


def test_order_of_day_and_month_is_told_by_dates_written_alike():
    both = dates.read(np.array(["31/12/2023", "12/31/2023", "01/02/2024"], object))
    assert both.ambiguous.tolist() == [False, False, True]
    one = dates.read(np.array(["31/12/2023", "01/02/2024"], object))
    assert not one.ambiguous.any()
    assert one.instants[1] == np.datetime64("2024-02-01")
    none = dates.read(np.array(["01/02/2024", "03/04/2024"], object))
    assert none.ambiguous.all()


@given(st.dates())
def test_iso_dates_are_read_as_they_are(day):
    read = dates.read(np.array([day.isoformat()], object))
    assert read.instants[0] == np.datetime64(day)


@given(st.floats(allow_nan=False, allow_infinity=False, width=32))
def test_numbers_are_worth_what_python_says(number):
    read = numbers.read(np.array([repr(number)], object))
    assert read.worth[0] == number


@pytest.mark.parametrize(
    "text, worth, unit",
    [("1,234.5", 1234.5, ""), ("1.234,5", 1234.5, ""), ("1 234,5", 1234.5, ""), ("3,5", 3.5, ""), ("5 %", 5, "%"),
     ("€ 7", 7, "€"), ("12.0 oz", 12, "oz"), ("abc", None, ""), ("1-2", None, "")],
)  # fmt: skip
def test_how_numbers_are_written(text, worth, unit):
    read = numbers.read(np.array([text], object))
    assert (None if np.isnan(read.worth[0]) else read.worth[0]) == worth
    assert read.units[0] == unit


@given(st.lists(st.text(max_size=12), min_size=1, max_size=30))
def test_masks_of_many_are_the_masks_of_each(values):
    assert mask_all(np.array(values, object)).to_pylist() == [mask(v) for v in values]
    assert shape_all(np.array(values, object)).to_pylist() == [mask_runs(v) for v in values]


def test_disguises_are_found_but_not_values():
    values = np.array(["N/A", "-", " ? ", "0000-00-00", "Nancy", "0", "a-b", "", None], object)
    assert missing.disguises(values).tolist() == [True] * 4 + [False] * 5


def test_countries_by_code_and_name():
    assert vocabularies.country("Deutschland") == vocabularies.country("deu") == "DE"
    assert vocabularies.country("Côte d’Ivoire") == "CI"
    assert len(vocabularies.country_codes()) > 450
