"""Refusals of mutated messages to read by eye: what was changed, and beside it the sentence. `make sample` prints them.

The tests hold that a mutated message gets an answer; whether the reason is the right one only a reader can tell.
"""

import difflib
import random
import sys

from models import clock
from models.lnr.message.validation import check
from tests.lnr.test_mutations import SEEDS, mutated

MESSAGES, SHOWN, WIDEST = 2_000, 200, 160


def refusals(messages=MESSAGES, shown=SHOWN, start=0):
    """Yield (number, what was changed, the errors) of `shown` refused messages, spread over this many."""
    refused = [told for number in range(start, start + messages) if (told := _refusal(number))]
    yield from random.Random(start).sample(refused, min(shown, len(refused)))


def _refusal(number):
    chance = random.Random(number)
    seed = chance.choice(SEEDS)
    raw = mutated(seed, chance)
    verdict = check(raw, clock.now())
    errors = [one for one in verdict.findings if one.severity == "fout"]
    return (number, _changes(seed, raw), errors) if verdict.refused else None


def _changes(before, after):
    lines = [text.decode("utf-8", "backslashreplace").split("\n") for text in (before, after)]
    return [line for line in difflib.unified_diff(*lines, n=0, lineterm="") if line[:3] not in ("---", "+++")]


def _shown(text):
    text = ascii(text)[1:-1]
    return text if len(text) <= WIDEST else f"{text[:WIDEST]} … ({len(text)} letters)"


def main():
    for number, changes, findings in refusals(start=int(sys.argv[1]) if len(sys.argv) > 1 else 0):
        print(f"\n==== {number}")
        print("\n".join(_shown(line) for line in changes[:14]))
        for one in findings:
            print(f"  {one.rule} {one.variant} regel {one.line}:{one.column} {one.path}\n    {one.nl} {one.hint_nl}")


if __name__ == "__main__":
    main()
