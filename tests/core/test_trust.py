"""Whose word is what: the options of a command, the user's configuration, and nothing that a client wrote."""

import contextlib
import json
import os
import subprocess
import sys

import pytest

from assess import intake
from assess.core import trust
from assess.core.trust import Allowed, Limits, NotAllowed, allowed, extended, granted
from assess.core.unpacking import UnreadableTable
from assess.evidence.quality.table import open_table

POSIX = pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")


@pytest.fixture
def config(tmp_path, monkeypatch):
    """The user's own configuration, in a folder of the test."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv(trust.VARIABLE, raising=False)
    file = trust.config_file()
    file.parent.mkdir(parents=True, mode=0o700)
    return file


@pytest.fixture
def acme(tmp_path):
    """An engagement as it comes by mail."""
    return intake.init(tmp_path / "mail" / "acme")


def assess(*arguments, cwd, **env):
    """Run a command as a user does."""
    return subprocess.run(
        [sys.executable, "-m", "assess.cli", *arguments], cwd=cwd, capture_output=True, text=True, check=False,
        env={**{k: v for k, v in os.environ.items() if k != trust.VARIABLE}, **env},
    )  # fmt: skip


def test_without_a_configuration_nothing_is_allowed(config):
    assert allowed() == Allowed() == Allowed(sources=(), memory="", limits=Limits())
    assert allowed().beyond_default == {}


def test_the_configuration_says_what_is_always_allowed(config, tmp_path):
    config.write_text(
        f"allow:\n  - postgresql://ada:x@DB.example/\n  - {tmp_path}/a/../data\nmemory: 4GB\n"
        f"spill_folder: {tmp_path}/spill\nlimits:\n  rows: 5_000_000\n  seconds: 60\n"
    )
    assert allowed() == Allowed(
        sources=("postgresql://db.example/", str(tmp_path / "data")), memory="4GB",
        spill_folder=str(tmp_path / "spill"), limits=Limits(rows=5_000_000, seconds=60.0),
    )  # fmt: skip


def test_everything_that_is_wrong_with_the_configuration_is_told_at_once(config):
    config.write_text(
        "allow:\n  - ../data\n  - postgresql://ada:s3cret@a,b/\nmemmory: 4GB\nmemory: much\nmemory: 1GB\n"
        "spill_folder: [a]\nlimits:\n  rows: -5\n  colour: 3\n"
    )
    with pytest.raises(NotAllowed) as told:
        allowed()
    problems = told.value.problems
    lines = [
        ("line 2, key allow", "relative path"), ("line 3, key allow", "several hosts"), ("line 4, key memmory", "memory"),
        ("line 5, key memory", "512MB or 4GB"), ("line 6, key memory", "twice"), ("line 7, key spill_folder", "single value"),
        ("line 9, key limits.rows", "whole number above 0"), ("line 10, key limits.colour", "unpacked_bytes, rows"),
    ]  # fmt: skip
    for place, words in lines:
        assert any(f"{config}, {place}" in problem and words in problem for problem in problems), place
    assert len(problems) == len(lines)
    assert "s3cret" not in str(told.value)


@pytest.mark.parametrize("content", [b"\xff\xfe\x00x", b"a: [", b"- x", b"x"])
def test_a_configuration_that_is_none_is_a_sentence(config, content):
    config.write_bytes(content)
    with pytest.raises(NotAllowed) as told:
        allowed()
    assert all(str(config) in problem for problem in told.value.problems)


@POSIX
@pytest.mark.parametrize("place", ["file", "folder"])
def test_a_configuration_that_others_can_write_is_refused(config, place):
    config.write_text("memory: 4GB\n")
    assert allowed().memory == "4GB"
    path = config if place == "file" else config.parent
    path.chmod(0o777)
    with pytest.raises(NotAllowed, match=r"can be written by every user.*chmod go-w"):
        allowed()
    path.chmod(0o700)
    assert allowed().memory == "4GB"


@POSIX
@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root gives files away")
def test_a_configuration_of_another_user_is_refused(config):
    config.write_text("memory: 4GB\n")
    os.chown(config, 65534, 65534)
    with pytest.raises(NotAllowed, match="belongs to another user"):
        allowed()
    os.chown(config, 0, 65534)
    config.chmod(0o664)
    with pytest.raises(NotAllowed, match="can be written by a group"):
        allowed()


def test_the_configuration_is_never_a_file_of_the_working_folder(acme, monkeypatch):
    """XDG_CONFIG_HOME must be absolute; a folder that the mail brought is no configuration."""
    (acme / "assess").mkdir()
    for name in (
        "config.yaml",
        "assess/config.yaml",
        ".config/assess/config.yaml",
        "~/.config/assess/config.yaml",
    ):
        (acme / name).parent.mkdir(parents=True, exist_ok=True)
        (acme / name).write_text("allow: '*'\n")
    monkeypatch.chdir(acme)
    monkeypatch.delenv(trust.VARIABLE, raising=False)
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)  # neither HOME nor an entry of the user
    for value in (".", "", "~/.config", "config"):
        monkeypatch.setenv("XDG_CONFIG_HOME", value)
        assert allowed() == Allowed()


def test_without_a_home_a_command_works(acme):
    env = {"PATH": os.environ["PATH"]}
    done = subprocess.run(
        [sys.executable, "-m", "assess.cli", "validate", "acme"], cwd=acme.parent, env=env, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_a_command_adds_to_the_configuration_and_children_inherit(config, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    config.write_text("allow: s3://bucket/a\nmemory: 4GB\nlimits: {rows: 7}\n")
    allowance = extended(allowed(), sources=["data", "s3://bucket/a"], memory="1 GiB", limits=["cells=9"])
    assert allowance == Allowed(
        sources=("s3://bucket/a", str(tmp_path / "data")), memory="1 GiB", limits=Limits(rows=7, cells=9)
    )
    with granted(allowance):
        child = "from assess.core.trust import allowed; print(allowed().to_json())"
        done = subprocess.run([sys.executable, "-c", child], capture_output=True, text=True, check=True)
        assert Allowed.from_json(done.stdout) == allowance == allowed()
    assert allowed().memory == "4GB"
    assert trust.VARIABLE not in os.environ


def test_every_wrong_option_is_told_and_nothing_is_run(acme):
    done = assess(
        "run", "acme", "--allow", "postgresql://ada:s3cret@a,b/", "--memory", "much", "--spill-folder", "s3://x/",
        "--limit", "rows", "--limit", "rows=0", cwd=acme.parent,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stdout == ""
    for words in (
        "--allow",
        "--memory",
        "--spill-folder",
        '--limit "rows" is no limit',
        '--limit "rows=0" has no amount',
    ):
        assert words in done.stderr
    assert "s3cret" not in done.stderr
    assert "Traceback" not in done.stderr


def test_what_the_engagement_asks_for_is_named_with_the_option_that_allows_it(acme, tmp_path):
    """Whoever follows the advice gets what was asked for, and is told what was allowed."""
    spill = tmp_path / "spill it"
    with (acme / "engagement.yaml").open("a") as file:
        file.write(f"data:\n  allow_outside: yes\n  memory_limit: 2GB\n  spill_folder: {spill}\n")
    (tmp_path / "outside.csv").write_text("id\n1\n")
    done = assess("validate", "acme", cwd=acme.parent)
    assert done.returncode == 0, done.stderr
    asked = [line for line in done.stderr.splitlines() if "it is yours to allow" in line]
    assert [line.partition("key ")[2].partition(":")[0] for line in asked] == [
        "data.allow_outside", "data.memory_limit", "data.spill_folder",
    ]  # fmt: skip
    table = (acme / "systems.csv").read_text()
    (acme / "systems.csv").write_text(table.replace("extracts/shop_customers.csv", "../../outside.csv"))
    done = assess("validate", "acme", cwd=acme.parent)
    assert done.returncode == 2
    assert f"--allow {tmp_path / 'outside.csv'}" in done.stderr
    options = ("--allow", str(tmp_path / "outside.csv"), "--memory", "2GB", "--spill-folder", str(spill))
    done = assess("validate", "acme", *options, cwd=acme.parent)
    assert done.returncode == 0, done.stderr
    assert "yours to allow" not in done.stderr
    for line in (
        f"allowed: --allow {tmp_path / 'outside.csv'}",
        "allowed: --memory 2GB",
        f"allowed: --spill-folder {spill}",
    ):
        assert line in done.stderr


def test_what_the_client_asks_for_is_not_done(acme, tmp_path):
    """A spill folder of the client's is neither made nor tidied; that was how a mail deleted folders."""
    spill = tmp_path / "notes"
    (spill / "assess-2024-notes").mkdir(parents=True)
    (spill / "assess-2024-notes" / "own.txt").write_text("mine")
    with (acme / "engagement.yaml").open("a") as file:
        file.write(f"data:\n  spill_folder: {spill}\n  memory_limit: 1GB\n")
    done = assess("run", "acme", "-o", "out", "--only", "2", cwd=acme.parent)
    assert done.returncode == 0, done.stderr
    assert (spill / "assess-2024-notes" / "own.txt").read_text() == "mine"
    assert "--spill-folder" in done.stderr
    results = json.loads((acme.parent / "out/results.json").read_text("utf-8"))
    assert results["allowed"] == {}


