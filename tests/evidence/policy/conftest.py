import importlib.util
from pathlib import Path

import pytest

_SPEC = importlib.util.spec_from_file_location("governed", Path(__file__).with_name("governed.py"))
governed = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(governed)


@pytest.fixture
def write():
    """Write the engagement in which every rule is met."""
    return governed.write
