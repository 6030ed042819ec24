"""Progress of long work: who goes through many things tells how far it is, to whoever listens. By default nobody does."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")

_listeners: list[Callable[[str, int], None]] = []


@contextmanager
def listening(listener: Callable[[str, int], None]) -> Iterator[None]:
    """Have `listener` told what is gone through (Dutch, plural) and how many were done, as long as the block lasts."""
    _listeners.append(listener)
    try:
        yield
    finally:
        _listeners.remove(listener)


def told(what: str, items: Iterable[T]) -> Iterator[T]:
    """`items`; each that was done is told."""
    for done, item in enumerate(items, 1):
        yield item
        for listener in _listeners:
            listener(what, done)
