"""Kernels for the notebooks: forked from one warm process where the system can, started afresh elsewhere."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar

from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.connect import KernelConnectionInfo, LocalPortCache
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.factory import KernelProvisionerFactory
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from jupyter_client.session import Session
from papermill.clientwrap import PapermillNotebookClient
from traitlets import HasTraits

from assess.core import scratch
from assess.core.isolation import isolated_environment, python_command

from .kernel_fork_server import KEEP_BASIS

FORKS = sys.platform == "linux" and hasattr(os, "pidfd_open")
"""Whether kernels are forked here. macOS aborts forked processes that touched its frameworks; Windows has no fork."""


SINGLE = {"OPENBLAS_NUM_THREADS": "1", "JE_ARROW_MALLOC_CONF": "background_thread:false"}
"""Keeps the libraries of the warm process from starting threads: only a process with one thread forks safely.

The notebooks run side by side, one core each, so that threads of linear algebra would gain nothing.
"""


PATIENCE = 300.0
"""Seconds in which the warm process must have warmed up and forked."""

SHORT, SHORT_PLACE = 8, "/tmp"  # noqa: S108 (what is made there is this user's alone)
"""Characters of a folder above which the address of a socket within it could get longer than the 103 of macOS."""

KERNEL_ARGUMENTS = ("--HistoryManager.enabled=False", "--InteractiveShellApp.ignore_cwd=True")
"""A kernel of a run keeps no history of the consultant's, and imports nothing from the folder in which it works."""

SPEC = {"debugger": True, "supported_encryption": "curve"}
"""What the kernel of this interpreter says of itself."""


class ForkServerLost(RuntimeError):
    """The warm process has died, or does not answer."""


class ForkedKernel:
    """A kernel that another process forked, with the part of ``subprocess.Popen`` that Jupyter uses."""

    stdin = stdout = stderr = None

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._handle = os.pidfd_open(pid)

    def poll(self) -> int | None:
        """Return None while it lives."""
        if self.returncode is None and select.select([self._handle], [], [], 0)[0]:
            self.returncode = 0
            os.close(self._handle)
        return self.returncode

    def wait(self) -> int:
        """Wait until it has ended."""
        if self.returncode is None:
            select.select([self._handle], [], [])
        return self.poll() or 0

    def send_signal(self, number: int) -> None:
        """Send it a signal, unless it has ended."""
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._handle, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)


