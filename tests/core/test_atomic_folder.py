"""A report folder is replaced whole or not at all, and nothing is deleted that no run has written."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from assess.core import atomic_folder, signature
from assess.core.atomic_folder import KEPT, MANIFEST, RESULTS, AtomicFolder, Manifest, OutputRefused

POSIX = pytest.mark.skipif(os.name != "posix", reason="links and permissions of POSIX")


@pytest.fixture
def acme(tmp_path, monkeypatch):
    """An engagement in a working folder of its own."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "acme").mkdir()
    (tmp_path / "acme" / "engagement.yaml").write_text("client: x")
    return tmp_path / "acme"


def leave(out: Path, acme: Path, text: str = "new", **files: str) -> tuple[str, ...]:
    """Leave a report of some files, and return the notes."""
    with AtomicFolder(out, acme) as place:
        (place.folder / RESULTS).write_text(text)
        for name, content in files.items():
            path = place.folder / name.replace("__", "/").replace("_x", ".xlsx")
            path.parent.mkdir(exist_ok=True)
            path.write_text(content)
    return tuple(place.notes)


def names(folder: Path) -> set[str]:
    return {p.relative_to(folder).as_posix() for p in folder.rglob("*") if not p.is_dir() or p.is_symlink()}


def test_new_content_takes_the_place_of_the_old(acme, tmp_path):
    out = tmp_path / "out"
    leave(out, acme, "old", gone="x", notebooks__5="y")
    assert leave(out, acme) == ()
    assert (out / RESULTS).read_text() == "new"
    assert names(out) == {RESULTS, MANIFEST}
    assert sorted(os.listdir(out)) == [MANIFEST, RESULTS], "folders that have become empty are gone"
    assert sorted(os.listdir(tmp_path)) == ["acme", "out"]


def test_a_failed_run_leaves_the_old(acme, tmp_path):
    out = tmp_path / "out"
    leave(out, acme, "old")
    with pytest.raises(RuntimeError), AtomicFolder(out, acme) as place:
        (place.folder / RESULTS).write_text("new")
        raise RuntimeError
    assert (out / RESULTS).read_text() == "old"
    assert sorted(os.listdir(tmp_path)) == ["acme", "out"]


def test_what_the_user_has_put_beside_a_report_stays(acme, tmp_path):
    out = tmp_path / "reports" / "acme"
    leave(out, acme, "old", notebooks__5="y", model_x="m")
    for name in ("notes.txt", "notebooks/own.ipynb", "mail/june/answer.eml"):
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        (out / name).write_text(name)
    for _ in range(2):
        assert leave(out, acme, notebooks__5="z") == ()
        for name in ("notes.txt", "notebooks/own.ipynb", "mail/june/answer.eml"):
            assert (out / name).read_text() == name
    assert not (out / "model.xlsx").exists()
    assert os.listdir(tmp_path / "reports") == ["acme"]


def test_what_somebody_has_changed_is_kept_aside_each_time(acme, tmp_path):
    out = tmp_path / "out"
    leave(out, acme, "old", actions_x="written")
    for text in ("done by Ann", "done by Bob"):
        (out / "actions.xlsx").write_text(text)
        (note,) = leave(out, acme, actions_x="written")
        assert "actions.xlsx: was changed since the last run" in note and KEPT in note
        assert (out / "actions.xlsx").read_text() == "written"
    assert (out / KEPT / "actions.xlsx").read_text() == "done by Ann"
    assert (out / f"{KEPT}-2" / "actions.xlsx").read_text() == "done by Bob"


def test_a_file_of_the_user_whose_name_the_report_takes_is_kept_aside(acme, tmp_path):
    out = tmp_path / "out"
    leave(out, acme)
    (out / "model.xlsx").write_text("mine")
    (out / "notebooks").write_text("a file where the report has a folder")
    notes = leave(out, acme, model_x="ours", notebooks__5="ours")
    assert len(notes) == 2 and all("has a name that the report uses" in note for note in notes)
    assert (out / KEPT / "model.xlsx").read_text() == "mine"
    assert (out / KEPT / "notebooks").read_text().startswith("a file")
    assert (out / "model.xlsx").read_text() == (out / "notebooks" / "5").read_text() == "ours"


@POSIX
def test_links_within_a_report_are_moved_and_never_followed(acme, tmp_path):
    out, elsewhere = tmp_path / "out", tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "5").write_text("y")
    (elsewhere / "canary").write_text("alive")
    leave(out, acme, "old", notebooks__5="y", actions_x="written")
    (out / "notebooks" / "5").unlink()
    (out / "notebooks").rmdir()
    (out / "notebooks").symlink_to(elsewhere)
    (out / KEPT).symlink_to(elsewhere)
    (out / "actions.xlsx").write_text("changed")
    leave(out, acme, notebooks__5="z", actions_x="written")
    assert names(elsewhere) == {"5", "canary"} and (elsewhere / "5").read_text() == "y"
    assert (out / "notebooks" / "5").read_text() == "z" and not (out / "notebooks").is_symlink()
    assert (out / f"{KEPT}-2" / "actions.xlsx").read_text() == "changed"


