"""Results kept by content, signed by the user."""

import hmac
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from assess.cli.reports import clean
from assess.core import cache, signature
from assess.core.estimate import Estimate
from assess.core.trust import Allowed, granted

ONE = Estimate.point(1.0)


def test_what_was_computed_is_read_the_next_time(tmp_path):
    kept = cache.Cache(tmp_path)
    assert kept.get(Estimate, ("a",), lambda: ONE) == ONE
    assert kept.get(Estimate, ("a",), pytest.fail) == ONE


@pytest.mark.parametrize("parts", [("b",), ("a", ""), ()])
def test_other_input_is_computed_again(tmp_path, parts):
    kept = cache.Cache(tmp_path)
    kept.get(Estimate, ("a",), lambda: ONE)
    other = Estimate.point(2.0)
    assert kept.get(Estimate, parts, lambda: other) == other


def test_other_code_computes_again(tmp_path):
    rooms = tmp_path / "rooms"
    rooms.mkdir()
    (rooms / "model.py").write_text("1")
    cache.Cache(tmp_path, rooms).get(Estimate, ("a",), lambda: ONE)
    (rooms / "model.py").write_text("2")
    cache.code.cache_clear()
    other = Estimate.point(2.0)
    assert cache.Cache(tmp_path, rooms).get(Estimate, ("a",), lambda: other) == other


def test_of_several_that_ask_at_once_one_computes(tmp_path):
    computed = []

    def compute():
        computed.append(1)
        time.sleep(0.3)
        return ONE

    asking = [
        threading.Thread(target=cache.Cache(tmp_path).get, args=(Estimate, ("a",), compute)) for _ in range(4)
    ]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join()
    assert len(computed) == 1


def test_a_failure_keeps_nothing(tmp_path):
    kept = cache.Cache(tmp_path)
    with pytest.raises(ZeroDivisionError):
        kept.get(Estimate, ("a",), lambda: 1 // 0)
    assert kept.get(Estimate, ("a",), lambda: ONE) == ONE


def test_without_a_folder_nothing_is_kept():
    assert cache.Cache(None).get(Estimate, ("a",), lambda: ONE) == ONE


POSIX = pytest.mark.skipif(os.name != "posix", reason="links and permissions of POSIX")


def entry(folder: Path) -> Path:
    (path,) = folder.glob("*.json")
    return path


def computed(folder: Path | None, value: Estimate = ONE) -> bool:
    """Ask for a result, and return whether it was computed anew."""
    asked = []

    def compute():
        asked.append(1)
        return value

    assert cache.Cache(folder).get(Estimate, ("a",), compute) == value
    return bool(asked)


def forge_value(path: Path) -> None:
    text = path.read_bytes()
    assert b"1.0" in text
    path.write_bytes(text.replace(b"1.0", b"2.0"))


def forge_reads(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"[]", b'["field risks"]', 1))


def forge_all(path: Path) -> None:
    other = cache.Cache(path.parent)
    other.get(Estimate, ("b",), lambda: Estimate.point(2.0))
    (source,) = (p for p in path.parent.glob("*.json") if p != path)
    source.replace(path)


def sign_with_another_key(path: Path) -> None:
    before = os.environ[signature.STATE]
    os.environ[signature.STATE] = str(path.parents[1] / "other")
    try:
        path.unlink()
        cache.Cache(path.parent).get(Estimate, ("a",), lambda: Estimate.point(2.0))
    finally:
        os.environ[signature.STATE] = before


@pytest.mark.parametrize(
    "forge", [forge_value, forge_reads, forge_all, sign_with_another_key, lambda p: p.write_text(""), lambda p: p.write_text("x" * 64 + "\n")]
)  # fmt: skip
def test_what_the_user_has_not_signed_is_computed_again(tmp_path, forge):
    folder = tmp_path / "kept"
    assert computed(folder) and not computed(folder)
    forge(entry(folder))
    assert computed(folder) and not computed(folder)


