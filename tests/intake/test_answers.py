"""Answers are written back without losing what is there."""

import datetime as dt
import io
import re
import zipfile

import pytest

from assess import intake
from assess.intake.engagement import ReadinessAnswer
from assess.intake.problem import InvalidEngagement
from assess.intake.references import practices

FIRST, SECOND, THIRD = list(practices())[:3]
DAY = dt.date(2026, 10, 2)


def answer(practice=FIRST, value="0.75", respondent="Ada", **more):
    return ReadinessAnswer(practice=practice, answer=value, respondent=respondent, **more)


def told(path):
    return [(a.practice, a.answer, a.respondent, a.evidence, a.date) for a in intake.load(path).readiness]


def test_the_first_answers_make_the_table(folder):
    written = intake.record_answers(
        folder, [answer(evidence="=1+1", date=DAY), answer(SECOND, "unknown", "")]
    )
    assert written == folder / "readiness.csv"
    assert told(folder) == [(FIRST, "0.75", "Ada", "=1+1", DAY), (SECOND, "unknown", "", "", None)]


def test_an_answer_replaces_that_of_the_same_respondent_and_keeps_its_evidence(folder):
    (folder / "readiness.csv").write_text(
        f"practice,answer,respondent,evidence\n{FIRST},0,ADA ,a plan\n{FIRST},1,Bo,\n"
    )
    intake.record_answers(folder, [answer(value="0.5")])
    assert [a[1:4] for a in told(folder)] == [("0.5", "ADA", "a plan"), ("1", "Bo", "")]


def test_rows_that_do_not_change_keep_their_bytes(folder):
    before = f'\ufeff"practice";"answer";respondent\r\n\r\n"{FIRST}";"0";"Bo ""B"" \r\nBe"\r\n{SECOND};1;Ada'
    (folder / "readiness.csv").write_bytes(before.encode())
    intake.record_answers(folder, [answer(THIRD, "1", "Cy; D")])
    after = (folder / "readiness.csv").read_bytes().decode()
    assert after == before + f'\r\n{THIRD};1;"Cy; D"\r\n'


def test_columns_that_are_new_are_added_and_unknown_ones_are_kept(folder):
    (folder / "readiness.csv").write_text(f"my note,practice,answer\nkeep me,{FIRST},1\n")
    intake.record_answers(folder, [answer(SECOND, "0", "Ada", evidence="x")])
    assert (folder / "readiness.csv").read_text().splitlines() == [
        "my note,practice,answer,respondent,evidence",
        f"keep me,{FIRST},1,,",
        f",{SECOND},0,Ada,x",
    ]


def test_nothing_else_in_the_folder_changes(folder):
    before = {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    intake.record_answers(folder, [answer()])
    after = {p: p.read_bytes() for p in folder.rglob("*") if p.is_file() and p.name != "readiness.csv"}
    assert after == before


def test_an_unknown_practice_is_refused_before_anything_is_written(folder):
    with pytest.raises(intake.InvalidEngagement, match="did you mean"):
        intake.record_answers(folder, [answer(), answer(FIRST[:-1])])
    assert not (folder / "readiness.csv").exists()


@pytest.mark.parametrize(
    "content", ["practice,answer\nPlzeň,1\n".encode("cp1250"), b"", b"a,b\n1,2\n", b'practice,answer\n"x,1\n']
)
def test_a_table_that_can_not_be_read_is_left_alone(folder, content):
    (folder / "readiness.csv").write_bytes(content)
    with pytest.raises(intake.InvalidEngagement):
        intake.record_answers(folder, [answer()])
    assert (folder / "readiness.csv").read_bytes() == content


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "cp1250"])
def test_a_table_keeps_its_encoding(folder, encoding):
    rows = f"practice,answer,respondent\n{FIRST},1,Jürgen Müller\n"
    rows += f"{THIRD},1,Łukasz Wąsowicz-Źrebięcki\n" if encoding == "cp1250" else ""
    (folder / "readiness.csv").write_bytes(rows.encode(encoding))
    intake.record_answers(folder, [answer(FIRST, "0", "Jürgen Müller")])
    assert (folder / "readiness.csv").read_bytes().decode(encoding) == rows.replace(
        f"{FIRST},1", f"{FIRST},0"
    )


def test_a_table_whose_encoding_has_no_byte_for_an_answer_becomes_utf_8(folder):
    (folder / "readiness.csv").write_bytes(f"practice,answer,respondent\n{FIRST},1,Jürgen\n".encode("cp1252"))
    intake.record_answers(folder, [answer(THIRD, "0", "東京")])
    text = (folder / "readiness.csv").read_bytes().decode("utf-8-sig")
    assert "Jürgen" in text and "東京" in text


