"""Waiting for what another process does."""

import time


def until(wish, patience):
    """The first true answer of `wish`. Raises TimeoutError when `patience` (seconds) runs out."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        if answer := wish():
            return answer
        time.sleep(0.005)
    raise TimeoutError
