"""Lists of values without counts: what is told of real ones, and how much of an error put into each is found.

    python benchmarks/quality_lists.py FOLDER [FOLDER ...] [--show] [--every N]
    python benchmarks/quality_lists.py --chance

Of every table of a FOLDER (as `quality_clean_tables.py --draw` fills one, or your own) each column of texts becomes a list of its
distinct values, at most 150, as columns of spreadsheets are. Printed is what is told of them by check (--show: each value, to be
graded by eye), and, after one error was put into each list, the share found: a slip of the keyboard, the value of another list, a
space or sign too many. --chance prints the share of the rare words of English that are one slip from a common one, by their
letters: the constants of `checks/cells/dictionary.py`.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import wordfreq

from assess.evidence import quality
from assess.evidence.quality.checks.cells.dictionary import COMMON, RARE, find_correction

SEED, LONGEST_LIST, LONGEST, FEWEST = 20261201, 150, 60, 8
KINDS = ("slip", "slip", "value of another list", "space or sign")
DRAWN = 1_500
"""Rare words of each length that are tried."""


def lists(folders: list[Path], every: int) -> Iterator[tuple[str, list[str]]]:
    """Lists of distinct texts, each once."""
    seen = set()
    paths = [p for folder in folders for p in sorted(folder.rglob("*.csv"))]
    for path in paths[::every]:
        table = pd.read_csv(path, dtype=str, keep_default_na=False)
        for column in table:
            values = [v for v in dict.fromkeys(table[column]) if v.strip()][:LONGEST_LIST]
            numbers = sum(v.replace(".", "").replace("-", "").isdigit() for v in values)
            if (
                len(values) < FEWEST
                or numbers == len(values)
                or sum(map(len, values)) > LONGEST * len(values)
            ):
                continue
            if (key := tuple(values)) not in seen:
                seen.add(key)
                yield f"{path.stem}.{column}", values


def told(name: str, values: list[str]) -> list[tuple[str, str]]:
    """Check and text of each value that is told."""
    cells = quality.profile(pd.DataFrame({name: values}), clear=True).cells
    return [(str(check), values[int(row)]) for row, check in zip(cells["row"], cells["check"], strict=True)]


def spoil(values: list[str], others: list[list[str]], draw: random.Random) -> tuple[str, int, str]:
    """Kind, place and text of an error that is none of the values."""
    while True:
        kind, k = draw.choice(KINDS), draw.randrange(len(values))
        text = values[k]
        at = draw.randrange(1, max(2, len(text)))
        letter = draw.choice("abcdefghijklmnopqrstuvwxyz")
        wrong = {
            "slip": draw.choice((text[:at] + text[at + 1 :], text[: at - 1] + text[at : at + 1] + text[at - 1] + text[at + 1 :], text[:at] + letter + text[at:])),
            "value of another list": draw.choice(draw.choice(others)),
            "space or sign": draw.choice((text + " ", " " + text, text + "?", text + ".")),
        }[kind]  # fmt: skip
        if wrong not in values and wrong.strip():
            return kind, k, wrong


def chance() -> None:
    """Print the share of rare words that are one slip from a common one, by their letters."""
    shares = wordfreq.get_frequency_dict("en")
    rare = [w for w, share in shares.items() if w.isascii() and w.isalpha() and share < 10 ** (RARE - 9)]
    draw = random.Random(SEED)
    for length in range(5, 15):
        words = draw.sample(of := [w for w in rare if len(w) == length], min(DRAWN, len(of)))
        near = sum(find_correction(w, "en") is not None for w in words) / len(words)
        print(
            f"{length:3d} letters: {near:.3f} of {len(of)} have a neighbour of Zipf frequency {COMMON} and more"
        )


def main() -> None:
    """Print what is told, and what is found."""
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("folders", nargs="*", type=Path)
    ask.add_argument("--show", action="store_true", help="print every value that is told")
    ask.add_argument("--every", type=int, default=1, help="only every nth table")
    ask.add_argument("--chance", action="store_true")
    options = ask.parse_args()
    if options.chance:
        chance()
        return
    every, draw = dict(lists(options.folders, options.every)), random.Random(SEED)
    checks: Counter[str] = Counter()
    found: Counter[str] = Counter()
    put: Counter[str] = Counter()
    for name, values in every.items():
        for check, text in told(name, values):
            checks[check] += 1
            if options.show:
                print(f"{name:60s} {check:12s} {text!r}")
        kind, k, wrong = spoil(values, list(every.values()), draw)
        put[kind] += 1
        found[kind] += any(text == wrong for _, text in told(name, [*values[:k], wrong, *values[k + 1 :]]))
    print(
        f"{len(every)} lists, {sum(map(len, every.values()))} values: told {sum(checks.values())} {dict(checks)}"
    )
    for kind in put:
        print(f"{kind:22s} found {found[kind]} of {put[kind]} ({found[kind] / put[kind]:.0%})")


if __name__ == "__main__":
    main()
