"""No secret of any line is left, and nothing else is taken."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assess.core import secrets
from assess.core.secrets import find_secrets, mask_location, mask_secrets
from assess.intake.problem import quote_value

LOCATIONS = [  # location, its secrets, what must stay readable
    ("https://acct.blob.core.windows.net/c/x.parquet?sv=2022-11&sig=AbCdSECRET%3D", ["AbCdSECRET%3D"], "acct.blob.core.windows.net/c/x.parquet?sv=2022-11"),
    ("https://h/x.csv?X-Amz-Signature=DEADBEEF&X-Amz-Credential=AKIA&X-Amz-Date=20260101", ["DEADBEEF", "AKIA"], "X-Amz-Date=20260101"),
    ("https://storage.googleapis.com/b/o?X-Goog-Signature=beef01&X-Goog-Expires=60", ["beef01"], "X-Goog-Expires=60"),
    ("https://b.s3.amazonaws.com/o?AWSAccessKeyId=ID01&Signature=vj%2Fx&Expires=9", ["ID01", "vj%2Fx"], "Expires=9"),
    ("snowflake://u:pwpw@acc/db?key=K123#crm.orders", ["pwpw", "K123"], "#crm.orders"),
    ("postgresql://ann:pa/ss@db/crm#t", ["pa/ss"], "ann:***@db/crm#t"),
    ("postgresql://ann:pa/ss#SECRET@db/crm#public.t", ["pa/ss", "SECRET"], "@db/crm#public.t"),
    ("postgresql://ann:SEC RET@db.example:5432/crm#t", ["SEC", "RET"], "@db.example:5432/crm#t"),
    ("postgresql://ann:p@ss/w@rd@db/crm#t", ["ss/w", "rd@"], "@db/crm#t"),
    ("postgresql://ann:pa?x=yy@db/crm#t", ["pa?x", "yy"], "@db/crm#t"),
    ("postgresql://ann:a:b@db/crm", ["a:b"], "@db/crm"),
    ("postgresql://ann:12/34@db/crm", ["12/34"], "@db/crm"),
    ("postgresql://ann:p%40ss@db/crm?user=x@y.z#t", ["p%40ss"], "@db/crm?user=x@y.z#t"),
    ("postgresql://ann:пароль/ü@db/crm#t", ["пароль", "ü"], "@db/crm#t"),
    ("postgresql://ann%3As3cr@db/crm", ["s3cr"], "@db/crm"),
    ("postgresql://db/crm?user=ann&password=SEC RET#1&sslmode=require#t", ["SEC", "RET", "#1"], "sslmode=require#t"),
    ("redis://:pw123@h:6379/0", ["pw123"], "@h:6379/0"),
    ("mongodb+srv://u:p:w@h1:27017,h2:27017/db?authSource=admin", ["p:w"], "@h1:27017,h2:27017/db?authSource=admin"),
    ("mssql://h/db?apikey=K1K&sig=K2K", ["K1K", "K2K"], "mssql://h/db?apikey="),
    ("duckdb:///x.db?access_key=AKAK", ["AKAK"], "duckdb:///x.db"),
    ("mssql+pyodbc:///?odbc_connect=DRIVER%3DODBC%3BServer%3Ddb%3BPWD%3DSEC%2BRET%3BDatabase%3Dx", ["SEC", "RET"], "Database%3Dx"),
    ("jdbc:sqlserver://h:1433;databaseName=x;user=a;password={p;w}}d};encrypt=true", ["p;w", "d}"], ";encrypt=true"),
    ("jdbc:oracle:thin:scott/tiger@//host:1521/svc", ["tiger"], "@//host:1521/svc"),
    ("https://ghp_abcdefghijklmnopqrstuvwxyz012345@github.com/x", ["ghp_", "012345"], "@github.com/x"),
    ("https://h/cb?code=OAUTHC0DE&client_secret=CLSECR&access_token=ACCTOK&state=s1", ["OAUTHC0DE", "CLSECR", "ACCTOK"], "state=s1"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("location", "secrets", "kept"), LOCATIONS, ids=[text[:48] for text, *_ in LOCATIONS]
)
def test_a_location_keeps_everything_but_its_secrets(location, secrets, kept):
    for text in (
        mask_location(location),
        quote_value(location),
        mask_secrets(f"can't open it: {location}", location),
    ):
        assert not [secret for secret in secrets if secret in text]
    assert kept in mask_location(location)
    assert mask_location(mask_location(location)) == mask_location(location)


@pytest.mark.parametrize("location", [
    "https://host:8443/npm/@scope/pkg", "http://localhost:8080/x?mail=a@b.c", "postgresql://h1:5432,h2:5433/db#t",
    "extracts/customers.csv", "duckdb://C:/data/@x.db#t", "http://[::1]:8080/x", "https://h/x?country_code=DE&page_key_count=3",
    "s3://bucket/key=1/part@0.parquet", "intake.xlsx#Customers", "https://h/x?state=1&partition_key=id",
])  # fmt: skip
def test_a_location_without_secrets_stays(location):
    assert mask_location(location) == location == mask_secrets(location)


TEXTS = [  # text, secrets, what it becomes
    ('{"password": "p\\"x,y", "user": "ann", "token": null}', '{"password": "***", "user": "ann", "token": null}'),
    ("{'client_secret':'x y', 'id': 3}", "{'client_secret':'***', 'id': 3}"),
    ("psql --password hunter2 --host db", "psql --password *** --host db"),
    ("curl -u ann:pw1 https://h/x", "curl -u ann:*** https://h/x"),
    ("Passwort: geheim1, Host: db", "Passwort: ***, Host: db"),
    ("mot de passe = abc123", "mot de passe = ***"),
    ("contraseña: abc", "contraseña: ***"),
    ("пароль=abc хост=db", "пароль=*** хост=db"),
    ("CREATE SECRET (TYPE s3, KEY_ID 'ID9', SECRET 'abc')", "CREATE SECRET (TYPE s3, KEY_ID '***', SECRET '***')"),
    ("CREATE USER ann IDENTIFIED BY 'x y'", "CREATE USER ann IDENTIFIED BY '***'"),
    ("host=db password='s3 cret' dbname=crm", "host=db password='***' dbname=crm"),
    ("host=db password=s3,cre\"t dbname=crm", "host=db password=*** dbname=crm"),
    ("Server=db;UID=ada;PWD=SEC RET;Database=crm", "Server=db;UID=ada;PWD=***;Database=crm"),
    ("Server=db;UID=ada;PWD=SEC RET", "Server=db;UID=ada;PWD=***"),
    ("AccountName=a;AccountKey=abc+/==;EndpointSuffix=core", "AccountName=a;AccountKey=***;EndpointSuffix=core"),
    ("SharedAccessKeyName=Root;SharedAccessKey=abc=;EntityPath=p", "SharedAccessKeyName=Root;SharedAccessKey=***;EntityPath=p"),
    ("<db:password>abc d</db:password><host>h</host>", "<db:password>***</db:password><host>h</host>"),
    ("Authorization: Basic YWRhOnB3\nHost: h", "Authorization: ***\nHost: h"),
    ("sent Bearer abc.def-123 to h", "sent Bearer *** to h"),
    ("Cookie: sid=abc; b=c", "Cookie: ***"),
    ("key AKIAIOSFODNN7EXAMPLE refused", "key *** refused"),
    ("xoxb-17653672481-19874698323 and eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc-_1", "*** and ***"),
    ("-----BEGIN RSA PRIVATE KEY-----\nMII\n-----END RSA PRIVATE KEY----- rest", "*** rest"),
    ("user:pw@tcp(db:3306)/crm", "user:***@tcp(db:3306)/crm"),
    ("machine h login ann password x1 ", "machine h login ann password *** "),
    ("DB_PASSWORD=x; export FOO=1", "DB_PASSWORD=***; export FOO=1"),
    ('{"url":"postgresql://ada:pw@db/crm","mail":"ann@x.org"}', '{"url":"postgresql://ada:***@db/crm","mail":"ann@x.org"}'),
    ("first postgresql://ada:p@db/crm, mysql://bob:q/r@h/d and ann@x.org", "first postgresql://ada:***@db/crm, mysql://bob:***@h/d and ann@x.org"),
    ("orders=postgresql://ada:a b@h/d#t; items=extracts/o.csv", "orders=postgresql://ada:***@h/d#t; items=extracts/o.csv"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "masked"), TEXTS)
def test_a_text_keeps_everything_but_its_secrets(text, masked):
    assert mask_secrets(text) == masked
    assert mask_secrets(masked) == masked


@pytest.mark.parametrize("text", [
    "country_code=DE, code=DE, key: customer_id, primary_key=id", "max_tokens=4000 token_type=bearer sid=ORCL",
    'password authentication failed for user "ada"', "Basic integration and bearer authentication", "secret-store: vault",
    "http://h:8080 is down, write to ann@x.org", "crm.token_url=https://x/y", "owner:ann@x.org", "password=${DB_PASSWORD}",
    "checks pass: 12 of 14", "signature: missing", "compass=north, design=flat",
])  # fmt: skip
def test_prose_stays(text):
    assert mask_secrets(text) == text


def test_what_a_driver_quotes_of_a_password_is_hidden():
    location = "postgresql://ada:pa/ss%40wd@db/crm#t"
    assert find_secrets(location) == ("pa/ss%40wd",)
    said = 'invalid integer value "pa" for port; tried pa/ss@wd and pa%2Fss%40wd; host "wd@db"'
    masked = mask_secrets(said, location)
    assert (
        "pa" not in masked.replace("invalid integer value", "") and "ss" not in masked and "wd" not in masked
    )


def test_a_value_that_is_cut_shows_no_half_of_a_password():
    assert "SECRET" not in quote_value("postgresql://ada:SECRET" + "x" * 100_000)


@given(
    st.text("pa5 /#?@:&;%'\"ü=", min_size=3, max_size=12).filter(
        lambda t: t.strip() == t and t[0] not in "@/?#"
    )
)
def test_a_password_of_any_signs_is_hidden(password):
    text = mask_location(f"postgresql://ada:Q{password}Q@dbhost/crm#public.orders")
    assert text.startswith("postgresql://ada:***@") and text.endswith("@dbhost/crm#public.orders")


@given(st.text(max_size=300))
def test_masking_twice_is_masking_once(text):
    once = mask_secrets(text)
    assert mask_secrets(once) == once


@pytest.mark.parametrize(
    "part",
    [
        "a://b:",
        "password=",
        "-",
        "@",
        "eyJ",
        "<password",
        "x-",
        "key%3D",
        "a:b",
        "'",
        "{",
        "-----BEGIN PRIVATE KEY-----",
    ],
)
def test_a_long_text_of_anything_is_masked(part):
    text = part * (20_000 // len(part))
    assert mask_secrets(mask_secrets(text)) == mask_secrets(text)


@pytest.mark.parametrize(
    "pattern", ["_AFTER", "_TAGGED", "_HEADER", "_WITHOUT_SCHEME", "_NAMED", "_OF_A_STRING", "_ENCODED"]
)
@given(data=st.data())
def test_no_pattern_is_left_out_that_a_text_matches(pattern, data):
    wanted = getattr(secrets, pattern)
    text = data.draw(st.from_regex(wanted))
    assert wanted in set(secrets._possible(text)) or not wanted.search(text)


def test_a_letter_folds_to_the_one_that_a_pattern_takes_it_for():
    letters = {*"".join((*secrets._NAME_PARTS, *secrets._AFTER_PARTS, *secrets._HEADER_PARTS))}
    any_letter = re.compile(f"[{re.escape(''.join(letters))}]", re.I)
    alike = [character for character in map(chr, range(0x110000)) if any_letter.match(character)]
    for character in alike:
        taken_for = [letter for letter in letters if re.match(re.escape(letter), character, re.I)]
        assert secrets._folded(character) in map(secrets._folded, taken_for), character
        assert all(secrets._folded(letter) == secrets._folded(character) for letter in taken_for), character
    assert set("Kſıİ") <= set(alike)
