"""What a disk holds after a power cut at the worst moment: of each file only what was synced, and of each folder too.

Reads the log of `strace` of all that processes wrote, and forgets what no fsync followed: LazyFS without its file system.
"""

import re
import shutil
from pathlib import Path

TRACE = "trace=openat,write,pwrite64,writev,ftruncate,fsync,fdatasync,rename,renameat2,link,linkat,unlink,unlinkat"
LINE = re.compile(r"(\d+) +(\w+)\((.*)", re.S)
FD = re.compile(r"^(?:AT_FDCWD|-?\d+)(?:<([^>]*)>)?")
TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"(\.\.\.)?')


def command(log):
    """What to put before a command so that `replay` can read what it did."""
    return ["strace", "-f", "-y", "-xx", "-s", str(32 << 20), "-e", TRACE, "-e", "signal=none", "-o", str(log)]


def _text(match):
    assert not match[2], "the log holds only a part of what was written"
    return bytes.fromhex(match[1].replace("\\x", ""))


class Disk:
    """A folder as programs see it (`seen`) and as it comes back after the cut (`kept`); paths are relative to it."""

    def __init__(self, root, before):
        self.root, self.kept = str(root), {}
        for path in Path(before).rglob("*"):
            if path.is_file():
                self.kept[str(path.relative_to(before))] = bytearray(path.read_bytes())
        # One object a file: a name that moves takes along what its file holds.
        self.seen = {name: File(content) for name, content in self.kept.items()}
        self.names = dict(self.seen)

    def name(self, path):
        path = path.removesuffix(" (deleted)")
        return path.removeprefix(self.root).lstrip("/") if path.startswith(self.root) else None

    def do(self, act, path, other, content, number):
        file = self.seen.get(path)
        if act == "open":
            self.seen.setdefault(path, File())
        elif act == "write" and file:
            file.put(content, number)
        elif act == "cut" and file:
            file.resize(number)
        elif act == "sync" and file:
            file.sync()
        elif act == "sync":  # a folder: what its names are
            here = {name for name in self.seen.keys() | self.names.keys() if str(Path(name).parent) == (path or ".")}
            for name in here:
                self.names.pop(name, None)
                if name in self.seen:
                    self.names[name] = self.seen[name]
        elif act == "move" and file:
            self.seen[other] = self.seen.pop(path)
        elif act == "link" and file:
            self.seen[other] = file
        elif act == "remove":
            self.seen.pop(path, None)

    def write(self, folder):
        """Put what came back in `folder`."""
        for name, file in self.names.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(file.kept)


class File:
    def __init__(self, content=b""):
        self.now, self.kept = bytearray(content), bytes(content)

    def put(self, content, at=None):
        at = len(self.now) if at is None else at
        self.now.extend(bytes(max(0, at - len(self.now))))
        self.now[at : at + len(content)] = content

    def resize(self, size):
        self.now = self.now[:size].ljust(size, b"\0")

    def sync(self):
        self.kept = bytes(self.now)


def replay(log, root, before, after, deaf=()):
    """Write to the folder `after` what is left of `root`, which was as the folder `before` when the log began.

    `deaf`: ends of names whose syncs did nothing, to see that this finds what was acknowledged too soon.
    """
    disk = Disk(root, before)
    for line in Path(log).read_text(errors="replace").splitlines():
        if (found := LINE.match(line)) and "resumed>" not in line:
            for act, path, other, content, number in _acts(found[2], found[3], disk):
                if act != "sync" or not path.endswith(tuple(deaf)) or not deaf:
                    disk.do(act, path, other, content, number)
    shutil.rmtree(after, ignore_errors=True)
    disk.write(Path(after))


def _acts(call, words, disk):
    """The acts of one line of the log, on names within the root."""
    if ") = -1" in words:
        return
    texts = list(TEXT.finditer(words))
    if call in ("write", "pwrite64", "ftruncate", "fsync", "fdatasync"):
        place = FD.match(words)
        if not place or place[1] is None:
            return
        name = disk.name(bytes.fromhex(place[1].replace("\\x", "")).decode() if "\\x" in place[1] else place[1])
        if name is None:
            return
        if call == "write":
            yield "write", name, None, _text(texts[0]), None
        elif call == "pwrite64":
            yield "write", name, None, _text(texts[0]), int(re.search(r'", \d+, (\d+)', words)[1])
        elif call == "ftruncate":
            yield "cut", name, None, None, int(re.search(r">, (\d+)", words)[1])
        else:
            yield "sync", name, None, None, None
        return
    paths = [disk.name(_text(text).decode()) for text in texts[:2]]
    if not paths or paths[0] is None:
        return
    if call == "openat" and "O_CREAT" in words:
        yield "open", paths[0], None, None, None
    elif call.startswith("rename"):
        yield "move", *paths, None, None
    elif call.startswith("link"):
        yield "link", *paths, None, None
    elif call.startswith("unlink"):
        yield "remove", paths[0], None, None, None
