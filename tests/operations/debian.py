"""A Debian that is not there: the lines of an administrator, followed below a folder, and systemd played by us.

What belongs to the machine is done here: packages of Debian and an account are not made, an editor changes what its reader is
asked to change, `systemctl` starts what a unit says. All else is run as it stands, with its places moved below the folder.
"""

import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import sysconfig
import tarfile
from pathlib import Path

from settings import ROOT
from tests.smtp import free_port
from tests.wait import until

PATIENCE = 180  # seconds; a busy machine is no failure
PLACES = re.compile(r"(?<![\w.$/-])(?=/(?:etc|opt|root|run|usr/local|var)\b)")
NOT_SHIPPED = {"tests", "var", "node_modules"}
# `make` asks for uv before pip: this one gives what the tests run with, which the lock files keep at the same versions.
UV = f"""#!/bin/sh
[ "$*" = "pip sync --quiet --python .venv/bin/python --require-hashes requirements.lock" ] || exit 1
cd .venv/lib/python*/site-packages && echo '{sysconfig.get_path("purelib")}' > installed.pth
"""
# systemd-run, of the command line that deploy/meldportaal has.
SYSTEMD_RUN = """#!{python}
import os, sys
words = sys.argv[1:]
given = dict(word.removeprefix("--property=").partition("=")[::2] for word in words if word.startswith("--property="))
given |= dict(word[2:].partition("=")[::2] for word in words if word.startswith("--working-directory="))
command = words[next(place for place, word in enumerate(words) if not word.startswith("--")):]
assert "--uid=meldportaal" in words and "--wait" in words
os.chdir("{root}" + given["working-directory"])
os.umask(int(given["UMask"], 8))
lines = open("{root}" + given["EnvironmentFile"]).read().splitlines()
there = dict(line.split("=", 1) for line in lines if line and line[0] != "#")
command[0] = "{root}" + command[0]
os.execve(command[0], command, {{"PATH": "/usr/bin:/bin", **there}})
"""


def _as_committed(info):
    """Without what was compiled, which other tests may be making at this moment."""
    return None if "__pycache__" in info.name else info


class Unit:
    """A .service file, read as far as ours go."""

    def __init__(self, path, machine):
        text = machine.moved(path.read_text())
        self.name, self.process, self.machine = path.stem, None, machine
        self.says = dict(re.findall(r"^(\w+)=(.+)$", text, re.M))
        lines = Path(self.says["EnvironmentFile"]).read_text().splitlines()
        self.environment = {"PATH": "/usr/bin:/bin", **dict(one.split("=", 1) for one in lines if re.match(r"[A-Z]", one))}

    def _command(self, which):
        return shlex.split(self.says[which].replace("%%", "%").replace("--port 8000", f"--port {self.machine.port}"))

    def start(self):
        there = {"cwd": self.says["WorkingDirectory"], "env": self.environment, "umask": int(self.says["UMask"], 8)}
        if "ExecStartPre" in self.says:
            subprocess.run(self._command("ExecStartPre"), check=True, timeout=PATIENCE, **there)
        if self.says["Type"] == "oneshot":
            subprocess.run(self._command("ExecStart"), check=True, timeout=PATIENCE, **there)
        else:
            self.said = (self.machine.root / f"{self.name}.txt").open("a")
            self.process = subprocess.Popen(self._command("ExecStart"), stdout=self.said, stderr=self.said, **there)

    def stop(self):
        """By TERM to the first process alone (KillMode=mixed): it ends well, and in the time that the unit gives."""
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(int(self.says["TimeoutStopSec"])) == 0
        self.process = None


