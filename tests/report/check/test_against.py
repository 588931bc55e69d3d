"""What a pull request edits in place: a repository of contracts in several files, compared with where it parted."""

import json
import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from assess.cli.commands import assess

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
DAY = ["--date", "2026-10-01"]
FILES = {
    "engagement.yaml": "client: Acme\ndate: 2026-10-01\n",
    "contracts/README.md": "# What lies here\n",
    "contracts/LICENSE": "Apache-2.0\n",
    "contracts/shop/openapi.yaml": """\
openapi: 3.0.3
info: {title: Shop, version: 1.0.0, description: d, contact: {name: n, email: a@example.org}}
servers: [{url: https://api.example.org}]
tags: [{name: orders}]
paths:
  /orders/{id}:
    $ref: paths/order.yaml
""",
    "contracts/shop/paths/order.yaml": """\
parameters:
  - $ref: ../components/parameters/id.yaml
put:
  operationId: putOrder
  description: d
  tags: [orders]
  requestBody:
    content:
      application/json:
        schema: {$ref: ../components/schemas/Order.yaml}
  responses:
    '200':
      description: ok
      content:
        application/json:
          schema: {$ref: ../components/schemas/Order.yaml}
    '404': {description: none}
""",
    "contracts/shop/components/parameters/id.yaml": "name: id\nin: path\nrequired: true\nschema: {type: string}\n",
    "contracts/shop/components/schemas/Order.yaml": """\
type: object
properties:
  note: {type: string, nullable: true}
  amount: {type: integer}
  lines:
    type: array
    items: {$ref: ./Line.yaml}
""",
    "contracts/shop/components/schemas/Line.yaml": "type: object\nproperties:\n  sku: {type: string}\n",
    "contracts/events/asyncapi.yaml": """\
asyncapi: 3.0.0
info: {title: Events, version: 1.0.0, description: d, contact: {name: n, url: https://a.example, email: a@example.org}}
channels:
  placed:
    address: orders.placed
    messages:
      order: {$ref: './common/messages.yaml#/order'}
operations:
  onPlaced:
    action: send
    description: d
    channel: {$ref: '#/channels/placed'}
""",
    "contracts/events/common/messages.yaml": """\
order:
  contentType: application/json
  payload: {$ref: './payload.yaml'}
""",
    "contracts/events/common/payload.yaml": "type: object\nrequired: [id]\nproperties:\n  id: {type: string}\n",
    "contracts/schemas/order.schema.json": '{"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object", "properties": {"to": {"$ref": "address.schema.json"}}}\n',
    "contracts/schemas/address.schema.json": '{"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": "https://acme.example/address.json", "type": "object"}\n',
}  # fmt: skip
LIMIT = ["--fail-on", "high"]


def git(folder, *arguments):
    env = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")} | {
        "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1",
        **{f"GIT_{who}_{what}": "a@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
    }  # fmt: skip
    subprocess.run(["git", "-C", str(folder), *arguments], check=True, capture_output=True, env=env)


@pytest.fixture
def repository(tmp_path):
    """The engagement lies in a folder of the repository, on a branch that has parted from main."""
    folder = tmp_path / "repo" / "acme"
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    git(folder.parent, "init", "-q", "-b", "main")
    git(folder.parent, "add", "-A")
    git(folder.parent, "commit", "-qm", "one")
    git(folder.parent, "checkout", "-qb", "change")
    return folder


def edit(folder, name, old, new):
    path = folder / "contracts" / name
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def checked(folder, *options):
    found = CliRunner().invoke(
        assess, ["check", str(folder), *DAY, *LIMIT, "--format", "json", *map(str, options)]
    )
    assert found.exit_code in (0, 1), found.output
    return found.exit_code, json.loads(found.stdout)


def breaks(answer):
    return [v for v in answer["violations"] if v["rule"] == "contract/breaking"]


def contract_violations(answer):
    return [v for v in answer["violations"] if v["rule"].startswith("contract/")]


