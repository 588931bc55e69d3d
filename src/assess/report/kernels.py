"""Kernels for the notebooks: forked from one warm process where the system can, started afresh elsewhere."""

from __future__ import annotations

import contextlib
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
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.factory import KernelProvisionerFactory
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from jupyter_client.session import Session
from papermill.clientwrap import PapermillNotebookClient
from traitlets import HasTraits

FORKS = sys.platform == "linux" and hasattr(os, "pidfd_open")
"""Whether kernels are forked here. macOS aborts forked processes that touched its frameworks; Windows has no fork."""


SINGLE = {"OPENBLAS_NUM_THREADS": "1", "JE_ARROW_MALLOC_CONF": "background_thread:false"}
"""Keeps the libraries of the warm process from starting threads: only a process with one thread forks safely.

The notebooks run side by side, one core each, so that threads of linear algebra would gain nothing.
"""


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


class Nursery:
    """The warm process, seen from outside. It starts at once and warms up while the caller goes on."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "assess.report.nursery"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **SINGLE},
        )
        self._lock = threading.Lock()

    def fork(self, argv: list[str], cwd: str, env: Mapping[str, str]) -> ForkedKernel:
        """Fork a kernel.

        Raises
        ------
        RuntimeError
            If the warm process has died.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with self._lock:
            try:
                self._process.stdin.write(json.dumps({"argv": argv, "cwd": cwd, "env": dict(env)}) + "\n")
                self._process.stdin.flush()
                answer = self._process.stdout.readline()
            except BrokenPipeError:
                answer = ""
        if not answer:
            raise RuntimeError("the process from which the notebooks' kernels are forked has died")
        return ForkedKernel(json.loads(answer)["pid"])

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
    """Provide kernels from a nursery instead of new processes."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Fork a kernel for the connection file that the command names."""
        manager: Any = self.parent
        kernel = manager.nursery.fork(
            cmd, kwargs.get("cwd") or str(Path.cwd()), kwargs.get("env") or os.environ
        )
        self.process, self.pid, self.pgid = kernel, kernel.pid, kernel.pid
        return self.connection_info


class KernelManager(AsyncKernelManager):
    """Start kernels that speak through files of this user only, never over an open port where that can be."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.cache_ports = False
        if os.name == "posix":
            self.transport = "ipc"
            self._sockets = tempfile.TemporaryDirectory(prefix="kernel-")
            self.ip = str(Path(self._sockets.name) / "s")
        else:
            self.transport_encryption = "auto"

    @classmethod
    def abandon(cls) -> None:
        """End every kernel of an interrupted run; kernels of their own process end with their client."""


class ForkedKernelManager(KernelManager):
    """The same, with kernels from the nursery."""

    nursery: ClassVar[Nursery]

    @classmethod
    def abandon(cls) -> None:
        """End the warm process, and every kernel with it."""
        cls.nursery.close()

    async def _async_pre_start_kernel(self, **settings: Any) -> tuple[list[str], dict[str, Any]]:
        self.kernel_id = self.kernel_id or os.urandom(8).hex()
        if self.provisioner is None:
            self.provisioner = ForkedProvisioner(
                kernel_id=self.kernel_id, kernel_spec=self.kernel_spec, parent=self
            )
        command: tuple[list[str], dict[str, Any]] = await super()._async_pre_start_kernel(**settings)
        return command


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
def kernels() -> Iterator[type[KernelManager]]:
    """Give the class of kernel manager for a run; the warm process ends with the block."""
    resolve()
    if not FORKS:
        yield KernelManager
        return
    nursery = Nursery()
    try:
        yield type("NurseryKernelManager", (ForkedKernelManager,), {"nursery": nursery})
    finally:
        nursery.close()
