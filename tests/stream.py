"""Value streams of a few steps for the tests, with the waits of the calendar or without."""

import datetime as dt
from pathlib import Path

from assess.core.estimate import Estimate
from assess.core.source import Source
from assess.evidence import value_stream
from assess.intake.assumptions import Assumption, Assumptions, defaults
from assess.intake.engagement import Engagement, ProcessStep

WORKING = {"wait_elapsed": 0}


def assumptions(**values):
    """Assumptions with own value_stream.* values: one number, or low, likely and high."""
    overrides = {}
    for name, value in values.items():
        key = f"value_stream.{name}"
        low, likely, high = value if isinstance(value, tuple) else (value, value, value)
        overrides[key] = Assumption(
            key=key, label=defaults()[key].label, low=low, likely=likely, high=high,
            unit=defaults()[key].unit, source="test", date=dt.date(2026, 1, 1), overridden=True,
        )  # fmt: skip
    return Assumptions(overrides=overrides)


def step(name, process=None, wait=None, accurate=None, follows=(), **fields):
    return ProcessStep(
        step=name,
        process_minutes=None if process is None else Estimate.point(process, "minutes"),
        wait_minutes=None if wait is None else Estimate.point(wait, "minutes"),
        complete_accurate=accurate,
        next=(follows,) if isinstance(follows, str) else tuple(follows),
        **fields,
    )


def engagement(*steps, integrations=(), assume=None, **fields):
    rows = tuple(
        s.model_copy(update={"origin": Source(kind="input", place="value_stream.csv", row=n + 2)})
        for n, s in enumerate(steps)
    )
    return Engagement(
        folder=Path(), client="Example", value_stream=rows, integrations=integrations,
        assumptions=assumptions(**(WORKING if assume is None else assume)), **fields,
    )  # fmt: skip


def mapped(*steps, **fields):
    return value_stream.map_value_stream(engagement(*steps, **fields))


DAY = 8 * 60
"""Minutes of a working day."""