@POSIX
def test_an_entry_that_is_a_link_is_not_followed(tmp_path):
    assert computed(tmp_path / "kept")
    path = entry(tmp_path / "kept")
    path.replace(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    assert computed(tmp_path / "kept")
    assert not path.is_symlink() and not computed(tmp_path / "kept")


@POSIX
@pytest.mark.parametrize("kind", ["a link", "writable by all", "writable by the group", "a file", "relative"])
def test_a_folder_that_is_not_the_users_alone_keeps_nothing(tmp_path, monkeypatch, kind):
    folder, real = tmp_path / "kept", tmp_path / "real"
    real.mkdir()
    canary = real / "x.lock"
    canary.touch()
    if kind == "a link":
        folder.symlink_to(real)
    elif kind == "a file":
        folder.write_text("")
    elif kind == "relative":
        monkeypatch.chdir(real)
        folder = Path("~")
    else:
        folder.mkdir()
        folder.chmod(0o707 if "all" in kind else 0o770)
    assert computed(folder) and computed(folder)
    cache.tidy(folder, 0)
    assert os.listdir(real) == ["x.lock"]


@POSIX
def test_only_the_user_can_read_what_is_kept(tmp_path):
    before = os.umask(0)
    try:
        computed(tmp_path / "deep" / "kept")
    finally:
        os.umask(before)
    assert (tmp_path / "deep" / "kept").stat().st_mode & 0o777 == 0o700
    assert entry(tmp_path / "deep" / "kept").stat().st_mode & 0o777 == 0o600


def test_above_the_limit_what_was_not_used_for_the_longest_time_goes(tmp_path):
    for name in "abc":
        cache.Cache(tmp_path).get(Estimate, (name,), lambda: ONE)
    size = sum(path.stat().st_size for path in tmp_path.iterdir()) // 3
    first, second, third = tmp_path.glob("*.json")
    for age, path in enumerate((second, first, third)):
        os.utime(path, (1e9 + age, 1e9 + age))
    cache.tidy(tmp_path, 2 * size)
    assert sorted(tmp_path.iterdir()) == sorted([first, third])
    cache.tidy(tmp_path, 0)
    assert list(tmp_path.iterdir()) == []


def test_a_use_is_noted(tmp_path):
    computed(tmp_path)
    os.utime(entry(tmp_path), (1e9, 1e9))
    assert not computed(tmp_path)
    assert entry(tmp_path).stat().st_mtime > 1e9 + 1


@POSIX
def test_unfinished_files_go_unless_a_process_holds_them_or_they_are_foreign(tmp_path):
    lock = f"profile-{'0' * 32}.lock"
    (tmp_path / ".left.part").touch()
    (tmp_path / lock).touch()
    foreign = {"other.lock", "notes.part", f"profile-{'1' * 32}.lock"}
    for name in foreign:
        (tmp_path / name).write_text("content of somebody")
    (tmp_path / f"profile-{'2' * 32}.lock").symlink_to(tmp_path / "other.lock")
    held = tmp_path / f"profile-{'3' * 32}.lock"
    with cache._alone(held):
        cache.tidy(tmp_path)
        assert {p.name for p in tmp_path.iterdir()} == {*foreign, held.name, f"profile-{'2' * 32}.lock"}
    assert not held.exists()


@POSIX
def test_a_lock_whose_file_was_removed_is_taken_anew(tmp_path):
    """Whoever waited for a lock file that its holder removed must not work beside the next."""
    inside, most = [], []

    def work():
        with cache._alone(tmp_path / "x.lock"):
            inside.append(1)
            most.append(len(inside))
            time.sleep(0.02)
            inside.pop()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert max(most) == 1 and len(most) == 8


def test_the_consultant_says_where_results_lie(tmp_path):
    with granted(Allowed(cache_folder=str(tmp_path))):
        assert cache.cache_folder() == tmp_path / "assess-results"
    assert cache.cache_folder() == Path(os.environ[signature.STATE]) / "cache"


def test_clean_removes_results_and_names_what_it_leaves(tmp_path, monkeypatch):
    monkeypatch.setenv(signature.STATE, str(tmp_path))
    folder = cache.cache_folder()
    assert computed(folder)
    (folder / "thesis.json").write_text("mine")
    said = CliRunner().invoke(clean)
    assert said.exit_code == 0, said.output
    assert f"{folder}: 1 results removed, 0.0 MB." in said.output
    assert f"not of assess: {folder / 'thesis.json'}" in said.output
    assert os.listdir(folder) == ["thesis.json"]
    assert (tmp_path / "data" / signature.KEY).exists()


KEYS = "from assess.core import signature; print(signature.sign('x'))"


@POSIX
def test_of_three_processes_that_need_the_first_key_at_once_all_get_the_same(tmp_path):
    env = {**os.environ, signature.STATE: str(tmp_path / "state")}
    code = f"import sys; from assess.core import signature; print(1, flush=True); sys.stdin.read(); {KEYS}"
    asked = [
        subprocess.Popen([sys.executable, "-c", code], env=env, stdin=-1, stdout=-1, text=True) for _ in "123"
    ]
    for process in asked:
        assert process.stdout.readline() == "1\n"
    for process in asked:
        process.stdin.flush()
    found = {process.communicate()[0] for process in asked}
    assert len(found) == 1 and len(found.pop().strip()) == 64
    key = tmp_path / "state" / "data" / signature.KEY
    assert key.stat().st_mode & 0o777 == 0o600 and key.stat().st_size == 32
    assert os.listdir(key.parent) == [signature.KEY]


@POSIX
def test_the_key_of_a_process_that_was_faster_is_not_replaced(tmp_path, monkeypatch):
    monkeypatch.setenv(signature.STATE, str(tmp_path))
    key = tmp_path / "data" / signature.KEY
    read = signature._read_key

    def look_before_it_is_there(path):
        monkeypatch.setattr(signature, "_read_key", read)
        assert read(path) is None
        path.write_bytes(b"k" * 32)  # by another process, just now
        path.chmod(0o600)

    monkeypatch.setattr(signature, "_read_key", look_before_it_is_there)
    assert signature.sign("x") == hmac.new(b"k" * 32, b"x\0", "sha256").hexdigest()
    assert key.read_bytes() == b"k" * 32


@pytest.mark.parametrize("kind", ["empty", "too long", "readable by others", "a link", "a folder"])
def test_a_key_that_is_none_is_replaced_or_not_used(tmp_path, monkeypatch, kind):
    monkeypatch.setenv(signature.STATE, str(tmp_path))
    key = tmp_path / "data" / signature.KEY
    key.parent.mkdir(mode=0o700)
    known = b"k" * 32
    (tmp_path / "known").write_bytes(known)
    (tmp_path / "known").chmod(0o600)
    if kind == "a link":
        key.symlink_to(tmp_path / "known")
    elif kind == "a folder":
        key.mkdir()
    else:
        key.write_bytes({"empty": b"", "too long": known * 2}.get(kind, known))
        key.chmod(0o644 if "others" in kind else 0o600)
    forged = signature.hmac.new(known, b"x\0", "sha256").hexdigest()
    assert not signature.is_signed(forged, "x")
    assert bool(signature.sign("x")) == (kind != "a folder")
    assert (tmp_path / "known").read_bytes() == known


@pytest.mark.parametrize(
    "other", [("y", b"ab", b"c"), ("x", b"a", b"bc"), ("x", b"abc"), ("x", b"ab", b"c", b"")]
)
def test_a_signature_is_for_one_purpose_and_these_parts(other):
    proof = signature.sign("x", b"ab", b"c")
    assert signature.is_signed(proof, "x", b"ab", b"c")
    assert not signature.is_signed(proof, *other)
    assert not signature.is_signed("ä", "x")


HOMES = {
    "no home": {"HOME": ""},
    "a home that is not there": {"HOME": "/nonexistent-home"},
    "a home that is a file": {"HOME": "/etc/hostname"},
    "a disk of the system": {"HOME": "/proc/self"},
}


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="XDG folders")
@pytest.mark.parametrize("home", HOMES)
def test_who_has_no_folder_has_no_key_and_keeps_nothing(tmp_path, monkeypatch, home):
    monkeypatch.delenv(signature.STATE)
    for name in ("XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", HOMES[home]["HOME"])
    assert cache.cache_folder() is None and signature.sign("x") == ""
    assert not Path("/nonexistent-home").exists()
    assert computed(tmp_path / "kept") and computed(tmp_path / "kept")


