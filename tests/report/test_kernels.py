"""Kernels of a run: what threads share is ready before they start, what they rest on of Jupyter is as it was, and one
that can't be forked is started afresh."""

import gzip
import inspect
import json
import os
import stat
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import papermill
import pytest
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning import KernelProvisionerBase
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from assess.core.atomic_folder import BASIS
from assess.report import kernels
from assess.report.jupyter import SocketKernelManager
from assess.report.kernel_fork_server import keep_basis

SAMPLES = Path(__file__).parents[2] / "data" / "samples"

LEFT = """
from assess.report import kernels

def left():
    return [
        f"{shared.__name__}.{name}"
        for shared in kernels.SHARED
        for name, trait in shared.class_traits().items()
        if isinstance(getattr(trait, "klass", None), str)
    ]

assert left(), "nothing to resolve: this test sees nothing"
kernels.resolve()
assert left() == [], left()
"""
WHERE = "import os, sys; print(os.getcwd()); print(sys.path); print(sys.flags.safe_path); print(os.getppid())"
needs_fork = pytest.mark.skipif(not kernels.FORKS, reason="kernels are not forked here")


def test_no_trait_waits_for_the_first_object_to_find_its_class():
    """Two threads that look the same trait up at once stop with "import_item accepts strings"."""
    done = subprocess.run([sys.executable, "-c", LEFT], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_what_is_overridden_of_jupyter_is_still_there():
    """The names that `kernels` overrides or sets, one of them private: an upgrade that moves them is seen here."""
    assert inspect.iscoroutinefunction(AsyncKernelManager._async_pre_start_kernel)
    assert "self._async_pre_start_kernel" in inspect.getsource(AsyncKernelManager._async_start_kernel)
    assert "if self.provisioner is None" in inspect.getsource(AsyncKernelManager._async_pre_start_kernel)
    assert isinstance(AsyncKernelManager.kernel_spec, property)
    assert list(inspect.signature(LocalProvisioner.launch_kernel).parameters) == ["self", "cmd", "kwargs"]
    assert {"process", "pid", "pgid"} <= vars(LocalProvisioner).keys()
    assert "connection_info" in KernelProvisionerBase.__annotations__
    assert AsyncKernelManager.provisioner is None
    assert {"connection_file", "ip", "transport", "cache_ports"} <= set(
        AsyncKernelManager.class_trait_names()
    )


@pytest.fixture
def manager():
    """The class of kernel managers of a run."""
    with kernels.private_folder() as folder, kernels.kernels(folder) as found:
        yield found


def run(manager, folder, code):
    """Execute a cell as a run does; return what it printed."""
    node = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    node.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    (folder / "notebooks").mkdir(parents=True, exist_ok=True)
    nbformat.write(node, folder / "source.ipynb")
    (cell,) = papermill.execute_notebook(
        folder / "source.ipynb", None, kernel_manager_class=manager, progress_bar=False,
        resources={"metadata": {"path": str(folder / "notebooks")}},
    ).cells  # fmt: skip
    return "".join(output.get("text", "") or str(output) for output in cell.outputs)


def test_a_kernel_works_in_a_folder_of_the_run_which_is_not_on_its_module_path(
    manager, tmp_path, monkeypatch
):
    client = tmp_path / "client"
    client.mkdir()
    monkeypatch.chdir(client)
    folder, path, _, parent = run(manager, tmp_path, WHERE).splitlines()
    assert Path(folder).resolve() == (tmp_path / "notebooks").resolve()
    assert not {"''", repr(str(client)), repr(folder)} & set(path.strip("[]").split(", "))
    if kernels.FORKS:
        assert int(parent) == manager.server._process.pid


@needs_fork
def test_kernels_start_afresh_where_the_fork_server_has_died(manager, tmp_path, monkeypatch):
    client = tmp_path / "client"
    client.mkdir()
    monkeypatch.chdir(client)
    manager.server._process.kill()
    folder, path, safe, parent = run(manager, tmp_path, WHERE).splitlines()
    assert int(parent) == os.getpid() and safe == "True"
    assert Path(folder).resolve() == (tmp_path / "notebooks").resolve()
    assert not {"''", repr(str(client)), repr(folder)} & set(path.strip("[]").split(", "))


OTHER = [
    sys.executable,
    "-P",
    "-c",
    "from ipykernel.kernelapp import launch_new_instance as start; start()",
    "-f",
]


@needs_fork
def test_kernels_of_a_server_are_forked_and_those_of_another_command_are_not(tmp_path, monkeypatch):
    with kernels.private_folder() as folder, kernels.fork_server(folder) as server:
        monkeypatch.setattr(SocketKernelManager, "server", server)
        monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(folder))
        monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
        assert int(run(SocketKernelManager, tmp_path, WHERE).split()[-1]) == server._process.pid
        spec = tmp_path / "kernels" / "python3" / "kernel.json"
        spec.parent.mkdir(parents=True)
        spec.write_text(
            json.dumps({"argv": [*OTHER, "{connection_file}"], "display_name": "x", "language": "python"})
        )
        assert int(run(SocketKernelManager, tmp_path, WHERE).split()[-1]) == os.getpid()


