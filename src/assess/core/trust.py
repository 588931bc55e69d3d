"""Whose word is what: the client's folder says, the consultant allows.

An engagement folder may come by mail from somebody whom nobody vetted. What lies in it is data. What a run may do
beyond reading that folder (read elsewhere, open a URL, spill to a disk, unpack gigabytes) is the consultant's to
allow: by an option of the command, or in the file ``config.yaml`` of the user's configuration folder
(``~/.config/assess`` on Linux). The engagement can ask for it, and `assess validate` names what it asks for.
"""

from __future__ import annotations

import contextlib
import os
import re
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import platformdirs
from pydantic import ValidationError

from .grants import NotGrantable, normal_grant, permits, typed
from .record import Record
from .secrets import mask_location

VARIABLE = "ASSESS_ALLOWED"
"""Environment variable that carries what is allowed to the processes of a run, as JSON."""

MEMORY = re.compile(r"\d+(\.\d+)? ?[KMGT]i?B", re.ASCII)
"""An amount of memory, as the engine takes it."""

LARGEST = 1 << 20
"""Bytes of a configuration."""

LONGEST = 80
"""Characters of a value of the configuration that a message shows."""


class Limits(Record):
    """How much one file of a client may cost; generous, and raised by the consultant.

    Parameters
    ----------
    unpacked_bytes
        Bytes that a compressed or zipped file (xlsx, gz, json.gz, parquet) may unpack to.
    rows, cells
        Of one table or sheet.
    seconds
        For which one file may be read or one own rule evaluated.
    """

    unpacked_bytes: int = 8 << 30
    rows: int = 2_000_000_000
    cells: int = 50_000_000_000
    seconds: float = 3600.0


class Allowed(Record):
    """What the consultant allows beyond reading the engagement's folder.

    Parameters
    ----------
    sources
        Folders, files and beginnings of URLs outside the engagement that its tables may be read from, as
        `assess.core.grants.normal_grant` writes them; ``*`` for whatever the engagement names.
    memory
        Memory of the engine, such as ``4GB``; empty for a quarter of the machine.
    spill_folder, cache_folder, notebooks_folder
        Where temporary files, kept results and copies of notebooks lie; empty for the user's own folders.
    limits
        What one file may cost.
    """

    sources: tuple[str, ...] = ()
    memory: str = ""
    spill_folder: str = ""
    cache_folder: str = ""
    notebooks_folder: str = ""
    limits: Limits = Limits()

    def permits(self, location: str, folder: Path) -> bool:
        """Return whether a location outside an engagement's folder may be opened; nothing is opened here."""
        return permits(self.sources, location, folder)

    @property
    def beyond_default(self) -> dict[str, str]:
        """Options that say the same, with their values: what was allowed beyond the default.

        >>> Allowed(sources=("/data",), limits=Limits(rows=5)).beyond_default
        {'--allow': '/data', '--limit': 'rows=5'}
        """
        default = Limits()
        raised = [
            f"{name}={value:g}" if isinstance(value, float) else f"{name}={value}"
            for name, value in self.limits
            if value != getattr(default, name)
        ]
        found = {
            "--allow": ", ".join(self.sources),
            "--memory": self.memory,
            "--spill-folder": self.spill_folder,
            "cache_folder": self.cache_folder,
            "notebooks_folder": self.notebooks_folder,
            "--limit": ", ".join(raised),
        }
        return {name: value for name, value in found.items() if value}

    @property
    def decisive(self) -> str:
        """What of it can change a result: limits and memory that stop a reading. Part of every key of a kept result."""
        return f"{self.limits.to_json()} {self.memory}"


class NotAllowed(ValueError):
    """A configuration, or a grant of a command, that can't be taken as it is written.

    Parameters
    ----------
    problems
        One sentence each, with file, line and key, or option.
    """

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


def config_file() -> Path | None:
    """Return where the consultant's own settings lie; None without a home, and never relative to the working folder."""
    try:
        folder = Path(platformdirs.user_config_dir("assess", appauthor=False))
    except RuntimeError:  # no home
        return None
    return folder / "config.yaml" if folder.is_absolute() else None


