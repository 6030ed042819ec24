"""The identity provider of a hospital, run for the tests (accounts/oidc), and the browser of somebody who visits it."""

import json
import subprocess
import urllib.request
from http.cookiejar import CookieJar
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qs, urlencode

from tests.smtp import free_port

FOLDER = Path(__file__).parent / "oidc"
SECRET = "geheim-van-het-portaal"
PORTAL = "http://localhost"


class HospitalProvider:
    """A provider that lets in whom `person` names, and what it told of log-outs."""

    def __init__(self, node, portal=PORTAL):
        self.port, self.notices = free_port(), []
        self.issuer = f"http://localhost:{self.port}"
        self._listen()
        command = [node, "provider.js", str(self.port), portal, f"http://127.0.0.1:{self.ear.server_port}/"]
        self.process = subprocess.Popen(command, cwd=FOLDER, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        said = []
        for line in self.process.stdout:
            said.append(line)
            if line == "ready\n":
                break
        else:
            raise AssertionError("".join(said))
        Thread(target=self.process.stdout.read, daemon=True).start()

    def _listen(self):
        notices = self.notices

        class Ear(BaseHTTPRequestHandler):
            def do_POST(self):
                sent = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
                notices.append(sent["logout_token"][0])
                self.send_response(200)
                self.end_headers()

            def log_message(self, *args):
                pass

        self.ear = HTTPServer(("127.0.0.1", 0), Ear)
        Thread(target=self.ear.serve_forever, daemon=True).start()

    def stop(self):
        self.process.terminate()
        self.process.wait()
        self.ear.shutdown()

    def lets_in(self, sub, email, email_verified=True, **claims):
        """Who logs in from now on."""
        person = {"sub": sub, "email": email, "email_verified": email_verified, **claims}
        urllib.request.urlopen(f"{self.issuer}/control", json.dumps(person).encode()).read()

    def settings(self, folder, **more):
        """A file for IDENTITY_PROVIDERS that names this provider."""
        secret = folder / "geheim"
        secret.write_text(SECRET)
        secret.chmod(0o600)
        named = {"label": "Erasmus MC", "issuer": self.issuer, "client_id": "portaal", "client_secret_file": "geheim"} | more
        file = folder / "providers.toml"
        file.write_text("[huis]\n" + "".join(f"{name} = {json.dumps(value)}\n" for name, value in named.items()))
        return file


class Visitor(urllib.request.HTTPRedirectHandler):
    """A browser at the provider; what leads back into the portal is not followed but handed over."""

    def __init__(self):
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()), self)

    def redirect_request(self, req, fp, code, msg, headers, newurl):
        if newurl.startswith(f"{PORTAL}/"):
            self.led_to = newurl.removeprefix(PORTAL)
            return None
        return super().redirect_request(req, fp, code, msg, headers, newurl)

    def visit(self, address, **form):
        """Open `address`, or send `form` there: the page, or the path of the portal that it leads back to."""
        self.led_to = None
        try:
            with self.opener.open(address, urlencode(form).encode() if form else None) as answer:
                return answer.read().decode()
        except urllib.error.HTTPError as answer:
            assert self.led_to, (answer.code, answer.read().decode())
            return self.led_to