def test_contracts_of_several_files_are_green(repository):
    _, answer = checked(repository, "--against", "main")
    assert contract_violations(answer) == []
    assert not [v for v in answer["violations"] if v["file"].startswith("contracts/")]


@pytest.mark.parametrize(
    ("name", "old", "new", "file", "line", "operation", "payload"),
    [
        (
            "shop/components/schemas/Order.yaml", "amount: {type: integer}", "amount: {type: string}",
            "contracts/shop/components/schemas/Order.yaml", 4, "PUT /orders/{id} body", "amount",
        ),
        (
            "shop/components/schemas/Line.yaml", "properties:", "required: [sku]\nproperties:",
            "contracts/shop/components/schemas/Line.yaml", 2, "PUT /orders/{id} body", "lines",
        ),
        (
            "events/common/payload.yaml", "required: [id]\n", "",
            "contracts/events/common/payload.yaml", 1, "orders.placed", "{}",
        ),
        (
            "schemas/address.schema.json", '"type": "object"', '"type": "object", "required": ["zip"]',
            "contracts/schemas/address.schema.json", 1, "new readers of old data", "{}",
        ),
    ],
)  # fmt: skip
def test_one_break_edited_in_place_is_red_with_file_line_operation_and_payload(
    repository, name, old, new, file, line, operation, payload
):
    edit(repository, name, old, new)
    code, answer = checked(repository, "--against", "main")
    assert code == 1
    found = [v for v in breaks(answer) if operation in v["subject"]]
    assert found, breaks(answer)
    assert {v["file"] for v in found} == {file}
    assert any(v["line"] == line and payload in v["payload"] for v in found), found


def test_what_is_taken_out_is_told_where_it_was(repository):
    edit(repository, "shop/paths/order.yaml", "put:", "post:")
    _, answer = checked(repository, "--against", "main")
    (gone,) = breaks(answer)
    assert (gone["file"], gone["line"]) == ("contracts/shop/paths/order.yaml", 1)
    assert gone["subject"] == "PUT /orders/{id}"


def test_a_contract_that_is_gone_breaks_and_one_that_was_moved_does_not(repository):
    (repository / "contracts/events/asyncapi.yaml").rename(repository / "contracts/events/events.yaml")
    _, answer = checked(repository, "--against", "main")
    assert breaks(answer) == []
    shutil.rmtree(repository / "contracts/events")
    _, answer = checked(repository, "--against", "main")
    assert [v["subject"] for v in breaks(answer)] == ["contracts/events/asyncapi.yaml"]


def test_what_main_has_changed_since_is_no_change(repository):
    git(repository, "checkout", "-q", "main")
    edit(repository, "shop/components/schemas/Order.yaml", "  amount: {type: integer}\n", "  amount: {type: integer}\n  more: {type: string}\n")  # fmt: skip
    git(repository, "commit", "-qam", "two")
    git(repository, "checkout", "-q", "change")
    _, answer = checked(repository, "--against", "main")
    assert not [v for v in answer["violations"] if "breaking" in v["rule"]]


def test_another_folder_is_compared_as_well(repository, tmp_path):
    before = tmp_path / "before"
    shutil.copytree(repository, before)
    edit(repository, "shop/paths/order.yaml", "requestBody:", "requestBody:\n    required: true")
    code, answer = checked(repository, "--against", before)
    assert code == 1
    assert [v["subject"] for v in breaks(answer)] == ["PUT /orders/{id}"]


def test_a_format_that_nobody_compares_is_a_note_where_it_was_changed(repository):
    proto = repository / "contracts/orders.proto"
    proto.write_text('syntax = "proto3";\npackage acme.v1;\nmessage A { string id = 1; }\n', "utf-8")
    git(repository.parent, "add", "-A")
    git(repository.parent, "commit", "-qm", "proto")
    _, answer = checked(repository, "--against", "HEAD")
    assert not [v for v in answer["notes"] if v["rule"] == "contract/not-compared"]
    proto.write_text(proto.read_text("utf-8").replace("string id", "int32 id"), "utf-8")
    _, answer = checked(repository, "--against", "HEAD")
    (note,) = [v for v in answer["notes"] if v["rule"] == "contract/not-compared"]
    assert (note["file"], note["severity"]) == ("contracts/orders.proto", "info")


