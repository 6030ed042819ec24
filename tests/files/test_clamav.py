import contextlib
import io
import os
import socket
import subprocess
import threading
import time
import tracemalloc
import zipfile

import pytest

from models.files.clamav import Clean, CouldNotScan, Infected, Reason, scan

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR" + rb"-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
LIMIT = 3_000_000  # bytes that the real scanner of these tests takes


@pytest.fixture(scope="module")
def clamd(tmp_path_factory, require):
    """A real scanner on a free port of this machine, that knows one signature."""
    program = require("clamd")
    folder = tmp_path_factory.mktemp("clamd")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    (folder / "eigen.ndb").write_text(f"Proef.Eicar:0:*:{EICAR.hex()}\n")
    (folder / "own.conf").write_text(
        f"DatabaseDirectory {folder}\nTCPSocket {port}\nTCPAddr 127.0.0.1\nLocalSocket {folder}/socket\nForeground yes\n"
        f"StreamMaxLength {LIMIT}\nMaxFileSize 2M\nAlertExceedsMax yes\nAlertEncrypted yes\nTemporaryDirectory {folder}\n"
        # Started as root it gives that up by default, and could no longer read its own folder here.
        + ("User root\n" if os.getuid() == 0 else "")
    )
    process = subprocess.Popen([program, "-c", str(folder / "own.conf")], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield _when_ready(process, f"tcp://127.0.0.1:{port}"), f"unix:{folder}/socket"
    finally:
        process.terminate()
        process.wait(10)


def _when_ready(process, url):
    for _ in range(200):
        if scan([b"x"], url) == Clean():
            return url
        assert process.poll() is None, "clamd stopped at once"
        time.sleep(0.05)
    raise AssertionError("clamd did not start")


@pytest.fixture
def scanner():
    """Scanners that follow a script: called with what to do with a connection, gives an address."""
    servers = []

    def start(script):
        server = socket.create_server(("127.0.0.1", 0))
        servers.append(server)

        def serve():
            try:
                connection, _ = server.accept()
                with connection:
                    script(connection)
            except OSError:
                pass  # the other side went away, as some of these tests intend

        threading.Thread(target=serve, daemon=True).start()
        return f"tcp://127.0.0.1:{server.getsockname()[1]}"

    yield start
    for server in servers:
        server.close()


def everything(connection):
    """Read what was sent, to its end: the command, blocks with their length, and a length of 0."""
    source = connection.makefile("rb")
    assert source.read(10) == b"zINSTREAM\0"
    parts = []
    while length := int.from_bytes(source.read(4)):
        parts.append(source.read(length))
    return b"".join(parts)


def answers(text):
    def script(connection):
        everything(connection)
        connection.sendall(text)

    return script


# --- a real scanner


def test_a_clean_file_is_clean(clamd):
    for url in clamd:
        assert scan([b"Een verslag", b" in twee delen"], url) == Clean()
    assert scan([], clamd[0]) == Clean()


def test_malware_is_found_wherever_the_blocks_are_cut(clamd):
    url = clamd[0]
    for blocks in ([EICAR], [EICAR[:20], EICAR[20:]], [bytes([byte]) for byte in EICAR], [bytes(1_000_000), EICAR]):
        assert scan(blocks, url) == Infected("Proef.Eicar.UNOFFICIAL")


def test_malware_inside_an_office_file_is_found(clamd):
    assert scan([package(EICAR)], clamd[0]) == Infected("Proef.Eicar.UNOFFICIAL")


def package(content):
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as target:
        target.writestr("word/embeddings/oleObject1.bin", content)
    return sink.getvalue()


def test_an_encrypted_archive_is_not_clean(clamd):
    locked = bytearray(package(b"x" * 100))
    locked[6] |= 1
    locked[locked.index(b"PK\x01\x02") + 8] |= 1
    assert scan([bytes(locked)], clamd[0]) == CouldNotScan(Reason.LOCKED)


def test_a_file_that_the_scanner_does_not_take_is_not_clean(clamd):
    outcome = scan((bytes(100_000) for _ in range(60)), clamd[0])
    assert outcome in (CouldNotScan(Reason.TOO_LARGE), CouldNotScan(Reason.CLOSED))
    # Within the stream's limit, but beyond what it looks into.
    assert scan([os.urandom(2_500_000)], clamd[0]) == CouldNotScan(Reason.TOO_LARGE)


# --- scanners that fail


def test_what_was_sent_is_the_file_itself(scanner):
    seen = []

    def script(connection):
        seen.append(everything(connection))
        connection.sendall(b"stream: OK\0")

    content = os.urandom(300_000)
    assert scan([content[:7], b"", content[7:]], scanner(script)) == Clean()
    assert seen == [content]


@pytest.mark.parametrize(("answer", "outcome"), [
    (b"stream: Win.Test FOUND\0", Infected("Win.Test")),
    (b"stream: Heuristics.Encrypted.PDF FOUND\0", CouldNotScan(Reason.LOCKED)),
    (b"stream: Heuristics.Limits.Exceeded.MaxScanSize FOUND\0", CouldNotScan(Reason.TOO_LARGE)),
    (b"INSTREAM size limit exceeded. ERROR\0", CouldNotScan(Reason.TOO_LARGE)),
    (b"stream: Can't allocate memory ERROR\0", CouldNotScan(Reason.GARBLED)),
    (b"stream: OK", CouldNotScan(Reason.GARBLED)),
    (b"stream: OK\n\0", CouldNotScan(Reason.GARBLED)),
    (b"stream: OKAY\0", CouldNotScan(Reason.GARBLED)),
    (b"OK\0", CouldNotScan(Reason.GARBLED)),
    (b"stream:  FOUND\0", CouldNotScan(Reason.GARBLED)),
    (b"stream: OK\0stream: Win.Test FOUND\0", CouldNotScan(Reason.GARBLED)),
    (b"HTTP/1.1 200 OK\r\n\r\n" + bytes(10), CouldNotScan(Reason.GARBLED)),
    (b"stream: " + b"x" * 100_000, CouldNotScan(Reason.GARBLED)),
    (b"", CouldNotScan(Reason.CLOSED)),
])  # fmt: skip
def test_only_the_one_right_answer_means_clean(scanner, answer, outcome):
    assert scan([b"verslag"], scanner(answers(answer))) == outcome


def test_a_name_of_malware_is_fit_to_show(scanner):
    outcome = scan([b"x"], scanner(answers(b"stream: \x1b[31m<b>\xe2\x80\xae FOUND\0")))
    assert outcome == Infected("?[31m<b>???")


def test_a_scanner_that_is_down_is_told(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    for url in (f"tcp://127.0.0.1:{port}", f"unix:{tmp_path}/none", "tcp://does-not-exist.invalid:3310"):
        assert scan([b"x"], url) == CouldNotScan(Reason.DOWN)


def test_a_scanner_that_never_answers_is_given_up(scanner):
    release = threading.Event()
    started = time.monotonic()
    try:
        for script in (lambda line: (everything(line), release.wait(20)), lambda line: release.wait(20)):
            outcome = scan((bytes(65_536) for _ in range(400)), scanner(script), step=0.5, total=1)
            assert outcome == CouldNotScan(Reason.HANGING) and outcome.retry
    finally:
        release.set()
    assert time.monotonic() - started < 8


def test_a_scanner_that_answers_letter_by_letter_is_given_up(scanner):
    def script(connection):
        everything(connection)
        for _ in range(100):
            connection.sendall(b"s")
            time.sleep(0.1)

    started = time.monotonic()
    assert scan([b"x"], scanner(script), total=1) == CouldNotScan(Reason.HANGING)
    assert time.monotonic() - started < 3


def test_a_scanner_that_closes_half_way_is_told(scanner):
    outcome = scan((bytes(65_536) for _ in range(400)), scanner(lambda connection: connection.recv(100_000)))
    assert outcome == CouldNotScan(Reason.CLOSED)


def test_a_verdict_before_the_end_of_the_file_is_never_clean(scanner):
    def early(connection):
        connection.sendall(b"stream: OK\0")
        with contextlib.suppress(OSError):  # who reads this early hangs up, before or after the first byte
            while connection.recv(65_536):
                pass

    def blocks():
        yield b"x"
        time.sleep(0.3)
        yield b"y"

    assert scan(blocks(), scanner(early)) == CouldNotScan(Reason.GARBLED)


def test_a_file_that_breaks_while_it_is_read_is_not_judged(scanner):
    def blocks():
        yield b"x"
        raise LookupError("damaged")

    with pytest.raises(LookupError):
        scan(blocks(), scanner(answers(b"stream: OK\0")))


def test_asking_again_makes_sense_only_when_the_scanner_failed():
    assert {reason for reason in Reason if not CouldNotScan(reason).retry} == {Reason.TOO_LARGE, Reason.LOCKED}


@pytest.mark.parametrize("url", ["http://host:3310", "tcp://", "unix:", "host:3310", ""])
def test_another_kind_of_address_is_refused(url):
    with pytest.raises(ValueError, match="CLAMD_URL"):
        scan([b"x"], url)


def test_a_large_file_passes_in_little_memory(scanner):
    def script(connection):
        source = connection.makefile("rb")
        source.read(10)
        while length := int.from_bytes(source.read(4)):
            source.read(length)
        connection.sendall(b"stream: OK\0")

    url = scanner(script)
    tracemalloc.start()
    try:
        assert scan((bytes(1_000_000) for _ in range(200)), url) == Clean()
        assert tracemalloc.get_traced_memory()[1] < 8_000_000
    finally:
        tracemalloc.stop()
