"""Do decision, summary, framework, cost, risk, roadmap and workbook give one answer for random engagements, undominated, and does every sentence agree with its rows?

    python benchmarks/decision_one_answer.py [--engagements 200] [--first 1000]

The engagements and the checks are those of `tests/decisions/test_one_answer.py`. The exit code is 1 if one fails.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
import traceback
from pathlib import Path


def main() -> int:
    """Check each, and print what fails."""
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--engagements", type=int, default=200)
    ask.add_argument("--first", type=int, default=1000, help="seed of the first")
    told = ask.parse_args()
    sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
    from decisions.test_one_answer import check_drawn

    failed, begun = 0, time.process_time()
    for number, seed in enumerate(range(told.first, told.first + told.engagements), 1):
        with tempfile.TemporaryDirectory() as folder:
            try:
                check_drawn(seed, Path(folder) / "model.xlsx")
            except Exception:
                failed += 1
                print(f"seed {seed}: {traceback.format_exc(limit=-2)}", flush=True)
        if number % 10 == 0 or number == told.engagements:
            print(
                f"{failed} of {number} fail, {time.process_time() - begun:.0f} s of processor time",
                flush=True,
            )
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
