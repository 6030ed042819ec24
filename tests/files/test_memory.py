"""What six large files at once cost the process that takes them in."""

import os
import subprocess
import sys

import pytest

from models.files import file_type
from tests.files import samples

SIZE = 96_000_000
MEASURE = """
import itertools, os, sys, threading
import pytest

from models.files import file_type
head, tail, size = bytes.fromhex(sys.argv[1]), bytes.fromhex(sys.argv[2]), int(sys.argv[3])

def blocks():
    yield head
    left = size - len(head) - len(tail)
    while left > 0:
        yield os.urandom(1) * min(left, 65536)
        left -= 65536
    yield tail

def peak():
    return int(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))

before, got = peak(), []
threads = [threading.Thread(target=lambda: got.append(file_type.detect(head[:8192], blocks))) for _ in range(6)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
print(len(set(got)), len(got), got[0], (peak() - before) // 1000)
"""


def large_docx():
    """The beginning and the end of a Word document of SIZE bytes, with bytes that no part names between them."""
    small = samples.docx()
    cut = small.index(b"PK\x01\x02")
    directory = bytearray(small[cut:])
    at = len(directory) - 22 + 16
    directory[at : at + 4] = (SIZE - len(directory)).to_bytes(4, "little")
    return small[:cut], bytes(directory)


def test_six_documents_of_96_mb_grow_the_process_by_at_most_64_mb():
    head, tail = large_docx()
    command = [sys.executable, "-c", MEASURE, head.hex(), tail.hex(), str(SIZE)]
    ended = subprocess.run(command, capture_output=True, text=True, env=dict(os.environ), timeout=300)
    assert ended.returncode == 0, ended.stderr
    kinds, count, kind, grown = ended.stdout.split()
    assert (kinds, count) == ("1", "6") and file_type.ACCEPTED[kind][0] == ".docx"
    assert int(grown) <= 64, f"{grown} MB"


@pytest.mark.parametrize("size", [1, 7, 4096])
def test_a_container_may_come_in_blocks_of_any_size(size):
    for content, extension in ((samples.ole({"WordDocument": b"x"}), ".doc"), (samples.odt(), ".odt")):
        blocks = [content[at : at + size] for at in range(0, len(content), size)]
        assert file_type.ACCEPTED[file_type.detect(content[:8192], lambda blocks=blocks: blocks)][0] == extension