class Debian:
    """One machine, on which an administrator follows lines of the book."""

    def __init__(self, root, authority, changes, nginx):
        """`changes`: what is changed in the settings, by name; `nginx`: where that program is."""
        self.root, self.nginx, self.changes = root, nginx, changes
        self.port, self.https = free_port(), free_port()
        self.address = f"https://localhost:{self.https}"
        self.running, self.proxy, self.accounts = {}, None, set()
        for folder in ("bin", "etc/nginx/sites-available", "etc/nginx/sites-enabled", "etc/ssl", "etc/systemd/system",
                       "opt", "root", "run", "usr/local/sbin", "var/log/nginx", "var/lib", "var/backups"):  # fmt: skip
            (root / folder).mkdir(parents=True)
        for kind, path in zip(("crt", "key"), authority.files(), strict=True):
            (root / "etc" / "ssl" / f"portaal.{kind}").symlink_to(path)
        for name, text in {"uv": UV, "systemd-run": SYSTEMD_RUN.format(python=sys.executable, root=root)}.items():
            (root / "bin" / name).write_text(text)
            (root / "bin" / name).chmod(0o755)
        self.environment = {
            "PATH": f"{root / 'bin'}:{root / 'usr/local/sbin'}:/usr/sbin:/usr/bin:/sbin:/bin",
            "PYTHON": sys._base_executable,
            "CURL_CA_BUNDLE": str(authority.file),
        }

    def moved(self, text):
        """`text`, with the places of the machine below our folder."""
        return PLACES.sub(str(self.root), text)

    def deliver(self, name):
        """The version `name` as `git archive` packs it, less what no program needs."""
        with tarfile.open(self.root / "root" / f"{name}.tar.gz", "w:gz", compresslevel=1) as packed:
            for path in ROOT.iterdir():
                if path.name not in NOT_SHIPPED and not path.name.startswith("."):
                    packed.add(path, f"{name}/{path.name}", filter=_as_committed)

    def follow(self, lines):
        """Do as these lines say; returns what each told, in one text."""
        told = ""
        for line in lines:
            self.said = ""
            line = self.moved(line.replace("https://portaal.example.nl", self.address))
            words = shlex.split(line)
            act = getattr(self, "_" + words[0].replace("-", "_"), None)
            if act:
                act(*words[1:])
            else:
                self._run(line)
            told += f"$ {line}\n{self.said}\n"
        return told

    def _run(self, line):
        if line.startswith("install "):
            line = re.sub(r" -o (\w+) -g (\w+)", lambda found: self._owned(*found.groups()), line)
        ended = subprocess.run(["sh", "-ec", line], env=self.environment, capture_output=True, text=True, timeout=PATIENCE)
        self.said = ended.stdout + ended.stderr
        assert ended.returncode == 0, (line, self.said)

    def _owned(self, *names):
        assert set(names) <= self.accounts, names
        return ""

    def _apt_get(self, *words):
        # As Debian has it, in short.
        places = " ".join(f"{kind}_temp_path {self.root}/run;" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        logs = f"access_log {self.root}/var/log/nginx/access.log;"  # else the one of the machine
        main = f"http {{ {places} {logs} include {self.root}/etc/nginx/sites-enabled/*; }}"
        whole = f"pid {self.root}/run/nginx.pid; error_log {self.root}/var/log/nginx/error.log; events {{}} {main}"
        (self.root / "etc" / "nginx" / "nginx.conf").write_text(whole)

    def _useradd(self, *words):
        self.accounts.add(words[-1])

    def _editor(self, name):
        path = Path(name)
        text = self.moved(path.read_text())
        for there, here in self.changes.items():
            text = re.sub(rf"^#?{there}=.*$", f"{there}={here}", text, flags=re.M)
        for there, here in {
            "PORTAL_URL=https://portaal.example.nl": f"PORTAL_URL={self.address}",
            "server_name portaal.example.nl;": "server_name localhost;",
            "listen 80;": f"listen 127.0.0.1:{free_port()};",
            "listen 443 ssl;": f"listen 127.0.0.1:{self.https} ssl;",
            "127.0.0.1:8000;": f"127.0.0.1:{self.port};",
        }.items():
            text = text.replace(there, here)
        path.write_text(text)

    def _nginx(self, *words):
        command = [self.nginx, "-p", str(self.root), "-c", str(self.root / "etc/nginx/nginx.conf"), "-g", "user root;"]
        if os.geteuid():
            del command[-2:]
        ended = subprocess.run([*command, *words], capture_output=True, text=True)
        assert ended.returncode == 0, ended.stderr

    def _systemctl(self, verb, *names):
        names = [name for name in names if not name.startswith("-")]
        if verb == "daemon-reload":
            self._verify()
        elif (verb, *names) == ("reload", "nginx"):
            self._nginx()  # which a Debian starts as soon as it has it
            self.proxy = until(lambda: int((self.root / "run" / "nginx.pid").read_text() or 0), PATIENCE)
        else:
            for name in names:
                getattr(self, verb)(name)

    def enable(self, name):
        if name.endswith(".timer"):
            assert (self.root / "etc/systemd/system" / name).with_suffix(".service").exists()
        else:
            assert "[Install]" in (self.root / "etc/systemd/system" / f"{name}.service").read_text()
            self.start(name)

    def start(self, name):
        unit = Unit(self.root / "etc/systemd/system" / f"{name}.service", self)
        assert unit.says["User"] in self.accounts
        unit.start()
        if unit.process:
            self.running[name] = unit

    def stop(self, name):
        self.running[name].stop()
        del self.running[name]

    def restart(self, name):
        assert name == "clamav-daemon", name

    def _verify(self):
        """What systemd itself says of the units, with the programs where they are now."""
        folder = self.root / "moved"
        folder.mkdir(exist_ok=True)
        for unit in (self.root / "etc/systemd/system").iterdir():
            (folder / unit.name).write_text(self.moved(unit.read_text()))
        names = map(str, sorted(folder.iterdir()))
        ended = subprocess.run(
            ["systemd-analyze", "verify", "--man=no", *names], capture_output=True, text=True, timeout=PATIENCE
        )
        assert (ended.returncode, [line for line in ended.stderr.splitlines() if "meldportaal" in line]) == (0, [])

    def listens(self):
        until(lambda: not socket.socket().connect_ex(("127.0.0.1", self.port)), PATIENCE)

    def serves(self):
        """The version from which the web was started."""
        return Path(f"/proc/{self.running['meldportaal-web'].process.pid}/cwd").resolve().name

    def backups(self):
        return sorted(path.parent.name for path in self.root.glob("var/backups/meldportaal/*/manifest.json"))

    def off(self):
        try:
            for unit in self.running.values():
                unit.process.terminate()
            for unit in self.running.values():
                try:
                    unit.process.wait(30)
                except subprocess.TimeoutExpired:
                    unit.process.kill()
        finally:
            if self.proxy:
                os.kill(self.proxy, signal.SIGTERM)
