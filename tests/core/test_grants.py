"""Places outside an engagement: what a grant covers, and what two readers could take for different places."""

import shlex
from pathlib import Path

import pytest

from assess.core.grants import NotGrantable, advice, normal_grant, parse_url, permits


@pytest.fixture
def acme(tmp_path):
    """An engagement's folder beside others; the client chose what lies in it."""
    folder = tmp_path / "acme"
    for name in ("acme/extracts", "data/deep", "data-private"):
        (tmp_path / name).mkdir(parents=True)
    for name in ("data/a.csv", "data/deep/b.csv", "data-private/c.csv"):
        (tmp_path / name).write_text("id\n1\n")
    (folder / "extracts/link.csv").symlink_to(tmp_path / "data-private/c.csv")
    (folder / "extracts/up").symlink_to(tmp_path)
    (tmp_path / "data/leads_away.csv").symlink_to(tmp_path / "data-private/c.csv")
    return folder


@pytest.mark.parametrize(
    ("location", "allowed"),
    [
        ("../data/a.csv", True),
        ("../data/deep/b.csv", True),
        ("../data/deep/../a.csv", True),
        ("extracts/up/data/a.csv", True),
        ("../data-private/c.csv", False),  # begins like data
        ("../data/../data-private/c.csv", False),
        ("extracts/link.csv", False),
        ("extracts/up/data-private/c.csv", False),
        ("../data/leads_away.csv", False),  # a link within what is allowed, to what is not
        ("../DATA/a.csv", False),
        ("/etc/passwd", False),
        ("~/data/a.csv", False),
        ("//etc/passwd", False),
        ("\\\\server\\share\\a.csv", False),
        ("C:\\data\\a.csv", False),
    ],
)
def test_a_folder_allows_what_really_lies_in_it(acme, location, allowed):
    grant = normal_grant("data", acme.parent)
    assert permits((grant,), location, acme) is allowed


def test_a_url_of_a_file_is_judged_as_the_file(acme):
    data = acme.parent / "data"
    (data / "m.duckdb").write_bytes(b"x")
    (data / "n.duckdb").symlink_to(acme.parent / "data-private/c.csv")
    grants = (normal_grant(str(data)),)
    for scheme in ("duckdb", "sqlite", "file", "DuckDB"):
        assert permits(grants, f"{scheme}://{data}/m.duckdb#t", acme)
        assert not permits(grants, f"{scheme}://{data}/n.duckdb#t", acme)
        assert not permits(grants, f"{scheme}://{data}/../data-private/c.csv", acme)
        assert not permits(grants, f"{scheme}://{data}/m.duckdb?extensions=httpfs", acme)
        assert not permits(grants, f"{scheme}://data/m.duckdb", acme)  # relative to wherever a kernel works
    assert not permits(grants, "duckdb://md:share", acme)
    assert normal_grant(f"duckdb://{data}/m.duckdb#t") == str(data / "m.duckdb")


GRANT = "postgresql://db.example/crm"


@pytest.mark.parametrize(
    "location",
    [
        "postgresql://db.example/crm",
        "postgresql://db.example/crm#public.customers",
        "postgresql://ada:s3cret@db.example/crm/more",
        "postgres://DB.Example:5432/crm?sslmode=require",
        "PostgreSQL://db.example./crm",
        "postgresql://db.example/%63rm?password=x",
    ],
)
def test_a_url_allows_what_begins_like_it(acme, location):
    assert permits((normal_grant(GRANT),), location, acme)


