"""Nothing that lies in the working folder is executed or taken for a configuration, by no command and no child of it."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import nbformat
import pytest

from .conftest import Machine

MODULES = (
    "json.py", "csv.py", "signal.py", "typing.py", "__future__.py", "enum.py", "tempfile.py", "click.py", "pandas.py",
    "numpy/__init__.py", "plotly.py", "zmq.py", "traitlets.py", "ipykernel_launcher.py", "ipykernel/__init__.py",
    "jupyter_core.py", "voila/__init__.py", "papermill.py", "nbformat.py", "matplotlib/__init__.py", "duckdb.py",
    "sitecustomize.py", "usercustomize.py", "canary_backend.py", "canary_extension.py", "canary_plugin.py",
    "dotenv.py", "IPython/__init__.py", "readline.py", "psutil.py",
)  # fmt: skip
"""Modules that some process imports, or that a configuration beside them names."""

SETTINGS = (
    "jupyter_config.py", "jupyter_server_config.py", "jupyter_lab_config.py", "jupyter_notebook_config.py",
    "jupyter_nbconvert_config.py", "voila.py", "ipython_config.py", "ipython_kernel_config.py",
    "profile_default/ipython_config.py", "profile_default/startup/00.py", ".ipython/profile_default/startup/00.py",
    ".ipython/profile_default/ipython_kernel_config.py", ".jupyter/jupyter_server_config.py",
    ".jupyter/jupyter_lab_config.py", ".jupyter/voila.py", "etc/jupyter/jupyter_server_config.py",
    ".pythonrc.py", ".pdbrc", "conftest.py", "setup.py", "nbconvert_config.py",
)  # fmt: skip
"""Python that some tool takes for its configuration."""

DATA = {
    "jupyter_server_config.json": {"ServerApp": {"jpserver_extensions": {"canary_extension": True}}},
    "jupyter_server_config.d/canary.json": {"ServerApp": {"jpserver_extensions": {"canary_extension": True}}},
    "jupyter_config.d/canary.json": {"ServerApp": {"jpserver_extensions": {"canary_extension": True}}},
    "jupyter_lab_config.json": {"ServerApp": {"jpserver_extensions": {"canary_extension": True}}},
    "voila.json": {
        "VoilaConfiguration": {"preheat_kernel": True, "extension_language_mapping": {".py": "python"}}
    },
    "ipython_kernel_config.json": {"InteractiveShellApp": {"exec_lines": ["import canary_extension"]}},
    "ipython_config.json": {"InteractiveShellApp": {"exec_lines": ["import canary_extension"]}},
}
TEXTS = {
    "matplotlibrc": "backend: module://canary_backend\n",
    ".env": "MPLBACKEND=module://canary_backend\nPYTHONSTARTUP=sitecustomize.py\n",
    "canary-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: canary\nVersion: 1.0\n",
    "canary-1.0.dist-info/entry_points.txt": "[pydantic]\nx=canary_plugin:x\n[papermill.engine]\nx=canary_plugin:x\n",
    "canary.pth": "import canary_plugin\n",
    "pyproject.toml": "[tool.canary]\n",
    ".duckdbrc": ".shell true\n",
    "pyvenv.cfg": "home = .\n",
}  # fmt: skip

NOTEBOOK = "0_executive_summary.ipynb"


def plant(machine: Machine, folder: Path) -> None:
    """Put everything that a tool could execute, or that could lead it to something to execute, into a folder."""
    kernel = {
        "argv": ["sh", "-c", f"echo kernel >> {machine.flag}"],
        "display_name": "Python 3",
        "language": "python",
    }
    for name in (*MODULES, *SETTINGS):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(machine.payload)
    for name, content in DATA.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(json.dumps(content))
    for place in ("kernels", "share/jupyter/kernels", ".local/share/jupyter/kernels"):
        (folder / place / "python3").mkdir(parents=True)
        (folder / place / "python3" / "kernel.json").write_text(json.dumps(kernel))
    for name, text in TEXTS.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    for server in ("pyright/langserver.index.js", "bash-language-server/out/cli.js"):
        script = folder / "node_modules" / server
        script.parent.mkdir(parents=True)
        script.write_text(f"require('fs').appendFileSync({str(machine.flag)!r}, 'node')")
    for place in (folder / "assess-notebooks", folder.parent / "assess-notebooks"):
        copies = place / "acme"
        copies.mkdir(parents=True, exist_ok=True)
        (copies / "pandas.py").write_text(machine.payload)
        cell = nbformat.v4.new_code_cell(machine.payload)
        nbformat.write(nbformat.v4.new_notebook(cells=[cell]), copies / NOTEBOOK)


@pytest.fixture(scope="module")
def planted(shared_machine: Machine) -> Machine:
    """An engagement full of canaries, in which the consultant stands."""
    plant(shared_machine, shared_machine.acme)
    return shared_machine


@pytest.fixture(autouse=True)
def nothing_was_executed(planted: Machine) -> Iterator[None]:
    yield
    assert not planted.flag.exists(), planted.flag.read_text()


def test_the_canaries_sing(planted: Machine) -> None:
    """Executed the old way they would be noticed: this test sees what the others look for."""
    for command in (["-m", "csv"], ["-c", "import pandas"], ["-m", "ipykernel_launcher"]):
        subprocess.run(
            [sys.executable, *command], cwd=planted.acme, env=planted.env, capture_output=True, check=False
        )
        assert planted.flag.exists(), command
        planted.flag.unlink()


@pytest.mark.parametrize(
    "arguments",
    [
        ("validate", "."),
        ("check", "."),
        ("check", ".", "--format", "sarif"),
        ("--help",),
        ("compare", ".", "."),
    ],
    ids=" ".join,
)
def test_no_command_executes_what_lies_in_the_working_folder(
    planted: Machine, arguments: tuple[str, ...]
) -> None:
    assert planted.run(*arguments, cwd=planted.acme).returncode in (0, 1, 2)


@pytest.mark.slow
def test_no_kernel_of_a_run_does(planted: Machine) -> None:
    done = planted.run(
        "run", ".", "-o", "../out", "--only", "2,5", "--profiles", cwd=planted.acme, seconds=400
    )
    assert done.returncode == 0, done.stderr
    assert (planted.work / "out" / "report.html").exists()


@pytest.mark.parametrize("arguments", [("validate", "."), ("check", "."), ("--help",)], ids=" ".join)
def test_nor_do_the_commands_as_a_module(planted: Machine, arguments: tuple[str, ...]) -> None:
    command = [sys.executable, "-m", "assess.cli", *arguments]
    done = subprocess.run(
        command, cwd=planted.acme, env=planted.env, capture_output=True, text=True, timeout=120
    )
    assert done.returncode in (0, 1), done.stderr


@pytest.mark.slow
def test_nor_a_run_as_a_module_under_a_module_path_with_an_empty_entry(planted: Machine) -> None:
    (
        planted.acme / "sitecustomize.py"
    ).unlink()  # an empty entry makes the interpreter itself import these two,
    (planted.acme / "usercustomize.py").unlink()  # before any line of ours
    command = [sys.executable, "-m", "assess.cli", "run", ".", "-o", "../out2", "--only", "5"]
    env = planted.env | {"PYTHONPATH": ":/nowhere", "JUPYTER_PATH": "", "JUPYTER_CONFIG_PATH": ":."}
    try:
        done = subprocess.run(command, cwd=planted.acme, env=env, capture_output=True, text=True, timeout=400)
    finally:
        (planted.acme / "sitecustomize.py").write_text(planted.payload)
        (planted.acme / "usercustomize.py").write_text(planted.payload)
    assert done.returncode == 0, done.stderr


@contextmanager
def served(machine: Machine, command: str, *extra: str) -> Iterator[tuple[str, str, list[str]]]:
    """Serve the engagement in which the consultant stands; give the address, its token and what was said."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = machine.start(command, ".", "--no-browser", f"--port={port}", *extra, cwd=machine.acme)
    said: list[str] = []
    readers = [
        threading.Thread(target=lambda s=stream: said.extend(iter(s.readline, "")), daemon=True)
        for stream in (process.stderr, process.stdout)
    ]
    for reader in readers:
        reader.start()
    try:
        end, found = time.monotonic() + 120, None
        while found is None and time.monotonic() < end and process.poll() is None:
            time.sleep(0.1)
            found = re.search(r"(http://(?:localhost|127\.0\.0\.1):\d+/)\S*token=(\w+)", "".join(said))
        assert found, "".join(said)
        yield found[1], found[2], said
    finally:
        process.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(30)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        for reader, stream in zip(readers, (process.stderr, process.stdout), strict=True):
            reader.join(10)
            stream.close()


