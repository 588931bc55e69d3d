"""The folder that a run leaves: built aside, moved in place whole, never half.

What a run deletes it must have written: `MANIFEST` lists every file of a report with its SHA-256, signed with the
user's key. Only files that are still as they are listed there are removed. Whatever else lies beside an earlier report
stays beside the new one; a file of the report that somebody has changed is kept under `KEPT`.
"""

from __future__ import annotations

import contextlib
import glob
import itertools
import os
import secrets
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from pydantic import ValidationError

from . import scratch
from .cache import content, lock
from .record import Record
from .signature import NO_LINK, is_signed, open_plain, sign

MANIFEST = "manifest.json"
"""Name of the file that lists what a run has written."""

KEPT = "kept"
"""Folder for files of an earlier report that somebody has changed, or whose name the new report takes."""

RESULTS = "results.json"
"""Name of the results in a report."""

BASIS = "basis.json.gz"
"""Name of what the answers of a run rest on, beside its results."""

BYTES = 16 << 20
"""Of a manifest; a longer one is none of ours."""


class OutputRefused(ValueError):
    """A run must not leave its report there; the message says what to do."""


class Manifest(Record):
    """What a run has written into a folder.

    Parameters
    ----------
    files
        By path within the folder, the SHA-256.
    signature
        Of the user whose run it was; empty where a user has no key.
    """

    files: dict[str, str]
    signature: str = ""

    @classmethod
    def of(cls, folder: Path) -> Self:
        """List what lies in a folder, and sign the list."""
        files = {name: content(folder / name) for name in sorted(_files(folder))}
        made = cls(files=files)
        return cls(files=files, signature=sign("manifest", made._text()))

    @classmethod
    def read(cls, folder: Path) -> Self | None:
        """Read the manifest in a folder; None if there is none that a run of this user has signed."""
        try:
            with open_plain(folder / MANIFEST) as file:
                found = cls.from_json(file.read(BYTES))
        except (OSError, ValidationError):
            return None
        return found if is_signed(found.signature, "manifest", found._text()) else None

    def write(self, folder: Path) -> None:
        """Write it into the folder."""
        (folder / MANIFEST).write_text(self.to_json(indent=1) + "\n", "utf-8")

    def proves(self, folder: Path, name: str) -> bool:
        """Whether a file is, byte for byte, what the run has written."""
        path = folder / name
        try:
            return stat.S_ISREG(path.lstat().st_mode) and content(path) == self.files.get(name)
        except OSError:
            return False

    def _text(self) -> bytes:
        return self.model_copy(update={"signature": ""}).to_json().encode("utf-8", "surrogatepass")


def _files(folder: Path) -> Iterator[str]:
    """Yield every file below a folder, links as files, with forward slashes."""
    for parent, folders, names in os.walk(folder):
        links = [name for name in folders if Path(parent, name).is_symlink()]
        folders[:] = [name for name in folders if name not in links]
        for name in (*names, *links):
            yield Path(parent, name).relative_to(folder).as_posix()


def check_output(out: Path, engagement: Path) -> Path:
    """Return where a report may be left, links resolved.

    Parameters
    ----------
    out
        As the user has named it.
    engagement
        Folder of the engagement.

    Raises
    ------
    OutputRefused
        If it is, or holds, the working folder, the user's home or the engagement; if it is a file, or a link, or lies
        behind a link of the engagement or of the working folder; or if it holds what no run of this user has left.
    """
    place = _resolved(out, (Path.cwd(), engagement.resolve()))
    if not os.path.lexists(place):
        return place
    if not place.is_dir():
        raise OutputRefused(f"{out}: is a file; name a new folder with -o")
    found = place.stat()
    for what, kept in (
        ("the working folder", Path.cwd()),
        ("the engagement", engagement),
        ("your home", _home()),
    ):
        if kept is None:
            continue
        kept = kept.resolve()
        for inner in (kept, *kept.parents):
            if inner.exists() and os.path.samestat(found, inner.stat()):
                relation = "is" if inner == kept else "holds"
                raise OutputRefused(
                    f"{out}: {relation} {what}, and a report takes the place of its whole folder; "
                    "name a folder of its own, such as -o reports/acme"
                )
    _check_content(out, place)
    return place


