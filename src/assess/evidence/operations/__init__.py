"""How the client's integrations really run, measured from run logs and incidents."""

from .log import LogFile
from .measuring import measure
from .promise import Shown, shown
from .recovery import Duration
from .result import Operations
from .traffic import Latency, Traffic

__all__ = ["Duration", "Latency", "LogFile", "Operations", "Shown", "Traffic", "measure", "shown"]
