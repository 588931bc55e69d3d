"""What is rare and right stays quiet: tables of kinds that published data has, built here, raise no alarm."""

from __future__ import annotations

import datetime as dt
import math
import random
import re

import duckdb
import numpy as np
import pandas as pd
import pytest
from babel import Locale
from evidence.quality.duckdb_engine import open_in_engine

from assess.evidence.quality import compare, profile
from assess.evidence.quality.checks.cells.dependencies import find_disorder
from assess.evidence.quality.checks.check import Suspicion
from assess.evidence.quality.checks.detection import drop_unproved_slips, gather_evidence
from assess.evidence.quality.column.reduction import open_views
from assess.evidence.quality.pricing import share_interval
from assess.evidence.quality.table import open_table
from assess.evidence.quality.types.vocabularies import country_codes

RANDOM = random.Random(7)
START = dt.date(2019, 1, 1)


def _alarms(frame, *facts):
    return [
        (f.severity, f.check, f.title)
        for f in profile(frame, clear=True).findings
        if f.check not in ("incomplete", *facts)
    ]


SYMBOLS = [
    "H",
    "He",
    "Li",
    "Be",
    "B",
    "C",
    "N",
    "O",
    "F",
    "Ne",
    "Na",
    "Mg",
    "Al",
    "Si",
    "P",
    "S",
    "Cl",
    "Ar",
    "K",
    "Ca",
    "Sc",
    "Ti",
    "V",
    "Cr",
    "Mn",
    "Fe",
    "Co",
    "Ni",
    "Cu",
    "Zn",
    "Nd",
    "Pm",
]
STATES = [
    "AL",
    "AK",
    "AZ",
    "AR",
    "CA",
    "CO",
    "CT",
    "DE",
    "FL",
    "GA",
    "HI",
    "ID",
    "IL",
    "IN",
    "IA",
    "KS",
    "KY",
    "LA",
    "ME",
    "MD",
    "MA",
    "MI",
    "MN",
    "MS",
    "MO",
    "MT",
    "NE",
    "NV",
    "NH",
    "NJ",
    "NM",
    "NY",
    "NC",
    "ND",
    "OH",
    "OK",
    "OR",
    "PA",
]
LANDS = ["Bosnia and Herzegovina", "Trinidad and Tobago", "Congo, Dem. Rep.", "Germany", "France", "Italy", "The Gambia", "Korea, Rep.",
         "Spain", "Faeroe Islands", "St. Lucia", "Poland", "Hong Kong, China", "Peru", "Chile", "Kenya"]  # fmt: skip