@pytest.mark.slow
def test_a_run_records_what_was_allowed_and_a_raised_limit_is_no_reason_to_keep(acme, tmp_path):
    data = tmp_path / "more"
    data.mkdir()
    (acme / "extracts/shop_customers.csv").rename(data / "customers.csv")
    table = (acme / "systems.csv").read_text()
    (acme / "systems.csv").write_text(
        table.replace("extracts/shop_customers.csv", "../../more/customers.csv")
    )
    run = ("run", "acme", "-o", "out", "--only", "2", "--time", "2026-01-01T00:00", "--allow", str(data))
    done = assess(*run, cwd=acme.parent)
    assert done.returncode == 0, done.stderr
    results = json.loads((acme.parent / "out/results.json").read_text("utf-8"))
    assert results["allowed"] == {"--allow": str(data)}
    page = (acme.parent / "out/evidence.html").read_text("utf-8")
    assert f"<dt>allowed --allow</dt><dd>{data}</dd>" in page
    assert "kept" in assess(*run, cwd=acme.parent).stderr
    assert "kept" not in assess(*run, "--limit", "rows=1000000", cwd=acme.parent).stderr


def test_the_variable_of_children_that_nobody_wrote_is_a_sentence(monkeypatch):
    monkeypatch.setenv(trust.VARIABLE, "{}x")
    with pytest.raises(NotAllowed, match=trust.VARIABLE):
        allowed()


