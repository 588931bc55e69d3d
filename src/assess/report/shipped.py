"""The notebooks that ship with the package, the parameters that each takes, and where a user's copies of them lie."""

from __future__ import annotations

import contextlib
import hashlib
import math
import os
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from assess.core.signature import is_signed, user_folder
from assess.core.trust import allowed
from assess.decisions.assessment import explain_limit

PACKAGED = Path(__file__).parents[1] / "notebooks"
"""Where a wheel carries the notebooks."""

CHECKOUT = Path(__file__).parents[3] / "notebooks"
"""Where a checkout keeps them."""

COMMON = ("engagement", "workbook", "beside")
"""Parameters that a run sets itself."""


class NotebookParameter(NamedTuple):
    """A parameter of a notebook: its default decides what kind of value is allowed."""

    name: str
    default: Any
    help: str


class UnknownParameters(ValueError):
    """A parameter that no notebook takes, or a value that does not fit; one line each in ``problems``."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


def folder() -> Path:
    """Return the folder of the notebooks, in a wheel or a checkout.

    Raises
    ------
    FileNotFoundError
        If the installation is broken.
    """
    for place in (PACKAGED, CHECKOUT):
        if any(place.glob("[0-9]_*.ipynb")):
            return place
    raise FileNotFoundError(
        f"no notebooks in {PACKAGED}: the installation is broken; install the package again"
    )


@cache
def notebooks() -> dict[int, Path]:
    """Return the shipped notebooks by number."""
    return {int(path.name[0]): path for path in sorted(folder().glob("[0-9]_*.ipynb"))}


@cache
def parameters(notebook: Path) -> dict[str, NotebookParameter]:
    """Return what papermill finds in the cell tagged ``parameters``."""
    from papermill.inspection import inspect_notebook

    found = inspect_notebook(str(notebook))
    return {
        name: NotebookParameter(
            name, yaml.safe_load(entry["default"]) if entry["default"] != "None" else None, entry["help"]
        )
        for name, entry in found.items()
    }


def read_texts(given: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Read the texts of a command line as the values of parameters: by the kind of the default, which `chosen` checks.

    A text that is none of this kind, or of a parameter that there is not, stays as it is.
    """
    known = {name: entry for path in notebooks().values() for name, entry in parameters(path).items()}
    return {name: _read(text, known[name].default) if name in known else text for name, text in given}


def _read(text: str, default: object) -> object:
    if isinstance(default, bool):
        return {"true": True, "yes": True, "false": False, "no": False}.get(text.strip().lower(), text)
    for kind in (int, float):
        if isinstance(default, kind):
            with contextlib.suppress(ValueError):
                return kind(text)
    return text


def chosen(wanted: dict[str, Any], numbers: tuple[int, ...]) -> dict[int, dict[str, Any]]:
    """Say which notebook gets which of the wanted parameters.

    Raises
    ------
    UnknownParameters
        If a name is unknown to all of the notebooks or a value does not fit its default; all problems at once.
    """
    valid = {number: parameters(notebooks()[number]) for number in numbers}
    names = sorted({name for entries in valid.values() for name in entries} - set(COMMON))
    problems = []
    for name, value in wanted.items():
        defaults = [entries[name].default for entries in valid.values() if name in entries]
        if name in COMMON or not defaults:
            problems.append(
                f"unknown parameter {name!r}{_similar(name, names)}; valid are: {', '.join(names)}"
            )
        elif not _fits(value, defaults[0]):
            problems.append(
                f"parameter {name!r}: {value!r:.40} is not {_kind(defaults[0])} (default {defaults[0]!r})"
            )
        elif limit := explain_limit(name, value):
            problems.append(f"parameter {name!r}: {limit} (default {defaults[0]!r})")
    if problems:
        raise UnknownParameters(problems)
    return {
        number: {name: wanted[name] for name in wanted if name in entries}
        for number, entries in valid.items()
    }


def _similar(name: str, names: list[str]) -> str:
    import difflib

    close = difflib.get_close_matches(name, names, 1)
    return f", did you mean {close[0]!r}?" if close else ""


def _fits(value: object, default: object) -> bool:
    if default is None:
        return True
    if isinstance(default, bool) or isinstance(value, bool):
        return isinstance(value, bool) and isinstance(default, bool)
    if isinstance(default, int):
        return isinstance(value, int)
    if isinstance(default, float):
        return isinstance(value, int | float) and math.isfinite(value)
    return isinstance(value, type(default))


def _kind(default: object) -> str:
    kinds = {bool: "true or false", int: "a whole number", float: "a number", str: "text", list: "a list"}
    return kinds.get(type(default), f"a {type(default).__name__}")


SIGNATURE = ".assess-signature"
"""File in a folder of copies that proves that this user's command made it."""


def folder_name(engagement: Path) -> str:
    """Return the name of the folder of copies: the engagement's, and a hash of where it lies.

    >>> folder_name(Path("/clients/acme/intake.xlsx"))
    'intake-ac9f24f1'
    """
    name = engagement.stem if engagement.suffix == ".xlsx" else engagement.name
    return f"{re.sub(r'[^A-Za-z0-9_-]+', '_', name)[:60]}-{hashlib.sha256(os.fsencode(engagement)).hexdigest()[:8]}"


def signed_parts(folder: Path, engagement: Path) -> tuple[bytes, bytes]:
    """Return what the signature of a folder of copies is made of."""
    return os.fsencode(folder), os.fsencode(engagement)


def read_proof(folder: Path) -> str:
    """Read the signature in a folder of copies; empty without one."""
    try:
        return (folder / SIGNATURE).read_text("ascii", "replace")
    except OSError:
        return ""


def find_copies(engagement: Path) -> Path | None:
    """Return the folder of this user's copies of the notebooks for an engagement; None where there is none.

    Parameters
    ----------
    engagement
        Folder or workbook.
    """
    named = allowed().notebooks_folder
    data = None if named else user_folder("data")
    parent = Path(named).expanduser().resolve() if named else data / "notebooks" if data else None
    if parent is None:
        return None
    folder = parent / folder_name(target := engagement.resolve())
    return folder if is_signed(read_proof(folder), "notebooks", *signed_parts(folder, target)) else None
