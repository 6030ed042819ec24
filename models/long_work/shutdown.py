"""Graceful shutdown: who works through a backlog asks between two items whether this process was told to stop.

Outside a worker nobody ever is. What is left behind stands in rows of the database, so that the next worker goes on with it.
"""

import threading
from collections.abc import Callable, Iterable, Iterator
from functools import wraps
from typing import ParamSpec, TypeVar

T = TypeVar("T")
P = ParamSpec("P")

asked = threading.Event()
_in_hand = threading.Condition()
_begun: set[object] = set()


def until_asked(items: Iterable[T]) -> Iterator[T]:
    """`items`, until this process is told to stop. An item that was begun is finished."""
    for item in items:
        if asked.is_set():
            return
        yield item


def unbroken(function: Callable[P, T]) -> Callable[P, T]:
    """Decorator: a process that stops waits for this one, because a person would have to decide what became of it."""

    @wraps(function)
    def whole(*args: P.args, **kwargs: P.kwargs) -> T:
        mine = object()
        with _in_hand:
            _begun.add(mine)
        try:
            return function(*args, **kwargs)
        finally:
            with _in_hand:
                _begun.discard(mine)
                _in_hand.notify_all()

    return whole


def wait(seconds: float) -> bool:
    """Wait until nothing `unbroken` goes on; False when that took longer."""
    with _in_hand:
        return _in_hand.wait_for(lambda: not _begun, seconds)
