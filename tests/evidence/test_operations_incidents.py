"""How long real incidents last: the definition alone moves the median fourfold."""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd
import pytest

from assess.evidence.operations.recovery import recover
from assess.evidence.value_stream import event_log
from assess.intake.engagement import Incident

LOG = (
    Path(os.environ.get("ASSESS_SHARED_DATA", Path(__file__).parents[3] / "shared" / "data"))
    / "event_logs"
    / "bpic2013_incidents.xes.gz"
)


def incidents(log, which):
    """Return an incident a case: until its first or last resolution, waits for user and customer as pauses."""
    for case, events in log.groupby("case", sort=False):
        times, states = list(events.time), list(events.state)
        resolved = [at for at, state in enumerate(states) if state == "Resolved"]
        end = resolved[which] if resolved else None
        until = len(times) - 1 if end is None else end
        waits = (
            times[at + 1] - times[at]
            for at in range(until)
            if states[at] in ("Wait - User", "Wait - Customer")
        )
        yield Incident(
            id=case,
            integration="",
            started=times[0].to_pydatetime(),
            detected=times[0].to_pydatetime(),
            resolved=None if end is None else times[end].to_pydatetime(),
            paused_hours=sum(wait.total_seconds() for wait in waits) / 3600,
        )


@pytest.mark.slow
@pytest.mark.skipif(not LOG.exists(), reason="the public tables are not here")
def test_bpic_2013_the_definition_moves_the_median():
    """Steeman 2013, 7,554 incidents; resolved for the first time: 50.7 h, 13.2 h without waits for user and customer."""
    log = event_log._from_xes(LOG)
    log["time"] = pd.to_datetime(log.time, utc=True, format="ISO8601")
    log = log.sort_values(["case", "time"], kind="stable")
    now = log.time.max().to_pydatetime().replace(tzinfo=None)
    first, last = (list(incidents(log, which)) for which in (0, -1))
    ended = [incident for incident in first if incident.resolved]
    assert (len(first), len(ended)) == (7_554, 5_663)
    assert round(recover(ended, "resolve", now).hours, 1) == 50.7
    assert round(recover(ended, "work", now).hours, 1) == 13.2
    again = [incident for incident in last if incident.resolved]
    reopened = recover(again, "resolve", now).hours
    assert reopened / recover(again, "work", now).hours == pytest.approx(4, rel=0.1)
    everything = recover(last, "resolve", now)
    assert everything.open == 7_554 - 5_663
    assert everything.hours > 3 * recover(ended, "resolve", now).hours