def allowed() -> Allowed:
    """Return what is allowed in this process: what a command was given, else what the user's configuration says.

    Raises
    ------
    NotAllowed
        If the configuration says something that is no setting, or others than the user can write it.
    """
    if given := os.environ.get(VARIABLE, ""):
        try:
            return Allowed.from_json(given)
        except ValidationError:
            raise NotAllowed(
                [f"{VARIABLE}: holds something that no command of assess wrote; unset it"]
            ) from None
    file = config_file()
    return configured(file) if file is not None else Allowed()


@contextlib.contextmanager
def granted(allowance: Allowed) -> Iterator[None]:
    """Allow it to this process and its children while the block runs."""
    before = os.environ.get(VARIABLE)
    os.environ[VARIABLE] = allowance.to_json()
    try:
        yield
    finally:
        del os.environ[VARIABLE]
        if before is not None:
            os.environ[VARIABLE] = before


def extended(
    base: Allowed,
    *,
    sources: Sequence[str] = (),
    memory: str = "",
    spill_folder: str = "",
    limits: Sequence[str] = (),
) -> Allowed:
    """Return what is allowed when the options of a command are added; a single value takes the place of the earlier one.

    Parameters
    ----------
    sources
        Folders, files, beginnings of URLs; paths relative to the working folder.
    limits
        Such as ``rows=5000000``.

    Raises
    ------
    NotAllowed
        With every option that can't be taken.
    """
    problems: list[str] = []
    found: dict[str, Any] = {"sources": base.sources}

    def take(option: str, text: str, read: Callable[[str], Any]) -> Any:
        try:
            return read(text)
        except NotGrantable as wrong:
            problems.append(f'{option} "{_quoted(text)}" {wrong}')

    if memory:
        found["memory"] = take("--memory", memory, _memory)
    if spill_folder:
        found["spill_folder"] = take("--spill-folder", spill_folder, lambda text: _folder(text, Path.cwd()))
    for text in sources:
        found["sources"] += (take("--allow", text, lambda text: normal_grant(text, Path.cwd())),)
    raised = [take("--limit", text, _limit) for text in limits]
    if problems:
        raise NotAllowed(problems)
    found["sources"] = tuple(dict.fromkeys(found["sources"]))
    return base.model_copy(update=found | {"limits": base.limits.model_copy(update=dict(raised))})


def configured(file: Path) -> Allowed:
    """Return what a configuration says; the default where there is none.

    Raises
    ------
    NotAllowed
        With everything that is wrong with it.
    """
    text = _text(file)
    if text is None:
        return Allowed()
    import yaml

    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        raise NotAllowed([f"{file}{where}: is no valid YAML"]) from None
    if root is None:
        return Allowed()
    reader = _Reader(str(file))
    found = reader.mapping(root, "", READERS | {"limits": None})
    limits = found.pop("limits", None)
    values = reader.mapping(limits, "limits.", dict.fromkeys(LIMITS)) if limits else {}
    raised = [
        reader.single(f"limits.{name}", node, lambda text, name=name: _limit(f"{name}={text}"))  # type: ignore[misc]
        for name, node in values.items()
    ]
    taken: dict[str, Any] = {}
    for key, node in found.items():
        if key == "allow":
            taken["sources"] = reader.listed(key, node, normal_grant)
        else:
            taken[key] = reader.single(key, node, READERS[key])
    if reader.problems:
        raise NotAllowed(reader.problems)
    return Allowed(**taken, limits=Limits(**dict(raised)))


