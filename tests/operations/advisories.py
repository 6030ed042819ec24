"""Known vulnerabilities in what the lock files name: `python -m tests.operations.advisories [SNAPSHOT]` (make audit).

pip-audit judges, from the advisory service on the network; or from SNAPSHOT, a folder or ZIP of advisories in the OSV format
(osv.dev publishes one for PyPI, and the advisory database of the PyPA is another), which is served to it on loopback.
"""

import hashlib
import json
import subprocess
import sys
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

ROOT = Path(__file__).parent.parent.parent
LOCKS = ("requirements.lock", "requirements-dev.lock")


def read(snapshot):
    """{package: its advisories} of a folder or a ZIP of OSV files; those that were withdrawn are left out."""
    if zipfile.is_zipfile(snapshot):
        with zipfile.ZipFile(snapshot) as packed:
            texts = [packed.read(name) for name in packed.namelist() if name.endswith(".json")]
    else:
        texts = [path.read_bytes() for path in Path(snapshot).rglob("*.json")]
    found: dict = {}
    for advisory in map(json.loads, texts):
        for name in {canonicalize_name(part["package"]["name"]) for part in _of_pypi(advisory)}:
            found.setdefault(name, []).append(advisory)
    if not found:
        raise SystemExit(f"{snapshot} holds no advisories in the OSV format.")
    return found


def named(snapshot):
    """Which snapshot it was, in a line: how much it holds, the day of its newest advisory, and the hash that pins it."""
    advisories = {one["id"]: one["modified"] for several in read(snapshot).values() for one in several}
    path = Path(snapshot)
    pinned = f", SHA-256 {hashlib.sha256(path.read_bytes()).hexdigest()}" if path.is_file() else ""
    return f"{path.name}: {len(advisories)} advisories, the newest of {max(advisories.values())[:10]}{pinned}"


def _of_pypi(advisory):
    if advisory.get("withdrawn"):
        return []
    return [part for part in advisory.get("affected", ()) if part.get("package", {}).get("ecosystem") == "PyPI"]


def affected(advisory, name, version):
    """Whether this version is named, or lies in a range that began and has not ended (OSV schema, 'Evaluation')."""
    for part in _of_pypi(advisory):
        if canonicalize_name(part["package"]["name"]) != canonicalize_name(name):
            continue
        ranges = [within for within in part.get("ranges", ()) if within["type"] == "ECOSYSTEM"]
        if version in part.get("versions", ()) or any(_within(one["events"], Version(version)) for one in ranges):
            return True
    return False


def _within(events, version):
    inside = False
    for event in events:  # in the order of versions
        ((kind, text),) = event.items()
        try:
            bound = Version(text)
        except InvalidVersion:
            continue
        if kind == "introduced" and version >= bound:
            inside = True
        elif (kind == "fixed" and version >= bound) or (kind == "last_affected" and version > bound):
            inside = False
    return inside


class _Service(BaseHTTPRequestHandler):
    """What pip-audit asks of OSV: one package at one version."""

    advisories: dict = {}

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        name = asked["package"]["name"]
        known = self.advisories.get(canonicalize_name(name), [])
        answer = json.dumps({"vulns": [one for one in known if affected(one, name, asked["version"])]}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


def audit(lock, snapshot=None, *more):
    """pip-audit over a lock file, its process as it ended: 0 when nothing is known, 1 when something is or was not asked."""
    # Strict: a package that could not be asked about is not one without vulnerabilities.
    command = [sys.executable, "-m", "pip_audit", "--strict", "--disable-pip", "--require-hashes", "--progress-spinner", "off"]
    command += ["-r", str(lock), *more]
    if snapshot is None:
        return subprocess.run(command, capture_output=True, text=True)
    serving = type("Service", (_Service,), {"advisories": read(snapshot)})
    with ThreadingHTTPServer(("127.0.0.1", 0), serving) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        command += ["-s", "osv", "--osv-url", f"http://127.0.0.1:{server.server_address[1]}/v1/query"]
        ended = subprocess.run(command, capture_output=True, text=True)
        server.shutdown()
    return ended


def main(snapshot=None):
    """Audit both lock files and say what was found; the worst of the two is the exit status."""
    worst = 0
    if snapshot is not None:
        print(named(snapshot))
    for lock in LOCKS:
        ended = audit(ROOT / lock, snapshot)
        print(f"{lock}:", *(ended.stdout + ended.stderr).strip().splitlines()[-40:], sep="\n")
        worst = max(worst, ended.returncode)
    return worst


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
