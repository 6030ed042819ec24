"""How far a long command is, on stderr: one line that changes on a screen, a line each ten seconds in a log."""

import sys
import time

from models import dutch
from models.long_work import how_far

ON_A_SCREEN, IN_A_LOG = 0.2, 10.0  # seconds between two lines


class Teller:
    """Writes 'Bestanden gekopieerd: 1.200 …' now and then, and never about work that is over before anybody waits."""

    def __init__(self, stream=None):
        self.stream = stream or sys.stderr
        self.screen = self.stream.isatty()
        self.last = time.monotonic()

    def __call__(self, what, done):
        now = time.monotonic()
        if now < self.last + (ON_A_SCREEN if self.screen else IN_A_LOG):
            return
        self.last = now
        line = f"{what}: {dutch.number(done)} …"
        self.stream.write(f"\r{line:<70}\r" if self.screen else f"{line}\n")
        self.stream.flush()


def shown():
    """As long as this block lasts, long work tells on stderr how far it is."""
    return how_far.listening(Teller())
