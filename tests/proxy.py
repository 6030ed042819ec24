"""nginx with `deploy/nginx.conf`, as it is shipped; only names and places are others."""

import socket
import ssl
import subprocess
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

from tests.certificates import Authority
from tests.smtp import free_port
from tests.wait import until

SITE = Path(__file__).parents[1] / "deploy" / "nginx.conf"


@contextmanager
def serving(folder, webs, program):
    """`port` and a client's TLS `context` of a proxy in front of the webs on these ports, as long as the block lasts."""
    port, authority = free_port(), Authority(folder)
    certificate, key = authority.files()
    site = SITE.read_text()
    for there, here in {
        "server 127.0.0.1:8000;": " ".join(f"server 127.0.0.1:{web};" for web in webs),
        "listen 80;": f"listen 127.0.0.1:{free_port()};", "listen 443 ssl;": f"listen 127.0.0.1:{port} ssl;",
        "portaal.example.nl": "localhost",
        "/etc/ssl/portaal.crt": str(certificate), "/etc/ssl/portaal.key": str(key),
        "/var/log/nginx/portaal.log": str(folder / "portaal.log"),
    }.items():  # fmt: skip
        assert there in site
        site = site.replace(there, here)
    places = " ".join(f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    whole = f"pid {folder}/pid; error_log {folder}/error.log; events {{}} http {{ {places}\n{site}\n}}"
    (folder / "nginx.conf").write_text(whole)
    command = [program, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-g", "daemon off; user root;"]
    tried = subprocess.run([*command, "-t"], capture_output=True, text=True)
    assert tried.returncode == 0, tried.stderr
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        until(lambda: not socket.socket().connect_ex(("127.0.0.1", port)), 20)
        yield SimpleNamespace(port=port, context=ssl.create_default_context(cafile=authority.file))
    finally:
        process.terminate()
        process.wait()