def test_the_same_content_at_another_place_is_the_same_result(tmp_path):
    """Clients share nothing but what is identical, and what is identical is no secret to either."""
    from assess import intake
    from assess.decisions.assessment import Assessment

    with granted(Allowed(cache_folder=str(tmp_path))):
        first, second = (intake.load(intake.init(tmp_path / name)) for name in ("one", "two"))
        _ = Assessment(first).operations, Assessment(second).operations
        kept = len(list((tmp_path / "assess-results").glob("*.json")))
        assert kept == 1
        _ = Assessment(second.model_copy(update={"client": "other"})).operations
        assert len(list((tmp_path / "assess-results").glob("*.json"))) == 2
    assert not [p for name in ("one", "two") for p in (tmp_path / name).rglob("*") if p.name.startswith(".")]


@pytest.mark.parametrize("case", ["kept", "fresh", "no key"])
def test_the_kernels_of_a_run_share_what_they_measure_whatever_is_kept(tmp_path, monkeypatch, case):
    from assess.report.run import workplace

    if case == "no key":
        (tmp_path / "file").write_text("")
        monkeypatch.setenv(signature.STATE, str(tmp_path / "file"))
    else:
        monkeypatch.setenv(signature.STATE, str(tmp_path / "state"))
        assert computed(cache.cache_folder())
    before = dict(os.environ)
    (tmp_path / "work").mkdir()
    with workplace(tmp_path / "work", fresh=case == "fresh"):
        assert computed(cache.cache_folder()) == (case != "kept")
        assert not computed(cache.cache_folder())
        assert (tmp_path / "work" in cache.cache_folder().parents) == (case != "kept")
    assert dict(os.environ) == before
