"""A text of another kind than all others of its column, and words one slip from one that a language has."""

from __future__ import annotations

import pandas as pd
import pytest
from evidence.quality.test_quiet_on_clean_tables import STATES

from assess.evidence.quality import profile
from assess.evidence.quality.checks.cells.dictionary import slip_probability
from assess.evidence.quality.checks.detection import detect
from assess.evidence.quality.table import open_table

DAYS = [f"2013-01-{d:02d}T{h:02d}:00:00Z" for d in range(1, 20) for h in (3, 9, 15)]
NAMES = [
    f"{a} {b}"
    for a in ["Anna", "Ben", "Carla", "David", "Eva", "Felix", "Greta", "Hans"]
    for b in ["Adler", "Beck", "Christ", "Dorn", "Ernst", "Frei", "Graf"]
]
MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
PROFESSIONS = [
    "delivery driver", "sales manager", "office manager", "account manager", "nurse", "teacher", "police officer", "truck driver",
    "software engineer", "customer service", "project manager", "store manager", "general manager", "assistant manager",
    "operations manager", "mechanic", "electrician", "branch manager", "regional director", "support engineer",
]  # fmt: skip


def told(values: list[str]) -> dict[str, str]:
    """Check by the text of each cell that is told."""
    cells = profile(pd.DataFrame({"value": values}), clear=True).cells
    return {values[int(row)]: str(check) for row, check in zip(cells["row"], cells["check"], strict=True)}


@pytest.mark.parametrize(("values", "wrong"), [
    (DAYS, "Colombia"),
    ([f"{n % 700 + 100}/451-{n:04d}" for n in range(40)], "DeVille"),
    ([f"{n * 0.37:.3f}" for n in range(1, 60)], "marina del rey"),
    ([f"{n % 12 + 1}/{80 + n % 9}" for n in range(60)], "George Scott"),
    (STATES, "Sharon Cherop"),
    (NAMES, "19.23"),
], ids=["timestamps", "telephones", "numbers", "months of years", "codes", "names"])  # fmt: skip
def test_a_text_of_another_kind_is_told(values, wrong):
    assert told([*values, wrong]) == {wrong: "pattern"}


@pytest.mark.parametrize("values", [
    [f"{n} Main Street" for n in range(1, 40)] + ["The Old Mill"],
    ["Iron Man 2", "Toy Story 3", "Rocky"] + [f"Film {name}" for name in NAMES] + ["1917"],
    [f"{n}" for n in range(1, 60)] + ["12a"],
    [*STATES[:20], "PR", "DC", "USA"],
    [f"{n:03d}" for n in range(1, 30)] + ["A", "B", "C"],
], ids=["streets", "titles with numbers", "house numbers", "another list of codes", "several of the other kind"])  # fmt: skip
def test_what_a_column_holds_beside_its_usual_form_is_left_alone(values):
    assert told(values) == {}


def test_a_header_that_stands_again_among_the_rows_is_told_once():
    frame = pd.DataFrame(
        {
            "Invoice": [f"10{n:04d}" for n in range(200)],
            "Net": [f"{n * 1.37:.2f}" for n in range(1, 201)],
            "Kind": ["Spare part", "Service", "Licence", "Travel"] * 50,
        }
    )
    frame.loc[90] = frame.columns
    assert [f.check for f in profile(frame, clear=True).findings] == ["repeated header"]


def test_a_month_is_read_as_one_and_what_is_none_is_told():
    table = profile(pd.DataFrame({"value": [*MONTHS, *MONTHS[::2], "Illinois"]}), clear=True)
    assert table.column("value").semantic == "month"
    assert [int(row) for row in table.cells["row"]] == [18]


def test_slips_of_words_that_a_language_has_are_told_with_the_word_that_was_meant():
    """Three job titles of a published table of loans, as they stand there."""
    values = [*PROFESSIONS, "sr direct supoort professional", "composite tehnician", "driver/crane opeator"]
    assert told(values) == dict.fromkeys(values[-3:], "spelling")
    found = next(i for i in detect(open_table(pd.DataFrame({"value": values}))) if i.check == "spelling")
    assert list(found.repairs) == [
        "sr direct support professional",
        "composite technician",
        "driver/crane operator",
    ]


@pytest.mark.parametrize("values", [
    [*PROFESSIONS, "driver at Toyouta", "loader at Toyouta"],
    ["Zanele", "Thabiso", "Nokuthula", "Siyabonga", "Lwandle", "Mpumelelo", "Ntombi", "Sizwe", "Bhekani", "Jabulile", "Dudzai", "Tafadzwa", "Rufaro"],
    [*PROFESSIONS, "iPhone specialist", "PTool programmer", "XMill operator"],
], ids=["a word of the column's own", "names of another language", "coined words"])  # fmt: skip
def test_words_that_are_no_slips_are_left_alone(values):
    assert told(values) == {}


def test_many_coined_words_make_a_slip_unlikely():
    """By Bayes: where nearly all unknown words are coined, one beside a common word is one by chance."""
    few, many = slip_probability([7], 1)[7], slip_probability([7], 60)[7]
    assert few > 0.9 > 0.2 > many
    assert slip_probability([6, 12], 2)[12] > slip_probability([6, 12], 2)[6]
