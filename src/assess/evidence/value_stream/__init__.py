"""Where the process loses time and accuracy, and what integrations would give back.

`map_value_stream` draws the stream from ``value_stream.csv`` and from event logs, measured beating stated. Process times are working
minutes; waits are elapsed minutes unless the engagement says otherwise.
"""

from .calendar import WorkingCalendar
from .mapping import map_value_stream
from .result import (
    ActivityMeasure,
    Flow,
    HandOff,
    LogMeasures,
    ReEntry,
    StepMeasure,
    Transition,
    ValueStream,
    Waste,
)

__all__ = [
    "ActivityMeasure",
    "Flow",
    "HandOff",
    "LogMeasures",
    "ReEntry",
    "StepMeasure",
    "Transition",
    "ValueStream",
    "Waste",
    "WorkingCalendar",
    "map_value_stream",
]
