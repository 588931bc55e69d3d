"""What a client's folder asks for and nobody allowed: named with place and option, and nothing is opened, read or written."""

import json
import os

import pytest

from assess import intake

LOCATIONS = [
    "file:///etc/passwd",
    "FILE:///etc/passwd",
    "file:/etc/passwd",
    "http://127.0.0.1:{port}/x.csv",
    "HTTP://127.0.0.1:{port}/x.csv",
    "https://127.0.0.1:{port}/x.parquet",
    "ftp://127.0.0.1:{port}/x.csv",
    "s3://127.0.0.1:{port}/b.csv",
    "s3a://b/k.csv",
    "gs://b/k.csv",
    "gcs://b/k.csv",
    "az://b/k.csv",
    "abfss://b@127.0.0.1:{port}/k.csv",
    "r2://b/k.csv",
    "hf://datasets/x.csv",
    "jdbc:postgresql://127.0.0.1:{port}/x",
    "duckdb:///{outside}/new.db#t",
    "duckdb://md:x#t",
    "duckdb:x.db",
    "md:mydb#t",
    "md://mydb#t",
    "motherduck://mydb#t",
    "sqlite:///{outside}/new.sqlite#t",
    "sqlite:x",
    "postgres://127.0.0.1:{port}/x#t",
    "postgresql+psycopg://127.0.0.1:{port}/x#t",
    "mysql://127.0.0.1:{port}/x#t",
    "mssql://127.0.0.1:{port}/x#t",
    "clickhouse://127.0.0.1:{port}/x#t",
    "trino://127.0.0.1:{port}/x#t",
    "snowflake://127.0.0.1:{port}/x#t",
    "bigquery://p/d#t",
    "pyspark://127.0.0.1:{port}#t",
    "polars://x#t",
    "pandas://x#t",
    "datafusion://x#t",
    "\\\\127.0.0.1\\share\\x.csv",
    "//127.0.0.1/share/x.csv",
    "\\\\?\\C:\\x.csv",
    "C:/x.csv",
    "C:x.csv",
    "~/x.csv",
    "~root/x.csv",
    "data:text/csv,a",
    "gopher://127.0.0.1:{port}/",
    "ldap://127.0.0.1:{port}/x",
    "smb://127.0.0.1/x",
    "ssh://127.0.0.1:{port}/x",
    "/vsicurl/http://127.0.0.1:{port}/x.csv",
    "ｈｔｔｐ：／／127.0.0.1:{port}/x.csv",
    "．．/．．/etc/passwd",
    "∕etc∕passwd",
    "extracts/../../../etc/passwd",
    "extracts\\..\\..\\..\\etc\\passwd",
    "/proc/self/environ",
    "/dev/zero",
    "/dev/stdin",
]
"""Other machines, other files, other engines, in the spellings of Windows, of other alphabets and of other tools."""


def naming(folder, location):
    (folder / "systems.csv").write_text(f'id,name,kind,data\ncrm,CRM,CRM,"{location}"\nerp,ERP,ERP,\n')


@pytest.mark.parametrize("asks", [False, True], ids=["silently", "asking"])
def test_no_location_outside_is_opened_whatever_the_client_says(machine, listener, asks):
    """One engagement for each: file, row, column, value, and what the consultant would have to allow."""
    if asks:
        with (machine.acme / "engagement.yaml").open("a") as settings:
            settings.write("data:\n  allow_outside: yes\n")
    before = sorted(machine.folder.rglob("*"))
    for pattern in LOCATIONS:
        location = pattern.format(port=listener.port, outside=machine.outside)
        naming(machine.acme, location)
        found = [p for p in intake.validate(machine.acme) if p.column == "data"]
        assert [(p.file, p.row) for p in found] == [("systems.csv", 2)], location
        assert found[0].value and found[0].allowed, location
    assert sorted(machine.folder.rglob("*")) == before
    assert listener.heard == []


@pytest.mark.parametrize(
    "folder", ["extracts", "contracts", "catalog", "policies", "operations", "event_logs"]
)
@pytest.mark.parametrize("link", ["folder", "file"])
def test_no_link_leads_out(machine, folder, link):
    """Neither a listed folder that is a link nor a linked file in it is read; what it holds is not shown."""
    for name in ("o.csv", "p.yaml"):
        (machine.outside / name).write_text(
            "id,name\n1,CANARY\n" if name == "o.csv" else "rules: [{id: CANARY}]\n"
        )
    place = machine.acme / folder
    if link == "folder":
        if place.exists():
            place.rmdir()
        place.symlink_to(machine.outside)
    else:
        place.mkdir(exist_ok=True)
        for name in ("o.csv", "p.yaml"):
            (place / name).symlink_to(machine.outside / name)
    naming(machine.acme, "extracts/o.csv" if folder == "extracts" else "")
    problems = intake.validate(machine.acme)
    assert any("symbolic link" in str(p) for p in problems), [str(p) for p in problems]
    assert "CANARY" not in "".join(map(str, problems))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
