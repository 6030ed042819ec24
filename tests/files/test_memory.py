"""What six large files at once cost the process that takes them in."""

import io
import os
import subprocess
import sys
import zipfile

import pytest

from models.files import file_type
from models.files.file_type import OFFICE_PARTS

SIZE = 96_000_000
MEASURE = """
import itertools, os, sys, threading
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
    """The beginning and the end of a Word document of SIZE bytes, whose middle is a picture."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as package:
        package.writestr("[Content_Types].xml", "<Types/>" * 2000)
        package.writestr("word/document.xml", "<document/>")
    small = packed.getvalue()
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
    assert (kinds, count) == ("1", "6") and kind == OFFICE_PARTS["word/document.xml"]
    assert int(grown) <= 64, f"{grown} MB"


@pytest.mark.parametrize("split", [1, 7, 4096])
def test_a_name_over_two_blocks_is_found(split):
    old = file_type.OFFICE_2003 + b"\0" * 5000 + "WordDocument".encode("utf-16-le") + b"\0" * 5000
    blocks = [old[at : at + split] for at in range(0, len(old), split)]
    assert file_type.detect(old[:8192], lambda: blocks) == "application/msword"


def test_an_opendocument_text_tells_itself_at_its_beginning():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as package:
        package.writestr("mimetype", file_type.OPENDOCUMENT)
        package.writestr("content.xml", os.urandom(3_000_000))
    raw = packed.getvalue()
    assert file_type.detect(raw[:8192], lambda: [raw]) == file_type.OPENDOCUMENT
