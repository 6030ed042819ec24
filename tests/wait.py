"""Waiting for what another process does."""

import threading
import time
from contextlib import contextmanager


def until(wish, patience):
    """The first true answer of `wish`. Raises TimeoutError when `patience` (seconds) runs out."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        if answer := wish():
            return answer
        time.sleep(0.005)
    raise TimeoutError


@contextmanager
def counted():
    """Seconds that this block took, as if nobody else worked on this machine: [them], once it is over.

    A thread that never rests tells which part of a core one who wants it gets meanwhile.
    """
    seconds, over, given = [], threading.Event(), []

    def want():
        while not over.is_set():
            pass
        given.append(time.thread_time())

    began, thread = time.monotonic(), threading.Thread(target=want)
    thread.start()
    try:
        yield seconds
    finally:
        took = time.monotonic() - began
        over.set()
        thread.join()
    seconds.append(took * min(1, given[0] / took))