def test_a_configuration_within_the_engagement_is_refused(acme, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(acme / "settings"))
    assert intake.validate(acme) == ()
    file = trust.config_file()
    file.parent.mkdir(parents=True)
    file.write_text("allow: '*'\n")
    (problem,) = intake.validate(acme)
    assert "lies within the engagement" in str(problem)


def test_a_notebook_of_its_own_reads_the_configuration(config, acme, tmp_path):
    """A plain papermill run has no options: the user's configuration allows what is read."""
    (tmp_path / "outside.csv").write_text("id\n1\n")
    table = (acme / "systems.csv").read_text()
    (acme / "systems.csv").write_text(table.replace("extracts/shop_customers.csv", "../../outside.csv"))
    notebook = "from assess import intake; print(intake.load('acme').tables[0].location)"
    done = subprocess.run(
        [sys.executable, "-c", notebook], cwd=acme.parent, capture_output=True, text=True, check=False
    )
    assert "--allow" in done.stderr
    config.write_text(f"allow: {tmp_path}/outside.csv\n")
    done = subprocess.run(
        [sys.executable, "-c", notebook], cwd=acme.parent, capture_output=True, text=True, check=False
    )
    assert done.stdout == "../../outside.csv\n", done.stderr


def test_a_sheet_of_a_file_is_a_table(acme):
    """As documented: ``customers=extracts/all.xlsx#Customers``; a part that looks like a path leads nowhere."""
    import pandas as pd

    with pd.ExcelWriter(acme / "extracts/all.xlsx") as book:
        pd.DataFrame({"id": [1, 2], "name": ["a", "b"]}).to_excel(book, sheet_name="Customers", index=False)
        pd.DataFrame({"x": [1]}).to_excel(book, sheet_name="Other", index=False)
    table = (acme / "systems.csv").read_text()
    (acme / "systems.csv").write_text(
        table.replace("extracts/shop_customers.csv", "extracts/all.xlsx#Customers")
    )
    engagement = intake.load(acme)
    assert "extracts/all.xlsx" in {file.path for file in engagement.files}
    (acme / "systems.csv").write_text(
        table.replace("extracts/shop_customers.csv", "extracts/none.xlsx#../../x")
    )
    (problem,) = intake.validate(acme)
    assert problem.column == "data"


def test_a_hash_in_a_name_leads_to_no_other_file(tmp_path, acme):
    """Who judges a path and who opens it part it alike, whatever the mail calls its files and folders."""
    secret = tmp_path / "mail" / "secrets.csv"
    secret.write_text("id\ncanary\n")
    acme = acme.rename(acme.parent / "secrets.csv#acme")
    (acme / "extracts/link.csv").symlink_to(secret)
    (acme / "extracts/link.csv#a").write_text("id\nown\n")
    table, read = (acme / "systems.csv").read_text(), []
    for location in (
        "extracts/link.csv#a#b",
        "extracts/link.csv#a",
        "extracts/shop_customers.csv#x",
        "extracts/link.csv#b",
    ):
        (acme / "systems.csv").write_text(table.replace("extracts/shop_customers.csv", location))
        with contextlib.suppress(intake.InvalidEngagement, UnreadableTable):
            engagement = intake.load(acme)
            opened = open_table(engagement.locate(engagement.tables[0].location))
            read.append(location)
            assert not any("canary" in column.values for column in opened)
    assert read == ["extracts/shop_customers.csv#x"]
    with granted(extended(Allowed(), sources=[str(acme.parent / "shared")])):
        (acme.parent / "shared").mkdir()
        (acme.parent / "shared/link#x.csv").symlink_to(secret)
        (acme.parent / "shared/link").write_text("id\n1\n")
        (acme / "systems.csv").write_text(
            table.replace("extracts/shop_customers.csv", "../shared/link#x.csv")
        )
        (problem,) = intake.validate(acme)
    assert "leaves the engagement folder" in str(problem)