def test_a_write_that_fails_leaves_the_table_whole(folder, monkeypatch):
    (folder / "readiness.csv").write_text(f"practice,answer\n{FIRST},1\n")
    before = (folder / "readiness.csv").read_bytes()
    monkeypatch.setattr("os.fsync", lambda handle: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        intake.record_answers(folder, [answer()])
    assert (folder / "readiness.csv").read_bytes() == before
    assert [p.name for p in folder.iterdir() if p.name.startswith(".")] == []


@pytest.fixture
def workbook(tmp_path):
    return intake.init(tmp_path / "new", workbook=True) / "intake.xlsx"


@pytest.mark.parametrize("by_folder", [True, False])
def test_answers_go_into_the_sheet_of_a_workbook(workbook, by_folder):
    before = told(workbook)
    new = answer(THIRD, "1", "Ünï =1", evidence="<b> & _x0041_", date=DAY)
    written = intake.record_answers(
        workbook.parent if by_folder else workbook, [new, answer(before[0][0], "1", before[0][2])]
    )
    assert written == workbook
    after = told(workbook)
    assert after[0] == (before[0][0], "1", *before[0][2:])
    assert after[1:] == [*before[1:], (THIRD, "1", "Ünï =1", "<b> & _x0041_", DAY)]


def test_every_other_part_of_the_workbook_keeps_its_bytes(workbook):
    def parts():
        with zipfile.ZipFile(workbook) as archive:
            return {name: archive.read(name) for name in archive.namelist()}

    before = parts()
    intake.record_answers(workbook, [answer(THIRD, "1", "New")])
    after = parts()
    changed = [name for name in before if before[name] != after[name]]
    assert list(before) == list(after)
    assert len(changed) == 1
    assert changed[0].startswith("xl/worksheets/")
    old, new = before[changed[0]].decode(), after[changed[0]].decode()
    assert new.split("</sheetData>")[1] == old.split("</sheetData>")[1]  # drop-downs, protection, comments


def test_new_cells_have_the_format_of_their_column(workbook):
    from openpyxl import load_workbook

    intake.record_answers(workbook, [answer(THIRD, "1", "New")])
    sheet = load_workbook(workbook)["readiness"]
    new = next(row for row in sheet.iter_rows() if row[2].value == "New")
    assert (new[1].number_format, new[1].protection.locked, new[1].data_type) == ("@", False, "s")


def test_a_workbook_saved_by_another_program_is_changed_as_well(workbook):
    from openpyxl import load_workbook

    book = load_workbook(workbook)
    book.save(workbook)
    before = told(workbook)
    intake.record_answers(workbook, [answer(THIRD, "0", "New")])
    assert told(workbook) == [*before, (THIRD, "0", "New", "", None)]


def test_a_sheet_in_an_unusual_form_is_refused_and_left_alone(workbook):
    out = io.BytesIO()
    with zipfile.ZipFile(workbook) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            data = old.read(name).decode("latin-1")
            if re.fullmatch(r"xl/worksheets/sheet\d+\.xml", name):
                data = re.sub(r"<(/?)(\w)", r"<\1x:\2", data).replace("xmlns=", "xmlns:x=")
            new.writestr(name, data.encode("latin-1"))
    workbook.write_bytes(out.getvalue())
    assert told(workbook)
    with pytest.raises(intake.InvalidEngagement, match="without loss"):
        intake.record_answers(workbook, [answer()])
    assert workbook.read_bytes() == out.getvalue()


@pytest.mark.parametrize("workbook", [False, True])
def test_a_practice_of_the_engagement_s_own_can_be_answered(tmp_path, workbook):
    folder = intake.init(tmp_path / "acme")
    (folder / "practices.csv").write_text("id,text,days\nworks-council,The works council agreed.,1 / 2 / 4\n")
    if workbook:
        moved = tmp_path / "moved"
        moved.mkdir()
        intake.to_workbook(folder, moved / "intake.xlsx")
        for name in ("extracts", "contracts"):
            (folder / name).rename(moved / name)
        folder = moved
    intake.record_answers(folder, [answer("works-council", "0.5", "Cy")])
    assert ("works-council", "0.5", "Cy") in [
        (a.practice, a.answer, a.respondent) for a in intake.load(folder).readiness
    ]
    with pytest.raises(InvalidEngagement, match="works-council"):
        intake.record_answers(folder, [answer("works-counsel")])
