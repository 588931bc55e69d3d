"""JupyterLab, or Voila, on copies of the notebooks that open one engagement.

The server runs in this process and on this machine only: a page may load nothing from elsewhere and send
nothing elsewhere, neither server asks a service for news or updates, and what it starts ends with it. It works in an
empty folder of ours, so that no configuration, template or module is taken from the folder in which somebody typed
the command, and it shows the folder of the copies and no other. The consultant's own settings (``~/.jupyter``,
``~/.ipython``) are respected.
"""

from __future__ import annotations

import hashlib
import importlib
import itertools
import os
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import nbformat
from jupyter_server.services.kernels.kernelmanager import ServerKernelManager
from nbformat import NotebookNode

from assess.core.isolation import isolate_process
from assess.core.signature import is_signed, make_private, sign, user_folder
from assess.core.trust import allowed
from assess.intake.location import enclosing
from assess.report import shipped
from assess.report.kernels import ForkedKernels, fork_server, private_folder

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


class SocketKernelManager(ForkedKernels, ServerKernelManager):
    """Name the sockets by a number, in the folder that only this user can look into; fork kernels where that can be.

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
    with private_folder() as folder, fork_server(folder) as SocketKernelManager.server:
        os.environ["JUPYTER_RUNTIME_DIR"] = str(folder)
        os.chdir(folder)
        module, name = SERVERS[command]
        server = getattr(importlib.import_module(module), name)
        private = (*PRIVATE, *(setting.format(folder) for setting in FOLDERS[command]))
        server.launch_instance(argv=[str(shown), *SETTINGS[command], *private, *extra])


MARK = "assess"
"""Key in a copy's metadata: which engagement it was made for, and the fingerprint of its cells then."""

EARLIER = Path("assess-notebooks")
"""Where an earlier version kept the copies, in the working folder."""


class Copies(NamedTuple):
    """The folder of the copies, the names of those that a consultant has changed, and what to know about others."""

    folder: Path
    edited: tuple[str, ...]
    notes: tuple[str, ...] = ()


class CopiesRefused(ValueError):
    """Copies that can't be opened, or a folder that is no place for them; one line each in ``problems``."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


def lay_out(engagement: Path, notebooks: Path | None = None) -> Copies:
    """Copy the notebooks into the folder of this user's copies for one engagement.

    A copy that the user has changed is kept as it is. One that is unchanged becomes what this version ships.

    Parameters
    ----------
    engagement
        Folder or workbook.
    notebooks
        Folder in which the folders of copies lie; None for the one that the user's configuration names, or else
        the user's data folder (``~/.local/share/assess/notebooks`` on Linux).

    Raises
    ------
    CopiesRefused
        If the folder lies in the engagement, is not this user's or was not made by this command, or if changed copies
        belong to an engagement elsewhere; nothing is written then.
    """
    target = engagement.resolve()
    folder = _own_folder(target, notebooks)
    found = {source: _opened(folder / source.name) for source in shipped.notebooks().values()}
    edited = {source.name: node for source, node in found.items() if node is not None and _edited(node)}
    _refuse(folder, edited, target)
    for source, node in found.items():
        new = pointed(nbformat.read(source, as_version=4), target)
        if source.name not in edited and (node is None or _cells(node) != _cells(new)):
            nbformat.write(new, folder / source.name)
    return Copies(folder, tuple(edited), _ignored(target, folder))


def _own_folder(target: Path, notebooks: Path | None) -> Path:
    """Return the signed folder of the copies for an engagement, made if need be."""
    chosen = notebooks or Path(allowed().notebooks_folder or "")
    if chosen == Path():
        data = user_folder("data")
        if data is None:
            raise CopiesRefused(
                [
                    "This user has no private data folder for copies of notebooks; set HOME to one that can be written"
                ]
            )
        chosen = data / "notebooks"
    parent = chosen.expanduser().resolve()
    own = enclosing(target)
    if parent.is_relative_to(own):
        raise CopiesRefused(
            [
                f"{parent}: lies in the engagement, whose sender could write there; name another with --notebooks"
            ]
        )
    folder = parent / shipped.folder_name(target)
    parts = shipped.signed_parts(folder, target)
    if not os.path.lexists(folder) or (folder.is_dir() and not any(folder.iterdir())):
        proof = sign("notebooks", *parts) if make_private(folder) else ""
        if not proof:
            raise CopiesRefused(
                [
                    f"{folder}: can't be made, or others can write there; name a folder of yours with --notebooks"
                ]
            )
        (folder / shipped.SIGNATURE).write_text(proof, "ascii")
    if not make_private(folder) or not is_signed(shipped.read_proof(folder), "notebooks", *parts):
        raise CopiesRefused(
            [
                f"{folder}: was not made by this command for this user and engagement, and is not opened; move it away, "
                "start again, and copy back the notebooks that are yours"
            ]
        )
    return folder


def _ignored(target: Path, folder: Path) -> tuple[str, ...]:
    """Say which notebooks of the working folder are not opened, and how to go on with one's own."""
    found = EARLIER / (target.stem if target.is_file() else target.name)
    if not any(found.glob("*.ipynb")):
        return ()
    command = f"cp {shlex.quote(str(found))}/*.ipynb {shlex.quote(str(folder))}"
    return (
        f"{found}: these notebooks are not opened, because whoever sent this folder could have put them there; "
        f"if they are your own, look through them and bring them over: {command}",
    )


def pointed(notebook: NotebookNode, engagement: Path) -> NotebookNode:
    """Set the default of the parameter ``engagement`` in a notebook, empty its outputs and mark what it is."""
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        cell.outputs, cell.execution_count = [], None
        if "parameters" in cell.metadata.get("tags", ()):
            cell.source = "\n".join(_line(line, engagement) for line in cell.source.splitlines())
    notebook.metadata[MARK] = {"engagement": str(engagement), "cells": _cells(notebook)}
    return notebook


def _line(line: str, engagement: Path) -> str:
    if not line.startswith("engagement ="):
        return line
    _, hash_sign, comment = line.partition("  # ")
    return f"engagement = {str(engagement)!r}{hash_sign}{comment}"


def _opened(copy: Path) -> NotebookNode | None:
    """Read a copy; None where there is none. One that can't be read is somebody's, and empty to us."""
    try:
        found: NotebookNode = nbformat.read(copy, as_version=4)
    except FileNotFoundError:
        return None
    except OSError:
        raise
    except Exception:  # whatever nbformat meets in a file that is no notebook
        found = nbformat.v4.new_notebook()
    return found


def _edited(copy: NotebookNode) -> bool:
    return bool(copy.metadata.get(MARK, {}).get("cells") != _cells(copy))


def _cells(notebook: NotebookNode) -> str:
    """Return the fingerprint of what the cells say; outputs do not count."""
    said = "\0".join(f"{cell.cell_type}\0{cell.source}" for cell in notebook.cells)
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()


def _refuse(folder: Path, edited: dict[str, NotebookNode], engagement: Path) -> None:
    made_for = {name: node.metadata.get(MARK, {}).get("engagement") for name, node in edited.items()}
    problems = [
        f"{folder / name}: was made for {other} and somebody has changed it; move it away"
        for name, other in made_for.items()
        if other not in (None, str(engagement))
    ]
    if problems:
        raise CopiesRefused(problems)
