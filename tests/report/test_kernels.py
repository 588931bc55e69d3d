"""Kernels of a run: what several threads share is ready before the first of them starts."""

import subprocess
import sys

LEFT = """
from assess.report import kernels

def left():
    return [
        f"{shared.__name__}.{name}"
        for shared in kernels.SHARED
        for name, trait in shared.class_traits().items()
        if isinstance(getattr(trait, "klass", None), str)
    ]

assert left(), "nothing to resolve: this test sees nothing"
kernels.resolve()
assert left() == [], left()
"""


def test_no_trait_waits_for_the_first_object_to_find_its_class():
    """Two threads that look the same trait up at once stop with "import_item accepts strings"."""
    done = subprocess.run([sys.executable, "-c", LEFT], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
