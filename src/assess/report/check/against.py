"""What contracts were before: another folder, or a revision of the git repository in which the engagement lies.

A repository may come from a stranger (docs/trust.md): only objects are read (``rev-parse``, ``merge-base``, ``ls-tree``,
``cat-file``), which runs no hook, filter, textconv or pager, and every transport by which git would fetch a missing
object is forbidden. Nothing of the repository is written or checked out.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from assess.evidence import contracts
from assess.evidence.contracts import Compatibility, Contracts
from assess.evidence.contracts.languages import LANGUAGES
from assess.intake.engagement import Engagement
from assess.intake.location import enclosing
from assess.intake.problem import Problems, quote_value

SUFFIXES = frozenset({".yaml", ".yml", ".json", ".avsc", ".avro", *LANGUAGES})
"""Files that a contract or a part of one may stand in."""
LARGEST = 32 * 1024 * 1024
"""Bytes of one file, as of a contract."""
MOST_BYTES = 1024 * 1024 * 1024
"""Bytes of all of them."""
SECONDS = 120
SAFE = (
    "core.hooksPath=/dev/null", "core.fsmonitor=false", "core.attributesFile=/dev/null", "core.pager=cat",
    "protocol.allow=never", "credential.helper=", "safe.directory=*", "safe.bareRepository=explicit",
)  # fmt: skip
"""Settings that stand above those of the repository; `SAFE_ENVIRONMENT` above both."""
SAFE_ENVIRONMENT = {
    "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull, "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0",
    "GIT_ALLOW_PROTOCOL": "none", "GIT_NO_LAZY_FETCH": "1", "GIT_NO_REPLACE_OBJECTS": "1", "LC_ALL": "C",
}  # fmt: skip


def compare_against(engagement: Engagement, judged: Contracts, base: str) -> tuple[Compatibility, ...]:
    """Compare each contract with what it was.

    Parameters
    ----------
    judged
        The contracts of the engagement as they are.
    base
        Folder with an earlier state of the engagement, or a revision, such as ``origin/main``: then what counts is
        where the present state and the revision parted, so that what others changed since is no change.

    Raises
    ------
    InvalidEngagement
        If it is neither, or git can't be asked.
    """
    with _earlier(engagement, base) as folder:
        return contracts.compare_with(engagement, judged, folder)


@contextmanager
def _earlier(engagement: Engagement, base: str) -> Iterator[Path]:
    if Path(base).is_dir():
        yield Path(base).resolve()
        return
    problems = Problems()
    folder = enclosing(engagement.folder)
    with tempfile.TemporaryDirectory(prefix="assess-against-") as name:
        try:
            _check_out(_Repository(folder), base, Path(name))
        except _Refused as error:
            allowed = "a folder, or a revision that is there (in a pipeline, fetch the whole history)"
            problems.add("--against", str(error), value=base, allowed=allowed)
        problems.stop()
        yield Path(name)


class _Refused(Exception):
    """Git does not answer; the message says why."""


class _Repository:
    """The git repository around a folder, of which only objects are read."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        program = shutil.which("git")
        if program is None or Path(program).resolve().is_relative_to(self.folder):
            raise _Refused("git is not installed")
        self.program = str(Path(program).absolute())

    def ask(self, *arguments: str, given: bytes = b"") -> bytes:
        """Return what a command of git prints.

        Raises
        ------
        _Refused
            If it fails.
        """
        settings = [part for setting in SAFE for part in ("-c", setting)]
        kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        try:
            done = subprocess.run(
                [self.program, "--no-pager", "-C", str(self.folder), *settings, *arguments],
                input=given, capture_output=True, timeout=SECONDS, env=kept | SAFE_ENVIRONMENT, check=False,
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired, ValueError) as error:
            raise _Refused(f"git does not answer ({type(error).__name__})") from None
        if done.returncode:
            lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
            raise _Refused(
                f"git says: {quote_value(lines[-1])}" if lines else "is no revision that git knows"
            )
        return done.stdout


def _check_out(repository: _Repository, base: str, target: Path) -> None:
    """Write the files of the engagement folder as they were in which contracts may stand; links and submodules are left out."""
    prefix = repository.ask("rev-parse", "--show-prefix").decode().strip()
    revision = _parted(repository, base)
    listing = repository.ask("ls-tree", "-r", "-z", "-l", "--full-tree", revision, "--", prefix or ".")
    total = 0
    wanted: list[tuple[str, str]] = []
    for entry in filter(None, listing.split(b"\0")):
        about, _, name = entry.partition(b"\t")
        mode, kind, object_id, size = about.split()
        path = name.decode("utf-8", "surrogateescape").removeprefix(prefix)
        if kind != b"blob" or mode == b"120000" or not _is_wanted(path) or int(size) > LARGEST:
            continue
        total += int(size)
        if total > MOST_BYTES:
            raise _Refused(f"holds more than {MOST_BYTES // 2**20} MB of contracts")
        wanted.append((object_id.decode(), path))
    content = repository.ask("cat-file", "--batch", given="".join(f"{id}\n" for id, _ in wanted).encode())
    at = 0
    for _, path in wanted:
        end = content.index(b"\n", at)
        size = content[at:end].split()[-1]
        file = target / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content[end + 1 : end + 1 + int(size)])
        at = end + 1 + int(size) + 1


def _parted(repository: _Repository, base: str) -> str:
    """Return where the present state parted from a revision, the revision itself where that is not known (shallow clones)."""
    found = repository.ask("rev-parse", "--verify", "--quiet", "--end-of-options", f"{base}^{{commit}}")
    revision = found.decode().strip()
    try:
        return repository.ask("merge-base", "HEAD", revision).decode().split()[0]
    except _Refused:
        return revision


def _is_wanted(path: str) -> bool:
    """Say whether a file may hold a contract and its path stays within a folder on every system."""
    parts = PurePosixPath(path).parts
    odd = any(part in ("..", ".") or any(sign in part for sign in '\\:*?"<>|\0') for part in parts)
    return (
        bool(parts)
        and not odd
        and not path.startswith("/")
        and PurePosixPath(path).suffix.lower() in SUFFIXES
    )