def _home() -> Path | None:
    try:
        return Path.home()
    except RuntimeError:
        return None


def _check_content(out: Path, place: Path) -> None:
    if Manifest.read(place) is not None or not any(place.iterdir()):
        return
    if (place / RESULTS).exists():
        raise OutputRefused(
            f"{out}: holds a report that no run of yours is known to have left (it is of version 0.1.0, of somebody "
            f"else, or its {MANIFEST} was changed). Nothing was run. Rename it, for example to {out.name}-earlier, "
            "or name another folder with -o"
        )
    raise OutputRefused(f"{out}: holds files but no report of yours; name an empty or a new folder with -o")


def _resolved(out: Path, watched: tuple[Path, ...]) -> Path:
    """Resolve a path part by part; refuse a link at its end, and links within folders that a client can fill."""
    place = Path.cwd()
    parts = list(out.parts)
    if out.is_absolute():
        place = Path(out.anchor)
        parts = parts[1:]
    for number, part in enumerate(parts):
        if part == "..":
            place = place.parent
            continue
        inner = place / part
        if inner.is_symlink():
            last = number == len(parts) - 1
            if last or any(place == folder or folder in place.parents for folder in watched):
                named = Path(*out.parts[: len(out.parts) - len(parts) + number + 1])
                raise OutputRefused(
                    f"{out}: {named} is a link; name the folder itself, without a link, with -o"
                )
            inner = inner.resolve()
        place = inner
    return place


