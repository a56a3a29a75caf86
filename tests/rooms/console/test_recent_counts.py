"""Counts of very many rows may be a moment old; whoever looks does not wait for them to be counted anew."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import pytest
from django.db import DatabaseError

from tuopin.platform.lists import recent

if TYPE_CHECKING:
    from collections.abc import Iterator


class Counter:
    """Counts upwards; the first number is 100."""

    def __init__(self) -> None:
        self.calls, self.failing = 0, False

    def __call__(self) -> int:
        self.calls += 1
        if self.failing:
            raise DatabaseError("gone")
        return 99 + self.calls


@pytest.fixture(autouse=True)
def _empty() -> Iterator[None]:
    recent.forget()
    yield
    recent.forget()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [1_000.0]
    monkeypatch.setattr(recent.time, "monotonic", lambda: now[0])
    return now


def many(number: int) -> bool:
    return number >= 100


def settled() -> None:
    """Wait for what is counted beside."""
    for each in threading.enumerate():
        if each.name == "counts":
            each.join(10)


def test_few_are_counted_each_time() -> None:
    find = Counter()
    assert [recent.recent("few", find, lambda _n: False) for _time in range(2)] == [(100, None), (101, None)]


def test_many_are_given_as_they_are_then_counted_beside(clock: list[float]) -> None:
    find = Counter()
    first, at = recent.recent("many", find, many)
    assert first == 100
    assert at is not None
    clock[0] += recent.FRESH - 1
    assert recent.recent("many", find, many) == (100, at)
    assert find.calls == 1
    clock[0] += 2
    assert recent.recent("many", find, many) == (100, at), "nobody waits"
    settled()
    again, later = recent.recent("many", find, many)
    assert (again, find.calls) == (101, 2)
    assert later is not None
    assert later > at
    clock[0] += recent.LASTING
    assert recent.recent("many", find, many)[0] == 102, "too old to be shown"


def test_what_became_few_is_counted_each_time_again(clock: list[float]) -> None:
    found = [150]
    assert recent.recent("many", lambda: found[0], many)[0] == 150
    found[0] = 7
    clock[0] += recent.FRESH
    recent.recent("many", lambda: found[0], many)
    settled()
    assert recent.recent("many", lambda: found[0], many) == (7, None)
    found[0] = 8
    assert recent.recent("many", lambda: found[0], many) == (8, None)


def test_a_count_that_fails_beside_fails_nobody(clock: list[float], caplog: pytest.LogCaptureFixture) -> None:
    find = Counter()
    recent.recent("many", find, many)
    find.failing = True
    clock[0] += recent.FRESH
    assert recent.recent("many", find, many)[0] == 100
    settled()
    assert "could not be renewed" in caplog.text
    find.failing = False
    recent.recent("many", find, many)
    settled()
    assert recent.recent("many", find, many)[0] == 102, "it is tried again"


def test_without_a_thread_to_be_had_what_is_held_is_given(clock: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    find = Counter()
    recent.recent("many", find, many)
    clock[0] += recent.FRESH

    def full(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as machine:
        machine.setattr(threading.Thread, "start", full)
        assert recent.recent("many", find, many)[0] == 100
    recent.recent("many", find, many)
    settled()
    assert recent.recent("many", find, many)[0] == 101, "it is tried again"


def test_what_was_being_counted_when_all_was_forgotten_is_forgotten(clock: list[float]) -> None:
    begun, go, found = threading.Event(), threading.Event(), [150]

    def find() -> int:
        before = found[0]
        if threading.current_thread().name == "counts":
            begun.set()
            go.wait(10)
        return before

    recent.recent("many", find, many)
    clock[0] += recent.FRESH
    recent.recent("many", find, many)
    assert begun.wait(10)
    recent.forget()
    found[0] = 160
    go.set()
    settled()
    assert recent.recent("many", find, many)[0] == 160


def test_of_those_who_come_at_once_one_counts() -> None:
    calls, begun, go = [], threading.Event(), threading.Event()

    def find() -> int:
        calls.append(1)
        begun.set()
        assert go.wait(10)
        return 500

    results: list[int] = []
    threads = [
        threading.Thread(target=lambda: results.append(recent.recent("many", find, many)[0])) for _each in range(4)
    ]
    for each in threads:
        each.start()
    assert begun.wait(10)
    time.sleep(0.05)  # the others come to wait
    go.set()
    for each in threads:
        each.join(10)
    assert results == [500] * 4
    assert len(calls) == 1
