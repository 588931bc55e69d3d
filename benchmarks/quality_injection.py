"""Errors put into real tables, so that weights are learned from more tables than are labelled.

Every kind is a mechanism known from practice and from the literature on error generation (Arocena et al.
2015, BART; Kernighan et al. 1990): slips of the keyboard, remarks and blanks, numbers that are far out, and
values copied from other rows where a rule or a key binds them.
"""

from __future__ import annotations

import string

import numpy as np
import pandas as pd

LETTERS = np.array(list(string.ascii_lowercase))


def slip(text: str, rng: np.random.Generator, replace: bool) -> str:
    """Insert, lose, swap or (if asked) replace one character; short texts may get lost or remarked."""
    roll = rng.random()
    if roll < 0.03:
        return text + "***"
    if len(text) < 3 and roll < 0.4:
        return ["", "***", text + str(rng.choice(LETTERS))][rng.integers(3)]
    place = int(rng.integers(len(text))) if text else 0
    kind = int(rng.integers(4 if replace else 3))
    letter = str(rng.choice(LETTERS)) if rng.random() < 0.9 else str(rng.integers(10))
    if kind == 0 or not text:
        return text[:place] + letter + text[place:]
    if kind == 1:
        return text[:place] + text[place + 1 :]
    if kind == 2:
        return text[:place] + text[place + 1 : place + 2] + text[place] + text[place + 2 :]
    return text[:place] + letter + text[place + 1 :]


def far_out(values: pd.Series, rows: np.ndarray, rng: np.random.Generator) -> list[str]:
    """Numbers of a wide normal distribution around the column's, as a program would print them."""
    x = pd.to_numeric(values, errors="coerce")
    whole = bool((x.dropna() % 1 == 0).all())
    spread = max(float(x.std() or 0), abs(float(x.mean())) * 0.1, 1e-6) * rng.uniform(3, 8)
    drawn = x.mean() + spread * rng.standard_normal(len(rows))
    return [str(round(v)) if whole else repr(float(v)) for v in drawn]


def bound(frame: pd.DataFrame) -> list[str]:
    """Columns that another column determines, or that are keys."""
    found = []
    for y in frame:
        if frame[y].nunique() > 0.95 * len(frame):
            found.append(y)
            continue
        for x in frame:
            if x != y and frame[y].nunique() > 1 and frame[x].nunique() < 0.8 * len(frame):
                top = frame.groupby(x)[y].agg(lambda s: s.value_counts().iloc[0]).sum()
                if top == len(frame) and frame[x].nunique() > 2:
                    found.append(y)
                    break
    return found


def inject(clean: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Return a dirty copy of a table of texts."""
    rng = np.random.default_rng(seed)
    dirty = clean.copy()
    kinds = ["slip", "far", "copy"] if rng.random() < 0.5 else [str(rng.choice(["slip", "far", "copy"]))]
    rate, replace = rng.uniform(0.02, 0.22), rng.random() < 0.4
    rules = bound(clean) if "copy" in kinds else []
    for name in clean:
        numeric = pd.to_numeric(clean[name], errors="coerce").notna().mean() > 0.8
        rows = np.flatnonzero(rng.random(len(clean)) < rate)
        at = clean.columns.get_loc(name)
        if not len(rows):
            continue
        if "slip" in kinds and not numeric and rng.random() < 0.85:
            dirty.iloc[rows, at] = [slip(t, rng, replace) for t in clean[name].iloc[rows]]
        elif "far" in kinds and numeric and rng.random() < 0.35:
            dirty.iloc[rows, at] = far_out(clean[name], rows, rng)
        elif name in rules and rng.random() < 0.6:
            if clean[name].nunique() > 0.95 * len(clean):
                rows = np.arange(min(len(clean), int(rng.integers(6, 60))))
                rows = rows[rng.random(len(rows)) < 0.5]
                pool = (
                    clean[name]
                    .iloc[: max(8, len(rows))]
                    .sample(min(len(clean), int(rng.integers(2, 8))), random_state=seed)
                )
            else:
                pool = clean[name].drop_duplicates()
            dirty.iloc[rows, at] = rng.choice(pool.to_numpy(), len(rows))
    return dirty
