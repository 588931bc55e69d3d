"""What README, guide and help tell a reader to type is what the program understands."""

import json
import re
import shlex
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from assess import intake
from assess.cli.commands import assess
from assess.decisions.assessment import Assessment
from assess.intake.columns import TABLES
from assess.report import chapters
from assess.report.execution import Outcome
from assess.report.run import gather

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
QUICK = ("init", "validate")


def blocks(page: Path) -> list[tuple[str, str]]:
    """Fenced blocks of a page: language and content."""
    return re.findall(r"^```(\w*)\n(.*?)^```", page.read_text("utf-8"), re.S | re.M)


def typed(text: str) -> list[list[str]]:
    """Commands of ours in a text, without comment and redirection."""
    lines = (line.strip().split("  ")[0].split(" #")[0].split(" > ")[0] for line in text.splitlines())
    return [shlex.split(line)[1:] for line in lines if re.match(r"assess [a-z]+\b", line)]


def commands() -> list[tuple[str, tuple[str, ...]]]:
    found = [(page.name, tuple(c)) for page in PAGES for _, block in blocks(page) for c in typed(block)]
    helps = {"--help": assess, **assess.commands}
    found += [(name, tuple(c)) for name, command in helps.items() for c in typed(command.help or "")]
    return list(dict.fromkeys(found))


@pytest.mark.parametrize(("where", "command"), commands(), ids=lambda value: " ".join(value) if isinstance(value, tuple) else value)  # fmt: skip
def test_a_command_of_the_documentation_is_understood(where, command):
    name, *arguments = command
    assert name in assess.commands, f"{where} names a command that does not exist"
    assess.commands[name].make_context(name, [a for a in arguments if a not in ("...",)])


def test_what_takes_no_time_is_executed_in_the_order_of_the_readme(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = [c for where, c in commands() if where == "README.md" and c[0] in QUICK]
    assert len(done) >= 2
    for command in done:
        found = CliRunner().invoke(assess, list(command))
        assert found.exit_code == 0, (command, found.output)


@pytest.mark.parametrize("name", sorted(assess.commands))
def test_the_help_of_each_command_teaches_by_example(name):
    command = assess.commands[name]
    shown = CliRunner().invoke(assess, [name, "--help"]).output
    assert "Examples:" in shown
    examples = [line.strip() for line in shown.split("Examples:")[1].split("Options:")[0].splitlines()]
    assert examples and all(f"{line} ".startswith(f"assess {name} ") for line in examples if line)
    assert all(p.help for p in command.params if isinstance(p, click.Option))


def test_the_first_help_shows_the_way_line_by_line_and_every_command_in_the_order_of_use():
    shown = CliRunner().invoke(assess, ["--help"], terminal_width=80).output
    lines = [line.strip() for line in shown.splitlines()]
    first = [line.split("  ")[0] for line in lines if line.startswith("assess ") and "acme" in line]
    assert first == [
        "assess init acme",
        "assess validate acme",
        "assess ask acme",
        "assess run acme",
        "assess lab acme",
    ]
    listed = lines[lines.index("Commands:") + 1 :]
    assert [line.split()[0] for line in listed] == list(assess.commands)
    assert not [line for line in listed if line.endswith("...")]
    assert "\\b" not in shown


@pytest.fixture(scope="module")
def acme(tmp_path_factory):
    """A folder in which the engagement of the examples, acme, has left its results."""
    folder = tmp_path_factory.mktemp("pages")
    engagement = intake.load(intake.init(folder / "acme"))
    chapter = chapters.value_stream(Assessment(engagement))
    place = folder / "reports" / "acme"
    place.mkdir(parents=True)
    (place / "results.json").write_text(gather(engagement, {1: Outcome(chapter, "")}, {}).to_json(), "utf-8")
    return folder


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_python_of_the_documentation_runs(page, acme, monkeypatch):
    monkeypatch.chdir(acme)
    for language, block in blocks(page):
        if language in ("python", "py"):
            exec(compile(block, str(page), "exec"), {})


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_file_that_a_page_links_is_there(page):
    links = re.findall(r"\]\(([^)#:]+)\)", page.read_text("utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_the_architecture_names_every_room_and_no_module_that_is_not_there():
    text = (ROOT / "docs/architecture.md").read_text("utf-8")
    named = set(re.findall(r"`([a-z_]+/[\w/]*(?:\.py|\.yaml|/))`", text))
    assert len(named) > 15
    gone = [word for word in named if not any((root / word).exists() for root in (ROOT / "src/assess", ROOT))]
    assert not gone
    rooms = {path.parent.name for path in (ROOT / "src/assess").rglob("__init__.py")} - {"assess"}
    assert not {room for room in rooms if f"{room}/" not in text}


def test_the_page_of_formats_lists_every_table_and_every_key_of_the_results(acme):
    page = (ROOT / "docs" / "formats.md").read_text("utf-8")
    block = page.split("<!-- tables -->")[1].split("<!-- end of tables -->")[0]
    places = [(t, f"`{t.file}`" if t.file else "`goals` in `engagement.yaml`") for t in TABLES]
    assert block.split("\n")[3:-1] == [f"| {t.name} | {place} | {t.help} |" for t, place in places]
    keys = re.findall(r"^\| `(\w+)` \|", page.split("## results.json")[1], re.M)
    assert keys == list(json.loads((acme / "reports" / "acme" / "results.json").read_text("utf-8")))


def test_every_command_is_in_the_readme():
    text = (ROOT / "README.md").read_text("utf-8")
    assert [name for name in assess.commands if f"`assess {name}" not in text] == []