KILLED = """
import os, pathlib, signal, sys
from assess.core import atomic_folder as a
out, acme, moment = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3]
die = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
rename, calls = pathlib.Path.rename, []
def counted(self, to):
    rename(self, to)
    calls.append(to)
    if moment == f"rename {len(calls)}":
        die()
pathlib.Path.rename = counted
if moment == "settle":
    unlink = pathlib.Path.unlink
    def once(self, *rest, **more):
        unlink(self, *rest, **more)
        if ".previous-" in str(self):
            die()
    pathlib.Path.unlink = once
if moment == "manifest":
    a.Manifest.write = die
with a.AtomicFolder(out, acme) as place:
    (place.folder / a.RESULTS).write_text("new")
    if moment == "block":
        die()
"""


@POSIX
@pytest.mark.parametrize(
    ("moment", "left"),
    [("block", "old"), ("manifest", "old"), ("rename 1", "old"), ("rename 2", "new"), ("rename 3", "new"), ("settle", "new")],
)  # fmt: skip
def test_whenever_a_run_is_killed_nothing_is_lost_and_the_next_tidies(acme, tmp_path, moment, left):
    out = tmp_path / "out"
    leave(out, acme, "old", model_x="x")
    (out / "notes.txt").write_text("mine")
    done = subprocess.run([sys.executable, "-c", KILLED, str(out), str(acme), moment], check=False)
    assert done.returncode == -signal.SIGKILL
    with pytest.raises(ZeroDivisionError), AtomicFolder(out, acme):
        assert (out / RESULTS).read_text() == left
        assert (out / "notes.txt").read_text() == "mine"
        raise ZeroDivisionError
    assert sorted(os.listdir(tmp_path)) == ["acme", "out"]
    assert (out / "model.xlsx").exists() == (left == "old")
    assert Manifest.read(out) is not None


@POSIX
def test_a_folder_that_only_looks_like_a_rest_of_ours_stays(acme, tmp_path):
    leave(tmp_path / "out", acme, "old")
    looks = [tmp_path / ".out.previous-12345678", tmp_path / ".out.previous", tmp_path / ".assess-1-x"]
    for folder in looks:
        folder.mkdir()
        (folder / RESULTS).write_text("foreign")
        (folder / MANIFEST).write_text(
            Manifest.of(folder).model_copy(update={"signature": "0" * 64}).to_json()
        )
    leave(tmp_path / "out", acme)
    assert all((folder / RESULTS).read_text() == "foreign" for folder in looks)


@pytest.mark.parametrize("spelling", [".", "acme", "acme/.", "x/../acme", "..", "acme/..", "/", "~"])
def test_working_folder_engagement_and_home_are_never_replaced(acme, tmp_path, monkeypatch, spelling):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    (tmp_path / "x").mkdir()
    for folder in (tmp_path, acme, tmp_path / "home"):
        (folder / RESULTS).write_text("{}")
        Manifest.of(folder).write(folder)  # even with a manifest
    with pytest.raises(OutputRefused, match="name a folder of its own, such as -o reports/acme"):
        leave(Path(spelling).expanduser(), acme)
    assert (acme / "engagement.yaml").exists()


@pytest.mark.parametrize("form", ["the engagement", "one above"])
def test_an_engagement_elsewhere_is_never_replaced(acme, tmp_path, tmp_path_factory, monkeypatch, form):
    monkeypatch.chdir(tmp_path_factory.mktemp("desk"))
    out = acme if form == "the engagement" else tmp_path
    Manifest.of(out).write(out)
    with pytest.raises(OutputRefused, match="the engagement"):
        leave(out, acme)


@POSIX
def test_a_link_is_no_place_for_a_report(acme, tmp_path):
    real = tmp_path / "real"
    leave(real / "acme", acme, "old")
    (tmp_path / "link").symlink_to(real / "acme")
    (acme / "reports").symlink_to(real)
    for out in (Path("link"), tmp_path / "link", Path("acme/reports/acme"), acme / "reports" / "new"):
        with pytest.raises(OutputRefused, match="is a link; name the folder itself"):
            leave(out, acme)
    assert (real / "acme" / RESULTS).read_text() == "old" and os.listdir(real) == ["acme"]