class ForkServer:
    """The warm process, seen from outside. It starts at once and warms up while the caller goes on.

    Parameters
    ----------
    folder
        Where it works: a folder of ours, in which nothing of a client lies.
    """

    def __init__(self, folder: Path) -> None:
        self._process = subprocess.Popen(
            python_command("assess.report.kernel_fork_server"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=None if os.environ.get("ASSESS_DEBUG") else subprocess.DEVNULL,
            text=True,
            env={**isolated_environment(), **SINGLE},
            cwd=folder,
            start_new_session=True,  # a signal to the terminal's group is for the run, which ends this process
        )
        self._lock = threading.Lock()

    def fork(self, argv: list[str], cwd: str, env: Mapping[str, str]) -> ForkedKernel:
        """Fork a kernel, or what else `assess.report.kernel_fork_server` makes of the arguments.

        Raises
        ------
        ForkServerLost
            If the warm process has died, or does not answer.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with self._lock:
            try:
                self._process.stdin.write(json.dumps({"argv": argv, "cwd": cwd, "env": dict(env)}) + "\n")
                self._process.stdin.flush()
                ready = select.select([self._process.stdout], [], [], PATIENCE)[0]
                answer = self._process.stdout.readline() if ready else ""
                return ForkedKernel(json.loads(answer)["pid"])
            except (OSError, ValueError) as error:
                self._process.kill()
                raise ForkServerLost("the process from which kernels are forked has died") from error

    def close(self) -> None:
        """End the warm process, and with it every kernel that still lives. Closing twice does nothing."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class ForkedProvisioner(LocalProvisioner):
    """Provide kernels from a fork server, or as processes of their own where it has died.

    What is no kernel of this interpreter, such as one of another language, is started as ever.
    """

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Fork a kernel for the connection file that the command names."""
        manager: Any = self.parent
        if cmd[0] != sys.executable or "ipykernel_launcher" not in cmd:
            return await super().launch_kernel(cmd, **kwargs)
        folder = kwargs.get("cwd") or os.getcwd()  # noqa: PTH109
        try:  # aside: a server goes on answering while the warm process warms up
            kernel = await asyncio.to_thread(manager.server.fork, cmd, folder, kwargs["env"])
        except ForkServerLost:
            return await super().launch_kernel(cmd, **kwargs)
        self.process, self.pid, self.pgid = kernel, kernel.pid, kernel.pid
        return self.connection_info


class ForkedKernels(AsyncKernelManager):
    """Kernels of a manager that come from a fork server, where there is one and no other provider is asked for."""

    server: ClassVar[ForkServer | None] = None

    async def _async_pre_start_kernel(self, **settings: Any) -> tuple[list[str], dict[str, Any]]:
        self.kernel_id = self.kernel_id or settings.get("kernel_id") or os.urandom(8).hex()
        spec = self.kernel_spec
        asked = spec is not None and "kernel_provisioner" in spec.metadata
        if self.server is not None and self.provisioner is None and not asked:
            self.provisioner = ForkedProvisioner(kernel_id=self.kernel_id, kernel_spec=spec, parent=self)
        command: tuple[list[str], dict[str, Any]] = await super()._async_pre_start_kernel(**settings)
        return command


class KernelManager(AsyncKernelManager):
    """Start kernels of this interpreter that speak through files of this user only, never over an open port where that can be.

    Which kernels somebody has installed under the name of the notebooks' does not matter.
    """

    folder: ClassVar[Path]
    """Where the files lie: a folder of ours that nobody else can look into."""

    _numbers: ClassVar[Iterator[int]] = itertools.count(1)

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.cache_ports = False
        place = self.folder / str(next(self._numbers))
        self.connection_file = f"{place}.json"
        if os.name == "posix":
            self.transport, self.ip = "ipc", str(place)
        else:
            self.transport_encryption = "auto"

    @property
    def kernel_spec(self) -> KernelSpec:
        """The kernel of this interpreter."""
        start = [*python_command("ipykernel_launcher"), "-f", "{connection_file}", *KERNEL_ARGUMENTS]
        return KernelSpec(argv=start, display_name="Python 3", language="python", metadata=SPEC)

    @classmethod
    def abandon(cls) -> None:
        """End every kernel of an interrupted run; kernels of their own process end with their client."""

    @classmethod
    def keep_basis(cls, location: str, parameters: str, folder: str) -> bool:
        """Let a warm process keep the basis of a run; False where there is none that could."""
        return False


class ForkedKernelManager(ForkedKernels, KernelManager):
    """The same, with kernels from a fork server."""

    server: ClassVar[ForkServer]

    @classmethod
    def abandon(cls) -> None:
        """End the warm process, and every kernel with it."""
        cls.server.close()

    @classmethod
    def keep_basis(cls, location: str, parameters: str, folder: str) -> bool:
        """Let a warm process keep the basis of a run, and wait for it; False where it has died."""
        try:
            cls.server.fork([KEEP_BASIS, location, parameters, folder], str(cls.folder), os.environ).wait()
        except ForkServerLost:
            return False
        return True


SHARED: tuple[type[HasTraits], ...] = (
    AsyncKernelClient,
    ForkedKernelManager,
    ForkedProvisioner,
    KernelProvisionerFactory,
    KernelSpecManager,
    LocalPortCache,
    PapermillNotebookClient,
    Session,
)
"""Classes of which the threads of a run make objects at the same time."""


def resolve() -> None:
    """Let the shared classes find the classes that their traits name by a string.

    traitlets looks each up when the first object is made, in two steps without a lock: a second thread between
    them stops with "import_item accepts strings". So it is done before any thread starts.
    """
    for shared in SHARED:
        for trait in shared.class_traits().values():
            getattr(trait, "_resolve_classes", lambda: None)()


@contextlib.contextmanager
def fork_server(folder: Path) -> Iterator[ForkServer | None]:
    """Give the warm process for kernels, None where the system can't fork; every kernel of it ends with the block.

    Parameters
    ----------
    folder
        Where it works, see `ForkServer`.
    """
    server = ForkServer(folder) if FORKS else None
    try:
        yield server
    finally:
        if server is not None:
            server.close()


@contextlib.contextmanager
def kernels(folder: Path) -> Iterator[type[KernelManager]]:
    """Give the class of kernel manager for a run; every kernel ends with the block.

    Parameters
    ----------
    folder
        For their sockets and connection files, see `private_folder`.
    """
    resolve()
    with fork_server(folder) as server:
        base, more = (ForkedKernelManager, {"server": server}) if server else (KernelManager, {})
        yield type("RunKernelManager", (base,), {"folder": folder, **more})


@contextlib.contextmanager
def private_folder() -> Iterator[Path]:
    """Give an empty folder for sockets and connection files that only this user can look into, and remove it.

    What killed processes have left of theirs is removed, too.
    """
    parent = tempfile.gettempdir()
    if os.name == "posix" and len(parent) > SHORT and os.access(SHORT_PLACE, os.W_OK):
        parent = SHORT_PLACE
    folder = scratch.make_folder(parent)
    try:
        yield folder
    finally:
        scratch.remove_folder(folder)