@pytest.mark.parametrize(
    "name", ["contracts/a.yaml", "catalog/a.yaml", "policies/a.yaml", "operations/a.csv", "event_logs/a.csv"]
)
def test_a_pipe_is_named_and_hangs_nothing(machine, name):
    (machine.acme / name).parent.mkdir(exist_ok=True)
    os.mkfifo(machine.acme / name)
    (problem,) = intake.validate(machine.acme)
    assert (problem.file, problem.message) == (name, "is no regular file")


WISHES = {
    "data: {{spill_folder: {outside}}}": "--spill-folder",
    "data: {{memory_limit: 900GB}}": "--memory",
    "data: {{allow_outside: yes}}": "--allow",
}
NONE = (
    "data: {{cache_folder: {outside}}}", "data: {{notebooks_folder: {outside}}}", "allow: ['*']", "sources: ['*']",
    "limits: {{unpacked_bytes: 99}}", "trust: {{sources: ['*']}}", "time_zone: ../../../../etc/localtime",
    "time_zone: /etc/localtime", "data: {{memory_limit: \"4GB'; COPY (SELECT 1) TO '{outside}/x'\"}}",
)  # fmt: skip


@pytest.mark.parametrize("wish", WISHES, ids=lambda wish: wish[8:-3])
def test_a_wish_is_said_and_not_granted(machine, wish):
    """`assess validate` names what the engagement asks for, and the option that allows it."""
    with (machine.acme / "engagement.yaml").open("a") as settings:
        settings.write(wish.format(outside=machine.outside) + "\n")
    (machine.outside / "assess-4000000-notes").mkdir()
    done = machine.run("validate", "acme")
    assert WISHES[wish] in done.stderr
    assert [path.name for path in machine.outside.iterdir()] == ["assess-4000000-notes"]


@pytest.mark.parametrize("wish", NONE, ids=lambda wish: wish[:24])
def test_a_key_that_only_the_consultant_has_is_a_mistake(machine, wish):
    with (machine.acme / "engagement.yaml").open("a") as settings:
        settings.write(wish.format(outside=machine.outside) + "\n")
    (problem,) = intake.validate(machine.acme)
    assert (problem.file, problem.row) == ("engagement.yaml", 3)
    assert problem.allowed
    assert list(machine.outside.iterdir()) == []


NAMES = [
    "-o",
    "--allow",
    "a#b?c%20d",
    "q'\"x",
    "$(touch X);`touch X`",
    "x')\nopen('X','w')#",
    "ｅ́ é",
    "CON",
    "{{7*7}}",
    "<b>",
]


@pytest.mark.parametrize("name", NAMES)
def test_an_engagement_may_have_any_name(machine, name):
    folder = machine.engagement(name)
    assert intake.validate(folder) == ()
    assert not list(machine.folder.rglob("X"))


def test_a_folder_that_is_called_like_an_option_is_a_folder(machine):
    machine.engagement("--allow")
    done = machine.run("validate", "--", "--allow")
    assert (done.returncode, done.stderr) == (0, "")


def test_no_reference_of_a_contract_leaves_the_folder(machine, listener):
    """``$ref``, ``$schema``, ``$id`` and servers of a host, of a file and of a path that climbs."""
    (machine.outside / "s.yaml").write_text("CANARY: 1\ntype: CANARY\n")
    (machine.acme / "contracts").mkdir()
    host = f"http://127.0.0.1:{listener.port}/x.yaml"
    leads = [
        host, host.replace("http", "HTTP", 1), f"//127.0.0.1:{listener.port}/x", f"file://{machine.outside}/s.yaml",
        f"{machine.outside}/s.yaml", "../../../outside/s.yaml", "..%2f..%2f..%2foutside/s.yaml",
    ]  # fmt: skip
    for number, lead in enumerate(leads):
        api = {
            "openapi": "3.1.0", "info": {"title": "x", "version": "1"}, "jsonSchemaDialect": host,
            "externalDocs": {"url": host}, "servers": [{"url": host}], "paths": {"/a": {"$ref": lead}},
            "components": {"schemas": {"X": {"$ref": f"{lead}#/x"}}},
        }  # fmt: skip
        schema = {"$schema": host, "$id": host, "$ref": lead, "properties": {"a": {"$dynamicRef": lead}}}
        (machine.acme / "contracts" / f"a{number}.yaml").write_text(json.dumps(api))
        (machine.acme / "contracts" / f"s{number}.schema.json").write_text(json.dumps(schema))
    done = machine.run("check", "acme")
    assert done.returncode == 1, done.stderr
    assert "CANARY" not in done.stdout + done.stderr
    assert listener.heard == []
    for number in range(len(leads)):
        assert f"contracts/a{number}.yaml" in done.stdout


@pytest.mark.parametrize("key", ["Pwd", "PASSWORD", "AccountKey", "sig"])
def test_a_connection_string_parted_at_its_semicolons_shows_no_password(machine, key):
    """``Server=x;Pwd=...`` is read as two tables, the second of which has the password for a path."""
    naming(machine.acme, f"mssql://db;Database=x;{key}=S3CRET-canary;UID=a")
    problems = intake.validate(machine.acme)
    assert [p for p in problems if p.column == "data"]
    assert "S3CRET" not in "".join(map(str, problems))