@needs_fork
def test_the_warm_process_keeps_the_basis_that_this_one_would(manager, tmp_path):
    given = (str(SAMPLES / "minimal"), '{"seed": 3, "draws": 500, "show_values": false}')
    for place in ("warm", "here"):
        (tmp_path / place).mkdir()
    assert manager.keep_basis(*given, str(tmp_path / "warm"))
    keep_basis(*given, str(tmp_path / "here"))
    left = [(tmp_path / place / BASIS).read_bytes() for place in ("warm", "here")]
    assert left[0] == left[1] and b'"seed":3' in gzip.decompress(left[0])
    assert [file.name for file in (tmp_path / "warm").iterdir()] == [BASIS]
    manager.server._process.kill()
    assert not manager.keep_basis(*given, str(tmp_path / "warm"))
    assert not kernels.KernelManager.keep_basis(*given, str(tmp_path / "warm"))


@needs_fork
def test_a_fork_server_that_does_not_answer_is_given_up(manager, monkeypatch, tmp_path):
    monkeypatch.setattr(kernels, "PATIENCE", 0.0)
    with pytest.raises(kernels.ForkServerLost):
        manager.server.fork(["python", "-f", "x"], str(tmp_path), {})
    assert manager.server._process.wait(10) != 0


@pytest.mark.skipif(os.name != "posix", reason="sockets in files are POSIX's")
def test_sockets_and_connection_files_lie_in_a_folder_of_this_user_only_and_go_with_the_run(
    tmp_path, monkeypatch
):
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    with kernels.private_folder() as folder, kernels.kernels(folder) as manager:
        one, two = manager(kernel_name="python3"), manager(kernel_name="python3")
        assert one.connection_file != two.connection_file and one.ip != two.ip
        for made in (one, two):
            assert made.transport == "ipc"
            assert Path(made.connection_file).parent == Path(made.ip).parent == manager.folder
            assert len(f"{made.ip}-5") < 103
        assert stat.S_IMODE(manager.folder.stat().st_mode) == 0o700
        assert run(manager, tmp_path, "print(1)").strip() == "1"
    assert not folder.exists()
    assert not (tmp_path / "runtime").exists()


def test_a_kernel_of_this_interpreter_is_started_whatever_is_installed_under_its_name(tmp_path, monkeypatch):
    spec = tmp_path / "kernels" / "python3"
    spec.mkdir(parents=True)
    (spec / "kernel.json").write_text('{"argv": ["false"], "display_name": "x", "language": "python"}')
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    with kernels.private_folder() as folder, kernels.kernels(folder) as manager:
        found = manager(kernel_name="python3").kernel_spec.argv
    assert found[:4] == [sys.executable, "-P", "-m", "ipykernel_launcher"]


@needs_fork
def test_kernels_end_with_the_process_that_started_them(tmp_path):
    code = (
        "import sys, time\nfrom assess.report import kernels\n"
        "with kernels.private_folder() as folder, kernels.kernels(folder) as manager:\n    print(manager.server._process.pid, flush=True)\n    time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as process:
        below = int(process.stdout.readline())
        process.kill()
    end = time.monotonic() + 60
    while Path(f"/proc/{below}").exists() and time.monotonic() < end:
        time.sleep(0.1)
    assert not Path(f"/proc/{below}").exists()
