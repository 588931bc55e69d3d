"""The generator writes the committed samples, byte by byte."""

from __future__ import annotations

import hashlib
import subprocess
import sys

import pytest


def files(folder):
    """Every file that is part of the sample; caches of runs are hidden."""
    return [
        path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    ]


def fingerprints(folder):
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files(folder)
    }


@pytest.fixture(scope="module")
def again(samples, tmp_path_factory):
    out = tmp_path_factory.mktemp("again")
    subprocess.run([sys.executable, str(samples / "generate.py"), "--out", str(out)], check=True)
    return out


@pytest.mark.parametrize("name", ["lead_to_cash", "legacy_manufacturer", "minimal"])
def test_generator_writes_the_committed_bytes(samples, again, name):
    assert fingerprints(again / name) == fingerprints(samples / name)


def test_one_sample_can_be_written_alone(samples, tmp_path):
    subprocess.run(
        [sys.executable, str(samples / "generate.py"), "--out", str(tmp_path), "--only", "minimal"],
        check=True,
    )
    assert [path.name for path in tmp_path.iterdir()] == ["minimal"]


def test_samples_stay_small(samples):
    size = sum(path.stat().st_size for path in files(samples / "lead_to_cash"))
    assert size <= 12_000_000
