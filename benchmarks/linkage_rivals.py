"""Record linkage without labels against plain TF-IDF and Splink: python benchmarks/linkage_rivals.py FOLDER [NAME ...] | --rows N [WAY ...]

A folder holds NAME/left.csv, right.csv and truth.csv (two columns of row numbers from 0). Splink is measured where
it is installed (`pip install --target FOLDER splink`, then `PYTHONPATH=FOLDER`); it is no dependency. ``--rows N`` measures time and
memory on N x N made-up people, each way (ours, tfidf, splink) in a process of its own that reads both tables from CSV.
"""

import contextlib
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from assess.evidence import quality
from assess.evidence.quality.linkage.comparison import ACROSS, RecordComparison
from assess.evidence.quality.linkage.scoring import match_one_to_one
from assess.evidence.quality.linkage.spaces import read_fields
from assess.evidence.quality.table import open_table

OTSU_BINS = 256


def read(path):
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    return frame.set_axis([f"c{k}" for k in range(frame.shape[1])], axis=1)


def ours(left, right):
    return quality.link(left, right).pairs[["left_row", "right_row"]].to_numpy()


def tfidf(left, right):
    """Cosine of words and letter triples, one to one, cut by Otsu's threshold."""
    one, other = open_table(left), open_table(right)
    *fields, vocabulary = read_fields(one, other)
    whole = RecordComparison((fields[0], fields[1]), (one.rows, other.rows), vocabulary)
    rows, partners, _ = whole.find_candidates()
    score = whole.similarity(ACROSS, rows, partners).astype(float)
    chosen = match_one_to_one(score, rows, partners, whole.sizes)
    counts, edges = np.histogram(score[chosen], OTSU_BINS)
    middle, below = (edges[1:] + edges[:-1]) / 2, np.cumsum(counts)
    above = below[-1] - below
    with np.errstate(all="ignore"):
        first, second = (
            np.cumsum(counts * middle) / below,
            (np.sum(counts * middle) - np.cumsum(counts * middle)) / above,
        )
        cut = edges[1:][np.nanargmax(below * above * (first - second) ** 2)]
    kept = chosen[score[chosen] >= cut]
    return np.column_stack([rows[kept], partners[kept]])


def splink(left, right):
    """Its own comparisons by column, EM, p >= 0.5, the best partner of both; blocked on each column's first letters."""
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on
    from splink import comparison_library as cl

    frames = [f.reset_index(names="unique_id").replace("", None) for f in (left, right)]
    shared = [
        c
        for c in left.columns
        if c in right.columns and min(f[c].nunique() for f in frames) > 1 and not quality_counter(left[c])
    ]
    rules = [block_on(f"substr({c}, 1, 5)") for c in shared if min(f[c].nunique() for f in frames) > 20]
    settings = SettingsCreator(
        link_type="link_only", comparisons=[cl.JaroWinklerAtThresholds(c, [0.92, 0.8]) for c in shared],
        blocking_rules_to_generate_predictions=rules, max_iterations=20,
    )  # fmt: skip
    api = DuckDBAPI()
    try:
        linker = Linker([api.register(f) for f in frames], settings)
    except (AttributeError, TypeError):
        linker = Linker(frames, settings, api)
    linker.training.estimate_probability_two_random_records_match(rules[:1], recall=0.7)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    for rule in rules[:3]:
        with contextlib.suppress(ValueError):  # Splink 5 stops where a level of a comparison never occurs
            linker.training.estimate_parameters_using_expectation_maximisation(rule)
    found = linker.inference.predict(threshold_match_probability=0.5).as_pandas_dataframe()
    chosen = match_one_to_one(
        found["match_weight"].to_numpy(),
        found["unique_id_l"].to_numpy(),
        found["unique_id_r"].to_numpy(),
        (len(left), len(right)),
    )
    return found[["unique_id_l", "unique_id_r"]].to_numpy()[chosen]


def quality_counter(texts):
    return texts.is_unique and texts.str.isdigit().all()


