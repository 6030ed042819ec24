"""A PostgreSQL server of its own, thrown away afterwards."""

import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path


def programs():
    """The folder of PostgreSQL's programs, the newest first; None where it is not installed."""
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: -int(path.parent.name)):
        return folder
    found = shutil.which("initdb")
    return Path(found).parent if found else None


STARTED = []


def running():
    """The process numbers of the servers that this process started: they are no children of it."""
    notes = (cluster.folder / "data" / "postmaster.pid" for cluster in STARTED)
    return [int(note.read_text().split()[0]) for note in notes if note.exists()]


class Cluster:
    """One server on a free loopback port, careless about crashes and therefore quick, unless it is to be `durable`."""

    def __init__(self, durable=False):
        self.durable = durable
        # The server refuses to run as root.
        self.prefix = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"postgresql://portaal@127.0.0.1:{self.port}/postgres"

    def start(self):
        self.folder = Path(tempfile.mkdtemp(prefix="meldportaal-pg-"))
        if self.prefix:
            shutil.chown(self.folder, "postgres")
        self._run("initdb", "--no-sync", "--auth=trust", "--username=portaal", "--encoding=UTF8", "--locale=C")
        options = f"{'' if self.durable else '-F'} -p {self.port} -c listen_addresses=127.0.0.1 -c max_connections=60"
        options += " -c unix_socket_directories=''"
        self._run("pg_ctl", "-w", "-l", str(self.folder / "log"), "-o", options, "start")
        STARTED.append(self)

    def crash(self):
        """Die without a word to anybody, and come back."""
        self._run("pg_ctl", "-w", "-m", "immediate", "-l", str(self.folder / "log"), "restart")

    def secure(self, certificate, key):
        """Speak TLS from now on, with this certificate."""
        for name, source in (("server.crt", certificate), ("server.key", key)):
            target = self.folder / "data" / name
            shutil.copyfile(source, target)
            target.chmod(0o600)
            if self.prefix:
                shutil.chown(target, "postgres")
        (self.folder / "data" / "postgresql.auto.conf").write_text("ssl = on\n")
        self._run("pg_ctl", "-w", "-m", "fast", "-l", str(self.folder / "log"), "restart")

    def stop(self):
        self._run("pg_ctl", "-m", "immediate", "stop")
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, program, *arguments):
        command = [*self.prefix, str(programs() / program), "-D", str(self.folder / "data"), *arguments]
        # Into a file: the server keeps what it inherits open, and a pipe would never end.
        with tempfile.TemporaryFile() as said:
            if subprocess.run(command, cwd="/", stdout=said, stderr=said).returncode:
                said.seek(0)
                raise RuntimeError(said.read().decode())
