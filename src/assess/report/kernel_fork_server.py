"""A warm process from which kernels are forked, so that the imports of a kernel are paid once.

Run as ``python -P -m assess.report.kernel_fork_server`` in a folder of ours. It imports what the notebooks use, then reads one JSON object a
line on standard input (``{"argv": [...], "cwd": "...", "env": {...}}``), forks a process for each and answers
``{"pid": 123}``. The process is the kernel that ``argv`` starts, or keeps the basis of a run if ``argv`` begins with
`KEEP_BASIS`. The warm process ends, and what it forked with it, when standard input closes.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import signal
import sys
from pathlib import Path

from assess.core.isolation import skip_slow_grammar

KEEP_BASIS = "basis"
"""Asks for the basis of a run; the arguments of `keep_basis` follow."""

PRELOADED = (
    "ipykernel.kernelapp",
    "ipykernel.debugger",
    "pandas",
    "ipywidgets",
    "assess.report.chapters",
    "assess.report.notebook_display",
    "assess.report.widgets",
    "assess.decisions.decision",
    "assess.evidence.operations",
    "assess.evidence.quality",
    "assess.evidence.value_stream",
    "scipy.stats",
)
"""What every notebook imports, and what most answers do."""

LIVE = "plotly.graph_objs._figurewidget"
"""The library of charts, for who moves a slider."""


def preload() -> None:
    """Import what kernels need, and read what each of them would read again."""
    skip_slow_grammar()
    for name in PRELOADED:
        importlib.import_module(name)
    from assess.core import cache
    from assess.intake.assumptions import defaults
    from assess.report.environment import environment
    from assess.report.notebook_display import live

    if live():
        importlib.import_module(LIVE)
    defaults()
    cache.code()
    environment().get_template("notebook.html.j2")
    gc.collect()
    gc.freeze()


def detach(cwd: str, env: dict[str, str]) -> None:
    """Give this forked process its own session, folder and environment, and nothing to talk to."""
    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    os.dup2(nothing, 2)
    os.environ.clear()
    os.environ.update(env)
    os.chdir(cwd)


def keep_basis(location: str, parameters: str, folder: str) -> None:
    """Keep what the answers of a run rest on, which its notebooks measured: two runs can then be compared by cause.

    Parameters
    ----------
    location
        The engagement's folder or workbook.
    parameters
        Those of `assess.decisions.assessment.Assessment`, as JSON.
    folder
        That of the report.
    """
    from assess.decisions.assessment import Assessment
    from assess.decisions.snapshot import Snapshot
    from assess.report.comparison.changes import keep

    keep(Snapshot.of(Assessment.open(location, **json.loads(parameters))), Path(folder))


def become_kernel(argv: list[str], parent: int) -> None:
    """Turn this forked process into a kernel; never returns."""
    from ipykernel.kernelapp import IPKernelApp

    arguments = [*argv[argv.index("-f") :], f"--IPKernelApp.parent_handle={parent}"]
    app = IPKernelApp.instance()
    app.initialize(arguments)  # type: ignore[no-untyped-call]
    app.start()  # type: ignore[no-untyped-call]


KERNELS: set[int] = set()
"""Kernels that live."""


def reap(*_: object) -> None:
    """Collect every kernel that ended."""
    with contextlib.suppress(ChildProcessError):
        while pid := os.waitpid(-1, os.WNOHANG)[0]:
            KERNELS.discard(pid)


def end() -> None:
    """End the kernels that still live, and whatever they started."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for pid in KERNELS:
        with contextlib.suppress(OSError):
            os.killpg(pid, signal.SIGKILL)
        with contextlib.suppress(OSError):
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def serve() -> None:
    """Fork a kernel for each request until standard input closes."""
    parent = os.getpid()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, reap)
    for line in sys.stdin:
        request = json.loads(line)
        child = os.fork()
        if child == 0:
            status = 1
            try:
                signal.signal(signal.SIGINT, signal.default_int_handler)
                detach(request["cwd"], request["env"])
                if request["argv"][0] == KEEP_BASIS:
                    keep_basis(*request["argv"][1:])
                else:
                    become_kernel(request["argv"], parent)
                status = 0
            finally:
                os._exit(status)
        KERNELS.add(child)
        sys.stdout.write(json.dumps({"pid": child}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    preload()
    serve()
    end()
    os._exit(0)  # what was frozen for the kernels is not collected, and not complained about