def f1(found, truth):
    found, truth = set(map(tuple, np.asarray(found).tolist())), set(map(tuple, np.asarray(truth).tolist()))
    return 2 * len(found & truth) / max(len(found) + len(truth), 1)


def accuracy(folder, names):
    for name in names or sorted(path.name for path in folder.iterdir() if path.is_dir()):
        left, right = read(folder / name / "left.csv"), read(folder / name / "right.csv")
        truth = pd.read_csv(folder / name / "truth.csv").to_numpy()
        for way in WAYS:
            started = time.process_time()
            try:
                score = f"{f1(way(left, right), truth):.3f}"
            except Exception as problem:  # a rival that is not installed, or fails on a table
                score = f"{type(problem).__name__}: {str(problem)[:80]}"
            print(
                f"{name:16s} {way.__name__:8s} F1 {score}  {time.process_time() - started:.1f} s", flush=True
            )


def made_up(number):
    """People on both sides, half of them the same, a third of whose texts lost two letters' order."""
    draw = np.random.default_rng(1)
    letters = np.array(list("bcdfghklmnprstvw")), np.array(list("aeiou"))
    syllables = np.array([a + b for a in letters[0] for b in letters[1]])

    def names(count, parts):
        return np.array(["".join(row) for row in draw.choice(syllables, (count, parts))], object)

    stock = names(20_000, 3), names(60_000, 4), names(8_000, 3)
    total = number + number // 2
    frame = pd.DataFrame(
        {
            "given": draw.choice(stock[0], total), "family": draw.choice(stock[1], total),
            "street": draw.choice(stock[2], total) + " " + draw.integers(1, 200, total).astype(str).astype(object),
            "postcode": draw.integers(10_000, 90_000, total).astype(str), "born": draw.integers(1930, 2008, total).astype(str),
        }
    )  # fmt: skip
    right = frame.iloc[number // 2 :].reset_index(drop=True)
    for column in ("given", "family", "street"):
        hit = draw.random(number) < 1 / 3
        right.loc[hit, column] = [t[:1] + t[2] + t[1] + t[3:] for t in right.loc[hit, column]]
    return (
        frame.iloc[:number],
        right,
        np.column_stack([np.arange(number // 2, number), np.arange(number - number // 2)]),
    )


def scale(number, names):
    left, right, truth = made_up(number)
    with tempfile.TemporaryDirectory() as folder:
        for name, frame in (("left", left), ("right", right), ("truth", pd.DataFrame(truth))):
            frame.to_csv(f"{folder}/{name}.csv", index=False)
        del left, right, truth
        for name in names or [way.__name__ for way in WAYS]:
            subprocess.run([sys.executable, __file__, "--one", name, folder], check=False)


def one(name, folder):
    """Measure one way in this process."""
    started, clock = time.perf_counter(), time.process_time()
    paths = [f"{folder}/{side}.csv" for side in ("left", "right")]
    if name == "ours":
        found = quality.link(*paths, progress=lambda text, share: print(f"  {time.process_time() - clock:7.0f} s {share:.2f} {text}", flush=True)).pairs  # fmt: skip
        found = found[["left_row", "right_row"]].to_numpy()
    else:
        found = globals()[name](*(pd.read_csv(path, dtype=str, keep_default_na=False) for path in paths))
    spent, memory = time.process_time() - clock, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    score = f1(found, pd.read_csv(f"{folder}/truth.csv").to_numpy())
    print(f"{name:8s} F1 {score:.3f}, CPU {spent:.0f} s, {time.perf_counter() - started:.0f} s, {memory:.1f} GB", flush=True)  # fmt: skip


WAYS = (ours, tfidf, splink)

if __name__ == "__main__":
    if sys.argv[1] == "--rows":
        scale(int(sys.argv[2]), sys.argv[3:])
    elif sys.argv[1] == "--one":
        one(*sys.argv[2:])
    else:
        accuracy(Path(sys.argv[1]), sys.argv[2:])