class AtomicFolder:
    """A folder that takes the place of another when a block ends well.

    A run that is stopped leaves the other as it was. The move is two renames; should the machine stop between them, the
    next run puts the earlier folder back.

    Parameters
    ----------
    out
        The place.
    engagement
        Folder of the engagement, see `check_output`, which raises `OutputRefused`.

    Attributes
    ----------
    folder
        Where to write what shall lie in ``out``.
    work
        For temporary files; goes with the block.
    notes
        What the user should know of files that were kept or could not be removed, a sentence each.
    """

    folder: Path
    work: Path

    def __init__(self, out: Path, engagement: Path) -> None:
        self._named, self._engagement = out, engagement
        self.out = check_output(out, engagement)
        self.notes: list[str] = []

    def __enter__(self) -> Self:
        parent = self.out.parent
        self._made = [folder for folder in (parent, *parent.parents) if not folder.exists()]
        parent.mkdir(parents=True, exist_ok=True)
        with _locked(parent):
            self._recover()
        self._root = scratch.make_folder(parent)
        self.folder, self.work = self._root / "report", self._root / "work"
        self.folder.mkdir()
        self.work.mkdir()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._put()
        finally:
            scratch.remove_folder(self._root)
            if kind is not None:
                with contextlib.suppress(OSError):  # another run has put something there
                    for made in self._made:
                        made.rmdir()

    def _put(self) -> None:
        manifest = Manifest.of(self.folder)
        manifest.write(self.folder)
        if not manifest.signature:
            self.notes.append(
                f"{self._named}: can't be replaced by a later run, because there is no folder for your key "
                "(no home that can be written); name a new folder then"
            )
        with _locked(self.out.parent):
            check_output(self._named, self._engagement)
            previous = None
            if self.out.exists():
                if any(self.out.iterdir()):
                    previous = self._previous(secrets.token_hex(4))
                    self.out.rename(previous)
                else:
                    self.out.rmdir()
            try:
                self.folder.rename(self.out)
            except OSError:
                if previous is not None:
                    previous.rename(self.out)
                raise
            if previous is not None:
                self._settle(previous)

    def _previous(self, token: str) -> Path:
        return self.out.with_name(f".{self.out.name}.previous-{token}")

    def _recover(self) -> None:
        """Undo what a killed run left behind, where a manifest proves that it is a report."""
        for previous in self.out.parent.glob(glob.escape(self._previous("").name) + "*"):
            if previous.is_symlink() or Manifest.read(previous) is None:
                continue
            if not os.path.lexists(self.out):
                previous.rename(self.out)
            elif Manifest.read(self.out) is not None:
                self._settle(previous)

    def _settle(self, previous: Path) -> None:
        """Remove from an earlier report what its run has written; move the rest into the new one."""
        manifest = Manifest.read(previous)
        assert manifest is not None
        try:
            for name in list(self._move(previous, manifest, "")):
                self._keep_aside(previous / name, name, changed=name in manifest.files)
            (previous / MANIFEST).unlink()
            for folder, _, _ in os.walk(previous, topdown=False):
                Path(folder).rmdir()
        except OSError:
            self.notes.append(
                f"{self._named}: of the earlier report something could not be removed or moved; "
                f"it lies in {previous}. Take from it what you need and delete it"
            )

    def _move(self, previous: Path, manifest: Manifest, within: str) -> Iterator[str]:
        """Remove what the run has written, move what is the user's; yield what has changed or finds its name taken."""
        for path in sorted((previous / within).iterdir()):
            name = f"{within}{path.name}"
            if name == MANIFEST:
                continue
            if manifest.proves(previous, name):
                path.unlink()
            elif path.is_dir() and not path.is_symlink() and self._shared(name, manifest):
                yield from self._move(previous, manifest, f"{name}/")
            elif name not in manifest.files and _is_free(target := self.out / name, self.out):
                target.parent.mkdir(parents=True, exist_ok=True)
                path.rename(target)
            else:
                yield name

    def _shared(self, name: str, manifest: Manifest) -> bool:
        """Whether a folder is not the user's alone: the earlier or the new report has it as well."""
        target = self.out / name
        ours = any(file.startswith(f"{name}/") for file in manifest.files)
        return ours or (target.is_dir() and not target.is_symlink())

    def _keep_aside(self, path: Path, name: str, changed: bool) -> None:
        """Move a file, a link or a folder of the user to where it overwrites nothing, and say so."""
        numbered = (self.out / (f"{KEPT}-{n}" if n > 1 else KEPT) / name for n in itertools.count(1))
        target = next(place for place in numbered if _is_free(place, self.out))
        target.parent.mkdir(parents=True, exist_ok=True)
        path.rename(target)
        why = "was changed since the last run" if changed else "has a name that the report uses"
        shown = self._named / target.relative_to(self.out)
        self.notes.append(f"{self._named / name}: {why}; it is kept as {shown}")


def _is_free(path: Path, top: Path) -> bool:
    """Whether nothing lies there, and no file or link stands in the way below ``top``."""
    above = [parent for parent in path.parents if top in parent.parents]
    return not os.path.lexists(path) and not any(
        os.path.lexists(parent) and (parent.is_symlink() or not parent.is_dir()) for parent in above
    )


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Let one process at a time move folders within a folder, where folders can be locked."""
    handle = None
    if os.name == "posix":
        with contextlib.suppress(OSError):
            handle = os.open(folder, os.O_RDONLY | NO_LINK)
            lock(handle)
    try:
        yield
    finally:
        if handle is not None:
            os.close(handle)


def copy_proven(source: Path, name: str, sha256: str, to: Path) -> bool:
    """Copy a file into another folder; False, and nothing there, unless the copy has the given SHA-256."""
    target = to / name
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with (
            os.fdopen(os.open(source / name, os.O_RDONLY | NO_LINK), "rb") as file,
            target.open("wb") as copy,
        ):
            shutil.copyfileobj(file, copy)
        proven = content(target) == sha256
    except OSError:
        proven = False
    if not proven:
        target.unlink(missing_ok=True)
    return proven
