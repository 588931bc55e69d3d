"""Write the sample engagements again, byte by byte as they are: ``python data/samples/generate.py``.

``--out DIR`` writes elsewhere, ``--only NAME`` one of them.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from generator import legacy_manufacturer, minimal  # noqa: E402
from generator.lead_to_cash import writing as lead_to_cash  # noqa: E402

SEED = "nordwind-2026"
SAMPLES = {
    "lead_to_cash": lead_to_cash.write,
    "legacy_manufacturer": legacy_manufacturer.write,
    "minimal": minimal.write,
}


def generate(out: Path, names: list[str]) -> None:
    """Write samples under a folder, replacing what an earlier run wrote there (not caches, which are hidden)."""
    for name in names:
        for old in (out / name).glob("[!.]*"):
            shutil.rmtree(old) if old.is_dir() else old.unlink()
        SAMPLES[name](out / name, f"{SEED}/{name}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=HERE)
    parser.add_argument("--only", choices=sorted(SAMPLES), action="append")
    options = parser.parse_args()
    generate(options.out, options.only or sorted(SAMPLES))
