"""What is written in the age format is opened by others: the library, and the standard tool where it is installed."""

import io
import os
import subprocess
import threading

import pyrage
import pytest

from models.files.age_writer import AHEAD, CHUNK, encrypt

IDENTITY = pyrage.x25519.Identity.generate()
RECIPIENT = str(IDENTITY.to_public())


def written(content, size=1 << 18):
    sink = io.BytesIO()
    encrypt((content[at : at + size] for at in range(0, len(content), size)), sink, RECIPIENT)
    return sink.getvalue()


@pytest.mark.parametrize("length", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 4 * CHUNK, 9 * CHUNK + 7])
@pytest.mark.parametrize("size", [977, CHUNK, CHUNK + 5, 1 << 20])
def test_the_library_reads_what_was_written_whatever_the_lengths(length, size):
    content = os.urandom(length)

    assert pyrage.decrypt(written(content, size), [IDENTITY]) == content


def test_the_standard_tool_reads_it(tmp_path, require):
    tool = require("age")
    (tmp_path / "key").write_text(f"{IDENTITY}\n")
    (tmp_path / "file").write_bytes(written(b"Verslag" * 50_000))

    read = subprocess.run([tool, "-d", "-i", tmp_path / "key", tmp_path / "file"], capture_output=True, check=True)

    assert read.stdout == b"Verslag" * 50_000


def test_another_key_opens_nothing_and_no_two_files_are_alike():
    one, other = written(b"Verslag"), written(b"Verslag")

    assert one != other and b"Verslag" not in one
    with pytest.raises(pyrage.DecryptError):
        pyrage.decrypt(one, [pyrage.x25519.Identity.generate()])


@pytest.mark.parametrize("where", [10, 100, 190, -1])
def test_one_changed_byte_opens_nothing(where):
    content = bytearray(written(b"Verslag" * 20_000))
    content[where] ^= 1

    with pytest.raises(pyrage.DecryptError):
        pyrage.decrypt(bytes(content), [IDENTITY])


def test_what_is_cut_off_is_not_read_as_whole():
    content = written(os.urandom(3 * CHUNK))

    with pytest.raises(pyrage.DecryptError):
        pyrage.decrypt(content[: -(CHUNK + 16)], [IDENTITY])


def test_a_disk_that_fails_ends_it_and_leaves_no_thread():
    class Full(io.BytesIO):
        def write(self, content):
            if self.tell() > CHUNK:
                raise OSError(28, "No space left on device")
            return super().write(content)

    before = threading.active_count()
    with pytest.raises(OSError, match="No space"):
        encrypt((os.urandom(CHUNK) for _ in range(10 * AHEAD)), Full(), RECIPIENT)

    assert threading.active_count() == before


def test_a_sender_that_breaks_off_ends_it_and_leaves_no_thread():
    def broken():
        yield os.urandom(CHUNK)
        raise ConnectionError

    before = threading.active_count()
    with pytest.raises(ConnectionError):
        encrypt(broken(), io.BytesIO(), RECIPIENT)

    assert threading.active_count() == before


def test_a_slow_disk_holds_the_sender_back():
    taken, go_on = [], threading.Event()

    class Slow(io.BytesIO):
        def write(self, content):
            if len(content) > 1000:
                go_on.wait(10)
            return super().write(content)

    def sender():
        for number in range(10 * AHEAD):
            taken.append(number)
            yield bytes(2 * CHUNK)

    work = threading.Thread(target=encrypt, args=(sender(), Slow(), RECIPIENT))
    work.start()
    work.join(0.3)
    waiting = len(taken)
    go_on.set()
    work.join()

    assert waiting <= AHEAD + 1 and len(taken) == 10 * AHEAD
