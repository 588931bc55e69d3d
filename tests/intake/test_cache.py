"""Results kept by content."""

import threading
import time

import pytest

from assess.core import cache
from assess.core.estimate import Estimate

ONE = Estimate.point(1.0)


def test_what_was_computed_is_read_the_next_time(tmp_path):
    kept = cache.Cache(tmp_path)
    assert kept.get(Estimate, ("a",), lambda: ONE) == ONE
    assert kept.get(Estimate, ("a",), pytest.fail) == ONE


@pytest.mark.parametrize("parts", [("b",), ("a", ""), ()])
def test_other_input_is_computed_again(tmp_path, parts):
    kept = cache.Cache(tmp_path)
    kept.get(Estimate, ("a",), lambda: ONE)
    other = Estimate.point(2.0)
    assert kept.get(Estimate, parts, lambda: other) == other


def test_other_code_computes_again(tmp_path):
    rooms = tmp_path / "rooms"
    rooms.mkdir()
    (rooms / "model.py").write_text("1")
    cache.Cache(tmp_path, rooms).get(Estimate, ("a",), lambda: ONE)
    (rooms / "model.py").write_text("2")
    cache.code.cache_clear()
    other = Estimate.point(2.0)
    assert cache.Cache(tmp_path, rooms).get(Estimate, ("a",), lambda: other) == other


def test_of_several_that_ask_at_once_one_computes(tmp_path):
    computed = []

    def compute():
        computed.append(1)
        time.sleep(0.3)
        return ONE

    asking = [
        threading.Thread(target=cache.Cache(tmp_path).get, args=(Estimate, ("a",), compute)) for _ in range(4)
    ]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join()
    assert len(computed) == 1


def test_a_failure_keeps_nothing(tmp_path):
    kept = cache.Cache(tmp_path)
    with pytest.raises(ZeroDivisionError):
        kept.get(Estimate, ("a",), lambda: 1 // 0)
    assert kept.get(Estimate, ("a",), lambda: ONE) == ONE


def test_without_a_folder_nothing_is_kept():
    assert cache.Cache(None).get(Estimate, ("a",), lambda: ONE) == ONE
