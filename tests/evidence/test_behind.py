"""A second thread works in order; what it raises reaches the caller; it speaks the caller's language."""

import threading

import pytest
from django.utils import translation

from casework.evidence.behind import AHEAD, Behind


def test_calls_are_done_in_order_in_one_other_thread() -> None:
    done: list[tuple[int, str]] = []
    with Behind() as behind:
        for number in range(3 * AHEAD):
            behind(lambda n: done.append((n, threading.current_thread().name)), number)
    assert [number for number, _ in done] == list(range(3 * AHEAD))
    assert {thread for _, thread in done} == {"behind_0"}


def test_what_a_call_raises_comes_out_at_the_end_at_the_latest() -> None:
    with pytest.raises(ZeroDivisionError), Behind() as behind:
        behind(divmod, 1, 0)


def test_after_an_error_no_more_than_the_waiting_calls_are_taken() -> None:
    taken = 0
    with pytest.raises(ZeroDivisionError), Behind() as behind:
        behind(divmod, 1, 0)
        for _ in range(10 * AHEAD):
            behind(divmod, 1, 1)
            taken += 1
    assert taken < AHEAD


def test_a_call_speaks_the_callers_language() -> None:
    heard: list[str | None] = []
    with translation.override("en"), Behind() as behind:
        behind(lambda: heard.append(translation.get_language()))
    assert heard == ["en"]


def test_an_error_of_the_caller_ends_the_thread() -> None:
    with pytest.raises(KeyError), Behind():
        raise KeyError
    assert not any(each.name.startswith("behind") for each in threading.enumerate())
