"""Processes that run no code and read no settings from the folder in which somebody works.

A consultant stands in the folder that a client has mailed and types a command. What lies there is data: no module of
it is imported and no configuration of it read, by this process or by any that it starts. The consultant's own home
(``~/.jupyter``, ``~/.ipython``) and the installation stay what they are.

This module is imported before the module path is safe. So it imports only what the interpreter carries within itself
(`os` and `sys` are frozen): not even ``__future__``, which is a file that the working folder could hold.
"""

import os
import sys

SAFE = "PYTHONSAFEPATH"
"""Environment variable with which Python puts neither the working folder nor that of a script on the module path."""

PATHS = ("PYTHONPATH", "JUPYTER_PATH", "JUPYTER_CONFIG_PATH")
"""Lists of folders in the environment: an empty entry of them, which a stray colon makes, is the working folder."""

OWN = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))  # noqa: PTH120
"""The folder from which this package was imported."""


def isolate_process() -> None:
    """Take the working folder off the module path of this process, and see to it that no child puts it there."""
    working = _working_folder()
    sys.path[:] = [entry for entry in sys.path if not _is_working(entry, working)]
    os.environ.update(isolated_environment())


def isolated_environment() -> dict[str, str]:
    """Return the environment for a child process: this one's, without what leads to the working folder.

    Relative entries of the lists of folders become absolute: the child works elsewhere.
    """
    working = _working_folder()
    found = {**os.environ, SAFE: "1"}
    for name in PATHS:
        if name in found:
            kept = [entry for entry in found[name].split(os.pathsep) if not _is_working(entry, working)]
            found[name] = os.pathsep.join(map(os.path.abspath, kept))
            if not kept:
                del found[name]
    return found


def python_command(module: str) -> list[str]:
    """Return the command that runs a module in a process of its own, with nothing of the working folder."""
    return [sys.executable, "-P", "-m", module]


def skip_slow_grammar() -> None:
    """Let no library of this process compile the grammar of internationalised addresses (RFC 3987): it takes over a second.

    The library that validates notebooks imports it for a format that no notebook has, and does without where it is absent.
    """
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]


def _working_folder() -> str:
    try:
        return os.path.realpath(os.getcwd())  # noqa: PTH109
    except OSError:  # it was removed
        return ""


def _is_working(entry: str, working: str) -> bool:
    """Whether an entry of a module path is the working folder, and not the one that holds this package."""
    if entry in ("", os.curdir):
        return True
    place = os.path.realpath(entry)
    return place == working and place != OWN
