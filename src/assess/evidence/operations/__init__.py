"""How the client's integrations really run, measured from run logs and incidents."""

from .anomalies import unusual
from .log import LogFile
from .measuring import measure, read_run_logs
from .promise import PromiseEvidence, judge_promise
from .recovery import Duration
from .result import Operations
from .traffic import Latency, Traffic

__all__ = [
    "Duration",
    "Latency",
    "LogFile",
    "Operations",
    "PromiseEvidence",
    "Traffic",
    "judge_promise",
    "measure",
    "read_run_logs",
    "unusual",
]
