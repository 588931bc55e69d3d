"""Whatever a spreadsheet would run is neutralised, numbers stay numbers, and the reader gives back what was written."""

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assess.core.messages import RESTORED_SQL, neutralise_text, restore_text, runs

RUN = [
    "=1+1", "=cmd|'/c calc'!A1", "-2+3+cmd|' /C calc'!A0", "+cmd|x", "@SUM(1+1)*cmd|' /C calc'!A0", "\t=1", "\r=1", "\n=1", " =1",
    "\u00a0=1", "\ufeff=1", "\u200b@x", "\u3000=1", "＝1+1", "＋1", "－1+cmd", "＠x", "\x00=1", '="a"&"b"', "=1\n+2", "-", "+49-30-1234",
    "+49 (30) 1234", "-1-1", "=IMPORTXML(\"http://x\";\"//a\")", "+A1", "-A1", "\u22121+cmd", "\x0b=1", "\u2066=1",
]  # fmt: skip
STAY = [
    "-5",
    "+1.5e3",
    "-1.234,56 %",
    "-0.5",
    "-.5",
    "+49 30 1234567",
    "a=1",
    "1-2",
    "",
    " ",
    "«=1»",
    "'s-Hertogenbosch",
    "'",
    "-1'000.50",
    "5-",
    "x@y.z",
]


@pytest.mark.parametrize("text", RUN)
def test_a_formula_is_neutralised(text):
    assert runs(text) and neutralise_text(text) == f"'{text}" and restore_text(f"'{text}") == text


@pytest.mark.parametrize("text", STAY)
def test_other_text_stays(text):
    assert not runs(text) and neutralise_text(text) == text == restore_text(text)


@given(st.text() | st.text("'=+-@ \t\u200b＝1a", max_size=8))
def test_what_was_written_is_read_back(text):
    assert restore_text(neutralise_text(text)) == text
    assert not runs(neutralise_text(text))


@pytest.mark.parametrize("text", [*RUN, *STAY, "''=1", "'-5", "'x"])
def test_the_statement_restores_the_same(text):
    cell = neutralise_text(text)
    if "\x00" in text:
        return
    ((given_back,),) = (
        duckdb.connect().execute(f"SELECT {RESTORED_SQL.format('c')} FROM (SELECT ? AS c)", [cell]).fetchall()
    )
    assert given_back == text