class _Reader:
    """Reads the nodes of a configuration and notes what is wrong, with its line."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[str] = []

    def mapping(self, node: Any, prefix: str, known: Mapping[str, Any]) -> dict[str, Any]:
        """Return the nodes of known keys."""
        if node.id != "mapping":
            self._note(node, prefix.rstrip("."), "holds no keys", f"keys: {', '.join(known)}")
            return {}
        found: dict[str, Any] = {}
        for key, value in node.value:
            name = str(key.value)
            if name not in known:
                self._note(key, prefix + name, "is no key", ", ".join(known))
            elif name in found:
                self._note(key, prefix + name, "stands twice", "once")
            elif value.tag != "tag:yaml.org,2002:null":
                found[name] = value
        return found

    def single(self, key: str, node: Any, read: Callable[[str], Any]) -> Any:
        """Return what a single value says."""
        if node.id != "scalar":
            self._note(node, key, "holds a list or keys", "a single value")
            return None
        try:
            return read(node.value)
        except NotGrantable as wrong:
            self._note(node, key, f'"{_quoted(node.value)}" {wrong}', "")

    def listed(self, key: str, node: Any, read: Callable[[str], Any]) -> tuple[Any, ...]:
        """Return what a list, or a single value, says."""
        items = node.value if node.id == "sequence" else [node]
        return tuple(self.single(key, item, read) for item in items)

    def _note(self, node: Any, key: str, message: str, known: str) -> None:
        place = f"{self.file}, line {node.start_mark.line + 1}" + (f", key {_quoted(key)}" if key else "")
        self.problems.append(f"{place}: {message}" + (f"; allowed: {known}" if known else ""))


def _memory(text: str) -> str:
    if not MEMORY.fullmatch(text):
        raise NotGrantable("is no amount of memory; allowed: such as 512MB or 4GB")
    return text


def _folder(text: str, base: Path | None = None) -> str:
    if "://" in text:
        raise NotGrantable("is a URL; allowed: a folder")
    path = Path(normal_grant(text, base))
    if path.exists() and not path.is_dir():
        raise NotGrantable("is no folder; allowed: a folder, which is made if it is not there")
    return str(path)


def _limit(text: str) -> tuple[str, int | float]:
    name, equals, amount = text.partition("=")
    name, amount = name.strip(), amount.replace("_", "").replace(",", "").strip()
    if not equals or name not in LIMITS:
        raise NotGrantable(f"is no limit; allowed: {', '.join(f'{limit}=NUMBER' for limit in LIMITS)}")
    if not re.fullmatch(r"\d{1,15}", amount, re.ASCII) or not int(amount):
        raise NotGrantable("has no amount; allowed: a whole number above 0")
    return name, float(amount) if LIMITS[name].annotation is float else int(amount)


LIMITS = Limits.model_fields
READERS: dict[str, Any] = {
    "allow": None, "memory": _memory, "spill_folder": _folder, "cache_folder": _folder, "notebooks_folder": _folder,
}  # fmt: skip
"""Keys of the configuration, beside ``limits``, and how their single values are read."""


def _text(file: Path) -> str | None:
    """Return the text of a configuration that only the user can have written; None where there is none."""
    try:
        with file.open("rb") as opened:
            _check_writers(file, os.fstat(opened.fileno()))
            content = opened.read(LARGEST + 1)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError:
        raise NotAllowed([f"{file}: can't be read; allowed: a file that you can read, or none"]) from None
    if len(content) > LARGEST:
        raise NotAllowed([f"{file}: is larger than 1 MB, and so no configuration"])
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise NotAllowed([f"{file}: is not text in UTF-8"]) from None


def _check_writers(file: Path, found: os.stat_result) -> None:
    """Refuse a configuration that others than the user could have written, itself or through its folder."""
    if os.name != "posix":
        return
    for path, status in ((file, found), (file.resolve().parent, file.resolve().parent.stat())):
        if status.st_uid not in (os.geteuid(), 0):
            whose = f"{path}: belongs to another user"
        elif status.st_mode & stat.S_IWOTH:
            whose = f"{path}: can be written by every user"
        elif status.st_mode & stat.S_IWGRP and not _private(status.st_gid):
            whose = f"{path}: can be written by a group of users"
        else:
            continue
        raise NotAllowed(
            [f"{whose}, who could allow what you did not; make it yours alone: chmod go-w {typed(str(path))}"]
        )


def _private(gid: int) -> bool:
    """Return whether a group is the user's own, as Debian and Fedora make one for each user."""
    import grp
    import pwd

    try:
        user, group = pwd.getpwuid(os.geteuid()), grp.getgrgid(gid)
    except KeyError:
        return False
    return group.gr_name == user.pw_name and not set(group.gr_mem) - {user.pw_name}


def _quoted(text: str) -> str:
    """Return a value as a message shows it."""
    text = mask_location(text)
    text = "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in text)
    return text if len(text) <= LONGEST else text[:LONGEST] + "…"