def ask(address: str, token: str, method: str = "GET", body: str = "", seconds: float = 240) -> str:
    """Ask a server; what it refuses is an answer, too."""
    request = urllib.request.Request(
        address, method=method, data=body.encode() or None, headers={"Authorization": f"token {token}"}
    )
    end = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(request, timeout=seconds) as answer:
                return str(answer.read().decode())
        except urllib.error.HTTPError as error:
            with error:
                return f"{error.code}"
        except urllib.error.URLError:  # the address is printed before it is listened at
            if time.monotonic() > end:
                raise
            time.sleep(0.2)


@pytest.mark.slow
def test_voila_executes_copies_of_ours_and_nothing_else(planted: Machine) -> None:
    with served(planted, "serve") as (address, token, said):
        assert "assess-notebooks/acme: these notebooks are not opened" in "".join(said)
        tree = ask(address, token)
        assert "executive_summary" in tree
        page = ask(f"{address}voila/render/{NOTEBOOK}", token)
        assert "What to supply" in page and "Traceback" not in page and "no module" not in page.lower()
        for other in (
            "assess-notebooks/acme/0_executive_summary.ipynb",
            "../acme/x.ipynb",
            "%2e%2e/acme/json.py",
        ):
            assert ask(f"{address}voila/render/{other}", token).startswith(("40", "500"))
        assert ask(f"{address}voila/files/json.py", token) in ("403", "404")
    folder = next((planted.home / ".local/share/assess/notebooks").iterdir())
    assert {path.name for path in folder.glob("*.py")} == set()


