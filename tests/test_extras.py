"""Packages that not everybody needs: nothing else imports them, and where one is missing a sentence says which."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from assess.cli.commands import assess
from assess.core.extras import EXTRAS
from assess.core.unpacking import UnreadableTable
from assess.evidence.quality import deep, remote

ROOT = Path(__file__).parents[1]
MINIMAL = ROOT / "data" / "samples" / "minimal"
BLOCKED = """
import importlib.abc, pkgutil, sys

class Blocked(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {modules!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Blocked())
import assess
for module in pkgutil.walk_packages(assess.__path__, "assess."):
    if not module.name.endswith("__main__"):
        __import__(module.name)
"""


@pytest.fixture
def hide(monkeypatch):
    """Make an extra look as if it were not installed."""
    return lambda name: monkeypatch.setitem(sys.modules, EXTRAS[name].module, None)


def test_extras_are_those_of_the_wheel():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    offered = project["optional-dependencies"]
    assert set(offered) == {*EXTRAS, "test", "mutation"}
    for name in ("lab", "voila", "profiles", "slides"):
        assert offered[name][0].partition(">")[0] == EXTRAS[name].package
        assert not [line for line in project["dependencies"] if line.startswith(EXTRAS[name].package)]


def test_every_module_starts_without_any_of_them():
    code = BLOCKED.format(modules={extra.module for extra in EXTRAS.values()})
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)


def test_notebooks_without_jupyterlab(hide, tmp_path):
    hide("lab")
    done = CliRunner().invoke(assess, ["lab", str(MINIMAL), "--notebooks", str(tmp_path / "copies")])
    assert done.exit_code == 2
    assert done.stderr == (
        "assess lab needs the package jupyterlab, which is not installed: pip install 'assess[lab]'\n"
    )
    assert not (tmp_path / "copies").exists()


def test_pages_without_voila(hide, tmp_path):
    hide("voila")
    done = CliRunner().invoke(assess, ["serve", str(MINIMAL), "--notebooks", str(tmp_path / "copies")])
    assert done.exit_code == 2
    assert done.stderr == (
        "assess serve needs the package voila, which is not installed: pip install 'assess[voila]'\n"
    )
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("asked", [("--profiles",), ("-p", "profiles", "true")])
def test_a_run_with_deep_profiles_without_their_library(hide, tmp_path, asked):
    hide("profiles")
    done = CliRunner().invoke(assess, ["run", str(MINIMAL), "-o", str(tmp_path / "out"), *asked])
    assert done.exit_code == 2
    assert "fg-data-profiling, which is not installed: pip install 'assess[profiles]'" in done.stderr
    assert not list(tmp_path.iterdir())


def test_a_notebook_with_deep_profiles_without_their_library(hide, tmp_path):
    """Opened by hand, a notebook goes on, and its list of pages says why one is missing."""
    hide("profiles")
    written = deep.write([deep.Page(name="crm", sides=())], tmp_path)
    assert [(w.page, w.file) for w in written] == [("crm", "")]
    assert "pip install 'assess[profiles]'" in written[0].reason


@pytest.mark.parametrize(
    ("url", "extra"),
    [
        ("postgresql://erika:hunter2@db.example/crm#customers", "postgres"),
        ("postgres://erika:hunter2@db.example/crm#customers", "postgres"),
        ("pyspark://local#crm.customers", "spark"),
    ],
)
def test_a_table_of_an_engine_without_its_package(hide, url, extra):
    hide(extra)
    with pytest.raises(UnreadableTable) as refused:
        remote.connect(url)
    assert f"the package {EXTRAS[extra].package}, which is not installed" in str(refused.value)
    assert f"pip install 'assess[{extra}]'" in str(refused.value)
    assert "hunter2" not in str(refused.value)