@pytest.mark.parametrize(
    "location",
    [
        "postgresql://db.example.evil/crm",
        "postgresql://evil/db.example/crm",
        "postgresql://db.example@evil/crm",
        "postgresql://db.example:5432@evil/crm",
        "postgresql://x@db.example@evil/crm",
        "postgresql://evil@x@db.example/crm",
        "postgresql://evil#@db.example/crm",
        "postgresql://evil\\@db.example/crm",
        "postgresql://evil?@db.example/crm",
        "postgresql://db.example,evil/crm",
        "postgresql://db.example:5432,evil:5432/crm",
        "postgresql://db.example%2eevil/crm",
        "postgresql://db.ex%61mple/crm",
        "postgresql://db.example:22/crm",
        "postgresql://db.example/crm2",
        "postgresql://db.example/CRM",
        "postgresql://db.example/crm/../hr",
        "postgresql://db.example/crm/%2e%2e/hr",
        "postgresql://db.example/crm/%252e%252e/hr",
        "postgresql://db.example/crm%2f..%2fhr",
        "postgresql://db.example/crm?host=evil",
        "postgresql://db.example/crm?HOSTADDR=10.0.0.1",
        "postgresql://db.example/crm?sslmode=require&service=other",
        "postgresql://db.example/crm?passfile=/home/ada/.pgpass",
        "postgresql://db.example/",
        "postgresql:///crm",
        "postgresql+psycopg://db.example/crm",
        "http://db.example/crm",
        "mysql://db.example:5432/crm",
        "jdbc:postgresql://db.example/crm",
        "./postgresql://db.example/crm",
        " postgresql://db.example/crm",
        "\x01postgresql://db.example/crm",
        "post\tgresql://db.example/crm",
        "postgresql://db.example\n.evil/crm",
        "postgresql://db.ex\u0430mple/crm",  # a Cyrillic a
        "postgresql://db\u3002example/crm",  # an ideographic full stop, which IDNA reads as a dot
        "postgresql://\uff44b.example/crm",  # a full-width d
        "postgresql://db.example\u2044evil/crm",  # a fraction slash
        "postgresql://[::1]/crm",
        "db.example/crm",
    ],
)
def test_a_url_allows_nothing_that_only_resembles_it(acme, location):
    assert not permits((normal_grant(GRANT),), location, acme)


def test_a_parameter_that_chooses_something_must_stand_in_the_grant(acme):
    location = "snowflake://ada:s3cret@account/crm?warehouse=small&token=abc"
    assert not permits((normal_grant("snowflake://account/crm"),), location, acme)
    option = shlex.split(advice(location, acme))
    assert option == ["--allow", "snowflake://account/crm?warehouse=small"]
    assert permits((normal_grant(option[1]),), location, acme)


@pytest.mark.parametrize(
    "location",
    [
        "../data/a.csv",
        "extracts/link.csv",
        "../data/it's $(touch x) & more.csv",
        "postgresql://ada:p%40ss@db.example:5433/crm?options=-csearch_path%3Dx#public.customers",
        "s3://bucket/a%20b/c.parquet?X-Amz-Signature=abc",
        "https://db.example/$(touch x)".replace(" ", "%20"),
        "postgresql://[2001:db8::1]:5433/crm",
    ],
)
def test_the_option_that_is_advised_allows_the_place_and_holds_no_secret(acme, location):
    option, source = shlex.split(advice(location, acme))
    assert option == "--allow"
    assert permits((normal_grant(source, Path.cwd()),), location, acme)
    for secret in ("p%40ss", "p@ss", "abc", "ada"):
        assert secret not in source


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("postgresql://ada:pa/ss@db/crm", "%2F"),
        ("postgresql://ada:pa#ss#x@db/crm", "%23"),
        ("postgresql://ada:p@ss@db/crm", "%40"),
        ("postgresql://ada:pa ss@db/crm", "%.."),
        ("postgresql://", "names no host"),
        ("duckdb://x.duckdb", "full path"),
        ("~root/x.csv", "~"),
    ],
)
def test_what_can_not_be_allowed_says_why_without_a_secret(acme, location, reason):
    text = advice(location, acme)
    assert reason in text
    assert "--allow" not in text
    assert "ss" not in text.replace("password", "")


def test_whatever_the_engagement_names_is_a_grant_of_its_own(acme):
    assert permits((normal_grant("*"),), "postgresql://anything#t", acme)
    assert not permits((normal_grant("*", acme.parent) + "x",), "../data/a.csv", acme)


def test_a_grant_of_a_table_allows_that_table(acme):
    grants = (normal_grant("postgresql://db.example/crm#public.a"),)
    assert permits(grants, "postgresql://db.example/crm#public.a", acme)
    assert not permits(grants, "postgresql://db.example/crm#public.b", acme)


@pytest.mark.parametrize("text", ["", " ", "\0", "postgresql://", "://x", "x\0y"])
def test_a_grant_that_names_nothing_is_refused(text):
    with pytest.raises(NotGrantable):
        normal_grant(text, Path("/"))


@pytest.mark.parametrize("text", ["postgresql://db/a%20b/c#t", "https://h:8443/x?a=1&b=%26", "s3://b/k"])
def test_a_url_written_out_is_the_same_url(text):
    assert parse_url(str(parse_url(text))) == parse_url(text)
