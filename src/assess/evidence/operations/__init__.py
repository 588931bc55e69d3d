"""How the client's integrations really run, measured from run logs and incidents."""

from .anomalies import unusual
from .log import LogFile
from .measuring import measure, read_run_logs
from .metrics import Metric, describe_trend, find_metrics
from .promise import PromiseEvidence, judge_promise
from .recovery import Duration
from .result import Operations
from .traffic import Latency, Traffic

__all__ = [
    "Duration",
    "Latency",
    "LogFile",
    "Metric",
    "Operations",
    "PromiseEvidence",
    "Traffic",
    "describe_trend",
    "find_metrics",
    "judge_promise",
    "measure",
    "read_run_logs",
    "unusual",
]
