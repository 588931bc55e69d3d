"""JupyterLab, or Voila, on copies of the notebooks that open one engagement.

The server runs in this process and on this machine only: a page may load nothing from elsewhere and send
nothing elsewhere, neither server asks a service for news or updates, and what it starts ends with it. It works in an
empty folder of ours, so that no configuration, template or module is taken from the folder in which somebody typed
the command, and it shows the folder of the copies and no other. The consultant's own settings (``~/.jupyter``,
``~/.ipython``) are respected.
"""

from __future__ import annotations

import importlib
import itertools
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

from jupyter_server.services.kernels.kernelmanager import ServerKernelManager

from assess.core.isolation import isolate_process
from assess.report.kernels import private_folder

from .copies import Copies, CopiesRefused, lay_out

__all__ = ["SERVERS", "SETTINGS", "Copies", "CopiesRefused", "lay_out", "open_server"]

HERE = Path(__file__).parent

SERVERS = {"lab": ("jupyterlab.labapp", "LabApp"), "serve": ("voila.app", "Voila")}
"""The application behind each command: its module and its name there."""

POLICY = (
    "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; "
    "frame-ancestors 'self'; form-action 'self'; base-uri 'self'"
)
"""Content security policy of every page: whatever a notebook shows, the browser asks no other server for it."""

HEADERS = f"tornado_settings={{'headers': {{'Content-Security-Policy': \"{POLICY}\"}}}}"

SETTINGS = {
    "lab": (
        f"--ServerApp.{HEADERS}",
        "--ServerApp.answer_yes=True",
        "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--LabApp.extension_manager=readonly",
    ),
    "serve": (
        f"--Voila.{HEADERS}",
        "--Voila.auto_token=True",
        "--template=assess",
        "--VoilaConfiguration.classic_tree=True",
        "--strip_sources=True",
        "--VoilaConfiguration.show_tracebacks=False",
    ),
}
"""JupyterLab ends on one Ctrl-C and asks no service for news, updates or extensions. Voila opens for whoever has the
address that it prints, shows neither code nor tracebacks, and its list of notebooks is a list of questions."""

PRIVATE = (
    (f"--MultiKernelManager.kernel_manager_class={__name__}.SocketKernelManager",)
    if os.name == "posix"
    else ()
)
"""Kernels speak through files of this user, so that the server's is the only port."""

SHARED = {"JUPYTER_PATH": HERE / "share", "JUPYTER_CONFIG_PATH": HERE / "settings"}
"""Where the servers find the template and the settings of this package, before what the user has."""

FOLDERS = {"lab": (), "serve": ("--Voila.connection_dir_root={}",)}
"""Settings of each server that name the folder of its sockets and connection files."""


class SocketKernelManager(ServerKernelManager):
    """Name the sockets by a number, in the folder that only this user can look into.

    The path of a socket has at most 107 bytes on Linux and 103 on macOS; a server would make it of a folder of its
    own and a kernel's UUID, which is longer than that.
    """

    _numbers: ClassVar[Iterator[int]] = itertools.count(1)

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.transport, self.ip = (
            "ipc",
            str(Path(os.environ["JUPYTER_RUNTIME_DIR"]) / str(next(self._numbers))),
        )


def open_server(command: str, copies: Copies, extra: tuple[str, ...] = ()) -> None:
    """Serve the notebooks until the server is stopped.

    Parameters
    ----------
    command
        ``lab`` for JupyterLab, ``serve`` for the what-if pages without code, by Voila.
    copies
        The notebooks, as `lay_out` left them.
    extra
        Further arguments of the server, such as ``--no-browser``.
    """
    isolate_process()
    for name, place in SHARED.items():
        os.environ[name] = os.pathsep.join(filter(None, [str(place), os.environ.get(name)]))
    os.environ["ASSESS_LIVE"] = "1"
    shown = copies.folder.resolve()
    with private_folder() as folder:
        os.environ["JUPYTER_RUNTIME_DIR"] = str(folder)
        os.chdir(folder)
        module, name = SERVERS[command]
        server = getattr(importlib.import_module(module), name)
        private = (*PRIVATE, *(setting.format(folder) for setting in FOLDERS[command]))
        server.launch_instance(argv=[str(shown), *SETTINGS[command], *private, *extra])