@pytest.mark.slow
def test_jupyterlab_shows_the_copies_and_starts_kernels_that_read_nothing_else(planted: Machine) -> None:
    root = ["--allow-root"] if planted.home.stat().st_uid == 0 else []
    with served(planted, "lab", *root) as (address, token, _):
        names = {item["name"] for item in json.loads(ask(f"{address}api/contents", token))["content"]}
        assert NOTEBOOK in names and not {"json.py", "engagement.yaml", "acme"} & names
        specs = json.loads(ask(f"{address}api/kernelspecs", token))["kernelspecs"]
        assert "sh" not in specs["python3"]["spec"]["argv"]
        session = {"path": NOTEBOOK, "type": "notebook", "name": "", "kernel": {"name": "python3"}}
        made = json.loads(ask(f"{address}api/sessions", token, "POST", json.dumps(session)))
        ask(f"{address}lsp/status", token)
        end = time.monotonic() + 20
        while time.monotonic() < end:
            state = json.loads(ask(f"{address}api/kernels/{made['kernel']['id']}", token))["execution_state"]
            if state == "idle":
                break
            time.sleep(0.5)
        ask(f"{address}nbconvert/html/{NOTEBOOK}", token)
        for path in ("assess-notebooks", "..%2Facme", "../acme/json.py", "json.py"):
            assert ask(f"{address}api/contents/{path}", token) in ("400", "403", "404")


SECOND = textwrap.dedent(
    """
    import os, sys
    sys.path.insert(0, "")
    sys.path.append(os.getcwd())
    from assess.core.isolation import isolate_process, python_command
    isolate_process()
    assert "" not in sys.path and os.getcwd() not in sys.path, sys.path
    import subprocess
    print(subprocess.run([*python_command("json.tool"), "--help"], capture_output=True, check=True).returncode)
    """
)


def test_a_child_of_a_child_imports_nothing_from_there_either(planted: Machine) -> None:
    command = [sys.executable, "-P", "-c", SECOND]
    done = subprocess.run(
        command, cwd=planted.acme, env=planted.env, capture_output=True, text=True, timeout=60
    )
    assert done.stdout.strip() == "0", done.stderr
