"""Names the tests of what has changed since the last commit, for ``make quick``: the tests mirror the rooms.

A changed test file is its own test. A changed module is tested by its doctests, by the test files that import it by name,
and by those of its room (``src/assess/evidence/catalog/result.py`` by ``tests/evidence/catalog`` or ``test_catalog*.py``).
The rules of the house always count.
"""

import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[1]
TESTS = ROOT / "tests"


def changed():
    """Files that differ from the last commit, and those that git does not know yet."""
    listed = (["git", "diff", "--name-only", "HEAD"], ["git", "ls-files", "--others", "--exclude-standard"])
    for command in listed:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
        yield from map(Path, done.stdout.splitlines())


def tests_of(module):
    """Test files of a module below ``src/assess``."""
    dotted = ".".join(("assess", *module.with_suffix("").parts)).removesuffix(".__init__")
    room = [part for part in module.with_suffix("").parts if part != "__init__"]
    for test in TESTS.rglob("test_*.py"):
        mirrored = any(
            test.parent == TESTS.joinpath(*room[:at]) and test.stem.startswith(f"test_{name}")
            for at, name in enumerate(room)
        ) or any(test.parent == TESTS.joinpath(*room[:at]) for at in range(2, len(room) + 1))
        if mirrored or f"from {dotted} " in test.read_text("utf-8"):
            yield test


def main():
    """Print them, one a line."""
    found = {TESTS / "test_house.py"}
    for path in changed():
        if not (ROOT / path).exists() or path.suffix != ".py":
            continue
        if path.parts[0] == "tests" and path.name.startswith("test_"):
            found.add(ROOT / path)
        elif path.parts[:2] == ("src", "assess"):
            found |= {ROOT / path, *tests_of(path.relative_to("src/assess"))}
    print(*sorted(str(path.relative_to(ROOT)) for path in found), sep="\n")


if __name__ == "__main__":
    main()
