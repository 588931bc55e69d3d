"""Tables in many files: folders and patterns of parquet and text, hive partitions; nothing outside of the folder."""

import shutil

import pandas as pd
import pytest

from assess.cli.commands import assess as command
from assess.core.tables.file_lists import hash_files, is_many, list_files
from assess.core.unpacking import UnreadableTable
from assess.evidence import quality
from assess.evidence.quality.table import open_table

FRAME = pd.DataFrame(
    {"id": [str(n) for n in range(1, 401)], "land": ["DE", "FR", "DE", "IT"] * 100, "amount": [f"{n / 4:.2f}" for n in range(400)]}
)  # fmt: skip


def write(folder, kind, by=("2025", "2026"), name="year={}"):
    """Write half of the frame into each of two folders."""
    for number, part in enumerate(by):
        place = folder / name.format(part)
        place.mkdir(parents=True, exist_ok=True)
        held = FRAME[number * 200 : (number + 1) * 200]
        held.to_parquet(place / "part-0.parquet") if kind == "parquet" else held.to_csv(place / "part-0.csv", index=False)  # fmt: skip
    (folder / "_SUCCESS").write_text("")
    (folder / ".part-0.parquet.crc").write_text("")
    return folder


@pytest.fixture(params=["parquet", "csv"])
def kind(request):
    return request.param


@pytest.mark.parametrize("place", ["", "*/*.{kind}", "**/part-?.{kind}", "year=*/*"])
def test_files_are_one_table_and_their_folders_are_columns(tmp_path, kind, place):
    folder = write(tmp_path / "orders", kind)
    table = open_table(folder / place.format(kind=kind))
    expected = FRAME.assign(year=["2025"] * 200 + ["2026"] * 200)
    pd.testing.assert_frame_equal(table.frame, expected.astype(object))
    assert table.reading.form == "folder" and not table.reading.plain
    said = "2 parquet files" if kind == "parquet" else "2 text files"
    assert f"{said}, partitioned by year" in table.reading.sentence


def test_a_folder_is_judged_as_the_one_file_would_be(tmp_path, kind):
    folder = write(tmp_path / "orders", kind, name="part-{}")
    whole = tmp_path / f"orders.{kind}"
    FRAME.to_parquet(whole) if kind == "parquet" else FRAME.to_csv(whole, index=False)
    many, one = quality.profile(folder), quality.profile(whole)
    assert many.facts == one.facts and many.cells.equals(one.cells)
    assert [f.title for f in many.findings] == [f.title for f in one.findings]
    rows = quality.compare(folder, whole)
    assert rows.joined == 1 and not {f.check for f in rows.findings} & {"source only", "target only"}


def test_signs_in_the_names_of_partitions(tmp_path):
    folder = write(tmp_path / "[a]*b", "parquet", by=("a%2Fb%2A[1]", "__HIVE_DEFAULT_PARTITION__"))
    assert open_table(folder).frame["year"].tolist() == [None] * 200 + ["a/b*[1]"] * 200


def test_a_pattern_that_is_the_name_of_a_file_is_that_file(tmp_path):
    FRAME.to_csv(tmp_path / "o*.csv", index=False)
    FRAME[:10].to_csv(tmp_path / "other.csv", index=False)
    assert open_table(tmp_path / "o*.csv").rows == 400 and not is_many(tmp_path / "o*.csv")
    FRAME[:5].to_csv(tmp_path / "x[1].csv", index=False)
    assert [file.name for file in list_files(tmp_path / "x[1]*")] == ["x[1].csv"]


def test_what_parquet_files_do_not_share_is_said(tmp_path):
    folder = write(tmp_path / "orders", "parquet", name="part-{}")
    pd.DataFrame({"id": [7], "note": ["late"]}).to_parquet(folder / "part-3.parquet")
    table = open_table(folder)
    assert table.frame.iloc[400].tolist() == ["7", None, None, "late"]
    said = "null where a file lacks it: land, amount, note"
    assert said in table.reading.sentence and "id is int64 or " in table.reading.sentence


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda folder: shutil.rmtree(folder / "year=2025") or shutil.rmtree(folder / "year=2026"), "holds no parquet or csv file"),
        (lambda folder: FRAME.to_csv(folder / "year=2025" / "x.csv"), "parquet and text files: name those of one kind, as in orders/"),
        (lambda folder: FRAME.to_parquet(folder / "x.parquet"), "different partitions: none, year"),
        (lambda folder: (folder / "_delta_log").mkdir(), r"is a table of Delta, .* name it as delta\+file:///"),
        (lambda folder: (folder / "year=2025" / "bad.parquet").write_text("PAR1"), "bad.parquet is no parquet file"),
    ],
)  # fmt: skip
def test_folders_that_are_no_table(tmp_path, spoil, said):
    folder = write(tmp_path / "orders", "parquet")
    spoil(folder)
    with pytest.raises(UnreadableTable, match=said):
        open_table(folder)


def test_text_files_of_other_columns_name_the_file(tmp_path):
    folder = write(tmp_path / "orders", "csv")
    FRAME.rename(columns={"land": "country"}).to_csv(folder / "year=2026" / "z.csv", index=False)
    with pytest.raises(UnreadableTable, match=r"part-0\.csv id, land, amount; z\.csv id, country, amount"):
        open_table(folder)


@pytest.mark.parametrize("link", ["year=2025/secret.parquet", "year=2027"])
@pytest.mark.parametrize("place", ["", "*/*.parquet"])
def test_a_link_leads_nowhere_else(tmp_path, link, place):
    folder, outside = write(tmp_path / "orders", "parquet"), tmp_path / "outside"
    outside.mkdir()
    FRAME.to_parquet(outside / "secret.parquet")
    (folder / link).symlink_to(outside / "secret.parquet" if link.endswith("parquet") else outside)
    if not place and link == "year=2027":  # linked folders are not entered
        assert open_table(folder).rows == 400
        return
    with pytest.raises(UnreadableTable, match="leads out of orders by a link"):
        open_table(folder / place)


def test_a_changed_file_changes_the_fingerprint(tmp_path, kind):
    folder = write(tmp_path / "orders", kind)
    before = hash_files(folder), hash_files(folder / "*/*")
    shutil.copy(folder / "year=2025" / f"part-0.{kind}", folder / "year=2025" / f"part-1.{kind}")
    assert hash_files(folder) != before[0] and hash_files(folder / "*/*") != before[1]


@pytest.mark.parametrize("place", ["extracts/orders", "extracts/orders/*/*.parquet", "extracts/nothing/*.csv"])  # fmt: skip
def test_an_engagement_names_them_in_systems(tmp_path, place):
    from click.testing import CliRunner

    from assess.intake import load

    (tmp_path / "engagement.yaml").write_text("client: Acme\ndate: 2026-10-01\n")
    (tmp_path / "systems.csv").write_text(f"id,name,data\nshop,Shop,orders={place}\n")
    write(tmp_path / "extracts" / "orders", "parquet")
    if "nothing" in place:
        done = CliRunner().invoke(command, ["validate", str(tmp_path)])
        assert "holds no parquet or csv file" in done.output + done.stderr
        return
    engagement = load(tmp_path)
    assert place in {file.path for file in engagement.files}
    found = quality.assess(engagement)
    assert [p.rows for p in found.profiles] == [400] and not found.unreadable
