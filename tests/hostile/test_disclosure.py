"""What a run writes holds no secret and no person of the client: every file is searched, archives and cells included."""

import base64
import csv
import gzip
import html
import io
import json
import re
import shutil
import zipfile
from pathlib import Path
from urllib.parse import quote

import pytest

from assess.report.page import unpacked
from hostile.conftest import Machine

SECRETS = [
    "Zq1pa/ss", "Zq2hash", "Zq3 blank", "Zq4sig%3D", "Zq5query", "Zq6note", "Zq7bearer", "Zq8log", "Zq9openapi", "ghp_Zq10aaaaaaaaaaaaaaaaaaaaaaaa",
]  # fmt: skip
"""Each planted once, in a place of its own; each is looked for whole, decoded, encoded and by its first four signs."""
PERSONS = [
    "Xaver Quendelmoser", "Quendelmoser", "xaver.q@web.example", "1911-11-11", "2019-09-19", "+49 171 5550199", "987654.25",
    "Ringelblumenweg 77", "Xantippe Dornröschen",
]  # fmt: skip


def write(path: Path, rows: list[dict[str, object]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture(scope="module")
def engagement(tmp_path_factory) -> Path:
    """Three systems, one by a URL that nothing answers, with secrets in every place that takes text, and people in the tables."""
    folder = tmp_path_factory.mktemp("disclosure") / "acme"
    for part in ("extracts", "operations", "contracts"):
        (folder / part).mkdir(parents=True)
    (folder / "engagement.yaml").write_text(
        f"client: Acme\ndate: 2026-10-01\ntitle: 'Links, api_key={SECRETS[5]}'\n"
    )
    url = f"postgresql://ann:{quote(SECRETS[0], safe='')}{SECRETS[1]}@127.0.0.1:9/db?sig={SECRETS[3]}&password={SECRETS[4]}#public.t"
    write(folder / "systems.csv", [
        {"id": "crm", "name": "CRM", "kind": "CRM", "owner": "Sales", "data": "customers=extracts/crm.csv"},
        {"id": "erp", "name": f"ERP (Authorization: Bearer {SECRETS[6]}1)", "kind": "ERP", "owner": "IT", "data": "customers=extracts/erp.csv"},
        {"id": "far", "name": "Far", "kind": "warehouse", "owner": "IT", "data": f"customers={url}"},
    ])  # fmt: skip
    write(folder / "integrations.csv", [
        {"id": "sync", "source": "crm", "target": "erp", "entity": "customers", "volume": 3000},
        {"id": "load", "source": "crm", "target": "far", "entity": "customers", "volume": 3000},
    ])  # fmt: skip
    n = 600
    crm = [
        {
            "no": f"K{i:05d}", "contact": ["Anna Berg", "Paul Tal", "Rosa Wald"][i % 3] + f" {i}", "mail": f"p{i}@mail.example",
            "born": f"{1940 + i % 60}-{1 + i % 12:02d}-{1 + i % 28:02d}", "salary": f"{30_000 + 13 * i}.50", "mobile": f"+49 170 555{i:04d}",
            "street": f"Lindenweg {i % 90}", "land": ["DE", "AT", "CH"][i % 3], "status": ["shipped", "open"][i % 2], "c9": ["Erika Stein", "Peter Weber", "Anna Berg"][i % 3],
        }
        for i in range(n)
    ]  # fmt: skip
    crm[5] |= {
        "contact": PERSONS[0],
        "mail": PERSONS[2],
        "born": PERSONS[3],
        "mobile": PERSONS[5],
        "street": PERSONS[7],
    }
    crm[6] |= {"salary": PERSONS[6], "born": PERSONS[4], "status": "shiped", "land": PERSONS[8]}
    write(folder / "extracts/crm.csv", crm)
    erp = [row | {"land": {"DE": "DEU", "AT": "AUT", "CH": "CHE"}.get(str(row["land"]), "DEU"), "status": {"shipped": "30", "open": "10"}.get(str(row["status"]), "30")} for row in crm]  # fmt: skip
    write(folder / "extracts/erp.csv", erp)
    runs = [
        {"integration": "sync", "started": f"2026-09-{1 + i % 28:02d}T0{i % 10}:00:00", "finished": f"2026-09-{1 + i % 28:02d}T0{i % 10}:05:00",
         "status": "failed" if i % 4 == 0 else "ok", "records": 100, "error": f"login failed for ann, password={SECRETS[7]}" if i % 4 == 0 else ""}
        for i in range(120)
    ]  # fmt: skip
    write(folder / "operations/runs.csv", runs)
    contract = {
        "openapi": "3.0.3", "info": {"title": "Customers", "version": "1.0", "description": f"call with client_secret={SECRETS[8]} or {SECRETS[9]}"},
        "paths": {"/customers": {"get": {"summary": f"token={SECRETS[9]}", "responses": {"200": {"description": "ok"}}}}},
    }  # fmt: skip
    (folder / "contracts/customers.json").write_text(json.dumps(contract))
    return folder


def texts(path: Path):
    """Every text that a file holds: archives unpacked, pictures and attachments in base64 decoded, entities and escapes undone."""
    data = path.read_bytes()
    parts = [data]
    if data[:2] == b"\x1f\x8b":
        parts.append(gzip.decompress(data))
    if zipfile.is_zipfile(path):
        archive = zipfile.ZipFile(io.BytesIO(data))
        parts += [archive.read(name) for name in archive.namelist()]
    for part in list(parts):
        for id in re.findall(rb'type="application/gzip" id="(\w+)"', part):
            parts.append(unpacked(part.decode(), id.decode()))
    for part in parts:
        text = re.sub(r'(<script type="application/gzip"[^>]*>)[^<]*', r"\1", part.decode("utf-8", "replace"))
        yield text
        yield html.unescape(text)
        yield re.sub(r"\\u([0-9a-fA-F]{4})", lambda code: chr(int(code[1], 16)), text).replace('\\"', '"')
        for piece in text.split("base64,")[1:]:
            body = "".join(piece.split('"')[0].split("'")[0].split())
            yield base64.b64decode(body + "=" * (-len(body) % 4), validate=False).decode("utf-8", "replace")


def forms(word: str) -> set[str]:
    return {word, quote(word, safe=""), html.escape(word), word[:4] if word.startswith("Zq") else word}


def found(folder: Path, words: list[str], said: str = "") -> list[tuple[str, str]]:
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    assert files
    held = [(path.relative_to(folder).as_posix(), text) for path in files for text in texts(path)]
    held += [("a file's name", path.name) for path in files] + [("a message", said)]
    return sorted(
        {(place, word) for word in words for place, text in held for form in forms(word) if form in text}
    )


@pytest.fixture(scope="module")
def ran(engagement, machines):
    return machines(engagement)


@pytest.fixture(scope="module")
def machines(tmp_path_factory):
    def run(folder: Path, *options: str):
        machine = Machine(tmp_path_factory.mktemp("machine"))
        done = machine.run(
            "run",
            folder,
            "-o",
            "out",
            "--allow",
            "postgresql://127.0.0.1:9/db",
            "--jobs",
            "2",
            *options,
            seconds=400,
        )
        return done, machine

    return run


@pytest.mark.slow
def test_no_secret_and_no_person_is_in_anything_that_a_run_leaves(ran):
    done, machine = ran
    assert done.returncode == 0, done.stderr
    assert found(machine.work / "out", SECRETS + PERSONS, done.stdout + done.stderr) == []


@pytest.mark.slow
def test_what_is_no_secret_and_no_person_is_there(ran):
    """The host and the database of the URL, the codes of a category and what they become: hiding all would hide nothing."""
    _, machine = ran
    results = (machine.work / "out/results.json").read_text("utf-8")
    assert "postgresql://ann:***@127.0.0.1:9/db?sig=***&password=***#public.t" in results
    sql = (machine.work / "out/cleansing/crm.customers--erp.customers.sql").read_text("utf-8")
    assert "WHEN 'DE' THEN 'DEU'" in sql and "WHEN 'shipped' THEN '30'" in sql
    assert "«DE»" in results and "«DEU»" in results and "«shipped»" in results


@pytest.mark.slow
def test_who_asks_for_values_gets_values_but_no_secrets(engagement, machines):
    done, machine = machines(engagement, "--show-values", "--only", "2")
    assert done.returncode == 0, done.stderr
    assert found(machine.work / "out", SECRETS, done.stdout + done.stderr) == []
    assert found(machine.work / "out", ["shiped"])


@pytest.mark.parametrize("command", [["validate"], ["check"], ["run", "--only", "2"]])
def test_a_url_that_is_not_allowed_is_named_without_its_secrets(engagement, tmp_path, command):
    """A password with a blank, a slash and a number sign, as nobody who writes a URL by hand encodes it."""
    folder = shutil.copytree(engagement, tmp_path / "mailed")
    systems = folder / "systems.csv"
    password = f"{SECRETS[0]}#{SECRETS[1]} {SECRETS[2]}"
    text = systems.read_text("utf-8").replace(f"{quote(SECRETS[0], safe='')}{SECRETS[1]}", password)
    assert password in text
    systems.write_text(text, "utf-8")
    done = Machine(tmp_path).run(command[0], folder, *command[1:])
    said = done.stdout + done.stderr
    assert "127.0.0.1:9" in said or command[0] == "check"
    assert not [word for word in SECRETS if word[:4] in said]