@pytest.mark.parametrize(
    ("base", "words"),
    [("nowhere", "nowhere"), ("--upload-pack=x", "upload-pack"), ("HEAD:acme", "HEAD:acme")],
)
def test_a_revision_that_is_none_is_bad_input(repository, base, words):
    found = CliRunner().invoke(assess, ["check", str(repository), f"--against={base}"])
    assert found.exit_code == 2
    assert words in found.stderr and "--against" in found.stderr


def test_a_folder_in_no_repository_has_no_revisions(tmp_path):
    for name, text in FILES.items():
        (tmp_path / "a" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "a" / name).write_text(text, "utf-8")
    found = CliRunner().invoke(assess, ["check", str(tmp_path / "a"), "--against", "main"])
    assert found.exit_code == 2 and "--against" in found.stderr


def trap(folder, mark):
    """A program that leaves a mark where it is run."""
    path = folder / "trap.sh"
    path.write_text(f"#!/bin/sh\ntouch {mark}\ncat\n", "utf-8")
    path.chmod(path.stat().st_mode | stat.S_IEXEC)
    return path


def test_nothing_of_a_strangers_repository_is_executed(repository, tmp_path):
    """Hooks, filters, textconv, pagers, monitors, and the transports that would fetch an object that is missing."""
    root, mark = repository.parent, tmp_path / "mark"
    program = trap(tmp_path, mark)
    (root / ".gitattributes").write_text("*.yaml filter=evil diff=evil\n", "utf-8")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "attributes")
    hooks = root / ".git" / "hooks"
    for name in ("post-checkout", "pre-commit", "post-index-change", "reference-transaction"):
        shutil.copy(program, hooks / name)
    settings = {
        "core.fsmonitor": program, "core.pager": program, "core.sshCommand": program, "core.editor": program,
        "core.hooksPath": hooks, "diff.external": program, "diff.evil.textconv": program,
        "filter.evil.smudge": program, "filter.evil.clean": program, "filter.evil.process": program,
        "credential.helper": f"!{program}", "protocol.ext.allow": "always", "protocol.allow": "always",
        "remote.origin.url": f"ext::{program}", "remote.origin.promisor": "true",
        "remote.origin.uploadpack": program, "extensions.partialClone": "origin", "core.repositoryFormatVersion": "1",
        "uploadpack.packObjectsHook": program, "alias.cat-file": f"!{program}",
    }  # fmt: skip
    for key, value in settings.items():
        git(root, "config", key, str(value))
    edit(
        repository, "shop/components/schemas/Order.yaml", "amount: {type: integer}", "amount: {type: string}"
    )
    code, answer = checked(repository, "--against", "main")
    assert code == 1 and breaks(answer)
    lost = subprocess.run(
        ["git", "-C", str(root), "rev-parse", "main:acme/contracts/shop/openapi.yaml"],
        capture_output=True, text=True, check=True,
    ).stdout.strip()  # fmt: skip
    (root / ".git/objects" / lost[:2] / lost[2:]).unlink()
    found = CliRunner().invoke(assess, ["check", str(repository), "--against", "main"])
    assert found.exit_code in (1, 2)
    assert not mark.exists()


def test_links_of_the_earlier_state_are_left_out(repository):
    secret = repository.parent.parent / "secret.yaml"
    secret.write_text("openapi: 3.0.3\n", "utf-8")
    (repository / "contracts/link.yaml").symlink_to(secret)
    git(repository.parent, "add", "-A")
    git(repository.parent, "commit", "-qm", "link")
    (repository / "contracts/link.yaml").unlink()
    _, answer = checked(repository, "--against", "HEAD")
    assert breaks(answer) == []
    assert not Path(repository, "contracts/link.yaml").exists()