@pytest.mark.parametrize(("name", "values"), [
    ("symbol", SYMBOLS),  # sodium and neodymium
    ("state", STATES * 3),
    ("code", [f"{a}{b}{c}" for a in "ABDEFGHKL" for b in "AEIOU" for c in "BCDKLMN"]),
    ("country", LANDS * 2),
    ("withdrawn", ["DE", "FR", "IT", "AN", "SU", "UK", "ES", "PL", "AT", "US"] * 3),
    ("left to users", ["DE", "FR", "IT", "XK", "QO", "ZZ", "EU", "ES", "PL", "AT", "US"] * 3),
    ("quarter", [f"{3 * (q % 4) + 1:02}/01/{2000 + q // 4}" for q in range(60)]),
    ("short year", [(START + dt.timedelta(days=9 * n)).strftime("%d.%m.%y") for n in range(150)]),
    ("counter", [str(1000 + sum(range(n))) for n in range(80)]),
    ("children", [str(n) for n in [0] * 260 + [1] * 190 + [2] * 160 + [3] * 100 + [4] * 60 + [5] * 15 + [6, 7, 8]]),
    ("grade", ["I"] * 80 + ["II"] * 440 + ["III"] * 160),
    ("blood", ["A"] * 320 + ["O"] * 340 + ["B"] * 100 + ["AB"] * 41),
    ("answer", (["Yes", "No"] * 4 + ["Not Applicable"] * 5) * 2),
    ("month", [(dt.date(1967 + n // 12, 1 + n % 12, 1)).isoformat() for n in range(120)]),
    ("withdrawn alpha-3", ["DEU", "FRA", "ITA", "CSK", "YUG", "SCG", "ESP", "POL", "AUT", "USA"] * 3),
    ("typographic", ["Côte d’Ivoire", "Cote d'Ivoire", "Ghana", "Togo", "Benin", "Mali", "Niger", "Chad"] * 4),
    ("spent by few", ["0"] * 180 + [str(700 + 137 * n % 9000) for n in range(40)]),
    ("flag", ["0"] * 520 + ["1"] * 8),
    ("hardly ever", ["0"] * 1200 + ["1", "2", "4", "11", "26", "13"] * 2),
    ("two series", [str(70159000 + 3 * n) for n in range(900)] + [str(2220300 + 7 * n) for n in range(300)]),
    ("ordered", [str(n) for n in range(1, 60) for _ in range(round(3000 / n ** 2))]),
    ("uptake", [f"{7 + 0.37 * n:.1f}" for n in range(80)] + ["9.6", "13.3", "21.8"]),
    ("degrees", [str(n) for n in range(-3, 30) for _ in range(3 if n < 1 else 40)]),
    ("subject", [f"{n}" for n in range(100, 340)] + [f"{n}b" for n in range(100, 108)]),
    ("breach", ["Theft"] * 300 + ["Loss"] * 120 + ["Unknown"] * 150 + ["Hacking"] * 100),
    ("site", [f"http://www.{w}.com/{'a' * (n % 5)}/{n * 7919 % 997}.html?q={n % 3}" for n, w in enumerate(["art", "nyc", "pace"] * 30)]),
    ("booked", [f"{(-1 if n % 6 == 0 else 1) * math.exp(3 * math.sin(n * n) + 4):.2f}" for n in range(500)]),
    ("size", ["S", "M", "L"] * 900 + ["XL"] * 33),
    ("continent", ["Asia", "Africa", "Europe"] * 30 + ["North America"] * 40 + ["South America"] * 15 + ["Oceania"] * 20 + ["Antarctica"] * 3),
    ("letters", ["Geʻez", "Əhmədbəyli", "Ɔkaimɛ", "Khawr Fakkān", "Đắk Lắk", "Łódź", "Ajman", "Bonn"]),
])  # fmt: skip
def test_what_is_rare_and_right_is_quiet(name, values):
    frame = pd.DataFrame({"no": [f"R{n:05d}" for n in range(len(values))], name: values})
    assert _alarms(frame, "duplicates") == []


@pytest.mark.parametrize(("values", "wrong", "check"), [
    (["0"] * 180 + [str(700 + 137 * n % 9000) for n in range(40)] + ["88000000"], "88000000", "outlier"),
    ([str(n) for n in range(1, 60) for _ in range(round(3000 / n ** 2))] + ["30000"], "30000", "outlier"),
    ([str(12 + n % 90) for n in range(900)] + ["-55"], "-55", "outlier"),
    (["1", "2", "3", "4", "5"] * 200 + ["0"] * 4, "0", "vocabulary"),
    (["Theft"] * 300 + ["Loss"] * 120 + ["Hacking"] * 100 + ["unknown"] * 3, "unknown", "missing"),
    ([f"{(-1 if n % 6 == 0 else 1) * (20 + 37 * n % 900)}" for n in range(500)] + ["-9900000"], "-9900000", "outlier"),
])  # fmt: skip
def test_what_is_wrong_beside_it_is_told(values, wrong, check):
    frame = pd.DataFrame({"no": [f"R{n:05d}" for n in range(len(values))], "value": values})
    cells = profile(frame, clear=True).cells
    told = cells[cells["column"] == "value"]
    assert set(told["check"]) == {check}
    assert set(frame["value"].iloc[told["row"].to_numpy(int)]) == {wrong}


def test_odd_letters_are_slips_only_where_as_many_slips_are_proved():
    names = [f"{a}{b}a{c}o" for a in "KLMNPRST" for b in "aeiou" for c in "bdlmnrst"]
    towns = ["Springfield", "Riverton", "Lakewood", "Oakdale"] * (len(names) // 4)
    towns[5:8] = ["Rivertno", "Lakewoood", "Oakdal"]
    views = open_views(open_table(pd.DataFrame({"name": names, "town": towns})))

    evidence = gather_evidence(views)

    def told(odd):
        slips = [Suspicion(name, "spelling", np.arange(*rows), np.full(rows[1] - rows[0], 0.9)) for name, rows in (("name", (0, odd)), ("town", (5, 8)))]  # fmt: skip
        return {found.column: len(found) for found in drop_unproved_slips(views, evidence, slips)}

    assert told(3) == {"name": 3, "town": 3}
    assert told(4) == {"name": 0, "town": 3}


FIRST_NAMES = ["Ann", "Anna", "Anne", "Hanna", "Hannah", "Jon", "John", "Joan", "Joann", "Dan", "Dana", "Don", "Donna", "Ed", "Ted", "Ned", "Eric", "Erik", "Erika", "Carl", "Karl", "Carla", "Karla", "Al", "Alan", "Allan", "Allen", "Ellen", "Helen", "Jan", "Jane", "Jean", "Dean", "Sean", "Shaun", "Shawn", "Marc", "Mark", "Marko", "Maria", "Marie", "Mario", "Mary", "Gary", "Cary", "Barry", "Harry", "Larry", "Lara", "Laura", "Lauren", "Loren"]  # fmt: skip


def test_names_that_are_one_letter_apart_are_no_slips_of_each_other():
    names = [name for n, name in enumerate(FIRST_NAMES) for _ in range(1 + n % 7)]
    RANDOM.shuffle(names)
    assert _alarms(pd.DataFrame({"no": [f"R{n:05d}" for n in range(len(names))], "name": names})) == []


def test_measurements_that_coincide_are_no_duplicates():
    rows = [(str(RANDOM.randrange(40, 60)), str(RANDOM.randrange(1, 5))) for _ in range(270)]
    assert _alarms(pd.DataFrame(rows, columns=["waiting", "lasting"])) == []


def test_one_repeated_id_does_not_hide_duplicates():
    base = [
        {
            "id": f"C{n:05d}",
            "name": f"{RANDOM.choice('ABC')} {RANDOM.randrange(500)}",
            "mail": f"u{n}@example.com",
            "zip": str(RANDOM.randrange(10_000, 99_999)),
        }
        for n in range(1000)
    ]
    again = [{**row, "id": f"D{n:05d}"} for n, row in enumerate(RANDOM.sample(base, 60))]
    frame = pd.DataFrame(base + again)
    frame.loc[5, "id"] = frame.loc[4, "id"]
    assert [f.rows for f in profile(frame).findings if f.check == "duplicates"] == [60]


def test_a_guess_is_never_of_high_severity():
    frame = pd.DataFrame({"x": [str(RANDOM.lognormvariate(5, 2)) for _ in range(40)]})
    assert all(f.severity != "high" or f.confidence >= 0.8 for f in profile(frame).findings)


@pytest.fixture(scope="module")
def big(tmp_path_factory):
    """Two tables of the same 250,000 records, more than are fetched whole."""
    path = tmp_path_factory.mktemp("big") / "b.duckdb"
    connection = duckdb.connect(str(path))
    connection.execute(
        "CREATE TABLE s AS SELECT 'C' || lpad(i::VARCHAR, 8, '0') AS id, CASE WHEN i % 50 = 0 THEN 'n/a' ELSE 'x' || i % 7 END AS code FROM range(250000) t(i)"
    )
    connection.execute("CREATE TABLE t AS SELECT id AS no, upper(code) AS kind FROM s")
    connection.close()
    return f"duckdb://{path}"


def test_samples_drawn_together_tell_joins_and_raise_no_alarm_of_the_drawing(big):
    found = compare(open_in_engine(f"{big}#s"), open_in_engine(f"{big}#t"))
    assert found.joined == 1.0
    assert not {f.check for f in found.findings} & {
        "no key",
        "no common key",
        "source only",
        "target only",
        "disagreement",
    }
    assert re.search(
        r"of 250,000 rows of s and .* of 250,000 rows of t, drawn by the hash of id and no", found.drawn
    )


def test_what_a_sample_shows_is_scaled_with_an_interval(big):
    found = next(f for f in profile(open_in_engine(f"{big}#s")).findings if f.column == "code")
    low, high = (round(limit * 250_000) for limit in share_interval(round(found.share * 200_000), 200_000))
    assert low <= 5_000 <= high
    assert low <= found.rows <= high
    assert found.effort.low < found.effort.likely < found.effort.high


def _beside_ids(values):
    return pd.DataFrame({"no": [f"R{n:05d}" for n in range(len(values))], "value": values})


def _codes(size):
    return [f"N{RANDOM.randrange(1, 9)}{a}{b}AA" for a in "ABCDEFGHJKL" for b in "MNPQRSTU"][:size]


@pytest.mark.parametrize("values", [
    ["en", "fr", "de", "it", "es"] * 60 + ["en,fr", "de,it,es", "fr,it", "es,en,de,it"] * 2,
    ["EUR", "USD", "CHF", "BTN", "INR", "BOB", "CLP", "MXN"] * 30 + ["BTN,INR", "BOB,USD", "CLP;USD"],
    [code for n, code in enumerate(_codes(80)) for _ in range(1 + n % 7)],
    [c for n, c in enumerate(["$", "$b", "B$", "K", "Kz", "P", "R", "R$", "Kr", "L", "Le", "m", "T", "T$"]) for _ in range(1 + 3 * (n % 4))],
    ["Kofi", "Ama", "Esi", "Yaa", "Abena"] * 20 + ["Kɔfí nɛ́ ama", "Tògò kɔnɔw bɛ́ kalan", "Wičháša tȟó"],
    ["AIRBUS", "BOEING", "EMBRAER", "BOMBARDIER"] * 200 + ["CESSNA"] * 3,
    ["0.27", "0.3", "0.18", "0.21"] * 60 + ["0.18348599999999998", "0.30000000000000004"] * 3,
    ["04/03/2017", "04/04/2017", "04/05/2017"] * 90 + [f"{n % 9 + 1:02d}/{n % 15 + 13}/2018" for n in range(12)],
    ["06/21/2017", "11/14/2018", "07/16/2019"] * 120 + [f"0{n}/1{n}/2018" for n in range(1, 8)],
    ["0", "1"] * 300 + ["2"] * 5,
    ["(201) 636-9900", "718-555-0199", "212.555.0143"] * 60 + ["(201) 636-9901 EXT 9501", "718-555-0107, ext. 12"],
    ["Korea"] * 500 + ["China"] * 8 + ["United States", "France", "Canada", "Thailand", "Spain", "Germany"],
    ["1", "2", "3", "4"] * 50 + ["1,5", "2,5"] * 4,
], ids=["lists", "currencies", "dense codes", "symbols", "tones", "seldom", "arithmetic", "days of many rows", "days of a form",
        "counts", "extensions", "a local name", "decimal comma"])  # fmt: skip
def test_what_real_tables_hold_is_not_wrong(values):
    cells = profile(_beside_ids(values), clear=True).cells
    assert cells[cells["column"] == "value"].empty


PLACES = [
    f"{stem}{end}"
    for stem in ("Bak", "Dor", "Lem", "Mur", "Ost", "Tal", "Ver", "Wal")
    for end in ("ia", "ona", "ur", "est", "avel", "om")
]
RANDOM_BICS = random.Random(3)
BICS = [f"GENODEF1{''.join(RANDOM_BICS.choices('ABDEFHLMNOSTUW', k=3))}" for _ in range(400)]
GERMAN = [
    name
    for code, name in Locale("de").territories.items()
    if len(code) == 2 and code in country_codes() and "(" not in name
]


@pytest.mark.parametrize("values", [
    [*BICS, "SWNBDEBBXXX", "EDEKDEHHXXX", "HYVEDEMME08", "HYVEDEMME21", "SNNNDE22", "WELADED1EES"],
    [f"می\u200cخواهم {n}" for n in "ابپتثجچحخدذرزس"] * 5,
    [*GERMAN, "Kap Verde", "Moldawien", "Costa de Marfil", "Islas Geo"],
    [f"{n:02d}" for n in range(100) for _ in range(8 + 40 * (n % 10 == 9))] + ["00"] * 60,
    [f"{0.01 * n:.5f}" for n in range(8000)] + [f"{-0.019 * n - 0.00345:.5f}" for n in range(12)] + ["-67.56691", "-69.56751", "-75.12345"],
    [*PLACES, "Nan"],
], ids=["bic", "joiners", "countries in German", "codes with 00 and 99", "latitudes", "province"])  # fmt: skip
def test_what_lists_of_references_hold_is_not_wrong(values):
    frame = _beside_ids(values)
    cells = profile(frame, clear=True).cells
    assert cells[cells["column"] == "value"].empty
    assert not [title for _, check, title in _alarms(frame) if check == "mixture"]


@pytest.mark.parametrize("name", ["Lat", "start_longitude", "geo.lng"])
def test_a_place_lies_where_it_lies_and_no_degree_is_beyond_the_earth(name):
    draw = random.Random(2)
    degrees = [f"{draw.gauss(35, 3):.4f}" for _ in range(390)] + [
        f"{-draw.uniform(14, 43):.4f}" for _ in range(12)
    ]
    assert profile(pd.DataFrame({"no": range(403), name: [*degrees, "48.1351"]}), clear=True).cells.empty
    told = profile(pd.DataFrame({"no": range(403), name: [*degrees, "481351.0"]}), clear=True).cells
    assert told["row"].tolist() == [402]


def test_a_joiner_between_latin_letters_is_told():
    found = _alarms(_beside_ids([*PLACES, "Gueppi\u200c Airport"]))
    assert any("1 character without width" in title for _, _, title in found)


def test_words_of_other_languages_in_the_row_do_not_correct_one():
    words = {
        code: {name: Locale(name).territories[code] for name in ("en", "fi", "et", "de")}
        for code in country_codes()
        if code in Locale("de").territories
    }
    frame = pd.DataFrame([*words.values()])
    cells = profile(frame, clear=True).cells
    assert len(cells[cells["check"] == "spelling"]) <= 2


def test_an_order_that_a_sixth_of_the_rows_breaks_is_none():
    numbers = np.arange(600.0)
    numbers[::6] = numbers[::-6] + 0.5
    assert not find_disorder(numbers).any()
    numbers = np.arange(600.0)
    numbers[[100, 300]] = numbers[[300, 100]]
    assert np.flatnonzero(find_disorder(numbers)).tolist() == [100, 300]


def test_a_states_code_is_one_beside_codes_with_a_letter_before_them():
    values = (
        ["TX", "NY", "CA", "IL", "WA", "OH", "MI", "FL", "GA", "IN"] * 20
        + ["F-TX", "F-NY", "F-KY"] * 6
        + ["ND", "ND"]
    )
    cells = profile(_beside_ids(values), clear=True).cells
    assert "missing" not in set(cells[cells["column"] == "value"]["check"])


def test_an_accent_that_no_letter_carries_is_told():
    values = ["Rene Dubois", "Andre Petit", "Paul Blanc"] * 20 + ["Rene \u0301 Dubois"]
    cells = profile(_beside_ids(values), clear=True).cells
    assert set(cells["row"]) == {60}


def test_long_numbers_of_records_beside_small_counts_are_no_sum():
    rows = 400
    first = [2_000_000_000 + 7 * n for n in range(rows)]
    frame = pd.DataFrame(
        {
            "id": [f + (n % 30) for n, f in enumerate(first)],
            "by": first,
            "contacts": [3 + n % 40 for n in range(rows)],
        }
    )
    frame.loc[::40, "id"] += 400_000
    assert "arithmetic" not in set(profile(frame.astype(str), clear=True).cells["check"])
