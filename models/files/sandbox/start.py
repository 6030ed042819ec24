"""Starting the limited process and talking to it. Only this part runs in the portal itself."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path
from subprocess import Popen
from typing import Any

READY = b"READY\n"
PROCESSOR = 30  # seconds of processor time
SECONDS = 90  # from start to answer, on a machine that has other work too
MEMORY = 1_000_000_000  # bytes of address space
LARGEST = 100_000_000  # bytes of a file that is looked into
FOLDER = Path(__file__).parent
BLOCK = 1 << 20
PATIENCE = 5  # seconds for the storage to give its next block once the process has ended
PROGRAM = "import runpy, sys; sys.path.append(sys.argv[1]); runpy.run_module(sys.argv[2], run_name='__main__')"


class NotStarted(Exception):
    """The process could not start: the machine's fault, not the file's. Trying again later may help."""


class NoAnswer(Exception):
    """The file made the process stop or hang; `str` says in Dutch what that means for the file."""


def start(job: Mapping[str, bool | str], content: Iterable, seconds: int = SECONDS) -> Any:
    """Let the limited process do `job` with `content` (bytes, or an iterable of blocks); returns (answer, bytes).

    Raises NoAnswer (for more than LARGEST bytes as well) after at most `seconds`, NotStarted, and whatever the
    iterable itself raises.
    """
    process = subprocess.Popen(
        # -I and an empty environment: no settings, no keys, no path but that of Python itself and of this folder.
        [sys.executable, "-I", "-B", "-c", PROGRAM, str(FOLDER.parent), FOLDER.name],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={},
        cwd="/",
    )
    clock = threading.Timer(seconds, process.kill)
    clock.daemon = True  # a worker that stops does not wait for it; the process ends by its own limit
    clock.start()
    try:
        feeder = _Feeder(process, json.dumps(job).encode() + b"\n", content)
        output = process.stdout.read()  # type: ignore[union-attr]
        feeder.join(PATIENCE)
    finally:
        process.kill()
        process.wait()
        clock.cancel()
        process.stdout.close()  # type: ignore[union-attr]
    if feeder.problem:
        raise feeder.problem
    if feeder.is_alive():
        raise NotStarted
    return _parts(output)


def _parts(output: bytes) -> tuple[Any, Any]:
    if not output.startswith(READY):
        raise NotStarted
    line, end, rest = output[len(READY) :].partition(b"\n")
    if not end:
        raise NoAnswer("het bestand is te groot, te ingewikkeld of beschadigd")
    return json.loads(line), rest


class _Feeder(threading.Thread):
    """Gives the file to the process while its answer is read, holding one block at a time."""

    def __init__(self, process: Popen, first: bytes, content: Iterable) -> None:
        super().__init__(daemon=True)
        self.process, self.first, self.content, self.problem = process, first, content, None
        self.start()

    def run(self) -> None:
        try:
            self._feed()
        except BaseException as problem:
            self.problem = problem  # type: ignore[assignment]
            self.process.kill()
        finally:
            self._end()

    def _feed(self) -> None:
        size, taken = 0, self._write(self.first)
        for block in _blocks(self.content):
            size += len(block)
            if size > LARGEST:
                raise NoAnswer("het bestand is te groot om te controleren")
            taken = taken and self._write(block)

    def _write(self, block: Any) -> bool:
        """Whether the process still took it; that it gave no answer is told by its output."""
        try:
            self.process.stdin.write(block)  # type: ignore[union-attr]
        except BrokenPipeError:
            return False
        return True

    def _end(self) -> None:
        try:
            self.process.stdin.close()  # type: ignore[union-attr]
        except BrokenPipeError:
            pass


def _blocks(content: Iterable) -> Any:
    if isinstance(content, bytes | bytearray):
        view = memoryview(content)
        return (view[at : at + BLOCK] for at in range(0, len(view), BLOCK))
    return content
