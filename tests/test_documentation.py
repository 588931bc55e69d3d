"""What README, guide and help tell a reader to type is what the program understands."""

import re
import shlex
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from assess.cli import assess

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
    assert f"assess {name} " in shown
    assert all(p.help for p in command.params if isinstance(p, click.Option))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_python_of_the_documentation_runs(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for language, block in blocks(page):
        if language in ("python", "py"):
            exec(compile(block, str(page), "exec"), {})


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_file_that_a_page_links_is_there(page):
    links = re.findall(r"\]\(([^)#:]+)\)", page.read_text("utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_every_command_is_in_the_readme():
    text = (ROOT / "README.md").read_text("utf-8")
    assert [name for name in assess.commands if f"`assess {name}" not in text] == []