@POSIX
def test_a_link_of_the_system_above_the_working_folder_is_followed(acme, tmp_path):
    (tmp_path / "volume").mkdir()
    (tmp_path / "mnt").symlink_to(tmp_path / "volume")
    outside = tmp_path / "desk"
    outside.mkdir()
    os.chdir(outside)
    leave(tmp_path / "mnt" / "acme", acme)
    assert (tmp_path / "volume" / "acme" / RESULTS).read_text() == "new"


FOREIGN = {
    "a file": "name a new folder with -o",
    "other files": "name an empty or a new folder with -o",
    "results.json": "Rename it, for example to out-earlier",
    "a manifest of somebody else": "Rename it",
    "a changed manifest": "Rename it",
}


@pytest.mark.parametrize("kind", FOREIGN)
def test_what_no_run_of_this_user_has_left_is_never_replaced(acme, tmp_path, monkeypatch, kind):
    out = tmp_path / "out"
    if kind == "a file":
        out.write_text("mine")
    elif kind == "other files":
        out.mkdir()
        (out / "thesis.docx").write_text("mine")
    elif kind == "results.json":
        out.mkdir()
        (out / RESULTS).write_text("{}")
    elif kind == "a manifest of somebody else":
        with monkeypatch.context() as other:
            other.setenv(signature.STATE, str(tmp_path / "other"))
            leave(out, acme)
    else:
        leave(out, acme)
        raw = json.loads((out / MANIFEST).read_text())
        (out / "thesis.docx").write_text("mine")
        raw["files"]["thesis.docx"] = atomic_folder.content(out / "thesis.docx")
        (out / MANIFEST).write_text(json.dumps(raw))
    before = names(out)
    with pytest.raises(OutputRefused, match=FOREIGN[kind]):
        leave(out, acme)
    assert names(out) == before and out.exists()


def test_the_advice_works_when_it_is_followed(acme, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (out / RESULTS).write_text("{}")
    with pytest.raises(OutputRefused, match="Rename it, for example to out-earlier"):
        leave(out, acme)
    out.rename(tmp_path / "out-earlier")
    leave(out, acme)
    assert (out / RESULTS).read_text() == "new" and (tmp_path / "out-earlier" / RESULTS).exists()


def test_files_put_in_the_way_during_a_run_survive(acme, tmp_path):
    out = tmp_path / "out"
    with pytest.raises(OutputRefused), AtomicFolder(out, acme) as place:
        (place.folder / RESULTS).write_text("new")
        out.mkdir()
        (out / "thesis.docx").write_text("mine")
    assert names(out) == {"thesis.docx"}


def test_without_a_key_a_report_is_left_once_and_the_user_is_warned(acme, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv(signature.STATE, str(tmp_path / "file"))
    (note,) = leave(tmp_path / "out", acme)
    assert "name a new folder" in note
    with pytest.raises(OutputRefused, match="Rename it"):
        leave(tmp_path / "out", acme)


@POSIX
@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o755), (0o077, 0o700), (0o002, 0o775)])
def test_an_empty_folder_is_filled_and_umask_is_honoured(acme, tmp_path, umask, mode):
    out = tmp_path / "out"
    out.mkdir()
    before = os.umask(umask)
    try:
        leave(out, acme, notebooks__5="x")
    finally:
        os.umask(before)
    assert out.stat().st_mode & 0o777 == mode
    assert (out / "notebooks").stat().st_mode & 0o777 == mode
    assert (out / RESULTS).stat().st_mode & 0o777 == mode & 0o666


@POSIX
def test_an_earlier_report_that_can_t_be_removed_is_named(acme, tmp_path, monkeypatch):
    out = tmp_path / "out"
    leave(out, acme, "old")
    unlink = Path.unlink

    def refuse(self, *rest, **more):
        if self.name == RESULTS:
            raise PermissionError
        unlink(self, *rest, **more)

    with monkeypatch.context() as stuck:
        stuck.setattr(Path, "unlink", refuse)
        (note,) = leave(out, acme)
    (previous,) = tmp_path.glob(".out.previous-*")
    assert str(previous) in note and "delete it" in note
    assert (out / RESULTS).read_text() == "new"
    assert leave(out, acme) == ()
    assert sorted(os.listdir(tmp_path)) == ["acme", "out"]


def test_a_copy_of_a_file_that_has_changed_is_not_left(tmp_path):
    (tmp_path / "a").write_text("x")
    (tmp_path / "to").mkdir()
    good = atomic_folder.content(tmp_path / "a")
    assert atomic_folder.copy_proven(tmp_path, "a", good, tmp_path / "to")
    (tmp_path / "a").write_text("y")
    assert not atomic_folder.copy_proven(tmp_path, "a", good, tmp_path / "to")
    assert names(tmp_path / "to") == set()
